// Makes a context in which code of strangers may run again and again and finds it each time as it
// was: every built-in object is frozen, and no text can become code any more. Only texts come here
// that cannot tell (lasting.py). Its value is a function (act, given) that sets the variables, runs
// the code (program.py says what these are) and returns what worker.py's BOX would, or "D" where the
// code has made a global variable: then the context is not as it was.
(function () {
  'use strict';
  delete globalThis.Atomics;
  delete globalThis.SharedArrayBuffer;
  delete globalThis.eval;
  var freeze = Object.freeze, define = Object.defineProperty, keys = Object.keys;
  var ownKeys = Reflect.ownKeys, describe = Object.getOwnPropertyDescriptor;
  var parentOf = Object.getPrototypeOf, done = new Set();

  function refuse() { throw new EvalError('no text becomes code here'); }

  var kinds = [
    function () {}, function* () {}, async function () {}, async function* () {}
  ].map(parentOf);
  kinds.forEach(function (kind) {
    define(kind, 'constructor', { value: refuse });
  });
  globalThis.Function = refuse;

  // What no global variable leads to.
  var waiting = kinds.concat([
    [].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), ''.matchAll(/a/g),
    [].values().map(refuse), Iterator.from({ next: refuse }), new Int8Array()
  ].map(parentOf));
  waiting.push(refuse);

  function add(value) {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
      waiting.push(value);
    }
  }

  function addMembers(object, lock) {
    ownKeys(object).forEach(function (name) {
      var member = describe(object, name);
      add(member.value);
      add(member.get);
      add(member.set);
      if (lock) {
        define(object, name, 'value' in member ?
          { writable: false, enumerable: false, configurable: false } :
          { enumerable: false, configurable: false });
      }
    });
    add(parentOf(object));
  }

  addMembers(globalThis, true);
  done.add(globalThis);
  while (waiting.length) {
    var next = waiting.pop();
    if (done.has(next)) continue;
    done.add(next);
    addMembers(next, false);
    freeze(next);
  }

  return function (act, given) {
    act[0](given);
    given = (0, act[1])();
    for (var made in globalThis) return 'D';
    switch (typeof given) {
      case 'string': return { __proto__: null, v: given };
      case 'number': case 'boolean': return given;
    }
    return given === undefined || given === null ? null : 'M';
  };
})()
