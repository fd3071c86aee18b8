import { pool, recentMessages } from './database.js';

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
