"""What holds for every generated document of the IR."""

import json
from collections.abc import Mapping
from random import Random

import msgspec
import pytest
from hypothesis import strategies as st

from fairwf.check import check
from fairwf.document import Document
from fairwf.ir import codec
from fairwf.ir.canonical import canonical_bytes, content_hash
from fairwf.ir.codec import Root
from fairwf.ir.command import Rendering
from fairwf.ir.environment import Environment
from fairwf.ir.resources import ExitCodes, Resources
from fairwf.ir.values import Value
from fairwf.ir.walk import nodes
from fairwf.report import Report
from tests.generation import instances, runnable, workflows
from tests.laws.effort import Effort, efforts, hold

documents = st.one_of(workflows(), instances())


def errors(root: Root) -> list[str]:
    return [f"{d} {d.path}" for d in check(Document(workflow=root), Report()).errors]


@pytest.mark.parametrize("effort", efforts(40, 1000))
def test_generated_documents_pass_the_checks(effort: Effort) -> None:
    def law(root: Root) -> None:
        assert errors(root) == []

    hold(law, documents, effort)


@pytest.mark.parametrize("effort", efforts(40, 1000))
def test_json_and_back_is_the_identity(effort: Effort) -> None:
    def law(root: Root) -> None:
        data = codec.encode(root)
        again = codec.decode(data)
        assert codec.encode(again) == data
        assert canonical_bytes(again) == canonical_bytes(root)

    hold(law, documents, effort)


@pytest.mark.parametrize("effort", efforts(30, 500))
def test_the_hash_does_not_depend_on_the_order_of_keys(effort: Effort) -> None:
    def law(drawn: tuple[Root, Random]) -> None:
        root, random = drawn

        def shuffled(value: object) -> object:
            if isinstance(value, dict):
                keys = list(value)
                random.shuffle(keys)
                return {key: shuffled(value[key]) for key in keys}
            return [shuffled(item) for item in value] if isinstance(value, list) else value

        other = codec.from_plain(shuffled(json.loads(codec.encode(root))))
        assert content_hash(other) == content_hash(root)

    hold(law, st.tuples(documents, st.randoms(use_true_random=False)), effort)


@pytest.mark.parametrize("effort", efforts(10, 200))
def test_large_documents_too(effort: Effort) -> None:
    def law(root: Root) -> None:
        assert errors(root) == []
        assert codec.encode(codec.decode(codec.encode(root))) == codec.encode(root)

    hold(law, workflows("large"), effort)


@pytest.mark.parametrize("effort", efforts(60, 500))
def test_runnable_workflows_pass_the_checks_without_a_warning(effort: Effort) -> None:
    def law(drawn: tuple[Root, Mapping[str, Value]]) -> None:
        assert list(check(Document(workflow=drawn[0]), Report())) == []

    hold(law, runnable(), effort)


@pytest.mark.parametrize("effort", efforts(25, 500))
def test_no_node_stands_in_two_places(effort: Effort) -> None:
    """But for the defaults of fields, which say nothing."""
    defaults = (Environment, Resources, ExitCodes, Rendering)

    def law(root: Root) -> None:
        seen = [id(n) for n in nodes(root, msgspec.Struct) if not isinstance(n, defaults)]
        assert len(seen) == len(set(seen))

    hold(law, workflows(), effort)
