"""Pilots of a real Parsl on this machine: HighThroughputExecutor with its local provider."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.ir.codec import Root
from fairwf.ir.workflow import Workflow
from tests.clusters.conftest import ROOT, Cluster, Session
from tests.engine.running.workflows import call, over, script, step, workflow

EXAMPLE = ROOT / "examples" / "pilots" / "here.py"
PR_SET_CHILD_SUBREAPER = 36


def bag(session: Session, count: int, body: str = "") -> Workflow:
    """A bag of tasks; each appends its number to the log of the test."""
    work = script(f"{body} echo {{x}} >> {session.log}; echo {{x}}", {"x": "int"}, out="int")
    steps = [step("each", work, {"x": "$x"}, scatter=over(x=call("range", count)))]
    return workflow(steps, {"sum": ("int", call("sum", "each.out"))})


def descendants(pid: int) -> dict[int, str]:
    """The processes below one, with their command lines."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(number) for number in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            try:
                words = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if not words:  # it has ended, and nobody has asked how
                continue
            found[child] = words.decode("utf-8", "replace").strip()
            found.update(descendants(child))
    return found


class PilotSession(Session):
    """Runs of one workflow in pilots."""

    patience_s = 180.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Cluster("slurm"))
        self.cluster.backend = "parsl:here"
        self.configuration = folder / "pilots.py"
        shutil.copy(EXAMPLE, self.configuration)
        self.before = set(descendants(os.getpid()))

    def start(self, source: Root | Path, *words: str, **settings: Any) -> subprocess.Popen[str]:
        """Begin a run in pilots."""
        said = {"bundle_time": 2, "guess": 1, "parsl": "pilots.py", **settings}
        return super().start(source, *words, **said)

    @property
    def left(self) -> dict[int, str]:
        """What runs on behalf of the test, whoever its parent has been."""
        below = descendants(os.getpid())
        return {pid: words for pid, words in below.items() if pid not in self.before}

    def process(self, *words: str) -> int:
        """The oldest process of the run whose command line holds these words; waits for it."""
        found: list[int] = []

        def there() -> bool:
            found[:] = [
                pid for pid, line in self.left.items() if all(word in line for word in words)
            ]
            return bool(found)

        self.until(there)
        return min(found)

    def nothing_left(self) -> None:
        """Wait until nothing runs any more."""
        self.until(lambda: not self.left)


@pytest.fixture
def pilots(tmp_path: Path) -> Iterator[PilotSession]:
    """Runs in pilots. What loses its parent becomes a child of the test, which looks for it."""
    pytest.importorskip("parsl", reason="needs Parsl: pip install 'fairwf[parsl]'")
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    session = PilotSession(tmp_path)
    try:
        yield session
        session.nothing_left()
    finally:
        end = time.monotonic() + 10
        while (left := session.left) and time.monotonic() < end:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
        reap()
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def reap() -> None:
    """Ask how orphans ended that are children of the test now."""
    for entry in Path("/proc/self/task").glob("*/children"):
        for child in entry.read_text().split():
            status = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            if status == "Z":
                os.waitpid(int(child), os.WNOHANG)
