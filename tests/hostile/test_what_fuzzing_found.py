"""Cases that fuzzing found, made small: each ended in a traceback, a hang or a wrong file once."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairwf.crates import open_crate
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.regular import compiled
from fairwf.engine.expansion.produced import Place, keys_of_path
from fairwf.report import InvalidError
from tests.hostile.conftest import Fairwf

TOOL = {"cwlVersion": "v1.2", "class": "CommandLineTool", "inputs": {}, "outputs": {}}
PURE = {"kind": "pure", "result": {"kind": "record_of", "fields": {}}}


def ir(**fields: Any) -> dict[str, Any]:
    return {"fairwf_ir": "1", "workflow": {**PURE, **fields}}


def port(types: Any) -> dict[str, Any]:
    record = {"kind": "record", "fields": [{"name": "f", "type": {"kind": "File"}}]}
    return {"id": "r", "type": record, "extensions": {"cwl": {"types": types}}}


CASES: dict[str, Any] = {
    "a class that is a map": {**TOOL, "class": {}},
    "a class that is a list": {**TOOL, "class": [[]]},
    "a nested class that is a list": {
        **TOOL, "class": "Workflow", "steps": {"a": {"in": [], "out": [], "run": {"class": [[]]}}}
    },
    "namespaces that are a text": {**TOOL, "$namespaces": "x", "x:y": 1},
    "a namespace that is a map": {**TOOL, "$namespaces": {"s": {}}, "s:author": 1},
    "namespaces in an IR file": ir(extensions={"cwl": {"$namespaces": "x"}}),
    "a namespace in an IR file": ir(extensions={"cwl": {"$namespaces": {"s": {}}, "s:x": 1}}),
    "hints that are a text in an IR file": ir(extensions={"cwl": {"hints": "x"}}),
    "requirements that are a list in an IR file": ir(extensions={"cwl": {"requirements": [1]}}),
    "requirements that are a number in an IR file": ir(extensions={"cwl": {"requirements": 1}}),
    "types of what is no type in an IR file": ir(inputs=[port({"name": {"doc": "x"}})]),
    "types of a member without a name in an IR file": ir(inputs=[port({"fields": {"doc": "x"}})]),
    "types that are texts in an IR file": ir(inputs=[port({"": "x"})]),
    "types that are a list in an IR file": ir(inputs=[port([])]),
    "a name that no file system takes": {**TOOL, "inputs": {"$import": "a" * 5000}},
    "a foreign number that JSON has not": {**TOOL, "x:y": float("nan")},
    "a number that JSON has not in an IR file": ir(extensions={"x": {"y": float("inf")}}),
    "a pickValue that is a list": {
        **TOOL, "cwlVersion": "v1.0", "class": "Workflow", "steps": [],
        "outputs": {"o": {"type": "int", "outputSource": "x", "pickValue": ["null", ["int"]]}},
    },
    "a document that is a list": [TOOL],
    "an IR file that is a list": ["fairwf_ir"],
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("verb", ["validate", "convert", "graph"])
def test_documents(fairwf: Fairwf, tmp_path: Path, name: str, verb: str) -> None:
    path = tmp_path / "main.cwl"
    text = json.dumps(CASES[name], indent=1)
    path.write_text(text.replace(" NaN", " .nan").replace(" Infinity", " .inf"))
    more = ["--to", "cwl"] if verb == "convert" else []
    said = fairwf(verb, path, *more)
    assert said.code in (0, 1, 33)
    assert "FWF9" not in said.err
    assert said.code == 0 or f"{path}:" in said.err


@pytest.mark.parametrize("text", ["[1]", "3", "x", "[[]]"])
@pytest.mark.parametrize("document", [TOOL, ir()], ids=["cwl", "ir"])
def test_job_files_that_are_no_objects(
    fairwf: Fairwf, tmp_path: Path, text: str, document: Any
) -> None:
    path, job = tmp_path / "main.json", tmp_path / "job.yml"
    path.write_text(json.dumps(document))
    job.write_text(text)
    said = fairwf("run", path, job)
    assert said.code == 1
    assert f"{job}:1:1: error[FWF" in said.err


def test_a_document_that_a_format_cannot_say_is_named(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "main.json"
    path.write_text(json.dumps(ir()))
    said = fairwf("convert", path, "--to", "wfformat")
    assert said.code == 33
    assert f"{path}:1:" in said.err


def test_names_without_end_are_cut_in_messages(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "main.json"
    of = {"kind": "input", "name": "b" * 100_000}
    path.write_text(json.dumps(ir(result={"kind": "record_of", "fields": {"a" * 100_000: of}})))
    said = fairwf("validate", path)
    assert said.code == 1
    assert len(said.err) < 10_000


def test_a_crate_with_octets_that_are_no_text(fairwf: Fairwf, tmp_path: Path) -> None:
    (tmp_path / "ro-crate-metadata.json").write_bytes(b'{"@graph": ["\xed\xa0\x80"]}')
    said = fairwf("prov", tmp_path)
    assert said.code == 1
    assert "error[FWF5001]" in said.err


def test_a_crate_whose_references_are_lists(fairwf: Fairwf, tmp_path: Path) -> None:
    action = {"@id": "#a", "@type": "CreateAction", "object": [{"@id": [{}]}]}
    whole = {"@graph": [{"@id": "./"}, action]}
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(whole))
    assert fairwf("prov", tmp_path).code == 0


def test_a_crate_whose_folder_is_said_to_be_a_file(tmp_path: Path) -> None:
    whole = {"@graph": [{"@id": "./", "@type": "File"}]}
    (tmp_path / "ro-crate-metadata.json").write_text(json.dumps(whole))
    with open_crate(tmp_path) as crate, pytest.raises(InvalidError, match="FWF5001"):
        crate.open("./")


# --- keys of paths


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*", "(a*)*b", "(([a-z])+.)+[A-Z]"])
def test_patterns_of_keys_take_bounded_time(pattern: str) -> None:
    assert keys_of_path([Place("k", is_key=True)], {"k": pattern}, "a" * 200 + "!") is None


@pytest.mark.parametrize(
    ("places", "where", "path", "keys"),
    [
        ("?s/?s.txt", {"s": None}, "a/a.txt", {"s": "a"}),
        ("?s/?s.txt", {"s": None}, "a/b.txt", None),
        ("?a-?b", {"a": None, "b": None}, "x-y-z", {"a": "x-y", "b": "z"}),
        ("?a-?b", {"a": "[^-]+", "b": None}, "x-y-z", {"a": "x", "b": "y-z"}),
        ("?a.?b", {"a": "^x$", "b": "[0-9]+$"}, "x.12", {"a": "x", "b": "12"}),
        ("?a.?b", {"a": "^x$", "b": "[0-9]+$"}, "xx.12", None),
        ("?a", {"a": "a*"}, "", {"a": ""}),
        ("?a", {"a": None}, "", None),
    ],
)
def test_keys_of_paths(
    places: str, where: dict[str, str | None], path: str, keys: dict[str, str] | None
) -> None:
    import re

    parts = [
        Place(part[1:], is_key=True) if part.startswith("?") else Place(part)
        for part in re.findall(r"\?\w|[^?]+", places)
    ]
    assert keys_of_path(parts, where, path) == keys


def test_a_search_for_keys_without_end_is_given_up() -> None:
    places = [Place(str(number), is_key=True) for number in range(12)]
    with pytest.raises(FunctionError, match="takes too long"):
        keys_of_path([*places, Place("!")], {str(n): None for n in range(12)}, "a" * 60)


def test_ends_of_matches_that_begin_at_a_place() -> None:
    assert compiled("a+").ends("baaab", 1) == [4, 3, 2]
    assert compiled("a*").ends("baa", 0) == [0]
    assert compiled("^a+$").ends("baa", 1) == [3, 2]


def javascript(text: str) -> Any:
    code = {"kind": "opaque", "language": "javascript", "form": "body", "text": text}
    port = {"id": "o", "type": {"kind": "string"}}
    return ir(outputs=[port], result={"kind": "record_of", "fields": {"o": code}})


def test_brackets_in_patterns_do_not_end_written_javascript(fairwf: Fairwf, tmp_path: Path) -> None:
    path, again = tmp_path / "main.json", tmp_path / "again.cwl"
    path.write_text(json.dumps(javascript("return 'a (b)'.replace(/ *\\([^)]*\\) */g, '');")))
    assert fairwf("convert", path, "--to", "cwl", "-o", again).code == 0
    said = fairwf("run", again)
    assert (said.code, json.loads(said.out)) == (0, {"o": "a"})


def test_javascript_whose_end_cwl_cannot_see_is_refused(fairwf: Fairwf, tmp_path: Path) -> None:
    path = tmp_path / "main.json"
    path.write_text(json.dumps(javascript("return 'a'.replace(/[({]/g, '');")))
    said = fairwf("convert", path, "--to", "cwl")
    assert said.code == 33
    assert f"{path}:" in said.err and "where this JavaScript ends" in said.err


def test_a_name_that_is_bound_whole_and_in_part_is_refused(fairwf: Fairwf, tmp_path: Path) -> None:
    path, document = tmp_path / "main.json", javascript("return inputs.x + runtime;")
    paths = [["inputs"], ["inputs", "x"]]
    bound = [{"path": one, "value": {"kind": "int_lit", "value": 1}} for one in paths]
    document["workflow"]["result"]["fields"]["o"]["bindings"] = bound
    path.write_text(json.dumps(document))
    said = fairwf("convert", path, "--to", "cwl")
    assert said.code in (1, 33)
    assert "FWF9" not in said.err
