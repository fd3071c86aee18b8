import { pool, recentMessages } from './database.js';
import { activity, transcript } from './transcript.js';

const KEEP_ALIVE_MS = 20_000;

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Each new message of a room, as server-sent events, for dashboards that only listen. */
function liveEvents(hub, room, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const push = (message) => {
    if (message.room === room) response.write(`data: ${JSON.stringify(message)}\n\n`);
  };
  hub.on('message', push);
  response.on('close', () => hub.off('message', push));
}

/** Who comes and goes, as server-sent events; a comment line now and then keeps proxies from hanging up. */
function livePresence(hub, room, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const push = (presence) => {
    if (presence.room === room) response.write(`data: ${JSON.stringify(presence.people)}\n\n`);
  };
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS);
  const stop = () => {
    clearInterval(keepAlive);
    hub.off('presence', push);
  };
  hub.on('presence', push);
  response.once('close', stop);
  // Browsers reconnect to the next instance only after this one has ended the stream.
  process.on('SIGTERM', () => response.end());
}

/** The HTTP interface of the server. */
export function createRoutes({ hub, archive }) {
  return async function handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const room = searchParams.get('room') ?? 'lobby';
    try {
      switch (pathname) {
        case '/history':
          return json(response, 200, await recentMessages(room));
        case '/search':
          return json(response, 200, archive.search(room, searchParams.get('q') ?? ''));
        case '/events':
          return liveEvents(hub, room, response);
        case '/presence':
          return livePresence(hub, room, response);
        case '/activity':
          return json(response, 200, await activity(room));
        case '/transcript':
          response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
          return response.end(await transcript(room));
        case '/health':
          await pool.query('SELECT 1');
          return json(response, 200, { status: 'ok', rooms: hub.rooms.size });
        default:
          return json(response, 404, { error: `no such page: ${pathname}` });
      }
    } catch (error) {
      console.error(`routes: ${pathname}:`, error.message);
      return json(response, 500, { error: 'the server failed' });
    }
  };
}
