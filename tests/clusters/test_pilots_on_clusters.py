"""Pilots of Parsl in jobs of Slurm, and the tests of the engine that make sense in pilots."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clusters.conftest import QUICK, ROOT, Cluster, Session
from tests.clusters.test_engine_on_clusters import ELSEWHERE, SUITES
from tests.clusters.test_running_on_clusters import flat
from tests.engine.backends.pilots.conftest import PilotSession, pilots

__all__ = ["pilots"]
EXAMPLES = ROOT / "examples" / "pilots"
SETTINGS = {"bundle_time": 2, "guess": 1, "parsl": str(EXAMPLES / "slurm.py")}


@pytest.fixture
def in_jobs(on_slurm: Session, pilots: PilotSession) -> Session:
    """A run in pilots in jobs of Slurm: neither processes nor jobs outlive the test."""
    pytest.importorskip("parsl", reason="needs Parsl: pip install 'fairwf[parsl]'")
    on_slurm.patience_s = pilots.patience_s
    on_slurm.cluster = Cluster("slurm")
    on_slurm.cluster.backend = "parsl:slurm"
    return on_slurm


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
def test_tasks_run_in_pilots_in_jobs(in_jobs: Session) -> None:
    engine = in_jobs.start(flat(in_jobs, 200), **SETTINGS)
    in_jobs.until(lambda: in_jobs.begun, engine)
    assert 1 <= len(in_jobs.cluster.jobs()) <= 2
    assert in_jobs.end(engine) == {"sum": sum(range(200))}
    assert sorted(map(int, in_jobs.ran)) == list(range(200))
    assert in_jobs.cluster.jobs() == []


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
def test_a_killed_engine_leaves_no_job_behind(in_jobs: Session) -> None:
    engine = in_jobs.start(flat(in_jobs, 60, "sleep 0.3;"), **SETTINGS)
    in_jobs.until(lambda: len(in_jobs.ran) >= 6, engine)
    engine.kill()
    engine.communicate()
    in_jobs.until(lambda: in_jobs.cluster.jobs() == [])
    assert len(in_jobs.ran) < 60
    assert in_jobs.end(in_jobs.resume()) == {"sum": sum(range(60))}
    # those in flight on four workers may have run twice
    assert set(map(int, in_jobs.ran)) == set(range(60))
    assert len(in_jobs.ran) <= 64
    assert len({done.key for done in in_jobs.done()}) == len(in_jobs.done()) == 60


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
def test_jobs_of_a_dead_client_are_cancelled_with_the_engine_dead_too(
    in_jobs: Session, pilots: PilotSession
) -> None:
    """Nobody is left who knows the jobs, but for the file in which they were noted."""
    engine = in_jobs.start(flat(in_jobs, 8, "sleep 600;"), **SETTINGS)
    in_jobs.until(lambda: in_jobs.begun, engine)
    client = pilots.process("python", "pilots/client.py")
    guard = pilots.process("pilots/guard.py")
    os.kill(guard, signal.SIGSTOP)
    engine.kill()
    os.kill(client, signal.SIGKILL)
    assert in_jobs.cluster.jobs() != []
    os.kill(guard, signal.SIGCONT)
    engine.communicate()
    in_jobs.until(lambda: in_jobs.cluster.jobs() == [])


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
def test_a_pilot_that_the_administrator_cancels_is_replaced(in_jobs: Session) -> None:
    held = in_jobs.folder / "held"
    held.touch()
    body = f"while [ -e {held} ]; do sleep 0.1; done;"
    engine = in_jobs.start(flat(in_jobs, 4, body), **SETTINGS)
    in_jobs.until(lambda: in_jobs.begun, engine)
    before = in_jobs.begun
    subprocess.run(["scancel", *in_jobs.cluster.jobs()], check=True)
    in_jobs.until(lambda: in_jobs.begun > before, engine)
    held.unlink()
    assert in_jobs.end(engine) == {"sum": 6}
    assert "FWF4044" in in_jobs.said
    assert len({done.key for done in in_jobs.done()}) == len(in_jobs.done()) == 4


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("place", ["here", "slurm"])
def test_the_engine_passes_its_own_tests_in_pilots(
    place: str, suite: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("parsl", reason="needs Parsl: pip install 'fairwf[parsl]'")
    if place == "slurm":
        request.getfixturevalue("slurm")
    config = tmp_path / "deployment.json"
    settings = {**QUICK, "look_interval": 0.05, "linger": 0.02, "query_interval": 0.5}
    config.write_text(json.dumps({**settings, "parsl": str(EXAMPLES / f"{place}.py")}))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(ROOT / "tests" / "engine" / "running" / suite)),
            *("-q", "-n", "0", "-m", "not long", "-k", ELSEWHERE),
            *("-p", "no:cacheprovider", "--basetemp", str(tmp_path / "inner")),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "FAIRWF_TEST_BACKEND": f"parsl:{place}",
            "FAIRWF_TEST_CONFIG": str(config),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
