"""Small pieces of the IR's expressions that many constructs of WDL become."""

from __future__ import annotations

from collections.abc import Callable

from fairwf.ir.expressions import (
    Array,
    Attr,
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
    Output,
    Record,
    Runtime,
    StringLit,
)
from fairwf_wdl.context import Context

Change = Callable[[Expr], Expr]

_SIMPLE = (Input, Output, Local, Runtime, BoolLit, IntLit, FloatLit, StringLit, NoneLit)


def call(function: str, *arguments: Expr) -> Call:
    """Return a standard function applied to arguments."""
    return Call(function=function, args=arguments)


def text(value: str) -> StringLit:
    """Return a text."""
    return StringLit(value=str(value))


def is_simple(value: Expr) -> bool:
    """Tell whether an expression may stand twice: a reference, a literal, or a member of one."""
    while isinstance(value, Attr):
        value = value.of
    return isinstance(value, _SIMPLE)


def used(context: Context, value: Expr, body: Change) -> Expr:
    """Return ``body`` of a value that it may use several times."""
    if is_simple(value):
        return body(value)
    name = context.fresh()
    inner = Each(name=name, over=Array(items=(value,)), body=body(Local(name=name)))
    return call("first", inner)


def opened(context: Context, value: Expr, body: Change) -> Expr:
    """Return ``body`` of a value whose members it uses, each once where they are written out."""
    return body(value) if isinstance(value, Record) else used(context, value, body)


def each(context: Context, over: Expr, body: Change) -> Expr:
    """Return ``body`` of each item of an array."""
    name = context.fresh()
    return Each(name=name, over=over, body=body(Local(name=name)))


def if_defined(context: Context, value: Expr, body: Change, otherwise: Expr | None = None) -> Expr:
    """Return ``body`` of a value that is not none, else none or what is given."""

    def choice(known: Expr) -> Expr:
        other = NoneLit() if otherwise is None else otherwise
        return If(test=call("defined", known), then=body(known), otherwise=other)

    return used(context, value, choice)


def pair(left: Expr, right: Expr) -> Record:
    """Return WDL's pair."""
    return Record(fields={"left": left, "right": right})


def at(value: Expr, index: int) -> Index:
    """Return an item of an array."""
    return Index(of=value, by=IntLit(value=index))


def member(value: Expr, name: str) -> Expr:
    """Return a member of a record; of one that is written out, what is written."""
    if isinstance(value, Record) and name in value.fields:
        return value.fields[name]
    return Attr(of=value, name=name)
