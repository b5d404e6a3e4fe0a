"""Definitions that standard functions call in JavaScript (ECMAScript 5.1), for ``expressionLib``."""

from __future__ import annotations

_TEXTS = (
    r"""function fw_chars(text) {
  return text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S]/g) || [];
}""",
    r"""function fw_text(value) {
  function spaced(v) {
    if (v === null || typeof v !== "object") return JSON.stringify(v);
    if (Array.isArray(v)) return "[" + v.map(spaced).join(", ") + "]";
    var members = Object.keys(v).map(function (k) {
      return JSON.stringify(k) + ": " + spaced(v[k]);
    });
    return "{" + members.join(", ") + "}";
  }
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : spaced(value);
}""",
    r"""function fw_split(text, separator) {
  return separator === "" ? fw_chars(text) : text.split(separator);
}""",
    r"""function fw_replace_match(text, pattern, by) {
  return text.replace(new RegExp(pattern, "gu"), function () { return by; });
}""",
    r"""function fw_find_match(text, pattern) {
  var found = text.match(new RegExp(pattern, "u"));
  return found === null ? null : found[0];
}""",
    r"""function fw_replace(text, old, by) {
  if (old !== "") return text.split(old).join(by);
  return by + fw_chars(text).map(function (c) { return c + by; }).join("");
}""",
    r"""function fw_substring(text, start, end) {
  return fw_slice(fw_chars(text), start, end).join("");
}""",
    r"""function fw_slice(items, start, end) {
  if (start < 0 || (end != null && end < 0)) throw "an offset must not be negative";
  return end == null ? items.slice(start) : items.slice(start, end);
}""",
    r"""function fw_index_of(text, part) {
  var at = text.indexOf(part);
  return at < 0 ? at : fw_chars(text.slice(0, at)).length;
}""",
    r"""function fw_trim(text) {
  var blanks = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
  return text.replace(new RegExp("^" + blanks), "").replace(new RegExp(blanks + "$"), "");
}""",
    r"""function fw_ends_with(text, ending) {
  return text.length >= ending.length && text.slice(text.length - ending.length) === ending;
}""",
    r"""function fw_to_bool(value) {
  var text = String(value).toLowerCase();
  if (text !== "true" && text !== "false") throw "expected true or false, found " + text;
  return text === "true";
}""",
    r"""function fw_strip_suffix(text, ending) {
  return fw_ends_with(text, ending) ? text.slice(0, text.length - ending.length) : text;
}""",
    r"""function fw_repeat(text, times) {
  if (times < 0) throw "a text cannot be repeated " + times + " times";
  return new Array(times + 1).join(text);
}""",
    r"""function fw_pad_left(text, length, fill) {
  var missing = length - fw_chars(text).length, from = fw_chars(fill), pad = "", i;
  if (missing > 0 && from.length === 0) throw "the text to fill with is empty";
  for (i = 0; i < missing; i += 1) pad += from[i % from.length];
  return pad + text;
}""",
)

