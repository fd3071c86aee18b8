// Two workers of a cluster that share a port; each leaks an interval for each line of the primary process's input.
'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const { createInterface } = require('node:readline');

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  let answers = 0;
  cluster.on('listening', () => (answers += 1) % 2 === 0 && console.log('ready'));
  cluster.on('message', () => (answers += 1) % 2 === 0 && console.log('done'));
  createInterface({ input: process.stdin }).on('line', (times) => workers.forEach((worker) => worker.send(times)));
} else {
  http.createServer().listen(0, '127.0.0.1');
  process.on('disconnect', () => process.exit());
  process.on('message', (times) => {
    for (let done = 0; done < Number(times); done += 1) setInterval(() => {}, 1e6);
    process.send('done');
  });
}
