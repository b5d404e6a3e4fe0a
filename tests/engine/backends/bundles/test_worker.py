"""The worker that runs a bundle on a node: one file, started here as a job would start it."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.backends.bundles.bundle import BundleFolder, Line

WORKER = Path("fairwf/engine/backends/bundles/worker.py").resolve()


class Bundle:
    """A bundle and its worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = BundleFolder(folder / "bundles" / "000001")
        self.place = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.tasks: list[dict[str, Any]] = []

    def task(self, script: str, **more: Any) -> None:
        number = len(self.tasks)
        cwd = self.place / f"task-{number}"
        cwd.mkdir(parents=True)
        self.tasks.append(
            {
                "argv": ["/bin/sh", "-c", script],
                "env": {"PATH": os.environ["PATH"]},
                "cwd": str(cwd),
                "stdin": None,
                "stdout": str(self.place / f"logs-{number}" / "stdout"),
                "stderr": str(self.place / f"logs-{number}" / "stderr"),
                "kept": [],
                "limit": None,
                "stop": [],
                "cores": 1,
                "ram": 1,
                **more,
            }
        )

    def start(self, **more: Any) -> None:
        said: dict[str, Any] = {"cores": 1, "ram_mib": None, "life_s": None, "beat_s": 60}
        said.update({"path": os.environ["PATH"], **more})
        self.folder.write(b"{}", self.tasks, **said)
        self.again()

    def again(self, *words: str, **more: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(WORKER), str(self.folder.path), *words],
            stderr=subprocess.PIPE,
            **more,
        )

    def end(self) -> str:
        assert self.process is not None
        _, said = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, said
        return said.decode()

    def run(self, **more: Any) -> list[Line]:
        self.start(**more)
        self.end()
        return self.folder.news()

    def until(self, kind: str) -> list[Line]:
        seen: list[Line] = []
        end = time.monotonic() + 30
        while not any(line.k == kind for line in seen):
            seen += self.folder.news()
            assert time.monotonic() < end, seen
            time.sleep(0.01)
        return seen


def ends(lines: list[Line]) -> dict[int, Line]:
    return {line.i: line for line in lines if line.k == "end"}


@pytest.fixture
def bundle(tmp_path: Path) -> Iterator[Bundle]:
    made = Bundle(tmp_path)
    yield made
    if made.process is not None and made.process.stderr is not None:
        made.process.kill()
        made.process.wait()
        made.process.stderr.close()


def test_it_has_the_syntax_of_python_3_6() -> None:
    tree = ast.parse(WORKER.read_text(), feature_version=(3, 6))
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules <= sys.stdlib_module_names


def test_each_end_is_told_with_times_and_usage(bundle: Bundle) -> None:
    bundle.task("exit 0")
    bundle.task("exit 3")
    bundle.task("kill -6 $$")
    bundle.task("true", argv=["/no/such/program"])
    lines = bundle.run(cores=2)
    assert lines[0].k == "claim"
    assert lines[-1].k == "close" and lines[-1].why is None
    done = ends(lines)
    assert [done[n].code for n in range(4)] == [0, 3, 134, 127]
    assert done[2].sig == signal.SIGABRT
    assert done[3].err == "No such file or directory"
    assert done[0].t1 >= done[0].t0 > 1e9
    assert done[0].rss and done[0].u is not None


def test_what_a_task_writes_goes_into_its_own_log_and_silence_makes_no_file(
    bundle: Bundle, tmp_path: Path
) -> None:
    bundle.task("echo one; echo two >&2")
    bundle.task("true")
    bundle.task("echo three")
    bundle.task("echo four", stdout=str(tmp_path / "task-3" / "out.txt"), kept=["stdout"])
    bundle.run()
    assert (tmp_path / "logs-0" / "stdout").read_text() == "one\n"
    assert (tmp_path / "logs-0" / "stderr").read_text() == "two\n"
    assert not (tmp_path / "logs-1").exists()
    assert (tmp_path / "logs-2" / "stdout").read_text() == "three\n"
    assert (tmp_path / "task-3" / "out.txt").read_text() == "four\n"
    assert not list(bundle.folder.path.glob("slot*"))


