// Counting what is alive in this thread: resources, listeners and collections, and where witnesses saw them made.
'use strict';

const { getEventListeners } = require('events');
const v8 = require('v8');
const { isMap } = require('util').types;
const { isMainThread } = require('worker_threads');
const { withHeap } = require('./heap.cjs');
const { kindOf } = require('./kinds.cjs');
const { eventName, own, ownSymbol, uncurried } = require('./safe.cjs');

const { getPrototypeOf, ownKeys } = Reflect;
const mapGet = uncurried(Map.prototype.get);
const mapSet = uncurried(Map.prototype.set);
const mapForEach = uncurried(Map.prototype.forEach);
const isArray = Array.isArray;

// Below this, collections come and go; what is counted are the entries beyond it, so that growth is exact.
const SMALL = 40;

// Calls `done(error, tally)` with what is alive. `ours` are objects of ours; `sites` is what witnesses have seen, or null.
function census(ours, sites, done) {
  const tally = new Tally();
  ours.add(tally.values);
  ours.add(tally.places);
  withHeap((everything) => {
    const { used_heap_size: used, external_memory: external } = v8.getHeapStatistics();
    tally.add('heap', '', used);
    tally.add('heap', 'external', external);
    count(everything(), ours, sites, tally);
    if (sites !== null) sites.openDescriptors((site) => tally.place('open-files', 'file', site, 1));
  }, (error) => done(error, tally));
}

function count(objects, ours, sites, tally) {
  const kinds = new Map();
  const length = objects.length;
  for (let index = 0; index < length; index += 1) {
    const object = objects[index];
    const prototype = getPrototypeOf(object);
    let kind = mapGet(kinds, prototype);
    if (kind === undefined) {
      kind = kindOf(prototype);
      mapSet(kinds, prototype, kind);
    }
    if (object === objects || object === kinds || ours.has(object)) continue;
    try {
      countObject(object, kind, sites, tally);
    } catch {
      // It only inherits from what it seems to be, as prototypes of classes do.
    }
  }
}

function countObject(object, kind, sites, tally) {
  if (kind.resource !== undefined) countResource(object, kind, sites, tally);
  if (kind.emitter) countListeners(object, kind.name, sites, tally);
  if (kind.target) countTargetListeners(object, kind.name, sites, tally);
  if (kind.collection !== undefined) countEntries(object, kind.collection, sites, tally);
}

function countResource(object, kind, sites, tally) {
  const [metric, detailOf] = kind.resource;
  const detail = detailOf(object, kind.name);
  if (detail === undefined) return;
  tally.add(metric, detail, 1);
  if (sites !== null) tally.place(metric, detail, sites.of(object), 1);
}

function countListeners(emitter, name, sites, tally) {
  const events = own(emitter, '_events');
  if (typeof events !== 'object' || events === null) return;
  const keys = ownKeys(events);
  for (let index = 0; index < keys.length; index += 1) {
    const found = own(events, keys[index]);
    const listeners = isArray(found) ? found : [found];
    if (typeof listeners[0] === 'function') tally.listeners(emitter, name, keys[index], listeners, sites);
  }
}

function countTargetListeners(target, name, sites, tally) {
  const events = ownSymbol(target, 'kEvents');
  if (!isMap(events)) return;
  mapForEach(events, (_, type) => {
    const listeners = getEventListeners(target, type);
    if (listeners.length > 0) tally.listeners(target, name, type, listeners, sites);
  });
}

function countEntries(object, [name, sizeOf], sites, tally) {
  const size = sizeOf(object);
  if (!(size > SMALL)) return;
  tally.add('collections', name, size - SMALL);
  if (sites !== null) sites.collection(object, name, size, tally);
}

// Amounts by metric and detail, and counts by place.
class Tally {
  constructor() {
    this.values = new Map();
    this.places = new Map();
    // A metric that was counted is there even if there is none: only what was not counted is absent.
    for (const metric of ['timers', 'listeners', 'servers', 'workers', 'handles', 'collections']) this.add(metric, '', 0);
  }

  add(metric, detail, amount) {
    const key = `${metric}\t${detail}`;
    mapSet(this.values, key, (mapGet(this.values, key) ?? 0) + amount);
  }

  highest(metric, detail, amount) {
    const key = `${metric}\t${detail}`;
    mapSet(this.values, key, Math.max(mapGet(this.values, key) ?? 0, amount));
  }

  listeners(emitter, name, event, listeners, sites) {
    const detail = `${name}#${eventName(event)}`;
    this.add('listeners', detail, listeners.length);
    this.highest('listeners-per-emitter', detail, listeners.length);
    if (sites !== null) {
      sites.listeners(emitter, event, listeners, (site, number) => this.place('listeners', detail, site, number));
    }
  }

  place(metric, detail, site, number) {
    if (site === undefined) return;
    const key = `${metric}\t${detail}\t${site}`;
    mapSet(this.places, key, (mapGet(this.places, key) ?? 0) + number);
  }

  // The lines of an answer.
  text() {
    let text = `runtime\tnode ${process.versions.node}${isMainThread ? '' : ' worker'}\n`;
    mapForEach(this.values, (amount, key) => {
      text += `value\t${key}\t${amount}\n`;
    });
    mapForEach(this.places, (number, key) => {
      text += `place\t${key}\t${number}\n`;
    });
    return `${text}end\n`;
  }
}

module.exports = { census };