_NUMBERS = (
    """function fw_divide(a, b) {
  if (b === 0) throw "division by zero";
  return a / b;
}""",
    """function fw_modulo(a, b) {
  if (b === 0) throw "division by zero";
  return a % b + 0;
}""",
    """function fw_power(a, b) {
  var result = Math.pow(a, b);
  if (result !== result) throw a + " to the power of " + b + " is no real number";
  return result;
}""",
    """function fw_whole(number) {
  if (!isFinite(number)) throw number + " has no whole part";
  return number + 0;
}""",
    """function fw_truncate(number) {
  return fw_whole(number < 0 ? Math.ceil(number) : Math.floor(number));
}""",
    """function fw_extreme(choose, numbers) {
  if (numbers.length === 0) throw "there are no numbers to choose from: the list is empty";
  return choose.apply(null, numbers);
}""",
    r"""function fw_to_int(value) {
  if (typeof value === "string" && /^[+-]?[0-9]+$/.test(value)) return parseInt(value, 10);
  if (typeof value === "number") return fw_truncate(value);
  throw JSON.stringify(value) + " is no whole number";
}""",
    r"""function fw_fixed_text(number, digits) {
  var size = Math.abs(number), exact = size.toFixed(100), dot = exact.indexOf(".");
  if (dot < 0) throw number + " is too large to be written in full";
  var end = digits === 0 ? dot : dot + 1 + digits, even = /[02468]$/.test(exact.slice(0, end));
  var tie = /^50*$/.test(exact.slice(digits === 0 ? dot + 1 : end));
  var text = tie && even ? exact.slice(0, end) : size.toFixed(digits);
  return (number < 0 || (number === 0 && 1 / number < 0) ? "-" : "") + text;
}""",
    r"""function fw_to_float(value) {
  if (typeof value === "number") return value;
  if (typeof value === "string" && /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(value)) {
    return parseFloat(value);
  }
  throw JSON.stringify(value) + " is no number";
}""",
)

_COMPARISON = (
    """function fw_equal(a, b) {
  if (a == null || b == null) return a == null && b == null;
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (Array.isArray(a) !== Array.isArray(b) || a["class"] !== b["class"]) return false;
  if (a["class"] === "File" || a["class"] === "Directory") {
    return (a.location || a.path) === (b.location || b.path) && a.basename === b.basename &&
      fw_equal(a.contents, b.contents) && fw_equal(a.secondaryFiles || [], b.secondaryFiles || []);
  }
  var names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every(function (name) {
    return b.hasOwnProperty(name) && fw_equal(a[name], b[name]);
  });
}""",
    """function fw_order(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b || (a === b ? 0 : NaN);
  if (typeof a !== "string" || typeof b !== "string") throw "only numbers or only texts have an order";
  var x = fw_chars(a), y = fw_chars(b), i, d;
  for (i = 0; i < x.length && i < y.length; i += 1) {
    if (x[i] !== y[i]) {
      d = x[i].length - y[i].length;
      return d !== 0 ? d : x[i] < y[i] ? -1 : 1;
    }
  }
  return x.length - y.length;
}""",
    """function fw_first_defined(values) {
  var found = values.filter(function (x) { return x != null; });
  if (found.length === 0) throw "all values are none";
  return found[0];
}""",
    """function fw_only_defined(values) {
  var found = values.filter(function (x) { return x != null; });
  if (found.length === 0) throw "all values are none";
  if (found.length > 1) throw "more than one value is not none";
  return found[0];
}""",
    """function fw_sort(items) {
  items.forEach(function (x) { fw_order(x, items[0]); });
  return items.slice().sort(fw_order);
}""",
    """function fw_unique(items) {
  return items.reduce(function (kept, x) {
    return kept.some(function (y) { return fw_equal(x, y); }) ? kept : kept.concat([x]);
  }, []);
}""",
)

