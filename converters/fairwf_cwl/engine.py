"""cwltool, the engine of CWL that is asked for outputs to compare with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.native import NativeRun
from fairwf.report import Report
from fairwf_cwl.jobs import read_inputs

_START = "import sys; from cwltool.main import run; sys.exit(run(sys.argv[1:]))"
"""``python -m cwltool`` ends with 0 whatever happens."""


class Cwltool:
    """Runs documents with ``cwltool``, without containers."""

    name = "cwltool"

    def __init__(self, version: str) -> None:
        self.version = version
        self.command: tuple[str, ...] = (sys.executable, "-c", _START)

    def run(self, document: Document, place: str, job: Path | None, folder: Path) -> NativeRun:
        """Run a document, see :class:`fairwf.native.NativeEngine`."""
        command = [*self.command, "--no-container", "--quiet"]
        command += [
            "--enable-dev",
            "--enable-ext",
            "--relax-path-checks",
            "--outdir",
            str(folder / "outputs"),
        ]
        command += [str(Path(place).absolute()), *([str(job.absolute())] if job else [])]
        done = subprocess.run(command, capture_output=True, cwd=folder)
        if done.returncode:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            return NativeRun(None, (lines or ["it says nothing"])[-1][:600])
        said = Source(name="outputs.json", path=folder / "outputs.json", given=done.stdout)
        return NativeRun(read_inputs(said, document, Report()))


def find() -> Cwltool | None:
    """Return cwltool, None where it is not installed or there is no Node for its JavaScript."""
    try:
        version = metadata.version("cwltool")
    except metadata.PackageNotFoundError:
        return None
    return Cwltool(version) if shutil.which("node") or shutil.which("nodejs") else None
