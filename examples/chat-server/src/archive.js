import Database from 'better-sqlite3';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, room TEXT NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL, sent_at TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS messages_by_room ON messages (room, sent_at);
`;

/** Old messages. Whoever opens an archive closes it. */
export class Archive {
  constructor(path) {
    this.db = new Database(path);
  }

  prepare() {
    this.db.pragma('journal_mode = WAL');
    this.db.exec(SCHEMA);
  }

  add(messages) {
    const insert = this.db.prepare('INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?)');
    const insertAll = this.db.transaction((rows) => {
      for (const row of rows) {
        insert.run(row.id, row.room, row.author, row.text, row.sent_at.toISOString());
      }
    });
    insertAll(messages);
  }

  search(room, words) {
    return this.db
      .prepare('SELECT id, author, text, sent_at FROM messages WHERE room = ? AND text LIKE ? ORDER BY sent_at')
      .all(room, `%${words}%`);
  }

  close() {
    this.db.close();
  }
}
