"""Reading small CWL documents in tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.report import FairwfError, Report
from fairwf_cwl.read import read


class Reading:
    """A folder of CWL files; reads them and remembers the last report."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.report = Report()

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def document(self, text: str, name: str = "main.cwl", fragment: str | None = None) -> Document:
        self.report = Report()
        path = self.file(name, text)
        source = Source(name=name, path=path, fragment=fragment)
        return read(source, ReadOptions(), self.report)

    def tool(self, body: str, version: str = "v1.2") -> Any:
        """Read a CommandLineTool; `inputs` and `outputs` default to none."""
        head = f"cwlVersion: {version}\nclass: CommandLineTool\n"
        for key in ("inputs", "outputs"):
            if not any(line.startswith(f"{key}:") for line in body.splitlines()):
                head += f"{key}: []\n"
        return self.document(head + body).workflow

    def faults(self, text: str, **more: str) -> list[tuple[str, int | None, int | None]]:
        """Return code, line and column of every error of a document that must be refused."""
        with pytest.raises(FairwfError):
            self.document(text, **more)
        return [(d.code, d.line, d.column) for d in self.report.errors]

    @property
    def hints(self) -> str:
        return "\n".join(f"{d.message} {d.hint}" for d in self.report)


@pytest.fixture
def cwl(tmp_path: Path) -> Reading:
    return Reading(tmp_path)


@pytest.fixture(scope="session")
def tool_text() -> Callable[[str, str], str]:
    """A tool `cat` with an input and an output, to be run by steps."""

    def text(input_: str = "x: File", output: str = "y: stdout") -> str:
        return (
            "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: cat\n"
            f"inputs: {{{input_}}}\noutputs: {{{output}}}\n"
        )

    return text
