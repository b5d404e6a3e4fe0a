"""Functions that the rules of this workflow compute with (the standard functions of fairwf)."""

from __future__ import annotations

import json
import math
import os
import re
from decimal import Decimal


def number_text(number):
    """Return a number as JSON and JavaScript print it."""
    if isinstance(number, int):
        return str(number)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text, minus = "".join(map(str, digits)), "-" if sign else ""
    point = len(text) + exponent
    if len(text) <= point <= 21:
        return minus + text + "0" * (point - len(text))
    if 0 < point <= 21:
        return f"{minus}{text[:point]}.{text[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
    return f"{minus}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def decimal_text(number):
    """Return a number without an exponent."""
    text = number_text(number)
    finite = isinstance(number, int) or math.isfinite(number)
    return format(Decimal(text), "f") if finite and "e" in text else text


def json_text(value, comma=",", colon=":"):
    """Return JSON; numbers as JavaScript prints them."""
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"JSON has no number {number_text(value)}")
        return number_text(value)
    if isinstance(value, dict):
        members = (
            json.dumps(key, ensure_ascii=False) + colon + json_text(item, comma, colon)
            for key, item in value.items()
        )
        return "{" + comma.join(members) + "}"
    return "[" + comma.join(json_text(item, comma, colon) for item in value) + "]"


