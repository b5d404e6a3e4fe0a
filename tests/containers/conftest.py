"""Podman with local images, set up by ``podman_up.sh``; tests are skipped where it cannot be."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf import engine
from fairwf.conversion import check_document, read_document
from fairwf.formats import Source, converter
from fairwf.report import Report
from fairwf.trace import Run

SCRIPT = Path(__file__).with_name("podman_up.sh")
STATE = Path("/var/lib/fairwf-tests/containers")


IMAGE = "docker.io/debian:stable-slim"


def _last(said: str) -> str:
    """The last line that a program said: the reason, behind its warnings."""
    return (said.strip().splitlines() or ["no reason was given"])[-1][-300:]


@pytest.fixture(scope="session")
def podman() -> Iterator[Path]:
    """The podman program, with images named ``debian:stable-slim`` and ``bash:4.4`` and no network.

    Needs root on Debian with the packages podman and runc (`make test` installs them).
    """
    path = shutil.which("podman")
    if os.geteuid() != 0 or path is None or shutil.which("runc") is None:
        pytest.skip("needs root, and the packages podman and runc")
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"podman cannot be set up here: {_last(done.stderr)}")
    settings = done.stdout.strip().removeprefix("CONTAINERS_CONF=")
    before = os.environ.get("CONTAINERS_CONF")
    os.environ["CONTAINERS_CONF"] = settings
    trial = [path, "run", "--rm", "--network", "none", IMAGE, "true"]
    tried = subprocess.run(trial, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"podman starts no container here: {_last(tried.stderr)}")
    yield Path(path)
    if before is None:
        del os.environ["CONTAINERS_CONF"]
    else:
        os.environ["CONTAINERS_CONF"] = before


HEAD = """\
cwlVersion: v1.2
class: CommandLineTool
"""


class Ended:
    """A run and what it left."""

    def __init__(self, record: Run, report: Report, folder: Path) -> None:
        self.record = record
        self.report = report
        self.status = record.status
        self.codes = [finding.code for finding in report]
        self.out = folder / "out"

    def text(self, name: str = "out.txt") -> str:
        assert self.status == "completed", str(self.report)
        return (self.out / name).read_text()


Execute = Callable[..., Ended]


@pytest.fixture
def execute(tmp_path: Path) -> Execute:
    """Run a tool, written in CWL, in podman. Files of the job lie in ``tmp_path``."""

    def go(tool: str, job: dict[str, Any] | None = None, **options: Any) -> Ended:
        place = tmp_path / "tool.cwl"
        place.write_text(HEAD + tool)
        (tmp_path / "job.json").write_text(json.dumps(job or {}))
        report = Report()
        document = read_document(Source.at(place), report)
        check_document(document, report)
        read = converter("cwl").read_inputs
        assert read is not None
        values = read(Source.at(tmp_path / "job.json"), document, report)
        choice: dict[str, Any] = {
            "run_dir": tmp_path / "run",
            "outdir": tmp_path / "out",
            "container": "podman",
            "base": tmp_path,
        }
        record = engine.run(document, values, engine.RunOptions(**choice | options), None, report)
        return Ended(record, report, tmp_path)

    return go


def shell(script: str, more: str = "", inputs: str = "[]", image: str = IMAGE) -> str:
    """A tool that runs a shell script whose standard output is the file out.txt."""
    return f"""\
baseCommand: [sh, -c]
arguments: [{json.dumps(script)}]
inputs: {inputs}
outputs: {{out: {{type: stdout}}}}
stdout: out.txt
requirements:
  DockerRequirement: {{dockerPull: {image}}}
{more}"""
