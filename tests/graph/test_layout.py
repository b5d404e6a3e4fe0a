"""The layered layout: nothing overlaps, everything flows down."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.graph.layout import GAP, Layout, Size, layout


def boxes(sizes: dict[str, Size], plan: Layout) -> list[tuple[float, float, float, float]]:
    return [
        (c.x - sizes[n].width / 2, c.y - sizes[n].height / 2, sizes[n].width, sizes[n].height)
        for n, c in plan.centres.items()
    ]


def overlapping(sizes: dict[str, Size], plan: Layout) -> bool:
    rows = boxes(sizes, plan)
    return any(
        a[0] < b[0] + b[2] - 0.01
        and b[0] < a[0] + a[2] - 0.01
        and a[1] < b[1] + b[3] - 0.01
        and b[1] < a[1] + a[3] - 0.01
        for i, a in enumerate(rows)
        for b in rows[i + 1 :]
    )


graphs = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(20, 200), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30),
    )
)


@given(graphs)
def test_no_two_nodes_overlap_also_with_cycles(
    graph: tuple[list[int], list[tuple[int, int]]],
) -> None:
    widths, links = graph
    sizes = {f"n{i}": Size(float(width), 40.0) for i, width in enumerate(widths)}
    edges = [(f"n{a}", f"n{b}") for a, b in links]
    plan = layout(sizes, edges)
    assert set(plan.centres) == set(sizes)
    assert not overlapping(sizes, plan)
    for x, y, width, height in boxes(sizes, plan):
        assert x > -0.01
        assert y > -0.01
        assert x + width < plan.size.width + 0.01
        assert y + height < plan.size.height + 0.01
    for (source, target), route in zip(edges, plan.routes, strict=True):
        assert bool(route) == (source != target)


def test_edges_of_a_graph_without_cycles_flow_down() -> None:
    chance = random.Random(7)
    sizes = {f"n{i}": Size(80.0, 40.0) for i in range(40)}
    edges = [(f"n{a}", f"n{b}") for b in range(1, 40) for a in {chance.randrange(b)}]
    plan = layout(sizes, edges)
    for (source, target), route in zip(edges, plan.routes, strict=True):
        assert plan.centres[source].y < plan.centres[target].y
        assert all(a.y <= b.y + 0.01 for a, b in pairwise(route))
        assert route[0].x == plan.centres[source].x
        assert route[-1].x == plan.centres[target].x


def test_a_tree_is_drawn_without_crossings() -> None:
    sizes = {name: Size(60.0, 30.0) for name in ("root", "a", "b", "a1", "a2", "b1", "b2")}
    edges = [("root", "b"), ("root", "a"), ("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")]
    plan = layout(sizes, edges)
    at = {name: centre.x for name, centre in plan.centres.items()}
    assert (at["a"] < at["b"]) == (max(at["a1"], at["a2"]) < min(at["b1"], at["b2"]))


def test_a_long_edge_is_straight_where_there_is_room() -> None:
    sizes = {name: Size(60.0, 30.0) for name in "abcdef"}
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("a", "e"), ("f", "a")]
    route = layout(sizes, edges).routes[4]
    assert len({round(point.x, 3) for point in route[1:-1]}) == 1


def test_sinks_are_below_all_others() -> None:
    sizes = {name: Size(60.0, 30.0) for name in ("in", "out", "x", "y")}
    plan = layout(sizes, [("in", "out"), ("in", "x"), ("x", "y")], ["out"])
    assert plan.centres["out"].y > plan.centres["y"].y


def test_a_source_is_just_above_what_it_feeds() -> None:
    sizes = {name: Size(60.0, 30.0) for name in ("a", "b", "c", "late")}
    plan = layout(sizes, [("a", "b"), ("b", "c"), ("late", "c")])
    assert plan.centres["late"].y == plan.centres["b"].y


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one(count: int) -> None:
    plan = layout({"a": Size(50.0, 20.0)} if count else {}, [])
    assert plan.size == (Size(50.0, 20.0) if count else Size(0.0, 0.0))


def test_neighbours_keep_their_distance() -> None:
    sizes = {name: Size(60.0, 30.0) for name in "abcd"}
    plan = layout(sizes, [])
    xs = sorted(centre.x for centre in plan.centres.values())
    assert all(b - a >= 60 + GAP - 0.01 for a, b in pairwise(xs))
