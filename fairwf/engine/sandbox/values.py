"""Python values to JSON text for the engine, and back.

JSON has no NaN and no infinities. When a value holds some, every number of that kind becomes the
string NUL `n` and its JavaScript name, and every string that begins with NUL gets NUL `s` in
front: so no text of a user can be taken for a number.

An integer becomes the nearest double, as in every JavaScript engine; `inexact_integers` tells
which change. Whole numbers below 1e21 come back as int, all others as float. Keys that look like
array indices come back first and ascending.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping

from fairwf.engine.sandbox.errors import JavaScriptError

_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_MARK = "\0"
_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}
_LONG = re.compile(r"\d{16}")
_HUGE = re.compile(r"\d{309}")


def to_json(context: Mapping[str, object]) -> tuple[str, bool]:
    """JSON text in ASCII, and whether its strings are marked.

    Raises JavaScriptError(type) for what JSON cannot hold and for integers beyond the range of a
    double.
    """
    try:
        try:
            text, marked = _ENCODER.encode(context), False
        except ValueError:
            text, marked = json.dumps(_marked(context), separators=(",", ":")), True
        if _HUGE.search(text):
            for pointer, integer in _integers(context, ""):
                if _as_double(integer) is None:
                    raise JavaScriptError(f"the integer at {pointer} is beyond a double", "type")
    except RecursionError:
        raise JavaScriptError("a value for JavaScript is nested too deeply", "type") from None
    except (TypeError, ValueError) as error:
        raise JavaScriptError(f"a value cannot be given to JavaScript: {error}", "type") from None
    return text, marked


def from_json(text: str, marked: bool) -> object:
    """The value of a result. Raises JavaScriptError(type) if Python cannot hold it."""
    try:
        value: object = json.loads(text, parse_int=_integer if _LONG.search(text) else None)
        return _unmarked(value) if marked else value
    except RecursionError:
        raise JavaScriptError("the result is nested too deeply", "type") from None
    except ValueError as error:
        raise JavaScriptError(f"the result cannot be read: {error}", "type") from None


def inexact_integers(value: object) -> list[str]:
    """JSON pointers of the integers that a JavaScript number cannot hold, in document order."""
    return [pointer for pointer, item in _integers(value, "") if _as_double(item) != item]


def _integers(value: object, pointer: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _integers(
                item, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            )
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _integers(item, f"{pointer}/{index}")
    elif isinstance(value, int):
        yield pointer, value


def _as_double(integer: int) -> int | None:
    try:
        return int(float(integer))
    except OverflowError:
        return None


def _integer(digits: str) -> int:
    # JavaScript writes the fewest digits that tell a double from its neighbours.
    return int(digits) if len(digits) < 16 else int(float(digits))


def _marked(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return f"{_MARK}n{_NAMES.get(value, 'NaN')}"
    if isinstance(value, str):
        return f"{_MARK}s{value}" if value.startswith(_MARK) else value
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item) for item in value]
    return value


def _unmarked(value: object) -> object:
    if isinstance(value, str) and value.startswith(_MARK):
        return float(value[2:]) if value[1:2] == "n" else value[2:]
    if isinstance(value, dict):
        return {key: _unmarked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    return value
