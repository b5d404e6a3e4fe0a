"""A workflow on a cluster gives what it gives here; jobs are few, and none is left behind."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fairwf.ir.workflow import Workflow
from tests.clusters.conftest import Session
from tests.engine.running import test_secret_inputs as secret_inputs
from tests.engine.running.workflows import call, over, script, step, workflow

QUICKSTART = Path("examples/quickstart")


def flat(session: Session, count: int, body: str = "") -> Workflow:
    """A bag of tasks; each appends its number to the log of the test."""
    work = script(f"{body} echo {{x}} >> {session.log}; echo {{x}}", {"x": "int"}, out="int")
    steps = [step("each", work, {"x": "$x"}, scatter=over(x=call("range", count)))]
    return workflow(steps, {"sum": ("int", call("sum", "each.out"))})


def without_places(value: Any) -> Any:
    """An output object without what differs between runs: where the files lie."""
    if isinstance(value, dict):
        return {k: without_places(v) for k, v in value.items() if k not in ("location", "path")}
    return [without_places(item) for item in value] if isinstance(value, list) else value


def test_the_quickstart_gives_the_same_outputs_as_here(
    session: Session, repository: Path, tmp_path: Path
) -> None:
    source, job = (repository / QUICKSTART / name for name in ("main.cwl", "job.yml"))
    there = session.end(session.start(source, str(job)))
    here = Session(tmp_path / "here", session.cluster)
    here.folder.mkdir()
    words = ["run", str(source), str(job), "--run-dir", str(here.run_dir)]
    locally = here.end(here._begin(words))
    assert without_places(there) == without_places(locally)
    assert "checksum" in str(there)


def test_tasks_share_few_jobs(session: Session) -> None:
    outputs = session.end(session.start(flat(session, 500), max_jobs=8))
    assert outputs == {"sum": sum(range(500))}
    assert sorted(map(int, session.ran)) == list(range(500))
    assert len(session.bundles) <= 20
    assert len(session.done()) == 500
    assert all(done.cpu_user_s is not None and done.max_rss_kib for done in session.done())


@pytest.mark.long
def test_ten_thousand_tasks_in_at_most_two_hundred_jobs(on_slurm: Session) -> None:
    outputs = on_slurm.end(on_slurm.start(flat(on_slurm, 10_000), max_jobs=8))
    assert outputs == {"sum": sum(range(10_000))}
    assert sorted(map(int, on_slurm.ran)) == list(range(10_000))
    assert len(on_slurm.bundles) <= 200


def test_a_failing_task_tells_its_exit_code_and_its_last_words(session: Session) -> None:
    body = script("echo so it goes >&2; exit 7", out="int")
    session.end(session.start(workflow([step("bad", body, {})], {"o": ("int", "bad.out")})), 1)
    assert "exit code 7" in session.said
    assert "so it goes" in session.said
    (done,) = session.done("failed")
    assert done.exit_code == 7
    assert (session.run_dir / (done.stderr or "")).read_text() == "so it goes\n"


def test_a_task_over_its_time_limit_is_ended(session: Session) -> None:
    from fairwf.ir.resources import Resources
    from fairwf.ir.values import to_literal

    slow = script("sleep 60", out="int", resources=Resources(time=to_literal(1)))
    session.end(session.start(workflow([step("slow", slow, {})], {"o": ("int", "slow.out")})), 1)
    assert "FWF4007" in session.said
    (done,) = session.done("failed")
    assert done.timed_out


def test_interrupting_cancels_the_jobs_and_resuming_goes_on(session: Session) -> None:
    held = session.folder / "held"
    held.touch()
    body = f"while [ -e {held} ]; do sleep 0.1; done;"
    engine = session.start(flat(session, 4, body), cores=1, bundle_time=0.5)
    session.until(lambda: session.begun >= 1, engine)
    engine.send_signal(signal.SIGINT)
    session.end(engine, 130)
    assert "fairwf resume" in session.said
    session.until(lambda: session.cluster.jobs() == [])
    assert session.ran == []
    held.unlink()
    assert session.end(session.resume()) == {"sum": 6}
    assert sorted(session.ran) == ["0", "1", "2", "3"]


def test_what_failed_runs_again_once_its_cause_is_mended(session: Session) -> None:
    there = session.folder / "there"
    engine = session.start(flat(session, 3, f"[ {{x}} != 1 ] || cat {there} || exit 7;"))
    session.end(engine, 1)
    there.touch()
    assert session.end(session.resume()) == {"sum": 3}
    assert sorted(session.ran) == ["0", "1", "2"]


@pytest.mark.long
def test_cancelling_the_run_cancels_its_jobs(session: Session) -> None:
    engine = session.start(flat(session, 4, "sleep 600;"))
    session.until(lambda: session.begun >= 1, engine)
    words = [sys.executable, "-m", "fairwf", "cancel", str(session.run_dir)]
    subprocess.run(words, check=True, capture_output=True)
    session.end(engine, 1)
    assert "FWF4017" in session.said
    session.until(lambda: session.cluster.jobs() == [])
    assert session.ran == []


def test_a_killed_engine_finds_its_jobs_again(session: Session) -> None:
    held = session.folder / "held"
    held.touch()
    body = f"while [ -e {held} ]; do sleep 0.1; done;"
    engine = session.start(flat(session, 12, body), max_jobs=3, guess=1, bundle_time=1)
    session.until(lambda: session.begun >= 2, engine)
    engine.kill()
    engine.communicate()
    jobs = len(session.bundles)
    resumed = session.resume()
    time.sleep(1)
    held.unlink()
    assert session.end(resumed) == {"sum": 66}
    # each ran once, those of running jobs too, and these jobs were not submitted again
    assert sorted(map(int, session.ran)) == list(range(12))
    assert all((path / "claim").read_text().startswith("worker") for path in session.bundles[:jobs])
    assert len({done.key for done in session.done()}) == len(session.done()) == 12


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_whenever_the_engine_is_killed_each_task_runs_once(session: Session, seed: int) -> None:
    """Jobs are submitted all the time, and go on without the engine: nothing need be repeated."""
    chance = random.Random(seed)
    first = script(f"sleep 0.2; echo a{{x}} >> {session.log}; echo {{x}}", {"x": "int"}, out="int")
    second = script(f"echo b{{x}} >> {session.log}; echo {{x}}", {"x": "int"}, out="int")
    many = 24
    steps = [
        step("first", first, {"x": "$x"}, scatter=over(x=call("range", many))),
        step("second", second, {"x": "$x"}, scatter=over(x="first.out")),
    ]
    root = workflow(steps, {"sum": ("int", call("sum", "second.out"))})
    engine = session.start(root, max_jobs=3, bundle_size=6)
    for _ in range(4):
        time.sleep(0.4 + chance.random() * 2.5)
        engine.kill()
        engine.communicate()
        if not (session.run_dir / "journal.log").exists():
            shutil.rmtree(session.run_dir, ignore_errors=True)
            engine = session.start(root, max_jobs=3, bundle_size=6)
        else:
            engine = session.resume()
    assert session.end(engine) == {"sum": sum(range(many))}
    assert sorted(session.ran) == sorted(f"{s}{n}" for s in "ab" for n in range(many))
    assert len({done.key for done in session.done()}) == len(session.done()) == 2 * many


def test_what_ended_while_no_engine_was_there_is_not_run_again(session: Session) -> None:
    engine = session.start(flat(session, 6, "sleep 0.5;"), max_jobs=2)
    session.until(lambda: session.begun >= 1, engine)
    engine.kill()
    engine.communicate()
    session.until(lambda: session.cluster.jobs() == [])
    ran = len(session.ran)
    assert ran >= 1
    assert session.end(session.resume()) == {"sum": 15}
    assert sorted(map(int, session.ran)) == list(range(6))


@pytest.mark.parametrize("instant", ["before", "after"])
def test_dying_around_a_submission_submits_nothing_twice(
    session: Session, instant: str, repository: Path
) -> None:
    """The engine is killed just before it submits a job, or just after, before it records it."""
    program = session.folder / "dying.py"
    program.write_text(
        f"""
