// Leaks one of each kind through imported names, for each line of its input.
import { EventEmitter } from 'events';
import { open } from 'fs/promises';
import { createServer } from 'http';
import { connect } from 'net';
import { createInterface } from 'readline';
import { setInterval as every } from 'node:timers';

const bus = new EventEmitter().setMaxListeners(0);
const kept = new Set();
const server = createServer().listen(0, '127.0.0.1'); // server

createInterface({ input: process.stdin }).on('line', async (times) => {
  for (let done = 0; done < Number(times); done += 1) {
    every(() => {}, 1e6); // interval
    bus.on('tick', () => {}); // listener
    kept.add(await open(import.meta.filename ?? '/dev/null')); // handle
    const socket = connect(server.address().port, '127.0.0.1'); // socket
    await new Promise((resolve) => socket.on('connect', resolve));
  }
  console.log('done');
});
server.on('listening', () => console.log('ready'));