def test_as_many_run_at_once_as_there_are_cores(bundle: Bundle, tmp_path: Path) -> None:
    count = f"ls {tmp_path}/now | wc -l >> {tmp_path}/seen"
    script = f"mkdir {tmp_path}/now/$$; {count}; sleep 0.1; rmdir {tmp_path}/now/$$"
    (tmp_path / "now").mkdir()
    for cores in (1, 1, 1, 2, 1, 1, 1, 1):
        bundle.task(script, cores=cores)
    bundle.run(cores=3)
    seen = list(map(int, (tmp_path / "seen").read_text().split()))
    assert len(seen) == 8
    assert 2 <= max(seen) <= 3


def test_memory_is_shared_out_too(bundle: Bundle, tmp_path: Path) -> None:
    script = f"mkdir {tmp_path}/alone && sleep 0.05 && rmdir {tmp_path}/alone"
    for _ in range(4):
        bundle.task(script, ram=600)
    lines = bundle.run(cores=4, ram_mib=1000)
    assert [line.code for line in ends(lines).values()] == [0, 0, 0, 0]


def test_a_time_limit_ends_the_whole_group(bundle: Bundle) -> None:
    bundle.task("sleep 100 & sleep 100", limit=0.2)
    (done,) = ends(bundle.run()).values()
    assert done.to and not done.stopped
    assert done.sig == signal.SIGTERM


def test_a_second_worker_runs_nothing(bundle: Bundle, tmp_path: Path) -> None:
    bundle.task(f"echo ran >> {tmp_path}/ran")
    bundle.run()
    bundle.again()
    assert "belongs to another worker" in bundle.end()
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_a_bundle_that_was_taken_back_is_not_run(bundle: Bundle, tmp_path: Path) -> None:
    bundle.task(f"echo ran >> {tmp_path}/ran")
    bundle.folder.path.mkdir(parents=True)
    assert bundle.folder.revoke()
    assert not bundle.folder.claimed
    assert bundle.run() == []
    assert not (tmp_path / "ran").exists()


def test_a_bundle_that_runs_cannot_be_taken_back(bundle: Bundle) -> None:
    bundle.task("sleep 0.2")
    bundle.start()
    bundle.until("start")
    assert not bundle.folder.revoke()
    bundle.end()


@pytest.mark.parametrize("how", ["a signal", "the engine"])
def test_stopping_it_ends_what_runs_and_starts_no_more(bundle: Bundle, how: str) -> None:
    bundle.task("sleep 100")
    bundle.task("sleep 100")
    bundle.start()
    lines = bundle.until("start")
    assert bundle.process is not None
    if how == "a signal":
        bundle.process.send_signal(signal.SIGTERM)
    else:
        bundle.folder.give_up()
    bundle.end()
    lines += bundle.folder.news()
    assert [line.i for line in lines if line.k == "start"] == [0]
    assert ends(lines)[0].stopped
    assert lines[-1].why == ("signal 15" if how == "a signal" else "the engine")


@pytest.mark.parametrize("which", ["the first process", "the worker"])
def test_no_task_outlives_either_of_its_processes(
    bundle: Bundle, tmp_path: Path, which: str
) -> None:
    bundle.task(f"setsid sleep 1000 & echo $$ $! > {tmp_path}/pids; sleep 1000")
    bundle.start()
    lines = bundle.until("start")
    while len((tmp_path / "pids").read_text().split() if (tmp_path / "pids").exists() else ()) < 2:
        time.sleep(0.01)
    assert bundle.process is not None
    worker = next(line.pid for line in lines if line.k == "claim")
    assert worker is not None
    os.kill(bundle.process.pid if which == "the first process" else worker, signal.SIGKILL)
    lines = bundle.until("close")
    assert lines[-1].why is not None
    for pid in (tmp_path / "pids").read_text().split():
        end = time.monotonic() + 20
        while Path(f"/proc/{pid}/exe").exists():
            assert time.monotonic() < end, "a process of a task is still there"
            time.sleep(0.02)


