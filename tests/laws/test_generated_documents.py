"""What holds for every generated document of the IR."""

import json

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwf.check import check
from fairwf.document import Document
from fairwf.ir import codec
from fairwf.ir.canonical import canonical_bytes, content_hash
from fairwf.ir.codec import Root
from fairwf.ir.command import Rendering
from fairwf.ir.environment import Environment
from fairwf.ir.resources import ExitCodes, Resources
from fairwf.ir.walk import nodes
from fairwf.report import Report
from tests.generation import instances, runnable, workflows

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
documents = st.one_of(workflows(), instances())


@settings(max_examples=60, suppress_health_check=SLOW, deadline=None)
@given(documents)
def test_generated_documents_pass_the_checks(root: Root) -> None:
    report = check(Document(workflow=root), Report())
    assert [str(d) + str(d.path) for d in report.errors] == []


@settings(max_examples=60, suppress_health_check=SLOW, deadline=None)
@given(documents)
def test_json_and_back_is_the_identity(root: Root) -> None:
    data = codec.encode(root)
    again = codec.decode(data)
    assert codec.encode(again) == data
    assert canonical_bytes(again) == canonical_bytes(root)


@settings(max_examples=40, suppress_health_check=SLOW, deadline=None)
@given(documents, st.randoms(use_true_random=False))
def test_the_hash_does_not_depend_on_the_order_of_keys(root: Root, random: object) -> None:
    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)  # type: ignore[attr-defined]
            return {key: shuffled(value[key]) for key in keys}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    other = codec.from_plain(shuffled(json.loads(codec.encode(root))))
    assert content_hash(other) == content_hash(root)


@settings(max_examples=15, suppress_health_check=SLOW, deadline=None)
@given(workflows("large"))
def test_large_documents_too(root: Root) -> None:
    assert check(Document(workflow=root), Report()).errors == []
    assert codec.encode(codec.decode(codec.encode(root))) == codec.encode(root)


@settings(max_examples=60, deadline=None)
@given(runnable())
def test_runnable_workflows_pass_the_checks_without_a_warning(drawn: tuple[Root, object]) -> None:
    assert list(check(Document(workflow=drawn[0]), Report())) == []


@settings(max_examples=30, suppress_health_check=SLOW, deadline=None)
@given(workflows())
def test_no_node_stands_in_two_places(root: Root) -> None:
    """But for the defaults of fields, which say nothing."""
    defaults = (Environment, Resources, ExitCodes, Rendering)
    seen = [id(n) for n in nodes(root, msgspec.Struct) if not isinstance(n, defaults)]
    assert len(seen) == len(set(seen))
