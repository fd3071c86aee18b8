// Streams the news to browsers as server-sent events. Leaks: what a visitor gets is never taken away again.
'use strict';

const { EventEmitter } = require('node:events');
const http = require('node:http');

const KEEP_ALIVE_MS = 15_000;
const newsroom = new EventEmitter();
newsroom.setMaxListeners(0);

function subscribe(request, response) {
  const keepAlive = setInterval(() => response.write(': still here\n\n'), KEEP_ALIVE_MS);
  const send = (item) => response.write(`data: ${item}\n\n`);
  newsroom.on('item', send);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end('data: welcome\n\n');
}

const server = http.createServer(subscribe);
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('Listening'));
