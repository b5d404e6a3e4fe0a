"""The places of a process where expressions stand, and the names that each place sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from fairwf.ir import types as ir
from fairwf.ir.command import Argument, Rendering, StagedItem, Words
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import BoolLit, Expr, FloatLit, Input, IntLit
from fairwf.ir.ports import (
    Collect,
    CollectRecord,
    Evaluated,
    FieldFiles,
    Glob,
    InputPort,
    OutputPort,
    SecondaryFile,
)
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.workflow import Command, Process, Pure, Script
from fairwf_cwl.bindings import Bound, Names, self_of
from fairwf_cwl.ports import primary
from fairwf_cwl.process import RUNTIME


@dataclass(frozen=True)
class Place:
    """A place: its names.

    ``strip`` of False where blanks around the text count, ``computed`` where CWL wants an
    expression and takes no plain text.
    """

    names: Names
    strip: bool = True
    computed: bool = False


Change = Callable[[Expr, Place], Expr]
"""Gives the expression that is to stand at a place."""

P = TypeVar("P", InputPort, OutputPort, FieldFiles)


def names_of(process: Process) -> Names:
    """Return the names that expressions inside a process see."""

    def bound(port: InputPort) -> Bound:
        return Bound(lambda: Input(name=port.id), port.type)

    inputs = {port.id: bound(port) for port in process.inputs}
    runtime = RUNTIME if isinstance(process, (Command, Script, Pure)) else ()
    return Names(inputs=inputs, runtime=runtime)


def ended(names: Names) -> Names:
    """Return the names that are there once the task has ended."""
    return (
        msgspec.structs.replace(names, runtime=(*names.runtime, "exitCode"))
        if names.runtime
        else names
    )


def matches(type_: ir.Type) -> Bound:
    """Return ``self`` of ``outputEval`` for a port of this type."""
    names: set[str] = set()
    stack = [type_]
    while stack:
        part = stack.pop()
        if isinstance(part, ir.ArrayType):
            stack.append(part.items)
        elif isinstance(part, ir.UnionType):
            stack.extend(part.members)
        elif isinstance(part, ir.OptionalType):
            stack.append(part.item)
        elif not isinstance(part, (ir.RecordType, ir.EnumType, ir.NoneType)):
            names.add(str(type(part).__struct_config__.tag))
    if "any" in names or "Directory" in names:
        items: ir.Type = ir.AnyType() if names - {"Directory"} else ir.DirectoryType()
        return self_of(ir.ArrayType(items=items))
    return self_of(ir.ArrayType(items=ir.FileType()))


def present(type_: ir.Type) -> ir.Type:
    """Return the type without none."""
    return type_.item if isinstance(type_, ir.OptionalType) else type_


class Places:
    """Visits every expression of a process that stands as a text in CWL."""

    def __init__(self, process: Process, change: Change) -> None:
        self.process = process
        self.change = change
        self.names = names_of(process)
        self.here = Place(self.names)
        self.number = Place(self.names, computed=True)
        self.files = Place(self.names.with_self(self_of()))

    def inputs(self) -> tuple[InputPort, ...]:
        """Return the input ports, changed."""
        return tuple(self._port(port) for port in self.process.inputs)

    def outputs(self) -> tuple[OutputPort, ...]:
        """Return the output ports, changed; a workflow's links are left alone."""
        return tuple(
            msgspec.structs.replace(
                self._port(port),
                collect=self._collect(port.collect, port.type) if port.collect else None,
            )
            for port in self.process.outputs
        )

    def _port(self, port: P) -> P:
        beside = Place(self.names.with_self(primary(getattr(port, "type", None))))
        secondary = tuple(
            SecondaryFile(
                pattern=self.change(part.pattern, beside),
                required=self._value(part.required, replace(beside, computed=True)),
            )
            for part in port.secondary
        )
        format_ = tuple(self.change(one, self.files) for one in port.format)
        fields = {name: self._port(inner) for name, inner in port.fields.items()}
        return msgspec.structs.replace(port, secondary=secondary, format=format_, fields=fields)

    def _value(self, value: Expr | None, place: Place) -> Expr | None:
        if value is None or isinstance(value, (BoolLit, IntLit, FloatLit)):
            return value
        return self.change(value, place)

    def _collect(self, collect: Collect, type_: ir.Type) -> Collect:
        after = Place(ended(self.names).with_self(matches(type_)), computed=True)
        if isinstance(collect, Glob):
            evaluate = self.change(collect.evaluate, after) if collect.evaluate else None
            patterns = tuple(self.change(one, self.here) for one in collect.patterns)
            return msgspec.structs.replace(collect, patterns=patterns, evaluate=evaluate)
        if isinstance(collect, Evaluated):
            return Evaluated(value=self.change(collect.value, after))
        if isinstance(collect, CollectRecord):
            types = _members(type_)
            fields = {
                name: self._collect(inner, types.get(name, ir.AnyType()))
                for name, inner in collect.fields.items()
            }
            return CollectRecord(fields=fields)
        return collect

    def task(self, task: Command | Script) -> Command | Script:
        """Return the task with every expression changed but the command line's values."""
        environment = task.environment
        variables = {k: self.change(v, self.here) for k, v in environment.variables.items()}
        network, cacheable = task.network, task.cacheable
        return msgspec.structs.replace(
            task,
            inputs=self.inputs(),
            outputs=self.outputs(),
            stdin=self._stdin(task),
            stdout=self.change(task.stdout, self.here) if task.stdout else None,
            stderr=self.change(task.stderr, self.here) if task.stderr else None,
            staging=tuple(self._staged(item) for item in task.staging),
            environment=_with_variables(environment, variables),
            resources=self._resources(task.resources),
            network=network if isinstance(network, str) else self.change(network, self.number),
            cacheable=(
                cacheable if isinstance(cacheable, bool) else self.change(cacheable, self.number)
            ),
        )

    def _stdin(self, task: Command | Script) -> Expr | None:
        return self.change(task.stdin, self.here) if task.stdin is not None else None

    def _staged(self, item: StagedItem) -> StagedItem:
        if literal_entry(item):
            return item
        dirent = item.name is not None or item.writable
        return msgspec.structs.replace(
            item,
            value=self.change(item.value, Place(self.names, strip=not dirent)),
            name=self.change(item.name, self.here) if item.name is not None else None,
        )

    def _resources(self, resources: Resources) -> Resources:
        changes: dict[str, object] = {}
        for name in ("cores", "memory", "tmp_space", "out_space"):
            amount = getattr(resources, name)
            if amount is not None:
                changes[name] = self._amount(amount)
        if resources.time is not None:
            changes["time"] = self._value(resources.time, self.number)
        if resources.ranks is not None:
            changes["ranks"] = self._value(resources.ranks, self.number)
        if resources.gpu is not None and resources.gpu.count is not None:
            count = self._amount(resources.gpu.count)
            changes["gpu"] = msgspec.structs.replace(resources.gpu, count=count)
        return msgspec.structs.replace(resources, **changes) if changes else resources

    def _amount(self, amount: Amount) -> Amount:
        return Amount(
            min=self._value(amount.min, self.number), max=self._value(amount.max, self.number)
        )

    # --- the command line ---------------------------------------------------------------------

    def argument(self, argument: Argument, bound: ir.Type | None) -> Argument:
        """Return an argument, changed; ``bound`` is the type of the input that it is bound to."""
        value = argument.value
        if bound is None:
            value = self.change(value, self.here)
        position = argument.position
        if position is not None and not isinstance(position, IntLit):
            taken = argument.value
            self_ = Bound(lambda: taken, bound) if bound is not None else None
            position = self.change(position, Place(self.names.with_self(self_), computed=True))
        rendering = self.rendering(argument.rendering, bound)
        return Argument(value=value, rendering=rendering, position=position)

    def rendering(self, rendering: Rendering, type_: ir.Type | None) -> Rendering:
        """Return a rendering, changed."""
        changes: dict[str, object] = {}
        whole = present(type_) if type_ is not None else ir.AnyType()
        if rendering.value is not None:
            names = self.names.with_self(self_of(whole))
            changes["value"] = self.change(rendering.value, Place(names))
        if rendering.items is not None:
            inner = whole.items if isinstance(whole, ir.ArrayType) else ir.AnyType()
            changes["items"] = self.rendering(rendering.items, inner)
        if rendering.fields:
            types = _members(whole)
            changes["fields"] = tuple(
                msgspec.structs.replace(
                    part, rendering=self.rendering(part.rendering, types.get(part.name))
                )
                for part in rendering.fields
            )
        if rendering.cases:
            changes["cases"] = tuple(
                msgspec.structs.replace(case, rendering=self.rendering(case.rendering, case.type))
                for case in rendering.cases
            )
        return msgspec.structs.replace(rendering, **changes) if changes else rendering


