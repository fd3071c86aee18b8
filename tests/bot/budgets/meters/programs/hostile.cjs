// A program that changes what everybody relies on, and prints what it sees.
'use strict';

const { EventEmitter } = require('node:events');
const { spawnSync } = require('node:child_process');

const seen = [];
const original = setInterval;
globalThis.setInterval = function patched(...values) {
  seen.push(`interval ${values[1]}`);
  return Reflect.apply(original, this, values);
};
Error.prepareStackTrace = (error, frames) => `mine ${frames.length > 0}`;
Error.stackTraceLimit = 3;
Object.defineProperty(EventEmitter.prototype, 'surprise', { get() { throw new Error('a getter ran'); } });
Map.prototype.get = function () { throw new Error('Map.get ran'); };
Array.prototype.includes = function () { throw new Error('includes ran'); };
String.prototype.replace = function () { throw new Error('replace ran'); };
globalThis.Symbol = function () { throw new Error('Symbol ran'); };

class Odd extends EventEmitter {
  static name() {}
}
Object.defineProperty(Odd.prototype, 'constructor', { get() { throw new Error('constructor ran'); } });
const odd = new Odd();
odd.on('a\tb\nc', () => {}).on(Object.getOwnPropertySymbols(odd)[0], () => {});
const trapped = new Proxy(new EventEmitter(), { get() { throw new Error('a trap ran'); } });
const inherits = Object.create(new Proxy(EventEmitter.prototype, { getPrototypeOf() { throw new Error('trap ran'); } }));
globalThis.kept = [odd, trapped, inherits, Object.create(null), new (class extends Map {})()];

const timer = setInterval(() => {}, 1000);
seen.push(new Error('x').stack, typeof timer.ref, setInterval.name, EventEmitter.prototype.on === EventEmitter.prototype.addListener);
seen.push(require('node:util').promisify(setTimeout).name, Object.keys(globalThis).filter((name) => /stanch/i.test(name)).length);
seen.push(process.listenerCount('exit'), process._getActiveHandles().length);
const child = spawnSync(process.execPath, ['-p', '1 + 1'], { env: { NODE_OPTIONS: '--stack-trace-limit=5' } });
seen.push(String(child.stdout));
process.on('uncaughtException', (error) => console.log('uncaught', error.message));
setImmediate(() => { throw new Error('mine'); });
setImmediate(() => {
  console.log(JSON.stringify(seen));
  console.log('ready');
});
process.stdin.on('data', () => console.log('done')).on('end', () => process.exit(3));
