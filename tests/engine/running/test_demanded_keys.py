"""Rules pulled by demand: memoised instances, patterns of paths, cycles, depth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.engine.events import TaskFinished, TaskStarted
from fairwf.ir.expressions import Each, If, Key
from fairwf.ir.types import IntType, StringType
from fairwf.ir.workflow import Demand, DemandKey, Workflow
from tests.engine.running.workflows import (
    at,
    call,
    expr,
    pure,
    script,
    step,
    template,
    text,
    workflow,
)

Execute = Callable[..., Any]


def on(priority: int = 0, **keys: str | None) -> Demand:
    return Demand(
        keys=tuple(
            DemandKey(name=name, type=IntType() if name == "n" else StringType(), where=where)
            for name, where in keys.items()
        ),
        priority=priority,
    )


def greet(log: Path | None = None) -> Any:
    extra = f"; echo {{who}} >> {log}" if log else ""
    return script("echo hello {who}" + extra, {"who": "string"}, out="File")


def test_only_demanded_keys_run_and_each_once(execute: Execute, tmp_path: Path) -> None:
    log = tmp_path / "log"
    steps = [
        step("greet", greet(log), {"who": "{s}"}, scatter=on(s="[a-z]+")),
        step(
            "all",
            script("cat {files}", {"files": "File[]"}),
            {"files": Each(name="x", over=expr("names"), body=at("greet.out", s="$x"))},
        ),
    ]
    flow = workflow(
        steps,
        {"all": ("string", "all.out"), "ann": ("File", at("greet.out", s=text("ann")))},
        {"names": "string[]"},
    )
    done = execute(flow, {"names": ["ann", "bob", "ann"]})
    assert done.outputs == {"all": "hello ann\nhello bob\nhello ann", "ann": "hello ann\n"}
    assert sorted(log.read_text().split()) == ["ann", "bob"]
    assert set(done.heard(TaskStarted)) == {"greet{s=ann}", "greet{s=bob}", "all"}


def test_all_keys_are_asked_for_before_any_is_waited_for(execute: Execute) -> None:
    steps = [step("greet", greet(), {"who": "{s}"}, scatter=on(s=None))]
    asked = Each(name="x", over=expr("names"), body=at("greet.out", s="$x"))
    done = execute(
        workflow(steps, {"all": ("File[]", asked)}, {"names": "string[]"}),
        {"names": ["a", "b"]},
        cores=2,
    )
    order = [type(e) for e in done.events if isinstance(e, (TaskStarted, TaskFinished))]
    assert order[:2] == [TaskStarted, TaskStarted]


def test_a_key_that_misses_its_pattern_is_an_error_at_the_demand(execute: Execute) -> None:
    steps = [step("greet", greet(), {"who": "{s}"}, scatter=on(s="[a-z]+"))]
    done = execute(workflow(steps, {"o": ("File", at("greet.out", s=text("A1")))}))
    assert done.status == "failed" and "must match '[a-z]+'" in done.record.error


def fibonacci() -> Workflow:
    def f(minus: int) -> Any:
        return at("f.value", n=call("subtract", Key(name="n"), minus))

    value = If(
        test=call("less", Key(name="n"), expr(2)),
        then=Key(name="n"),
        otherwise=call("add", f(1), f(2)),
    )
    keep = pure({"v": "int"}, value=("int", "v"))
    return workflow(
        [step("f", keep, {"v": value}, scatter=on(n=None))],
        {"f": ("int", at("f.value", n="n"))},
        {"n": "int"},
    )


def test_instances_may_ask_for_each_other(execute: Execute) -> None:
    done = execute(fibonacci(), {"n": 40})
    assert done.outputs == {"f": 102334155}
    assert len(done.record.tasks) == 41


def test_an_endless_chain_of_demands_stops(execute: Execute) -> None:
    further = at("f.value", n=call("add", Key(name="n"), 1))
    keep = pure({"v": "int"}, value=("int", "v"))
    flow = workflow(
        [step("f", keep, {"v": further}, scatter=on(n=None))], {"o": ("int", at("f.value", n=0))}
    )
    done = execute(flow)
    assert done.status == "failed" and "chain of more than" in done.record.error


def test_a_cycle_of_instances_is_told(execute: Execute) -> None:
    other = at("f.value", n=call("subtract", 1, Key(name="n")))
    keep = pure({"v": "int"}, value=("int", "v"))
    flow = workflow(
        [step("f", keep, {"v": other}, scatter=on(n=None))], {"o": ("int", at("f.value", n=0))}
    )
    done = execute(flow)
    assert done.codes == ["FWF4004"]
    assert "f{n=0} -> f{n=1} -> f{n=0}" in done.record.error.replace(
        "f{n=1} -> f{n=0} -> f{n=1}", "f{n=0} -> f{n=1} -> f{n=0}"
    )


def rules(priority: int = 0) -> list[Any]:
    return [
        step(
            "sort",
            script("sort {x}", {"x": "File"}, out="File"),
            {"x": call("demand_path", template(Key(name="s"), ".txt"))},
            scatter=on(s="[a-z]+"),
            produces={"out": template("sorted/", Key(name="s"), ".txt")},
        ),
        step(
            "any",
            script("echo any {s}", {"s": "string"}, out="File"),
            {"s": "{s}"},
            scatter=on(priority, s=None),
            produces={"out": template(Key(name="s"), ".txt")},
        ),
    ]


def wanted(steps: list[Any], path: str) -> Workflow:
    return workflow(steps, {"o": ("File", call("demand_path", text(path)))})


def test_a_path_is_made_by_the_rule_whose_pattern_matches(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("b\na\n")
    done = execute(wanted(rules()[:1], "sorted/data.txt"))
    assert done.outputs == {"o": "a\nb\n"}


def test_two_rules_for_a_path_need_a_priority(execute: Execute) -> None:
    done = execute(wanted(rules(), "sorted/data.txt"))
    assert done.status == "failed" and "several rules make 'sorted/data.txt'" in done.record.error
    assert execute(wanted(rules(priority=1), "sorted/data.txt")).outputs == {
        "o": "any sorted/data\n"
    }


def test_a_path_that_no_rule_makes_is_an_error(execute: Execute) -> None:
    done = execute(wanted(rules()[:1], "plots/x.png"))
    assert done.status == "failed" and "no rule makes 'plots/x.png'" in done.record.error


def test_the_same_key_twice_in_a_pattern_must_be_the_same_text(execute: Execute) -> None:
    made = step(
        "twice",
        script("echo {s}", {"s": "string"}, out="File"),
        {"s": "{s}"},
        scatter=on(s="[a-z]+"),
        produces={"out": template(Key(name="s"), "/", Key(name="s"), ".txt")},
    )
    assert execute(wanted([made], "a/a.txt")).outputs == {"o": "a\n"}
    assert execute(wanted([made], "a/b.txt")).status == "failed"
