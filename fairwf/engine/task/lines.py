"""Items of a stream as lines of text: what a running program writes, and what one reads.

A text is its line; any other value is JSON on one line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.reading import parse_json
from fairwf.engine.evaluate.texts import json_text
from fairwf.ir.types import FloatType, StringType, Type

LONGEST = 1 << 20
"""The longest line, in octets."""


def items_of(data: bytes, type_: Type) -> list[Any]:
    """Return the items in whole lines of text.

    Raises:
        FunctionError: a line is no UTF-8, too long, or no JSON where its type is not string.
    """
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [_item(line, number, type_) for number, line in enumerate(lines, 1)]


def _item(line: bytes, number: int, type_: Type) -> Any:
    if len(line) > LONGEST:
        raise FunctionError(f"line {number} is longer than {LONGEST} octets")
    try:
        text = line.decode().removesuffix("\r")
    except UnicodeDecodeError:
        raise FunctionError(f"line {number} is no UTF-8") from None
    if isinstance(type_, StringType):
        return text
    try:
        value = parse_json(text)
    except FunctionError as fault:
        raise FunctionError(f"line {number}: {fault.message}", fault.hint) from None
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and isinstance(type_, FloatType) else value


def written(items: Iterable[Any], type_: Type) -> bytes:
    """Return the lines of text that items are.

    Raises:
        FunctionError: a text holds the end of a line.
    """
    lines = []
    for item in items:
        text = item if isinstance(type_, StringType) and isinstance(item, str) else json_text(item)
        if "\n" in text:
            raise FunctionError(f"a text of several lines is no line of a stream: {text!r:.60}")
        lines.append(text.encode("utf-8", "surrogatepass") + b"\n")
    return b"".join(lines)
