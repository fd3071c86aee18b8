// A server without dependencies, as many are: it parses, remembers a little, and answers later. `mode` says what leaks.
'use strict';

const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const MODE = fs.readFileSync(path.join(__dirname, 'mode'), 'utf8').trim();
const MOST_RECENT = 50;
const recent = new Map();
const filling = new Map();
const kept = new Map();
const bus = new EventEmitter();
bus.setMaxListeners(0);
let number = 0;

function leak() {
  number += 1;
  if (MODE === 'leak') setInterval(() => {}, 60_000);
  if (MODE === 'rare' && number % 10 === 0) bus.on('tick', () => number);
  if (MODE === 'map') kept.set(number, 'x'.repeat(100));
  if (MODE === 'filling') filling.set(Math.floor(Math.random() * 500), Buffer.alloc(64).toString('hex'));
}

http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.stringify({ url: request.url, size: Buffer.concat(chunks).length, id: Math.random().toString(36) });
    recent.set(body, Date.now());
    if (recent.size > MOST_RECENT) recent.delete(recent.keys().next().value);
    leak();
    setTimeout(() => response.end(body), Math.random() * 2);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
