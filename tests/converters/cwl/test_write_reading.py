"""Expressions that read files, as CWL: the contents are loaded where the file arrives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fairwf
from fairwf.conversion import convert_document
from fairwf.document import Document
from fairwf.ir.command import Argument
from fairwf.ir.expressions import (
    Attr,
    BodyOutput,
    Call,
    Each,
    Expr,
    File,
    If,
    Index,
    Input,
    IntLit,
    Local,
    Output,
    Record,
    StepInput,
    StringLit,
)
from fairwf.ir.ports import Glob, InputPort, OutputPort, Stdout
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    FileType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Command, Loop, Over, Pure, Scatter, Step, Workflow
from fairwf.report import Report, UnsupportedError

FILE, TEXT = FileType(), StringType()
LINES, MAYBE = ArrayType(items=TEXT), OptionalType(item=TEXT)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "ir"
TEXTS = ["", "\n", "a", "a\n", "a\tb\r\nc\n\n\td", '{"k": ["ä", 1]}\n', "x" * 5000]


def call(name: str, *args: Expr) -> Call:
    return Call(function=name, args=args)


def pure(result: dict[str, tuple[Expr, Type]], **inputs: Type) -> Pure:
    return Pure(
        inputs=tuple(InputPort(id=name, type=type_) for name, type_ in inputs.items()),
        outputs=tuple(OutputPort(id=name, type=type_) for name, (_, type_) in result.items()),
        result=Record(fields={name: value for name, (value, _) in result.items()}),
    )


def first(of: Expr) -> Expr:
    return Index(of=of, by=IntLit(value=0))


def read(of: Expr) -> Expr:
    return call("read_text", of)


def each_of(function: str, over: Expr) -> Expr:
    return Each(name="f", over=over, body=call(function, Local(name="f")))


def workflow() -> Workflow:
    """Read at every place where a file may be."""
    show = Command(
        inputs=(InputPort(id="f", type=FILE), InputPort(id="said", type=TEXT)),
        outputs=(
            OutputPort(id="out", type=FILE, collect=Stdout()),
            OutputPort(
                id="lines",
                type=LINES,
                collect=Glob(
                    patterns=(StringLit(value="said.txt"),),
                    evaluate=call("read_lines", first(Local(name="self"))),
                ),
            ),
        ),
        arguments=tuple(
            Argument(value=value)
            for value in (
                StringLit(value="printf"),
                StringLit(value="<%s>"),
                Input(name="said"),
                call("read_text", Input(name="f")),
            )
        ),
        stdout=StringLit(value="said.txt"),
    )
    twice = pure(
        {
            "lines": (call("read_lines", Input(name="f")), LINES),
            "rows": (call("read_tsv", Input(name="f")), ArrayType(items=LINES)),
            "all": (each_of("read_text", Input(name="fs")), LINES),
            "one": (call("read_text", first(Input(name="fs"))), TEXT),
        },
        f=FILE,
        fs=ArrayType(items=FILE),
    )
    echo = pure({"o": (Input(name="t"), TEXT)}, t=TEXT)
    files, file, item = Input(name="fs"), Input(name="f"), Local(name="t")
    return Workflow(
        inputs=(
            InputPort(id="f", type=FILE),
            InputPort(id="g", type=OptionalType(item=FILE)),
            InputPort(id="fs", type=ArrayType(items=FILE)),
        ),
        steps=(
            Step(id="pure", run=twice, inputs={"f": file, "fs": files}),
            Step(id="tool", run=show, inputs={"f": file, "said": call("read_text", file)}),
            Step(id="first", run=echo, inputs={"t": call("read_text", first(files))}),
            Step(
                id="scattered",
                run=echo,
                scatter=Scatter(over=(Over(name="item", value=files),)),
                inputs={"t": call("concat", read(Local(name="item")), StringLit(value="!"))},
            ),
            Step(
                id="named",
                run=pure({"o": (Input(name="n"), TEXT)}, n=TEXT, t=FILE),
                scatter=Scatter(over=(Over(name="t", value=files),)),
                inputs={
                    "t": item,
                    "n": call("concat", read(item), Attr(of=item, name="basename")),
                },
                when=call("not_equal", read(item), StringLit(value="")),
            ),
            Step(
                id="asked",
                run=pure({"o": (StringLit(value="ran"), TEXT)}, f=FILE),
                inputs={"f": file},
                when=call("equal", call("read_text", StepInput(name="f")), StringLit(value="a")),
            ),
            Step(
                id="maybe",
                run=echo,
                inputs={
                    "t": If(
                        test=call("defined", Input(name="g")),
                        then=call("read_text", Input(name="g")),
                        otherwise=StringLit(value="none"),
                    )
                },
            ),
        ),
        outputs=(
            *outputs_of("pure", lines=LINES, rows=ArrayType(items=LINES), all=LINES, one=TEXT),
            *outputs_of("tool", lines=LINES),
            *outputs_of("first", o=TEXT),
            *outputs_of("scattered", o=LINES),
            *outputs_of("named", o=ArrayType(items=MAYBE)),
            *outputs_of("asked", o=MAYBE),
            *outputs_of("maybe", o=MAYBE),
            OutputPort(
                id="read", type=LINES, value=call("read_lines", Output(step="tool", port="out"))
            ),
        ),
    )


def outputs_of(step: str, **types: Type) -> list[OutputPort]:
    return [
        OutputPort(id=f"{step}_{name}", type=type_, value=Output(step=step, port=name))
        for name, type_ in types.items()
    ]


def without(whole: Workflow, *ids: str) -> Workflow:
    return Workflow(
        inputs=whole.inputs,
        steps=tuple(step for step in whole.steps if step.id not in ids),
        outputs=tuple(p for p in whole.outputs if p.id.split("_")[0] not in ids),
    )


def written(process: Any, folder: Path, version: str) -> tuple[Path, Report]:
    report = Report()
    result = convert_document(Document(workflow=process), "cwl", report, version=version)
    path = folder / f"{version}.cwl"
    path.write_bytes(result.written.files[result.written.main])
    return path, report


def job(folder: Path, texts: list[str]) -> dict[str, Any]:
    paths = [folder / f"{number}.txt" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text.encode())
    files = [{"class": "File", "path": str(path)} for path in paths]
    return {"f": files[0], "fs": files}


def outputs(document: Any, given: dict[str, Any], folder: Path) -> dict[str, Any]:
    run = fairwf.run(document, given, outdir=folder)
    assert run.status == "completed"
    return {name: from_literal(value) for name, value in run.outputs.items()}


def reference(path: Path, given: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    (path.parent / "job.json").write_text(json.dumps(given))
    program = Path(sys.executable).with_name("cwltool")
    command = [program, "--no-container", "--quiet", "--enable-ext", path, "job.json"]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", ["v1.0", "v1.1", "v1.2"])
def test_what_is_read_is_the_same(version: str, tmp_path: Path) -> None:
    whole = workflow()
    if version == "v1.0":  # loads no items of a scatter
        whole = without(whole, "scattered", "named")
    document = Document(workflow=whole)
    path, report = written(whole, tmp_path, version)
    assert report.by_fate("lost") == []
    near = report.by_fate("approximated")
    assert near
    if version == "v1.2":
        assert {found.code for found in near} == {"FWF3003"}
        assert all("64 KiB" in found.message and found.hint for found in near)
    again = fairwf.load(path)
    for number in (0, 4):
        texts = TEXTS[number:] + TEXTS[:number]
        given = job(tmp_path, texts)
        if number:
            given["g"] = given["fs"][2]
        wanted = outputs(document, given, tmp_path / "before")
        assert wanted["pure_all"] == texts
        assert outputs(again, given, tmp_path / "after") == wanted
        if version == "v1.0":
            continue  # the reference runner loads nothing there for arrays of files
        done = reference(path, given)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == wanted


@pytest.mark.parametrize("text", ['{"a": [1, null, 2.5, "x"]}', "7", '"ä"', "[]"])
def test_json_is_parsed(text: str, tmp_path: Path) -> None:
    process = pure(
        {"o": (call("read_json", Input(name="f")), OptionalType(item=AnyType()))}, f=FILE
    )
    path, _ = written(process, tmp_path, "v1.2")
    given = {"f": job(tmp_path, [text])["f"]}
    assert outputs(fairwf.load(path), given, tmp_path) == {"o": json.loads(text)}
    assert json.loads(reference(path, given).stdout) == {"o": json.loads(text)}


def test_files_that_are_too_large_fail_in_cwl(tmp_path: Path) -> None:
    process = pure({"o": (call("read_lines", Input(name="f")), LINES)}, f=FILE)
    path, report = written(process, tmp_path, "v1.2")
    [near] = report.by_fate("approximated")
    assert (near.code, near.path) == ("FWF3003", "/result/fields/o")
    given = {"f": job(tmp_path, ["x\n" * 40_000])["f"]}
    assert len(outputs(Document(workflow=process), given, tmp_path)["o"]) == 40_000
    assert fairwf.run(path, given).status == "failed"
    assert reference(path, given).returncode != 0


def test_a_file_inside_a_record_is_not_read(tmp_path: Path) -> None:
    record = RecordType(fields=(RecordField(name="m", type=FILE),))
    process = pure({"o": (call("read_text", Attr(of=Input(name="r"), name="m")), TEXT)}, r=record)
    with pytest.raises(UnsupportedError) as caught:
        written(process, tmp_path, "v1.2")
    assert [found.code for found in caught.value.report.errors] == ["FWF3001"]


def test_a_loop_that_reads_is_not_written(tmp_path: Path) -> None:
    body = pure({"f": (Input(name="f"), FILE)}, f=FILE)
    loop = Loop(
        state={"f": Input(name="f")},
        next={"f": BodyOutput(port="f")},
        until=call("equal", call("read_text", BodyOutput(port="f")), StringLit(value="")),
        test="after",
    )
    step = Step(id="s", run=body, inputs={"f": Input(name="f")}, loop=loop)
    process = Workflow(inputs=(InputPort(id="f", type=FILE),), steps=(step,))
    with pytest.raises(UnsupportedError):
        written(process, tmp_path, "v1.2")


def test_a_literal_file_is_read(tmp_path: Path) -> None:
    process = pure({"o": (call("read_text", Input(name="f")), TEXT)}, f=FILE)
    literal = File(contents="inside", basename="x.txt")
    port = InputPort(id="f", type=FILE, default=literal)
    whole = Pure(inputs=(port,), outputs=process.outputs, result=process.result)
    path, _ = written(whole, tmp_path, "v1.2")
    assert outputs(fairwf.load(path), {}, tmp_path) == {"o": "inside"}


@pytest.mark.parametrize("style", ["typed-data-flow", "streams"])
def test_examples_that_read_give_the_same_in_the_reference_runner(
    style: str, tmp_path: Path
) -> None:
    example, given = EXAMPLES / f"{style}.ir.yml", EXAMPLES / f"{style}.job.yml"
    run = fairwf.run(example, given, outdir=tmp_path / "ours")
    fairwf.dump(fairwf.load(example), tmp_path / "main.cwl", "cwl")
    program = Path(sys.executable).with_name("cwltool")
    command = [program, "--no-container", "--quiet", "--outdir", tmp_path / "theirs"]
    command += [tmp_path / "main.cwl", given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wanted = {name: from_literal(value) for name, value in run.outputs.items()}
    found = json.loads(done.stdout)
    assert wanted.keys() == found.keys()
    for name, value in wanted.items():
        is_file = isinstance(value, File)
        assert (found[name]["checksum"] if is_file else found[name]) == (
            value.checksum if is_file else value
        )
