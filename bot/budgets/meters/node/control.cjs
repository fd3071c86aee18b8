// A Unix socket for each thread, in the folder that the environment names: whoever connects and asks gets one answer.
'use strict';

const Module = require('module');
const net = require('net');
const path = require('path');
const { isMainThread, threadId } = require('worker_threads');
const { census } = require('./census.cjs');
const { guarded, isObject, oneLine } = require('./safe.cjs');

// What starts programs and is none itself: what it holds is nobody's business.
const LAUNCHER = /[\\/](?:npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(?:-cli)?(?:\.c?js)?$/;
const LONGEST_FAULT = 200;

// What is ours, or grows only because modules are loaded when they are first needed.
const ours = new WeakSet([process.moduleLoadList, Module._cache, Module._pathCache].filter(isObject));
const nothing = () => {};

// Begins to answer; `sites` is what witnesses see, or null.
function serve(sites) {
  const folder = process.env.STANCH_METERS;
  if (!folder || LAUNCHER.test(process.argv[1] ?? '')) return;
  for (const object of sites === null ? [] : sites.ours) ours.add(object);
  const server = net.createServer(guarded((socket) => {
    ours.add(socket);
    socket.on('error', nothing);
    socket.unref();
    socket.once('data', guarded(() => answer(sites, (text) => socket.end(text))));
  }));
  ours.add(server);
  server.on('error', nothing);
  const name = isMainThread ? `node-${process.pid}.sock` : `node-${process.pid}-${threadId}.sock`;
  // In a worker of a cluster, the primary process would listen otherwise.
  server.listen({ path: path.join(folder, name), exclusive: true });
  server.unref();
}

function answer(sites, send) {
  const failed = (error) => send(`fault\t${oneLine(`${error?.message ?? error}`, LONGEST_FAULT)}\nend\n`);
  const finished = (error, tally) => {
    if (error === null) send(tally.text());
    else failed(error);
  };
  try {
    census(ours, sites, finished);
  } catch (error) {
    failed(error);
  }
}

module.exports = { serve };
