"""Expressions put into other places: inputs and outputs replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Each,
    Expr,
    If,
    Index,
    Input,
    IntLit,
    NoneLit,
    Output,
    Record,
    StepInput,
)
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.rewriting import map_children, rewrite
from fairwf.ir.types import ArrayType, StreamType
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Process, Scatter, Script, Step
from fairwf_nextflow.meaning.substitution import substituted
from fairwf_nextflow.write.failures import CannotSayError


def call(function: str, *args: Expr) -> Expr:
    """Return a call of a standard function, made short where that is plain."""
    if function == "length" and isinstance(args[0], Array):
        return IntLit(value=len(args[0].items))
    if function in ("add", "multiply") and all(isinstance(a, IntLit) for a in args):
        one, two = (a.number for a in args if isinstance(a, IntLit))
        return IntLit(value=one + two if function == "add" else one * two)
    return Call(function=function, args=args)


def item(of: Expr, by: Expr) -> Expr:
    """Return an item of an array, at once where it is written out."""
    if isinstance(of, Array) and isinstance(by, IntLit) and 0 <= by.number < len(of.items):
        return of.items[by.number]
    if isinstance(of, Each) and of.where is None:
        inner = of.over
        if isinstance(inner, Call) and inner.function == "range":
            return substituted(of.body, {of.name: by})
    return Index(of=of, by=by)


def arrays(root: Process) -> Process:
    """Return a document whose streams are arrays: channels hold the same items in their order.

    Raises:
        CannotSayError: a program takes or gives a stream.
    """
    for task in (*nodes(root, Command), *nodes(root, Script)):
        ports: list[InputPort | OutputPort] = [*task.inputs, *task.outputs]
        for port in ports:
            if isinstance(port.type, StreamType):
                raise CannotSayError("programs of Nextflow exchange nothing while they run", port)

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        match node:
            case StreamType():
                return ArrayType(items=node.items)
            case Scatter(mode="stream"):
                return msgspec.structs.replace(node, mode="dot")
            case Call(function="to_stream" | "collect"):
                return node.args[0]
            case Call(function="take"):
                return Call(function="slice", args=(node.args[0], IntLit(value=0), node.args[1]))
            case Call(function="mix"):
                return msgspec.structs.replace(node, function="concat_arrays")
        return node

    return rewrite(root, visit)


def placed(expr: Expr, inputs: Mapping[str, Expr], outputs: Mapping[tuple[str, str], Expr]) -> Expr:
    """Return an expression in terms of the whole document."""

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, Input):
            return inputs.get(node.name, NoneLit())
        if isinstance(node, Output):
            found = outputs.get((node.step, node.port))
            if found is None:
                raise CannotSayError("a step is used before it ran", node)
            return found
        again = map_children(node, visit)
        if isinstance(again, Index):
            return item(again.of, again.by)
        if isinstance(again, Attr) and isinstance(again.of, Record):
            return again.of.fields.get(again.name, NoneLit())
        return again

    return visit(expr)  # type: ignore[return-value]


def member(result: Expr, name: str) -> Expr:
    """Return a member of what a computation gives."""
    if isinstance(result, Record):
        return result.fields.get(name, NoneLit())
    if isinstance(result, If):
        then, otherwise = member(result.then, name), member(result.otherwise, name)
        return msgspec.structs.replace(result, then=then, otherwise=otherwise)
    return Attr(of=result, name=name)


def asked_of(when: Expr, step: Step) -> Expr:
    """Return a condition in terms of what the workflow sees."""

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, StepInput):
            return step.inputs.get(node.name, NoneLit())
        return map_children(node, visit)

    return visit(when)  # type: ignore[return-value]
