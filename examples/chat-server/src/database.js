import pg from 'pg';

import { config } from './config.js';

/** One pool for the process; `main.js` ends it on shutdown. */
export const pool = new pg.Pool({ connectionString: config.databaseUrl, max: 10 });

pool.on('error', (error) => {
  // An idle client lost its connection; the pool has dropped it and will open another one when asked.
  console.error('database: idle client failed:', error.message);
});

export async function saveMessage({ room, author, text }) {
  const { rows } = await pool.query(
    'INSERT INTO messages (room, author, text) VALUES ($1, $2, $3) RETURNING id, sent_at',
    [room, author, text],
  );
  return { id: rows[0].id, room, author, text, sentAt: rows[0].sent_at };
}

export async function recentMessages(room, limit = 50) {
  const { rows } = await pool.query(
    'SELECT id, author, text, sent_at FROM messages WHERE room = $1 ORDER BY sent_at DESC LIMIT $2',
    [room, limit],
  );
  return rows.reverse();
}

/** Runs `work` in a transaction of its own; rolls back when it throws. */
export async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** Takes the messages older than `days` out of the database and gives them to `keep`, all or none. */
export function moveOldMessages(days, keep) {
  return inTransaction(async (client) => {
    const { rows } = await client.query(
      "DELETE FROM messages WHERE sent_at < now() - $1 * interval '1 day' RETURNING id, room, author, text, sent_at",
      [days],
    );
    keep(rows);
    return rows.length;
  });
}
