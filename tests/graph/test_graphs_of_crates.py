"""Crates whose main workflow has no reader here are drawn from what their metadata say."""

from pathlib import Path

import pytest

from fairwf.crates import open_crate, package_run
from fairwf.graph import Graph, crate_graph, run_graph
from fairwf.trace import Run
from tests.crates.example_run import example_run


def drawn(folder: Path) -> Graph:
    with open_crate(folder) as crate:
        graph = crate_graph(crate.entities, crate.root, "a crate")
    assert graph is not None
    return graph


def shape(graph: Graph) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Kinds and names of nodes, and the names that edges join."""
    names = {node.id: node.label for node in graph.nodes}
    boxes = {(node.kind, node.label) for node in graph.nodes}
    return boxes, {(names[edge.source], names[edge.target]) for edge in graph.edges}


@pytest.fixture
def example(tmp_path: Path) -> Run:
    return example_run(tmp_path)


def test_steps_and_connections_are_those_of_the_workflow(example: Run, tmp_path: Path) -> None:
    package_run(example, tmp_path / "crate")
    boxes, edges = shape(drawn(tmp_path / "crate"))
    ours, joined = shape(run_graph(example))
    assert {box for box in boxes if box[0] == "step"} == {box for box in ours if box[0] == "step"}
    assert edges
    assert edges <= joined
    nested = [node.nested for node in drawn(tmp_path / "crate").nodes if node.nested]
    assert [len(graph.nodes) > 0 for graph in nested] == [True] * len(nested)


@pytest.mark.parametrize(
    ("name", "boxes", "edge"),
    [
        ("docs/sparql/provenance_run_crate", 2, ("revtool.cwl", "sorttool.cwl")),
        (
            "docs/sparql/process_run_crate",
            1,
            ("2017-06-11 12.56.14.jpg (input)", "ImageMagick"),
        ),
        ("docs/examples/draft/nf-prov-test-run-1", 1, ("test.nf#RNG", "r1.foo.1.txt")),
        ("docs/examples/draft/ml-pipeline", 1, ("(patient #1)", "Microscope #3")),
    ],
)
def test_what_others_say_of_their_workflows_is_drawn(
    corpora: Path, name: str, boxes: int, edge: tuple[str, str]
) -> None:
    graph = drawn(corpora / "rocrate/ResearchObject__workflow-run-crate" / name)
    found, edges = shape(graph)
    assert sum(kind == "step" for kind, _ in found) == boxes
    assert edge in edges


def test_every_published_crate_is_drawn(corpora: Path) -> None:
    crates = sorted((corpora / "rocrate").rglob("ro-crate-metadata.json"))
    assert len(crates) >= 25
    for path in crates:
        graph = drawn(path.parent)
        names = {node.id for node in graph.nodes}
        assert names
        assert all({edge.source, edge.target} <= names for edge in graph.edges)


def test_a_crate_that_tells_of_no_workflow_is_not_drawn() -> None:
    root = {"@id": "./", "@type": "Dataset", "mainEntity": {"@id": "gone.nf"}}
    assert crate_graph({"./": root}, root, "x") is None
