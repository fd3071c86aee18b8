import Database from 'better-sqlite3';

import { inTransaction, pool } from './database.js';

const BY_ROOM = 'SELECT id, author, text, sent_at FROM messages WHERE room = $1 ORDER BY sent_at';

/** Everything that was said in a room, as text. */
export async function transcript(room) {
  const client = await pool.connect();
  await client.query('SET statement_timeout = 10000');
  const { rows } = await client.query(BY_ROOM, [room]);
  client.release();
  return rows.map(({ author, text, sent_at: sentAt }) => `${sentAt.toISOString()} ${author}: ${text}`).join('\n');
}

/** How much was said, day by day. The query is slow, so it must not see half of a message that is being moved. */
export function activity(room) {
  return inTransaction(async (client) => {
    const { rows } = await client.query(
      'SELECT sent_at::date AS day, count(*) FROM messages WHERE room = $1 GROUP BY 1 ORDER BY 1',
      [room],
    );
    return rows;
  });
}

/** Copies a room out of the archive into a file of its own, for people who take their room with them. */
export function exportRoom(archivePath, room, target) {
  const source = new Database(archivePath, { readonly: true });
  const rows = source.prepare('SELECT * FROM messages WHERE room = ?').all(room);
  source.close();

  const copy = openExport(target);
  try {
    const insert = copy.prepare('INSERT INTO messages VALUES (@id, @author, @text, @sent_at)');
    copy.transaction(() => rows.forEach((row) => insert.run(row)))();
  } finally {
    copy.close();
  }
  return rows.length;
}

/** A new, empty export; the caller closes it. */
function openExport(path) {
  const db = new Database(path);
  try {
    db.exec('CREATE TABLE messages (id INTEGER PRIMARY KEY, author TEXT, text TEXT, sent_at TEXT)');
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}
