/** Settings come from the environment, so that the same image runs in every stage. */

function number(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new Error(`${name} must be a number, not "${text}"`);
  }
  return value;
}

export const config = {
  port: number('PORT', 8080),
  databaseUrl: process.env.DATABASE_URL ?? 'postgres:///chat',
  archivePath: process.env.ARCHIVE_PATH ?? 'archive.db',
  bridgeUrl: process.env.BRIDGE_URL ?? '',
  bridgeRoom: process.env.BRIDGE_ROOM ?? 'lobby',
  heartbeatMs: number('HEARTBEAT_MS', 30_000),
  archiveAfterDays: number('ARCHIVE_AFTER_DAYS', 90),
};
