"""Links of a workflow as ``source`` with ``linkMerge``, ``pickValue`` and ``default``."""

from __future__ import annotations

from typing import Any

from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Array,
    Call,
    Directory,
    Each,
    Expr,
    File,
    If,
    Input,
    Local,
    NoneLit,
    Output,
    Record,
    StringLit,
)
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf_cwl.names import short
from fairwf_cwl.write.values import Values

_PICKS = {
    "first_defined": "first_non_null",
    "only_defined": "the_only_non_null",
    "all_defined": "all_non_null",
}
_LISTINGS = {"shallow": "shallow_listing", "deep": "deep_listing"}


def reference(expression: Expr) -> str | None:
    """Return a plain reference as a source, or None."""
    if isinstance(expression, Input) and short(expression.name) == expression.name:
        return expression.name
    if isinstance(expression, Output):
        text = f"{expression.step}/{expression.port}"
        return text if text.count("/") == 1 and "#" not in text else None
    return None


def merged(expression: Expr) -> dict[str, Any] | None:
    """Return ``source``, ``linkMerge`` and ``pickValue`` of a link; None where it is none."""
    if isinstance(expression, Call) and expression.function in _PICKS and len(expression.args) == 1:
        inner = _sources(expression.args[0])
        return None if inner is None else {**inner, "pickValue": _PICKS[expression.function]}
    return _sources(expression)


def _sources(expression: Expr) -> dict[str, Any] | None:
    plain = reference(expression)
    if plain is not None:
        return {"source": plain}
    if isinstance(expression, Array):
        items, merge = expression.items, "merge_nested"
    elif isinstance(expression, Call) and expression.function == "merge_flattened":
        items, merge = expression.args, "merge_flattened"
    else:
        return None
    names = [reference(item) for item in items]
    if any(name is None for name in names):
        return None
    if merge == "merge_nested" and len(names) > 1:
        return {"source": names}
    return {"source": names, "linkMerge": merge}


def loaded(expression: Expr) -> tuple[Expr, dict[str, Any]]:
    """Return what an expression loads contents or listings of, and the fields that say so."""
    fields: dict[str, Any] = {}
    for function, field in (("load_listing", "loadListing"), ("load_contents", "loadContents")):
        found = _applied(expression, function)
        if found is not None:
            expression, more = found
            fields[field] = _LISTINGS.get(more, "no_listing") if more else True
    return expression, dict(reversed(fields.items()))


def _applied(expression: Expr, function: str) -> tuple[Expr, str] | None:
    if isinstance(expression, Each) and expression.where is None:
        inner = _called(expression.body, function)
        over = Local(name=expression.name)
        return (expression.over, inner[1]) if inner and same(inner[0], over) else None
    if isinstance(expression, If) and isinstance(expression.otherwise, NoneLit):
        inner = _called(expression.then, function)
        test = Call(function="defined", args=(inner[0],)) if inner else None
        return inner if test is not None and same(test, expression.test) else None
    return _called(expression, function)


def _called(expression: Expr, function: str) -> tuple[Expr, str] | None:
    if not isinstance(expression, Call) or expression.function != function or not expression.args:
        return None
    if function == "load_contents":
        return expression.args[0], ""
    how = expression.args[1] if len(expression.args) == 2 else None
    if isinstance(how, StringLit) and how.value in _LISTINGS:
        return expression.args[0], how.value
    return None


def is_literal(expression: Expr) -> bool:
    """Tell whether an expression is a value that a document can write as a default."""
    if isinstance(expression, (File, Directory)):
        return True
    if isinstance(expression, Array):
        return all(is_literal(item) for item in expression.items)
    if isinstance(expression, Record):
        return "class" not in expression.fields and all(map(is_literal, expression.fields.values()))
    try:
        value = from_literal(expression)
    except NotLiteralError:
        return False
    return not isinstance(value, bytes)


def link(expression: Expr, values: Values) -> dict[str, Any] | None:
    """Return the fields of a step's input that say this link; None where valueFrom is needed."""
    inner, fields = loaded(expression)
    entry: dict[str, Any] = {}
    if isinstance(inner, NoneLit):
        return fields
    if isinstance(inner, Call) and inner.function == "default" and len(inner.args) == 2:
        if not is_literal(inner.args[1]) or isinstance(inner.args[1], NoneLit):
            return None
        entry["default"] = values.literal(inner.args[1])
        inner = inner.args[0]
    elif is_literal(inner):
        return {"default": values.literal(inner), **fields}
    source = merged(inner)
    return None if source is None else {**source, **entry, **fields}