def test_a_task_is_ended_alone_whether_it_runs_or_waits(bundle: Bundle) -> None:
    bundle.task("sleep 60")
    bundle.task("exit 3")
    bundle.task("touch $0.was-here; exit 4")
    bundle.start(cores=1)
    bundle.folder.cancel(2)
    time.sleep(0.3)
    bundle.folder.cancel(0)
    bundle.end()
    told = ends(bundle.folder.news())
    assert [(told[i].code, told[i].cut, told[i].stopped) for i in range(3)] == [
        (143, True, False),
        (3, False, False),
        (143, True, False),
    ]
    assert not list(bundle.place.rglob("*was-here"))


def test_a_death_by_signal_counts_unless_the_job_ends_too(bundle: Bundle) -> None:
    bundle.task("kill -9 $$")
    (done,) = ends(bundle.run()).values()
    assert (done.sig, done.stopped) == (signal.SIGKILL, False)


def test_no_task_starts_when_the_time_of_the_job_is_nearly_over(bundle: Bundle) -> None:
    bundle.task("sleep 0.3")
    bundle.task("true")
    lines = bundle.run(life_s=0.2)
    assert list(ends(lines)) == [0]
    assert lines[-1].k == "close" and lines[-1].why is None


def test_a_folder_for_temporary_files_is_made_on_the_node_and_removed(
    bundle: Bundle, tmp_path: Path
) -> None:
    for number in range(2):
        scratch = str(tmp_path / f"scratch-{number}")
        env = {"PATH": os.environ["PATH"], "TMPDIR": scratch}
        script = (
            'stat -c %a "$TMPDIR"; ls "$TMPDIR" | wc -l; mkdir "$TMPDIR/d"; touch "$TMPDIR/d/f"'
        )
        bundle.task(f"{script}; exit {number}", env=env, tmp=scratch)
    bundle.run()
    for number in range(2):
        assert (tmp_path / f"logs-{number}" / "stdout").read_text().split() == ["700", "0"]
        assert not (tmp_path / f"scratch-{number}").exists()


def test_temporary_files_go_when_the_worker_is_killed(bundle: Bundle, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    bundle.task(f"touch {scratch}/f; sleep 1000", tmp=str(scratch))
    bundle.start()
    lines = bundle.until("start")
    while not (scratch / "f").exists():
        time.sleep(0.01)
    worker = next(line.pid for line in lines if line.k == "claim")
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    bundle.end()
    assert not scratch.exists()


def spied(bundle: Bundle, folder: Path, **more: Any) -> list[list[str]]:
    """Run a bundle; return the kinds of lines in its log at each removal of a folder."""
    seen = folder / "seen"
    program = f"""
import json, runpy, shutil, sys
remove = shutil.rmtree
def spy(*words, **more):
    with open({str(bundle.folder.path / "log")!r}) as log, open({str(seen)!r}, "a") as told:
        kinds = [json.loads(line[9:])["k"] for line in log if line.strip()]
        told.write(json.dumps(kinds) + "\\n")
    remove(*words, **more)
shutil.rmtree = spy
sys.argv = {[str(WORKER), str(bundle.folder.path)]!r}
runpy.run_path({str(WORKER)!r}, run_name="__main__")
"""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "again", lambda: None)
        bundle.start(**more)
    bundle.process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
    bundle.end()
    return [json.loads(line) for line in seen.read_text().splitlines()]


def test_ends_are_told_before_temporary_files_are_removed_once(
    bundle: Bundle, tmp_path: Path
) -> None:
    for number in range(2):
        bundle.task("true", tmp=str(tmp_path / f"scratch-{number}"))
    assert spied(bundle, tmp_path) == [
        ["claim", "start", "end"],
        ["claim", "start", "end", "start", "end"],
    ]


def test_the_death_of_a_worker_is_told_before_temporary_files_are_removed(
    bundle: Bundle, tmp_path: Path
) -> None:
    bundle.task("kill -9 $PPID; sleep 60", tmp=str(tmp_path / "scratch"))
    assert spied(bundle, tmp_path) == [["claim", "start", "close"]]
    assert not (tmp_path / "scratch").exists()


