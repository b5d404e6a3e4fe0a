"""Where JavaScript is in force: a requirement of a process holds for all that it runs."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fairwf.ir.expressions import Attr, Expr, Input, Opaque
from fairwf.ir.types import FileType
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import (
    Command,
    Loop,
    Operation,
    Process,
    ProcessRef,
    Pure,
    Script,
    Step,
    Workflow,
)
from fairwf_cwl.write.commandline import LineWriter, member_type
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.places import Change, Place, Places, with_words, words_of
from fairwf_cwl.write.steps import StepWriter
from fairwf_cwl.write.texts import Texts
from fairwf_cwl.write.values import Values


@dataclass(frozen=True)
class Scripting:
    """Whether JavaScript is in force in a process, with which libraries, and if it says so."""

    javascript: bool = False
    libraries: tuple[str, ...] = ()
    written: bool = False

    @staticmethod
    def of(process: Process, outer: Scripting | None, alone: bool = False) -> Scripting:
        """Return what holds in a process inside another; ``alone`` is one with its own file."""
        if alone and outer is not None:
            inside = Scripting.of(process, outer)
            needed = inside.written or uses_javascript(process) or needs_javascript(process)
            return Scripting(inside.javascript, inside.libraries, needed)
        own = tuple(one.text for one in process.libraries if one.language == "javascript")
        inherited = outer is not None and outer.javascript
        if isinstance(process, Operation):
            javascript = needs_javascript(process)
            return Scripting(inherited or javascript, outer.libraries if outer else (), False)
        if own or needs_javascript(process):
            if inherited and outer is not None and outer.libraries == own:
                return Scripting(True, own, False)
            return Scripting(True, own, True)
        if inherited and outer is not None and not outer.libraries:
            return Scripting(True, (), False)
        if inherited:
            return Scripting(True, (), uses_javascript_inside(process))
        return Scripting()


def uses_javascript(process: Process) -> bool:
    """Tell whether a process holds JavaScript itself, not in what it runs."""
    found = False

    def look(expression: Expr, place: Place) -> Expr:
        nonlocal found
        found = found or _is_javascript(expression)
        return expression

    every_place(process, look)
    if isinstance(process, Workflow):
        for step in process.steps:
            found = found or any(map(_is_javascript, step.inputs.values()))
            found = found or (step.when is not None and _is_javascript(step.when))
            found = found or (step.loop is not None and _is_javascript(step.loop))
    return found


def uses_javascript_inside(process: Process) -> bool:
    """Tell whether a process, or one that it runs, holds JavaScript."""
    if uses_javascript(process):
        return True
    steps = process.steps if isinstance(process, Workflow) else ()
    return any(
        uses_javascript_inside(step.run) for step in steps if not isinstance(step.run, ProcessRef)
    )


def _is_javascript(expression: Expr | Loop) -> bool:
    return any(node.language == "javascript" for node in nodes(expression, Opaque))


def needs_javascript(process: Process) -> bool:
    """Tell whether a place of the process cannot be written without JavaScript."""
    texts = Texts(javascript=False)
    needed = False

    def look(expression: Expr, place: Place) -> Expr:
        nonlocal needed
        if not needed and texts.at(expression, place) is None:
            needed = True
        return expression

    every_place(process, look)
    if not needed and isinstance(process, Workflow):
        writer = StepWriter(process, texts, Values())
        needed = any(_step_needs(writer, step) for step in process.steps)
    return needed


def _step_needs(writer: StepWriter, step: Step) -> bool:
    try:
        writer.tree(step)
    except CannotSayError:
        return True
    return False


def every_place(process: Process, change: Change) -> Process:
    """Return the process with ``change`` applied wherever a text stands, but in its steps."""
    places = Places(process, change)
    if isinstance(process, (Command, Script)):
        stdin_is_port = _stdin_port(process)
        changed = places.task(
            msgspec.structs.replace(process, stdin=None) if stdin_is_port else process
        )
        if stdin_is_port:
            changed = msgspec.structs.replace(changed, stdin=process.stdin)
        arguments = words_of(process)
        if arguments is None:
            return changed
        line = LineWriter(process.inputs).line(arguments)
        types = {port.id: port.type for port in process.inputs}
        bound = {id(placed.argument): types[name] for name, placed in line.ports.items()}
        for name, row in line.members.items():
            bound.update({id(p.argument): member_type(types[name], m) for m, p in row.items()})
        base = {id(argument) for argument in line.base}
        words = tuple(
            argument if id(argument) in base else places.argument(argument, bound.get(id(argument)))
            for argument in arguments
        )
        return with_words(changed, words)
    if isinstance(process, Pure):
        result = change(process.result, Place(places.names, computed=True))
        return msgspec.structs.replace(
            process, inputs=places.inputs(), outputs=places.outputs(), result=result
        )
    return msgspec.structs.replace(process, inputs=places.inputs(), outputs=places.outputs())


def _stdin_port(task: Command | Script) -> bool:
    value = task.stdin
    if not isinstance(value, Attr) or value.name != "path" or not isinstance(value.of, Input):
        return False
    name = value.of.name
    return any(port.id == name and isinstance(port.type, FileType) for port in task.inputs)
