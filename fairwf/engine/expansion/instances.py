"""Documents of the instance level: every task is given, none is derived.

Each task runs as a command in a folder of its own, where its input files lie under their ids.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.expansion.pace import Pace
from fairwf.engine.expansion.precedence import Precedence
from fairwf.engine.expansion.scheduler import Cell, Waits, wait
from fairwf.engine.expansion.world import Place, TaskCall, World, quote
from fairwf.engine.failures import Failed, Failure, merge
from fairwf.ir.command import Argument, StagedItem
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Expr, File, FloatLit, Input, StringLit
from fairwf.ir.instance import Instance, names_of
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import FileType
from fairwf.ir.values import Value
from fairwf.ir.workflow import Command

_ENVIRONMENT = Environment()
_MOST_KINDS = 256


class InstanceRun:
    """One execution of an instance."""

    def __init__(
        self, world: World, instance: Instance, given: Mapping[str, Value], base: Path
    ) -> None:
        self._world = world
        self._tasks = instance.tasks
        self._files = instance.files
        self._are_ordered = len(self._tasks.parents) > 0
        self._taking, self._giving = len(self._tasks.inputs), len(self._tasks.outputs)
        self._given = given
        self._base = base
        self._makers: dict[int, int] = {}
        for task in range(len(self._tasks.outputs)):
            for file in self._tasks.outputs.row(task):
                self._makers[file] = task
        self._values: dict[int, File] = {}
        self._order = Precedence(len(self._tasks.id), self._parents)
        self._ready: deque[int] = deque()
        self._feeding = False
        self._programs: dict[str, str] = {}
        self._commands: dict[object, Command] = {}
        self._resources: dict[float | None, Resources] = {}
        self._failed: dict[int, Failure] = {}
        self._left = len(self._tasks.id)
        self._end = Cell("the tasks of the instance")

    def _parents(self, task: int) -> set[int]:
        before = set(self._tasks.parents.row(task)) if self._are_ordered else set()
        if self._taking:
            before.update(
                self._makers[file] for file in self._tasks.inputs.row(task) if file in self._makers
            )
        before.discard(task)
        return before

    def run(self) -> Waits[dict[str, Value]]:
        """Run every task after its parents; the outputs are the files that no task takes.

        Raises:
            Failed: a task failed, or the tasks wait for each other.
        """
        stuck = self._order.stuck()
        if stuck:
            shown = ", ".join(self._tasks.id[task] for task in stuck[:5])
            raise Failed(
                Failure.of("FWF4004", f"{len(stuck)} tasks wait for each other: {shown}", "")
            )
        self._begin(self._order.first())
        if self._left:
            yield from wait(self._end)
        if self._failed:
            raise Failed(merge(self._failed.values()))
        taken = set(self._tasks.inputs.values)
        return {
            self._files.id[file]: value
            for file, value in sorted(self._values.items())
            if file in self._makers and file not in taken
        }

    def _begin(self, tasks: Iterable[int]) -> None:
        """Let tasks have their turn, at the pace at which they go on."""
        self._ready.extend(tasks)
        if self._ready and not self._feeding:
            self._feeding = True
            self._world.scheduler.spawn(self._feed(), "the tasks that are ready")

    def _feed(self) -> Waits[None]:
        pace = Pace(self._world)
        while self._ready:
            task = self._ready.popleft()
            self._world.scheduler.spawn(self._one(task), self._tasks.id[task])
            if pace.due():
                yield from pace.keep()
        self._feeding = False

    def _place(self, task: int) -> Place:
        name = self._tasks.id[task]
        key = self._tasks.keys[task] if task < len(self._tasks.keys) else None
        return Place(quote(name), (name,), (key,) if key is not None else ())

    def _one(self, task: int) -> Waits[None]:
        failures = []
        if self._failed:
            failures = [self._failed[p] for p in self._parents(task) if p in self._failed]
        if failures:
            self._failed[task] = merge(failures)
        else:
            try:
                call = self._call(task)
            except Failed as error:
                self._failed[task] = error.failure
            else:
                cell = self._world.start(call)
                if not cell.settled:
                    yield frozenset((cell,))
                if isinstance(cell.value, Failure):
                    self._failed[task] = cell.value
                else:
                    self._keep(task, cell.value)
        self._left -= 1
        self._begin(self._order.done(task))
        if self._left == 0:
            self._world.scheduler.settle(self._end)

    def _keep(self, task: int, outputs: Mapping[str, Value]) -> None:
        for number, file in enumerate(self._outputs(task)):
            value = outputs.get(f"out{number}")
            if isinstance(value, File):
                self._values[file] = value

    def _inputs(self, task: int) -> list[int]:
        return list(dict.fromkeys(self._tasks.inputs.row(task))) if task < self._taking else []

    def _outputs(self, task: int) -> list[int]:
        return list(dict.fromkeys(self._tasks.outputs.row(task))) if task < self._giving else []

    def _call(self, task: int) -> TaskCall:
        place = self._place(task)
        tasks = self._tasks
        program = tasks.program[task] if task < len(tasks.program) else None
        if not program:
            raise Failed(
                Failure.of(
                    "FWF4006",
                    f"the task {tasks.id[task]!r} has no program",
                    place.key,
                    hint="an instance runs only if its tasks say their commands",
                )
            )
        words = (
            [tasks.words[word] for word in tasks.arguments.row(task)]
            if task < len(tasks.arguments)
            else []
        )
        inputs = self._inputs(task)
        values: dict[str, Value] = {
            f"in{number}": self._source(file, place) for number, file in enumerate(inputs)
        }
        outputs = self._outputs(task)
        local = names_of(tasks, task)
        process = self._command(
            tasks.process[task] if task < len(tasks.process) else None,
            (self._program(program), *words),
            tuple(self._name(file, place, local) for file in inputs),
            tuple(self._name(file, place, local) for file in outputs),
        )
        cores = tasks.cores[task] if task < len(tasks.cores) else None
        priority = tasks.priority[task] if task < len(tasks.priority) else None
        return TaskCall(
            place=place,
            process=process,
            inputs=self._world.complete(process, values, place),
            resources=self._wanted(cores),
            environment=_ENVIRONMENT,
            priority=priority or 0,
        )

    def _command(
        self,
        name: str | None,
        words: tuple[str, ...],
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
    ) -> Command:
        """Return the process of tasks that are alike: most instances have few kinds of tasks."""
        alike = name, words, inputs, outputs
        known = self._commands.get(alike)
        if known is not None:
            return known
        if len(self._commands) == _MOST_KINDS:
            self._commands.clear()
        command = self._commands[alike] = Command(
            id=name or "",
            inputs=tuple(InputPort(id=f"in{n}", type=FileType()) for n in range(len(inputs))),
            outputs=tuple(
                OutputPort(
                    id=f"out{number}",
                    type=FileType(),
                    collect=Glob(patterns=(_text(glob.escape(file)),)),
                )
                for number, file in enumerate(outputs)
            ),
            staging=tuple(
                StagedItem(value=Input(name=f"in{number}"), name=_text(file))
                for number, file in enumerate(inputs)
            ),
            arguments=tuple(Argument(value=_text(word)) for word in words),
        )
        return command

    def _wanted(self, cores: float | None) -> Resources:
        known = self._resources.get(cores)
        if known is None:
            amount = Amount(min=FloatLit(value=float(cores))) if cores else None
            known = self._resources[cores] = Resources(cores=amount, required=False)
        return known

    def _name(self, file: int, place: Place, local: Mapping[str, str]) -> str:
        name = local.get(self._files.id[file], self._files.id[file])
        path = PurePosixPath(name)
        if path.is_absolute():
            return path.name
        if ".." in path.parts or not path.parts:
            raise Failed(
                Failure.of("FWF4014", f"the file {name!r:.80} lies outside its folder", place.key)
            )
        return name

    def _source(self, file: int, place: Place) -> Value:
        if file in self._makers:
            if file not in self._values:
                maker = self._tasks.id[self._makers[file]]
                message = f"the file {self._files.id[file]!r} was not made by {maker!r}"
                raise Failed(Failure.of("FWF4003", message, place.key))
            return self._values[file]
        name = self._files.id[file]
        if name in self._given:
            return self._given[name]
        location = self._files.location[file] if file < len(self._files.location) else None
        said = path_of_location(location) if location and location.startswith("file:") else location
        tried = [self._base / part for part in (said, name, f"data/{name}") if part]
        for path in tried:
            if path.exists():
                return File(location=str(path))
        raise Failed(
            Failure.of(
                "FWF4009",
                f"the file {name!r}, which no task makes, does not exist",
                place.key,
                hint="lay it beside the document, or name it in the inputs: "
                f"{name}: {{class: File, location: ...}}",
            )
        )

    def _program(self, program: str) -> str:
        """A program of the machine, else a script that lies with the document."""
        found = self._programs.get(program)
        if found is None:
            if len(self._programs) == _MOST_KINDS:
                self._programs.clear()
            found = self._programs[program] = self._found(program)
        return found

    def _found(self, program: str) -> str:
        if "/" not in program and shutil.which(program) is not None:
            return program
        for path in (self._base / program, self._base / "bin" / program):
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return str(path.resolve())
        return program


def _text(text: str) -> Expr:
    return StringLit(value=text)
