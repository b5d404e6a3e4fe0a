"""A pattern in an engine: written in its format, run by the program itself, outputs by checksum."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.engine import RunOptions
from fairwf.engine import run as run_here
from fairwf.formats import Source, converter
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value, from_literal
from fairwf.report import Report
from tests.matrix.table import ENGINES

HERE = Path(__file__).parent / "patterns"
HOST = Path(__file__).resolve().parents[1] / "engines" / "miniwdl_host"
_BESIDE = Path(__file__).resolve().parents[2] / ".venv-engines/bin/snakemake"


def snakemake() -> str:
    """Return Snakemake's program: that of FAIRWF_SNAKEMAKE, or of this or the engines' Python."""
    named = os.environ.get("FAIRWF_SNAKEMAKE", "").split(":")[0]
    for place in (Path(named), Path(sys.executable).with_name("snakemake"), _BESIDE):
        if place.name == "snakemake" and place.is_file():
            return str(place)
    pytest.skip("Snakemake is not installed: `make test-all` installs it")


def pattern(name: str) -> tuple[Document, Mapping[str, Value]]:
    """Return a pattern and values for its inputs."""
    document = read_document(Source.at(HERE / f"{name}.ir.json"), Report())
    reads = converter("ir").read_inputs
    assert reads is not None
    return document, reads(Source.at(HERE / f"{name}.job.json"), document, Report())


def expected(name: str) -> Any:
    """Return the outputs that a pattern promises: a text for each file."""
    return json.loads((HERE / f"{name}.expected.json").read_text())


class Result:
    """What came of a pattern: outputs as plain values, and the codes of what was lost."""

    def __init__(self, outputs: Mapping[str, Any], losses: frozenset[str]) -> None:
        self.outputs = outputs
        self.losses = losses


def run(name: str, engine: str, folder: Path, patch: pytest.MonkeyPatch) -> Result:
    """Write a pattern for an engine, run it there, and return its outputs."""
    document, values = pattern(name)
    if engine == "fairwf":
        options = RunOptions(run_dir=folder / "run", outdir=folder / "out", container="none")
        record = run_here(document, values, options)
        assert record.status == "completed", record.error
        found = {key: from_literal(value) for key, value in record.outputs.items()}
        return Result(plain(found), frozenset())
    report, target = Report(), converter(ENGINES[engine])
    made = convert_document(document, target.name, report, folder=folder)
    losses = frozenset(d.code for d in report.by_fate("approximated", "lost"))
    for path, data in made.written.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    if engine == "snakemake":
        return Result(_snakemake(made.lowered, values, folder), losses)
    patch.setenv("PYTHONPATH", str(HOST))
    patch.setenv("MINIWDL__SCHEDULER__CONTAINER_BACKEND", "host")
    place = folder / made.written.main
    again = read_document(Source.at(place), Report())
    program = target.engine() if target.engine is not None else None
    if program is None or target.write_inputs is None:
        pytest.skip(f"{engine} cannot run here")
    ports = [port.id for port in getattr(again.workflow, "inputs", ())]
    given = dict(zip(ports, (values.get(p.id) for p in document.workflow.inputs), strict=True))  # type: ignore[union-attr]
    (folder / "job.json").write_bytes(target.write_inputs(again, given))
    (folder / "ran").mkdir()
    ran = program.run(again, str(place), folder / "job.json", folder / "ran")
    assert ran.outputs is not None, ran.said
    pairs = zip(document.workflow.outputs, again.workflow.outputs, strict=True)  # type: ignore[union-attr]
    return Result({old.id: plain(ran.outputs.get(new.id)) for old, new in pairs}, losses)


def _snakemake(document: Document, values: Mapping[str, Value], folder: Path) -> Any:
    writes = converter("snakemake").write_inputs
    assert writes is not None
    (folder / "job.yaml").write_bytes(writes(document, values))
    # rules with `run` in its own process: each would start another Snakemake
    command = [snakemake(), "-c1", "--force-use-threads", "--configfile", "job.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return plain(json.loads((folder / "outputs.json").read_text()))


def plain(value: Any) -> Any:
    """Return a value with checksums in place of files, and of those that come with them."""
    if isinstance(value, File):
        location = value.location or value.path or ""
        path = unquote(urlsplit(location).path) if "://" in location else location
        return digest(Path(path).read_bytes())
    if isinstance(value, Directory):
        return "folder"
    if isinstance(value, Mapping):
        if value.get("class") == "File":
            return digest(Path(value["path"]).read_bytes())
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def digest(data: bytes) -> str:
    """Return what stands for a file."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def promised(name: str) -> Any:
    """Return the outputs that a pattern promises, as :func:`plain` gives them."""
    document, _ = pattern(name)
    types = {port.id: port.type for port in document.workflow.outputs}  # type: ignore[union-attr]
    return {key: _promised(one, types[key]) for key, one in expected(name).items()}


def _promised(value: Any, type_: Any) -> Any:
    inner = getattr(type_, "item", None) or type_
    if isinstance(value, list):
        return [_promised(one, inner.items) for one in value]
    is_file = inner.__struct_config__.tag == "File"
    return digest(value.encode()) if is_file and value is not None else value