_COLLECTIONS = (
    """function fw_length(value) {
  if (typeof value === "string") return fw_chars(value).length;
  if (value === null || typeof value !== "object") throw JSON.stringify(value) + " has no length";
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}""",
    """function fw_item(whole, by) {
  var here = Array.isArray(whole) ? by >= 0 && by < whole.length && Math.floor(by) === by
    : whole !== null && typeof whole === "object" && whole.hasOwnProperty(by);
  if (!here) throw "there is no item " + JSON.stringify(by);
  return whole[by];
}""",
    """function fw_member(whole, name) {
  var files = ["basename", "checksum", "contents", "dirname", "format", "listing", "location",
    "nameext", "nameroot", "path", "size"];
  if (whole !== null && typeof whole === "object") {
    if (whole.hasOwnProperty(name)) return whole[name];
    if (whole["class"] === "File" && name === "secondaryFiles") return [];
    if (/^(File|Directory)$/.test(whole["class"]) && files.indexOf(name) >= 0) return null;
  }
  throw "there is no member " + JSON.stringify(name);
}""",
    """function fw_last(items) {
  return fw_item(items, items.length - 1);
}""",
    """function fw_get(whole, by) {
  if (whole === null || whole === undefined) return null;
  if (typeof whole !== "object") throw JSON.stringify(whole) + " has no items";
  return whole.hasOwnProperty(by) && by !== "length" ? whole[by] : null;
}""",
    """function fw_range(end) {
  if (end < 0) throw "a range cannot end at " + end;
  return fw_range_step(0, end, 1);
}""",
    """function fw_range_step(start, end, step) {
  if (step === 0) throw "the step of a range must not be 0";
  var result = [], x;
  for (x = start; step > 0 ? x < end : x > end; x += step) result.push(x);
  return result;
}""",
    """function fw_zip(a, b) {
  return fw_transpose([a, b]);
}""",
    """function fw_unzip(pairs) {
  return [0, 1].map(function (i) { return fw_pairs(pairs).map(function (x) { return x[i]; }); });
}""",
    """function fw_pairs(items) {
  items.forEach(function (x) { if (x.length !== 2) throw "a pair is wanted"; });
  return items;
}""",
    """function fw_cross(a, b) {
  return [].concat.apply([], a.map(function (x) {
    return b.map(function (y) { return [x, y]; });
  }));
}""",
    """function fw_transpose(rows) {
  rows.forEach(function (row) {
    if (row.length !== rows[0].length) throw "arrays of equal length are wanted";
  });
  return (rows[0] || []).map(function (_, i) { return rows.map(function (row) { return row[i]; }); });
}""",
    """function fw_chunk(items, length) {
  var result = [], i;
  if (length < 1) throw "pieces of length " + length + " make no sense";
  for (i = 0; i < items.length; i += length) result.push(items.slice(i, i + length));
  return result;
}""",
    """function fw_prefix_each(text, items) {
  return items.map(function (x) { return text + fw_text(x); });
}""",
    """function fw_suffix_each(text, items) {
  return items.map(function (x) { return fw_text(x) + text; });
}""",
    """function fw_keys(map) {
  var keys = Object.keys(map);
  if (keys.length > 1 && keys.some(function (key) { return /^(0|[1-9][0-9]*)$/.test(key); })) {
    throw "JavaScript does not keep the order of keys that are whole numbers";
  }
  return keys;
}""",
    """function fw_entries(map) {
  return fw_keys(map).map(function (key) { return [key, map[key]]; });
}""",
    """function fw_as_map(pairs) {
  return fw_pairs(pairs).reduce(function (map, pair) {
    if (typeof pair[0] !== "string") throw "a key of a map must be a text";
    if (map.hasOwnProperty(pair[0])) throw "the key " + JSON.stringify(pair[0]) + " occurs twice";
    map[pair[0]] = pair[1];
    return map;
  }, {});
}""",
    """function fw_merge(maps) {
  return maps.reduce(function (all, map) {
    Object.keys(map).forEach(function (key) { all[key] = map[key]; });
    return all;
  }, {});
}""",
    """function fw_has_key(map, key) {
  return typeof key === "string" && map.hasOwnProperty(key) && map[key] != null;
}""",
    """function fw_group_by_key(pairs) {
  return fw_pairs(pairs).reduce(function (groups, pair) {
    var known = groups.filter(function (group) { return fw_equal(group[0], pair[0]); })[0];
    if (known) known[1].push(pair[1]);
    else groups.push([pair[0], [pair[1]]]);
    return groups;
  }, []);
}""",
)

