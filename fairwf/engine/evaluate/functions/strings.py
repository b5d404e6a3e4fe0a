"""Texts. Lengths and offsets count code points."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import Any

from fairwf.engine.evaluate.attributes import attribute
from fairwf.engine.evaluate.bounds import allow_text
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.regular import compiled
from fairwf.engine.evaluate.texts import json_text, text_of

_MAGIC = re.compile(r"[*?\[\\]")


def concat(*texts: str) -> str:
    """Texts one after the other."""
    allow_text(sum(map(len, texts)))
    return "".join(texts)


def _join(items: Sequence[Any], separator: str) -> str:
    texts = [text_of(item) for item in items]
    allow_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _replace(text: str, old: str, new: str) -> str:
    allow_text(len(text) + text.count(old) * max(0, len(new) - len(old)))
    return text.replace(old, new)


def _replace_match(text: str, pattern: str, new: str) -> str:
    pieces, end = [], 0
    for start, stop in compiled(pattern).all_matches(text):
        pieces.append(text[end:start])
        end = stop
    pieces.append(text[end:])
    allow_text(sum(map(len, pieces)) + len(new) * (len(pieces) - 1))
    return new.join(pieces)


def _find_match(text: str, pattern: str) -> str | None:
    found = compiled(pattern).first_match(text)
    return None if found is None else text[found[0] : found[1]]


def _matches(text: str, pattern: str) -> bool:
    return compiled(pattern).occurs_in(text)


def offsets(start: int, end: int | None) -> slice:
    """Return the slice between two offsets; ends beyond the last are cut.

    Raises:
        FunctionError: an offset is negative.
    """
    if start < 0 or (end is not None and end < 0):
        raise FunctionError(f"an offset must not be negative: {start if start < 0 else end}")
    return slice(start, end)


def _substring(text: str, start: int, end: int | None = None) -> str:
    return text[offsets(start, end)]


def _pad_left(text: str, length: int, fill: str) -> str:
    missing = length - len(text)
    if missing <= 0:
        return text
    if not fill:
        raise FunctionError("the text to fill with is empty")
    allow_text(length)
    return (fill * (missing // len(fill) + 1))[:missing] + text


def _repeat(text: str, times: int) -> str:
    if times < 0:
        raise FunctionError(f"a text cannot be repeated {times} times")
    allow_text(len(text) * times)
    return text * times


def _of_path(name: str) -> Callable[[Any], str]:
    def part(value: Any) -> str:
        if not isinstance(value, str):
            if name in ("nameroot", "nameext"):
                base = attribute(value, "basename")
                return posixpath.splitext(base)[name == "nameext"] if base is not None else _none()
            found = attribute(value, name) if name != "dirname" else _folder(value)
            return found if isinstance(found, str) else _none()
        if name == "dirname":
            return posixpath.dirname(value)
        base = posixpath.basename(value.rstrip("/") or value)
        if name == "basename":
            return base
        return posixpath.splitext(base)[name == "nameext"]

    def _none() -> str:
        raise FunctionError(f"the file has no {name} yet")

    return part


def _folder(value: Any) -> str | None:
    own = getattr(value, "dirname", None)
    if own is not None:
        return str(own)
    place = value.path or value.location
    return posixpath.dirname(place) if place else None


TABLE: dict[str, Callable[..., Any]] = {
    "concat": concat,
    "join": _join,
    "split": _split,
    "replace": _replace,
    "replace_match": _replace_match,
    "matches": _matches,
    "find_match": _find_match,
    "substring": _substring,
    "index_of": lambda text, part: text.find(part),
    "upper": lambda text: text.upper(),
    "lower": lambda text: text.lower(),
    "trim": lambda text: text.strip(),
    "starts_with": lambda text, part: text.startswith(part),
    "ends_with": lambda text, part: text.endswith(part),
    "contains_text": lambda text, part: part in text,
    "pad_left": _pad_left,
    "repeat": _repeat,
    "to_string": text_of,
    "to_json": json_text,
    "escape_pattern": lambda text: _MAGIC.sub(r"[\g<0>]", text),
    "strip_suffix": lambda text, ending: text.removesuffix(ending),
    **{name: _of_path(name) for name in ("basename", "nameroot", "nameext", "dirname")},
}
"""Implementations by name."""
