"""Clusters of one machine, set up by the scripts beside this; tests are skipped where none can be.

A cluster belongs to one run of the tests at a time: some set nodes down or stop daemons.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fairwf.document import Document
from fairwf.engine.journal.facts import AnyFact, Done
from fairwf.engine.journal.log import read_log
from fairwf.ir.codec import Root

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STATE = Path("/var/lib/fairwf-tests/clusters")
PACKAGES = {
    "slurm": ("slurmctld", "slurm-wlm and munge"),
    "sge": ("sge_qmaster", "gridengine-master, gridengine-exec and gridengine-client"),
}
SCRIPTS = {"slurm": HERE / "slurm.sh", "sge": HERE / "grid_engine.sh"}
GROUPS = {"slurm": "slurm", "grid_engine": "sge"}
"""The process that a test goes to, by the fixture of its cluster."""
LISTS = {"slurm": ["squeue", "--me", "-h", "-o", "%i"], "sge": ["qstat", "-u", "*"]}

QUICK = {
    "query_interval": 1,
    "look_interval": 0.1,
    "linger": 0.1,
    "grace": 4,
    "walltime": "5m",
    "guess": 2,
    "bundle_time": 10,
}
"""A deployment for tasks of a second."""


class Cluster:
    """A running cluster."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.backend = f"psij:{name}"

    def control(self, *words: str) -> None:
        """Call the script of the cluster."""
        subprocess.run([SCRIPTS[self.name], *words], check=True, capture_output=True)

    def jobs(self) -> list[str]:
        """The jobs that wait or run."""
        said = subprocess.run(LISTS[self.name], check=True, capture_output=True, text=True)
        return [line for line in said.stdout.splitlines() if line.strip()[:1].isdigit()]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one cluster go to one process, since it keeps the cluster until its end."""
    for item in items:
        for name, group in GROUPS.items():
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(group))


@contextmanager
def started(name: str) -> Iterator[Cluster]:
    program, packages = PACKAGES[name]
    if os.geteuid() != 0:
        pytest.skip("setting up a cluster needs root")
    if shutil.which(program) is None:
        pytest.skip(f"needs the Debian packages {packages} (`make test` installs them)")
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([SCRIPTS[name], "up"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
            pytest.skip(f"{SCRIPTS[name].name} cannot set up a cluster here: {last[-300:]}")
        yield Cluster(name)
        subprocess.run([SCRIPTS[name], "down"], capture_output=True, check=False)


@pytest.fixture(scope="session")
def slurm() -> Iterator[Cluster]:
    """Slurm with two nodes."""
    with started("slurm") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def grid_engine() -> Iterator[Cluster]:
    """Grid Engine with one node."""
    before = {name: os.environ.get(name) for name in ("SGE_ROOT", "SGE_CELL")}
    os.environ.update(SGE_ROOT="/var/lib/gridengine", SGE_CELL="default")
    with started("sge") as cluster:
        yield cluster
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(
    params=[
        pytest.param("slurm", marks=pytest.mark.xdist_group(GROUPS["slurm"])),
        pytest.param(
            "grid_engine", marks=[pytest.mark.xdist_group(GROUPS["grid_engine"]), pytest.mark.long]
        ),
    ]
)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Each kind of cluster in turn."""
    found: Cluster = request.getfixturevalue(request.param)
    return found


class Session:
    """Runs of one workflow through the command line, in one run directory."""

    patience_s = 60.0
    """How long something may take to come true."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder = folder
        self.cluster = cluster
        self.run_dir = folder / "run"
        self.log = folder / "ran"
        self.said = ""
        self._engines: list[subprocess.Popen[str]] = []

    def start(self, source: Root | Path, *words: str, **settings: Any) -> subprocess.Popen[str]:
        """Begin a run on the cluster; an IR workflow is written to a file first."""
        if not isinstance(source, Path):
            document = self.folder / "workflow.json"
            document.write_bytes(Document(workflow=source).encode())
            source = document
        config = self.folder / "deployment.json"
        config.write_text(json.dumps({**QUICK, **settings}))
        return self._begin(
            [
                *("run", str(source), *words, "--run-dir", str(self.run_dir)),
                *("--backend", self.cluster.backend, "--config", str(config)),
            ]
        )

    def resume(self, *words: str) -> subprocess.Popen[str]:
        """Begin to resume."""
        return self._begin(["resume", str(self.run_dir), *words])

    def _begin(self, words: Sequence[str]) -> subprocess.Popen[str]:
        engine = subprocess.Popen(
            [sys.executable, "-m", "fairwf", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'converters'}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        """End what a failed test has left: engines, and jobs, which others would wait for."""
        left = [engine for engine in self._engines if engine.poll() is None]
        for engine in left:
            engine.terminate()
        for engine in self._engines:
            engine.communicate(timeout=60)
        self.until(lambda: self.cluster.jobs() == [])

    def end(self, engine: subprocess.Popen[str], code: int = 0) -> Any:
        """Wait for a run and return the outputs that it prints."""
        out, self.said = engine.communicate(timeout=300)
        assert engine.returncode == code, self.said
        return json.loads(out) if out else None

    def until(self, true: Callable[[], Any], engine: subprocess.Popen[str] | None = None) -> None:
        """Wait for something to come true, not for ever, and no longer than the engine runs."""
        end = time.monotonic() + self.patience_s
        while not true():
            if engine is not None and engine.poll() is not None:
                pytest.fail(f"the engine has ended: {engine.communicate()[1]}")
            assert time.monotonic() < end, "it did not come to that"
            time.sleep(0.05)

    # --- what is left

    def facts(self) -> list[AnyFact]:
        """What the journal holds."""
        return [fact for _, fact in read_log(self.run_dir / "journal.log")]

    def done(self, status: str = "completed") -> list[Done]:
        """The executions of programs that ended so."""
        return [
            fact
            for fact in self.facts()
            if isinstance(fact, Done) and fact.kind == "script" and fact.status == status
        ]

    @property
    def bundles(self) -> list[Path]:
        """The folders of the jobs that were submitted."""
        folder = self.run_dir / "batch" / "bundles"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    @property
    def begun(self) -> int:
        """How many jobs have begun."""
        return sum((path / "log").exists() for path in self.bundles)

    @property
    def ran(self) -> list[str]:
        """What tasks appended to the log of the test, one word each."""
        return self.log.read_text().split() if self.log.exists() else []


@pytest.fixture
def session(tmp_path: Path, cluster: Cluster) -> Iterator[Session]:
    """A run on each kind of cluster; none of its jobs outlives the test."""
    made = Session(tmp_path, cluster)
    yield made
    made.close()


@pytest.fixture
def on_slurm(tmp_path: Path, slurm: Cluster) -> Iterator[Session]:
    """A run on Slurm."""
    made = Session(tmp_path, slurm)
    yield made
    made.close()
