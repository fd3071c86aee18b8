import { createServer } from 'node:http';

import { Archive } from './archive.js';
import { Bridge } from './bridge.js';
import { config } from './config.js';
import { moveOldMessages, pool } from './database.js';
import { Hub } from './hub.js';
import { Presence } from './presence.js';
import { RateLimiter } from './rate-limit.js';
import { createRoutes } from './routes.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const DRAIN_MS = 2_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const archive = new Archive(config.archivePath);
archive.prepare();
const limiter = new RateLimiter();
const presence = new Presence();
const hub = new Hub({ limiter, presence, heartbeatMs: config.heartbeatMs });
const bridge = new Bridge({ url: config.bridgeUrl, room: config.bridgeRoom, hub });

const server = createServer(createRoutes({ hub, archive }));
server.on('upgrade', (request, connection, head) => hub.upgrade(request, connection, head));

hub.on('message', (message) => bridge.send(message));
if (config.bridgeUrl) bridge.connect();

const archiver = setInterval(async () => {
  try {
    const moved = await moveOldMessages(config.archiveAfterDays, (rows) => archive.add(rows));
    console.log(`archive: moved ${moved} messages`);
  } catch (error) {
    console.error('archive: nothing moved:', error.message);
  }
}, DAY_MS);

async function shutDown() {
  clearInterval(archiver);
  bridge.stop();
  hub.close();
  presence.close();
  limiter.close();
  server.close();
  // Streams that are still open get the time to say goodbye.
  await sleep(DRAIN_MS);
  archive.close();
  await pool.end();
}

process.once('SIGTERM', shutDown);
process.once('SIGINT', shutDown);

server.listen(config.port, () => console.log(`chat on port ${config.port}`));
