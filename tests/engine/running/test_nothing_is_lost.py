"""Killed at any instant and at each state of its journal, a run of 500 steps loses nothing.

The gate has a sample of the instants and states; all of them are `long`.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from fairwf.document import Document
from fairwf.engine import RunOptions, load_run, resume, run, status
from fairwf.engine.programs.ahead import MOST
from fairwf.ir.codec import encode
from fairwf.ir.expressions import Attr, Local
from fairwf.ir.workflow import Approval, Handler, WaitDuration, Workflow
from fairwf.trace import files_of
from fairwf.trace.run import last_attempts
from tests.engine.running.test_kill_and_resume import campaign, finished, size
from tests.engine.running.workflows import expr, script, step, text, workflow

ROOT = Path(__file__).resolve().parents[3]
LAYERS, WIDTH = 20, 25
STEPS = LAYERS * WIDTH
CORES = 2
KILLS = 5
"""How often each run is killed; forty runs make the 200 instants."""


def five_hundred(log: Path, pause: str) -> Workflow:
    """Twenty layers of steps; each step tells a file that it runs, and mixes two of the layer."""
    steps = []
    for layer in range(LAYERS):
        for place in range(WIDTH):
            name = f"s{layer}-{place}"
            said = f"echo {name} >> {log}; {pause}"
            if layer == 0:
                steps.append(step(name, script(f"{said} echo {place}")))
                continue
            links = {x: f"s{layer - 1}-{(place + n) % WIDTH}.out" for n, x in enumerate("ab")}
            last = layer == LAYERS - 1
            body = f"{said} echo {{a}} {{b}} | cksum" + ("; seq 20000" if last else "")
            made = script(body, dict.fromkeys("ab", "string"), out="File" if last else "string")
            steps.append(step(name, made, links))
    last = {f"o{n}": ("File", f"s{LAYERS - 1}-{n}.out") for n in range(WIDTH)}
    return workflow(steps, last)


PACES = [
    pytest.param("", id="tasks of 1 ms"),
    pytest.param("sleep 0.01;", id="tasks of 10 ms", marks=pytest.mark.long),
]


class Whole(NamedTuple):
    """A run that nobody killed: its outputs, and how long its journal was."""

    outputs: dict[str, bytes]
    size: int


@pytest.fixture(scope="module", params=PACES)
def pace(request: pytest.FixtureRequest) -> str:
    said: str = request.param
    return said


@pytest.fixture(scope="module")
def whole(pace: str, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole")
    document = Document(workflow=five_hundred(folder / "log", pace))
    options = RunOptions(run_dir=folder / "run", outdir=folder / "out", cores=CORES)
    assert run(document, {}, options).status == "completed"
    assert Counter((folder / "log").read_text().split()) == dict.fromkeys(
        [step.id for step in document.workflow.steps], 1
    )
    return Whole(published(folder / "out"), size(folder / "run"))


def published(folder: Path) -> dict[str, bytes]:
    """What lies in a folder for outputs, by name, but for the hidden list."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: path.read_bytes() for path in files if path.name != ".fairwf-outputs.json"}


ENGINE = """
import sys
from pathlib import Path
from fairwf.document import Document
from fairwf.engine import RunOptions, run, resume
from fairwf.ir.codec import decode
folder, cores = Path(sys.argv[1]), int(sys.argv[2])
run_dir, outdir = folder / "run", folder / "out"
if (run_dir / "run.json").exists():
    resume(run_dir)
else:
    document = Document(workflow=decode((folder / "workflow.json").read_bytes()))
    run(document, {}, RunOptions(run_dir=run_dir, outdir=outdir, cores=cores))
"""


def begin(folder: Path, program: str = ENGINE, *words: str) -> "subprocess.Popen[bytes]":
    """Start an engine, on a new run or one that is there."""
    if not (folder / "run" / "run.json").exists():
        shutil.rmtree(folder / "run", ignore_errors=True)  # killed before there was a run
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(CORES), *words],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'converters'}"},
        stdout=subprocess.DEVNULL,
    )


