"""Nothing lost: killed, interrupted or torn, a run goes on and repeats no finished task."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.document import Document
from fairwf.engine import Interrupted, load_run, resume, status
from fairwf.engine.journal.facts import Done
from fairwf.engine.journal.log import read_log
from fairwf.engine.places.publish import Publisher
from fairwf.engine.places.rundir import Lock, RunDir
from fairwf.ir.workflow import Loop
from fairwf.report import InvalidError
from tests.engine.running.workflows import call, expr, over, pure, script, step, workflow

Execute = Callable[..., Any]


def campaign(log: Path) -> Any:
    """A bit of everything; each execution of a program appends its name to a file."""

    def said(body: str, name: str, inputs: dict[str, str], out: str = "string") -> Any:
        return script(f"echo {name}-{{x}} >> {log}; sleep 0.01; {body}", inputs, out=out)

    rounds = Loop(
        state={"n": expr(0)}, next={"n": expr("^out")}, until=call("greater_equal", "@n", 4)
    )
    inner = workflow(
        [
            step("a", said("echo {x}a", "a", {"x": "int"}), {"x": "x"}),
            step("b", said("echo {x}b", "b", {"x": "string"}), {"x": "a.out"}),
        ],
        {"o": ("string", "b.out")},
        {"x": "int"},
    )
    steps = [
        step("sub", inner, {"x": "$x"}, scatter=over(x=call("range", 6))),
        step("loop", said("expr {x} + 1", "loop", {"x": "int"}, "int"), {"x": "@n"}, loop=rounds),
        step(
            "flow",
            said("echo {x}", "flow", {"x": "string"}, "File"),
            {"x": "$x"},
            scatter=over("stream", x=call("to_stream", "sub.o")),
        ),
        step(
            "count",
            pure({"f": "File"}, n=("int", call("length", call("read_text", "f")))),
            {"f": "$f"},
            scatter=over("stream", f="flow.out"),
        ),
    ]
    return workflow(
        steps,
        {
            "words": ("string[]", "sub.o"),
            "rounds": ("int", "loop.out"),
            "files": ("File[]", call("collect", "flow.out")),
            "sum": ("int", call("sum", call("collect", "count.n"))),
        },
    )


TASKS = sorted(
    [f"a-{i}" for i in range(6)]
    + [f"b-{i}a" for i in range(6)]
    + [f"loop-{i}" for i in range(4)]
    + [f"flow-{i}ab" for i in range(6)]
)

STARTER = """
import sys
from pathlib import Path
from fairwf.document import Document
from fairwf.engine import RunOptions, run, resume
from fairwf.ir.codec import decode
if sys.argv[1] == "run":
    document = Document(workflow=decode(Path(sys.argv[3]).read_bytes()))
    run(document, {}, RunOptions(run_dir=Path(sys.argv[2]), cores=2))
else:
    resume(sys.argv[2])
