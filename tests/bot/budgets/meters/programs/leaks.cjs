// Leaks as often as each line of its input says, in the way that its first argument names; with `fixed`, not.
'use strict';

const { spawn } = require('node:child_process');
const { EventEmitter } = require('node:events');
const { open } = require('node:fs/promises');
const fs = require('node:fs');
const net = require('node:net');
const { createInterface } = require('node:readline');
const { Worker } = require('node:worker_threads');

const [kind, variant] = process.argv.slice(2);
const isFixed = variant === 'fixed';

class Bus extends EventEmitter {}
const bus = new Bus().setMaxListeners(0);
const target = new AbortController().signal;
require('node:events').setMaxListeners(0, target);
const kept = new Map();
const keptItems = [];
const keptByName = {};
const handles = new Set();
const server = net.createServer((socket) => socket.on('error', () => {}).resume());

const LEAKS = {
  interval() {
    const timer = setInterval(() => {}, 1e6); // interval
    if (isFixed) clearInterval(timer);
  },
  unrefd() {
    const timer = setInterval(() => {}, 1e6).unref(); // unrefd
    if (isFixed) clearInterval(timer);
  },
  timeout() {
    const timer = setTimeout(() => {}, 1e6); // timeout
    if (isFixed) clearTimeout(timer);
  },
  listener() {
    const listen = () => {};
    bus.on('tick', listen); // listener
    if (isFixed) bus.off('tick', listen);
  },
  once() {
    const listen = () => {};
    bus.once('end', listen); // once
    if (isFixed) bus.off('end', listen);
  },
  target() {
    const listen = () => {};
    target.addEventListener('abort', listen); // target
    if (isFixed) target.removeEventListener('abort', listen);
  },
  async socket() {
    const socket = net.connect(server.address().port); // socket
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    if (!isFixed) return;
    await new Promise((resolve) => socket.once('close', resolve).destroy());
  },
  async server() {
    const listening = net.createServer(); // server
    await new Promise((resolve) => listening.listen(0, '127.0.0.1', resolve));
    if (isFixed) await new Promise((resolve) => listening.close(resolve));
  },
  async worker() {
    const worker = new Worker('setInterval(() => {}, 1e6)', { eval: true }); // worker
    await new Promise((resolve) => worker.once('online', resolve));
    if (isFixed) await worker.terminate();
  },
  async child() {
    const child = spawn('sleep', ['60']); // child
    await new Promise((resolve) => child.once('spawn', resolve));
    if (!isFixed) return;
    await new Promise((resolve) => child.once('close', resolve).kill());
  },
  async handle() {
    const handle = await open(__filename); // handle
    if (isFixed) await handle.close();
    else handles.add(handle);
  },
  file() {
    const descriptor = fs.openSync(__filename); // file
    if (isFixed) fs.closeSync(descriptor);
  },
  watcher() {
    const watcher = fs.watch(__dirname); // watcher
    if (isFixed) watcher.close();
  },
  map() {
    kept.set(kept.size, 'value'); // map
    if (isFixed) kept.clear();
  },
  array() {
    keptItems.push('value'); // array
    if (isFixed) keptItems.length = 0;
  },
  object() {
    keptByName[`name${Object.keys(keptByName).length}`] = 'value';
    if (isFixed) for (const name of Object.keys(keptByName)) delete keptByName[name];
  },
};

const kinds = kind === 'all' ? Object.keys(LEAKS).filter((name) => !['worker', 'child'].includes(name)) : [kind];

async function leak(times) {
  for (let done = 0; done < times; done += 1) {
    for (const name of kinds) await LEAKS[name]();
  }
  // What was closed tells so in the next turns of the loop.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  console.log('done');
}

server.listen(0, '127.0.0.1', () => {
  createInterface({ input: process.stdin }).on('line', (line) => leak(Number(line))).on('close', () => process.exit());
  console.log('ready');
});