def text(value):
    """Return what is written into a text: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return number_text(value) if isinstance(value, float) else json_text(value, ", ", ": ")


def template(*parts):
    """Return texts joined without separator."""
    return "".join(map(text, parts))


def is_file(value):
    """Tell whether a value is a file or folder."""
    return isinstance(value, dict) and value.get("class") in ("File", "Directory")


def path_of(value):
    """Return where a file or folder lies; of a text, itself."""
    return os.path.abspath(value["path"]) if is_file(value) else value


def attribute(whole, name):
    """Return a member of a record or an attribute of a file."""
    if not is_file(whole):
        return whole[name]
    if name in ("path", "location"):
        return path_of(whole)
    if name in ("basename", "dirname", "nameroot", "nameext"):
        return _NAMES[name](path_of(whole))
    if name in ("secondary", "secondaryFiles"):
        return whole.get("secondaryFiles", [])
    if name == "size":
        return size(whole)
    if name in ("contents", "listing", "class", "format", "checksum"):
        return whole.get(name)
    raise KeyError(f"a file has no attribute {name!r}")


def item(whole, by):
    """Return an item of an array or a value of a map."""
    if is_file(whole):
        return attribute(whole, by)
    if isinstance(whole, list) and by < 0:
        raise IndexError(f"the array has no index {by}")
    return whole[by]


_NAMES = {
    "basename": lambda path: os.path.basename(path.rstrip("/")),
    "nameroot": lambda path: os.path.splitext(os.path.basename(path))[0],
    "nameext": lambda path: os.path.splitext(os.path.basename(path))[1],
    "dirname": os.path.dirname,
}


def basename(value):
    """Return the last part of a path."""
    return _NAMES["basename"](path_of(value))


def nameroot(value):
    """Return the basename without its last extension."""
    return _NAMES["nameroot"](path_of(value))


def nameext(value):
    """Return the last extension with its dot."""
    return _NAMES["nameext"](path_of(value))


def dirname(value):
    """Return a path without its last part."""
    return os.path.dirname(path_of(value))


def size(value):
    """Return the bytes of a file, a folder, or of all in an array."""
    if value is None:
        return 0
    if isinstance(value, list):
        return sum(map(size, value))
    path = path_of(value)
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(
        os.path.getsize(os.path.join(folder, name))
        for folder, _, names in os.walk(path)
        for name in names
    )


def _same(value):
    if value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", value) if value == value else object()
    if is_file(value):
        return ("file", path_of(value))
    if isinstance(value, dict):
        return ("record", frozenset((key, _same(one)) for key, one in value.items()))
    return ("array", tuple(map(_same, value)))


def equal(a, b):
    """Tell whether two values are the same; 1 equals 1.0, true and 1 differ."""
    return _same(a) == _same(b)


def divide(a, b):
    """Return the quotient as a float."""
    if b == 0:
        raise ZeroDivisionError("division by zero")
    return a / b


def divide_int(a, b):
    """Return the quotient, towards zero."""
    if b == 0:
        raise ZeroDivisionError("division by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def modulo(a, b):
    """Return the remainder with the sign of the first."""
    if b == 0:
        raise ZeroDivisionError("division by zero")
    return -(abs(a) % abs(b)) if a < 0 else abs(a) % abs(b)


def power(a, b):
    """Return the power; whole for whole numbers with exponent from 0."""
    whole = isinstance(a, int) and isinstance(b, int) and b >= 0
    return a**b if whole else math.pow(a, b)


def nearest(number):
    """Return the nearest whole number, halves up."""
    below = math.floor(number)
    return below + 1 if number - below >= 0.5 else below


def default(value, otherwise):
    """Return the value unless it is none; ``otherwise`` computes what stands for it."""
    return otherwise() if value is None else value


def defined(value):
    """Tell whether a value is there."""
    return value is not None


def first_defined(values):
    """Return the first that is not none."""
    for value in values:
        if value is not None:
            return value
    raise ValueError("all values are none")


def all_defined(values):
    """Return those that are not none."""
    return [value for value in values if value is not None]


def only_defined(values):
    """Return the one that is not none."""
    found = all_defined(values)
    if len(found) != 1:
        raise ValueError("more than one value is not none" if found else "all values are none")
    return found[0]


def to_int(value):
    """Return a whole number of a text or number, towards zero."""
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]+", value):
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def to_bool(value):
    """Return a truth value of itself or a text."""
    if isinstance(value, bool):
        return value
    if value.lower() not in ("true", "false"):
        raise ValueError(f"expected true or false, found {value!r}")
    return value.lower() == "true"


def fixed_text(number, digits):
    """Return decimals with so many digits after the point."""
    if isinstance(number, int):
        return f"{number}.{'0' * digits}" if digits else str(number)
    return f"{number:.{digits}f}"


def index_of(whole, part):
    """Return the offset of the first occurrence, -1 without one."""
    return whole.find(part)


def split(whole, separator):
    """Return pieces between separators; an empty one splits by character."""
    return whole.split(separator) if separator else list(whole)


def part(whole, start, end=None):
    """Return a part of a text or array from an offset up to another."""
    return whole[max(start, 0) : None if end is None else max(end, 0)]


def first(items):
    """Return the first item."""
    if not items:
        raise IndexError("the array is empty")
    return items[0]


def last(items):
    """Return the last item."""
    if not items:
        raise IndexError("the array is empty")
    return items[-1]


def concat_arrays(*arrays):
    """Return arrays one after the other."""
    return [one for array in arrays for one in array]


def merge_flattened(*values):
    """Return the items of arguments that are arrays, and the others."""
    return concat_arrays(*(v if isinstance(v, list) else [v] for v in values))


def unique(items):
    """Return each value once, at its first place."""
    found = {}
    for one in items:
        found.setdefault(_same(one), one)
    return list(found.values())


def contains(items, value):
    """Tell whether one item equals the value."""
    return any(equal(one, value) for one in items)


def same(lengths):
    """Return the one length that arrays have."""
    if len(set(lengths)) != 1:
        raise ValueError(f"arrays of equal length are wanted, not of length {lengths}")
    return lengths[0]


def pairs(a, b):
    """Return pairs by index."""
    same([len(a), len(b)])
    return [[x, y] for x, y in zip(a, b)]


def transpose(rows):
    """Return rows as columns."""
    if len({len(row) for row in rows}) > 1:
        raise ValueError("arrays of equal length are wanted")
    return [list(column) for column in zip(*rows)]


def as_map(items):
    """Return a map of pairs."""
    found = {}
    for key, value in items:
        if key in found:
            raise ValueError(f"the key {key!r} occurs twice")
        found[key] = value
    return found


def merge(*maps):
    """Return the members of all, later ones first in right."""
    return {key: value for one in maps for key, value in one.items()}


def get(whole, key):
    """Return a member or item, or none where there is none."""
    if isinstance(whole, list):
        return whole[key] if isinstance(key, int) and 0 <= key < len(whole) else None
    return None if whole is None else whole.get(key)


def group_by_key(items):
    """Return pairs of each first item and the array of its second items."""
    groups = {}
    for key, value in items:
        groups.setdefault(_same(key), [key, []])[1].append(value)
    return list(groups.values())


def escape_pattern(name):
    """Return a pattern for names of files that matches this text alone."""
    return re.sub(r"([\[*?])", r"[\1]", name)
