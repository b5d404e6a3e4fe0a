"""Inputs of executions that have no end on record: known ones, and never guesses."""

from typing import Any

import pytest

from fairwf.engine.journal.facts import Done, Started
from fairwf.engine.journal.given import GivenInputs
from fairwf.ir.codec import from_plain, to_plain
from fairwf.ir.values import from_literal, to_literal

ANY = {"kind": "any"}


def port(name: str) -> dict[str, Any]:
    return {"id": name, "type": ANY}


def output(step: str, name: str = "o") -> dict[str, Any]:
    return {"kind": "output", "step": step, "port": name}


def tool(*inputs: str) -> dict[str, Any]:
    inner = [port(name) for name in inputs]
    return {"kind": "command", "inputs": inner, "outputs": [port("o")]}


FLOW = {
    "kind": "workflow",
    "inputs": [port("names"), port("depth")],
    "steps": [
        {
            "id": "each",
            "run": tool("name", "depth", "text"),
            "scatter": {
                "kind": "scatter",
                "over": [{"name": "one", "value": {"kind": "input", "name": "names"}}],
            },
            "in": {
                "name": {"kind": "local", "name": "one"},
                "depth": {"kind": "input", "name": "depth"},
                "text": {"kind": "string_lit", "value": "a"},
            },
        },
        {
            "id": "sub",
            "in": {"all": output("each"), "depth": {"kind": "input", "name": "depth"}},
            "run": {
                "kind": "workflow",
                "inputs": [port("all"), port("depth")],
                "steps": [
                    {
                        "id": "last",
                        "run": tool("all", "computed", "depth"),
                        "in": {
                            "all": {"kind": "input", "name": "all"},
                            "computed": {
                                "kind": "call",
                                "function": "length",
                                "args": [{"kind": "input", "name": "all"}],
                            },
                            "depth": {"kind": "input", "name": "depth"},
                        },
                    }
                ],
            },
        },
    ],
}
RUN = {"names": to_literal(["x", "y"]), "depth": to_literal(3)}


def given(
    done: dict[str, Any], *step: str, index: tuple[str, ...] = (), flow: Any = None
) -> dict[str, Any]:
    ended = {
        key: Done(
            key=key, kind="command", status="completed", process="p", outputs={"o": to_literal(v)}
        )
        for key, v in done.items()
    }
    found = GivenInputs(from_plain(flow or FLOW), RUN, ended.get)
    begun = Started(key="k", attempt=1, step=step, index=index)
    return {name: from_literal(value) for name, value in found.of(begun).items()}


def test_items_of_a_scatter_inputs_of_the_run_and_texts_are_known() -> None:
    assert given({}, "each", index=("1",)) == {"name": "y", "depth": 3, "text": "a"}
    assert given({}, "each", index=("2",)) == {"depth": 3, "text": "a"}


def test_results_of_other_steps_are_gathered_when_all_are_there() -> None:
    both = {"each[0]": 10, "each[1]": 20}
    assert given(both, "sub", "last") == {"all": [10, 20], "depth": 3}
    assert given({"each[0]": 10}, "sub", "last") == {"depth": 3}


def taking(value: Any, **port: Any) -> Any:
    """A workflow whose one step gives a value to a port."""
    run = {"kind": "command", "inputs": [{"id": "x", **port}], "outputs": []}
    return {
        "kind": "workflow",
        "steps": [{"id": "one", "run": run, "in": {"x": value, "y": literal(1)}}],
    }


def literal(value: Any) -> Any:
    return to_plain(to_literal(value))


FLOAT = {"kind": "float"}
FLOATS = {"kind": "array", "items": FLOAT}


def test_null_where_the_port_has_a_default_is_not_what_the_task_ran_with() -> None:
    optional = {"kind": "optional", "item": {"kind": "int"}}
    default = {"type": optional, "default": literal(3)}
    assert given({}, "one", flow=taking(literal(None), **default)) == {}
    assert given({}, "one", flow=taking(literal(4), **default)) == {"x": 4}
    assert given({}, "one", flow=taking(literal(None), type=optional)) == {"x": None}


def test_names_that_the_process_has_no_port_for_are_not_given_to_it() -> None:
    assert "y" not in given({}, "one", flow=taking(literal("a"), type=ANY))


@pytest.mark.parametrize(
    ("type_", "value", "known"),
    [
        (FLOAT, 1, {}),
        (FLOAT, 1.5, {"x": 1.5}),
        (FLOATS, [0.5, 1], {}),
        (FLOATS, [0.5], {"x": [0.5]}),
    ],
)
def test_whole_numbers_that_become_others_are_left_out(type_: Any, value: Any, known: Any) -> None:
    assert given({}, "one", flow=taking(literal(value), type=type_)) == known


def test_results_are_gathered_once_for_all_who_are_given_them() -> None:
    asked: list[str] = []

    def done(key: str) -> Done:
        asked.append(key)
        outputs = {"o": to_literal(key)}
        return Done(key=key, kind="command", status="completed", process="p", outputs=outputs)

    found = GivenInputs(from_plain(FLOW), RUN, done)
    for _ in range(3):
        inputs = found.of(Started(key="k", attempt=1, step=("sub", "last")))
        assert from_literal(inputs["all"]) == ["each[0]", "each[1]"]
    assert asked == ["each[0]", "each[1]"]


@pytest.mark.parametrize("step", [("other",), ("sub", "other"), ("each", "deeper")])
def test_of_what_the_document_does_not_have_nothing_is_known(step: tuple[str, ...]) -> None:
    assert given({}, *step, index=("0",)) == {}
