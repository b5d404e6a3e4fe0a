"""The same mistakes in every format that is read, given to every verb that reads a document.

A diagnostic with place, reason and, where one can be guessed, a hint; exit code 1; no traceback;
and nothing is written.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf, Said
from tests.cli.test_wrong_input import CWL, IR
from tests.fuzz.case import OWN

WFFORMAT = (OWN / "two.wfformat.json").read_text()
TEXTS = {"main.cwl": CWL, "main.ir.yml": IR, "main.wfformat.json": WFFORMAT}

VERBS: dict[str, list[str]] = {
    "validate": ["validate", "@"],
    "convert": ["convert", "@", "--to", "cwl", "-o", "written.cwl"],
    "run": ["run", "@", "--run-dir", "written"],
    "graph": ["graph", "@", "-o", "written.svg"],
    "score": ["score", "@"],
    "package": ["package", "@", "-o", "written"],
    "inputs": ["inputs", "@"],
    "diff": ["diff", "@", "good.cwl"],
    "diff to": ["diff", "good.cwl", "@"],
}


@dataclass(frozen=True)
class Mistake:
    """What is wrong, by the name of the document; what is said about it."""

    change: dict[str, tuple[str, str]]
    says: tuple[str, ...]
    verbs: tuple[str, ...] = tuple(VERBS)
    hint: str | None = None
    line: dict[str, str] = field(default_factory=dict)


CHECKING = ("validate", "convert", "run", "package", "inputs")
MISTAKES = {
    "broken": Mistake(
        {
            "main.cwl": ("out: [bam]", "out: [bam"),
            "main.ir.yml": ("kind: workflow\n", "kind: [workflow\n"),
            "main.wfformat.json": ('"parents": []', '"parents": ['),
        },
        ("error[FWF1004]: broken",),
    ),
    "an unknown key": Mistake(
        {
            "main.cwl": ("      stdout:", "      stdot:"),
            "main.ir.yml": ("        stdout:", "        stdot:"),
            "main.wfformat.json": ('"parents": []', '"parnets": []'),
        },
        ("stdot", "the key 'parnets' may be meant"),
        hint="stdout",
        line={"main.cwl": "stdot", "main.ir.yml": "stdot"},
    ),
    "a value of another type": Mistake(
        {
            "main.cwl": ("out: [bam]", "out: 3"),
            "main.ir.yml": ("    - id: align", "    - id: 3"),
            "main.wfformat.json": ('"tasks": [', '"tasks": 3, "x": ['),
        },
        ("error[FWF1",),
        line={
            "main.cwl": "out: 3",
            "main.ir.yml": "- id: 3",
            "main.wfformat.json": '"tasks": 3',
        },
    ),
    "a key twice": Mistake(
        {
            "main.cwl": ("class: Workflow\n", "class: Workflow\nclass: Workflow\n"),
            "main.ir.yml": ("  kind: workflow\n", "  kind: workflow\n  kind: workflow\n"),
            "main.wfformat.json": ('"name": "two"', '"name": "two", "name": "two"'),
        },
        ("error[FWF1004]", "stands twice"),
    ),
    "a link to nothing": Mistake(
        {
            "main.cwl": ("outputSource: align/bam", "outputSource: algin/bam"),
            "main.ir.yml": ("step: align, port: bam}", "step: algin, port: bam}"),
            "main.wfformat.json": ('"children": [\n      "t2"', '"children": [\n      "t3"'),
        },
        ("error[FWF",),
        verbs=CHECKING,
        line={"main.cwl": "algin", "main.ir.yml": "algin"},
    ),
    "a cycle": Mistake(
        {
            "main.cwl": ("      reads: reads\n", "      reads: align/bam\n"),
            "main.ir.yml": (
                "in: {reads: {kind: input, name: reads}}",
                "in: {reads: {kind: output, step: align, port: bam}}",
            ),
            "main.wfformat.json": ('"parents": []', '"parents": ["t2"]'),
        },
        ("error[FWF2004]", "error[FWF1203]"),
        verbs=CHECKING,
    ),
}


def said_of(fairwf: Fairwf, folder: Path, verb: str, path: Path) -> Said:
    (folder / "good.cwl").write_text(CWL)
    before = sorted(folder.iterdir())
    said = fairwf(*(str(path) if word == "@" else word for word in VERBS[verb]))
    assert said.code == 1, said.err
    assert "error[FWF" in said.err
    assert "FWF9" not in said.err
    assert sorted(folder.iterdir()) == before, "something was written"
    return said


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", sorted(TEXTS))
@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_in_a_document(fairwf: Fairwf, tmp_path: Path, name: str, mistake: str) -> None:
    made = MISTAKES[mistake]
    old, new = made.change[name]
    assert old in TEXTS[name]
    path = tmp_path / name
    path.write_text(TEXTS[name].replace(old, new, 1))
    for verb in made.verbs:
        said = said_of(fairwf, tmp_path, verb, path)
        assert f"{path}:" in said.err, verb
        assert any(text in said.err for text in made.says), (verb, said.err)
        first = next(row for row in said.err.splitlines() if "error[FWF" in row)
        number = first.removeprefix(f"{path}:").split(":")[0]
        assert number.isdigit(), (verb, first)
        if made.line.get(name):
            rows = path.read_text().splitlines()
            assert made.line[name] in "\n".join(rows[int(number) - 1 : int(number) + 1])
        if made.hint is not None and name != "main.wfformat.json":
            assert f"did you mean '{made.hint}'?" in said.err


Files = dict[str, Callable[[Path], object]]
NO_DOCUMENTS: Files = {
    "an empty file": lambda path: path.write_bytes(b""),
    "blank lines": lambda path: path.write_bytes(b"\n\n \n"),
    "a binary file": lambda path: path.write_bytes(b"\x1f\x8b\x08\0\0\0\xff\xfe" * 100),
    "another encoding": lambda path: path.write_bytes("class: Wörkflow".encode("utf-16")),
    "some prose": lambda path: path.write_text("Dear reader,\nthis is no workflow.\n"),
    "a folder": lambda path: path.mkdir(),
    "a number": lambda path: path.write_text("3"),
}


@pytest.mark.parametrize("kind", sorted(NO_DOCUMENTS))
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_what_is_no_document(fairwf: Fairwf, tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    NO_DOCUMENTS[kind](path)
    for verb in VERBS:
        if kind == "a folder" and verb == "validate":  # an empty folder holds no document: fine
            continue
        said = said_of(fairwf, tmp_path, verb, path)
        assert f"{path}" in said.err, verb


@pytest.mark.parametrize("format", ["cwl", "ir", "wfformat"])
@pytest.mark.parametrize("kind", sorted(NO_DOCUMENTS))
def test_what_is_no_document_of_the_format_that_was_named(
    fairwf: Fairwf, tmp_path: Path, format: str, kind: str
) -> None:
    path = tmp_path / "main"
    NO_DOCUMENTS[kind](path)
    for verb in ("convert", "run", "graph", "score", "package", "inputs"):
        said = fairwf(*(str(path) if word == "@" else word for word in VERBS[verb]),
                      "--from", format)  # fmt: skip
        assert said.code == 1, (verb, said.err)
        assert f"{path}" in said.err
        assert "FWF9" not in said.err


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_missing_file(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXTS[name])
    wrong = tmp_path / name.replace("main", "mian")
    for verb in VERBS:
        said = said_of(fairwf, tmp_path, verb, wrong)
        assert f"{wrong}: error[FWF1001]: no such file" in said.err, verb
        assert f"did you mean {name!r}?" in said.err, verb


# --- job files

JOBS: Files = {
    **{kind: NO_DOCUMENTS[kind] for kind in NO_DOCUMENTS if kind != "some prose"},
    "broken": lambda path: path.write_text("reads: {class: File"),
    "a key twice": lambda path: path.write_text("reads: 1\nreads: 2\n"),
    "a list": lambda path: path.write_text("- reads\n"),
    "another type": lambda path: path.write_text("reads: 3\n"),
    "a folder for a file": lambda path: path.write_text("reads: {class: Directory, path: .}\n"),
    "a file that is not there": lambda path: path.write_text(
        "reads: {class: File, path: mian.cwl}\n"
    ),
    "a mistyped name": lambda path: path.write_text("raeds: {class: File, path: main.cwl}\n"),
    "nothing": lambda path: path.write_text("{}"),
}


@pytest.mark.parametrize("name", ["main.cwl", "main.ir.yml"])
@pytest.mark.parametrize("kind", sorted(JOBS))
def test_a_mistake_in_a_job_file(fairwf: Fairwf, tmp_path: Path, name: str, kind: str) -> None:
    path, job = tmp_path / name, tmp_path / "job.yml"
    path.write_text(TEXTS[name])
    JOBS[kind](job)
    said = fairwf("run", path, job, "--run-dir", tmp_path / "run")
    assert said.code == 1, said.err
    assert "FWF9" not in said.err
    assert f"{job}" in said.err or f"{path}:" in said.err
    assert said.out == ""
    if kind == "a mistyped name":
        assert "did you mean 'reads'?" in said.err


# --- crates and runs


@pytest.mark.parametrize("kind", ["missing", *sorted(NO_DOCUMENTS)])
@pytest.mark.parametrize("words", [["prov"], ["query", "--lineage", "x"], ["status"], ["resume"]])
def test_what_is_no_crate_and_no_run(
    fairwf: Fairwf, tmp_path: Path, kind: str, words: list[str]
) -> None:
    path = tmp_path / "crate"
    if kind != "missing":
        NO_DOCUMENTS[kind](path)
    said = fairwf(words[0], path, *words[1:])
    assert said.code == 1, said.err
    assert f"{path}" in said.err
    assert "error[FWF" in said.err


@pytest.mark.parametrize("file", ["run.json", "workflow.ir.json", "inputs.json", "journal.log"])
@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", '{"a": ' + "[" * 10_000, "\0\xff", '"x"', '{"a": 3}',
     '{"layout": "1", "id": "x", "options": {"cores": "x"}}',
     '{"layout": "1", "id": "x", "source_copies": ["../../main.json"]}',
     '{"layout": "1", "id": "x", "inputs_copy": "/etc/passwd"}'],
)  # fmt: skip
def test_a_damaged_run(fairwf: Fairwf, tmp_path: Path, file: str, text: str) -> None:
    path, run = tmp_path / "main.json", tmp_path / "run"
    process = {"kind": "pure", "result": {"kind": "record_of", "fields": {}}}
    path.write_text(json.dumps({"fairwf_ir": "1", "workflow": process}))
    assert fairwf("run", path, "--run-dir", run).code == 0
    (run / file).write_text(text, encoding="latin-1")
    for words in (["status"], ["resume"], ["prov"], ["graph"], ["package", "-o", "crate"]):
        said = fairwf(words[0], run, *words[1:])
        assert said.code in (0, 1), (words, said.err)
        assert "FWF9" not in said.err, (words, said.err)
        assert said.code == 0 or "error[FWF" in said.err
