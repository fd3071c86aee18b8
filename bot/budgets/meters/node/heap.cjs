// The objects of the heap, through an inspector session inside the process.
'use strict';

const { setImmediate } = require('timers');
const { guarded } = require('./safe.cjs');

const GLOBAL = globalThis;
const OBJECT = Object.prototype;
const { defineProperty, deleteProperty } = Reflect;

// One for all readings, because V8 keeps what it compiles for each.
const name = `__stanch_${process.pid}_${process.hrtime.bigint()}`;

// Collects garbage, lets what that closes be closed, and then calls `use(everything)`, where `everything()` gives all live
// objects. One question for all is as dear as one for a class (measured), because each collects garbage again. Meanwhile
// no code of the program runs, or sees how the objects are passed. `done(error, what use returned)`.
function withHeap(use, done) {
  const { Session } = require('inspector');
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage', guarded(() => {
    setImmediate(guarded(() => {
      let error = null;
      let result;
      try {
        result = use(() => everything(session));
      } catch (failure) {
        error = failure;
      }
      session.disconnect();
      done(error, result);
    }));
  }));
}

function everything(session) {
  const passed = {};
  if (!defineProperty(GLOBAL, name, { value: passed, configurable: true })) throw new Error('globalThis is frozen');
  try {
    passed.prototype = OBJECT;
    const objectGroup = name;
    const { result } = posted(session, 'Runtime.evaluate', { expression: `${name}.prototype`, objectGroup });
    const { objects } = posted(session, 'Runtime.queryObjects', { prototypeObjectId: result.objectId, objectGroup });
    posted(session, 'Runtime.callFunctionOn', {
      objectId: objects.objectId,
      functionDeclaration: `function () { ${name}.objects = this; }`,
      objectGroup,
    });
    posted(session, 'Runtime.releaseObjectGroup', { objectGroup });
    return passed.objects;
  } finally {
    deleteProperty(GLOBAL, name);
  }
}

// In a session of the same thread, the commands of `Runtime` are done when `post` returns.
function posted(session, method, parameters) {
  let answer;
  session.post(method, parameters, (error, result) => {
    answer = { error, result };
  });
  if (answer === undefined) throw new Error(`${method} did not answer`);
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

module.exports = { withHeap };
