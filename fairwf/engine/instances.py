"""Documents of the instance level: every task is given, none is derived.

Each task runs as a command in a folder of its own, where its input files lie under their ids.
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.failures import Failed, Failure, merge
from fairwf.engine.scheduler import Cell, Waits, wait
from fairwf.engine.world import Place, TaskCall, World, quote
from fairwf.ir.command import Argument, StagedItem
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Expr, File, FloatLit, Input, StringLit
from fairwf.ir.instance import Instance, names_of
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import FileType
from fairwf.ir.values import Value
from fairwf.ir.workflow import Command


class InstanceRun:
    """One execution of an instance."""

    def __init__(
        self, world: World, instance: Instance, given: Mapping[str, Value], base: Path
    ) -> None:
        self._world = world
        self._tasks = instance.tasks
        self._files = instance.files
        self._given = given
        self._base = base
        count = len(self._tasks.id)
        self._makers: dict[int, int] = {}
        for task in range(len(self._tasks.outputs)):
            for file in self._tasks.outputs.row(task):
                self._makers[file] = task
        self._values: dict[int, File] = {}
        self._missing = [0] * count
        self._children: list[list[int]] = [[] for _ in range(count)]
        for task in range(count):
            before = set(self._parents(task))
            self._missing[task] = len(before)
            for parent in before:
                self._children[parent].append(task)
        self._failed: dict[int, Failure] = {}
        self._left = count
        self._end = Cell("the tasks of the instance")

    def _parents(self, task: int) -> set[int]:
        before = set(self._tasks.parents.row(task)) if len(self._tasks.parents) else set()
        if len(self._tasks.inputs):
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
        self._check_order()
        for task in [task for task, missing in enumerate(self._missing) if missing == 0]:
            self._begin(task)
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

    def _check_order(self) -> None:
        missing = list(self._missing)
        ready = [task for task, count in enumerate(missing) if count == 0]
        done = 0
        while ready:
            task = ready.pop()
            done += 1
            for child in self._children[task]:
                missing[child] -= 1
                if missing[child] == 0:
                    ready.append(child)
        if done < len(missing):
            stuck = [self._tasks.id[task] for task, count in enumerate(missing) if count]
            shown = ", ".join(stuck[:5])
            raise Failed(
                Failure.of("FWF4004", f"{len(stuck)} tasks wait for each other: {shown}", "")
            )

    def _begin(self, task: int) -> None:
        label = self._place(task).key
        self._world.scheduler.spawn(self._one(task), label)

    def _place(self, task: int) -> Place:
        name = self._tasks.id[task]
        key = self._tasks.keys[task] if task < len(self._tasks.keys) else None
        return Place(quote(name), (name,), (key,) if key is not None else ())

    def _one(self, task: int) -> Waits[None]:
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
                yield from wait(cell)
                if isinstance(cell.value, Failure):
                    self._failed[task] = cell.value
                else:
                    self._keep(task, cell.value)
        self._left -= 1
        for child in self._children[task]:
            self._missing[child] -= 1
            if self._missing[child] == 0:
                self._begin(child)
        if self._left == 0:
            self._world.scheduler.settle(self._end)

    def _keep(self, task: int, outputs: Mapping[str, Value]) -> None:
        for number, file in enumerate(self._outputs(task)):
            value = outputs.get(f"out{number}")
            if isinstance(value, File):
                self._values[file] = value

    def _inputs(self, task: int) -> list[int]:
        rows = self._tasks.inputs
        return list(dict.fromkeys(rows.row(task))) if task < len(rows) else []

    def _outputs(self, task: int) -> list[int]:
        rows = self._tasks.outputs
        return list(dict.fromkeys(rows.row(task))) if task < len(rows) else []

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
        local = names_of(tasks, task)
        process = Command(
            id=tasks.process[task] if task < len(tasks.process) else tasks.id[task],
            inputs=tuple(InputPort(id=name, type=FileType()) for name in values),
            outputs=tuple(
                OutputPort(
                    id=f"out{number}",
                    type=FileType(),
                    collect=Glob(patterns=(_text(glob.escape(self._name(file, place, local))),)),
                )
                for number, file in enumerate(self._outputs(task))
            ),
            staging=tuple(
                StagedItem(
                    value=Input(name=f"in{number}"), name=_text(self._name(file, place, local))
                )
                for number, file in enumerate(inputs)
            ),
            arguments=tuple(
                Argument(value=_text(word)) for word in (self._program(program), *words)
            ),
        )
        cores = tasks.cores[task] if task < len(tasks.cores) else None
        amount = Amount(min=FloatLit(value=float(cores))) if cores else None
        priority = tasks.priority[task] if task < len(tasks.priority) else None
        return TaskCall(
            place=place,
            process=process,
            inputs=self._world.complete(process, values, place),
            resources=Resources(cores=amount, required=False),
            environment=Environment(),
            priority=priority or 0,
        )

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
        if "/" not in program and shutil.which(program) is not None:
            return program
        for path in (self._base / program, self._base / "bin" / program):
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return str(path.resolve())
        return program


def _text(text: str) -> Expr:
    return StringLit(value=text)
