"""Every place of a document where an expression stands, with what it sees and what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from fairwf.check.assignability import takes_none
from fairwf.check.infer import infer, items_of
from fairwf.check.scope import Scope
from fairwf.check.signatures import join
from fairwf.ir.command import Argument, Placeholder, Rendering, Words
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Expr, NoneLit
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
from fairwf.ir.resources import Amount, Resources, Retry
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    FileType,
    FloatType,
    IntType,
    KeyedType,
    OptionalType,
    RecordField,
    RecordType,
    StreamType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.walk import children
from fairwf.ir.workflow import (
    Command,
    Demand,
    Loop,
    Operation,
    Process,
    ProcessRef,
    Pure,
    Scatter,
    Script,
    Step,
    WaitDuration,
    Workflow,
)

Definitions = Mapping[str, Process]
"""The processes that a reference can name here: of all enclosing workflows, inner ones first."""

Expression = Expr.__args__  # type: ignore[attr-defined]


class Site(msgspec.Struct, frozen=True):
    """An expression where it stands. ``wanted`` is the type that the place takes, if one.

    ``spare`` says when a value that never fits does no harm: where only ``none`` does, or as a
    ``default`` that nobody needs. It is then a warning. ``declares``: the wanted type is but what
    the output says of itself, and can be another.
    """

    expression: Expr
    scope: Scope
    wanted: Type | None = None
    spare: Literal["none", "default"] | None = None
    declares: bool = False


class Placed(msgspec.Struct, frozen=True):
    """A process where it stands, with the processes that its references can name."""

    process: Process
    definitions: Definitions


def number() -> Type:
    """Return the type of a number of either kind."""
    return UnionType(members=(IntType(), FloatType()))


def resolve(run: Process | ProcessRef, definitions: Definitions) -> Process | None:
    """Return the process that a step runs; None where a reference points to nothing."""
    return definitions.get(run.name) if isinstance(run, ProcessRef) else run


def placed(root: Process, definitions: Definitions | None = None) -> Iterator[Placed]:
    """Yield every process of the tree, outer ones first."""
    known = definitions or {}
    yield Placed(root, known)
    made = root.generator if isinstance(root, Operation) else None
    if made is not None and not isinstance(made.run, ProcessRef):
        yield from placed(made.run, known)
    if not isinstance(root, Workflow):
        return
    inner = {**known, **root.processes}
    for process in root.processes.values():
        yield from placed(process, inner)
    for step in root.steps:
        runs = [step.run, *(handler.run for handler in step.handlers)]
        for run in runs:
            if run is not None and not isinstance(run, ProcessRef):
                yield from placed(run, inner)


def input_types(process: Process) -> dict[str, Type]:
    """Return the type of each input as expressions inside see it: a default replaces none."""
    types: dict[str, Type] = {}
    for port in process.inputs:
        type_ = port.type
        replaced = port.default is not None and not isinstance(port.default, NoneLit)
        if replaced and isinstance(type_, OptionalType):
            type_ = type_.item
        if isinstance(type_, StreamType) and isinstance(process, (Command, Script)):
            type_ = FileType()  # the pipe that its items come through
        types[port.id] = type_
    return types


def output_types(step: Step, definitions: Definitions) -> dict[str, Type]:
    """Return what each output of a step is to the other steps: scattered, skipped, looped."""
    process = resolve(step.run, definitions)
    if process is None:
        return {}
    return {port.id: _step_output(step, port.type) for port in process.outputs}


def _step_output(step: Step, type_: Type) -> Type:
    if step.loop is not None:
        type_ = ArrayType(items=type_) if step.loop.outputs == "all" else type_
        if step.loop.outputs == "last" and step.loop.test == "before":
            type_ = _optional(type_)
    if step.when is not None or step.cancel is not None:
        type_ = _optional(type_)
    if isinstance(step.scatter, Demand):
        keys = tuple(RecordField(name=key.name, type=key.type) for key in step.scatter.keys)
        return KeyedType(keys=keys, value=type_)
    if isinstance(step.scatter, Scatter):
        if step.scatter.mode == "stream":
            return StreamType(items=type_)
        deep = len(step.scatter.over) if step.scatter.mode == "nested_crossproduct" else 1
        for _ in range(deep):
            type_ = ArrayType(items=type_)
    return type_


def _optional(type_: Type) -> Type:
    return type_ if isinstance(type_, OptionalType) else OptionalType(item=type_)


def sites(root: Process) -> Iterator[Site]:
    """Yield the site of every outermost expression of the document."""
    for place in placed(root):
        yield from sites_of(place)


def sites_of(place: Placed) -> Iterator[Site]:
    """Yield the sites of one process, without those of processes inside it."""
    process = place.process
    inputs = input_types(process)
    inside = Scope("a process", inputs=inputs, runtime=not isinstance(process, Workflow))
    for port in process.inputs:
        yield from _input_port(port, inside)
    if isinstance(process, Workflow):
        yield from _workflow(process, place)
        return
    for output in process.outputs:
        yield from _output_port(output, inside)
    if isinstance(process, Pure):
        fields = tuple(RecordField(name=p.id, type=p.type) for p in process.outputs)
        yield Site(
            process.result, inside.at("the result of a computed step"), RecordType(fields=fields)
        )
    elif not isinstance(process, Operation):
        yield from _task(process, inside)


def _input_port(port: InputPort, scope: Scope) -> Iterator[Site]:
    if port.default is not None:
        wanted = _optional(port.type)
        yield Site(
            port.default, scope.at(f"the default of {port.id!r:.60}"), wanted, spare="default"
        )
    yield from _files(port, scope, port.type)


def _output_port(port: OutputPort, scope: Scope) -> Iterator[Site]:
    yield from _files(port, scope, port.type)
    place = scope.at(f"output {port.id!r:.60}")
    if port.collect is not None:
        yield from _collect(port.collect, place, port.type)
    if port.value is not None:
        yield Site(port.value, place, port.type, declares=True)


def _files(port: InputPort | OutputPort | FieldFiles, scope: Scope, of: Type) -> Iterator[Site]:
    own = scope.at("a secondary file").with_locals({"self": FileType()})
    for item in port.secondary:
        yield from _secondary(item, own)
    for format_ in port.format:
        yield Site(format_, own.at("a file format"))
    for fields in port.fields.values():
        yield from _files(fields, scope, of)


def _secondary(item: SecondaryFile, scope: Scope) -> Iterator[Site]:
    yield Site(item.pattern, scope)
    if item.required is not None:
        yield Site(item.required, scope, _optional(BoolType()))


def _collect(collect: Collect, scope: Scope, wanted: Type | None) -> Iterator[Site]:
    if isinstance(collect, Glob):
        texts = UnionType(members=(StringType(), ArrayType(items=StringType())))
        for pattern in collect.patterns:
            found = _optional(texts) if wanted is not None and takes_none(wanted) else texts
            yield Site(pattern, scope.at("a glob"), found, spare="none")
        if collect.evaluate is not None:
            matches = ArrayType(items=AnyType())
            yield Site(collect.evaluate, scope.with_locals({"self": matches}), wanted)
    elif isinstance(collect, Evaluated):
        yield Site(collect.value, scope.with_locals({"self": AnyType()}), wanted)
    elif isinstance(collect, CollectRecord):
        for part in collect.fields.values():
            yield from _collect(part, scope, None)


def _task(process: Command | Script, scope: Scope) -> Iterator[Site]:
    if isinstance(process, Command):
        for argument in process.arguments:
            yield from _argument(argument, scope.at("an argument"))
    else:
        for part in process.body:
            if isinstance(part, Placeholder):
                yield Site(part.value, scope.at("a placeholder"))
                if part.default is not None:
                    yield Site(part.default, scope.at("a placeholder"))
            elif isinstance(part, Words):
                for argument in part.arguments:
                    yield from _argument(argument, scope.at("an argument"))
    for name in ("stdin", "stdout", "stderr", "seed", "network", "cacheable"):
        value = getattr(process, name)
        if isinstance(value, Expression):
            yield Site(value, scope.at(name))
    for item in process.staging:
        yield Site(item.value, scope.at("staging"))
        if item.name is not None:
            yield Site(item.name, scope.at("staging"), StringType())
    yield from _requirements(process.environment, process.resources, process.retry, scope)


def _argument(argument: Argument, scope: Scope) -> Iterator[Site]:
    value = infer(argument.value, scope)
    yield Site(argument.value, scope)
    if argument.position is not None:
        own = scope.with_locals({"self": value})
        yield Site(argument.position, own.at("a position"), number())
    yield from _rendering(argument.rendering, scope, value)


def _rendering(rendering: Rendering, scope: Scope, value: Type) -> Iterator[Site]:
    if rendering.value is not None:
        yield Site(rendering.value, scope.with_locals({"self": value}))
    if rendering.items is not None:
        yield from _rendering(rendering.items, scope, items_of(value) or AnyType())
    inside = [part.rendering for part in rendering.fields]
    for part in (*inside, *(case.rendering for case in rendering.cases)):
        yield from _rendering(part, scope, AnyType())


def _requirements(
    environment: Environment | None,
    resources: Resources | None,
    retry: Retry | None,
    scope: Scope,
) -> Iterator[Site]:
    if environment is not None:
        for variable in environment.variables.values():
            yield Site(variable, scope.at("an environment variable"))
        if environment.container is not None:
            for _, node in children(environment.container):
                if isinstance(node, Expression):
                    yield Site(node, scope.at("a container"), StringType())
    if resources is not None:
        yield from _amounts(resources, scope.at("resources"))
    if retry is not None:
        yield Site(retry.attempts, scope.at("a retry"), number())


def _amounts(node: msgspec.Struct, scope: Scope) -> Iterator[Site]:
    for _, child in children(node):
        if isinstance(child, Expression):
            yield Site(child, scope, number() if isinstance(node, Amount) else None)
        else:
            yield from _amounts(child, scope)


def workflow_scope(workflow: Workflow, definitions: Definitions) -> Scope:
    """Return what a workflow's own expressions see; ``definitions`` include its processes."""
    outputs: dict[str, Mapping[str, Type]] = {
        step.id: output_types(step, definitions) for step in workflow.steps
    }
    return Scope("a workflow output", inputs=input_types(workflow), outputs=outputs)