_FILES = (
    """function fw_size(value) {
  if (value == null) return 0;
  if (Array.isArray(value)) return value.reduce(function (n, x) { return n + fw_size(x); }, 0);
  if (typeof value.size !== "number") throw "the size of this file or folder is not known";
  return value.size;
}""",
    r"""function fw_file_path(value) {
  var place = typeof value === "string" ? value : value.path || value.location || "";
  return /^file:\/\//.test(place) ? decodeURIComponent(place.replace(/^file:\/\//, "")) : place;
}""",
    """function fw_basename(value) {
  if (typeof value !== "string") return fw_member(value, "basename");
  return value.replace(/([^\\/])\\/+$/, "$1").replace(/^.*\\//, "");
}""",
    r"""function fw_split_name(name) {
  var at = name.lastIndexOf(".");
  if (at < 0 || /^\.*$/.test(name.slice(0, at))) at = name.length;
  return [name.slice(0, at), name.slice(at)];
}""",
    r"""function fw_dirname(value) {
  var path = typeof value === "string" ? value : value.path || value.location || "";
  if (typeof value !== "string" && value.dirname) return value.dirname;
  var folder = path.slice(0, path.lastIndexOf("/") + 1);
  return /^\/*$/.test(folder) ? folder : folder.replace(/\/+$/, "");
}""",
    r"""function fw_literal_file(name, text) {
  if (/^\.{0,2}$|[\/\0]/.test(name)) throw JSON.stringify(name) + " is no file name";
  return {"class": "File", "basename": name, "contents": text};
}""",
    """function fw_secondary(file, ending) {
  return (file.secondaryFiles || []).filter(function (x) {
    return fw_ends_with(x.basename || x.path || x.location || "", ending);
  })[0] || null;
}""",
)

_WORDS = (
    r"""function fw_decimal(number) {
  var parts = /^(-?)(\d+)\.?(\d*)e([+-]\d+)$/.exec(String(number));
  if (!parts) return String(number);
  var digits = parts[2] + parts[3], at = parts[2].length + Number(parts[4]);
  if (at <= 0) return parts[1] + "0." + Array(1 - at).join("0") + digits;
  return parts[1] + digits + Array(Math.max(0, at - digits.length) + 1).join("0");
}""",
    """function fw_word(value) {
  if (typeof value === "string") return value;
  if (typeof value === "number") return fw_decimal(value);
  if (value && (value["class"] === "File" || value["class"] === "Directory")) return value.path;
  return JSON.stringify(value);
}""",
    r"""function fw_quoted(text) {
  if (/^[\w@%+=:,.\/-]+$/.test(text)) return text;
  return "'" + text.split("'").join("'\"'\"'") + "'";
}""",
    """function fw_placeholder(value, separator, quote) {
  function one(x) {
    if (x === null || x === undefined) return "";
    return quote ? fw_quoted(fw_word(x)) : fw_word(x);
  }
  if (!Array.isArray(value)) return one(value);
  if (separator === null) throw "an array needs a separator to be written";
  return value.map(one).join(separator);
}""",
    """function fw_words(value, prefix, separator, separate, quote) {
  function shown(text) { return quote ? fw_quoted(text) : text; }
  function joined(text) {
    if (prefix !== null && !separate) return [shown(prefix + text)];
    return before.concat([shown(text)]);
  }
  if (value === null || value === undefined || value === false) return [];
  var before = prefix === null ? [] : [shown(prefix)];
  if (value === true) return before;
  if (!Array.isArray(value)) {
    if (typeof value === "object" && value["class"] === undefined) return before;
    return joined(fw_word(value));
  }
  if (value.length === 0) return [];
  if (separator !== null) return joined(value.map(fw_word).join(separator));
  return value.reduce(function (words, item) {
    return words.concat(fw_words(item, null, null, true, quote));
  }, before);
}""",
)

_NAME = len("function ")
DEFINITIONS: dict[str, str] = {
    text[_NAME : text.index("(")]: text
    for text in (*_TEXTS, *_NUMBERS, *_COMPARISON, *_COLLECTIONS, *_FILES, *_WORDS)
}
"""Definitions by name, in ECMAScript 5.1; one may call others."""
