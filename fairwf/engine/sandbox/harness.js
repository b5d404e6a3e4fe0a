// Runs first in each context, so what it captures cannot be replaced by the code under evaluation;
// its own objects have no prototype, since that code may change Object.prototype.
// harness(request) compiles the code; harness() defines the context and runs it. Both return what
// harness("payload") then gives: "U" nothing, "V" JSON, "W" JSON with marked strings (values.py),
// "L" nothing (the result is too large), "S", "R" or "T" JSON of a syntax, runtime or type error.
// "M" asks for the second part of this file, which most evaluations do without: compiling it costs
// more than all the rest. harness(part) then goes on.
// The payload is apart because the Python module takes no string that the engine holds as a rope,
// which a long concatenation is.
(function () {
  'use strict';
  var own = {
    __proto__: null, indirectEval: eval, apply: Reflect.apply, define: Object.defineProperty,
    keys: Object.keys, isArray: Array.isArray, stringify: JSON.stringify, toText: String,
    toNumber: Number, tagOf: Object.prototype.toString, finite: isFinite,
    slice: String.prototype.slice, join: Array.prototype.join, RealSyntaxError: SyntaxError,
    realm: globalThis, stage: 'compile', revived: null, payload: ''
  };
  return function harness(asked) {
    if (asked === 'payload') return own.payload;
    if (typeof asked === 'function') return asked(own);
    try {
      if (asked !== undefined) {
        own.request = asked;
        if (asked.more) return 'M';
        delete own.realm.Atomics;
        delete own.realm.SharedArrayBuffer;
        own.program = own.indirectEval(asked.run);
        return 'U';
      }
      own.stage = 'run';
      var context = own.request.context, names = own.keys(context), value, i;
      if (own.revived) context = own.revived(context);
      if (names.length) own.indirectEval('var ' + own.apply(own.join, names, [',']));
      for (i = 0; i < names.length; i++) {
        own.define(own.realm, names[i], { __proto__: null, value: context[names[i]] });
      }
      value = own.value = own.apply(own.program, undefined, []);
    } catch (error) {
      if (error === null) throw error;  // perhaps the engine is out of memory: worker.py decides
      own.stage = 'failed';
      own.value = error;
      return 'M';
    }
    own.stage = 'convert';
    if (value === undefined || value === null) return 'U';
    if (typeof value !== 'string') {
      if (typeof value !== 'number' || !own.finite(value)) return 'M';
    } else if (value[0] === '\u0000' || value.length >= own.request.result_bytes) return 'M';
    own.payload = own.stringify(value);
    return 'V';
  };
})()
// part 2: it comes when code of strangers may have run, so it calls only what `own` holds.
(function (own) {
  'use strict';
  var apply = own.apply, define = own.define, slice = own.slice, stringify = own.stringify;
  var toText = own.toText, toNumber = own.toNumber;
  var MARK = '\u0000', MESSAGE_LENGTH = 2000;

  function described(error, converting) {
    var message, stack = '';
    try {
      if (typeof error === 'object' || typeof error === 'function') {
        stack = toText(error.stack || '');
      }
      message = toText(error);
      if (message === '[object Object]') message = stringify(error);
    } catch (again) {
      message = 'an object was thrown that cannot be turned into text';
    }
    return stringify({
      __proto__: null,
      converting: converting === true,
      message: apply(slice, toText(message), [0, MESSAGE_LENGTH]),
      stack: apply(slice, toText(stack), [0, MESSAGE_LENGTH])
    });
  }

  // A Date, Math.random and clock that are the same in each evaluation: the epoch, a fixed seed.
  // It runs before any other code.
  function freezeChance() {
    var RealDate = Date, construct = Reflect.construct, multiply = Math.imul;
    function FrozenDate() {
      if (new.target === undefined) return new RealDate(0).toString();
      return construct(RealDate, arguments.length ? arguments : [0], new.target);
    }
    define(FrozenDate, 'name', { value: 'Date', configurable: true });
    define(FrozenDate, 'length', { value: 7, configurable: true });
    define(FrozenDate, 'prototype', { value: RealDate.prototype, writable: false });
    define(FrozenDate, 'now', {
      value: function now() { return 0; }, writable: true, configurable: true
    });
    ['parse', 'UTC'].forEach(function (name) {
      define(FrozenDate, name, { value: RealDate[name], writable: true, configurable: true });
    });
    define(RealDate.prototype, 'constructor', {
      value: FrozenDate, writable: true, configurable: true
    });
    define(own.realm, 'Date', { value: FrozenDate, writable: true, configurable: true });
    var state = 0x9E3779B9;
    define(Math, 'random', { writable: true, configurable: true, value: function random() {
      state = (state + 0x6D2B79F5) | 0;  // mulberry32
      var t = multiply(state ^ (state >>> 15), state | 1);
      t ^= t + multiply(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    } });
    delete own.realm.performance;
  }

  function revived(value) {
    if (typeof value === 'string') {
      if (value[0] !== MARK) return value;
      var text = apply(slice, value, [2]);
      return value[1] === 'n' ? toNumber(text) : text;
    }
    if (typeof value === 'object' && value !== null) {
      var names = own.keys(value);
      for (var i = 0; i < names.length; i++) {
        define(value, names[i], {
          __proto__: null, value: revived(value[names[i]]),
          writable: true, enumerable: true, configurable: true
        });
      }
    }
    return value;
  }

  function converted(result, most) {
    var marked = false, size = 0, fault = null, text;
    function one(key, value) {
      var what = typeof value;
      if (what === 'object' && value !== null && !own.isArray(value)) {
        var tag = apply(own.tagOf, value, []);
        if (tag === '[object Number]') {
          value = toNumber(value);
          what = 'number';
        } else if (tag === '[object String]') {
          value = toText(value);
          what = 'string';
        } else if (tag !== '[object Object]' && tag !== '[object Boolean]' &&
                   tag !== '[object Arguments]') {
          what = apply(slice, tag, [8, -1]);
        }
      }
      // Each value takes a byte or more: enough to stop what would fill the memory first.
      if (what === 'string') size += value.length;
      if (what !== 'undefined' && ++size > most) {
        fault = { __proto__: null, what: 'too large' };
        throw fault;
      }
      switch (what) {
        case 'string':
          if (value[0] !== MARK) return value;
          marked = true;
          return MARK + 's' + value;
        case 'number':
          if (own.finite(value)) return value;
          marked = true;
          return MARK + 'n' + value;
        case 'object': case 'boolean': case 'undefined':
          return value;
      }
      fault = { __proto__: null, what: what, key: toText(key) };
      throw fault;
    }
    try {
      text = stringify(result, one);
    } catch (error) {
      if (fault === null || error !== fault) throw error;
      if (fault.what === 'too large') return { __proto__: null, letter: 'L', payload: '' };
      return { __proto__: null, letter: 'T', payload: stringify(fault) };
    }
    if (text === undefined) return { __proto__: null, letter: 'U', payload: '' };
    return { __proto__: null, letter: marked ? 'W' : 'V', payload: text };
  }

  function compile() {
    var checks = own.request.checks, i;
    if (own.request.reproducible) freezeChance();
    if (own.request.marked) own.revived = revived;
    // Each check begins with `throw 0`, so it is parsed in full and runs nothing (program.py).
    for (i = 0; i < checks.length; i++) {
      try {
        own.indirectEval(checks[i]);
      } catch (error) {
        if (error !== 0) {
          own.payload = described(error, false);
          return error instanceof own.RealSyntaxError ? 'S' : 'R';
        }
      }
    }
    delete own.realm.fairwf_syntax_check;
    delete own.realm.Atomics;
    delete own.realm.SharedArrayBuffer;
    own.program = own.indirectEval(own.request.run);
    return 'U';
  }

  function convert() {
    try {
      var made = converted(own.value, own.request.result_bytes);
    } catch (error) {
      if (error === null) throw error;
      own.payload = described(error, true);
      return 'R';
    }
    own.payload = made.payload;
    return made.letter;
  }

  if (own.stage === 'compile') return compile();
  if (own.stage === 'convert') return convert();
  own.payload = described(own.value, false);
  return 'R';
})
