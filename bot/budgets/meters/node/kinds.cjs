// What objects are, by their prototype: which of them count, in which metric, and under what name.
'use strict';

const { EventEmitter } = require('events');
const { ChildProcess } = require('child_process');
const dgram = require('dgram');
const net = require('net');
const timers = require('timers');
const { Worker } = require('worker_threads');
const { className, getterOf, own, ownSymbol, prototypes, uncurried } = require('./safe.cjs');

const timeout = timers.setTimeout(() => {}, 1);
timers.clearTimeout(timeout);

const isPresent = (value) => value !== null && value !== undefined;
const hasHandle = (object) => isPresent(own(object, '_handle'));
const keyCount = (object) => Reflect.ownKeys(object).length;

const SOCKETS = { TCP: 'tcp', TLSWrap: 'tls', Pipe: 'pipe', JSStream: 'tls' };

const isRunning = (child) =>
  hasHandle(child) && own(child, 'exitCode') === null && own(child, 'signalCode') === null;

// Each: the metric, and the detail of an object that is alive; undefined for one that is closed.
const RESOURCES = [
  [Object.getPrototypeOf(timeout), 'timers', (object) => {
    if (own(object, '_destroyed') !== false) return undefined;
    return isPresent(own(object, '_repeat')) ? 'interval' : 'timeout';
  }],
  [net.Socket.prototype, 'sockets', (object) => {
    const handle = own(object, '_handle') ?? ownSymbol(object, 'kHandle');
    return isPresent(handle) ? SOCKETS[className(handle)] : undefined;
  }],
  [dgram.Socket.prototype, 'sockets', (object) => {
    const state = ownSymbol(object, 'state symbol');
    return isPresent(own(state, 'handle')) ? 'udp' : undefined;
  }],
  [net.Server.prototype, 'servers', (object, name) => (hasHandle(object) ? name : undefined)],
  [Worker.prototype, 'workers', (object, name) => (isPresent(ownSymbol(object, 'kHandle')) ? name : undefined)],
  [ChildProcess.prototype, 'children', (object, name) => (isRunning(object) ? name : undefined)],
];

// Classes of Node that it does not give out, by their names.
const HANDLES = {
  __proto__: null,
  FileHandle: (object) => ownSymbol(object, 'kFd') >= 0,
  FSWatcher: hasHandle,
  Interface: (object) => own(object, 'closed') === false,
  ReadStream: (object) => typeof own(object, 'fd') === 'number',
  StatWatcher: hasHandle,
  WriteStream: (object) => typeof own(object, 'fd') === 'number',
};

const COLLECTIONS = [
  [Map.prototype, 'Map', getterOf(Map.prototype, 'size')],
  [Set.prototype, 'Set', getterOf(Set.prototype, 'size')],
  [Array.prototype, 'Array', (object) => own(object, 'length')],
];

// By what it holds: some of Node's classes mix EventEmitter in, and do not inherit from it.
const isEmitter = (object) => own(object, '_events') !== undefined;
const has = uncurried(Array.prototype.includes);

// What objects with this prototype are: { name, emitter, target, resource: [metric, detail], collection: [name, size] }.
function kindOf(prototype) {
  const chain = [prototype, ...prototypes(prototype)];
  const name = className({ __proto__: prototype });
  const kind = { name, emitter: has(chain, EventEmitter.prototype), target: has(chain, EventTarget.prototype) };
  for (const [ancestor, metric, detail] of RESOURCES) {
    if (has(chain, ancestor)) kind.resource = [metric, detail];
  }
  if (kind.resource === undefined && HANDLES[name] !== undefined) {
    kind.resource = ['handles', (object) => (isEmitter(object) && HANDLES[name](object) ? name : undefined)];
  }
  for (const [ancestor, collection, size] of COLLECTIONS) {
    if (has(chain, ancestor)) kind.collection = [collection, size];
  }
  // An object that nothing but its keys tells from others is a dictionary, if it has many.
  if (prototype === Object.prototype) kind.collection = ['Object', keyCount];
  return kind;
}

module.exports = { kindOf };
