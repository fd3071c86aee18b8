// What witnesses remember: where live objects were made and listeners added, and where collections that grow are added to.
'use strict';

const fs = require('fs');
const { here, known } = require('./places.cjs');
const { apply, own, prototypes, uncurried } = require('./safe.cjs');

const { defineProperty, isExtensible } = Reflect;
const mapGet = uncurried(Map.prototype.get);
const mapSet = uncurried(Map.prototype.set);
const mapDelete = uncurried(Map.prototype.delete);
const mapForEach = uncurried(Map.prototype.forEach);
const weakGet = uncurried(WeakMap.prototype.get);
const weakSet = uncurried(WeakMap.prototype.set);
const { fstatSync } = fs;

const MOST_WATCHED = 50;
const MOST_RUNS = 64;

const ADDERS = { __proto__: null, Map: 'set', Set: 'add', Array: 'push' };

const made = new WeakMap();
const added = new WeakMap();
const descriptors = new Map();
const sizes = new WeakMap();
const watched = new WeakMap();
let watching = 0;

const of = (object) => weakGet(made, object);

function note(object, site = here()) {
  if (site !== undefined && weakGet(made, object) === undefined) weakSet(made, object, site);
}

function noteDescriptor(number, site) {
  if (site !== undefined) mapSet(descriptors, number, site);
}

const forgetDescriptor = (number) => mapDelete(descriptors, number);

// Remembers that a listener was added: emitter -> listener -> event -> [site, how often] in a row.
function noteListener(emitter, event, listener) {
  const site = here();
  if (site === undefined || listener === null || typeof listener !== 'object' && typeof listener !== 'function') return;
  const ofEmitter = weakMade(added, emitter, () => new WeakMap());
  const ofListener = weakMade(ofEmitter, listener, () => new Map());
  let runs = mapGet(ofListener, event);
  if (runs === undefined) mapSet(ofListener, event, (runs = []));
  const last = runs[runs.length - 1];
  if (last !== undefined && last[0] === site) last[1] += 1;
  else runs.push([site, 1]);
  if (runs.length > MOST_RUNS) runs.shift();
}

function weakMade(map, key, make) {
  let value = weakGet(map, key);
  if (value === undefined) weakSet(map, key, (value = make()));
  return value;
}

// Calls `place(site, number)` for the listeners that an emitter has for an event.
function listeners(emitter, event, found, place) {
  const ofEmitter = weakGet(added, emitter);
  if (ofEmitter === undefined) return;
  const counts = new Map();
  for (let index = 0; index < found.length; index += 1) {
    mapSet(counts, found[index], (mapGet(counts, found[index]) ?? 0) + 1);
  }
  mapForEach(counts, (number, listener) => {
    const ofListener = weakGet(ofEmitter, listener);
    const runs = (ofListener && mapGet(ofListener, event)) ?? [];
    for (let index = runs.length - 1; index >= 0 && number > 0; index -= 1) {
      const live = Math.min(number, runs[index][1]);
      place(runs[index][0], live);
      number -= live;
    }
  });
}

// Watches a collection that has grown since it was last counted, so that the next count can say where it is added to.
function collection(object, name, size, tally) {
  const before = weakGet(sizes, object);
  weakSet(sizes, object, size);
  const additions = weakGet(watched, object);
  if (additions !== undefined) {
    mapForEach(additions, (number, site) => tally.place('collections', name, site, Math.min(number, size)));
  } else if (size > before && ADDERS[name] !== undefined && watching < MOST_WATCHED && isExtensible(object)) {
    watch(object, ADDERS[name], name === 'Array' ? 'length' : 'size');
  }
}

function watch(object, adder, sizeName) {
  const method = [object, ...prototypes(object)].map((owner) => own(owner, adder)).find(Boolean);
  if (typeof method !== 'function') return;
  const additions = new Map();
  const value = function (...values) {
    const before = this[sizeName];
    const result = apply(method, this, values);
    try {
      const site = this === object && this[sizeName] > before ? here() : undefined;
      if (site !== undefined) mapSet(additions, site, (mapGet(additions, site) ?? 0) + this[sizeName] - before);
    } catch {
      // Only the site is lost.
    }
    return result;
  };
  if (!defineProperty(object, adder, { value, configurable: true, writable: true, enumerable: false })) return;
  weakSet(watched, object, additions);
  watching += 1;
}

// Calls `place(site)` for each descriptor that is still open, and forgets the others.
function openDescriptors(place) {
  mapForEach(descriptors, (site, number) => {
    try {
      fstatSync(number);
      place(site);
    } catch {
      mapDelete(descriptors, number);
    }
  });
}

// What grows only because witnesses remember it.
const ours = [descriptors, known];

module.exports = {
  collection, forgetDescriptor, listeners, note, noteDescriptor, noteListener, of, openDescriptors,
  ours,
};
