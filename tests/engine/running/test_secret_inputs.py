"""Secret inputs: programs get them, and nothing that a run leaves behind shows them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.engine import load_run, resume
from fairwf.engine.confidential import Secrets
from fairwf.ir.expressions import File
from fairwf.report import InvalidError, Report
from fairwf.trace import Run

SECRET = "hun\"t'er $(id) %s\\ tw\u00fc"
"""What shells, JSON, YAML and formats could trip over."""

HEAD = """cwlVersion: v1.2
$namespaces: {cwltool: 'http://commonwl.org/cwltool#'}
"""
TOOL = (
    HEAD
    + """class: CommandLineTool
requirements:
  cwltool:Secrets: {secrets: [pw]}
  InlineJavascriptRequirement: {}
  EnvVarRequirement: {envDef: {PW: $(inputs.pw)}}
  InitialWorkDirRequirement:
    listing: [{entryname: conf.ini, entry: "password = $(inputs.pw)\\nuser = $(inputs.user)\\n"}]
baseCommand: [sh, -c]
arguments:
  - >-
    echo "said $0"; echo "told $0 $PW" >&2; printf %s "$0" | sha256sum > digest;
    grep -q "^password = " conf.ini; tail -1 conf.ini; exit $1
  - $(inputs.pw)
  - $(inputs.code)
inputs: {pw: string, user: string, code: {type: int, default: 0}}
outputs:
  digest: {type: File, outputBinding: {glob: digest}}
"""
)


def shown(value: str) -> list[bytes]:
    forms = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return [form.encode() for form in forms]


def leaks(*folders: Path, secret: str = SECRET) -> list[str]:
    return [
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in shown(secret))
    ]


def digest_of(run: Run) -> str:
    made = run.outputs["digest"]
    assert isinstance(made, File)
    return Path((made.location or "").removeprefix("file://")).read_text().split()[0]


def sha256(text: str) -> str:
    done = subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode().split()[0]


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    (tmp_path / "tool.cwl").write_text(TOOL)
    return tmp_path / "tool.cwl"


def test_the_program_gets_it_and_nothing_else_shows_it(tool: Path, tmp_path: Path) -> None:
    events: list[Any] = []
    run = fairwf.run(
        tool,
        {"pw": SECRET, "user": "me"},
        run_dir=tmp_path / "run",
        cache=tmp_path / "cache",
        listener=events.append,
    )
    assert digest_of(run) == sha256(SECRET)
    (out,) = (tmp_path / "run/logs").glob("*/stdout")
    assert out.read_text() == "said (secret)\nuser = me\n"
    assert out.with_name("stderr").read_text() == "told (secret) (secret)\n"
    fairwf.package(run, tmp_path / "crate")
    assert leaks(tmp_path) == []
    assert not any(form.decode() in repr(events) for form in shown(SECRET))
    assert "(secret-" in " ".join(run.tasks[0].command)


def test_what_a_failure_says_does_not_show_it(tool: Path, tmp_path: Path) -> None:
    report, events = Report(), list[Any]()
    job = {"pw": SECRET, "user": "me", "code": 3}
    run = fairwf.run(tool, job, run_dir=tmp_path / "run", report=report, listener=events.append)
    assert run.status == "failed"
    hint = report.errors[0].hint or ""
    assert "told (secret) (secret)" in hint
    fairwf.package(run, tmp_path / "crate", report=report)
    said = f"{run.error}{report}{events}"
    assert not any(form.decode() in said for form in shown(SECRET))
    assert leaks(tmp_path) == []


def test_an_expression_that_fails_on_it_does_not_show_it(tmp_path: Path) -> None:
    text = TOOL.replace("$(inputs.code)", "\"${ throw new Error('bad: ' + inputs.pw) }\"")
    (tmp_path / "tool.cwl").write_text(text)
    report = Report()
    run = fairwf.run(
        tmp_path / "tool.cwl",
        {"pw": "hunter two", "user": "me"},
        run_dir=tmp_path / "run",
        report=report,
    )
    assert run.status == "failed" and "bad: (secret" in str(run.error)
    assert "hunter two" not in f"{run.error}{list(report)}"
    assert leaks(tmp_path, secret="hunter two") == []


WORKFLOW = (
    HEAD
    + """class: Workflow
requirements: {StepInputExpressionRequirement: {}, SubworkflowFeatureRequirement: {},
  InlineJavascriptRequirement: {}}
inputs: {token: string, who: string, plain: {type: string, default: open}}
outputs: {digest: {type: File, outputSource: sub/digest}}
steps:
  sub:
    in: {t: token, w: who}
    out: [digest]
    run:
      class: Workflow
      inputs: {t: string, w: string}
      outputs: {digest: {type: File, outputSource: s/digest}}
      steps:
        add:
          in: {x: {source: t, valueFrom: $(self)}}
          out: [o]
          run:
            class: ExpressionTool
            requirements: {InlineJavascriptRequirement: {}}
            inputs: {x: string}
            outputs: {o: string}
            expression: "${return {o: 'Bearer ' + inputs.x};}"
        s: {in: {pw: t, user: w, bearer: add/o}, out: [digest], run: tool.cwl}
