"""Origins follow their nodes through rewriting and through files."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fairwf.document import Document
from fairwf.ir.expressions import Array, Input, IntLit, StringLit
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import InputPort
from fairwf.ir.rewriting import rewrite
from fairwf.ir.types import IntType
from fairwf.ir.walk import children, depth, nodes, walk
from fairwf.ir.workflow import Pure, Step, Workflow


def span(line: int) -> Span:
    return Span("w.cwl", line, 1, line, 9)


def example() -> tuple[Workflow, Origins]:
    origins = Origins()
    workflow = Workflow(
        inputs=(InputPort(id="x", type=IntType()),),
        steps=(
            Step(
                id="a/b~c",
                run=Pure(result=IntLit(value=1)),
                inputs={"n": Array(items=(Input(name="x"), IntLit(value=2)))},
            ),
        ),
    )
    for line, (_, node) in enumerate(walk(workflow), 1):
        origins.set(node, span(line))
    origins.set(workflow.steps[0], span(77), "id")
    return workflow, origins


def test_paths_name_nodes_by_id_with_escapes() -> None:
    workflow, _ = example()
    paths = [path for path, _ in walk(workflow)]
    assert "/steps/a~1b~0c/in/n/items/1" in paths
    assert "/inputs/x/type" in paths
    assert len(paths) == len(set(paths))


def test_what_replaces_a_node_inherits_its_origin_and_so_do_all_rebuilt_around_it() -> None:
    workflow, origins = example()
    old = next(node for node in nodes(workflow, IntLit) if node.value == 2)

    def bigger(node: msgspec.Struct) -> msgspec.Struct:
        return IntLit(value=3) if node is old else node

    new = rewrite(workflow, bigger, origins)
    assert new is not workflow
    assert all(node in origins for _, node in walk(new))
    three = next(node for node in nodes(new, IntLit) if node.value == 3)
    assert origins.get(three) == origins.get(old)
    assert origins.get(new.steps[0], "id") == span(77)


def test_nothing_changed_is_the_same_object() -> None:
    workflow, origins = example()
    assert rewrite(workflow, lambda node: node, origins) is workflow


def test_origins_survive_the_file_form() -> None:
    workflow, origins = example()
    document = Document(workflow=workflow, origins=origins, source="w.cwl")
    again = Document.from_plain(document.to_plain())
    assert again.origins.to_paths(again.workflow) == origins.to_paths(workflow)
    assert again.hash == document.hash


def test_bare_leaves_origins_out_and_keeps_the_hash() -> None:
    workflow, origins = example()
    document = Document(workflow=workflow, origins=origins, comments={"": ("# hi",)})
    bare = document.to_plain(bare=True)
    assert set(bare) == {"fairwf_ir", "workflow"}
    assert Document.from_plain(bare).hash == document.hash


@given(st.integers(1, 60))
def test_depth_counts_nodes(levels: int) -> None:
    node: Array | IntLit = IntLit(value=0)
    for _ in range(levels):
        node = Array(items=(node,))
    assert depth(node) == levels + 1
    assert len(list(children(node))) == 1


def test_a_place_may_be_looked_up_when_it_is_asked_for() -> None:
    asked: list[str | None] = []

    def finer(field: str | None) -> Span | None:
        asked.append(field)
        return Span("a.json", 7, 3, 7, 9) if field == "value" else None

    old, new, origins = StringLit(value="x"), StringLit(value="y"), Origins()
    origins.set(old, Span("a.json", 1, 1, 9, 1))
    origins.refine(old, finer)
    origins.inherit(new, old)
    assert asked == []
    for node in (old, new):
        assert origins.get(node, "value") == Span("a.json", 7, 3, 7, 9)
        assert origins.get(node) == Span("a.json", 1, 1, 9, 1)
    renamed = origins.renamed(lambda name: f"/{name}")
    assert renamed.get(old, "value") == Span("/a.json", 7, 3, 7, 9)
