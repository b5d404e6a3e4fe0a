"""Tasks in a temporary folder, run for real."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fairwf.engine.backends.local import LocalBackend
from fairwf.engine.evaluate import Evaluator
from fairwf.engine.task import (
    PreparedTask,
    TaskRequest,
    collect,
    complete_inputs,
    prepare,
)
from fairwf.ir.values import Value
from fairwf.ir.workflow import Command, Script


class Ran(NamedTuple):
    """A task that was prepared and has run."""

    outputs: dict[str, Value]
    prepared: PreparedTask
    request: TaskRequest


class Workplace:
    """Makes requests with fresh folders; ``data`` is where inputs lie."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data"
        self.data.mkdir()
        self.evaluator = Evaluator()
        self._count = 0

    def file(self, name: str, text: str = "") -> Path:
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def request(
        self, process: Command | Script, values: Mapping[str, Any] | None = None, **options: Any
    ) -> TaskRequest:
        self._count += 1
        root = self.root / f"task {self._count}"
        (root / "tmp").mkdir(parents=True, exist_ok=True)
        inputs = complete_inputs(
            process, values or {}, self.evaluator, folder=self.data, discover=True
        )
        return TaskRequest(
            id=f"t{self._count}",
            process=process,
            inputs=inputs,
            folder=str(root / "work"),
            tmp=str(root / "tmp"),
            staged=str(root / "staged"),
            logs=str(root / "logs"),
            **options,
        )

    def prepare(
        self, process: Command | Script, values: Mapping[str, Any] | None = None, **options: Any
    ) -> PreparedTask:
        return prepare(self.request(process, values, **options), self.evaluator)

    def run(
        self,
        process: Command | Script,
        values: Mapping[str, Any] | None = None,
        meddle: Callable[[Path], None] | None = None,
        **options: Any,
    ) -> Ran:
        """Run it; ``meddle`` changes the folder after the program ended."""
        request = self.request(process, values, **options)
        prepared = prepare(request, self.evaluator)
        with LocalBackend() as backend:
            backend.submit(prepared)
            (completion,) = backend.wait(60)
        if meddle is not None:
            meddle(Path(request.folder))
        return Ran(collect(request, prepared, completion, self.evaluator), prepared, request)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)
