"""Killed while files move between two machines without a shared file system, a run goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from fairwf.document import Document
from fairwf.engine import RunOptions, resume
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.ir.values import from_literal
from fairwf.report import Report
from tests.engine.backends.sites.conftest import Host
from tests.engine.running.workflows import script, step, workflow

SIZE = 6_000_000
ENOUGH = 1_500_000
STARTER = """
import sys
from pathlib import Path
import fairwf
import msgspec
from fairwf.engine import RunOptions, run
from fairwf.engine.backends.deployment import Deployment
from fairwf.ir.expressions import File
folder = Path(sys.argv[1])
document = fairwf.load(folder / "workflow.ir.json")
deployment = msgspec.json.decode((folder / "sites.json").read_bytes(), type=Deployment)
options = RunOptions(run_dir=folder / "run", base=folder, deployment=deployment)
run(document, {"big": File(location=str(folder / "big"))}, options)
"""


def campaign(log: Path) -> Document:
    """Two sites; each execution of a program appends its name to a file."""

    def said(name: str, body: str, **more: object) -> object:
        return script(f"echo {name} >>{log}; {body}", **more)

    steps = [
        step("early", said("early", "echo 1", out="int")),
        step("there", said("there", "expr {n} + 1", inputs={"n": "int"}, out="int"),
             {"n": "early.out"}),
        step("turn", said("turn", "tr a-m n-z <{f} >turned; echo {n} >&2",
                          inputs={"f": "File", "n": "int"}, globs={"f": "turned"}),
             {"f": "big", "n": "there.out"}),
        step("sum", said("sum", "cksum <{f}", inputs={"f": "File"}), {"f": "turn.f"}),
    ]  # fmt: skip
    root = workflow(steps, {"sum": ("string", "sum.out")}, {"big": "File"})
    return Document(workflow=root)


def sites(host: Host, folder: Path, *more: str) -> Deployment:
    away = SiteSettings(
        mover="rsync",
        host="127.0.0.1",
        root=str(folder / "there"),
        ssh=tuple(host.words),
        rsync=("rsync", *more),
    )
    return Deployment(
        sites={"home": SiteSettings(), "away": away}, steps={"there": "away", "turn": "away"}
    )


def processes(words: str) -> list[int]:
    """The processes whose command line holds these words."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if words.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return [one for one in found if one != os.getpid()]


def until(fact: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if fact():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def engine(host: Host, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """An engine at work whose files move slowly."""
    block = os.urandom(997)
    (tmp_path / "big").write_bytes((block * (SIZE // 997 + 1))[:SIZE])
    (tmp_path / "workflow.ir.json").write_bytes(campaign(tmp_path / "log").encode())
    slow = sites(host, tmp_path, "--bwlimit=1m")
    (tmp_path / "sites.json").write_bytes(msgspec.json.encode(slow))
    starter = [sys.executable, "-c", STARTER, str(tmp_path)]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(starter, stdout=said, stderr=said)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def half(folder: Path) -> bool:
    """Whether a file is on its way in a folder, and not there yet."""
    return any(
        path.is_file() and ENOUGH < path.stat().st_size < SIZE and path.name.startswith(".")
        for path in folder.rglob("*")
    )


@pytest.mark.parametrize("way", ["going", "coming"])
def test_killed_in_mid_transfer_and_resumed(
    way: str, engine: "subprocess.Popen[bytes]", host: Host, tmp_path: Path
) -> None:
    there, here = tmp_path / "there", tmp_path / "run" / "sites" / "away" / "incoming"
    moving = there if way == "going" else here
    assert until(lambda: half(moving) or engine.poll() is not None)
    assert engine.poll() is None, (tmp_path / "said").read_text()
    engine.send_signal(signal.SIGKILL)
    engine.wait()
    # Neither rsync nor what ran there outlives it.
    assert until(lambda: not processes(str(there))), processes(str(there))
    # Under its name there is no half file.
    for name, folder in (("big", there), ("turned", tmp_path / "run" / "tasks")):
        for path in folder.rglob(name):
            if ".fairwf-partial" not in path.parts and "incoming" not in path.parts:
                assert path.stat().st_size == SIZE
    before = (tmp_path / "log").read_text().split()
    fast = RunOptions(deployment=sites(host, tmp_path, "--stats"))
    report = Report()
    done = resume(tmp_path / "run", None, report, fast)
    assert done.status == "completed", [str(found) for found in report]
    ended = {"early", "there"}
    assert ended <= set(before)
    # What had ended did not run again; what was on its way may have.
    after = (tmp_path / "log").read_text().split()
    assert [name for name in after if name in ended] == ["early", "there"]
    assert after.count("sum") == 1
    assert after.count("turn") == 1
    # The result is that of the whole file.
    turned = (
        (tmp_path / "big")
        .read_bytes()
        .translate(bytes.maketrans(b"abcdefghijklm", b"nopqrstuvwxyz"))
    )
    expected = subprocess.run(["cksum"], input=turned, capture_output=True, check=True)
    assert from_literal(done.outputs["sum"]) == expected.stdout.decode().strip()
    # rsync went on with what had come before. (One that is killed here may have no time to put
    # it away.)
    text = (tmp_path / "run" / "sites" / "away" / "rsync.log").read_text()
    assert way == "coming" or any(
        int(n.replace(",", "")) for n in re.findall(r"Matched data: ([\d,]+)", text)
    )
    assert not any(there.iterdir())
