"""The five styles of workflow in examples/ir are valid, and each runs on the engine."""

import hashlib
from pathlib import Path

import pytest

import fairwf
from fairwf import engine
from fairwf.formats import Source, converter
from fairwf.ir.expressions import File
from fairwf.ir.values import Value, from_literal
from fairwf.report import Report
from fairwf.trace import Run

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "ir"
STYLES = ("typed-data-flow", "demanded-keys", "streams", "loop-with-approval", "instance")


def start(style: str, folder: Path, wait_for_approval: bool = False) -> Run:
    """Run an example with its job file."""
    path = FOLDER / f"{style}.ir.yml"
    document = fairwf.load(path)
    job = FOLDER / f"{style}.job.yml"
    inputs: dict[str, Value] = {}
    if job.exists():
        read_inputs = converter("ir").read_inputs
        assert read_inputs is not None
        inputs = dict(read_inputs(Source.at(job), document, Report()))
    options = engine.RunOptions(
        run_dir=folder / "run",
        outdir=folder / "out",
        base=FOLDER,
        sources=(path,),
        wait_for_approval=wait_for_approval,
    )
    return engine.run(document, inputs, options)


def outputs(run: Run) -> dict[str, Value]:
    assert run.status == "completed", run.error
    return {name: from_literal(value) for name, value in run.outputs.items()}


def text(value: Value) -> str:
    assert isinstance(value, File)
    assert value.location is not None
    path = Path(value.location.removeprefix("file://"))
    assert value.checksum == "sha1$" + hashlib.sha1(path.read_bytes()).hexdigest()
    return path.read_text()


def test_all_five_are_there() -> None:
    assert {path.name for path in FOLDER.glob("*.ir.yml")} == {f"{s}.ir.yml" for s in STYLES}


@pytest.mark.parametrize("style", STYLES)
def test_the_document_is_valid_without_a_finding(style: str) -> None:
    report = Report()
    fairwf.load(FOLDER / f"{style}.ir.yml", report=report)
    assert [str(d) for d in report if d.severity != "note"] == []


def test_typed_data_flow(tmp_path: Path) -> None:
    found = outputs(start("typed-data-flow", tmp_path))
    assert found["how_many"] == [4, 4, 3]
    names = [line.split()[0] for line in text(found["planets"]).splitlines()]
    assert names == ["Mercury", "Venus", "Earth", "Mars", "Ceres", "Jupiter"]


def test_demanded_keys_are_made_once_each(tmp_path: Path) -> None:
    run = start("demanded-keys", tmp_path)
    found = outputs(run)
    lines = text(found["summary"]).splitlines()
    assert lines[0] == "Mercury 0.39 pass 1 pass 2 pass 3"
    assert lines[-1] == "Eris 67.78 pass 1 pass 2 pass 3"
    assert len(lines) == 7
    assert text(found["by_path"]).startswith("Mercury 0.39 pass 1\n")
    made = [task for task in run.tasks if task.step == ("pass",)]
    assert len(made) == 6
    assert not any("outer" in str(task.index) for task in made)


def test_streams_keep_the_order_of_their_source(tmp_path: Path) -> None:
    found = outputs(start("streams", tmp_path))
    assert text(found["report"]) == "4 4\n"


def test_the_loop_converges_and_the_approval_survives_a_restart(tmp_path: Path) -> None:
    run = start("loop-with-approval", tmp_path)
    assert run.status == "running"
    done = {task.id for task in run.tasks if task.status == "completed"}
    assert not any(task.step == ("release",) for task in run.tasks if task.id in done)
    engine.approve(tmp_path / "run", "release")
    found = outputs(engine.resume(tmp_path / "run"))
    root = found["root"]
    assert isinstance(root, float)
    assert abs(root * root - 2) < 1e-6
    assert text(found["published"]) == "1.414214\n"


def test_an_instance_runs_its_commands(tmp_path: Path) -> None:
    run = start("instance", tmp_path)
    assert run.status == "completed", run.error
    assert len(run.tasks) == 5
    merged = next(task for task in run.tasks if task.process == "merge")
    (made,) = [from_literal(value) for value in merged.outputs.values()]
    made = made[0] if isinstance(made, list) else made
    assert text(made) == "a\nb\nc\nd\n"