def _with_variables(environment: Environment, variables: dict[str, Expr]) -> Environment:
    return msgspec.structs.replace(environment, variables=variables) if variables else environment


def _members(type_: ir.Type) -> dict[str, ir.Type]:
    if isinstance(type_, ir.RecordType):
        return {member.name: member.type for member in type_.fields}
    if isinstance(type_, ir.OptionalType):
        return _members(type_.item)
    if isinstance(type_, ir.UnionType):
        return {name: t for member in type_.members for name, t in _members(member).items()}
    return {}


def literal_entry(item: StagedItem) -> bool:
    """Tell whether a staged item is written as an object: files by themselves, no name."""
    from fairwf.ir.expressions import Array, Directory, File

    if item.name is not None or item.writable:
        return False
    value = item.value
    if isinstance(value, Array):
        return all(isinstance(part, (File, Directory)) for part in value.items)
    return isinstance(value, (File, Directory))


def words_of(task: Command | Script) -> tuple[Argument, ...] | None:
    """Return the arguments of the command line; None where a script is more than words."""
    if isinstance(task, Command):
        return task.arguments
    usual = task.interpreter == ("/bin/sh", "-c") and task.delivery == "argument"
    if usual and len(task.body) == 1 and isinstance(task.body[0], Words):
        return task.body[0].arguments
    return None


def with_words(task: Command | Script, arguments: tuple[Argument, ...]) -> Command | Script:
    """Return the task with another command line."""
    if isinstance(task, Command):
        return msgspec.structs.replace(task, arguments=arguments)
    return msgspec.structs.replace(task, body=(Words(arguments=arguments),))
