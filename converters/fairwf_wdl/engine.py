"""miniwdl, the engine of WDL that is asked for outputs to compare with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.ir.values import Value
from fairwf.native import NativeRun
from fairwf_wdl.jobs import value_of

_BACKEND = "MINIWDL__SCHEDULER__CONTAINER_BACKEND"
_GROUP = "miniwdl.plugin.container_backend"


class Miniwdl:
    """Runs documents with ``miniwdl run``; ``backend`` is what runs its containers."""

    name = "miniwdl"

    def __init__(self, version: str, backend: str) -> None:
        self.version = version
        self.backend = backend

    def run(self, document: Document, place: str, job: Path | None, folder: Path) -> NativeRun:
        """Run a document, see :class:`fairwf.native.NativeEngine`."""
        path, _, task = place.partition("#")
        command = [sys.executable, "-m", "WDL", "run", str(Path(path).absolute())]
        command += ["--no-color", "-o", str(folder / "outputs.json"), "-d", f"{folder}/run/."]
        command += ["--task", task] if task else []
        command += ["-i", str(job.absolute())] if job is not None else []
        (folder / "run").mkdir()
        environment = {**os.environ, _BACKEND: self.backend}
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", cwd=folder, env=environment
        )
        if done.returncode:
            return NativeRun(None, _fault(done.stderr))
        given = json.loads((folder / "outputs.json").read_text())
        return NativeRun(outputs_of(document, given["outputs"]))


def _fault(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if "ERROR" in line or "error" in line]
    return (lines or stderr.splitlines() or ["it says nothing"])[-1][:600]


def outputs_of(document: Document, given: Mapping[str, Any]) -> dict[str, Value]:
    """Return an object of outputs (``{"workflow.output": value}``) by output id."""
    prefix = f"{getattr(document.workflow, 'id', '')}."
    bare = {name.removeprefix(prefix): value for name, value in given.items()}
    return {
        port.id: value_of(bare.get(port.id), port.type, Path("/"))
        for port in getattr(document.workflow, "outputs", ())
    }


def find() -> Miniwdl | None:
    """Return miniwdl, None where it is not installed or nothing here runs its containers."""
    try:
        version = metadata.version("miniwdl")
    except metadata.PackageNotFoundError:
        return None
    backend = os.environ.get(_BACKEND)
    known = [entry.name for entry in metadata.entry_points(group=_GROUP)]
    if backend is None:
        backend = next(iter(known), None)
    if backend is None:
        backend = "podman" if shutil.which("podman") and os.geteuid() == 0 else None
    return Miniwdl(version, backend) if backend is not None else None
