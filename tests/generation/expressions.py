"""Expressions of a wanted type over given references; every node of the tree is drawn."""

from collections.abc import Sequence

from hypothesis import strategies as st

from fairwf.ir.expressions import (
    Array,
    Attr,
    Binding,
    Call,
    Each,
    Expr,
    If,
    Index,
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.rewriting import map_children
from fairwf.ir.types import FileType, IntType, KeyedType, StringType, Type
from tests.generation.values import bool_lits, file_lits, int_lits, plain_ids, string_lits

Available = Sequence[tuple[Expr, Type]]


def copy(node: Expr) -> Expr:
    """Return a new tree: no node stands in two places."""
    import msgspec

    return msgspec.structs.replace(map_children(node, copy))  # type: ignore[arg-type, type-var]


def _of(available: Available, kind: type[Type]) -> list[Expr]:
    return [expr for expr, type_ in available if isinstance(type_, kind)]


@st.composite
def bools(draw: st.DrawFn, available: Available, depth: int = 1) -> Expr:
    """Draw an expression that gives a truth value."""
    choice = draw(st.integers(0, 3)) if depth > 0 else 0
    if choice == 1:
        args = (draw(ints(available, depth - 1)), draw(ints(available, depth - 1)))
        return Call(function=draw(st.sampled_from(["less", "equal", "greater"])), args=args)
    whole = [expr for expr, type_ in available if not isinstance(type_, KeyedType)]
    if choice == 2 and whole:
        return Call(function="defined", args=(copy(draw(st.sampled_from(whole))),))
    if choice == 3:
        args = (draw(bools(available, depth - 1)), draw(bools(available, depth - 1)))
        return Call(function=draw(st.sampled_from(["and", "or"])), args=args)
    return draw(bool_lits)


@st.composite
def ints(draw: st.DrawFn, available: Available, depth: int = 1) -> Expr:
    """Draw an expression that gives a whole number of 64 bits."""
    known = _of(available, IntType)
    choice = draw(st.integers(0, 5)) if depth > 0 else 0
    inner = ints(available, depth - 1)
    match choice:
        case 1:
            return Call(function="add", args=(draw(inner), draw(inner)))
        case 2:
            test = draw(bools(available, depth - 1))
            return If(test=test, then=draw(inner), otherwise=draw(inner))
        case 3:
            return Index(of=Array(items=(draw(inner), draw(inner))), by=IntLit(value=1))
        case 4:
            name = draw(plain_ids)
            return Attr(of=Record(fields={name: draw(inner)}), name=name)
        case 5:
            value = draw(inner)
            binding = Binding(path=("inputs", draw(plain_ids)), value=value)
            text, form = ".".join(binding.path), draw(st.sampled_from(["expression", "body"]))
            return Opaque(
                language="javascript",
                text=text if form == "expression" else f" return {text}; ",
                form=form,
                bindings=(binding,),
                gives=IntType(),
            )
    return copy(draw(st.sampled_from(known))) if known and draw(st.booleans()) else draw(int_lits)


@st.composite
def strings(draw: st.DrawFn, available: Available, depth: int = 1) -> Expr:
    """Draw an expression that gives a text."""
    known = _of(available, StringType)
    inner = strings(available, depth - 1)
    match draw(st.integers(0, 4)) if depth > 0 else 0:
        case 1:
            return Template(parts=(draw(string_lits), draw(inner), draw(ints(available, 0))))
        case 2:
            return Call(function="to_string", args=(draw(ints(available, depth - 1)),))
        case 3:
            name = draw(plain_ids)
            body = Template(parts=(Local(name=name), draw(inner)))
            where = draw(st.none() | bools(available, 0))
            each = Each(name=name, over=Array(items=(draw(inner),)), body=body, where=where)
            return Call(function="join", args=(each, StringLit(value=",")))
        case 4:
            if files := _of(available, FileType):
                return Attr(of=copy(draw(st.sampled_from(files))), name="basename")
            return Call(function="default", args=(NoneLit(), draw(inner)))
    if known and draw(st.booleans()):
        return copy(draw(st.sampled_from(known)))
    return draw(string_lits)


@st.composite
def files(draw: st.DrawFn, available: Available) -> Expr:
    """Draw an expression that gives a file."""
    known = _of(available, FileType)
    return copy(draw(st.sampled_from(known))) if known else draw(file_lits)


def expressions(available: Available, type_: Type, depth: int = 1) -> st.SearchStrategy[Expr]:
    """Return expressions of one of the types int, string and File."""
    if isinstance(type_, IntType):
        return ints(available, depth)
    return strings(available, depth) if isinstance(type_, StringType) else files(available)
