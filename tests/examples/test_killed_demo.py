"""The demo's run is killed in its middle and resumed: same outputs, no finished step repeated."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine import load_run


def finished(run_dir: Path) -> dict[str, str | None]:
    """The programs that ended well, by task id, with the time at which each started."""
    return {
        task.id: task.started
        for task in load_run(run_dir).tasks
        if task.status == "completed" and task.kind in ("command", "script")
    }


def journaled(run_dir: Path) -> int:
    """How many things the journal holds as done, read without opening it."""
    logs = [
        path for path in run_dir.rglob("*") if path.suffix in (".log", ".jsonl") and path.is_file()
    ]
    return sum(path.read_bytes().count(b'"done"') for path in logs)


@pytest.mark.parametrize("after", [6, 25])
def test_kill_9_and_resume(repository: Path, tmp_path: Path, after: int) -> None:
    example = repository / "examples" / "quickstart"
    modules = os.pathsep.join([str(repository), str(repository / "converters")])
    environment = os.environ | {"PYTHONPATH": modules}
    fairwf = [sys.executable, "-m", "fairwf"]
    places = ["--outdir", str(tmp_path / "out"), "--run-dir", str(tmp_path / "run"), "--cores", "1"]
    command = [
        *fairwf,
        "run",
        "--quiet",
        *places,
        str(example / "main.cwl"),
        str(example / "job.yml"),
    ]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while journaled(tmp_path / "run") < after:
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    before = finished(tmp_path / "run")
    assert before

    resumed = subprocess.run(
        [*fairwf, "resume", "--quiet", str(tmp_path / "run")],
        env=environment,
        check=True,
        capture_output=True,
    )
    later = finished(tmp_path / "run")
    assert {task: later[task] for task in before} == before
    assert len(later) > len(before)
    outputs: dict[str, Any] = json.loads(resumed.stdout)
    expected = json.loads((example / "expected" / "outputs.json").read_text(encoding="utf-8"))
    assert checksums(outputs) == checksums(expected)


def checksums(value: Any) -> Any:
    """An output object with files by name and sum alone."""
    if isinstance(value, list):
        return [checksums(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class") == "File":
        return value["basename"], value["checksum"]
    return {key: checksums(item) for key, item in value.items()}
