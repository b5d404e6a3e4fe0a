"""Documents and jobs that try to leave a task's folder, or to give programs what none can take."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.report import Report
from tests.hostile.conftest import Fairwf, Said


def tool(**fields: Any) -> dict[str, Any]:
    return {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "requirements": [
            {"class": "InlineJavascriptRequirement"},
            {"class": "ShellCommandRequirement"},
        ],
        "baseCommand": "true",
        "inputs": {},
        "outputs": {},
        **fields,
    }


def shell(script: str, **fields: Any) -> dict[str, Any]:
    return tool(baseCommand=["sh", "-c", script], **fields)


def staged(*listing: Any) -> dict[str, Any]:
    entry = {"class": "InitialWorkDirRequirement", "listing": list(listing)}
    return {"requirements": [{"class": "InlineJavascriptRequirement"}, entry]}


def file_output(**binding: Any) -> dict[str, Any]:
    return {"out": {"type": ["null", "File", "Directory"], "outputBinding": binding}}


def run(fairwf: Fairwf, folder: Path, document: dict[str, Any], job: Any = None) -> Said:
    inside = folder / "of" / "a" / "stranger"
    inside.mkdir(parents=True, exist_ok=True)
    (inside / "main.cwl").write_text(json.dumps(document, indent=1))
    (inside / "job.json").write_text(json.dumps(job or {}))
    before = tree(folder)
    said = fairwf(
        "run", inside / "main.cwl", inside / "job.json", "--run-dir", folder / "run",
        "--outdir", folder / "out", "--container", "none",
    )  # fmt: skip
    new = {path for path in tree(folder) - before if not path.startswith(("run/", "out/"))}
    assert new <= {"run", "out"}, "something was written elsewhere"
    return said


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


UP = "../../../../../../../../../../../../etc/passwd"


@pytest.mark.parametrize(
    "document",
    [
        tool(**staged({"entryname": "../x", "entry": "y"})),
        tool(**staged({"entryname": "/tmp/fairwf-hostile", "entry": "y"})),
        tool(**staged({"entryname": "a/../../x", "entry": "y"})),
        tool(**staged({"entryname": "..", "entry": "y"})),
        tool(**staged({"entryname": "x" * 300, "entry": "y"})),
        tool(**staged({"entryname": "a\0b", "entry": "y"})),
        tool(**staged("${return {class: 'File', basename: '../x', contents: 'y'}}")),
        tool(**staged("${return {class: 'File', basename: 'a/b', contents: 'y'}}")),
        tool(**staged("${return {class: 'Directory', basename: '..', listing: []}}")),
        tool(stdout="../x"),
        tool(stdout="/tmp/fairwf-hostile"),
        tool(stderr="$('..' + '/x')"),
        tool(stdout="x" * 300),
        tool(stdout="$(String.fromCharCode(0))"),
        shell("ln -s / link", outputs=file_output(glob="link")),
        shell("ln -s /etc/passwd link", outputs=file_output(glob="link")),
        shell("mkdir d; ln -s /etc/passwd d/link", outputs=file_output(glob="d")),
        shell("ln -s .. d", outputs=file_output(glob="d/*")),
        shell("mkfifo p", outputs=file_output(glob="p")),
        tool(outputs=file_output(glob="../../*")),
        tool(outputs=file_output(glob=UP)),
        tool(outputs=file_output(glob="/etc/passwd")),
        tool(outputs=file_output(glob="$('/et' + 'c/passwd')")),
        tool(outputs=file_output(outputEval="${return {class: 'File', path: '/etc/passwd'}}")),
        tool(outputs=file_output(outputEval=f"${{return {{class: 'File', location: '{UP}'}}}}")),
        tool(outputs=file_output(outputEval="${return {class: 'Directory', location: '..'}}")),
        tool(outputs=file_output(outputEval="${return {class: 'File', location: 'http://x/y'}}")),
        *(
            shell(f"printf '%s' '{text}' > cwl.output.json", outputs={"out": "File"})
            for text in (
                '{"out": {"class": "File", "path": "/etc/passwd"}}',
                '{"out": {"class": "File", "location": "../../../x"}}',
                '{"out": {"class": "Directory", "location": "/"}}',
                '{"out": {"class": "File", "basename": "../x", "contents": "y"}}',
                "[" * 5000,
                '{"out": NaN}',
                '"x"',
            )
        ),
        shell("ln -s /etc/passwd cwl.output.json", outputs={"out": "File"}),
        tool(arguments=["$(String.fromCharCode(97, 0, 98))"]),
        tool(arguments=["$(Array(2e6).join('x'))"]),
    ],
    ids=lambda document: json.dumps({k: v for k, v in document.items() if k != "class"})[68:150],
)
def test_nothing_leaves_the_folder_of_a_task(
    fairwf: Fairwf, tmp_path: Path, document: dict[str, Any]
) -> None:
    said = run(fairwf, tmp_path, document)
    assert said.code == 1, said.out
    assert f"{tmp_path}/of/a/stranger/main.cwl:" in said.err
    assert "error[FWF" in said.err
    assert "FWF9" not in said.err
    assert "root:" not in said.err


@pytest.mark.parametrize(
    ("name", "right"),
    [("A=B", False), ("", False), ("A\0", False), ("A B", True), ("A\nB", True), ("LD_X", True)],
)
def test_names_of_variables(fairwf: Fairwf, tmp_path: Path, name: str, right: bool) -> None:
    requirement = {"class": "EnvVarRequirement", "envDef": [{"envName": name, "envValue": "x"}]}
    said = run(fairwf, tmp_path, tool(requirements=[requirement]))
    assert said.code == (0 if right else 1)
    assert right or "main.cwl:" in said.err


@pytest.mark.parametrize(
    "amount",
    [1e308, -1, "$(1e308)", "$(0/0)", "$(1/0)", "$('x')", "$(-5)", "$(null)", 10**30, "$([1])"],
)
@pytest.mark.parametrize("resource", ["coresMin", "ramMin", "tmpdirMin", "coresMax"])
def test_amounts_of_resources_that_no_machine_has(
    fairwf: Fairwf, tmp_path: Path, resource: str, amount: Any
) -> None:
    requirements = [
        {"class": "InlineJavascriptRequirement"},
        {"class": "ResourceRequirement", resource: amount},
    ]
    said = run(fairwf, tmp_path, tool(requirements=requirements))
    assert said.code in (0, 1)
    assert "FWF9" not in said.err
    assert said.code == 0 or "main.cwl:" in said.err


@pytest.mark.parametrize("limit", ["$(0/0)", "$(1/0)", -1, 1e308, "$('x')"])
def test_time_limits_that_are_none(fairwf: Fairwf, tmp_path: Path, limit: Any) -> None:
    requirements = [
        {"class": "InlineJavascriptRequirement"},
        {"class": "ToolTimeLimit", "timelimit": limit},
    ]
    said = run(fairwf, tmp_path, tool(requirements=requirements))
    assert said.code in (0, 1)
    assert "FWF9" not in said.err


def test_thousands_of_outputs(fairwf: Fairwf, tmp_path: Path) -> None:
    script = "i=0; while [ $i -lt 3000 ]; do : > f$i; i=$((i+1)); done"
    outputs = {"out": {"type": "File[]", "outputBinding": {"glob": "*" * 30}}}
    said = run(fairwf, tmp_path, shell(script, outputs=outputs))
    assert said.code == 0
    assert len(said.json["out"]) == 3000


# --- where outputs are put


def test_an_output_replaces_a_link_that_lies_in_its_place(fairwf: Fairwf, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").symlink_to(victim)
    said = run(fairwf, tmp_path, tool(stdout="x", outputs={"out": "stdout"}))
    assert said.code == 0
    assert victim.read_text() == "mine"
    assert not (tmp_path / "out" / "x").is_symlink()


def test_an_output_folder_replaces_a_link_to_another(fairwf: Fairwf, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "kept").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "d").symlink_to(victim)
    said = run(fairwf, tmp_path, shell("mkdir d; : > d/new", outputs=file_output(glob="d")))
    assert said.code in (0, 3)
    assert [path.name for path in victim.iterdir()] == ["kept"]


# --- job files


FILE = tool(inputs={"a": {"type": "File", "loadContents": True, "inputBinding": {}}})


@pytest.mark.parametrize(
    "value",
    [
        {"class": "File", "path": "/dev/zero"},
        {"class": "File", "path": "/dev/tty"},
        {"class": "File", "path": "pipe"},
        {"class": "File", "location": "http://127.0.0.1:9/x"},
        {"class": "File", "location": "file://elsewhere/etc/passwd"},
        {"class": "File", "location": "file://[x"},
        {"class": "File", "location": "http://[x"},
        {"class": "File", "path": "x" * 5000},
        {"class": "File", "path": "a\0b"},
        {"class": "File", "basename": "../x", "contents": "y"},
        {"class": "File", "basename": "..", "contents": "y"},
        {"class": "File", "basename": "x" * 400, "contents": "y"},
        {"class": "File", "path": "main.cwl", "basename": "../../x"},
        {"class": "File", "path": "main.cwl", "secondaryFiles": [{"class": "File", "path": "no"}]},
        {"class": "File", "path": "main.cwl", "dirname": 3},
        {"class": "File"},
        {"class": "Directory", "path": "."},
        3,
        [[]],
    ],
    ids=lambda value: str(value)[:60],
)
def test_files_of_a_job_that_are_none(fairwf: Fairwf, tmp_path: Path, value: Any) -> None:
    folder = tmp_path / "of" / "a" / "stranger"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe")
    said = run(fairwf, tmp_path, FILE, {"a": value})
    assert said.code == 1
    assert "error[FWF" in said.err
    assert "FWF9" not in said.err


def test_dirname_of_a_job_is_not_believed(fairwf: Fairwf, tmp_path: Path) -> None:
    value = {"class": "File", "path": "main.cwl", "dirname": "/etc", "nameroot": "x"}
    document = tool(
        inputs={"a": "File"},
        baseCommand="echo",
        arguments=["$(inputs.a.dirname)"],
        stdout="x",
        outputs={"out": "stdout"},
    )
    said = run(fairwf, tmp_path, document, {"a": value})
    assert said.code == 0
    assert (tmp_path / "out" / "x").read_text() == f"{tmp_path}/of/a/stranger\n"


# --- patterns that take for ever


def test_keys_with_a_pattern_that_would_backtrack_for_ever(fairwf: Fairwf, tmp_path: Path) -> None:
    number = 0
    for where in ("(a+)+$", "(a|a)*", "(a*)*b", "([a-z]+)*[0-9]"):
        for path_wanted in (False, True):
            path = tmp_path / "main.ir.json"
            path.write_text(json.dumps(demanding(where, path_wanted)))
            number += 1
            said = fairwf("run", path, "--run-dir", tmp_path / f"run-{number}")
            assert said.code in (0, 1)
            assert "Traceback" not in said.err
            assert "FWF9" not in said.err


def demanding(where: str, path_wanted: bool) -> dict[str, Any]:
    text = {"kind": "string_lit", "value": "a" * 60 + "!"}
    of = {"kind": "output", "step": "rule", "port": "out"}
    asked: dict[str, Any] = {
        "kind": "index",
        "of": of,
        "by": {"kind": "record_of", "fields": {"k": text}},
    }
    if path_wanted:
        asked = {"kind": "call", "function": "demand_path", "args": [text]}
    command = {
        "kind": "command",
        "inputs": [{"id": "k", "type": {"kind": "string"}}],
        "arguments": [{"value": {"kind": "string_lit", "value": "true"}}],
        "stdout": {"kind": "string_lit", "value": "out"},
        "outputs": [{"id": "out", "type": {"kind": "File"}, "collect": {"kind": "stdout"}}],
    }
    step = {
        "id": "rule",
        "scatter": {
            "kind": "demand",
            "keys": [{"name": "k", "type": {"kind": "string"}, "where": where}],
        },
        "produces": {"out": {"kind": "template", "parts": [{"kind": "key", "name": "k"}]}},
        "in": {"k": {"kind": "key", "name": "k"}},
        "run": command,
    }
    output = {"id": "out", "type": {"kind": "File"}, "value": asked}
    workflow = {"kind": "workflow", "steps": [step], "outputs": [output]}
    return {"fairwf_ir": "1", "workflow": workflow}


# --- processes that are made while a run goes on ------------------------------------------------

_MAKES = """cwlVersion: v1.2
$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}
class: cwltool:ProcessGenerator
inputs: {text: string}
outputs: {}
run:
  class: CommandLineTool
  inputs: {text: string}
  outputs: {runProcess: {type: File, outputBinding: {glob: made.cwl}}}
  requirements: {InitialWorkDirRequirement: {listing: [{entryname: t, entry: $(inputs.text)}]}}
  baseCommand: [sh, -c, '%s']
