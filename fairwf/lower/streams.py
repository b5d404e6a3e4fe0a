"""Streams become arrays: the same items, but each step waits for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Call, IntLit
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, StreamType
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Scatter, Script
from fairwf.lower.context import Context
from fairwf.report import Fate

_WHOLE = "let one program write a file that the other one reads when it is complete"


@dataclass(frozen=True)
class StreamToArray:
    """Stream types, scatters and functions become those of arrays."""

    name: str = "stream_to_array"
    removes: Feature = Feature.STREAM
    adds: frozenset[Feature] = frozenset(
        {Feature.SCATTER, Feature.SCATTER_DOT, Feature.SCATTER_EXPRESSION, Feature.LINK_EXPRESSION}
    )
    fate: Fate = "approximated"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow without streams."""

        for program in (*nodes(workflow, Command), *nodes(workflow, Script)):
            ports: list[InputPort | OutputPort] = [*program.inputs, *program.outputs]
            for port in ports:
                if isinstance(port.type, StreamType):
                    text = "the target cannot say that programs exchange items while they run"
                    context.told("lost", port, text, _WHOLE, code="FWF3001")

        def visit(node: msgspec.Struct) -> msgspec.Struct:
            match node:
                case StreamType():
                    text = "a stream is an array: its items no longer come one by one"
                    context.told("approximated", node, text)
                    return context.made(ArrayType(items=node.items), node)
                case Scatter(mode="stream"):
                    text = "the step starts when all items are there, not as they come"
                    context.told("approximated", node, text)
                    return context.replace(node, mode="dot")
                case Call(function="to_stream" | "collect"):
                    text = f"{node.function} is not needed: the value is an array"
                    context.told("rewritten", node, text)
                    return node.args[0]
                case Call(function="take"):
                    context.told("rewritten", node, "take of a stream is a slice of an array")
                    start = context.made(IntLit(value=0), node)
                    args = (node.args[0], start, node.args[1])
                    return context.replace(node, function="slice", args=args)
                case Call(function="mix"):
                    text = "streams mixed in the order of their items are arrays one after another"
                    context.told("approximated", node, text)
                    return context.replace(node, function="concat_arrays")
                case _:
                    return node

        return context.rewrite(workflow, visit)