def test_a_folder_for_temporary_files_that_cannot_be_made(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").touch()
    bundle.task("true", tmp=str(tmp_path / "there"))
    bundle.task("true", tmp=str(tmp_path / "nowhere" / "scratch"))
    done = ends(bundle.run())
    assert [done[n].code for n in range(2)] == [127, 127]
    assert "File exists" in str(done[0].err)
    assert f"{tmp_path}/nowhere/scratch: No such file" in str(done[1].err)
    assert (tmp_path / "there" / "file").exists()


def test_it_shows_that_it_lives(bundle: Bundle) -> None:
    bundle.task("sleep 1")
    kinds = [line.k for line in bundle.run(beat_s=0.2)]
    assert kinds.count("beat") >= 2


def test_variables_that_the_job_set_reach_the_tasks(bundle: Bundle, tmp_path: Path) -> None:
    """As the script of a job does: what was there before is written down, then commands ran."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "shown").write_text("#!/bin/sh\necho $COLOUR $SHAPE\n")
    (tools / "shown").chmod(0o755)
    base = os.environ["PATH"]
    bundle.task("", argv=["shown"], env={"PATH": base, "SHAPE": "round"})
    bundle.task("", argv=["nowhere"], env={"PATH": base})
    bundle.folder.path.mkdir(parents=True)
    before = b"\0".join(os.fsencode(f"{n}={v}") for n, v in os.environ.items())
    (bundle.folder.path / "environment").write_bytes(before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tools}:{base}")
        patch.setenv("COLOUR", "blue")
        lines = bundle.run(path=base)
    assert (tmp_path / "logs-0" / "stdout").read_text() == "blue round\n"
    assert ends(lines)[1].err == "it is not on the PATH of the node"


def test_names_with_blanks_and_odd_characters(bundle: Bundle, tmp_path: Path) -> None:
    odd = tmp_path / "a b\n'\"$ü\udcff"
    odd.mkdir()
    bundle.task(
        "", argv=["/bin/sh", "-c", 'echo "$1"', "sh", "x 'y' \"z\" $HOME \udcfe"], cwd=str(odd)
    )
    bundle.run()
    text = (tmp_path / "logs-0" / "stdout").read_bytes()
    assert text == b"x 'y' \"z\" $HOME \xfe\n"


def test_a_damaged_line_says_nothing_and_a_torn_one_is_waited_for(tmp_path: Path) -> None:
    folder = BundleFolder(tmp_path)
    body = json.dumps({"k": "start", "i": 4}).encode()
    import zlib

    line = b"%08x " % zlib.crc32(body) + body + b"\n"
    (tmp_path / "log").write_bytes(b"deadbeef {}\n" + line + b"\xff\n" + line[:7])
    assert [found.i for found in folder.news()] == [4]
    with (tmp_path / "log").open("ab") as log:
        log.write(line[7:])
    assert [found.i for found in folder.news()] == [4]
    assert folder.news() == []


def test_the_worker_of_a_pilot_ends_with_it(bundle: Bundle) -> None:
    bundle.task("sleep 60")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "again", lambda: None)
        bundle.start()
    watched, pilot = os.pipe()
    bundle.again(str(watched), pass_fds=(watched,))
    os.close(watched)
    bundle.until("start")
    os.close(pilot)
    bundle.end()
    lines = bundle.folder.news()
    assert ends(lines)[0].stopped
    assert lines[-1].why == "its job is gone"


def test_tasks_see_the_gpus_of_their_job_and_nothing_else(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-2,GPU-3")
    monkeypatch.setenv("OTHER", "of the job")
    bundle.task("echo $CUDA_VISIBLE_DEVICES:$OTHER")
    bundle.task("echo $CUDA_VISIBLE_DEVICES", env={"CUDA_VISIBLE_DEVICES": "1"})
    bundle.run()
    assert [(bundle.place / f"logs-{number}" / "stdout").read_text() for number in range(2)] == [
        "GPU-2,GPU-3:\n",
        "1\n",
    ]
