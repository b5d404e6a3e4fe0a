// Runs first in each context, so what it captures cannot be replaced by the code under evaluation;
// its own objects have no prototype, since that code may change Object.prototype. Compiling it is a
// third of the cost of a short evaluation, so it holds only what every evaluation needs.
// harness(program, values, most) sets the variables and runs the code (program.py says what these
// are); most: result_bytes. It returns nothing for undefined, the JSON of a text, number, truth value
// or null, or "M" for all else, which asks for the second part of this file.
// harness(part, asked) lets that part go on.
(function () {
  'use strict';
  delete globalThis.Atomics;
  delete globalThis.SharedArrayBuffer;
  var own = {
    __proto__: null, isArray: Array.isArray, stringify: JSON.stringify,
    tagOf: function () {}.call.bind({}.toString)
  };
  return function harness(act, given, most) {
    if (most === undefined) return act(own, given);
    try {
      act[0](given || own.values);
      act = act[1];
      own.most = most;
      own.value = given = act();
    } catch (error) {
      if (error === null) throw error;  // perhaps the engine is out of memory: worker.py decides
      own.failed = true;
      own.value = error;
      return 'M';
    }
    switch (typeof given) {
      case 'string': if (given.length < most && given[0] !== '\0') break; return 'M';
      case 'number': if (given - given === 0) break; return 'M';
      case 'object': case 'function': case 'symbol': case 'bigint': if (given !== null) return 'M';
    }
    return own.stringify(given);
  };
})()
// part 2: asked for {checks, marked, reproducible, values} it comes before any other code; else code
// of strangers may have run, and it calls only what `own` holds. It returns nothing where there is
// nothing to say, or a letter for what part(own, "payload") then gives: "V" JSON, "W" JSON with
// marked strings (values.py), "L" nothing (the result is too large), "S", "R" or "T" JSON of a
// syntax, runtime or type error. The payload is apart because the Python module takes no string that
// the engine holds as a rope, which a long concatenation is.
(function (own, asked) {
  'use strict';
  var stringify = own.stringify;
  var MARK = '\u0000', MESSAGE_LENGTH = 2000;

  function toText(value) {
    return typeof value === 'symbol' ? 'Symbol(' + value.description + ')' : `${value}`;
  }

  function cut(text, first, end) {
    for (var piece = ''; first < end && first < text.length; first++) piece += text[first];
    return piece;
  }

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
      message: cut(toText(message), 0, MESSAGE_LENGTH),
      stack: cut(stack, 0, MESSAGE_LENGTH)
    });
  }

  // A Date, Math.random and clock that are the same in each evaluation: the epoch, a fixed seed.
  // It runs before any other code.
  function freezeChance() {
    var RealDate = Date, construct = Reflect.construct, multiply = Math.imul;
    var define = Object.defineProperty;
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
    define(globalThis, 'Date', { value: FrozenDate, writable: true, configurable: true });
    var state = 0x9E3779B9;
    define(Math, 'random', { writable: true, configurable: true, value: function random() {
      state = (state + 0x6D2B79F5) | 0;  // mulberry32
      var t = multiply(state ^ (state >>> 15), state | 1);
      t ^= t + multiply(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    } });
    delete globalThis.performance;
  }

  // It runs before any other code.
  function revived(value) {
    if (typeof value === 'string') {
      if (value[0] !== MARK) return value;
      var text = value.slice(2);
      return value[1] === 'n' ? Number(text) : text;
    }
    if (typeof value === 'object' && value !== null) {
      var names = Object.keys(value);
      for (var i = 0; i < names.length; i++) {
        Object.defineProperty(value, names[i], {
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
        var tag = own.tagOf(value);
        if (tag === '[object Number]') {
          value = +value;
          what = 'number';
        } else if (tag === '[object String]') {
          value = toText(value);
          what = 'string';
        } else if (tag !== '[object Object]' && tag !== '[object Boolean]' &&
                   tag !== '[object Arguments]') {
          what = cut(tag, 8, tag.length - 1);
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
          if (value - value === 0) return value;
          marked = true;
          return MARK + 'n' + value;
        case 'object': case 'boolean': case 'undefined':
          return value;
      }
      fault = { __proto__: null, what: what, key: key };
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

  function prepare() {
    if (asked.reproducible) freezeChance();
    own.values = asked.marked ? revived(asked.values) : asked.values;
    // Each check begins with `throw 0`, so it is parsed in full and runs nothing (program.py).
    for (var i = 0; i < asked.checks.length; i++) {
      try {
        (0, eval)(asked.checks[i]);
      } catch (error) {
        if (error !== 0) {
          own.payload = described(error, false);
          return error instanceof SyntaxError ? 'S' : 'R';
        }
      }
    }
    delete globalThis.fairwf_syntax_check;
  }

  function convert() {
    try {
      var made = converted(own.value, own.most);
    } catch (error) {
      if (error === null) throw error;
      own.payload = described(error, true);
      return 'R';
    }
    own.payload = made.payload;
    return made.letter;
  }

  if (asked === 'payload') return own.payload;
  if (asked) return prepare();
  own.payload = '';
  if (!own.failed) return convert();
  own.payload = described(own.value, false);
  return 'R';
})
