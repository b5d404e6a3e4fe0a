"""Programs that exchange a stream: the one that reads starts before the one that writes ends."""

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fairwf.engine
from fairwf.check import check
from fairwf.document import Document
from fairwf.engine import programs
from fairwf.engine.events import TaskFinished, TaskStarted
from fairwf.ir.expressions import Output
from fairwf.ir.ports import InputPort, OutputPort, Stdout
from fairwf.ir.resources import Retry
from fairwf.ir.types import FloatType, StreamType, StringType, Type
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import Script, Step, Workflow
from fairwf.report import Report
from tests.engine.running.workflows import call, expr, over, script, step, workflow

Execute = Callable[..., Any]
STRING = StringType()


def producer(body: str, items: Type = STRING, **more: Any) -> Script:
    """A program whose lines are a stream."""
    made = script(body, out="File", **more)
    port = OutputPort(id="out", type=StreamType(items=items), collect=Stdout())
    return type(made)(**{**_fields(made), "outputs": (port,)})


def consumer(body: str, items: Type = STRING, **more: Any) -> Script:
    """A program that reads the stream `{lines}`."""
    made = script(body, {"lines": "File"}, **more)
    return type(made)(
        **{**_fields(made), "inputs": (InputPort(id="lines", type=StreamType(items=items)),)}
    )


def _fields(node: Any) -> dict[str, Any]:
    return {name: getattr(node, name) for name in node.__struct_fields__}


def coupled(first: Script, second: Script, **outputs: Any) -> Workflow:
    steps = [step("first", first), step("second", second, {"lines": "first.out"})]
    return workflow(steps, {"o": ("string", "second.out"), **outputs})


def handshake(folder: Path) -> str:
    """A program that goes on only when somebody has read its first line."""
    return f"echo one; until test -e {folder}/seen; do sleep 0.02; done; echo two"


def test_a_consumer_reads_while_its_producer_writes(execute: Execute, tmp_path: Path) -> None:
    reads = f'while read x; do touch {tmp_path}/seen; echo "<$x>"; done < {{lines}}'
    flow = coupled(
        producer(handshake(tmp_path)),
        consumer(reads),
        all=("string[]", call("collect", "first.out")),
    )
    assert [str(found) for found in check(Document(workflow=flow), Report())] == []
    done = execute(flow, cores=2)
    assert done.outputs == {"o": "<one>\n<two>", "all": ["one", "two"]}
    heard = [(type(e), e.key) for e in done.events if isinstance(e, (TaskStarted, TaskFinished))]
    assert heard.index((TaskStarted, "second")) < heard.index((TaskFinished, "first"))


def test_every_line_of_a_running_program_may_start_a_task(execute: Execute, tmp_path: Path) -> None:
    steps = [
        step("first", producer(handshake(tmp_path))),
        step(
            "each",
            script(f"touch {tmp_path}/seen; echo {{x}}!", {"x": "string"}),
            {"x": "$x"},
            scatter=over("stream", x="first.out"),
        ),
    ]
    done = execute(workflow(steps, {"o": ("string[]", call("collect", "each.out"))}), cores=2)
    assert done.outputs == {"o": ["one!", "two!"]}


def test_a_running_program_reads_what_an_ensemble_gives(execute: Execute, tmp_path: Path) -> None:
    member = f"test {{x}} = a || until test -e {tmp_path}/seen; do sleep 0.02; done; echo {{x}}"
    steps = [
        step(
            "member",
            script(member, {"x": "string"}),
            {"x": "$x"},
            scatter=over("stream", x=call("to_stream", "names")),
        ),
        step(
            "learn",
            consumer(f"while read x; do touch {tmp_path}/seen; echo $x; done < {{lines}}"),
            {"lines": "member.out"},
        ),
    ]
    flow = workflow(steps, {"o": ("string", "learn.out")}, {"names": "string[]"})
    done = execute(flow, {"names": ["a", "b", "c"]}, cores=3)
    assert done.outputs == {"o": "a\nb\nc"}


@pytest.mark.parametrize("cores", [1, 2])
def test_it_never_waits_for_a_core_that_its_reader_holds(execute: Execute, cores: int) -> None:
    steps = [
        step(
            "member",
            script("echo {x}", {"x": "int"}),
            {"x": "$x"},
            scatter=over("stream", x=call("to_stream", call("range", 12))),
        ),
        step("then", script("echo {x}", {"x": "string"}), {"x": "$x"},
             scatter=over("stream", x="member.out")),
        step("a", consumer("wc -l < {lines}"), {"lines": "then.out"}),
        step("b", consumer("wc -l < {lines}"), {"lines": "then.out"}),
    ]  # fmt: skip
    done = execute(workflow(steps, {"o": ("string[]", expr(["a.out", "b.out"]))}), cores=cores)
    assert done.outputs == {"o": ["12", "12"]}


