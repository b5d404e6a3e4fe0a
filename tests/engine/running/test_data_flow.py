"""Typed data flow: links, scatter, conditions, subworkflows, shared processes, order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.evaluate import Evaluator
from fairwf.engine.events import StepSkipped, TaskStarted
from fairwf.ir.expressions import File, StringLit
from fairwf.ir.ports import InputPort
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.types import StringType
from fairwf.ir.values import from_literal
from fairwf.ir.workflow import ProcessRef, Workflow
from tests.engine.running.workflows import (
    call,
    expr,
    over,
    pure,
    script,
    step,
    text,
    workflow,
)

Execute = Callable[..., Any]

ECHO = {"x": "string"}


def echo() -> Any:
    return script("echo {x}", ECHO)


def test_steps_run_in_the_order_of_their_links(execute: Execute) -> None:
    steps = [
        step("second", script("echo {x} world", ECHO), {"x": "first.out"}),
        step("first", script("echo {x}", ECHO), {"x": "greeting"}),
    ]
    done = execute(
        workflow(steps, {"said": ("string", "second.out")}, {"greeting": "string"}),
        {"greeting": "hello $HOME; 'quoted'"},
    )
    assert done.outputs == {"said": "hello $HOME; 'quoted' world"}
    assert done.heard(TaskStarted) == ["first", "second"]


def test_a_tool_runs_alone(execute: Execute) -> None:
    assert execute(script("echo {x}", ECHO), {"x": "a"}).outputs == {"out": "a"}


def test_files_flow_and_are_published_under_their_names(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "in put.txt").write_text("b\na\n")
    steps = [step("sort", script("sort {x}", {"x": "File"}, out="File"), {"x": "table"})]
    done = execute(
        workflow(steps, {"a": ("File", "sort.out"), "same": ("File", "table")}, {"table": "File"}),
        {"table": File(location="in put.txt")},
        outdir=tmp_path / "results",
    )
    assert done.outputs == {"a": "a\nb\n", "same": "b\na\n"}
    found = sorted(p.name for p in (tmp_path / "results").iterdir() if p.name[0] != ".")
    assert found == ["in put.txt", "out.txt"]
    value = done.record.outputs["a"]
    assert value.size == 4 and value.checksum.startswith("sha1$")
    assert len(value.extensions["fairwf"]["sha256"]) == 64


def test_outputs_of_one_name_get_numbers(execute: Execute) -> None:
    steps = [
        step("both", script("echo {x}", ECHO, out="File"), {"x": "$x"}, scatter=over(x="words"))
    ]
    done = execute(
        workflow(steps, {"all": ("File[]", "both.out")}, {"words": "string[]"}),
        {"words": ["a", "b"]},
    )
    assert done.outputs == {"all": ["a\n", "b\n"]}
    assert sorted(p.name for p in (done.folder / "outputs").iterdir()) == ["out.txt", "out_2.txt"]


JOIN = {"x": "string", "y": "string"}


def pairs(mode: str) -> Workflow:
    join = script("echo {x}{y}", JOIN)
    made = step("pair", join, {"x": "$x", "y": "$y"}, scatter=over(mode, x="xs", y="ys"))
    return workflow([made], {"all": ("any", "pair.out")}, {"xs": "string[]", "ys": "string[]"})


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("dot", ["a1", "b2"]),
        ("flat_crossproduct", ["a1", "a2", "b1", "b2"]),
        ("nested_crossproduct", [["a1", "a2"], ["b1", "b2"]]),
    ],
)
def test_scatter_modes(execute: Execute, mode: str, expected: list[Any]) -> None:
    assert execute(pairs(mode), {"xs": ["a", "b"], "ys": ["1", "2"]}).outputs == {"all": expected}


@pytest.mark.parametrize(
    ("mode", "xs", "ys", "expected"),
    [
        ("dot", [], [], []),
        ("flat_crossproduct", [], ["1"], []),
        ("flat_crossproduct", ["a"], [], []),
        ("nested_crossproduct", [], ["1"], []),
        ("nested_crossproduct", ["a", "b"], [], [[], []]),
    ],
)
def test_scatter_over_nothing(
    execute: Execute, mode: str, xs: list[str], ys: list[str], expected: list[Any]
) -> None:
    assert execute(pairs(mode), {"xs": xs, "ys": ys}).outputs == {"all": expected}


def test_a_dot_product_of_unequal_arrays_is_an_error(execute: Execute) -> None:
    done = execute(pairs("dot"), {"xs": ["a"], "ys": ["1", "2"]})
    assert done.status == "failed" and done.codes == ["FWF4002"]
    assert "different lengths (x: 1, y: 2)" in done.record.error


def test_a_skipped_step_gives_none_and_a_skipped_item_keeps_its_place(execute: Execute) -> None:
    steps = [
        step("never", echo(), {"x": text("a")}, when=expr(False)),
        step(
            "some",
            echo(),
            {"x": "$x"},
            scatter=over(x="words"),
            when=call("not_equal", "?x", text("b")),
        ),
    ]
    done = execute(
        workflow(
            steps,
            {"never": ("string?", "never.out"), "some": ("string?[]", "some.out")},
            {"words": "string[]"},
        ),
        {"words": ["a", "b", "c"]},
    )
    assert done.outputs == {"never": None, "some": ["a", None, "c"]}
    assert done.heard(StepSkipped) == ["never", "some[1]"]


def test_subworkflows_share_processes_of_workflows_around_them(execute: Execute) -> None:
    inner = workflow(
        [step("say", ProcessRef(name="echo"), {"x": "word"})],
        {"said": ("string", "say.out")},
        {"word": "string"},
    )
    outer = workflow(
        [step("sub", inner, {"word": "$w"}, scatter=over(w="words"))],
        {"all": ("string[]", "sub.said")},
        {"words": "string[]"},
        processes={"echo": echo()},
    )
    done = execute(outer, {"words": ["a", "b"]})
    assert done.outputs == {"all": ["a", "b"]}
    assert {(t.id, t.parent) for t in done.record.tasks} == {
        ("sub[0]", None),
        ("sub[1]", None),
        ("sub[0]/say", "sub[0]"),
        ("sub[1]/say", "sub[1]"),
    }


def test_an_unknown_process_is_named_with_a_likely_one(execute: Execute) -> None:
    done = execute(
        workflow([step("a", ProcessRef(name="eco"), {})], {}, processes={"echo": echo()})
    )
    assert done.status == "failed" and "no process 'eco'" in done.record.error
    assert "echo" in (next(iter(done.report)).hint or "")


def test_after_orders_without_data(execute: Execute, tmp_path: Path) -> None:
    log = tmp_path / "log"
    steps = [
        step("b", script(f"cat {log}"), after=("a",)),
        step("a", script(f"sleep 0.05; echo first > {log}")),
    ]
    assert execute(workflow(steps, {"seen": ("string", "b.out")})).outputs == {"seen": "first"}


def test_a_step_overrides_resources_and_environment(execute: Execute) -> None:
    from fairwf.ir.environment import Environment

    count = script("echo $WHO {n}", {"n": "int"})
    made = step(
        "a",
        count,
        {"n": 1},
        resources=Resources(cores=Amount(min=expr(2))),
        environment=Environment(variables={"WHO": StringLit(value="me")}),
    )
    done = execute(workflow([made], {"o": ("string", "a.out")}), cores=2)
    assert done.outputs == {"o": "me 1"}
    assert done.record.tasks[0].cores == 2


def test_more_than_the_machine_has_is_refused(execute: Execute) -> None:
    greedy = script("true", resources=Resources(cores=Amount(min=expr(100000))))
    done = execute(workflow([step("a", greedy)], {}))
    assert done.status == "failed" and done.codes == ["FWF4011"]


def test_no_more_cores_are_used_than_there_are(execute: Execute, tmp_path: Path) -> None:
    body = f"echo + >> {tmp_path}/log; sleep 0.03; echo - >> {tmp_path}/log"
    made = step("a", script(body, {"x": "int"}), {"x": "$x"}, scatter=over(x=call("range", 8)))
    done = execute(workflow([made], {}), cores=2)
    assert done.status == "completed"
    running = most = 0
    for line in (tmp_path / "log").read_text().split():
        running += 1 if line == "+" else -1
        most = max(most, running)
    assert most == 2


def test_a_missing_input_and_a_misspelt_one_are_reported_together(execute: Execute) -> None:
    flow = workflow([], {}, {"sample": "string"})
    done = execute(flow, {"samples": "x"})
    assert done.status == "failed" and set(done.codes) == {"FWF2005", "FWF2006"}


def test_a_default_fills_in(execute: Execute) -> None:
    flow = Workflow(
        inputs=(InputPort(id="x", type=StringType(), default=text("d")),),
        steps=(step("a", echo(), {"x": "x"}),),
        outputs=workflow([], {"o": ("string", "a.out")}).outputs,
    )
    assert execute(flow).outputs == {"o": "d"}
    assert execute(flow).record.inputs["x"].value == "d"


def test_items_computed_from_outputs_are_expressions_too(execute: Execute) -> None:
    lengths = pure({"w": "string"}, n=("int", call("length", "w")))
    made = step("n", lengths, {"w": "$w"}, scatter=over(w=call("split", "line", text(" "))))
    flow = workflow([made], {"sum": ("int", call("sum", "n.n"))}, {"line": "string"})
    assert execute(flow, {"line": "a bb ccc"}).outputs == {"sum": 6}


@pytest.mark.parametrize("said", ["scripts/a b.txt", "scripts/a%20b.txt", "../scripts/a b.txt"])
def test_files_of_the_document_lie_beside_it_or_beside_their_part_of_it(
    execute: Execute, tmp_path: Path, said: str
) -> None:
    from fairwf.document import Document
    from fairwf.engine import RunOptions, run
    from fairwf.ir.origins import Origins, Span

    (tmp_path / "scripts").mkdir()
    (tmp_path / "tools").mkdir()
    (tmp_path / "scripts" / "a b.txt").write_text("here")
    literal = File(location=said)
    origins = Origins()
    origins.set(literal, Span(str(tmp_path / "tools" / "tool.cwl"), 1, 1, 1, 2))
    flow = Workflow(
        inputs=(InputPort(id="x", type=StringType()),),
        steps=(step("a", script("cat {x}", {"x": "File"}), {"x": literal}),),
        outputs=workflow([], {"o": ("string", "a.out")}).outputs,
    )
    options = RunOptions(run_dir=tmp_path / "run", base=tmp_path)
    record = run(Document(workflow=flow, origins=origins), {"x": ""}, options)
    assert record.outputs["o"].value == "here"  # type: ignore[union-attr]


def test_what_has_its_value_is_not_evaluated_again_while_the_rest_waits(
    execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = call("add", 1, 2)
    seen: list[Any] = []
    evaluate = Evaluator.evaluate

    def spied(self: Evaluator, expression: Any, *more: Any) -> Any:
        seen.append(expression)
        return evaluate(self, expression, *more)

    monkeypatch.setattr(Evaluator, "evaluate", spied)
    steps = [
        step("first", script("echo 4", out="int")),
        step(
            "last", script("echo {a}{b}", {"a": "int", "b": "int"}), {"a": once, "b": "first.out"}
        ),
    ]
    done = execute(workflow(steps, {"o": ("string", "last.out")}))
    assert from_literal(done.record.outputs["o"]) == "34"
    assert seen.count(once) == 1