"""
)


def test_it_is_hidden_all_the_way_from_the_workflows_input(tool: Path, tmp_path: Path) -> None:
    (tmp_path / "wf.cwl").write_text(WORKFLOW)
    tool.write_text(
        TOOL.replace("user: string,", "user: string, bearer: string,")
        .replace('printf %s "$0"', 'printf %s "$2"')
        .replace("  - $(inputs.code)\n", "  - $(inputs.code)\n  - $(inputs.bearer)\n")
    )
    job = {"token": SECRET, "who": "me"}
    run = fairwf.run(tmp_path / "wf.cwl", job, run_dir=tmp_path / "run")
    assert digest_of(run) == sha256(f"Bearer {SECRET}")
    fairwf.package(run, tmp_path / "crate.zip")
    with zipfile.ZipFile(tmp_path / "crate.zip") as archive:
        archive.extractall(tmp_path / "crate")
    assert leaks(tmp_path) == []
    inputs = (tmp_path / "run/inputs.json").read_text()
    assert '"me"' in inputs and "(secret-" in inputs


def test_a_script_quotes_it(tmp_path: Path) -> None:
    """A secret is put in before a shell's words are quoted, not afterwards."""
    text = (
        HEAD
        + """class: CommandLineTool
requirements: {cwltool:Secrets: {secrets: [pw]}, ShellCommandRequirement: {}}
baseCommand: [printf, '%s']
arguments: [{valueFrom: $(inputs.pw)}, {valueFrom: '| sha256sum', shellQuote: false}]
inputs: {pw: string}
outputs: {digest: stdout}
"""
    )
    (tmp_path / "tool.cwl").write_text(text)
    secret = "'; touch /tmp/fairwf-escaped; echo '"
    run = fairwf.run(tmp_path / "tool.cwl", {"pw": secret}, run_dir=tmp_path / "run")
    assert digest_of(run) == sha256(secret)
    assert not Path("/tmp/fairwf-escaped").exists()
    assert leaks(tmp_path, secret=secret) == []


def test_outputs_that_hold_it_are_kept_and_told_of(tmp_path: Path) -> None:
    text = TOOL.replace('printf %s "$0" | sha256sum > digest', 'echo "$0" > digest')
    (tmp_path / "tool.cwl").write_text(text)
    report = Report()
    job = {"pw": SECRET, "user": "me"}
    run = fairwf.run(
        tmp_path / "tool.cwl", job, run_dir=tmp_path / "run", outdir=tmp_path / "out", report=report
    )
    assert [found.code for found in report] == ["FWF4034"]
    made = run.outputs["digest"]
    assert isinstance(made, File) and (tmp_path / "out/digest").read_text() == f"{SECRET}\n"
    assert leaks(tmp_path / "run") == []
    report = Report()
    fairwf.package(load_run(tmp_path / "run"), tmp_path / "crate", report=report)
    assert leaks(tmp_path / "crate") == []
    assert "'digest', one of the outputs, holds a secret" in str(report)
    graph = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_bytes())["@graph"]
    (described,) = (e for e in graph if (e["@type"], e.get("name")) == ("File", "digest"))
    assert described["sha256"] == sha256(f"{SECRET}\n")


def test_values_that_are_no_texts_are_told_of(tmp_path: Path) -> None:
    text = TOOL.replace("[pw]}", "[pw, code]}")
    (tmp_path / "tool.cwl").write_text(text)
    report = Report()
    job = {"pw": SECRET, "user": "me", "code": 0}
    fairwf.run(tmp_path / "tool.cwl", job, run_dir=tmp_path / "run", report=report)
    assert [(found.code, found.line) for found in report] == [("FWF4034", 17)]


# --- resuming ---------------------------------------------------------------------------------


def test_resuming_needs_it_again(
    tool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.write_text(TOOL.replace("exit $1", f"test -e {tmp_path}/allowed"))
    job = {"pw": SECRET, "user": "me"}
    assert fairwf.run(tool, job, run_dir=tmp_path / "run").status == "failed"
    (tmp_path / "allowed").touch()
    report = Report()
    assert resume(tmp_path / "run", report=report).status == "failed"
    (found,) = report.errors
    assert found.code == "FWF4033" and "FAIRWF_SECRET_pw" in (found.hint or "")
    monkeypatch.setenv("FAIRWF_SECRET_pw", SECRET)
    done = resume(tmp_path / "run")
    assert (done.status, digest_of(done)) == ("completed", sha256(SECRET))
    assert leaks(tmp_path / "run") == []
    monkeypatch.delenv("FAIRWF_SECRET_pw")
    assert resume(tmp_path / "run").outputs == done.outputs


# --- on the command line ----------------------------------------------------------------------


@pytest.mark.parametrize("given", ["words", "yaml", "escaped", "folded"])
def test_neither_words_nor_job_file_stay(tool: Path, tmp_path: Path, given: str) -> None:
    secret = "correct horse battery"
    jobs = {
        "yaml": f"pw: {secret}\nuser: me\n",
        "escaped": 'pw: "correct\\x20horse battery"\nuser: me\n',
        "folded": "pw: correct\n  horse\n  battery\nuser: me\n",
    }
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/job.yml").write_text(jobs.get(given, ""))
    words = ["--pw", secret, "--user", "me"] if given == "words" else ["jobs/job.yml"]
    command = [sys.executable, "-m", "fairwf", "run", "tool.cwl", "--run-dir", "run"]
    command += ["--crate", "crate", "--events", "run.jsonl", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert secret not in done.stdout + done.stderr
    (tmp_path / "jobs/job.yml").unlink()
    assert leaks(tmp_path, secret=secret) == []
    assert "horse" not in "".join(p.read_text() for p in (tmp_path / "run").rglob("*.yml"))
    assert load_run(tmp_path / "run").status == "completed"


def test_a_secret_that_is_not_there_any_more_is_an_error() -> None:
    secrets = Secrets({}, {"(secret-" + "0" * 24 + ")": "pw"})
    with pytest.raises(InvalidError, match="FWF4033"):
        secrets.revealed(["x (secret-" + "0" * 24 + ")"])
    assert secrets.revealed("(secret-" + "1" * 24 + ")") == "(secret-" + "1" * 24 + ")"
