"""All faults of a document are found, each with its path, and the published schema agrees."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.ir.codec import DecodeError, Root, decode, from_plain
from fairwf.ir.faults import faults_of
from fairwf.source import load_yaml, plain
from tools.ir_reference import EXAMPLES
from tools.schemas import generated

WORKFLOW: dict[str, Any] = plain(load_yaml(EXAMPLES["Workflow"], "w"))
COMMAND: dict[str, Any] = plain(load_yaml(EXAMPLES["Command"], "c"))
SCHEMA = jsonschema.Draft202012Validator(json.loads(generated()["ir.schema.json"]))


def paths(tree: Any) -> list[tuple[str | int, ...]]:
    return [fault.path for fault in faults_of(tree, Root)]


def test_a_valid_document_has_none() -> None:
    assert faults_of(WORKFLOW, Root) == []


def test_seven_faults_are_seven() -> None:
    tree = copy.deepcopy(WORKFLOW)
    tree["inputz"] = []
    tree["inputs"][0]["type"]["kind"] = "Fil"
    tree["inputs"][0]["streamable"] = "yes"
    tree["outputs"][0]["value"]["step"] = 3
    tree["steps"][0]["scatter"] = {"kind": "scatter", "over": [], "mode": "dots"}
    del tree["steps"][0]["id"]
    tree["processes"]["count"] = None
    assert sorted(map(str, paths(tree))) == sorted(
        map(
            str,
            [
                ("inputz",),
                ("inputs", 0, "type", "kind"),
                ("inputs", 0, "streamable"),
                ("outputs", 0, "value", "step"),
                ("steps", 0, "scatter", "mode"),
                ("steps", 0),
                ("processes", "count"),
            ],
        )
    )


def test_an_unknown_key_and_kind_are_answered_with_the_nearest() -> None:
    tree = copy.deepcopy(WORKFLOW) | {"step": []}
    tree["inputs"][0]["type"]["kind"] = "file"
    hints = [fault.hint for fault in faults_of(tree, Root)]
    assert hints == ["did you mean 'File'?", "did you mean 'steps'?"]


@pytest.mark.parametrize("text", ["", "[", "3", "null", "[]", '"a"', "{}", '{"kind": 1}'])
def test_anything_else_is_a_fault_and_no_traceback(text: str) -> None:
    with pytest.raises(DecodeError):
        decode(text)


def test_deep_nesting_is_a_fault() -> None:
    text = '{"kind":"array","items":' * 5000 + '{"kind":"int"}' + "}" * 5000
    whole = '{"kind":"workflow","inputs":[{"id":"x","type":' + text + "}]}"
    with pytest.raises(DecodeError, match="nested deeper"):
        decode(whole)
    text = '{"kind":"array","items":' * 200 + '{"kind":"int"}' + "}" * 200
    whole = '{"kind":"workflow","inputs":[{"id":"x","type":' + text + "}]}"
    with pytest.raises(DecodeError, match="nested deeper"):
        decode(whole)


def _places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: list[tuple[Any, Any]] = []
    if isinstance(tree, dict):
        items = list(tree.items())
    elif isinstance(tree, list):
        items = list(enumerate(tree))
    return [path, *(place for key, item in items for place in _places(item, (*path, key)))]


@given(
    document=st.sampled_from([WORKFLOW, COMMAND]),
    place=st.integers(0, 10_000),
    value=st.sampled_from([None, 3, "x", True, [], {}, {"kind": "nothing"}, [None], "kind"]),
)
def test_decoder_walker_and_schema_agree_on_every_mutation(
    document: dict[str, Any], place: int, value: Any
) -> None:
    tree = copy.deepcopy(document)
    *parents, last = (places := _places(tree)[1:])[place % len(places)]
    target = tree
    for part in parents:
        target = target[part]
    target[last] = value
    try:
        from_plain(tree)
        accepted = True
    except DecodeError as error:
        accepted = False
        assert error.faults
    assert (faults_of(tree, Root) == []) is accepted
    wrapped = {"fairwf_ir": "1", "workflow": tree}
    assert SCHEMA.is_valid(wrapped) is accepted
