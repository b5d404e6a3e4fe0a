"""Runs with several sites, one of which is a cluster."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.engine import load_run
from fairwf.ir.values import from_literal
from tests.clusters.conftest import QUICK, Cluster
from tests.engine.running.workflows import script, step, workflow


def fairwf(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "fairwf", *words, "--quiet"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)


def test_a_killed_run_at_a_cluster_and_two_other_sites_is_resumed(
    cluster: Cluster, tmp_path: Path
) -> None:
    def said(name: str, body: str, **more: Any) -> Any:
        return script(f"echo {name} >>{tmp_path}/log; {body}", **more)

    hold = f"until test -e {tmp_path}/go; do sleep 0.1; done; cksum <{{f}}"
    root = workflow(
        [
            step("make", said("make", "head -c 2000000 /dev/zero >big", out="",
                              globs={"f": "big"})),
            step("hold", said("hold", hold, inputs={"f": "File"}), {"f": "make.f"}),
            step("look", said("look", "echo {s} | wc -w", inputs={"s": "string"}, out="int"),
                 {"s": "hold.out"}),
        ],
        {"sum": ("string", "hold.out"), "n": ("int", "look.out")},
    )  # fmt: skip
    (tmp_path / "w.ir.json").write_bytes(Document(workflow=root).encode())
    sites = {
        "here": None,
        "cluster": {"backend": cluster.backend, "jobs": {**QUICK, "look_interval": 0.1}},
        "away": {"mover": "local", "root": "there"},
    }
    steps = {"make": "away", "hold": "cluster"}
    config = {"sites": sites, "default": "here", "steps": steps}
    (tmp_path / "sites.json").write_text(json.dumps(config))
    words = ("run", "w.ir.json", "--config", "sites.json", "--run-dir", "run")
    with fairwf(tmp_path, *words) as engine:
        end = time.monotonic() + 120
        while "hold" not in (tmp_path / "log").read_text() if (tmp_path / "log").exists() else True:
            assert engine.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        engine.send_signal(signal.SIGKILL)
    (tmp_path / "go").touch()
    with fairwf(tmp_path, "resume", "run") as engine:
        out, _ = engine.communicate(timeout=120)
    assert engine.returncode == 0
    sums = subprocess.run(["cksum"], input=bytes(2_000_000), capture_output=True, check=True)
    assert json.loads(out) == {"sum": sums.stdout.decode().strip(), "n": 2}
    # The job went on without its engine.
    assert (tmp_path / "log").read_text().split() == ["make", "hold", "look"]
    record = load_run(tmp_path / "run")
    assert {task.id: task.site for task in record.tasks} == {**steps, "look": "here"}
    assert from_literal(record.outputs["n"]) == 2
    assert not any((tmp_path / "there").iterdir())
