import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from fairwf.document import Document
from fairwf.engine import RunOptions, load_run, run
from fairwf.engine.backends.deployment import read_deployment
from fairwf.engine.events import AnyEvent
from fairwf.ir.codec import Root
from fairwf.ir.expressions import File
from fairwf.ir.values import Value, from_literal
from fairwf.report import Report
from fairwf.trace import Run

BACKEND = os.environ.get("FAIRWF_TEST_BACKEND")
"""Where tasks run in these tests, if not here: tests/clusters runs them so."""
CONFIG = "FAIRWF_TEST_CONFIG"


class Execution:
    """A run, its outputs as values (files as their text), its findings and events."""

    def __init__(self, record: Run, report: Report, events: list[AnyEvent]) -> None:
        self.record = record
        self.report = report
        self.events = events
        self.status = record.status
        self.folder = Path(record.folder or "")
        self.outputs = {name: shown(from_literal(item)) for name, item in record.outputs.items()}
        self.codes = [found.code for found in report]

    def heard(self, kind: type) -> list[str]:
        return [event.key for event in self.events if isinstance(event, kind)]  # type: ignore[attr-defined]


def shown(value: Value) -> Any:
    if isinstance(value, File):
        return Path(unquote((value.location or "").removeprefix("file://"))).read_text()
    if isinstance(value, Mapping):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    return value


@pytest.fixture
def execute(tmp_path: Path) -> Callable[..., Execution]:
    """Run a workflow in a fresh run directory."""
    count = 0

    def go(root: Root, inputs: Mapping[str, Any] | None = None, **options: Any) -> Execution:
        nonlocal count
        count += 1
        options.setdefault("run_dir", tmp_path / f"run-{count}")
        options.setdefault("wait_for_approval", False)
        options.setdefault("base", tmp_path)
        if BACKEND is not None:
            options.update(backend=BACKEND, deployment=read_deployment(Path(os.environ[CONFIG])))
        report, events = Report(), list[AnyEvent]()
        record = run(
            Document(workflow=root), inputs or {}, RunOptions(**options), events.append, report
        )
        assert load_run(record.folder or "") == record
        return Execution(record, report, events)

    return go
