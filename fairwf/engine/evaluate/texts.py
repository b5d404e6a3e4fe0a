"""Values as text: JSON and numbers as JavaScript prints them (ECMA-262 "Number::toString")."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fairwf.engine.evaluate.collections import KeyedValue, RuntimeValue, StreamValue
from fairwf.engine.evaluate.cwl_objects import to_object
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.ir.expressions import Directory, File


def number_text(number: int | float) -> str:
    """Return a number as JavaScript prints it: ``1``, ``0.5``, ``1e+21``, ``1e-7``, ``NaN``."""
    if isinstance(number, int):
        return str(number)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent
    minus = "-" if sign else ""
    if len(text) <= point <= 21:
        return minus + text + "0" * (point - len(text))
    if 0 < point <= 21:
        return f"{minus}{text[:point]}.{text[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    mantissa = text if len(text) == 1 else f"{text[0]}.{text[1:]}"
    return f"{minus}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def decimal_text(number: int | float) -> str:
    """Return a number in decimals without exponent (CWL v1.2 "CommandLineBinding")."""
    if isinstance(number, int) or not math.isfinite(number):
        return number_text(number)
    text = number_text(number)
    return format(Decimal(text), "f") if "e" in text else text


def json_text(value: RuntimeValue, spaced: bool = False) -> str:
    """Return JSON; files as CWL objects, numbers as JavaScript prints them.

    ``spaced``: a blank after each comma and colon, as CWL's conformance suite wants it of values
    that are written into texts and files; else none.

    Raises:
        FunctionError: the value, or a part of it, cannot be said in JSON.
    """
    try:
        return _json(value, ", " if spaced else ",", ": " if spaced else ":")
    except RecursionError:
        raise FunctionError("the value is nested too deeply for JSON") from None


def _json(value: Any, comma: str, colon: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if isinstance(value, float) and not math.isfinite(value):
            raise FunctionError(f"JSON has no number {number_text(value)}")
        return number_text(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        return json.dumps(base64.b64encode(value).decode("ascii"))
    if isinstance(value, (File, Directory)):
        return _json(to_object(value), comma, colon)
    if isinstance(value, Mapping):
        members = (
            json.dumps(key, ensure_ascii=False) + colon + _json(item, comma, colon)
            for key, item in value.items()
        )
        return "{" + comma.join(members) + "}"
    if isinstance(value, Sequence):
        return "[" + comma.join(_json(item, comma, colon) for item in value) + "]"
    raise FunctionError(f"{describe(value)} cannot be written as JSON")


def text_of(value: RuntimeValue) -> str:
    """Return the text that a template writes: a text as it is, anything else as JSON.

    Numbers that JSON lacks are written by their names (``NaN``, ``Infinity``).

    Raises:
        FunctionError: the value has no text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return number_text(value)
    return json_text(value, spaced=True)


def describe(value: RuntimeValue) -> str:
    """Return a value in the words of a message: ``the text 'a'``, ``an array of 3 items``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        text = str(value) if value.bit_length() < 200 else "with very many digits"
        return f"the whole number {text}"
    if isinstance(value, float):
        return f"the float {value!r}"
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) <= 60 else f"the text {value[:57] + '...'!r}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, (File, Directory)):
        kind = "file" if isinstance(value, File) else "folder"
        name = value.basename or value.path or value.location
        return f"the {kind} {name!r}" if name else f"a {kind} without a name"
    if isinstance(value, KeyedValue):
        return "a keyed collection"
    if isinstance(value, StreamValue):
        return "a stream"
    if isinstance(value, Mapping):
        names = ", ".join(map(str, list(value)[:4])) + (", ..." if len(value) > 4 else "")
        return f"a record of {names}" if names else "an empty record"
    return f"an array of {len(value)} item{'' if len(value) == 1 else 's'}"
