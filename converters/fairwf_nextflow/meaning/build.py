"""Expressions of the IR, made short, and computed at once where all is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairwf.ir.expressions import (
    Array,
    Binding,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Output,
    StringLit,
    Template,
)
from fairwf.ir.types import Type
from fairwf_nextflow.meaning.substitution import substituted

_SMALL = (StringLit, NoneLit, Local, Input, Output)
_PLAIN = (BoolLit, IntLit, FloatLit, StringLit, NoneLit)
TRUTH = (
    "(v => v === null || v === undefined ? false : typeof v !== 'object' ? Boolean(v)"
    " : Array.isArray(v) ? v.length > 0 : v['class'] ? true : Object.keys(v).length > 0)(v)"
)
"""What Groovy takes for true."""


def text(value: str) -> StringLit:
    """Return a text."""
    return StringLit(value=value)


def number(value: int) -> IntLit:
    """Return a whole number."""
    return IntLit(value=value)


def literal(value: int | float | bool | str | None) -> Expr:
    """Return a literal."""
    if value is None:
        return NoneLit()
    if isinstance(value, bool):
        return BoolLit(value=value)
    if isinstance(value, int):
        return IntLit(value=value)
    if isinstance(value, float):
        return FloatLit(value=value)
    return StringLit(value=value)


def known(expr: Expr) -> tuple[bool, object]:
    """Return whether an expression is a plain literal, and its value."""
    if isinstance(expr, (IntLit, FloatLit)):
        return True, expr.number
    if isinstance(expr, (BoolLit, StringLit)):
        return True, expr.value
    return isinstance(expr, NoneLit), None


_FOLDS: Mapping[str, Callable[..., object]] = {
    "equal": lambda a, b: _same(a, b),
    "not_equal": lambda a, b: not _same(a, b),
    "not": lambda a: not a,
    "defined": lambda a: a is not None,
    "starts_with": lambda a, b: a.startswith(b),
    "ends_with": lambda a, b: a.endswith(b),
    "contains_text": lambda a, b: b in a,
    "upper": lambda a: a.upper(),
    "lower": lambda a: a.lower(),
    "trim": lambda a: a.strip(),
    "replace": lambda a, b, c: a.replace(b, c) if len(a) < 10_000 else None,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "negate": lambda a: -a,
}


def _same(a: object, b: object) -> bool:
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
    if isinstance(a, bool) or isinstance(b, bool) or not numbers:
        return type(a) is type(b) and a == b
    return a == b


def call(function: str, *args: Expr) -> Expr:
    """Return a call of a standard function, or its result where that is plain."""
    if function in ("and", "or"):
        return _joined(function, args)
    short = _shorter(function, args)
    if short is not None:
        return short
    fold = _FOLDS.get(function)
    if fold is not None and all(isinstance(arg, _PLAIN) for arg in args):
        try:
            result = fold(*(known(arg)[1] for arg in args))
        except (TypeError, AttributeError, OverflowError):
            return Call(function=function, args=args)
        if isinstance(result, (bool, int, float, str)):
            return literal(result)
    return Call(function=function, args=args)


def _shorter(function: str, args: tuple[Expr, ...]) -> Expr | None:
    """Return what is known of lists that are written out."""
    match function, args:
        case "get", (Array(items=items), IntLit(value=int(index))) if 0 <= index < len(items):
            return items[index]
        case "concat_arrays", (Array(items=first), *rest) if all(
            isinstance(one, Array) for one in rest
        ):
            more = [item for one in rest if isinstance(one, Array) for item in one.items]
            return Array(items=(*first, *more))
    return None


def over_each(name: str, over: Expr, body: Expr, where: Expr | None = None) -> Expr:
    """Return what ``body`` gives for each item; the items themselves where that is all."""
    if where is None and isinstance(body, Local) and body.name == name:
        return over
    chosen = isinstance(over, Each) and isinstance(over.body, Local) and over.body.name == over.name
    if chosen and where is None and isinstance(over, Each):
        # some of the items, and then what each gives
        test = None
        if over.where is not None:
            test = substituted(over.where, {over.name: Local(name=name)})
        return Each(name=name, over=over.over, body=body, where=test)
    return Each(name=name, over=over, body=body, where=where)


def _joined(function: str, args: tuple[Expr, ...]) -> Expr:
    ends = function == "or"
    kept: list[Expr] = []
    for arg in args:
        if isinstance(arg, BoolLit):
            if arg.value is ends:
                return arg if not kept else Call(function=function, args=(*kept, arg))
            continue
        kept.append(arg)
    if not kept:
        return BoolLit(value=not ends)
    return kept[0] if len(kept) == 1 else Call(function=function, args=tuple(kept))


def choose(test: Expr, then: Expr, otherwise: Expr) -> Expr:
    """Return a choice, or what is chosen where that is known."""
    if isinstance(test, BoolLit):
        return then if test.value else otherwise
    if then is otherwise or (
        isinstance(then, _SMALL) and then == otherwise and type(then) is type(otherwise)
    ):
        return then
    return If(test=test, then=then, otherwise=otherwise)


def template(*parts: Expr) -> Expr:
    """Return texts joined, those that are known made one."""
    found: list[Expr] = []
    for part in parts:
        inner = part.parts if isinstance(part, Template) else (part,)
        for one in inner:
            plain, value = known(one)
            if plain and not isinstance(one, FloatLit):
                shown = _shown(value)
                if found and isinstance(found[-1], StringLit):
                    found[-1] = StringLit(value=found[-1].value + shown)
                elif shown:
                    found.append(StringLit(value=shown))
            else:
                found.append(one)
    if not found:
        return StringLit(value="")
    if len(found) == 1 and isinstance(found[0], StringLit):
        return found[0]
    return Template(parts=tuple(found))


def _shown(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def javascript(code: str, gives: Type | None = None, **values: Expr) -> Opaque:
    """Return a piece of JavaScript that sees these values."""
    bindings = tuple(Binding(path=(name,), value=value) for name, value in values.items())
    return Opaque(language="javascript", text=code, bindings=bindings, gives=gives)


def at(of: Expr, index: int) -> Expr:
    """Return an item, at once where the array is written out."""
    if isinstance(of, Array) and 0 <= index < len(of.items):
        return of.items[index]
    return Index(of=of, by=IntLit(value=index))


class Names:
    """Local names that no script can hold."""

    def __init__(self) -> None:
        self._count = 0

    def fresh(self) -> str:
        """Return a new one."""
        self._count += 1
        return f"_{self._count}"

    def each(
        self, over: Expr, body: Callable[[Expr], Expr], where: Callable[[Expr], Expr] | None = None
    ) -> Expr:
        """Return what ``body`` gives for each item for which ``where`` holds."""
        name = self.fresh()
        test = where(Local(name=name)) if where else None
        return over_each(name, over, body(Local(name=name)), test)
