// What witnesses replace in Node, so that they see where things are made; each goes on as it was when seeing fails.
'use strict';

const { here } = require('./places.cjs');
const { apply } = require('./safe.cjs');
const { forgetDescriptor, note, noteDescriptor, noteListener } = require('./sites.cjs');

const { construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
const then = Promise.prototype.then;

const proxies = new WeakMap();

// Replaces methods by ones that do the same and then call `after(result, self, args)`, whose result, if any, is returned.
function observe(owner, names, after, before = undefined) {
  for (const name of names) {
    const descriptor = getOwnPropertyDescriptor(owner, name);
    if (typeof descriptor?.value !== 'function') continue;
    // One function under two names stays one, as `on` and `addListener` are.
    if (!proxies.has(descriptor.value)) proxies.set(descriptor.value, proxied(descriptor.value, after, before));
    defineProperty(owner, name, { ...descriptor, value: proxies.get(descriptor.value) });
  }
}

function proxied(original, after, before) {
  const seen = (result, self, args) => {
    try {
      return after(result, self, args) ?? result;
    } catch {
      return result;
    }
  };
  const prepared = (args) => {
    try {
      return before === undefined ? args : before(args);
    } catch {
      return args;
    }
  };
  const proxy = new Proxy(original, {
    __proto__: null,
    apply: (target, self, args) => seen(apply(target, self, prepared(args)), self, args),
    construct: (target, args, newTarget) =>
      seen(construct(target, args, newTarget === proxy ? target : newTarget), undefined, args),
  });
  return proxy;
}

const noteResult = (result) => note(result);
const noteSelf = (_, self) => note(self);

function patch() {
  observeTimers();
  observeListeners();
  observeNetwork();
  observeFiles();
  observe(require('worker_threads'), ['Worker'], noteResult);
  observe(require('child_process').ChildProcess.prototype, ['spawn'], noteSelf);
  observe(require('readline'), ['createInterface'], noteResult);
  require('module').syncBuiltinESMExports();
}

function observeTimers() {
  const names = ['setTimeout', 'setInterval'];
  observe(require('timers'), names, noteResult);
  observe(globalThis, names, noteResult);
}

function observeListeners() {
  const noteAdded = (_, self, args) => noteListener(self, args[0], args[1]);
  observe(require('events').prototype, ['on', 'addListener', 'prependListener'], noteAdded);
  observe(EventTarget.prototype, ['addEventListener'], noteAdded);
}

function observeNetwork() {
  const net = require('net');
  observe(net.Socket.prototype, ['connect'], noteSelf);
  observe(net.Server.prototype, ['listen'], noteSelf);
  observe(require('dgram'), ['createSocket'], noteResult);
  // A Node without OpenSSL has only the first two.
  for (const name of ['net', 'http', 'https', 'tls', 'http2']) {
    try {
      observe(require(name), ['createServer', 'createSecureServer'], noteResult);
    } catch {
      continue;
    }
  }
}

function observeFiles() {
  const fs = require('fs');
  observe(fs, ['createReadStream', 'createWriteStream', 'watch', 'watchFile'], noteResult);
  observe(fs, ['openSync'], (descriptor) => noteDescriptor(descriptor, here()));
  observe(fs, ['open'], () => undefined, (args) => {
    const site = here();
    const callback = args[args.length - 1];
    if (typeof callback !== 'function') return args;
    const noting = function (error, descriptor) {
      if (!error) noteDescriptor(descriptor, site);
      return apply(callback, this, arguments);
    };
    return [...args.slice(0, -1), noting];
  });
  observe(fs, ['close', 'closeSync'], (_, __, args) => {
    forgetDescriptor(args[0]);
  });
  observe(fs.promises, ['open'], (promise) => {
    const site = here();
    // The program gets the promise that is returned here, so that a rejection that it does not handle stays unhandled.
    return apply(then, promise, [(handle) => {
      if (site !== undefined) note(handle, site);
      return handle;
    }]);
  });
}

module.exports = { patch };
