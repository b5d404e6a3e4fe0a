"""Loops as CWL: cwltool's requirement in v1.2, fields of the step in v1.3."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

import fairwf
from fairwf.conversion import convert_document
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    BodyOutput,
    Call,
    Expr,
    Input,
    IntLit,
    Local,
    Output,
    Record,
    State,
    StringLit,
)
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, IntType, OptionalType
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Approval, Loop, Over, Pure, Scatter, Step, Workflow
from fairwf.report import Report, UnsupportedError
from fairwf_cwl.read import read
from tests.converters.cwl.test_cwl_loops import EXTENSION, NATIVE, text

V12, V13 = "v1.2", "v1.3.0-dev1"
MERGED = NATIVE.replace(
    "{n: o}",
    "{n: {outputSource: [o, p], pickValue: first_non_null},"
    " by: {outputSource: p, default: 3, valueFrom: '$(self + 1)'},"
    " top: {valueFrom: $(inputs.n)}}",
)


def written(document: Document, version: str, folder: Path) -> tuple[Path, Report]:
    report = Report()
    result = convert_document(document, "cwl", report, version=version)
    folder.mkdir(exist_ok=True)
    path = folder / f"{version}.cwl"
    path.write_bytes(result.written.files[result.written.main])
    return path, report


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize(
    ("said", "more"),
    [
        (NATIVE, ""),
        (NATIVE + "    outputMethod: all_iterations\n", ""),
        (NATIVE.replace("{n: o}", "{n: o, c: {valueFrom: $(inputs.c)}}"), ", c: {default: 0}"),
        (MERGED, ", top: {default: 9}"),
        (NATIVE, ", top: {source: by, valueFrom: '$(self * 2)'}"),
    ],
)
def test_loops_that_were_read_are_written_as_they_were(
    cwl: Any, tmp_path: Path, said: str, more: str, version: str
) -> None:
    output = "int[]" if "all_iterations" in said else "int?"
    document = cwl.document(text(said, V13, output, more))
    path, report = written(document, version, tmp_path)
    assert report.by_fate("rewritten", "approximated", "lost") == []
    again = read(Source.at(path), ReadOptions(), Report())
    assert same(again.workflow, document.workflow)


def test_the_version_says_how_a_loop_is_written(cwl: Any, tmp_path: Path) -> None:
    document = cwl.document(text(EXTENSION, V12))
    old = yaml.safe_load(written(document, V12, tmp_path)[0].read_text())["steps"]["s"]
    assert old["requirements"] == {
        "cwltool:Loop": {"loopWhen": "$(inputs.n < 10)", "loop": {"n": "o"}}
    }
    new = yaml.safe_load(written(document, V13, tmp_path)[0].read_text())["steps"]["s"]
    assert (new["when"], new["loop"]) == ("$(inputs.n < 10)", {"n": "o"})
    assert "outputMethod" not in new and "requirements" not in new


@pytest.mark.parametrize("version", ["v1.0", "v1.1"])
def test_older_versions_have_no_loops(cwl: Any, tmp_path: Path, version: str) -> None:
    with pytest.raises(UnsupportedError, match="cannot say while loop"):
        written(cwl.document(text(NATIVE)), version, tmp_path)


def test_a_published_loop_without_a_limit_is_kept(corpora: Path, tmp_path: Path) -> None:
    path = corpora / "cwl/yuandou168__DecentralizedFL-CWL/CWL_Workflow/decentralizedFL.cwl"
    document = read(Source.at(path), ReadOptions(), Report())
    result, report = written(document, V12, tmp_path)
    assert report.by_fate("rewritten", "approximated", "lost") == []
    assert same(read(Source.at(result), ReadOptions(), Report()).workflow, document.workflow)


# --- loops of other formats -------------------------------------------------------------------


def call(name: str, *args: Expr) -> Call:
    return Call(function=name, args=args)


def looping(
    test: Any = "before",
    limit: int | None = None,
    on_max: Any = "stop",
    made: str = "r",
    **more: Any,
) -> Workflow:
    """Double a number and add another, in inputs that are computed from the state."""
    body = Pure(
        inputs=(InputPort(id="n", type=IntType()), InputPort(id="by", type=IntType())),
        outputs=(OutputPort(id=made, type=IntType()), OutputPort(id="q", type=IntType())),
        result=Record(
            fields={
                made: call("add", call("add", Input(name="n"), Input(name="n")), Input(name="by")),
                "q": Input(name="n"),
            }
        ),
    )
    loop = Loop(
        state={"n": Input(name="a"), "k": IntLit(value=0)},
        next={
            "n": call("add", BodyOutput(port=made), Input(name="b")),
            "k": call("add", State(name="k"), call("add", BodyOutput(port="q"), State(name="n"))),
        },
        until=call("greater", State(name="k"), Input(name="b")),
        test=test,
        max=IntLit(value=limit) if limit else None,
        on_max=on_max,
        **more,
    )
    every = loop.outputs == "all"
    type_ = ArrayType(items=IntType()) if every else OptionalType(item=IntType())
    inputs = {"n": call("add", State(name="n"), IntLit(value=1)), "by": State(name="k")}
    return Workflow(
        inputs=tuple(InputPort(id=name, type=IntType()) for name in "ab"),
        steps=(Step(id="s", run=body, inputs=inputs, loop=loop),),
        outputs=(OutputPort(id="r", type=type_, value=Output(step="s", port=made)),),
    )


@pytest.mark.parametrize(
    "workflow",
    [looping(), looping("after"), looping(limit=2), looping("after", 3, outputs="all")],
    ids=["before", "after", "limit", "after-limit-all"],
)
def test_loops_of_other_forms_run_as_they_did(workflow: Workflow, tmp_path: Path) -> None:
    document = Document(workflow=workflow)
    path, report = written(document, V12, tmp_path)
    assert report.by_fate("approximated", "lost") == []
    job = {"a": 1, "b": 40}
    wanted = outputs(document, job, tmp_path / "before")
    assert wanted["r"]
    assert outputs(fairwf.load(path), job, tmp_path / "after") == wanted
    done = reference(path, job)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == wanted


def test_outputs_of_the_body_that_cwl_cannot_name_are_followed_into_the_loop(
    tmp_path: Path,
) -> None:
    document = Document(workflow=looping(made="r/r"))
    path, _ = written(document, V12, tmp_path)
    job = {"a": 1, "b": 40}
    wanted = outputs(document, job, tmp_path / "before")
    assert outputs(fairwf.load(path), job, tmp_path / "after") == wanted


def scattered(whole: Workflow) -> Workflow:
    """Return the workflow with a step that scatters as well."""
    [step], [port] = whole.steps, whole.outputs
    assert step.loop is not None
    loop = msgspec.structs.replace(step.loop, state={**step.loop.state, "n": Local(name="a")})
    over = Scatter(over=(Over(name="a", value=Input(name="a")),))
    return Workflow(
        inputs=(InputPort(id="a", type=ArrayType(items=IntType())), whole.inputs[1]),
        steps=(msgspec.structs.replace(step, loop=loop, scatter=over),),
        outputs=(msgspec.structs.replace(port, type=ArrayType(items=port.type)),),
    )


@pytest.mark.parametrize("more", [{}, {"test": "after", "outputs": "all", "limit": 2}])
def test_a_step_that_scatters_and_loops_runs_a_subworkflow(
    more: dict[str, Any], tmp_path: Path
) -> None:
    document, job = Document(workflow=scattered(looping(**more))), {"a": [1, 2, 30], "b": 40}
    wanted = outputs(document, job, tmp_path / "before")
    assert len(wanted["r"]) == 3
    path, report = written(document, V12, tmp_path)
    assert report.by_fate("approximated", "lost") == []
    assert outputs(fairwf.load(path), job, tmp_path / "after") == wanted
    done = reference(path, job)
    assert (done.returncode, json.loads(done.stdout)) == (0, wanted)


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize(
    "workflow",
    [looping(), looping("after", 3), looping(limit=2, on_max="fail"), scattered(looping())],
    ids=["before", "after-limit", "fails-at-limit", "scatters"],
)
def test_an_approval_of_a_step_that_loops_is_told_to_be_lost(
    workflow: Workflow, version: str, tmp_path: Path
) -> None:
    [step] = workflow.steps
    asked = msgspec.structs.replace(step, approval=Approval(prompt=StringLit(value="Go on?")))
    document = Document(workflow=msgspec.structs.replace(workflow, steps=(asked,)))
    path, report = written(document, version, tmp_path)
    [lost] = report.by_fate("lost")
    assert (lost.code, lost.path) == ("FWF3004", "/steps/s/approval")
    plain, _ = written(Document(workflow=workflow), version, tmp_path / "plain")
    assert path.read_text() == plain.read_text()


@pytest.mark.parametrize("limit", [1, 80])
def test_a_loop_that_fails_at_its_limit_fails_there(limit: int, tmp_path: Path) -> None:
    document = Document(workflow=looping(limit=limit, on_max="fail"))
    path, report = written(document, V12, tmp_path)
    assert report.by_fate("approximated", "lost") == []
    again = fairwf.load(path)
    assert isinstance(again.workflow, Workflow) and again.workflow.steps[0].loop is not None
    many, few = {"a": 1, "b": 10**8}, {"a": 1, "b": 2}
    wanted = outputs(document, few, tmp_path / "before")
    assert outputs(again, few, tmp_path / "after") == wanted
    assert json.loads(reference(path, few).stdout) == wanted
    enough = limit == 80
    for one in (document, again):
        assert (fairwf.run(one, many).status == "completed") is enough
    assert (reference(path, many).returncode == 0) is enough


def reference(path: Path, job: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    (path.parent / "job.json").write_text(json.dumps(job))
    program = Path(sys.executable).with_name("cwltool")
    command = [program, "--enable-ext", "--no-container", "--quiet", path, "job.json"]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)


def outputs(document: Document, job: dict[str, Any], folder: Path) -> dict[str, Any]:
    record = fairwf.run(document, job, outdir=folder)
    return {name: from_literal(value) for name, value in record.outputs.items()}
