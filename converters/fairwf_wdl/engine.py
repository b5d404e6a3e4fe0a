"""miniwdl, the engine of WDL that is asked for outputs to compare with."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.values import Value
from fairwf.native import NativeRun
from fairwf.report import Report
from fairwf_wdl.jobs import read_inputs, value_of, write_inputs

_BACKEND = "MINIWDL__SCHEDULER__CONTAINER_BACKEND"
_STDERR = re.compile(r'stderr_file: "([^"]+)"')
_TIME = re.compile(r"^[0-9-]+ [0-9:.]+ \S+ ERROR ")
_DOCKER = "docker_swarm"
_BUILT_IN = frozenset({_DOCKER, "podman", "singularity", "udocker"})
_GROUP = "miniwdl.plugin.container_backend"


class Miniwdl:
    """Runs documents with ``miniwdl run``; ``backend`` is what runs its containers."""

    name = "miniwdl"

    def __init__(self, version: str, backend: str) -> None:
        self.version = version
        self.backend = backend
        self.command: tuple[str, ...] = (sys.executable, "-m", "WDL")

    def run(self, document: Document, place: str, job: Path | None, folder: Path) -> NativeRun:
        """Run a document, see :class:`fairwf.native.NativeEngine`."""
        path, _, task = place.partition("#")
        command = [*self.command, "run", str(Path(path).absolute())]
        command += ["--no-color", "-o", str(folder / "outputs.json"), "-d", f"{folder}/run/."]
        command += ["--task", task] if task else []
        if job is not None:  # paths in it count from it, which miniwdl does not do
            given = write_inputs(document, read_inputs(Source.at(job), document, Report()))
            (folder / "inputs.json").write_bytes(given)
            command += ["-i", str(folder / "inputs.json")]
        (folder / "run").mkdir()
        environment = {**os.environ, _BACKEND: self.backend}
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", env=environment
        )
        if done.returncode:
            return NativeRun(None, _fault(done.stderr))
        found = json.loads((folder / "outputs.json").read_text())
        return NativeRun(outputs_of(document, found["outputs"]))


def _fault(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line or "error" in line]
    told = _STDERR.search("\n".join(errors))
    if told is not None and Path(told[1]).is_file():
        text = Path(told[1]).read_text(errors="replace").strip()
        return f"a task failed: {text[-500:]}" if text else "a task failed, and says nothing"
    said = (errors or lines or ["it says nothing"])[-1]
    return _TIME.sub("", said)[:600]


def outputs_of(document: Document, given: Mapping[str, Any]) -> dict[str, Value]:
    """Return an object of outputs (``{"workflow.output": value}``) by output id."""
    prefix = f"{getattr(document.workflow, 'id', '')}."
    bare = {name.removeprefix(prefix): value for name, value in given.items()}
    return {
        port.id: value_of(bare.get(port.id), port.type, Path("/"))
        for port in getattr(document.workflow, "outputs", ())
    }


def find() -> Miniwdl | None:
    """Return miniwdl, None where it is not installed or nothing here runs its containers.

    What the user has set for miniwdl (environment, configuration file) counts; a plug-in that is
    installed takes the place of a Docker that is not there.
    """
    try:
        version = metadata.version("miniwdl")
    except metadata.PackageNotFoundError:
        return None
    from WDL.runtime.config import Loader

    backend = str(Loader(logging.getLogger("miniwdl"))["scheduler"]["container_backend"])
    if backend == _DOCKER and not Path("/var/run/docker.sock").exists():
        plug_ins = [entry.name for entry in metadata.entry_points(group=_GROUP)]
        backend = next((name for name in plug_ins if name not in _BUILT_IN), "")
    return Miniwdl(version, backend) if backend else None
