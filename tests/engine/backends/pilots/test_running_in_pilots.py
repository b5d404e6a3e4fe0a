"""A workflow in pilots of Parsl gives what it gives here, whatever dies on the way."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fairwf.ir.resources import Resources, Retry
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Workflow
from tests.engine.backends.pilots.conftest import PilotSession, bag
from tests.engine.running.workflows import call, expr, over, script, step, workflow

ODD = ["plain", "two words", 'it\'s "quoted"', "a\nline; $(break) `here`", "ünï*?[code]"]
INTERCHANGE = ("HTEX interchange",)
MANAGER = ("python", "process_worker_pool.py")
CLIENT = ("python", "pilots/client.py")
GUARD = ("pilots/guard.py",)


def held(pilots: PilotSession, count: int) -> tuple[Workflow, Path]:
    """A bag of tasks that run until a file is removed."""
    file = pilots.folder / "held"
    file.touch()
    return bag(pilots, count, f"while [ -e {file} ]; do sleep 0.05; done;"), file


def once(pilots: PilotSession, count: int) -> None:
    """Each task has run to its end once, and was recorded once."""
    assert sorted(map(int, pilots.ran)) == list(range(count))
    assert len({done.key for done in pilots.done()}) == len(pilots.done()) == count


def test_names_of_any_kind_pass_through(
    pilots: PilotSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(pilots.folder))
    pilots.run_dir = pilots.folder / 'a "run" that\'s\nodd'
    work = script('printf "%s" {word} > ./{word}; cat ./{word}', {"word": "string"})
    steps = [step("each", work, {"word": "$w"}, scatter=over(w=expr("words")))]
    job = pilots.folder / "job.json"
    job.write_text(json.dumps({"words": ODD}))
    root = workflow(steps, {"out": ("string[]", "each.out")}, {"words": "string[]"})
    assert pilots.end(pilots.start(root, str(job))) == {"out": ODD}


def test_temporary_files_lie_on_the_disk_of_the_node(
    pilots: PilotSession, tmp_path_factory: pytest.TempPathFactory
) -> None:
    disk = tmp_path_factory.mktemp("disk of the node")
    work = script(
        'echo {x} > "$TMPDIR/draft"; cat "$TMPDIR/draft"; echo "$TMPDIR" >> ' + str(pilots.log),
        {"x": "int"},
        out="int",
    )
    steps = [step("each", work, {"x": "$x"}, scatter=over(x=call("range", 3)))]
    root = workflow(steps, {"sum": ("int", call("sum", "each.out"))})
    assert pilots.end(pilots.start(root, scratch=str(disk))) == {"sum": 3}
    places = pilots.log.read_text().splitlines()
    assert len(set(places)) == 3
    assert {Path(place).parent for place in places} == {disk}
    assert list(disk.iterdir()) == []


def test_a_killed_engine_leaves_nothing_running_and_loses_nothing(pilots: PilotSession) -> None:
    engine = pilots.start(bag(pilots, 24, "sleep 0.15;"), bundle_time=1)
    pilots.until(lambda: len(pilots.ran) >= 6, engine)
    engine.kill()
    engine.communicate()
    pilots.nothing_left()
    ran = len(pilots.ran)
    assert ran < 24
    assert pilots.end(pilots.resume()) == {"sum": sum(range(24))}
    # a task may have run to its end just before the kill, and nobody was told
    assert set(map(int, pilots.ran)) == set(range(24)) and len(pilots.ran) <= 24 + 2
    assert len({done.key for done in pilots.done()}) == len(pilots.done()) == 24


def test_other_pilots_take_over_when_the_interchange_dies(pilots: PilotSession) -> None:
    root, file = held(pilots, 4)
    engine = pilots.start(root, bundle_time=1)
    pilots.until(lambda: pilots.begun >= 1, engine)
    os.kill(pilots.process(*INTERCHANGE), signal.SIGKILL)
    file.unlink()
    assert pilots.end(engine) == {"sum": 6}
    assert sorted(set(map(int, pilots.ran))) == list(range(4))
    assert len({done.key for done in pilots.done()}) == len(pilots.done()) == 4
    assert "the interchange of Parsl has ended (signal 9); other pilots are started" in pilots.said


@pytest.mark.long
def test_a_flat_bag_shares_few_calls(pilots: PilotSession) -> None:
    assert pilots.end(pilots.start(bag(pilots, 500))) == {"sum": sum(range(500))}
    once(pilots, 500)
    assert len(pilots.bundles) < 300
    assert all(done.cpu_user_s is not None and done.max_rss_kib for done in pilots.done())


@pytest.mark.long
def test_failures_retries_and_limits(pilots: PilotSession) -> None:
    tries = pilots.folder / "tries"
    flaky = script(f"echo x >> {tries}; [ $(wc -l < {tries}) = 3 ] || exit 75; echo 5", out="int")
    bad = script("echo so it goes >&2; exit 7", out="int")
    slow = script("sleep 60", out="int", resources=Resources(time=to_literal(1)))
    steps = [
        step("flaky", flaky, retry=Retry(attempts=expr(5), exit_codes=(75,))),
        step("bad", bad),
        step("slow", slow),
    ]
    outputs = {name: ("int", f"{name}.out") for name in ("flaky", "bad", "slow")}
    pilots.end(pilots.start(workflow(steps, outputs)), 1)
    assert "exit code 7" in pilots.said
    assert "so it goes" in pilots.said
    assert "FWF4007" in pilots.said
    assert [done.key for done in pilots.done()] == ["flaky"]
    assert tries.read_text() == "x\n" * 3


@pytest.mark.long
@pytest.mark.parametrize("victim", [MANAGER, CLIENT, GUARD], ids=["manager", "client", "guard"])
def test_others_take_over_when_a_process_dies(
    pilots: PilotSession, victim: tuple[str, ...]
) -> None:
    root, file = held(pilots, 4)
    engine = pilots.start(root, bundle_time=1)
    pilots.until(lambda: pilots.begun >= 1, engine)
    os.kill(pilots.process(*victim), signal.SIGKILL)
    pilots.until(lambda: pilots.begun >= 2, engine)
    file.unlink()
    assert pilots.end(engine) == {"sum": 6}
    assert "FWF4044" in pilots.said


@pytest.mark.long
def test_an_interchange_that_hangs_is_noticed(pilots: PilotSession) -> None:
    root, file = held(pilots, 2)
    engine = pilots.start(root, grace=2)
    pilots.until(lambda: pilots.begun >= 1, engine)
    os.kill(pilots.process(*INTERCHANGE), signal.SIGSTOP)
    time.sleep(8)
    file.unlink()
    assert pilots.end(engine) == {"sum": 1}


@pytest.mark.long
def test_a_killed_worker_of_the_pilot_costs_its_bundle_alone(pilots: PilotSession) -> None:
    root, file = held(pilots, 4)
    engine = pilots.start(root, bundle_time=1)
    pilots.until(lambda: pilots.begun == 2, engine)
    bundles = {pid for pid, words in pilots.left.items() if "batch/worker.py" in words}
    parents = {
        int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in bundles
    }
    os.kill(min(parents - bundles), signal.SIGKILL)
    pilots.until(lambda: pilots.begun >= 3, engine)
    file.unlink()
    assert pilots.end(engine) == {"sum": 6}
    assert "other pilots" not in pilots.said


@pytest.mark.long
def test_pilots_that_never_start_end_the_run_with_the_reason(pilots: PilotSession) -> None:
    broken = pilots.configuration.read_text().replace(
        "init_blocks=1", "worker_init='echo no such module >&2; exit 9', init_blocks=1"
    )
    pilots.configuration.write_text(broken)
    pilots.end(pilots.start(bag(pilots, 2), lost_retries=0), 3)
    assert "FWF9002" in pilots.said
    assert "no such module" in pilots.said
    assert "fairwf resume" in pilots.said
    pilots.configuration.write_text(broken.replace("exit 9", "true"))
    assert pilots.end(pilots.resume()) == {"sum": 1}


@pytest.mark.long
def test_interrupting_ends_the_pilots_and_resuming_goes_on(pilots: PilotSession) -> None:
    root, file = held(pilots, 4)
    engine = pilots.start(root, bundle_time=1)
    pilots.until(lambda: pilots.begun >= 1, engine)
    engine.send_signal(signal.SIGINT)
    pilots.end(engine, 130)
    assert "fairwf resume" in pilots.said
    assert pilots.left == {}
    assert pilots.ran == []
    file.unlink()
    assert pilots.end(pilots.resume()) == {"sum": 6}
    once(pilots, 4)


@pytest.mark.long
def test_cancelling_the_run_ends_its_pilots(pilots: PilotSession) -> None:
    engine = pilots.start(bag(pilots, 4, "sleep 600;"))
    pilots.until(lambda: pilots.begun >= 1, engine)
    words = [sys.executable, "-m", "fairwf", "cancel", str(pilots.run_dir)]
    subprocess.run(words, check=True, capture_output=True)
    pilots.end(engine, 1)
    assert "FWF4017" in pilots.said
    assert pilots.left == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_whenever_the_engine_is_killed_no_finished_task_runs_again(
    pilots: PilotSession, seed: int
) -> None:
    chance = random.Random(seed)
    first = script(f"sleep 0.2; echo a{{x}} >> {pilots.log}; echo {{x}}", {"x": "int"}, out="int")
    second = script(f"echo b{{x}} >> {pilots.log}; echo {{x}}", {"x": "int"}, out="int")
    many = 24
    steps = [
        step("first", first, {"x": "$x"}, scatter=over(x=call("range", many))),
        step("second", second, {"x": "$x"}, scatter=over(x="first.out")),
    ]
    root = workflow(steps, {"sum": ("int", call("sum", "second.out"))})
    engine = pilots.start(root)
    for _ in range(4):
        time.sleep(1 + chance.random() * 18)
        engine.kill()
        engine.communicate()
        if not (pilots.run_dir / "journal.log").exists():
            shutil.rmtree(pilots.run_dir, ignore_errors=True)
            engine = pilots.start(root)
        else:
            engine = pilots.resume()
    assert pilots.end(engine) == {"sum": sum(range(many))}
    assert set(pilots.ran) == {f"{s}{n}" for s in "ab" for n in range(many)}
    # at most those in flight, two workers' worth at each death, were repeated
    assert len(pilots.ran) <= 2 * many + 2 * 4
    assert len({done.key for done in pilots.done()}) == len(pilots.done()) == 2 * many


@pytest.mark.long
def test_a_hundred_thousand_tasks(pilots: PilotSession) -> None:
    count = 100_000
    work = script("echo {x}", {"x": "int"}, out="int")
    steps = [step("each", work, {"x": "$x"}, scatter=over(x=call("range", count)))]
    root = workflow(steps, {"sum": ("int", call("sum", "each.out"))})
    engine = pilots.start(root, "--quiet")
    out, said = engine.communicate(timeout=3600)
    assert engine.returncode == 0, said
    assert str(sum(range(count))) in out
