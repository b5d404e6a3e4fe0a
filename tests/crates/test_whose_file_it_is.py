"""Two executions that wrote the same made two files, each with its own maker and lineage."""

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairwf import api
from fairwf.crates import PackageOptions, open_crate, package_run
from fairwf.engine import load_run
from fairwf.ir.expressions import Array, File
from fairwf.provenance import Lineage, provenance
from fairwf.report import InvalidError
from fairwf.trace import Run
from fairwf.trace.whereabouts import inside, originals
from tests.crates.example_run import example_run, made

SAME = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}}
inputs: {ts: "string[]"}
outputs: {p: {type: "File[]", outputSource: a/o}}
steps:
  a:
    scatter: t
    in: {t: ts}
    out: [o]
    run:
      class: CommandLineTool
      inputs: {t: {type: string, inputBinding: {position: 1}}}
      baseCommand: echo
      stdout: x.txt
      outputs: {o: stdout}
"""
EXPECTED = {0: "outputs/x.txt", 1: "outputs/x_2.txt", 2: "outputs/x_3.txt"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A real run: items 0 and 2 write the same, and all three under one name."""
    folder = tmp_path_factory.mktemp("same")
    (folder / "same.cwl").write_text(SAME)
    job = {"ts": ["one", "two", "one"]}
    return api.run(folder / "same.cwl", job, run_dir=folder / "run", outdir=folder / "out")


def entities(crate: Path) -> dict[str, dict[str, Any]]:
    graph = json.loads((crate / "ro-crate-metadata.json").read_bytes())["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)
    return {entity["@id"]: entity for entity in graph}


def test_an_output_of_the_run_is_the_entity_that_its_execution_gave(
    run: Run, tmp_path: Path
) -> None:
    package_run(run, tmp_path / "crate")
    told = entities(tmp_path / "crate")
    results = {n: told[f"#action/a/item%20{n}"]["result"]["@id"] for n in range(3)}
    assert results == EXPECTED
    assert [each["@id"] for each in told["#run"]["result"]] == list(EXPECTED.values())
    assert (told["outputs/x_2.txt"]["name"], told["outputs/x_2.txt"]["alternateName"]) == (
        "x_2.txt",
        "x.txt",
    )


@pytest.mark.parametrize("most", [5000, 1])
def test_lineage_follows_each_of_them(run: Run, tmp_path: Path, most: int) -> None:
    """Also where executions stand in N-Quads."""
    package_run(run, tmp_path / "crate", PackageOptions(most_tasks=most))
    with open_crate(tmp_path / "crate") as crate:
        lineage = Lineage(provenance(crate))
    for number, place in EXPECTED.items():
        (found,) = lineage.lineage(place.removeprefix("outputs/")).activities
        assert found[1].name == f"Run of a ({number})"


def test_files_that_are_not_copied_have_their_path_in_the_run(run: Run, tmp_path: Path) -> None:
    package_run(run, tmp_path / "crate", PackageOptions(minimal=True))
    files = [e for e in entities(tmp_path / "crate").values() if e["@id"].startswith("#file/")]
    paths = {file["alternateName"] for file in files}
    assert len(files) == len(paths) == 3
    assert all(path.startswith("tasks/a_") and path.endswith("/x.txt") for path in paths)


def test_a_name_of_several_files_is_refused_with_their_paths(run: Run) -> None:
    lineage = Lineage(provenance(run))
    with pytest.raises(InvalidError) as caught:
        lineage.lineage("x.txt")
    found = caught.value.report.diagnostics[0]
    assert found.code == "FWF1011"
    paths = (found.hint or "").partition(": ")[2].split(", ")
    assert len(paths) == 3
    names = {lineage.lineage(path).activities[0][1].name for path in paths}
    assert names == {"a (0)", "a (1)", "a (2)"}
    assert lineage.lineage("x_2.txt").activities[0][1].name == "a (1)"


def test_a_moved_run_directory_knows_its_files_still(run: Run, tmp_path: Path) -> None:
    assert run.folder is not None
    moved = tmp_path / "moved"
    shutil.copytree(run.folder, moved)
    package_run(load_run(moved), tmp_path / "crate")
    told = entities(tmp_path / "crate")
    assert told["#action/a/item%201"]["result"]["@id"] == "outputs/x_2.txt"


@pytest.mark.parametrize("most", [5000, 3])
def test_an_execution_whose_output_equals_its_input_uses_another_file(
    tmp_path: Path, most: int
) -> None:
    run = example_run(tmp_path / "run")
    clean = next(task for task in run.tasks if task.id == "analyse[0]/clean")
    table = next(iter(clean.inputs.values()))
    assert isinstance(table, File) and table.location is not None
    text = "x\n0\n"
    folder = Path(run.folder or "") / "tasks/clean0"
    same = made(folder, "a b#%.csv", text)
    tasks = tuple(
        msgspec.structs.replace(task, outputs={"rows": same}) if task.id == clean.id else task
        for task in run.tasks
    )
    package_run(
        msgspec.structs.replace(run, tasks=tasks),
        tmp_path / "crate",
        PackageOptions(most_tasks=most),
    )
    with open_crate(tmp_path / "crate") as crate:
        told = provenance(crate)
    used = {(r.subject, r.object) for r in told.relations if r.kind == "used"}
    gave = {(r.object, r.subject) for r in told.relations if r.kind == "wasGeneratedBy"}
    assert not used & gave


def test_records_that_do_not_say_what_was_copied_are_read_as_far_as_that_is_certain(
    tmp_path: Path,
) -> None:
    one, two = (made(tmp_path / f"task{n}", "x.txt", f"{n}") for n in "12")
    also = made(tmp_path / "task3", "x.txt", "1")
    out = [made(tmp_path / "out", name, text) for name, text in (("x.txt", "1"), ("x_2.txt", "2"))]
    template = example_run(tmp_path / "run").tasks[0]
    tasks = [
        msgspec.structs.replace(template, id=str(n), outputs={"o": file})
        for n, file in enumerate((one, two, also))
    ]
    values = {"p": Array(items=tuple(out))}
    assert originals(values, tasks, {}) == {out[1].location: two.location}
    assert originals(values, tasks[:2], {}) == {
        out[0].location: one.location,
        out[1].location: two.location,
    }
    assert originals({"p": one}, tasks, {}) == {}


def test_paths_in_the_run_do_not_lead_out_of_it() -> None:
    assert inside("file:///r/tasks/a%20b/x", "/r") == "tasks/a b/x"
    assert inside("/r/tasks/../../etc/passwd", "/r") is None
    assert inside("../x", "/r") is None
    assert inside("https://example.org/r/x", "/r") is None
    assert inside("/rest/x", "/r") is None