def _workflow(workflow: Workflow, place: Placed) -> Iterator[Site]:
    inner = {**place.definitions, **workflow.processes}
    whole = workflow_scope(workflow, inner)
    for step in workflow.steps:
        yield from step_sites(step, whole.at(f"step {step.id!r}"), inner)
    for port in workflow.outputs:
        yield from _output_port(port, whole.at("a workflow output"))


def step_scope(step: Step, whole: Scope) -> Scope:
    """Return what the links of a step see: ``whole`` and items, keys and loop state."""
    scope = whole
    if isinstance(step.scatter, Scatter):
        items = {
            over.name: items_of(infer(over.value, whole)) or AnyType() for over in step.scatter.over
        }
        scope = scope.with_locals(items)
    elif isinstance(step.scatter, Demand):
        scope = replace(scope, keys={key.name: key.type for key in step.scatter.keys})
    if step.loop is not None:
        scope = replace(scope, state=_state_types(step.loop, scope))
    return scope


def _state_types(loop: Loop, scope: Scope) -> dict[str, Type]:
    first = {name: infer(value, scope) for name, value in loop.state.items()}
    seen = replace(scope, state=first)
    following = {name: infer(value, seen) for name, value in loop.next.items()}
    return {
        name: join([type_, following[name]]) if name in following else type_
        for name, type_ in first.items()
    }


