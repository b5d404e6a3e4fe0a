"""Executed instances as runs: those of WfInstances, and what an instance does not say."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairwf.check import check
from fairwf.crates import PackageOptions, package_run
from fairwf.document import Document
from fairwf.foreign import read_run, recognised
from fairwf.report import InvalidError, Report
from fairwf.trace.run import counts
from tests.crates.judged import assert_conformant

INSTANCES = "wfformat/wfcommons__WfInstances"
PACKAGED = [
    "nextflow/bacass-dirt02-001.json",
    "pegasus/montage/montage-chameleon-2mass-005d-001.json",
    "makeflow/blast/blast-chameleon-small-001.json",
]


def small(**execution: Any) -> dict[str, Any]:
    task = {"name": "sort", "id": "sort_1", "parents": [], "children": [],
            "inputFiles": ["in.txt"], "outputFiles": ["out.txt"]}  # fmt: skip
    files = [{"id": "in.txt", "sizeInBytes": 3}, {"id": "out.txt", "sizeInBytes": 4}]
    return {
        "name": "two",
        "schemaVersion": "1.5",
        "workflow": {"specification": {"tasks": [task], "files": files}, **execution},
    }


def execution(when: str = "2026-01-02T03:04:05+01:00") -> dict[str, Any]:
    task = {
        "id": "sort_1",
        "runtimeInSeconds": 2.5,
        "command": {"program": "sort", "arguments": ["in.txt"]},
        "coreCount": 1,
        "avgCPU": 97.5,
        "memoryInBytes": 2048,
        "machines": ["node"],
    }
    return {"makespanInSeconds": 10, "executedAt": when, "tasks": [task],
            "machines": [{"nodeName": "node", "cpu": {"coreCount": 4}}]}  # fmt: skip


def test_every_instance_that_was_executed_is_a_run(corpora: Path) -> None:
    found = sorted((corpora / INSTANCES).rglob("*.json"))
    assert len(found) >= 16
    for path in found:
        reader = recognised(path)
        assert reader is not None, path
        run = read_run(str(path), Report())
        instance = json.loads(path.read_text())["workflow"]
        tasks = instance.get("tasks") or instance["specification"]["tasks"]
        assert counts(run.tasks) == {"completed": len(tasks)}, path
        report = Report()
        check(Document(workflow=run.workflow), report)
        assert report.ok, (path, report.errors)


@pytest.mark.parametrize(
    "name", [PACKAGED[0], *(pytest.param(name, marks=pytest.mark.long) for name in PACKAGED[1:])]
)
def test_the_crate_is_valid(name: str, corpora: Path, tmp_path: Path) -> None:
    run = read_run(str(corpora / INSTANCES / name), Report())
    package_run(run, tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", name, recommended=93)


def test_what_was_measured_is_kept(tmp_path: Path) -> None:
    (tmp_path / "i.json").write_text(json.dumps(small(execution=execution())))
    run = read_run(str(tmp_path / "i.json"), Report())
    (task,) = run.tasks
    assert (task.elapsed_s, task.average_cpu, task.max_rss_kib) == (2.5, 97.5, 2)
    assert (task.host, task.command, task.started) == ("node", ("sort", "in.txt"), None)
    assert (run.started, run.ended) == ("2026-01-02T03:04:05+01:00", "2026-01-02T03:04:15+01:00")
    (tmp_path / "in.txt").write_text("another file of that name")
    report = Report()
    package_run(run, tmp_path / "crate", report=report)
    assert not (tmp_path / "crate/inputs").exists()
    assert "does not say where they are" in next(f for f in report if f.code == "FWF5005").message


@pytest.mark.parametrize("when", ["05-10-23T16:23:32Z", "2026-01-02T03:04:05", "soon"])
def test_a_time_that_may_mean_several_is_left_out_and_told(when: str, tmp_path: Path) -> None:
    (tmp_path / "i.json").write_text(json.dumps(small(execution=execution(when))))
    report = Report()
    run = read_run(str(tmp_path / "i.json"), report)
    assert (run.started, run.ended) == (None, None)
    assert "FWF1803" in {found.code for found in report}


def test_a_specification_alone_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "i.json").write_text(json.dumps(small()))
    assert recognised(tmp_path / "i.json") is None
    with pytest.raises(InvalidError, match="was not executed"):
        read_run(str(tmp_path / "i.json"), Report(), "wfinstance")