"""


def start(verb: str, folder: Path, document: Path) -> "subprocess.Popen[bytes]":
    root = Path(__file__).resolve().parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, verb, str(folder), str(document)],
        env={**os.environ, "PYTHONPATH": f"{root}:{root}/converters"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def digests(record: Any) -> Any:
    from fairwf.trace import files_of

    values = {n: v for n, v in record.outputs.items() if n != "files"}
    return values, [(f.basename, f.checksum) for f in files_of(record.outputs)]


def finished(folder: Path) -> list[str]:
    facts = [fact for _, fact in read_log(folder / "journal.log")]
    return [f.key for f in facts if isinstance(f, Done) and f.status == "completed"]


def size(folder: Path) -> int:
    try:
        return (folder / "journal.log").stat().st_size
    except FileNotFoundError:
        return 0


def killed_and_resumed(tmp_path: Path, execute: Execute, seed: int) -> None:
    from fairwf.ir.codec import encode

    chance = random.Random(seed)
    log, folder, document = tmp_path / "log", tmp_path / "killed", tmp_path / "campaign.json"
    document.write_bytes(encode(campaign(log)))
    verb, kills = "run", 0
    for _ in range(3):
        engine = start(verb, folder, document)
        wanted = size(folder) + chance.randrange(1, 9000)
        while engine.poll() is None and size(folder) < wanted:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.01)
        engine.send_signal(signal.SIGKILL)
        kills += engine.wait() == -signal.SIGKILL
        verb = "resume"
    assert kills >= 1
    record = resume(folder)
    assert record.status == "completed"
    ran = log.read_text().split()
    assert sorted(set(ran)) == TASKS
    # no task that was recorded as finished ran again: each kill can cost the two that were running
    assert len(ran) <= len(TASKS) + 2 * kills
    assert len(finished(folder)) == len(set(finished(folder)))
    log.unlink()
    assert digests(record) == digests(execute(campaign(log)).record)
    assert load_run(folder) == record


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_run_is_resumed(tmp_path: Path, execute: Execute, seed: int) -> None:
    killed_and_resumed(tmp_path, execute, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_a_run_killed_at_many_instants_is_resumed(
    tmp_path: Path, execute: Execute, seed: int
) -> None:
    killed_and_resumed(tmp_path, execute, seed)


def test_resuming_at_every_state_of_the_journal(tmp_path: Path, execute: Execute) -> None:
    """The log is cut after each fact, and in the middle of each line, as a kill would leave it."""
    log = tmp_path / "log"
    done = execute(campaign(log))
    whole = (done.folder / "journal.log").read_bytes()
    cuts = [0]
    for line in whole.splitlines(keepends=True):
        cuts += [cuts[-1] + len(line)]
    chance = random.Random(1)
    for cut in chance.sample(cuts[1:-1], 6):
        torn = cut + chance.choice([0, 9, 40])
        (done.folder / "journal.log").write_bytes(whole[:torn])
        for path in done.folder.glob("journal.sqlite*"):
            path.unlink()
        before = set(finished(done.folder))
        log.write_text("")
        record = resume(done.folder)
        assert digests(record) == digests(done.record)
        ran = log.read_text().split()
        programs = {t.id for t in done.record.tasks if t.kind == "script"}
        assert len(ran) == len(programs - before)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_while_outputs_are_published_ends_the_engine(
    execute: Execute, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    # A program that a shell started in the background ignores it.
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)
    publish = Publisher.publish

    def struck(self: Publisher, outputs: Any) -> Any:
        os.kill(os.getpid(), how)
        return publish(self, outputs)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(Publisher, "publish", struck)
            if how == signal.SIGTERM:
                execute(campaign(tmp_path / "log"))
                assert heard == [signal.SIGTERM]  # whoever heard it before does so again
                return
            with pytest.raises(Interrupted) as stop:
                execute(campaign(tmp_path / "log"))
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, kept)
    folder = Path(stop.value.run_dir)
    assert load_run(folder).status == "interrupted"
    ran = (tmp_path / "log").read_text()
    assert resume(folder).status == "completed"
    assert (tmp_path / "log").read_text() == ran


def test_a_missing_output_is_made_again(execute: Execute, tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = execute(campaign(log))
    record = done.record
    victim = next(t for t in record.tasks if t.id == "flow[0]")
    (Path(victim.folder or "") / "out.txt").unlink()
    published = Path(record.outputs["files"].items[0].location.removeprefix("file://"))
    published.unlink()
    log.write_text("")
    again = resume(done.folder)
    assert again.status == "completed" and log.read_text().split() == ["flow-0ab"]
    assert published.exists()
    assert next(t for t in again.tasks if t.id == "flow[0]").attempt == 2


def test_a_failed_task_is_tried_again_on_resume(execute: Execute, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    log = tmp_path / "log"
    steps = [
        step("good", script(f"echo g >> {log}")),
        step("bad", script(f"test -e {flag} && echo yes")),
    ]
    done = execute(workflow(steps, {"o": ("string", "bad.out")}))
    assert done.status == "failed"
    flag.write_text("")
    record = resume(done.folder)
    assert record.status == "completed" and record.error is None
    assert log.read_text() == "g\n"


def test_a_damaged_journal_is_refused(execute: Execute, tmp_path: Path) -> None:
    done = execute(campaign(tmp_path / "log"))
    journal = done.folder / "journal.log"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"', b"'", 1)
    journal.write_bytes(b"".join(lines))
    for path in done.folder.glob("journal.sqlite*"):
        path.unlink()
    with pytest.raises(InvalidError) as fault:
        resume(done.folder)
    assert fault.value.report.errors[0].code == "FWF4012"


def test_two_engines_cannot_work_on_one_run(tmp_path: Path) -> None:
    from fairwf.ir.codec import encode

    folder, document = tmp_path / "run", tmp_path / "w.json"
    document.write_bytes(encode(workflow([step("a", script("sleep 30"))], {})))
    engine = start("run", folder, document)
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if (folder / "run.json").exists() and status(folder).running:
                break
            time.sleep(0.02)
        assert status(folder).alive and load_run(folder).status == "running"
        with pytest.raises(InvalidError) as fault:
            resume(folder)
        assert fault.value.report.errors[0].code == "FWF4013"
        assert str(engine.pid) in str(fault.value)
    finally:
        engine.kill()
        engine.wait()
    end = time.monotonic() + 20
    while status(folder).alive and time.monotonic() < end:
        time.sleep(0.01)  # the system may hold the lock of a killed process for a moment
    assert status(folder).status == "interrupted" and load_run(folder).status == "interrupted"


HOLDER = """
import os, pathlib, signal, sys, time
from fairwf.engine.places.rundir import Lock, RunDir
lock = Lock(RunDir(pathlib.Path(sys.argv[1])))
if os.fork() == 0:  # as one that has not yet become another program
    time.sleep(0.5)
    os._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_engine_had_just_forked_is_waited_for(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", HOLDER, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    Lock(RunDir(tmp_path)).release()


def test_ctrl_c_keeps_the_state(tmp_path: Path) -> None:
    from fairwf.engine import RunOptions, run
    from fairwf.engine.events import TaskStarted

    log, folder = tmp_path / "log", tmp_path / "run"
    steps = [
        step("a", script(f"echo a >> {log}; echo 1")),
        step(
            "b",
            script(
                f"echo b >> {log}; test -e {tmp_path}/fast || sleep 60; echo {{x}}", {"x": "string"}
            ),
            {"x": "a.out"},
        ),
    ]
    flow = workflow(steps, {"o": ("string", "b.out")})

    def press(event: Any) -> None:
        if isinstance(event, TaskStarted) and event.key == "b":
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted) as stop:
        run(Document(workflow=flow), {}, RunOptions(run_dir=folder), press)
    assert signal.getsignal(signal.SIGINT) is before
    assert stop.value.run_dir == str(folder)
    assert status(folder).status == "interrupted"
    (tmp_path / "fast").write_text("")
    assert resume(folder).status == "completed"
    assert log.read_text().split().count("a") == 1


def test_a_run_directory_in_use_is_not_taken(execute: Execute, tmp_path: Path) -> None:
    flow = workflow([step("a", script("echo 1"))], {})
    done = execute(flow)
    with pytest.raises(InvalidError) as fault:
        execute(flow, run_dir=done.folder)
    assert "resume" in (fault.value.report.errors[0].hint or "")


def test_events_are_lines_of_json(execute: Execute, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    execute(workflow([step("a", script("echo 1"))], {}), events=events)
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    assert [line["event"] for line in lines] == [
        "run_started",
        "task_queued",
        "task_started",
        "task_finished",
        "run_finished",
    ]
    assert all(line["time"].endswith("+00:00") for line in lines)