"""
_MADE = "cwlVersion: v1.2\nclass: CommandLineTool\ninputs: []\noutputs: []\nbaseCommand: 'true'\n"


@pytest.mark.parametrize(
    ("text", "makes", "code"),
    [
        (_MADE + "hints: {$import: ../../../outside.yml}\n", "cp t made.cwl", "FWF1008"),
        (_MADE + "hints: {$import: /etc/passwd}\n", "cp t made.cwl", "FWF1008"),
        (_MADE + "hints: {$import: link.yml}\n",
         "cp t made.cwl; ln -s ../../../outside.yml link.yml", "FWF1008"),
        (_MADE + "doc: {$include: ../../../outside.yml}\n", "cp t made.cwl", "FWF1008"),
        (_MADE, "ln -s ../../../outside.yml made.cwl", "FWF4014"),
        (_MADE, "mkfifo made.cwl", "FWF4018"),
        ("a: &a [1, 1]\n" + "".join(f"{c}: &{c} [*{d}, *{d}]\n" for c, d in zip(
            "bcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxy", strict=True)),
         "cp t made.cwl", None),
    ],
)  # fmt: skip
def test_what_a_task_makes_names_no_files_outside(
    tmp_path: Path, text: str, makes: str, code: str | None
) -> None:
    (tmp_path / ".git").mkdir()  # the run lies in a repository, whose files are not the process's
    (tmp_path / "outside.yml").write_text("ResourceRequirement: {coresMin: 1}\n")
    (tmp_path / "makes.cwl").write_text(_MAKES % makes)
    report = Report()
    run = fairwf.run(
        tmp_path / "makes.cwl", {"text": text}, run_dir=tmp_path / "run", report=report
    )
    assert run.status == "failed"
    assert code is None or [found.code for found in report.errors] == [code]


def test_makers_that_make_makers_end(tmp_path: Path) -> None:
    """A process that makes itself again."""
    text = _MAKES % "cp t made.cwl"
    (tmp_path / "makes.cwl").write_text(text)
    again = text.replace("inputs: {text: string}", "inputs: {text: {type: string, default: x}}")
    itself = again.replace("cp t made.cwl", 'cp "$0" made.cwl').replace(
        "  baseCommand", f"  arguments: ['{tmp_path}/again.cwl']\n  baseCommand"
    )
    (tmp_path / "again.cwl").write_text(itself)
    report = Report()
    run = fairwf.run(tmp_path / "again.cwl", {}, run_dir=tmp_path / "run", report=report)
    assert run.status == "failed"
    assert [found.code for found in report.errors] == ["FWF4035"]
    assert "without end" in report.errors[0].message
    assert len(run.tasks) < 40
