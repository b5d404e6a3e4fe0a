"""The tests of the engine that make sense there, once more with tasks in jobs of a cluster."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clusters.conftest import QUICK, ROOT, Cluster

SUITES = [
    "test_data_flow.py",
    "test_demanded_keys.py",
    "test_failures_and_handlers.py",
    "test_loops_and_instances.py",
    "test_cancelled_steps.py",
    "test_coupled_programs.py",
    "test_streams_of_items.py",
]
ELSEWHERE = "not cores and not memory and not machine and not consumers_start and not flows_into"
"""Left out: what is about this machine, and what is about when short tasks start (in bundles)."""


@pytest.mark.long
@pytest.mark.parametrize("suite", SUITES)
def test_the_engine_passes_its_own_tests(cluster: Cluster, suite: str, tmp_path: Path) -> None:
    config = tmp_path / "deployment.json"
    config.write_text(json.dumps({**QUICK, "look_interval": 0.05, "linger": 0.02}))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(ROOT / "tests" / "engine" / "running" / suite)),
            *("-q", "-n", "0", "-m", "not long", "-k", ELSEWHERE),
            *("-p", "no:cacheprovider", "--basetemp", str(tmp_path / "inner")),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "FAIRWF_TEST_BACKEND": cluster.backend,
            "FAIRWF_TEST_CONFIG": str(config),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
