"""Streams: items flow as they are ready; lineage orders what is collected."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine.events import TaskFinished, TaskStarted
from fairwf.ir.expressions import Each
from fairwf.ir.ports import InputPort
from fairwf.ir.types import StreamType, StringType
from fairwf.ir.workflow import Workflow
from tests.engine.running.workflows import call, expr, over, script, step, text, workflow

Execute = Callable[..., Any]
X = {"x": "string"}
# The first item takes longest, so that arrival differs from lineage.
SLOW_FIRST = "test {x} = a && sleep 0.3; echo {x}"


def chain(*more: Any, outputs: dict[str, Any] | None = None) -> Workflow:
    steps = [
        step(
            "one",
            script(SLOW_FIRST, X),
            {"x": "$x"},
            scatter=over("stream", x=call("to_stream", "words")),
        ),
        step("two", script("echo {x}2", X), {"x": "$x"}, scatter=over("stream", x="one.out")),
        *more,
    ]
    asked = outputs or {"all": ("string[]", call("collect", "two.out"))}
    return workflow(steps, asked, {"words": "string[]"})


def test_consumers_start_before_producers_end_and_results_keep_their_order(
    execute: Execute,
) -> None:
    done = execute(chain(), {"words": ["a", "b", "c"]}, cores=2)
    assert done.outputs == {"all": ["a2", "b2", "c2"]}
    heard = [(type(e), e.key) for e in done.events if isinstance(e, (TaskStarted, TaskFinished))]
    assert heard.index((TaskStarted, "two[1]")) < heard.index((TaskFinished, "one[0]"))


def test_an_empty_stream_closes(execute: Execute) -> None:
    assert execute(chain(), {"words": []}).outputs == {"all": []}


def test_streams_are_mapped_filtered_mixed_and_taken_from(execute: Execute) -> None:
    mapped = Each(
        name="x",
        over=expr("two.out"),
        where=call("not_equal", "$x", text("b2")),
        body=call("concat", "$x", text("!")),
    )
    outputs = {
        "mapped": ("string[]", call("collect", mapped)),
        "mixed": ("string[]", call("sort", call("collect", call("mix", "one.out", "two.out")))),
        "two": ("int", call("length", call("collect", call("take", "one.out", 2)))),
    }
    done = execute(chain(outputs=outputs), {"words": ["a", "b", "c"]})
    assert done.outputs == {
        "mapped": ["a2!", "c2!"],
        "mixed": ["a", "a2", "b", "b2", "c", "c2"],
        "two": 2,
    }


def test_a_mapped_stream_feeds_a_step(execute: Execute) -> None:
    louder = Each(name="x", over=expr("two.out"), body=call("upper", "$x"))
    more = step("three", script("echo {x}3", X), {"x": "$x"}, scatter=over("stream", x=louder))
    done = execute(
        chain(more, outputs={"all": ("string[]", call("collect", "three.out"))}),
        {"words": ["a", "b"]},
    )
    assert done.outputs == {"all": ["A23", "B23"]}


def test_items_of_one_lineage_meet(execute: Execute) -> None:
    more = step(
        "both",
        script("echo {x}{y}", {"x": "string", "y": "string"}),
        {"x": "$x", "y": "$y"},
        scatter=over("stream", x="one.out", y="two.out"),
    )
    done = execute(
        chain(more, outputs={"all": ("string[]", call("collect", "both.out"))}),
        {"words": ["a", "b"]},
    )
    assert done.outputs == {"all": ["aa2", "bb2"]}


def test_a_failed_item_does_not_stop_the_others_and_fails_what_collects(execute: Execute) -> None:
    steps = [
        step(
            "one",
            script("test {x} != b && echo {x}", X),
            {"x": "$x"},
            scatter=over("stream", x="words"),
        ),
        step("two", script("echo {x}2", X), {"x": "$x"}, scatter=over("stream", x="one.out")),
    ]
    flow = workflow(steps, {"all": ("string[]", call("collect", "two.out"))}, {"words": "string[]"})
    done = execute(flow, {"words": ["a", "b", "c"]})
    assert done.status == "failed" and done.codes == ["FWF4001"]
    assert set(done.heard(TaskFinished)) == {"one[0]", "one[2]", "two[0]", "two[2]"}


def test_a_stream_flows_into_a_subworkflow(execute: Execute, tmp_path: Path) -> None:
    inner = Workflow(
        inputs=(InputPort(id="items", type=StreamType(items=StringType())),),
        steps=(step("in", script("echo {x}3", X), {"x": "$x"}, scatter=over("stream", x="items")),),
        outputs=workflow([], {"all": ("string[]", call("collect", "in.out"))}).outputs,
    )
    more = step("sub", inner, {"items": "one.out"})
    done = execute(
        chain(more, outputs={"all": ("string[]", "sub.all")}), {"words": ["a", "b"]}, cores=2
    )
    assert done.outputs == {"all": ["a3", "b3"]}
    heard = [(type(e), e.key) for e in done.events if isinstance(e, (TaskStarted, TaskFinished))]
    assert heard.index((TaskStarted, "sub/in[1]")) < heard.index((TaskFinished, "one[0]"))


def test_a_stream_that_waits_for_itself_is_told_with_the_graph_of_waits(execute: Execute) -> None:
    made = step("loop", script("echo {x}", X), {"x": "$x"}, scatter=over("stream", x="loop.out"))
    done = execute(workflow([made], {"o": ("string[]", call("collect", "loop.out"))}))
    assert done.status == "failed" and done.codes == ["FWF4004"]
    assert "nothing runs any more" in done.record.error
    assert "loop waits for items of loop" in done.record.error
