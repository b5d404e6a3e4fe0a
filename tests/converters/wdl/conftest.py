"""Reading and running small WDL documents in tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, converter
from fairwf.ir.values import from_literal
from fairwf.report import FairwfError, Report
from fairwf_wdl import CONVERTER


class Reading:
    """A folder of WDL files; reads and runs them, and remembers the last report."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report = Report()
        self._runs = 0

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def document(self, text: str, name: str = "main.wdl", fragment: str | None = None) -> Document:
        self.report = Report()
        source = Source(name=name, path=self.file(name, text), fragment=fragment)
        assert CONVERTER.read is not None
        return CONVERTER.read(source, ReadOptions(), self.report)

    def faults(self, text: str, **more: str) -> list[tuple[str, int | None, int | None]]:
        """Return code, line and column of every error of a document that must be refused."""
        with pytest.raises(FairwfError):
            self.document(text, **more)
        return [(d.code, d.line, d.column) for d in self.report.errors]

    def run(self, text: str, inputs: Mapping[str, Any] | Path | None = None) -> dict[str, Any]:
        """Return the outputs of a run, files as their paths, without the workflow's name."""
        document = fairwf.load(self.file("main.wdl", text))
        self._runs += 1
        self.report = Report()
        run = fairwf.run(
            document,
            inputs,
            run_dir=self.folder / f"run{self._runs}",
            container="none",
            report=self.report,
        )
        assert run.status == "completed", [str(one) for one in self.report]
        render = converter("wdl").render_outputs
        assert render is not None
        values = {name: from_literal(value) for name, value in run.outputs.items()}
        shown = render(document, values)
        return {key.split(".", 1)[1]: value for key, value in shown.items()}


@pytest.fixture
def wdl(tmp_path: Path) -> Reading:
    return Reading(tmp_path)
