// Runs first in each context, so what it captures cannot be replaced by the code under evaluation;
// its own objects have no prototype, since that code may change Object.prototype.
// harness(request) checks and compiles the code; harness() defines the context and runs it. Both
// return what harness("payload") then gives: "U" nothing, "V" JSON, "W" JSON with marked strings
// (values.py), "L" nothing (the result is too large), "S", "R" or "T" JSON of a syntax, runtime or
// type error. The payload is apart because the Python module takes no string that the engine holds
// as a rope, which a long concatenation is.
(function () {
  'use strict';
  var indirectEval = eval, apply = Reflect.apply, define = Object.defineProperty;
  var keys = Object.keys, isArray = Array.isArray, stringify = JSON.stringify;
  var toText = String, toNumber = Number, tagOf = Object.prototype.toString;
  var finite = isFinite, slice = String.prototype.slice, join = Array.prototype.join;
  var RealSyntaxError = SyntaxError, realm = globalThis;
  var MARK = '\u0000', MESSAGE_LENGTH = 2000;
  var request = null, program = null, converting = false, payload = '';

  function described(letter, error) {
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
    payload = stringify({
      __proto__: null,
      converting: converting,
      message: apply(slice, toText(message), [0, MESSAGE_LENGTH]),
      stack: apply(slice, toText(stack), [0, MESSAGE_LENGTH])
    });
    return letter;
  }

  // A Date, Math.random and clock that are the same in each evaluation: the epoch, a fixed seed.
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
    define(realm, 'Date', { value: FrozenDate, writable: true, configurable: true });
    var state = 0x9E3779B9;
    define(Math, 'random', { writable: true, configurable: true, value: function random() {
      state = (state + 0x6D2B79F5) | 0;  // mulberry32
      var t = multiply(state ^ (state >>> 15), state | 1);
      t ^= t + multiply(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    } });
    delete realm.performance;
  }

  function revived(value) {
    if (typeof value === 'string') {
      if (value[0] !== MARK) return value;
      var rest = apply(slice, value, [2]);
      return value[1] === 'n' ? toNumber(rest) : rest;
    }
    if (typeof value === 'object' && value !== null) {
      var names = keys(value);
      for (var i = 0; i < names.length; i++) {
        define(value, names[i], {
          __proto__: null, value: revived(value[names[i]]),
          writable: true, enumerable: true, configurable: true
        });
      }
    }
    return value;
  }

  function compile(asked) {
    request = asked;
    if (request.reproducible) freezeChance();
    // Each check begins with `throw 0`, so it is parsed in full and runs nothing (program.py).
    for (var i = 0; i < request.checks.length; i++) {
      try {
        indirectEval(request.checks[i]);
      } catch (error) {
        if (error !== 0) return described(error instanceof RealSyntaxError ? 'S' : 'R', error);
      }
    }
    delete realm.fairwf_syntax_check;
    delete realm.Atomics;
    delete realm.SharedArrayBuffer;
    program = indirectEval(request.run);
    return 'U';
  }

  function run() {
    var marked = false, size = 0, fault = null, context = request.context, names = keys(context), result;
    try {
      if (request.marked) context = revived(context);
      if (names.length) indirectEval('var ' + apply(join, names, [',']));
      for (var i = 0; i < names.length; i++) {
        define(realm, names[i], {
          __proto__: null, value: context[names[i]]
        });
      }
      result = apply(program, undefined, []);
      converting = true;
      var text = stringify(result, function (key, value) {
        var what = typeof value;
        if (what === 'object' && value !== null && !isArray(value)) {
          var tag = apply(tagOf, value, []);
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
        if (what !== 'undefined' && ++size > request.result_bytes) {
          fault = { what: 'too large' };
          throw fault;
        }
        switch (what) {
          case 'string':
            if (value[0] !== MARK) return value;
            marked = true;
            return MARK + 's' + value;
          case 'number':
            if (finite(value)) return value;
            marked = true;
            return MARK + 'n' + value;
          case 'object': case 'boolean': case 'undefined':
            return value;
        }
        fault = { what: what, key: key };
        throw fault;
      });
    } catch (error) {
      if (fault !== null && error === fault) {
        if (fault.what === 'too large') return 'L';
        payload = stringify({ __proto__: null, what: fault.what, key: toText(fault.key) });
        return 'T';
      }
      if (error === null) throw error;  // perhaps the engine is out of memory: worker.py decides
      return described('R', error);
    }
    if (text === undefined) return 'U';
    payload = text;
    return marked ? 'W' : 'V';
  }

  return function harness(asked) {
    if (asked === 'payload') return payload;
    return asked === undefined ? run() : compile(asked);
  };
})()