def test_numbers_are_lines_of_json_on_both_sides(execute: Execute) -> None:
    numbers = FloatType()
    flow = coupled(producer("echo 1; echo 2.5", numbers), consumer("cat {lines}", numbers))
    assert json.loads(execute(flow).outputs["o"].replace("\n", ",").join("[]")) == [1.0, 2.5]


def test_a_line_that_is_no_item_fails_the_program_that_wrote_it(execute: Execute) -> None:
    done = execute(coupled(producer("echo x", FloatType()), consumer("cat {lines}", FloatType())))
    assert done.status == "failed" and done.codes == ["FWF4018"]


def test_a_failed_producer_ends_its_reader(execute: Execute) -> None:
    flow = coupled(producer("echo one; sleep 0.3; exit 3"), consumer("cat {lines}; sleep 60"))
    done = execute(flow, cores=2)
    assert done.status == "failed" and done.codes == ["FWF4001"]
    assert next(iter(done.report)).path == "first"


def test_a_reader_that_fails_is_told_by_its_own_exit_code(execute: Execute) -> None:
    flow = coupled(producer("echo one; sleep 0.3"), consumer("read x < {lines}; exit 7"))
    done = execute(flow, cores=2)
    assert [(t.id, t.exit_code) for t in done.record.tasks if t.status == "failed"] == [
        ("second", 7)
    ]


def test_a_reader_that_has_enough_ends(execute: Execute) -> None:
    flow = coupled(producer("seq 100000"), consumer("head -n 2 {lines}"))
    assert execute(flow, cores=2).outputs == {"o": "1\n2"}


def test_a_second_attempt_goes_on_with_the_same_lines(execute: Execute, tmp_path: Path) -> None:
    once = f"test -e {tmp_path}/again || {{ touch {tmp_path}/again; exit 1; }}"
    first = producer(f"echo one; sleep 0.2; {once}; echo two", retry=Retry(attempts=expr(1)))
    done = execute(coupled(first, consumer("cat {lines}")), cores=2)
    assert done.outputs == {"o": "one\ntwo"}


def test_other_lines_in_a_second_attempt_are_an_error(execute: Execute, tmp_path: Path) -> None:
    body = (
        f"echo >> {tmp_path}/n; wc -l < {tmp_path}/n; sleep 0.3; test $(wc -l < {tmp_path}/n) = 2"
    )
    first = producer(body, retry=Retry(attempts=expr(1)))
    done = execute(coupled(first, consumer("cat {lines}")), cores=2)
    assert done.status == "failed" and done.codes == ["FWF4018"]


def test_a_resumed_run_repeats_nothing_of_what_was_exchanged(
    execute: Execute, tmp_path: Path
) -> None:
    last = step("last", script(f"test -e {tmp_path}/gate"), after=("second",))
    flow = coupled(producer("echo one; sleep 0.3; echo two"), consumer("cat {lines}"))
    flow = workflow([*flow.steps, last], {"o": ("string", "second.out")})
    first = execute(flow, cores=2)
    assert first.status == "failed"
    (tmp_path / "gate").touch()
    heard: list[Any] = []
    again = fairwf.engine.resume(first.folder, heard.append)
    assert from_literal(again.outputs["o"]) == "one\ntwo"
    assert [e.key for e in heard if isinstance(e, TaskFinished) and not e.replayed] == ["last"]


def test_an_array_is_read_as_a_complete_stream(execute: Execute) -> None:
    flow = workflow(
        [Step(id="a", run=consumer("cat {lines}"), inputs={"lines": call("to_stream", "names")})],
        {"o": ("string", "a.out")},
        {"names": "string[]"},
    )
    assert execute(flow, {"names": ["x", "y"]}).outputs == {"o": "x\ny"}


def test_in_a_scatter_the_lines_of_each_item_are_an_array(execute: Execute) -> None:
    many = step("many", producer("echo a; echo b"), scatter=over(x=call("range", 2)))
    flow = workflow([many], {"o": ("any", Output(step="many", port="out"))})
    assert execute(flow).outputs == {"o": [["a", "b"], ["a", "b"]]}


def test_the_pump_has_the_syntax_of_python_3_6() -> None:
    text = Path(programs.__file__).with_name("pump.py").read_text()
    ast.parse(text, feature_version=(3, 6))
