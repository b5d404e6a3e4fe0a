"""Every published document is what `cwl-utils`, the parser of record, sees in it."""

import csv
import logging
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwf.formats import ReadOptions, Source
from fairwf.report import Report
from fairwf_cwl.read import read
from tests.conformance.accepted import DISAGREEMENTS
from tests.converters.cwl.oracle import differences

parser = pytest.importorskip("cwl_utils.parser")
exceptions = pytest.importorskip("schema_salad.exceptions")

SAMPLE = 200
NOT_PARSED = {
    "cwl/common-workflow-library__bio-cwl-tools/intervene/intervene.cwl": (
        "expressions without quotes became names of fields of an argument; the reference runner"
        " passes over names that begin with a dollar sign, and so do we, with a warning"
    ),
}
"""Documents that the parser of record refuses and the reference runner accepts."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _accepted(corpora: Path) -> list[str]:
    with (corpora / "ACCEPTED.tsv").open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    accepted = [
        r["path"] for r in rows if r["format"] == "cwl" and r["reference_accepts"] == "True"
    ]
    return [path for path in accepted if path not in DISAGREEMENTS and path not in NOT_PARSED]


def _parsed(path: Path) -> tuple[Any, Any]:
    ours = read(Source.at(path), ReadOptions(), Report()).workflow
    packed = b"$graph" in path.read_bytes()
    place = path.resolve().as_uri() + (f"#{ours.id}" if packed else "")
    return parser.load_document_by_uri(place), ours


def _check(corpora: Path, paths: list[str]) -> None:
    found = [
        f"{path}: {difference}"
        for path in paths
        for difference in differences(*_parsed(corpora / path))
    ]
    assert found == []


def test_a_sample_of_documents_is_what_cwl_utils_sees(corpora: Path) -> None:
    _check(corpora, random.Random(3).sample(_accepted(corpora), SAMPLE))


@pytest.mark.long
def test_all_documents_are_what_cwl_utils_sees(corpora: Path) -> None:
    _check(corpora, _accepted(corpora))


def test_what_the_parser_of_record_refuses_is_still_refused(corpora: Path) -> None:
    for path in NOT_PARSED:
        with pytest.raises(exceptions.ValidationException):
            parser.load_document_by_uri((corpora / path).resolve().as_uri())


TEXT = """cwlVersion: v1.2
class: Workflow
requirements: {ScatterFeatureRequirement: {}, MultipleInputFeatureRequirement: {}}
inputs: {a: 'int[]', b: {type: [string, 'null'], default: x}, c: {type: File, streamable: true}}
outputs: {o: {type: 'File[]', outputSource: s/y}}
steps:
  s:
    run:
      class: CommandLineTool
      requirements: {EnvVarRequirement: {envDef: {A: b}}}
      hints: {DockerRequirement: {dockerPull: d}, 'x:y': {}}
      inputs: {n: int, t: 'string?', f: {type: File, secondaryFiles: .i, format: 'x:f'}}
      outputs: {y: stdout}
    scatter: n
    when: $(inputs.n)
    in: {n: a, t: b, f: {source: c, default: {class: File, location: d}}}
    out: [y]
$namespaces: {x: 'http://x.org/'}
"""
CHANGES = {
    "an id": ("t: 'string?'", "tt: 'string?'"),
    "a type": ("{n: int,", "{n: long,"),
    "a member of a union": ("[string, 'null']", "[string, int]"),
    "a default": ("default: x", "default: z"),
    "a flag": ("streamable: true", "streamable: false"),
    "a link": ("t: b,", "t: c,"),
    "a source of an output": ("outputSource: s/y", "outputSource: a"),
    "a scatter": ("scatter: n", "scatter: t"),
    "a condition": ("    when: $(inputs.n)\\n", ""),
    "a secondary file": ("secondaryFiles: .i,", ""),
    "a format": (", format: 'x:f'", ""),
    "a variable": ("{envDef: {A: b}}", "{envDef: {}}"),
    "a container": ("DockerRequirement: {dockerPull: d}", "ResourceRequirement: {coresMin: 2}"),
    "a foreign hint": ("'x:y'", "'x:z'"),
}


def test_the_comparison_sees_each_change(tmp_path: Path) -> None:
    first = tmp_path / "first.cwl"
    first.write_text(TEXT)
    theirs, ours = _parsed(first)
    assert list(differences(theirs, ours)) == []
    for name, (old, new) in CHANGES.items():
        second = tmp_path / "second.cwl"
        assert old.replace("\\n", "\n") in TEXT, name
        second.write_text(TEXT.replace(old.replace("\\n", "\n"), new))
        report = Report()
        changed = read(Source.at(second), ReadOptions(), report).workflow
        assert list(differences(theirs, changed)) != [], name
