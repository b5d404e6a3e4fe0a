"""What reading one Snakefile needs everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.expressions import Expr
from fairwf.ir.origins import Origins, Span
from fairwf.ir.types import Type
from fairwf.report import Report, UnsupportedError
from fairwf_snakemake.reading.definitions import Program
from fairwf_snakemake.reading.expressions import Config, Translator
from fairwf_snakemake.reading.patterns import Makers
from fairwf_snakemake.snakefile.parse import span_of
from fairwf_snakemake.snakefile.static import Function, NotStaticError, fill

N = TypeVar("N", bound=msgspec.Struct)

MAX_NODES = 400_000


class Context:
    """The program, the report and origins of a document."""

    def __init__(self, program: Program, report: Report) -> None:
        self.program = program
        self.report = report
        self.origins = Origins()
        self.config = Config()
        self.translator = Translator(
            program.evaluator, self.config, program.sources, self._translated
        )
        self.makers = Makers(())
        self.file = ""
        self._nodes = 0
        self._inputs: dict[str, list[str]] = {}

    def _translated(self, node: Expr, at: Any) -> Expr:
        return self.place(node, span_of(at, self.file))

    def place(self, node: N, span: Span | None) -> N:
        """Return the node, its place recorded."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise UnsupportedError.of("FWF1009", "the document becomes too large", span=span)
        if node not in self.origins:
            self.origins.set(node, span)
        return node

    def cyclic(self, path: str) -> bool:
        """Tell whether what makes a path needs the path itself, as far as texts tell.

        Snakemake leaves a rule out that would close a circle, and takes the file that is there.
        """
        waiting, seen = [path], set[str]()
        while waiting and len(seen) < 500:
            at = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            makers, keys = self.makers.of([at], {})
            for made in makers if keys is not None else ():
                values = {name: "".join(map(str, parts)) for name, parts in (keys or {}).items()}
                for needed in self._needed(made.rule):
                    try:
                        text = fill(needed, values)
                    except NotStaticError:
                        continue
                    if text == path:
                        return True
                    waiting.append(text)
        return False

    def _needed(self, rule: str) -> list[str]:
        if rule not in self._inputs:
            definition = self.program.rules[rule]
            directive = definition.rule.directives.get("input")
            found: list[str] = []
            for node in directive.call.args if directive and directive.call else ():
                try:
                    value = self.program.evaluator.value(node, definition.names)
                except NotStaticError:
                    continue
                if isinstance(value, Function) and value.parameters:
                    try:
                        value = self.program.evaluator.apply(value, [None], {}, node)
                    except (NotStaticError, TypeError, AttributeError):
                        continue
                values = value if isinstance(value, (list, tuple)) else [value]
                found += [item for item in values if isinstance(item, str)]
            self._inputs[rule] = found
        return self._inputs[rule]

    def config_type(self, key: str) -> Type:
        """Return the type of a key of the configuration."""
        return type_of(self.program.config.get(key))


def type_of(value: Any) -> Type:
    """Return the type of a value of a configuration."""
    if value is None:
        return ir.OptionalType(item=ir.AnyType())
    if isinstance(value, bool):
        return ir.BoolType()
    if isinstance(value, int):
        return ir.IntType()
    if isinstance(value, float):
        return ir.FloatType()
    if isinstance(value, str):
        return ir.StringType()
    if isinstance(value, Mapping):
        return ir.MapType(keys=ir.StringType(), values=_joined(list(value.values())))
    if isinstance(value, Sequence):
        return ir.ArrayType(items=_joined(list(value)))
    return ir.AnyType()


def _joined(values: list[Any]) -> Type:
    kinds = {type(value) for value in values}
    if len(kinds) == 1 and kinds <= {str, int, float, bool}:
        return type_of(values[0])
    if any(value is None for value in values):
        return ir.OptionalType(item=ir.AnyType())
    return ir.AnyType()
