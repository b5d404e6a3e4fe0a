"""Inputs of executions that have no end on record: known ones, and never guesses."""

from typing import Any

import pytest

from fairwf.engine.journal.facts import Done, Started
from fairwf.engine.journal.given import GivenInputs
from fairwf.ir.codec import from_plain
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


def given(done: dict[str, Any], *step: str, index: tuple[str, ...] = ()) -> dict[str, Any]:
    ended = {
        key: Done(
            key=key, kind="command", status="completed", process="p", outputs={"o": to_literal(v)}
        )
        for key, v in done.items()
    }
    found = GivenInputs(from_plain(FLOW), RUN, ended.get)
    begun = Started(key="k", attempt=1, step=step, index=index)
    return {name: from_literal(value) for name, value in found.of(begun).items()}


def test_items_of_a_scatter_inputs_of_the_run_and_texts_are_known() -> None:
    assert given({}, "each", index=("1",)) == {"name": "y", "depth": 3, "text": "a"}
    assert given({}, "each", index=("2",)) == {"depth": 3, "text": "a"}


def test_results_of_other_steps_are_gathered_when_all_are_there() -> None:
    both = {"each[0]": 10, "each[1]": 20}
    assert given(both, "sub", "last") == {"all": [10, 20], "depth": 3}
    assert given({"each[0]": 10}, "sub", "last") == {"depth": 3}


@pytest.mark.parametrize("step", [("other",), ("sub", "other"), ("each", "deeper")])
def test_of_what_the_document_does_not_have_nothing_is_known(step: tuple[str, ...]) -> None:
    assert given({}, *step, index=("0",)) == {}
