"""Functions of JavaScript that the programs of written tasks are made of.

What an expression sees are CWL's objects (CWL v1.2 "Expressions", "File"): a file is an object with
``path``, ``basename`` and so on. ``given`` makes them of what ``write_json`` writes, ``made`` makes
of them what ``read_json`` reads; both get the shape of the value (:func:`shape` in
:mod:`fairwf_wdl.write.javascript`).
"""

from __future__ import annotations

import re

HEAD = "const fs = require('fs'), path = require('path');\n"

FUNCTIONS: dict[str, str] = {
    "read": """\
const read = name => JSON.parse(fs.readFileSync(name, 'utf8'));
""",
    "given": """\
const given = (v, t) => {
  if (v === undefined || v === null || t === null) return v === undefined ? null : v;
  if (Array.isArray(t)) return v.map(x => given(x, t[0]));
  if (typeof t === 'string') return seen(v, t);
  if ('*' in t) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, given(x, t['*'])]));
  return Object.fromEntries(Object.entries(t).map(([k, [n, u]]) => [k, given(v[n], u)]));
};
""",
    "opened": """\
const opened = (v, t) => {
  if (v === undefined || v === null || t === null) return given(v, t);
  if (Array.isArray(t)) return t.length > 1 ? chosen(v, t) : v.map(x => opened(x, t[0]));
  if (typeof t === 'string') return /a/i.test(t) ? anything(v, t) : given(v, t);
  if ('*' in t)
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, opened(x, t['*'])]));
  return Object.fromEntries(Object.entries(t).map(([k, [n, u]]) => [k, opened(v[n], u)]));
};
""",
    "chosen": """\
const chosen = (v, t) => {
  const one = t.slice(1).find(([n]) => v[n] !== null && v[n] !== undefined);
  return one ? opened(v[one[0]], one[2]) : null;
};
""",
    "anything": """\
const anything = (v, t) => {
  const open = x => {
    if (x === null || typeof x !== 'object') return x;
    if (Array.isArray(x)) return x.map(open);
    if (x.class === 'File' && 'file' in x) {
      const file = seen(v.files[x.file], t === 'A' ? 'c' : 'f');
      return x.secondaryFiles ? {...file, secondaryFiles: open(x.secondaryFiles)} : file;
    }
    return Object.fromEntries(Object.entries(x).map(([k, y]) => [k, open(y)]));
  };
  return open(JSON.parse(v.json));
};
""",
    "seen": """\
const seen = (v, t) => {
  const p = path.resolve(v), b = path.basename(p), i = b.lastIndexOf('.');
  const cut = i > 0 && /[^.]/.test(b.slice(0, i)) ? i : b.length;
  const one = {class: 'File', location: 'file://' + encodeURI(p), path: p, basename: b};
  if (/d|s/i.test(t)) return listed({...one, class: 'Directory'}, t);
  Object.assign(one, {dirname: path.dirname(p), nameroot: b.slice(0, cut), nameext: b.slice(cut)});
  one.size = fs.statSync(p).size;
  if (t === 'c' && one.size > 65536) throw new Error(p + ' is too large to be loaded');
  if (t === 'c') one.contents = fs.readFileSync(p, 'utf8');
  return one;
};
""",
    "listed": """\
const listed = (one, t) => {
  if (t === 'd') return one;
  const kind = p => fs.statSync(p).isDirectory() ? (t === 'D' ? 'D' : 'd') : 'f';
  const inside = fs.readdirSync(one.path).map(n => path.join(one.path, n));
  return {...one, listing: inside.map(p => seen(p, kind(p)))};
};
""",
    "matched": """\
const matched = (list, file, folder) => fs.readFileSync(list, 'utf8').split('\\0').slice(0, -1)
  .map(p => seen(p, fs.statSync(p).isDirectory() ? folder : file));
""",
    "at": """\
const at = (v, k) => {
  if (v === null || v === undefined || v[k] === undefined) throw new Error('there is no ' + k);
  return v[k];
};
""",
    "same": """\
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
""",
    "exact": """\
const exact = v => {
  if (typeof v !== 'number' || Math.abs(v) > Number.MAX_SAFE_INTEGER)
    throw new Error(v + ' is no number that can be computed with exactly');
  return v;
};
""",
    "order": """\
const order = (a, b) => typeof a === 'string' && typeof b === 'string'
  ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : exact(a) - exact(b);
""",
    "sum": """\
const sum = v => v.reduce((a, b) => {
  if (Math.abs(a + b) > Number.MAX_SAFE_INTEGER) throw new Error('the sum is not exact');
  return a + b;
}, 0);
""",
    "text": """\
const text = v => typeof v === 'string' ? v : JSON.stringify(v === undefined ? null : v);
""",
    "spelled": """\
const spelled = v => {
  if (Array.isArray(v)) return `[${v.map(spelled).join(', ')}]`;
  const names = v !== null && typeof v === 'object' ? Object.keys(v).sort() : null;
  if (names) return `{${names.filter(n => v[n] !== undefined)
    .map(n => `${spelled(n)}: ${spelled(v[n])}`).join(', ')}}`;
  return JSON.stringify(v ?? null)
    .replace(/[\\u0080-\\uffff]/g, c => '\\\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
};
""",
    "dumped": """\
const dumped = v => typeof v === 'string' ? v : spelled(v);
""",
    "word": """\
const word = v => v !== null && typeof v === 'object' && v.path ? v.path : text(v);
""",
    "words": """\
const words = (v, r) => {
  const before = r.prefix === undefined ? [] : [r.prefix];
  if (v === undefined || v === null || v === false) return [];
  if (v === true) return before;
  if (Array.isArray(v)) {
    if (!v.length) return [];
    if (r.separator === undefined) return before.concat(...v.map(x => words(x, r.items || {})));
    v = v.map(word).join(r.separator);
  }
  return r.separate === false && before.length ? [before[0] + word(v)] : [...before, word(v)];
};
""",
    "phrased": """\
const phrased = (v, r) => {
  const before = r.prefix === undefined ? [] : [r.prefix];
  if (v === undefined || v === null) return [];
  const fit = (r.cases || []).find(([k]) => fits(v, k));
  if (fit) return phrased(v, fit[1]);
  if (r.fields) return before.concat(...r.fields.map(([n, x]) => phrased(v[n], x)));
  if (!Array.isArray(v) || !v.length || r.separator !== undefined) return words(v, r);
  return before.concat(...v.map(x => phrased(x, r.items || {})));
};
""",
    "local": """\
const local = l => decodeURIComponent(l.replace(/^file:[/][/]/, ''));
""",
    "placed": """\
const placed = v => v.path || (v.location ? local(v.location) : null);
""",
    "called": """\
const called = v => v.basename || (placed(v) ? path.basename(placed(v)) : 'literal');
""",
    "put": """\
const put = (v, name) => {
  const p = placed(v), copied = {recursive: true, dereference: true};
  fs.mkdirSync(path.dirname(name), {recursive: true});
  if (p && path.resolve(p) !== path.resolve(name)) fs.cpSync(p, name, copied);
  else if (!p && v.class === 'File') fs.writeFileSync(name, v.contents || '');
  else if (!p) {
    fs.mkdirSync(name, {recursive: true});
    for (const x of v.listing || []) put(x, path.join(name, called(x)));
  }
  return name;
};
""",
    "made": """\
const made = (v, t) => {
  if (v === undefined || v === null) return null;
  if (t === null) return v;
  if (Array.isArray(t)) return v.map(x => made(x, t[0]));
  if (typeof t === 'string') return written(v);
  if ('*' in t) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, made(x, t['*'])]));
  return Object.fromEntries(Object.entries(t).map(([k, [n, u]]) => [n, made(v[k], u)]));
};
""",
    "closed": """\
const closed = (v, t) => {
  if (v === undefined || v === null || t === null) return made(v, t);
  if (Array.isArray(t)) return t.length > 1 ? wrapped(v, t) : v.map(x => closed(x, t[0]));
  if (typeof t === 'string') return t === 'a' ? enclosed(v) : made(v, t);
  if ('*' in t)
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, closed(x, t['*'])]));
  return Object.fromEntries(Object.entries(t).map(([k, [n, u]]) => [n, closed(v[k], u)]));
};
""",
    "wrapped": """\
const wrapped = (v, t) => {
  const one = t.slice(1).find(([n, k]) => fits(v, k));
  if (!one) throw new Error('the value has none of its types: ' + JSON.stringify(v));
  return Object.fromEntries(t.slice(1).map(x => [x[0], x === one ? closed(v, x[2]) : null]));
};
""",
    "fits": """\
const fits = (v, k) => {
  const none = v === null || v === undefined;
  if (k[0] === '=') return k[1].includes(v);
  if (Array.isArray(k) && k.length > 1) return none || fits(v, k[1]);
  if (k === 'a' || none) return !none;
  if (Array.isArray(k)) return Array.isArray(v) && v.every(x => fits(x, k[0]));
  if (typeof k === 'object') return typeof v === 'object' && !Array.isArray(v) && !v.class
    && Object.entries(k).every(([n, x]) => fits(v[n], x))
    && Object.keys(v).every(n => n in k || v[n] === null || !Object.keys(k).length);
  if (k === 'f' || k === 'd') return v.class === (k === 'f' ? 'File' : 'Directory');
  return k === 'i' ? Number.isInteger(v) : typeof v === {b: 'boolean', n: 'number', s: 'string'}[k];
};
""",
    "enclosed": """\
const enclosed = v => {
  const files = [];
  const close = x => {
    if (x === null || x === undefined || typeof x !== 'object') return x === undefined ? null : x;
    if (Array.isArray(x)) return x.map(close);
    if (x.class === 'Directory') throw new Error('a folder stands in a value of any type');
    if (x.class === 'File') {
      const said = {class: 'File', file: files.push(written(x)) - 1}, more = x.secondaryFiles || [];
      return more.length ? {...said, secondaryFiles: more.map(close)} : said;
    }
    return Object.fromEntries(Object.entries(x).map(([k, y]) => [k, close(y)]));
  };
  const json = JSON.stringify(close(v));
  return {json, files};
};
""",
    "written": """\
const written = v => {
  if (typeof v === 'string') return v;
  const p = placed(v), name = called(v);
  return p && path.basename(p) === name ? p : put(v, name);
};
""",
    "stage": """\
const stage = (v, name) => {
  if (v === undefined || v === null) return;
  if (Array.isArray(v) && !name) v.forEach(x => stage(x));
  else if (v.class) put(v, name || called(v));
  else if (v.entry !== undefined && v.entryname) stage(v.entry, v.entryname);
  else if (Array.isArray(v) && v.every(x => x && x.class)) v.forEach(x => stage(x));
  else if (name) fs.writeFileSync(name, dumped(v));
};
""",
}
"""By name; each uses others, and the modules of :data:`HEAD`."""


def functions_for(program: str) -> str:
    """Return the functions that a program uses, with those that they use."""
    needed: set[str] = set()
    pending = [program]
    while pending:
        words = set(re.findall(r"\w+", pending.pop()))
        for name in FUNCTIONS.keys() & words - needed:
            needed.add(name)
            pending.append(FUNCTIONS[name])
    return "".join(text for name, text in FUNCTIONS.items() if name in needed)
