"""Scripts of Nextflow for tests: written to a folder, read, run."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.workflow import Workflow
from fairwf.report import Report
from fairwf_nextflow.document import read


def written(folder: Path, main: str, files: Mapping[str, str] | None = None) -> Path:
    """Write a script and what lies beside it; return the script's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"main.nf": main, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder / "main.nf"


def opened(path: Path) -> tuple[Document, Report]:
    """Read a script; the folder it lies in is its tree."""
    report = Report()
    source = Source(name=path.name, path=path, tree=path.parent)
    return read(source, ReadOptions(), report), report


def workflow(path: Path) -> Workflow:
    """Read a script as a workflow."""
    document, _ = opened(path)
    assert isinstance(document.workflow, Workflow)
    return document.workflow
