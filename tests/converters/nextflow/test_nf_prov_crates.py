"""Crates of the plugin nf-prov: a published one, and one in the form that version 1.4 writes.

The latter is written to the documentation of the plugin: no Nextflow can be installed here.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run, recognised
from fairwf.ir.expressions import Array, File
from fairwf.ir.values import from_literal
from fairwf.report import InvalidError, Report
from fairwf.trace.run import counts
from tests.crates.judged import assert_conformant

PUBLISHED = "rocrate/ResearchObject__workflow-run-crate/docs/examples/draft/nf-prov-test-run-1"
TRACED = "rocrate/ResearchObject__workflow-run-crate/dev/resource_usage/nf_tracing"
OK = "http://schema.org/CompletedActionStatus"


def ref(*ids: str) -> list[dict[str, str]]:
    return [{"@id": each} for each in ids]


def action(identifier: str, name: str, tool: str, given: str, made: str) -> dict[str, Any]:
    return {
        "@id": identifier, "@type": "CreateAction", "name": name, "instrument": {"@id": tool},
        "object": ref(given), "result": ref(made), "actionStatus": OK,
    }  # fmt: skip


def graph() -> list[dict[str, Any]]:
    when = {"startTime": "2026-02-03T04:05:06.000Z", "endTime": "2026-02-03T04:06:06.000Z"}
    main = "main.nf"
    return [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "mainEntity": {"@id": main}, "hasPart": ref(main),
         "license": "https://spdx.org/licenses/MIT"},
        {"@id": main, "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
         "name": "two", "version": "abc123", "codeRepository": "https://example.org/two",
         "creator": "Ada Lovelace", "step": ref("main.nf#step/A", "main.nf#step/B")},
        {"@id": "main.nf#software-application", "@type": "SoftwareApplication",
         "name": "Nextflow 24.10.0"},
        {"@id": "https://orcid.org/0000-0002-1825-0097", "@type": "Person", "name": "Ada Lovelace"},
        {"@id": "main.nf#organize", "@type": "OrganizeAction", **when,
         "agent": {"@id": "https://orcid.org/0000-0002-1825-0097"},
         "instrument": {"@id": "main.nf#software-application"}, "result": ref("#session")},
        {"@id": "#session", "@type": "CreateAction", **when, "instrument": {"@id": main},
         "object": ref("#param/letters/value", "in.txt"), "result": ref("out/b.txt")},
        {"@id": "#param/letters", "@type": "FormalParameter", "description": "How many letters."},
        {"@id": "#param/letters/value", "@type": "PropertyValue", "name": "letters", "value": 3,
         "exampleOfWork": {"@id": "#param/letters"}},
        {"@id": "#module/A", "@type": "SoftwareApplication", "name": "A"},
        {"@id": "#module/B", "@type": "SoftwareApplication", "name": "B"},
        action("#task/1", "A (x)", "#module/A", "in.txt", "#task/1/a.txt"),
        action("#task/2", "B (x)", "#module/B", "#task/1/a.txt", "#task/2/b.txt"),
        {**action("#task/3", "B (y)", "#module/B", "#task/1/a.txt", "#task/3/c.txt"),
         "actionStatus": "http://schema.org/FailedActionStatus", "error": "no y"},
        action("#publish/2/b.txt", "publish", "main.nf#software-application", "#task/2/b.txt",
               "out/b.txt"),
        {"@id": "#task/1/a.txt", "@type": "CreativeWork", "name": "a.txt"},
        {"@id": "in.txt", "@type": "File", "name": "in.txt"},
        {"@id": "out/b.txt", "@type": "File", "name": "b.txt"},
    ]  # fmt: skip


def written(folder: Path, entities: list[dict[str, Any]]) -> Path:
    (folder / "out").mkdir(parents=True)
    (folder / "ro-crate-metadata.json").write_text(json.dumps({"@graph": entities}))
    for name, text in (("main.nf", "workflow {}\n"), ("in.txt", "a\n"), ("out/b.txt", "A\n")):
        (folder / name).write_text(text)
    return folder


def test_the_run_is_told(tmp_path: Path) -> None:
    folder = written(tmp_path / "crate", graph())
    reader = recognised(folder)
    assert reader is not None
    assert reader.name == "nextflow"
    run = read_run(str(folder), Report())
    assert (run.engine.version, run.agent and run.agent.name) == ("24.10.0", "Ada Lovelace")
    assert run.started == "2026-02-03T04:05:06+00:00"
    assert from_literal(run.inputs["letters"]) == 3
    assert counts(run.tasks) == {"completed": 2, "failed": 1}
    b = run.tasks[1]
    made, taken = b.outputs["output"], b.inputs["input"]
    assert isinstance(made, File)
    assert isinstance(taken, File)
    assert made.location == str(folder / "out/b.txt")  # as it was published
    assert taken.basename == "a.txt"
    assert [step.id for step in run.workflow.steps] == ["A", "B"]  # type: ignore[union-attr]
    metadata = run.workflow.metadata
    assert metadata is not None
    assert (metadata.license, metadata.version) == ("https://spdx.org/licenses/MIT", "abc123")


@pytest.mark.long
def test_the_crate_of_it_is_valid_and_holds_what_was_there(tmp_path: Path) -> None:
    run = read_run(str(written(tmp_path / "theirs", graph())), Report())
    package_run(run, tmp_path / "ours", PackageOptions())
    assert_conformant(tmp_path / "ours", "nf-prov", recommended=92)
    for part in ("workflow/main.nf", "inputs/in.txt", "outputs/b.txt"):
        assert (tmp_path / "ours" / part).is_file(), part


def test_a_published_crate_of_nf_prov(corpora: Path, tmp_path: Path) -> None:
    run = read_run(str(corpora / PUBLISHED), Report())
    assert run.engine.version == "22.11.0-edge"
    assert run.agent is not None
    assert run.agent.name == "Simone Leo"
    assert {task.step for task in run.tasks} == {("rng",)}
    assert [from_literal(t.inputs["prefix"]) for t in run.tasks] == ["r1", "r2", "r3"]
    package_run(run, tmp_path / "crate", PackageOptions())
    assert_conformant(tmp_path / "crate", "published nf-prov", recommended=93)


def test_a_published_crate_with_measurements_of_the_trace(corpora: Path) -> None:
    (folder,) = (corpora / TRACED).iterdir()
    assert recognised(folder) is None  # nothing in it says that nf-prov made it
    run = read_run(str(folder), Report(), "nextflow")
    assert [task.average_cpu for task in run.tasks] == [66.7, 80.0, 133.3]
    assert run.tasks[0].elapsed_s == 0.005


def test_our_own_crates_are_no_traces(tmp_path: Path) -> None:
    run = read_run(str(written(tmp_path / "theirs", graph())), Report())
    package_run(run, tmp_path / "ours", PackageOptions())
    assert recognised(tmp_path / "ours") is None


def test_what_the_crate_does_not_hold_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    text = json.dumps(graph()).replace('"in.txt"', '"../secret.txt"')
    text = text.replace('"main.nf"', '"../secret.txt"')
    folder = written(tmp_path / "theirs", json.loads(text))
    report = Report()
    package_run(read_run(str(folder), report), tmp_path / "ours", report=report)
    assert not list((tmp_path / "ours").rglob("secret*"))


@pytest.mark.parametrize("text", ["", "[]", '{"@graph": 3}', '{"@graph": [{"@id": "./"}]}'])
def test_a_damaged_crate_is_told(text: str, tmp_path: Path) -> None:
    folder = written(tmp_path / "theirs", graph())
    (folder / "ro-crate-metadata.json").write_text(text)
    with pytest.raises(InvalidError) as caught:
        read_run(str(folder), Report(), "nextflow")
    assert caught.value.report.errors[0].code == "FWF1802"
    shutil.rmtree(folder)


def test_values_of_several_items_are_arrays(tmp_path: Path) -> None:
    entities = graph()
    entities[11]["object"] = ref("in.txt", "out/b.txt")
    run = read_run(str(written(tmp_path / "crate", entities)), Report())
    assert isinstance(run.tasks[0].inputs["input"], Array)
