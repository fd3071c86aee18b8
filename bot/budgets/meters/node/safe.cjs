// Reading objects of a program that may be hostile: no getter of theirs runs, no trap of a proxy, no patched built-in.
'use strict';

const { types } = require('util');

const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
const { isProxy } = types;

// A function whose first argument is what was `this`, kept from before the program could patch it.
const uncurried = (method) => (self, ...rest) => apply(method, self, rest);
const getterOf = (prototype, name) => uncurried(getOwnPropertyDescriptor(prototype, name).get);

const replaced = uncurried(String.prototype.replace);
const sliced = uncurried(String.prototype.slice);

const LONGEST_CHAIN = 50;
const LONGEST_NAME = 80;

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

// The value of an own data property; undefined where there is none, or a getter.
function own(object, key) {
  if (!isObject(object) || isProxy(object)) return undefined;
  const descriptor = getOwnPropertyDescriptor(object, key);
  return descriptor === undefined ? undefined : descriptor.value;
}

// The own property that is named by a symbol of Node's with this description.
function ownSymbol(object, description) {
  if (!isObject(object) || isProxy(object)) return undefined;
  for (const key of ownKeys(object)) {
    if (typeof key === 'symbol' && key.description === description) return own(object, key);
  }
  return undefined;
}

function prototypes(object) {
  const chain = [];
  while (isObject(object) && chain.length < LONGEST_CHAIN && !isProxy(object)) {
    object = getPrototypeOf(object);
    if (object !== null) chain.push(object);
  }
  return chain;
}

// The name of the nearest class of an object that has one.
function className(object) {
  for (const prototype of prototypes(object)) {
    const name = own(own(prototype, 'constructor'), 'name');
    if (typeof name === 'string' && name !== '') return printable(name);
  }
  return 'Object';
}

// Text for one field of an answer: without what separates fields, and with one name for all that are numbered.
const printable = (text) => replaced(oneLine(text, LONGEST_NAME), /\d+(?:[0-9a-f-]*\d[0-9a-f-]*)?/gi, '*');

const oneLine = (text, longest) => replaced(sliced(text, 0, longest), /[\s\p{C}]+/gu, ' ');

const eventName = (event) => (typeof event === 'symbol' ? `[${printable(event.description ?? '')}]` : printable(`${event}`));

// A callback that never throws into the program.
const guarded = (callback) => (...args) => {
  try {
    return callback(...args);
  } catch {
    return undefined;
  }
};

module.exports = { apply, className, eventName, getterOf, guarded, isObject, oneLine, own, ownSymbol, prototypes, uncurried };
