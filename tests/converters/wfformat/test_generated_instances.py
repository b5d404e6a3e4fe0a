"""Instances that the `wfcommons` package generates run for real, with a small benchmark program."""

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path

import numpy
import pytest

from fairwf.check import check
from fairwf.conversion import read_document
from fairwf.engine import RunOptions, run
from fairwf.formats import Source
from fairwf.report import Report

RECIPES = {
    "Blast": 50,
    "Epigenomics": 60,
    "Srasearch": 30,
    "Bwa": 110,
    "Cycles": 80,
    "Genome": 60,
    "Montage": 80,
    "Rnaseq": 80,
    "Seismology": 110,
    "Soykb": 110,
}
"""How many tasks are asked for; a recipe knows a smallest number."""
QUICK = ("Blast", "Srasearch")
PROGRAM = Path(__file__).with_name("wfbench")


def generated(folder: Path, recipe: str, count: int) -> Path:
    """A benchmark of WfCommons: tasks and files of a recipe, and its input files."""
    bench = pytest.importorskip("wfcommons.wfbench", reason="needs the package wfcommons")
    recipes = pytest.importorskip("wfcommons.wfchef.recipes")
    numpy.random.seed(1)
    made = bench.WorkflowBenchmark(recipe=getattr(recipes, f"{recipe}Recipe"), num_tasks=count)
    path: Path = made.create_benchmark(folder, cpu_work=2, data=1, percent_cpu=0.6)
    return path


@pytest.mark.parametrize(
    "recipe",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in RECIPES],
)
def test_a_generated_instance_runs(
    tmp_path: Path, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAM.parent}:{os.environ['PATH']}")
    folder = tmp_path / "instance"
    folder.mkdir()
    path = generated(folder, recipe, RECIPES[recipe])
    said = json.loads(path.read_text())["workflow"]["specification"]
    report = Report()
    document = read_document(Source(name=str(path), path=path), report)
    check(document, report)
    assert report.ok, report.errors
    options = RunOptions(run_dir=tmp_path / "run", outdir=tmp_path / "out", cores=2)
    record = run(document, {}, options, None, report)
    assert record.status == "completed", [str(found) for found in report.errors]

    tasks = {task.id: task for task in record.tasks}
    assert set(tasks) == {task["id"] for task in said["tasks"]}
    sizes = {file["id"]: file["sizeInBytes"] for file in said["files"]}
    for task in said["tasks"]:
        ran = tasks[task["id"]]
        assert ran.status == "completed"
        for name in task["outputFiles"]:
            assert (Path(ran.folder or "") / name).stat().st_size == sizes[name]
        for parent in task["parents"]:
            ended, began = tasks[parent].ended, ran.started
            assert ended and began
            assert datetime.fromisoformat(ended) <= datetime.fromisoformat(began)
    taken = {name for task in said["tasks"] for name in task["inputFiles"]}
    made = {name for task in said["tasks"] for name in task["outputFiles"]}
    assert set(record.outputs) == made - taken
    for name, value in record.outputs.items():
        data = (tmp_path / "out" / name).read_bytes()
        assert value.checksum == f"sha1${hashlib.sha1(data).hexdigest()}"
