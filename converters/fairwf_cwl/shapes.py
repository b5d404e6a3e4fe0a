"""Checking the shape of a CWL document: every fault with its position, not only the first.

A shape is a function of a value, its span and the :class:`Checker`. Structures are named and
looked up in :mod:`fairwf_cwl.schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fairwf.ir.origins import Span
from fairwf.report import Report
from fairwf.source import SourceList, SourceMap, did_you_mean, nearest
from fairwf_cwl.names import is_foreign

Shape = Callable[[Any, Span, "Checker"], None]


class Field(msgspec.Struct, frozen=True):
    """A field of a structure: its shape, whether it must be there, the version that brought it."""

    shape: Shape
    required: bool = False
    since: str = "v1.0"


class Struct(msgspec.Struct, frozen=True):
    """An object with known fields. ``what`` names it in messages; ``open`` ones take any field.

    ``apart``: without a field that is not required, what the others say means the same.
    """

    what: str
    fields: Mapping[str, Field]
    open: bool = False
    apart: bool = False


class Mended(msgspec.Struct):
    """How many errors were mended in the tree, so that reading can go on and find others."""

    errors: int = 0


class Checker(msgspec.Struct, frozen=True):
    """What shapes need: the report, the structures, the version of the document.

    A fault is told, and mended where that brings no other: a mistyped field gets the name that was
    meant, a field with a wrong value goes. ``mended`` counts them.
    """

    report: Report
    structs: Mapping[str, Struct]
    version: str = "v1.2"
    code: str = "FWF1101"
    mended: Mended = msgspec.field(default_factory=Mended)

    def wrong(self, value: Any, span: Span, expected: str, hint: str | None = None) -> None:
        """Report that a value is not what is wanted."""
        self.report.add(
            self.code, f"expected {expected}, found {kind_of(value)}", span=span, hint=hint
        )


def kind_of(value: Any) -> str:
    """Return what a value is, for a message."""
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value!r:.40}"
    if isinstance(value, str):
        return f"the text {value!r:.60}"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else "null"


def anything(value: Any, span: Span, checker: Checker) -> None:
    """Any value."""


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "text"),
    (dict, "object"),
    (list, "list"),
    (type(None), "null"),
)


def either(what: str, **shapes: Shape) -> Shape:
    """Return the shape that decides by kind: boolean, integer, number, text, object, list, null."""

    def check(value: Any, span: Span, checker: Checker) -> None:
        kind = next((name for cls, name in _KINDS if isinstance(value, cls)), "null")
        shape = shapes.get(kind)
        if shape is None and kind == "integer":
            shape = shapes.get("number")
        if shape is None:
            checker.wrong(value, span, what)
        else:
            shape(value, span, checker)

    return check


def one_of(*allowed: str) -> Shape:
    """Return the shape of a text that is one of those given."""

    def check(value: Any, span: Span, checker: Checker) -> None:
        if value not in allowed or not isinstance(value, str):
            hint = did_you_mean(value, allowed) if isinstance(value, str) else None
            checker.wrong(value, span, " or ".join(repr(text) for text in allowed), hint)

    return check


def items(shape: Shape) -> Shape:
    """Return the shape of a list whose items all have ``shape``."""

    def check(value: Any, span: Span, checker: Checker) -> None:
        if not isinstance(value, SourceList):
            checker.wrong(value, span, "a list")
            return
        for index, item in enumerate(value):
            shape(item, value.item_span(index), checker)

    return check


def struct(name: str) -> Shape:
    """Return the shape of the structure of this name."""

    def check(value: Any, span: Span, checker: Checker) -> None:
        definition = checker.structs[name]
        if not isinstance(value, SourceMap):
            checker.wrong(value, span, f"{definition.what} (an object)")
            return
        check_struct(value, definition, checker)

    return check


def by_key(choose: Callable[[SourceMap, Checker], Shape | None]) -> Shape:
    """Return the shape that looks at the object itself to know its structure."""

    def check(value: Any, span: Span, checker: Checker) -> None:
        if not isinstance(value, SourceMap):
            checker.wrong(value, span, "an object")
            return
        shape = choose(value, checker)
        if shape is not None:
            shape(value, span, checker)

    return check


_NEEDED = ("requirements", "hints")
"""Fields that others count on."""


def check_struct(value: SourceMap, definition: Struct, checker: Checker, *given: str) -> None:
    """Check an object's fields; ``given`` are those that stand outside it (a map's key)."""
    fields = definition.fields
    _unknown(value, definition, checker)
    for key, item in list(value.items()):
        known = fields.get(key)
        if known is None:
            continue
        if known.since > checker.version:
            checker.report.add(
                "FWF1102",
                f"{key!r} belongs to CWL {known.since}, the document says {checker.version}",
                span=value.key_span(key),
                hint=f"say cwlVersion: {known.since}",
            )
            checker.mended.errors += 1
        elif item is not None or known.required:
            before, mended = len(checker.report.errors), checker.mended.errors
            known.shape(item, value.value_span(key), checker)
            left = len(checker.report.errors) - before - (checker.mended.errors - mended)
            if left and definition.apart and not known.required and key not in _NEEDED:
                del value[key]
                checker.mended.errors += left
    for key, known in fields.items():
        if known.required and key not in value and key not in given:
            checker.report.add(
                "FWF1103", f"{definition.what} needs {key!r}", span=value.span.start()
            )


def _unknown(value: SourceMap, definition: Struct, checker: Checker) -> None:
    """Tell of the fields that the structure does not have; mistyped ones get their names."""
    fields = definition.fields
    for key in [key for key in value if key not in fields]:
        if key.startswith("$") and key not in DIRECTIVES:
            _reserved(value, key, checker)
        elif not (definition.open or is_foreign(key) or key.startswith("$")):
            near = nearest(key, fields)
            nested = value.get("type") == _TYPES.get(key, "")
            checker.report.add(
                "FWF1102",
                f"{definition.what} has no field {key!r:.60}",
                span=value.key_span(key),
                hint=f"did you mean {near!r}?"
                if near
                else f"it belongs into the type: type: {{type: {value['type']}, {key}: ...}}"
                if nested
                else f"known: {', '.join(sorted(f for f in fields if f not in value)[:12])}",
            )
            if near is not None and near not in value:
                value.put(near, value[key], value.key_span(key), value.value_span(key))
            del value[key]
            checker.mended.errors += 1


_TYPES = {"items": "array", "symbols": "enum", "fields": "record"}
"""The types that a field belongs to, where it stands beside them by mistake."""
DIRECTIVES = frozenset(
    ["$namespaces", "$schemas", "$graph", "$base", "$import", "$include", "$mixin"]
)
"""The names that Schema Salad gives a meaning, of those that begin with a dollar sign."""


def _reserved(value: SourceMap, key: str, checker: Checker) -> None:
    hint = f"known: {', '.join(sorted(DIRECTIVES))}"
    if key.startswith(("$(", "${")):
        hint = "quote the expression: ': ' inside it makes it the name of a field"
    checker.report.add(
        "FWF1102",
        f"the field {key!r:.60} is passed over",
        span=value.key_span(key),
        hint=did_you_mean(key, DIRECTIVES) or hint,
        severity="warning",
    )


def idmap(name: str, key: str, predicate: str | None = None) -> Shape:
    """Return the shape of a list of structures, or a map of them by ``key``.

    With ``predicate`` a map's value may be that field alone (Schema Salad "Identifier maps").
    """

    def check(value: Any, span: Span, checker: Checker) -> None:
        definition = checker.structs[name]
        if isinstance(value, SourceList):
            for index, item in enumerate(value):
                if isinstance(item, SourceMap):
                    check_struct(item, definition, checker)
                else:
                    checker.wrong(item, value.item_span(index), f"{definition.what} (an object)")
        elif isinstance(value, SourceMap):
            for entry, item in value.items():
                if entry.startswith("$"):
                    continue
                place = value.value_span(entry)
                if isinstance(item, SourceMap):
                    check_struct(item, definition, checker, key)
                elif predicate is not None and (
                    item is not None or definition.fields[predicate].required
                ):
                    definition.fields[predicate].shape(item, place, checker)
                elif item is not None or any(
                    field.required for name, field in definition.fields.items() if name != key
                ):
                    checker.wrong(item, place, f"{definition.what} (an object)")
        else:
            checker.wrong(value, span, f"a list or a map by {key!r}")

    return check
