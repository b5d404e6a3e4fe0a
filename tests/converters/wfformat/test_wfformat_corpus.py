"""The published instances: read, written again, and accepted by the schema and by wfcommons."""

import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, WriteOptions, converter, detect
from fairwf.ir import codec
from fairwf.ir.canonical import same
from fairwf.ir.instance import Instance, normal
from fairwf.report import Report
from fairwf_wfformat.patches import equal

WFFORMAT = converter("wfformat")


def read(source: Source) -> tuple[Document, Report]:
    assert WFFORMAT.read is not None
    report = Report()
    return WFFORMAT.read(source, ReadOptions(), report), report


def written(document: Document) -> tuple[bytes, Report]:
    assert WFFORMAT.write is not None
    report = Report()
    result = WFFORMAT.write(document, WriteOptions(), report)
    return result.files[result.main], report


def instance_of(document: Document) -> Instance:
    assert isinstance(document.workflow, Instance)
    return document.workflow


def test_each_is_detected_by_its_content(instances: list[Path]) -> None:
    assert {detect(Source.at(path)).name for path in instances} == {"wfformat"}


def test_reading_and_writing_gives_the_same_document_and_no_finding(instances: list[Path]) -> None:
    for path in instances:
        document, found = read(Source.at(path))
        data, told = written(document)
        assert equal(json.loads(data), json.loads(path.read_bytes())), path.name
        assert [str(d) for d in (*found, *told)] == []


def test_reading_what_was_written_gives_the_same_instance(instances: list[Path]) -> None:
    for path in instances:
        document, _ = read(Source.at(path))
        data, _ = written(document)
        again, _ = read(Source("again", given=data))
        assert same(again.workflow, document.workflow), path.name


def test_the_ir_file_of_an_instance_keeps_all_of_it(instances: list[Path]) -> None:
    for path in instances[:6]:
        document, _ = read(Source.at(path))
        decoded = codec.decode(codec.encode(document.workflow))
        data, _ = written(Document(workflow=decoded))
        assert equal(json.loads(data), json.loads(path.read_bytes())), path.name


def test_columns_hold_what_the_document_says(instances: list[Path]) -> None:
    path = next(p for p in instances if p.name == "blast-chameleon-small-001.json")
    plain = json.loads(path.read_bytes())
    instance = instance_of(read(Source.at(path))[0])
    tasks, execution = instance.tasks, plain["workflow"]["execution"]
    assert instance.id == "makeflow-blast-small"
    assert instance.runtime_system == "Makeflow"
    assert instance.makespan_s == execution["makespanInSeconds"]
    assert [machine.cores for machine in instance.machines] == [24, 24]
    for index, (task, run) in enumerate(
        zip(plain["workflow"]["specification"]["tasks"], execution["tasks"], strict=True)
    ):
        assert tasks.id[index] == task["id"] == run["id"]
        assert [tasks.id[i] for i in tasks.parents.row(index)] == task["parents"]
        assert [instance.files.id[i] for i in tasks.inputs.row(index)] == task["inputFiles"]
        assert tasks.runtime_s[index] == run["runtimeInSeconds"]
        assert tasks.written_bytes[index] == run.get("writtenBytes")
        words = [tasks.words[i] for i in tasks.arguments.row(index)]
        said = [run["command"]["program"], *run["command"]["arguments"]]
        if {">", "2>"} & {*said}:  # only a shell can redirect
            said = ["sh", "-c", " ".join(said)]
        assert [tasks.program[index], *words] == said
    assert instance.metadata is not None
    assert instance.metadata.creators[0].email == plain["author"]["email"]
    assert same(normal(instance), instance)


def test_the_published_schema_accepts_what_is_written(
    instances: list[Path], schemas: dict[str, Any]
) -> None:
    validator = jsonschema.Draft7Validator(schemas["1.5"])
    for path in instances:
        if path.stat().st_size < 200_000:
            data, _ = written(read(Source.at(path))[0])
            assert [e.message for e in validator.iter_errors(json.loads(data))] == []


@pytest.fixture
def wfcommons_instance(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The class of WfCommons that loads an instance; it brings matplotlib, which wants a home."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    if "MPLCONFIGDIR" not in os.environ:
        monkeypatch.setenv("MPLCONFIGDIR", tempfile.gettempdir())
    from wfcommons.wfinstances import Instance as Loaded

    return Loaded


def test_wfcommons_loads_what_is_written(
    instances: list[Path], schema_file: Path, tmp_path: Path, wfcommons_instance: Any
) -> None:
    for path in [p for p in instances if p.stat().st_size < 100_000]:
        instance = instance_of(read(Source.at(path))[0])
        place = tmp_path / path.name
        place.write_bytes(written(Document(workflow=instance))[0])
        logger = logging.getLogger("quiet")
        logger.setLevel(logging.CRITICAL)
        loaded = wfcommons_instance(place, schema_file, logger)
        assert set(loaded.workflow.nodes) == set(instance.tasks.id)
        assert loaded.workflow.number_of_edges() == len(instance.tasks.parents.values)
        assert loaded.makespan == instance.makespan_s


def test_an_instance_that_never_ran_is_accepted_too(
    repository: Path, schemas: dict[str, Any], schema_file: Path, tmp_path: Path,
    wfcommons_instance: Any,
) -> None:  # fmt: skip
    ir = converter("ir")
    assert ir.read is not None
    source = Source.at(repository / "examples/ir/instance.ir.yml")
    document = ir.read(source, ReadOptions(), Report())
    data, report = written(document)
    jsonschema.Draft7Validator(schemas["1.5"]).validate(json.loads(data))
    place = tmp_path / "plan.json"
    place.write_bytes(data)
    wfcommons_instance(place, schema_file)
    assert {d.path for d in report if d.fate == "approximated"} == {
        "/tasks/runtime_s",
        "/makespan_s",
        "/executed",
    }
    again, _ = read(Source("again", given=data))
    assert same(again.workflow, normal(instance_of(document)))
