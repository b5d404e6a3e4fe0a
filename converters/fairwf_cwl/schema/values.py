"""Texts, numbers, types, files and bindings: what fields of CWL hold."""

from __future__ import annotations

from fairwf.ir.origins import Span
from fairwf.source import SourceMap
from fairwf_cwl.interpolate import has_expression
from fairwf_cwl.shapes import Checker, Field, Shape, anything, by_key, either, items, one_of, struct

LOOPS = "v1.3.0-dev1"
"""The version that brought loops."""

text = either("a text", text=anything)
truth = either("true or false", boolean=anything)
integer = either("a whole number", integer=anything)


def _since(version: str, shape: Shape, expected: str) -> Shape:
    """Return the shape of what only documents of a version, or later ones, may say."""

    def check(value: object, span: Span, checker: Checker) -> None:
        if checker.version < version:
            hint = f"the document says cwlVersion: {checker.version}; this came with {version}"
            checker.wrong(value, span, expected, hint)
        else:
            shape(value, span, checker)

    return check


def expression(value: object, span: Span, checker: Checker) -> None:
    """Check a text that is to hold an expression."""
    if not isinstance(value, str) or not has_expression(value):
        checker.wrong(value, span, "an expression", "write $(...) or ${...}")


def _instead_of(kind: str) -> Shape:
    """Return a check of an expression where a plain value may stand, too."""

    def check(value: object, span: Span, checker: Checker) -> None:
        if not isinstance(value, str) or not has_expression(value):
            checker.wrong(value, span, f"{kind} or an expression", f"write {kind}, or $(...)")

    return check


def old_text(value: object, span: Span, checker: Checker) -> None:
    """Check an expression that v1.0 lets be any text."""
    if checker.version > "v1.0" or not isinstance(value, str):
        expression(value, span, checker)


_fraction = _since("v1.2", anything, "a whole number or an expression")
texts = either("a text or a list of texts", text=anything, list=items(text))
number = either(
    "a number or an expression", integer=anything, number=_fraction, text=_instead_of("a number")
)
position = either(
    "a whole number or an expression",
    integer=anything,
    text=_since("v1.1", _instead_of("a whole number"), "a whole number"),
)
whole = either(
    "a whole number or an expression", integer=anything, text=_instead_of("a whole number")
)
truth_or_expression = either(
    "true, false or an expression", boolean=anything, text=_instead_of("true, false")
)
listing = one_of("no_listing", "shallow_listing", "deep_listing")


def f(shape: Shape, required: bool = False, since: str = "v1.0") -> Field:
    """Return a field."""
    return Field(shape, required, since)


# --- types --------------------------------------------------------------------------------


def _schema_of(value: SourceMap, checker: Checker) -> Shape | None:
    kind = value.get("type")
    if isinstance(kind, str) and kind.rsplit("#", 1)[-1] in ("record", "array", "enum"):
        return struct(f"{kind.rsplit('#', 1)[-1]} type")
    if "type" not in value:
        checker.report.add("FWF1103", "a type needs 'type'", span=value.span.start())
    elif isinstance(kind, (SourceMap, list)):
        return struct("wrapped type")
    elif not isinstance(kind, str):
        checker.wrong(kind, value.value_span("type"), "'record', 'array' or 'enum'")
    else:
        return struct("wrapped type")
    return None


def type_(value: object, span: Span, checker: Checker) -> None:
    """Check a type: a name, an object, or a list of them."""
    _type_shape(value, span, checker)


_type_shape = either(
    "a type", text=anything, object=by_key(_schema_of), list=lambda v, s, c: items(type_)(v, s, c)
)

file_item = by_key(
    lambda value, checker: (
        struct(str(value.get("class"))) if value.get("class") in ("File", "Directory") else anything
    )
)
value_ = either(
    "a value",
    boolean=anything,
    integer=anything,
    number=anything,
    text=anything,
    null=anything,
    object=file_item,
    list=lambda v, s, c: items(_any_value)(v, s, c),
)


def _any_value(value: object, span: Span, checker: Checker) -> None:
    value_(value, span, checker)


_secondary_object = _since("v1.1", struct("SecondaryFile"), "a pattern (a text)")
_secondary_item = either("a pattern", text=anything, object=_secondary_object, null=anything)
_secondary = either(
    "a pattern, an object with 'pattern', or a list of them",
    text=anything,
    object=_secondary_object,
    list=items(_secondary_item),
)
documented = {"label": f(text), "doc": f(texts)}
files = {
    "secondaryFiles": f(_secondary),
    "streamable": f(truth),
    "format": f(texts),
}
loading = {"loadContents": f(truth, since="v1.1"), "loadListing": f(listing, since="v1.1")}
binding = either("a binding (an object)", object=struct("CommandLineBinding"))
output_binding = either("a binding (an object)", object=struct("CommandOutputBinding"))
