"""Processes that are made while a workflow runs: what makes them, then what it made.

Implements cwltool's extension ``cwltool:ProcessGenerator`` in terms of the IR's
:class:`~fairwf.ir.workflow.Generator`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.expansion.frames import Definitions
from fairwf.engine.expansion.scheduler import Waits
from fairwf.engine.expansion.world import Place, World
from fairwf.engine.failures import Failed, Failure
from fairwf.ir.expressions import File
from fairwf.ir.values import Value
from fairwf.ir.workflow import Generator, Operation, Process

MAX_NESTED = 16
"""How often what was made may make something itself."""

Run = Callable[[Process, Mapping[str, Value], Place, Definitions], Waits[dict[str, Value]]]

_MADE = "made"


def run_generated(
    world: World,
    process: Operation,
    generator: Generator,
    inputs: Mapping[str, Value],
    place: Place,
    definitions: Definitions,
    run: Run,
) -> Waits[dict[str, Value]]:
    """Run what makes the process, then what it made, and return all its outputs.

    Raises:
        Failed: one of them failed, FWF4035 what it made is no process that can run here.
    """
    if place.index.count(_MADE) >= MAX_NESTED:
        raise _fault(world, generator, place, "what it makes makes processes without end")
    maker, inner = definitions.find(generator.run)
    taken = {port.id for port in maker.inputs}
    given = {name: value for name, value in inputs.items() if name in taken}
    told = yield from run(maker, given, place.at("!make", "maker"), inner)
    file = told.get(generator.process)
    path = path_of_location(file.location or "") if isinstance(file, File) else None
    if path is None:
        text = f"{generator.process!r:.60} must be a file with a process, not {describe(file)}"
        raise _fault(world, generator, place, text)
    made = world.read_process(path, place)
    rest: Any = {name: value for name, value in inputs.items() if name not in taken}
    if generator.arguments is not None and told.get(generator.arguments) is not None:
        rest = told[generator.arguments]
        if not isinstance(rest, Mapping):
            text = f"{generator.arguments!r:.60} must be a record of inputs, not {describe(rest)}"
            raise _fault(world, generator, place, text)
    outputs = yield from run(made, rest, place.at("!made", _MADE), Definitions({}))
    return {**outputs, **{port.id: outputs.get(port.id) for port in process.outputs}}


def _fault(world: World, generator: Generator, place: Place, text: str) -> Failed:
    span = world.origins.get(generator)
    hint = "look at what the step wrote in its folder, in the run directory"
    return Failed(Failure.of("FWF4035", text, place.key, span=span, hint=hint))