def killed_at_random_instants(folder: Path, pace: str, whole: Whole, seed: int) -> None:
    chance = random.Random(seed)
    log = folder / "log"
    log.touch()
    (folder / "workflow.json").write_bytes(encode(five_hundred(log, pace)))
    instants = sorted(chance.randrange(-whole.size // 50, whole.size) for _ in range(KILLS))
    before: list[tuple[set[str], int]] = []
    for instant in instants:
        engine = begin(folder)
        while engine.poll() is None and size(folder / "run") < instant:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.02)
        engine.kill()
        assert engine.wait() in (-signal.SIGKILL, 0)
        for name, data in published(folder / "out").items():
            assert name.startswith(".") or data == whole.outputs[name], "half an output"
        if (folder / "run" / "journal.log").exists():
            settle(log)
            before.append((set(finished(folder / "run")), len(log.read_text().split())))
    record = resume(folder / "run")
    assert record.status == "completed" and load_run(folder / "run") == record
    ran = log.read_text().split()
    assert len(set(ran)) == STEPS
    for done, lines in before:
        assert not done.intersection(ran[lines:]), "a task that was recorded as finished ran again"
    # Those that ran, and those of a few milliseconds whose ends were held back to be told together.
    assert len(ran) <= STEPS + KILLS * (CORES + MOST)
    assert len(finished(folder / "run")) == STEPS == len(last_attempts(record.tasks))
    assert published(folder / "out") == whole.outputs


def settle(log: Path) -> None:
    """Wait for what the supervisor ends, now that its engine is gone, to have written its last."""
    end, seen = time.monotonic() + 10, -1
    while seen != (seen := log.stat().st_size) and time.monotonic() < end:
        time.sleep(0.05)


@pytest.mark.parametrize("seed", range(1))
def test_a_run_of_500_steps_is_killed_now_and_then(
    tmp_path: Path, pace: str, whole: Whole, seed: int
) -> None:
    killed_at_random_instants(tmp_path, pace, whole, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_a_run_of_500_steps_is_killed_at_200_instants(
    tmp_path: Path, pace: str, whole: Whole, seed: int
) -> None:
    killed_at_random_instants(tmp_path, pace, whole, seed)


# --- each state of the journal -------------------------------------------------------------------


def of_every_kind(log: Path) -> Workflow:
    """A workflow whose journal has every kind of fact that a run without people's events has."""
    handler = Handler(
        event="failure",
        then="continue",
        run=script(f"echo mended >> {log}; echo {{x}}", {"x": "string"}),
        inputs={"x": Attr(of=Local(name="error"), name="message")},
    )
    last = script(f"echo last >> {log}; echo {{x}}", {"x": "string[]"}, out="File")
    steps = [
        *campaign(log).steps,
        step("left-out", script(f"echo left-out >> {log}"), when=expr(False)),
        step("mended", script(f"echo bad >> {log}; exit 3"), handlers=(handler,)),
        step("slept", script(f"echo slept >> {log}; echo 1"), wait=WaitDuration(seconds=expr(0.1))),
        step("asked", script(f"echo asked >> {log}"), approval=Approval(prompt=text("Go on?"))),
        step("last", last, {"x": "sub.o"}, after=("asked", "slept", "mended")),
    ]
    return workflow(steps, {"words": ("string[]", "sub.o"), "file": ("File", "last.out")})


KILLED = """
import os, signal, sys
from pathlib import Path
from fairwf.document import Document
from fairwf.engine import RunOptions, approve, run, resume
from fairwf.engine.journal import log as journal
from fairwf.engine.events import ApprovalWanted
from fairwf.ir.codec import decode

folder, cores, fatal, where = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
run_dir, outdir = folder / "run", folder / "out"
count = 0

class Killing:
    def __getattr__(self, name):
        return getattr(os, name)

    def write(self, file, data):
        global count
        count += 1
        if count == fatal and where == "torn":
            os.write(file, data[: len(data) * 2 // 3])
        if count == fatal and where != "after":
            os.kill(os.getpid(), signal.SIGKILL)
        written = os.write(file, data)
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return written

def hear(event):
    if isinstance(event, ApprovalWanted):
        approve(run_dir, event.key)

if fatal:
    journal.os = Killing()
if (run_dir / "run.json").exists():
    resume(run_dir, hear)
else:
    document = Document(workflow=decode((folder / "workflow.json").read_bytes()))
    run(document, {}, RunOptions(run_dir=run_dir, outdir=outdir, cores=cores), hear)
(folder / "writes").write_text(str(count))
"""
WHERE = ("before", "torn", "after")


@pytest.fixture(scope="module")
def writes(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How often the journal of such a run is written to."""
    folder = tmp_path_factory.mktemp("writes")
    assert killed_at(folder, 10**9, "after") == 0
    record = load_run(folder / "run")
    assert record.status == "completed"
    return int((folder / "writes").read_text())


def killed_at(folder: Path, number: int, where: str) -> int:
    (folder / "workflow.json").write_bytes(encode(of_every_kind(folder / "log")))
    return begin(folder, KILLED, str(number), where).wait()


def killed_at_a_state(folder: Path, number: int, where: str) -> None:
    if killed_at(folder, number, where) == 0:
        # Facts are written together as they come, so no two runs write equally often.
        assert status(folder / "run").status == "completed"
        return
    log = folder / "log"
    done = finished(folder / "run")
    ran = log.read_text().split() if log.exists() else []
    assert begin(folder, KILLED, "0", "").wait() == 0
    again = log.read_text().split()[len(ran) :]
    record = load_run(folder / "run")
    assert record.status == "completed"
    assert not {"last", "slept", "asked"}.intersection(done).intersection(again)
    assert "left-out" not in ran + again
    counts = Counter(ran + again)
    assert len(counts) == 22 + 5 and max(counts.values()) <= 2
    assert sum(counts.values()) - len(counts) <= CORES + MOST
    assert [item.value for item in record.outputs["words"].items] == [f"{n}ab" for n in range(6)]
    assert list(published(folder / "out")) == ["out.txt"]
    assert "0ab" in published(folder / "out")["out.txt"].decode()
    assert len(files_of(record.outputs)) == 1


def test_a_run_is_killed_at_some_states_of_its_journal(tmp_path: Path, writes: int) -> None:
    chance = random.Random(7)
    for where in WHERE:
        folder = tmp_path / where
        folder.mkdir()
        killed_at_a_state(folder, chance.randrange(1, writes // 2), where)


@pytest.mark.long
@pytest.mark.parametrize("where", WHERE)
def test_a_run_is_killed_at_each_state_of_its_journal(
    tmp_path: Path, writes: int, where: str
) -> None:
    # What a kill before a write, or in it, leaves is mostly what one after the last write leaves.
    for number in range(1, writes + 1, 1 if where == "after" else 3):
        folder = tmp_path / str(number)
        folder.mkdir()
        killed_at_a_state(folder, number, where)
