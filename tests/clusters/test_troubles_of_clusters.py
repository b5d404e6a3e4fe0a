"""Jobs are cancelled, nodes fail, daemons stop, and nothing is lost."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.backends.bundles.bundle import BundleFolder
from tests.clusters.conftest import Cluster, Session
from tests.clusters.test_running_on_clusters import flat
from tests.engine.running.workflows import script, step, workflow


def held(session: Session, count: int) -> tuple[Any, Path]:
    """A bag of tasks that run until a file is removed; each leaves `begun-N` when it begins."""
    file = session.folder / "held"
    file.touch()
    begins = f"touch {session.folder}/begun-{{x}};"
    return flat(session, count, f"{begins} while [ -e {file} ]; do sleep 0.1; done;"), file


def told(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def jobs_of(session: Session) -> list[str]:
    return [(path / "job").read_text().strip() for path in session.bundles]


def test_a_job_that_the_administrator_cancels_runs_again(session: Session) -> None:
    bag, file = held(session, 3)
    engine = session.start(bag, max_jobs=1)
    session.until(lambda: session.begun, engine)
    (job,) = jobs_of(session)
    told("scancel" if session.cluster.name == "slurm" else "qdel", job)
    session.until(lambda: session.begun > 1, engine)
    file.unlink()
    assert session.end(engine) == {"sum": 3}
    assert sorted(session.ran) == ["0", "1", "2"]
    assert "FWF4044" in session.said
    assert f"job {job}: " in session.said
    if session.cluster.name == "slurm":
        assert "it was cancelled" in session.said


def test_a_job_that_is_lost_too_often_fails_its_tasks(session: Session) -> None:
    bag, _ = held(session, 1)
    engine = session.start(bag, max_jobs=1, lost_retries=0)
    session.until(lambda: (session.folder / "begun-0").exists(), engine)
    told("scancel" if session.cluster.name == "slurm" else "qdel", *jobs_of(session))
    session.end(engine, 1)
    assert "FWF4043" in session.said
    assert session.ran == []


def test_a_job_that_is_refused_fails_its_tasks_in_the_words_of_the_scheduler(
    on_slurm: Session,
) -> None:
    on_slurm.end(on_slurm.start(flat(on_slurm, 2), queue="nowhere"), 1)
    assert "FWF4043" in on_slurm.said
    assert "invalid partition specified: nowhere" in on_slurm.said.lower()


def test_commands_of_the_deployment_set_up_the_job(session: Session) -> None:
    tools = session.folder / "my tools"
    tools.mkdir()
    program = tools / "shown"
    program.write_text('#!/bin/sh\necho "$COLOUR"\n')
    program.chmod(0o755)
    setup = [f"export PATH='{tools}':$PATH", "export COLOUR='pale blue'"]
    only_there = script("shown", out="string")
    outputs = {"o": ("string", "show.out")}
    engine = session.start(workflow([step("show", only_there, {})], outputs), setup=setup)
    assert session.end(engine) == {"o": "pale blue"}


def test_temporary_files_lie_on_the_disk_of_the_node(
    session: Session, tmp_path_factory: pytest.TempPathFactory
) -> None:
    disk = tmp_path_factory.mktemp("disk")
    body = f'echo {{x}} > "$TMPDIR/draft"; echo "$TMPDIR" >> {session.folder}/places;'
    engine = session.start(flat(session, 3, body), scratch=str(disk))
    assert session.end(engine) == {"sum": 3}
    places = (session.folder / "places").read_text().splitlines()
    assert len(set(places)) == 3
    assert {str(Path(place).parent) for place in places} == {str(disk)}
    assert list(disk.iterdir()) == []


def test_a_set_up_command_that_fails_is_told(session: Session) -> None:
    setup = ["module() { false; }; module load gcc/999"]
    engine = session.start(flat(session, 1), setup=setup, lost_retries=0)
    session.end(engine, 1)
    assert "before its worker started (the set-up command failed: " in session.said
    assert "gcc/999" in session.said
    assert session.ran == []


@pytest.mark.long
def test_a_task_that_outlives_its_job_is_told_to_want_more_time(session: Session) -> None:
    bag, _ = held(session, 1)
    session.end(session.start(bag, walltime=3, lost_retries=0), 1)
    assert "FWF4043" in session.said
    assert session.ran == []
    if session.cluster.name == "slurm":
        assert "it reached the time limit of the job" in session.said


@pytest.mark.long
@pytest.mark.parametrize("which", ["the first process of its job", "the worker itself"])
def test_a_worker_that_is_killed_leaves_no_task_behind(session: Session, which: str) -> None:
    bag, file = held(session, 2)
    engine = session.start(bag, max_jobs=1)
    session.until(lambda: (session.folder / "begun-0").exists(), engine)
    first = int((session.bundles[0] / "claim").read_text().split()[1])
    worker = next(line.pid for line in BundleFolder(session.bundles[0]).news() if line.k == "claim")
    assert worker not in (None, first)
    told("kill", "-9", str(first if which.startswith("the first") else worker))
    session.until(lambda: session.begun > 1, engine)
    file.unlink()
    assert session.end(engine) == {"sum": 1}
    assert sorted(session.ran) == ["0", "1"]


@pytest.mark.long
def test_a_node_that_is_set_down_gives_its_tasks_to_another(
    on_slurm: Session, slurm: Cluster
) -> None:
    bag, file = held(on_slurm, 8)
    engine = on_slurm.start(bag, max_jobs=4, bundle_time=4)
    on_slurm.until(lambda: on_slurm.begun == 4, engine)
    try:
        told("scontrol", "update", "nodename=n1", "state=down", "reason=test")
        on_slurm.until(lambda: len(on_slurm.bundles) > 4, engine)
        file.unlink()
        assert on_slurm.end(engine) == {"sum": 28}
    finally:
        slurm.control("nodes-up")
    assert sorted(set(map(int, on_slurm.ran))) == list(range(8))
    assert "FWF4044" in on_slurm.said


@pytest.mark.long
def test_a_requeued_job_does_not_run_beside_its_successor(on_slurm: Session) -> None:
    bag, file = held(on_slurm, 2)
    engine = on_slurm.start(bag, max_jobs=1)
    on_slurm.until(lambda: on_slurm.begun, engine)
    told("scontrol", "requeue", *jobs_of(on_slurm))
    on_slurm.until(lambda: on_slurm.begun > 1, engine)
    file.unlink()
    assert on_slurm.end(engine) == {"sum": 1}
    assert sorted(on_slurm.ran) == ["0", "1"]


@pytest.mark.long
def test_the_controller_may_be_restarted(on_slurm: Session, slurm: Cluster) -> None:
    bag, file = held(on_slurm, 6)
    engine = on_slurm.start(bag, max_jobs=2)
    on_slurm.until(lambda: on_slurm.begun, engine)
    slurm.control("controller-down")
    try:
        file.unlink()
        on_slurm.until(lambda: len(on_slurm.done()) >= 3, engine)
    finally:
        slurm.control("controller-up")
    assert on_slurm.end(engine) == {"sum": 15}
    assert sorted(map(int, on_slurm.ran)) == list(range(6))


@pytest.mark.long
def test_jobs_that_the_controller_forgets_are_noticed(on_slurm: Session, slurm: Cluster) -> None:
    bag, file = held(on_slurm, 4)
    engine = on_slurm.start(bag, max_jobs=1)
    on_slurm.until(lambda: on_slurm.begun, engine)
    slurm.control("controller-down", "--forget")
    slurm.control("controller-up")
    on_slurm.until(lambda: on_slurm.begun > 1, engine)
    file.unlink()
    assert on_slurm.end(engine) == {"sum": 6}
    assert sorted(set(on_slurm.ran)) == ["0", "1", "2", "3"]


@pytest.mark.long
def test_a_controller_that_is_gone_is_told_before_anything_runs(
    on_slurm: Session, slurm: Cluster
) -> None:
    slurm.control("controller-down")
    try:
        on_slurm.end(on_slurm.start(flat(on_slurm, 1)), 3)
    finally:
        slurm.control("controller-up")
    assert "the scheduler (slurm) does not answer" in on_slurm.said
    assert on_slurm.end(on_slurm.resume()) == {"sum": 0}