def step_sites(step: Step, whole: Scope, definitions: Definitions) -> Iterator[Site]:
    """Yield the sites of one step; ``whole`` is what the workflow's own expressions see."""
    process = resolve(step.run, definitions)
    scope = step_scope(step, whole)
    ports = {port.id: port for port in process.inputs} if process is not None else {}
    for name, value in step.inputs.items():
        wanted = None
        if name in ports:
            port = ports[name]
            wanted = _optional(port.type) if port.default is not None else port.type
        yield Site(value, scope.at(f"{scope.place}, input {name!r:.60}"), wanted)
    given = {name: infer(value, scope) for name, value in step.inputs.items()}
    taken = {**given, **{name: input_types(process)[name] for name in ports}} if process else given
    seen = replace(scope, step_inputs=taken)
    if isinstance(step.scatter, Scatter):
        for over in step.scatter.over:
            yield Site(over.value, whole.at(f"the scatter of step {step.id!r}"))
    if step.when is not None:
        yield Site(step.when, seen.at(f"the condition of step {step.id!r}"), BoolType())
    if step.cancel is not None:
        growing = replace(seen, growing=True).at(f"what cancels step {step.id!r}")
        yield Site(step.cancel, growing, BoolType())
    if step.loop is not None:
        yield from _loop_sites(step, step.loop, scope, seen, process)
    for handler in step.handlers:
        yield from _handler(handler.run, handler.inputs, scope, definitions)
    if step.approval is not None:
        yield Site(step.approval.prompt, scope.at("an approval"), StringType())
    if step.wait is not None:
        for _, node in children(step.wait):
            wanted = number() if isinstance(step.wait, WaitDuration) else StringType()
            if isinstance(node, Expression):
                yield Site(node, scope.at("a wait"), wanted)
    for value in step.produces.values():
        yield Site(value, scope.at("a path pattern"), StringType())
    inside = input_types(process) if process is not None else {}
    requirements = replace(seen, inputs={**(whole.inputs or {}), **inside}, runtime=True)
    yield from _requirements(step.environment, step.resources, step.retry, requirements)


def _loop_sites(
    step: Step, loop: Loop, scope: Scope, seen: Scope, process: Process | None
) -> Iterator[Site]:
    before = replace(scope, state=None).at(f"the first state of step {step.id!r}")
    for value in loop.state.values():
        yield Site(value, before)
    body = {port.id: port.type for port in process.outputs} if process is not None else {}
    after = replace(seen, body=body)
    for value in loop.next.values():
        yield Site(value, after.at(f"the next state of step {step.id!r}"))
    test = after if loop.test == "after" else seen
    yield Site(loop.until, test.at(f"the test of the loop of step {step.id!r}"), BoolType())
    if loop.max is not None:
        yield Site(loop.max, before.at("the limit of a loop"), number())


def _handler(
    run: Process | ProcessRef | None,
    inputs: Mapping[str, Expr],
    scope: Scope,
    definitions: Definitions,
) -> Iterator[Site]:
    process = resolve(run, definitions) if run is not None else None
    ports = {port.id: port.type for port in process.inputs} if process is not None else {}
    own = scope.at("a handler").with_locals({"error": AnyType()})
    for name, value in inputs.items():
        yield Site(value, own, ports.get(name))
