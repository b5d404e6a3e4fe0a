"""Job files to values, values to the output object of a CWL runner."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from fairwf.formats import ReadOptions, Source
from fairwf.ir.canonical import same
from fairwf.ir.expressions import Directory, File, Input
from fairwf.report import FairwfError, Report
from fairwf_cwl.jobs import amended, read_inputs
from fairwf_cwl.outputs import render_outputs
from fairwf_cwl.read import read

TOOL = (
    "cwlVersion: v1.2\nclass: CommandLineTool\noutputs: []\n"
    "$namespaces: {edam: 'http://edamontology.org/'}\n"
    "inputs: {f: File, d: Directory, n: double, r: Any, cwl: string, in: string}\n"
)


def _read(cwl: Any, text: str) -> Any:
    document = cwl.document(TOOL)
    path = cwl.file("jobs/job.yml", text)
    return read_inputs(Source(name="jobs/job.yml", path=path), document, cwl.report)


def test_files_get_absolute_places_relative_to_the_job_file(cwl: Any, tmp_path: Path) -> None:
    values = _read(
        cwl,
        "f:\n  class: File\n  location: ../data/a%20b.txt\n  format: edam:format_1\n"
        "  secondaryFiles: [{class: File, path: c%20d}, {class: Directory, location: file:///x/y}]\n"
        "d: {class: Directory, basename: lit, listing: [{class: File, basename: t, contents: c}]}\n"
        "n: 1\nr: {k: [null, {class: File, location: 'http://h/x'}]}\n",
    )
    assert same(
        values["f"],
        File(
            location=str(tmp_path / "data/a b.txt"),
            format="http://edamontology.org/format_1",
            secondary=(
                File(location=str(tmp_path / "jobs/c%20d")),
                Directory(location="/x/y"),
            ),
        ),
    )
    assert same(values["d"], Directory(basename="lit", listing=(File(basename="t", contents="c"),)))
    assert (values["n"], type(values["n"])) == (1, int)
    assert values["r"]["k"][0] is None
    assert values["r"]["k"][1].location == "http://h/x"


def test_other_fields_of_files_are_kept(cwl: Any) -> None:
    values = _read(cwl, "f: {class: File, path: x, size: 3, checksum: sha1$00, 's:note': y}\n")
    assert (values["f"].size, values["f"].checksum) == (3, "sha1$00")
    assert values["f"].extensions == {"cwl": {"s:note": "y"}}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[1]\n", "FWF1109", (1, 1)),
        ("f: {class: File}\n", "FWF1109", (1, 4)),
        ("f: {class: File, path: 3}\n", "FWF1109", (1, 24)),
        ("d: {class: Directory, listing: x}\n", "FWF1109", (1, 32)),
        ("f: [\n", "FWF1004", (1, 5)),
    ],
)
def test_faulty_jobs_are_told_with_a_place(
    cwl: Any, text: str, code: str, place: tuple[int | None, int | None]
) -> None:
    with pytest.raises(FairwfError):
        _read(cwl, text)
    found = [(d.code, (d.line, d.column)) for d in cwl.report.errors]
    assert (code, place) in found


REQUIREMENTS = "in: text\n{key}:\n  - {{class: EnvVarRequirement, envDef: {{A: $(inputs.in)}}}}\n"


@pytest.mark.parametrize("key", ["cwl:requirements", "'https://w3id.org/cwl/cwl#requirements'"])
def test_requirements_of_a_job_count_more_than_those_of_the_document(cwl: Any, key: str) -> None:
    cwl.folder.joinpath("t.cwl").write_text(
        TOOL + "requirements: {EnvVarRequirement: {envDef: {A: own}}}\n"
    )
    document = read(Source.at(cwl.folder / "t.cwl"), ReadOptions(), Report())
    job = Source.at(cwl.file("job.yml", REQUIREMENTS.format(key=key)))
    assert dict(read_inputs(job, document, Report())) == {"in": "text"}
    assert document.workflow.environment.variables["A"].value == "own"
    changed = amended(job, document, Report())
    assert same(changed.workflow.environment.variables["A"], Input(name="in"))
    plain = Source.at(cwl.file("plain.yml", "in: text\n"))
    assert amended(plain, document, Report()) is document


def test_the_output_object_of_a_run(cwl: Any, tmp_path: Path) -> None:
    document = cwl.document(TOOL)
    (tmp_path / "out dir/sub").mkdir(parents=True)
    (tmp_path / "out dir/b").write_text("b")
    (tmp_path / "out dir/sub/c").write_text("")
    (tmp_path / "a#1.txt").write_bytes(b"hello\n")
    digest = hashlib.sha1(b"hello\n").hexdigest()
    shown = render_outputs(
        document,
        {
            "file": File(
                location=str(tmp_path / "a#1.txt"),
                basename="a#1.txt",
                checksum="sha256$00",
                format="http://f/1",
                secondary=(File(location=str(tmp_path / "gone"), size=4, checksum="sha1$11"),),
            ),
            "folder": Directory(location=str(tmp_path / "out dir"), basename="out dir"),
            "literal": File(basename="l", contents="hello\n"),
            "nothing": None,
            "many": [1, 0.5, True, {"k": "v"}],
            "large": 1e42,
        },
    )
    root = tmp_path.as_uri()
    assert shown["file"] == {
        "class": "File",
        "location": f"{root}/a%231.txt",
        "basename": "a#1.txt",
        "size": 6,
        "checksum": f"sha1${digest}",
        "format": "http://f/1",
        "secondaryFiles": [
            {
                "class": "File",
                "location": f"{root}/gone",
                "basename": "gone",
                "size": 4,
                "checksum": "sha1$11",
            }
        ],
    }
    assert shown["folder"]["location"] == f"{root}/out%20dir"
    assert [item["basename"] for item in shown["folder"]["listing"]] == ["b", "sub"]
    assert shown["folder"]["listing"][1]["listing"][0]["size"] == 0
    assert shown["literal"]["contents"] == "hello\n"
    assert shown["literal"]["checksum"] == f"sha1${digest}"
    assert shown["nothing"] is None
    assert shown["many"] == [1, 0.5, True, {"k": "v"}]
    assert json.dumps(shown["large"]) == "1" + "0" * 42
