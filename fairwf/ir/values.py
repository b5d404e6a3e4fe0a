"""Runtime values and their literals.

A runtime value is a Python value: none, bool, int, float, str, bytes, list, dict with text keys, or
a :class:`~fairwf.ir.expressions.File` or :class:`~fairwf.ir.expressions.Directory` node. In files
it is written as a literal expression, which keeps its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

from fairwf.ir.expressions import (
    Array,
    BoolLit,
    BytesLit,
    Directory,
    Expr,
    File,
    FloatLit,
    IntLit,
    NoneLit,
    Record,
    StringLit,
)

Value = Union[
    None,
    bool,
    int,
    float,
    str,
    bytes,
    File,
    Directory,
    Sequence["Value"],
    Mapping[str, "Value"],
]

_SCALARS: dict[type[Any], Callable[..., Expr]] = {
    str: StringLit,
    bool: BoolLit,
    int: IntLit,
    float: FloatLit,
    bytes: BytesLit,
}


class NotLiteralError(ValueError):
    """An expression that is no literal stands where a value is wanted."""


def to_literal(value: Value) -> Expr:
    """Return the literal expression of a runtime value.

    Raises:
        TypeError: the value is none of the IR's.
    """
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return scalar(value=value)
    if value is None:
        return NoneLit()
    if isinstance(value, (File, Directory)):
        return value
    for kind, literal in _SCALARS.items():
        if isinstance(value, kind):
            return literal(value=value)
    if isinstance(value, Mapping):
        return Record(fields={key: to_literal(item) for key, item in value.items()})
    if isinstance(value, Sequence):
        return Array(items=tuple(map(to_literal, value)))
    raise TypeError(f"not a value of the IR: {type(value).__name__}")


def from_literal(expression: Expr) -> Value:
    """Return the runtime value of a literal expression.

    Raises:
        NotLiteralError: the expression, or a part of it, has to be evaluated.
    """
    if isinstance(expression, NoneLit):
        return None
    if isinstance(expression, (BoolLit, StringLit, BytesLit)):
        return expression.value
    if isinstance(expression, (IntLit, FloatLit)):
        return expression.number
    if isinstance(expression, (File, Directory)):
        return expression
    if isinstance(expression, Array):
        return [from_literal(item) for item in expression.items]
    if isinstance(expression, Record):
        return {key: from_literal(item) for key, item in expression.fields.items()}
    raise NotLiteralError(f"{type(expression).__name__} is no literal")
