"""How the engine judges its jobs, with programs that stand in for those of Slurm.

What the scheduler says is a file; what workers report is written as a worker writes it. With a real
Slurm and a real Grid Engine: tests/clusters.
"""

import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.backends.batch.scheduler import BatchScheduler
from fairwf.engine.backends.bundles.backend import BundleBackend
from fairwf.engine.backends.bundles.bundle import BundleFolder
from fairwf.engine.backends.bundles.script import JobNames
from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.places.rundir import LAYOUT_VERSION, RunDir
from fairwf.engine.task import Completion, PreparedTask
from fairwf.engine.task.request import TaskRequest
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Command
from fairwf.report import Report

QUICK: dict[str, Any] = {
    "query_interval": 0.05,
    "look_interval": 0.02,
    "linger": 0,
    "grace": 0.2,
    "guess": 1,
}


class Site:
    """Stand-ins for the programs of Slurm, and a backend that uses them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.lists("")
        self.program("squeue", f"cat {folder}/queue")
        self.program("scancel", f'for last; do :; done; echo "$last" >>{folder}/cancelled')
        self.program(
            "sbatch",
            f'for last; do :; done; cat "$last" >>{folder}/scripts; echo >>{folder}/count\n'
            f"echo Submitted batch job $(wc -l <{folder}/count)",
        )
        self.report = Report()
        self.run = RunDir.create(folder / "run")
        self.run.write_json(self.run.description, {"layout": LAYOUT_VERSION, "id": "a"})
        self.backend: BundleBackend

    def program(self, name: str, body: str, shell: str = "/bin/sh") -> None:
        """Set up a stand-in. The old one may run just now, so it is replaced, not written to."""
        new = self.programs / f".{name}"
        new.write_text(f"#!{shell}\n{body}\n")
        new.chmod(0o755)
        new.rename(self.programs / name)

    def lists(self, *lines: str) -> None:
        """Have the scheduler answer so from now on."""
        new = self.folder / ".queue"
        new.write_text("".join(f"{line}\n" for line in lines if line))
        new.rename(self.folder / "queue")

    def begin(self, **settings: Any) -> BundleBackend:
        """Return a backend that is ready."""
        said = Deployment(**{**QUICK, **settings})
        self.backend = BundleBackend(BatchScheduler("slurm", said), said, self.run, self.report)
        return self.backend.__enter__()

    def submit(self, *names: str, **request: Any) -> None:
        """Hand tasks over to the backend."""
        for name in names:
            self.backend.submit(self.task(name, **request))

    def task(self, name: str, gpus: int = 0, **request: Any) -> PreparedTask:
        """Return a task that is ready to start."""
        folder = self.folder / name
        return PreparedTask(
            task_id=name,
            argv=("/bin/true",),
            command=("true",),
            env={},
            cwd=str(folder),
            stdin=None,
            stdout=str(folder / "out"),
            stderr=str(folder / "err"),
            gpus=gpus,
            request=TaskRequest(
                id=name,
                process=Command(id="true"),
                inputs={},
                folder=str(folder),
                tmp=str(folder),
                staged=str(folder),
                logs=str(folder),
                **request,
            ),
        )

    def until(self, true: Callable[[], Any]) -> list[Completion]:
        """Let the backend work until something is true; return what ended meanwhile."""
        ended = []
        end = time.monotonic() + 30
        while not true():
            assert time.monotonic() < end, "it did not come to that"
            ended += self.backend.wait(0.02)
        return ended

    def bundle(self, number: int) -> Path:
        """Return the folder of a bundle."""
        return self.run.batch / "bundles" / f"{number:06}"

    def submitted(self, number: int) -> bool:
        """Tell whether the scheduler has taken the job of a bundle."""
        return (self.bundle(number) / "job").exists()

    def worker(self, number: int, *lines: dict[str, Any]) -> None:
        """Have the worker of a bundle report; it has claimed the bundle."""
        folder = self.bundle(number)
        (folder / "claim").write_text("worker\n")
        with (folder / "log").open("ab") as log:
            for line in ({"k": "claim", "host": "n1", "job": str(number)}, *lines):
                body = json.dumps(line).encode()
                log.write(b"%08x %s\n" % (zlib.crc32(body), body))

    @property
    def cancelled(self) -> list[str]:
        """The jobs that were cancelled."""
        path = self.folder / "cancelled"
        return path.read_text().split() if path.exists() else []

    @property
    def said(self) -> str:
        """What the user was told."""
        return "\n".join(found.message for found in self.report)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site(tmp_path)
    monkeypatch.setenv("PATH", f"{made.programs}:{os.environ['PATH']}")
    yield made
    made.backend.close()


def test_cancelling_bears_submissions_that_are_refused_meanwhile(site: Site) -> None:
    site.program(
        "sbatch",
        f"touch {site.folder}/begun; while ! [ -e {site.folder}/go ]; do sleep 0.01; done\n"
        "echo invalid partition >&2; exit 1",
    )
    backend = site.begin(bundle_size=1)
    site.submit("a", "b", "c")
    site.until((site.folder / "begun").exists)
    (site.folder / "go").touch()
    backend.cancel()
    refused, *_ = backend.wait(0)
    assert (refused.task_id, refused.again) == ("a", False)
    assert "invalid partition" in str(refused.lost)
    assert site.cancelled == []


def test_a_job_has_the_memory_that_its_tasks_want(site: Site) -> None:
    site.begin(memory_mib=1024)
    site.submit("small", "large", ram_mib=512)
    site.submit("huge", ram_mib=4096)
    site.until(lambda: site.submitted(2))
    scripts = (site.folder / "scripts").read_text()
    assert "--mem=1048576K" in scripts
    assert "--mem=4194304K" in scripts
    asked = [json.loads((site.bundle(n) / "bundle.json").read_text()) for n in (1, 2)]
    assert [(one["ram"], len(one["tasks"])) for one in asked] == [(1024, 2), (4096, 1)]


def test_memory_that_no_job_asks_for_is_told_once(site: Site) -> None:
    site.begin()
    site.submit("plain")
    assert list(site.report) == []
    for _ in range(2):
        site.submit("large", ram_mib=4096, resources=Resources(memory=Amount(min=to_literal(4096))))
    (found,) = site.report
    assert found.code == "FWF4049"
    assert "'true' asks for 4096 MiB of memory" in found.message
    assert "memory_mib" in str(found.hint)
    site.until(lambda: site.submitted(1))
    assert "--mem" not in (site.folder / "scripts").read_text()


def test_a_task_that_had_not_begun_when_its_job_was_ended_does_not_count_as_tried(
    site: Site,
) -> None:
    site.begin(lost_retries=0, grace=60)
    site.submit("a", "b")
    site.until(lambda: site.submitted(1))
    site.worker(1, {"k": "start", "i": 0}, {"k": "close", "why": "signal 15"})
    site.lists("1|TIMEOUT|x")
    ended = site.until(lambda: site.submitted(2))
    assert [(one.task_id, one.again) for one in ended] == [("a", False)]
    assert "it reached the time limit of the job" in str(ended[0].lost)
    (again,) = json.loads((site.bundle(2) / "bundle.json").read_text())["tasks"]
    assert again["cwd"] == str(site.folder / "b")


def test_why_a_job_was_ended_is_heard_before_it_is_given_up(site: Site) -> None:
    backend = site.begin(lost_retries=0, grace=60)
    site.submit("a")
    site.until(lambda: site.submitted(1) and backend._jobs[1].missing)
    site.program(
        "squeue",
        f"touch {site.folder}/asked; while ! [ -e {site.folder}/go ]; do sleep 0.01; done\n"
        f"cat {site.folder}/queue",
    )
    site.worker(1, {"k": "start", "i": 0}, {"k": "close", "why": "signal 15"})
    site.lists("1|TIMEOUT|x")
    site.until((site.folder / "asked").exists)
    assert backend.wait(0.1) == []
    (site.folder / "go").touch()
    (ended,) = backend.wait(30)
    assert "it reached the time limit of the job" in str(ended.lost)


@pytest.mark.parametrize("claimed", [True, False])
def test_jobs_in_which_nothing_begins_are_not_tried_for_ever(site: Site, claimed: bool) -> None:
    backend = site.begin(lost_retries=1)
    site.submit("a", "b")
    ended: list[Completion] = []
    for number in (1, 2):
        ended += site.until(lambda n=number: site.submitted(n))
        if claimed:
            site.worker(number, {"k": "close", "why": "signal 15"})
        site.lists(f"{number}|FAILED|x")
    while len(ended) < 2:
        ended += backend.wait(30)
    assert sorted(one.task_id for one in ended) == ["a", "b"]
    assert all(one.lost and not one.again for one in ended)


@pytest.mark.parametrize("state, cancelled", [("SPECIAL_EXIT", ["1"]), ("TIMEOUT", [])])
def test_a_lost_job_that_its_scheduler_holds_is_deleted(
    site: Site, state: str, cancelled: list[str]
) -> None:
    site.begin()
    site.submit("a")
    site.until(lambda: site.submitted(1))
    site.lists(f"1|{state}|x")
    site.until(lambda: site.submitted(2))
    assert site.cancelled == cancelled


@pytest.mark.parametrize("state, cancelled", [("SPECIAL_EXIT", ["1"]), ("TIMEOUT", [])])
def test_a_held_job_is_deleted_when_the_run_is_cancelled(
    site: Site, state: str, cancelled: list[str]
) -> None:
    backend = site.begin(grace=60, look_interval=20)
    site.submit("a")
    site.until(lambda: site.submitted(1) and backend._jobs[1].id)
    site.lists(f"1|{state}|x")
    backend.cancel()
    assert site.cancelled == cancelled


def test_a_scheduler_that_cannot_be_asked_is_told_once(site: Site) -> None:
    backend = site.begin(grace=60)
    site.submit("a")
    site.until(lambda: site.submitted(1))
    site.program("squeue", "", shell="/no/such/shell")
    site.until(lambda: site.said)
    for _ in range(10):
        backend.wait(0.05)
    (found,) = site.report
    assert found.code == "FWF4044"
    assert found.message.startswith("the scheduler does not answer: ")
    assert found.message.endswith("squeue: No such file or directory")


def test_jobs_that_may_be_left_are_told_where_the_scheduler_cannot_be_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = site.begin()
    site.lists("1|RUNNING|x")
    site.submit("a")
    site.until(lambda: site.submitted(1) and backend._jobs[1].id)
    (site.programs / "squeue").unlink()
    monkeypatch.setenv("PATH", str(site.programs))
    backend.cancel()
    (found,) = site.report
    assert found.message == "the scheduler does not answer: squeue is not on PATH"
    assert found.hint == f"jobs may be left: {JobNames('a').of(1).removesuffix('1')}*"
    assert site.cancelled == ["1"]


def test_the_id_of_a_job_is_recorded_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[tuple[int, str]] = []
    monkeypatch.setattr(
        BundleFolder, "submitted", lambda folder, job: recorded.append((folder.number, job))
    )
    backend = site.begin()
    site.submit("a")
    site.until(lambda: backend._jobs and backend._jobs[1].id)
    assert recorded == [(1, "1")]


def test_the_id_of_a_job_whose_submission_seemed_to_fail_is_recorded(site: Site) -> None:
    site.program("sbatch", "echo Socket timed out on send/recv operation >&2; exit 1")
    site.begin()
    site.submit("a")
    site.until(lambda: site.said)
    site.lists(f"7|PENDING|{JobNames('a').of(1)}")
    site.until(lambda: site.submitted(1))
    assert (site.bundle(1) / "job").read_text() == "7\n"


def test_what_an_engine_that_died_has_left_held_is_deleted_at_the_end(site: Site) -> None:
    name = JobNames("a").of(1)
    site.lists(f"7|SPECIAL_EXIT|{name}", f"8|TIMEOUT|{name}", "9|SPECIAL_EXIT|other")
    site.begin().close()
    assert site.cancelled == ["7"]


def test_one_task_is_cancelled_wherever_it_is(site: Site) -> None:
    backend = site.begin(bundle_size=2, max_jobs=1)
    site.submit("running", "ended", "waiting")
    site.until(lambda: site.submitted(1))
    backend.cancel("waiting")
    (told,) = backend.wait(5)
    assert (told.task_id, told.cancelled) == ("waiting", True)
    backend.cancel("running", "ended")
    assert sorted(path.name for path in site.bundle(1).glob("cancel.*")) == ["cancel.0", "cancel.1"]
    site.worker(1, {"k": "end", "i": 0, "code": 143, "cut": True}, {"k": "end", "i": 1, "code": 0})
    ended: list[Completion] = []
    site.until(lambda: ended.extend(backend.wait(0.02)) or len(ended) == 2)
    # One that had ended before it heard of it has ended.
    assert {one.task_id: one.cancelled for one in ended} == {"running": True, "ended": False}


def test_a_task_that_is_not_wanted_does_not_run_again_when_its_job_is_lost(site: Site) -> None:
    backend = site.begin()
    site.submit("a")
    site.until(lambda: site.submitted(1))
    backend.cancel("a")
    site.worker(1, {"k": "start", "i": 0}, {"k": "close", "why": "the scheduler"})
    told: list[Completion] = []
    end = time.monotonic() + 30
    while not told and time.monotonic() < end:
        told += backend.wait(0.05)
    assert [(one.task_id, one.cancelled, one.again) for one in told] == [("a", True, False)]
