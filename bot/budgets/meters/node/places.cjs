// Where in the program a call comes from, as `path\tline\tcolumn`, in the sources that its source maps name.
'use strict';

const { findSourceMap } = require('module');
const { fileURLToPath } = require('url');
const { uncurried } = require('./safe.cjs');

const ERROR = Error;
const { captureStackTrace } = Error;
const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;
const mapGet = uncurried(Map.prototype.get);
const mapSet = uncurried(Map.prototype.set);
const mapClear = uncurried(Map.prototype.clear);
const includes = uncurried(String.prototype.includes);
const startsWith = uncurried(String.prototype.startsWith);

const DEEPEST = 50;
const MOST_KNOWN = 100_000;

// What was found for a position of what runs: { text, dependency }.
const known = new Map();

// The nearest call that is the program's own, else the nearest of a dependency; undefined where there is none.
function here() {
  const frames = stack();
  let dependency;
  for (let index = 0; index < frames.length; index += 1) {
    const file = frames[index].getFileName();
    if (typeof file !== 'string' || startsWith(file, 'node:') || startsWith(file, __dirname)) continue;
    const place = placed(file, frames[index].getLineNumber(), frames[index].getColumnNumber());
    if (!place.dependency) return place.text;
    dependency ??= place.text;
  }
  return dependency;
}

// The calls as V8 gives them, whatever the program has made of stack traces.
function stack() {
  const holder = {};
  const limit = swapped('stackTraceLimit', DEEPEST);
  const prepare = swapped('prepareStackTrace', (_, frames) => frames);
  try {
    captureStackTrace(holder, stack);
    return Array.isArray(holder.stack) ? holder.stack : [];
  } finally {
    restored('prepareStackTrace', prepare);
    restored('stackTraceLimit', limit);
  }
}

function swapped(name, value) {
  const before = getOwnPropertyDescriptor(ERROR, name);
  defineProperty(ERROR, name, { value, configurable: true, writable: true, enumerable: true });
  return before;
}

function restored(name, descriptor) {
  if (descriptor === undefined) deleteProperty(ERROR, name);
  else defineProperty(ERROR, name, descriptor);
}

function placed(file, line, column) {
  const key = `${file}:${line}:${column}`;
  let place = mapGet(known, key);
  if (place === undefined) {
    if (known.size >= MOST_KNOWN) mapClear(known);
    const [path, sourceLine, sourceColumn] = inSource(file, line, column);
    place = { text: `${path}\t${sourceLine}\t${sourceColumn}`, dependency: includes(path, 'node_modules') };
    mapSet(known, key, place);
  }
  return place;
}

function inSource(file, line, column) {
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  if (typeof entry?.originalSource !== 'string') return [asPath(file), line, column];
  return [asPath(entry.originalSource), entry.originalLine + 1, entry.originalColumn + 1];
}

const asPath = (name) => (startsWith(name, 'file:') ? fileURLToPath(name) : name).replace(/[\t\n\r]/g, ' ');

module.exports = { here, known };