import os, signal, sys
from fairwf.engine.backends.batch.submission import Submitter
submit = Submitter.submit
def dying(self, *words, **more):
    if {instant!r} == "after":
        submit(self, *words, **more)
    os.kill(os.getpid(), signal.SIGKILL)
Submitter.submit = dying
from fairwf.cli import main
main()
"""
    )
    ordinary = subprocess.Popen

    def begin(words: list[str], **more: Any) -> subprocess.Popen[str]:
        assert words[1:3] == ["-m", "fairwf"]
        return ordinary([words[0], str(program), *words[3:]], **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", begin)
        engine = session.start(flat(session, 5, "sleep 0.3;"), max_jobs=1)
    engine.communicate()
    assert engine.returncode == -signal.SIGKILL
    assert len(session.bundles) == 1
    assert not (session.bundles[0] / "job").exists()
    assert session.end(session.resume()) == {"sum": 10}
    assert sorted(map(int, session.ran)) == list(range(5))
    assert len(session.bundles) == (2 if instant == "before" else 1)


def test_a_submission_that_seems_to_fail_is_not_repeated(
    on_slurm: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer of the controller is lost: the job is there, and sbatch says that it is not."""
    programs = on_slurm.folder / "bin"
    programs.mkdir()
    stand_in = programs / "sbatch"
    stand_in.write_text(
        f'#!/bin/sh\n{shutil.which("sbatch")} "$@" >>{programs}/said\n'
        "echo 'sbatch: error: Socket timed out on send/recv operation' >&2\nexit 1\n"
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    assert on_slurm.end(on_slurm.start(flat(on_slurm, 5), max_jobs=1)) == {"sum": 10}
    assert sorted(map(int, on_slurm.ran)) == list(range(5))
    assert len((programs / "said").read_text().splitlines()) == len(on_slurm.bundles)
    assert "Socket timed out" in on_slurm.said


@pytest.mark.long
def test_secrets_stay_with_the_programs_that_need_them(session: Session) -> None:
    tool, job = session.folder / "tool.cwl", session.folder / "job.json"
    tool.write_text(secret_inputs.TOOL)
    job.write_text(json.dumps({"pw": secret_inputs.SECRET, "user": "ann"}))
    outputs = session.end(session.start(tool, str(job)))
    written = Path(outputs["digest"]["location"].removeprefix("file://")).read_text()
    assert written.split()[0] == hashlib.sha256(secret_inputs.SECRET.encode()).hexdigest()
    assert secret_inputs.leaks(session.run_dir) == []
