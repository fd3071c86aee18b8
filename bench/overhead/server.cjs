// A server whose handler does next to nothing, so that what hooks cost shows most.
'use strict';

const http = require('node:http');

const server = http.createServer((request, response) => {
  const timer = setTimeout(() => {}, 1000);
  request.on('close', () => clearTimeout(timer));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: request.url }));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
