"""The entry workflow: calls of processes, joined by channels.

What a step is given is a value channel; what it runs over is a queue of tuples, in the order of the
items, which ``process.fair`` keeps. An array that a step made over a queue is its ``toList``.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import (
    Array,
    Each,
    Expr,
    Input,
    Local,
    NoneLit,
    Output,
)
from fairwf.ir.types import ArrayType, StringType, Type
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Process
from fairwf_nextflow.write.absence import asked, may_be_none
from fairwf_nextflow.write.expressions import Said, Sayer, kind_of
from fairwf_nextflow.write.failures import CannotSayError, Telling
from fairwf_nextflow.write.fusing import fused
from fairwf_nextflow.write.names import KEYWORDS, Names, claimed
from fairwf_nextflow.write.prepare import Flat, Task
from fairwf_nextflow.write.processes import ProcessWriter


class WorkflowWriter:
    """Writes the entry workflow and the modules that it includes."""

    def __init__(self, root: Process, flat: Flat, tell: Telling) -> None:
        self.root = root
        self.flat = flat
        self.tell = tell
        self.params = claimed((port.id for port in root.inputs), Names(reserved=KEYWORDS), "input")
        self.types: dict[str, Type] = {port.id: port.type for port in root.inputs}
        self.symbols = Names()
        self.aliases = claimed((task.id for task in flat.tasks), self.symbols, "step")
        self.modules: dict[str, str] = {}
        self._files = Names()
        self._known: dict[tuple[bytes, tuple[str, ...]], ProcessWriter] = {}
        self._of: dict[str, Expr] = {}
        self._made: dict[tuple[str, str], Expr] = {}
        self._emits: dict[tuple[str, str], tuple[bool, Type | None]] = {}
        self.includes: list[str] = []
        self.lines: list[str] = []
        self.published: dict[str, str] = {}

    def write(self) -> None:
        """Make all the texts.

        Raises:
            CannotSayError: Nextflow cannot say a part of it.
        """
        for task in self.flat.tasks:
            self._task(task)
        ports = {port.id: port for port in self.root.outputs}
        names = claimed((name for name, _ in self.flat.outputs), Names(reserved=KEYWORDS), "output")
        for name, value in self.flat.outputs:
            self.published[names[name]] = self._channel(self._resolved(value), ports[name])

    # --- values

    def _resolved(self, value: Expr) -> Expr:
        """Return a value in terms of what processes emit."""

        def visit(node: object) -> object:
            from fairwf.ir.rewriting import map_children

            if isinstance(node, Output):
                return self._made[node.step, node.port]
            return map_children(node, visit)  # type: ignore[type-var, arg-type]

        return fused(visit(value))  # type: ignore[arg-type]

    def _leaves(self, value: Expr) -> list[Output]:
        found: dict[tuple[str, str], Output] = {}
        for _, node in walk(value):
            if isinstance(node, Output):
                found.setdefault((node.step, node.port), node)
        return list(found.values())

    def _text_of(self, leaf: Output) -> str:
        scattered, _ = self._emits[leaf.step, leaf.port]
        text = f"{self.aliases[leaf.step]}.out.{leaf.port}"
        return f"{text}.toList()" if scattered else text

    def _sayer(self, bound: Mapping[tuple[str, str], Said]) -> Sayer:
        def leaf(node: Expr) -> Said | None:
            if isinstance(node, Input):
                type_ = self.types.get(node.name)
                if type_ is None:
                    raise CannotSayError(f"there is no input {node.name!r:.60}", node)
                optional = type(type_).__name__ == "OptionalType"
                kind = "any" if optional else kind_of(type_)
                return Said(f"params.{self.params[node.name]}", kind, type_)
            if isinstance(node, Output):
                return bound[node.step, node.port]
            return None

        def text(node: Expr) -> str | None:
            return None

        return Sayer(leaf, text)

    def _joined(self, leaves: list[Output]) -> tuple[str, str, dict[tuple[str, str], Said]]:
        """Return one channel of several, the closure's variable, and what stands for each."""
        if len(leaves) == 1:
            (only,) = leaves
            type_ = self._type(only)
            kind = (
                "list"
                if isinstance(type_, ArrayType) and self._emits[only.step, only.port][0]
                else "any"
            )
            return (
                self._text_of(only),
                "given",
                {(only.step, only.port): Said("given", kind, type_)},
            )
        parts = [f"{self._text_of(leaf)}.map {{ v -> [v] }}" for leaf in leaves]
        text = f"{parts[0]}.concat({', '.join(parts[1:])}).toList()"
        bound = {
            (leaf.step, leaf.port): Said(f"given[{number}][0]", "any", self._type(leaf))
            for number, leaf in enumerate(leaves)
        }
        return text, "given", bound

    def _type(self, leaf: Output) -> Type | None:
        scattered, type_ = self._emits[leaf.step, leaf.port]
        return ArrayType(items=type_) if scattered and type_ is not None else type_

    def _channel(self, value: Expr, at: object = None) -> str:
        """Return a value channel."""
        leaves = self._leaves(value)
        if not leaves:
            return f"channel.value({self._there(value, self._sayer({}))})"
        if isinstance(value, Output):
            return self._text_of(value)
        text, name, bound = self._joined(leaves)
        sayer = self._sayer(bound)
        found = asked(value)
        if found is None and may_be_none(value, StringType()):
            found = value
        if found is not None:
            lines = f"def found = {sayer.say(found).text}\n        found != null ? found : []"
            return f"{text}.map {{ {name} ->\n        {lines}\n    }}"
        return f"{text}.map {{ {name} -> {sayer.say(value).text} }}"

    def _there(self, value: Expr, sayer: Sayer) -> str:
        """Return a value of which none becomes an empty list, since no channel carries null."""
        if isinstance(value, NoneLit):
            return "[]"
        said = sayer.say(value)
        if said.kind == "any" and may_be_none(value, said.type):
            return f"{said.operand} != null ? {said.operand} : []"
        return said.text

    def _argument(self, value: Expr) -> str:
        """Return what a process is given beside its queue."""
        if not self._leaves(value):
            return self._there(value, self._sayer({}))
        return self._channel(value)

    # --- steps

    def _task(self, task: Task) -> None:
        inputs = {
            port.id: self._resolved(task.inputs.get(port.id, NoneLit()))
            for port in task.process.inputs
        }
        varying: list[str] = []
        queue = ""
        if task.rows is not None:
            varying = [name for name, value in inputs.items() if _sees(value, task.row)]
            queue, varying = self._queue(task, inputs, varying)
        writer = self._process(task, varying)
        args = [queue] if task.rows is not None else []
        args += [self._argument(inputs[name]) for name in writer.fixed]
        self.lines.append(f"{self.aliases[task.id]}({', '.join(args)})")
        for given in writer.given.values():
            for emit in given.emits:
                self._emits[task.id, emit.name] = (task.rows is not None, emit.type)
        for port, given in writer.given.items():
            self._made[task.id, port] = given.of(task.id, task.rows is not None)

    def _queue(
        self, task: Task, inputs: Mapping[str, Expr], varying: list[str]
    ) -> tuple[str, list[str]]:
        assert task.rows is not None
        if not varying:
            if not task.process.inputs:
                raise CannotSayError(
                    "a process without inputs runs once", task.step or task.process
                )
            varying = [task.process.inputs[0].id]
        values = [self._no_none(inputs[name]) for name in varying]
        body = values[0] if len(values) == 1 else Array(items=tuple(values))
        rows = fused(Each(name=task.row, over=self._resolved(task.rows), body=body))
        leaves = self._leaves(rows)
        if not leaves:
            return f"channel.fromList({self._sayer({}).listed(rows)})", varying
        text, name, bound = self._joined(leaves)
        said = self._sayer(bound).say(rows)
        plain = (said.kind == "list" and said.level == 0) or said.text == name
        whole = said.text if plain else f"{said.operand} as List"
        return f"{text}.flatMap {{ {name} -> {whole} }}", varying

    def _no_none(self, value: Expr) -> Expr:
        return Array(items=()) if isinstance(value, NoneLit) else value

    def _process(self, task: Task, varying: list[str]) -> ProcessWriter:
        key = (canonical_bytes(task.process), tuple(varying))
        alias = self.aliases[task.id]
        writer = self._known.get(key)
        if writer is None:
            wanted = task.process.id or task.id
            name = self._files.claim(wanted, "process")
            writer = ProcessWriter(task.process, name, varying, self.tell)
            self.modules[f"modules/{name}.nf"] = writer.text()
            self._known[key] = writer
        shown = writer.name if writer.name == alias else f"{writer.name} as {alias}"
        self.includes.append(f"include {{ {shown} }} from './modules/{writer.name}'")
        return writer


def _sees(value: Expr, row: str) -> bool:
    return any(isinstance(node, Local) and node.name == row for _, node in walk(value))
