"""Workflows lowered to instances and written, instances run, and runs exported."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import fairwf
from fairwf.api import convert, run
from fairwf.conversion import convert_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, WriteOptions, converter
from fairwf.ir.canonical import same
from fairwf.ir.instance import Instance, normal
from fairwf.report import Report
from fairwf.trace.instance import instance_of

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
WORKFLOWS = sorted((EXAMPLES / "ir").glob("*.ir.yml"))


def read(data: bytes) -> Document:
    reader = converter("wfformat").read
    assert reader is not None
    return reader(Source("written", given=data), ReadOptions(), Report())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_is_written_of_a_lowered_workflow_reads_back(
    path: Path, schemas: dict[str, Any]
) -> None:
    report = Report()
    conversion = convert_document(fairwf.load(path), "wfformat", report)
    [data] = conversion.written.files.values()
    lowered = conversion.lowered.workflow
    assert isinstance(lowered, Instance)
    assert same(read(data).workflow, normal(lowered))
    jsonschema.Draft7Validator(schemas["1.5"]).validate(json.loads(data))


def test_an_instance_runs_the_same_after_a_round_trip(tmp_path: Path) -> None:
    document = fairwf.load(EXAMPLES / "ir/instance.ir.yml")
    [data] = convert(document, "wfformat").written.files.values()
    place = tmp_path / "letters.wfformat.json"
    place.write_bytes(data)
    first = run(document, run_dir=tmp_path / "a")
    second = run(place, run_dir=tmp_path / "b")
    assert (first.status, second.status) == ("completed", "completed")
    merged = [tmp_path / name / "outputs/merged.txt" for name in "ab"]
    assert [path.read_text() for path in merged] == ["a\nb\nc\nd\n"] * 2


def test_a_run_is_exported_with_its_times_sizes_and_machines(
    tmp_path: Path, schemas: dict[str, Any]
) -> None:
    record = run(EXAMPLES / "ir/instance.ir.yml", run_dir=tmp_path / "run")
    report = Report()
    exported = Document(workflow=instance_of(record))
    [data] = convert(exported, "wfformat", report=report).written.files.values()
    assert report.by_fate("approximated", "lost") == []
    plain = json.loads(data)
    jsonschema.Draft7Validator(schemas["1.5"]).validate(plain)
    execution = plain["workflow"]["execution"]
    assert execution["makespanInSeconds"] > 0
    assert all(task["runtimeInSeconds"] > 0 for task in execution["tasks"])
    assert all(task["executedAt"] >= execution["executedAt"] for task in execution["tasks"])
    assert {m for task in execution["tasks"] for m in task["machines"]} == {
        machine["nodeName"] for machine in execution["machines"]
    }
    sizes = {f["id"]: f["sizeInBytes"] for f in plain["workflow"]["specification"]["files"]}
    assert sizes["merged.txt"] == 8
    assert same(read(data).workflow, normal(instance_of(record)))


def test_a_workflow_as_it_stands_is_refused_by_the_writer_alone() -> None:
    document = fairwf.load(EXAMPLES / "ir/streams.ir.yml")
    writer = converter("wfformat").write
    assert writer is not None
    report = Report()
    writer(document, WriteOptions(), report)
    assert [finding.code for finding in report.errors] == ["FWF3001"]
