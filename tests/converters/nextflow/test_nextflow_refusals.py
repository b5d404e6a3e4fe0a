"""What is written in Nextflow of records, files without a place, and names of closures."""

from pathlib import Path

import pytest

from fairwf.ir.command import Text
from fairwf.ir.expressions import Attr, Call, Each, Expr, File, Input, Local, Output, StringLit
from fairwf.ir.ordering import in_order
from fairwf.ir.ports import InputPort
from fairwf.ir.types import (
    ArrayType,
    FileType,
    IntType,
    RecordField,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.workflow import ProcessRef, Script, Step
from fairwf.report import UnsupportedError
from fairwf_nextflow.write.expressions import Said, Sayer
from fairwf_nextflow.write.failures import CannotSayError, silent
from fairwf_nextflow.write.parameters import write_inputs
from fairwf_nextflow.write.processes import ProcessWriter
from fairwf_nextflow.write.task_names import TaskSayer
from tests.converters.nextflow.scripts import workflow, written

PAIR = RecordType(
    name="pair",
    fields=(RecordField(name="f", type=FileType()), RecordField(name="n", type=IntType())),
)


def task(*ports: InputPort) -> Script:
    return Script(id="p", inputs=ports, body=(Text(text="true\n"),))


@pytest.mark.parametrize("type_", [PAIR, UnionType(members=(FileType(), StringType()))])
def test_files_that_would_not_be_staged_are_refused(type_: Type) -> None:
    port = InputPort(id="x", type=type_)
    with pytest.raises(CannotSayError, match="inputs of their own") as caught:
        ProcessWriter(task(port), "p", (), silent).text()
    assert caught.value.node is port


def test_a_file_in_a_record_of_parameters_is_a_file() -> None:
    def leaf(node: Expr) -> Said | None:
        return Said("params.r", "map", PAIR) if isinstance(node, Input) else None

    sayer = Sayer(leaf)
    assert sayer.say(Attr(of=Input(name="r"), name="f")).text == "file(params.r['f'])"
    assert sayer.say(Attr(of=Input(name="r"), name="n")).text == "params.r['n']"


def test_a_file_of_a_link_is_of_the_project() -> None:
    sayer = Sayer(lambda node: None)
    assert sayer.say(File(location="./a.txt")).text == 'file("${projectDir}/a.txt")'
    assert sayer.say(File(location="/a.txt")).text == "file('file:///a.txt')"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ('"${projectDir}/a.txt"', File(location="a.txt")),
        ("'file:///b.txt'", Call(function="to_file", args=(StringLit(value="/b.txt"),))),
    ],
)
def test_a_file_of_a_link_is_read_again(tmp_path: Path, said: str, read: Expr) -> None:
    main = f"process P {{ input: path x\n script: 'cat $x' }}\nworkflow {{ P(file({said})) }}\n"
    (step,) = workflow(written(tmp_path, main, {"a.txt": "1"})).steps
    assert step.inputs == {"x": read}


def test_a_closure_does_not_hide_an_input() -> None:
    ports = [InputPort(id="v", type=ArrayType(items=StringType()))]
    sayer = TaskSayer(task(*ports), {"v": "v"})
    body = Attr(of=Local(name="x"), name="k")
    assert "{ v2 -> " in sayer.say(Each(name="x", over=Input(name="v"), body=body)).text


def test_a_file_without_a_place_is_no_parameter() -> None:
    with pytest.raises(UnsupportedError) as caught:
        write_inputs([InputPort(id="x", type=FileType())], {"x": File(contents="a")})
    (error,) = caught.value.report.errors
    assert error.code == "FWF3001"


def test_long_chains_of_steps_are_put_in_order() -> None:
    run = ProcessRef(name="p")
    steps = [Step(id="0", run=run)]
    for number in range(1, 3000):
        one: dict[str, Expr] = {"x": Output(step=str(number - 1), port="o")}
        steps.append(Step(id=str(number), run=run, inputs=one))
    assert list(in_order(reversed(steps))) == steps
    circle = [
        Step(id="a", run=run, inputs={"x": Output(step="b", port="o")}),
        Step(id="b", run=run, inputs={"x": Output(step="a", port="o")}),
    ]
    assert {step.id for step in in_order(circle)} == {"a", "b"}
