"""A layered drawing of a graph (Sugiyama, Tagawa, Toda 1981), from top to bottom.

Cycles are broken, nodes get layers by longest path, long edges get bends, layers are ordered by
barycenters to have few crossings, and positions are the least-squares ones that keep the distances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Key = str | tuple[int, int]
"""A node by id, or a bend by (number of the source, layer): edges of one source share bends."""

GAP = 28.0
BEND_GAP = 16.0
LAYER_GAP = 46.0
_SWEEPS = 12
_RELAXATIONS = 80


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: float
    height: float


@dataclass(frozen=True)
class Point:
    """A place in pixels from the top left corner."""

    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """The size of the drawing, the centre of each node, and the course of each edge.

    ``routes`` are in the order of the edges that were given; each begins at the bottom of its
    source and ends at the top of its target.
    """

    size: Size
    centres: Mapping[str, Point]
    routes: Sequence[Sequence[Point]]


def layout(
    sizes: Mapping[str, Size], edges: Sequence[tuple[str, str]], sinks: Iterable[str] = ()
) -> Layout:
    """Return where the nodes of a graph are drawn; ``sinks`` go to the layer below all others.

    Edges of a node to itself get an empty route.
    """
    forward = _acyclic(list(sizes), edges)
    layers = _layers(list(sizes), forward, frozenset(sinks))
    numbers = {node: number for number, node in enumerate(sizes)}
    rows, links = _with_bends(layers, forward, numbers)
    _order(rows, links)
    widths = {key: sizes[key].width if isinstance(key, str) else 0.0 for row in rows for key in row}
    xs = _positions(rows, links, widths)
    for _ in range(3):
        _straighten(rows, links, widths, xs)
    left = min((xs[key] - widths[key] / 2 for key in xs), default=0.0)
    right = max((xs[key] + widths[key] / 2 for key in xs), default=0.0)
    tops: list[float] = []
    heights = [
        max((sizes[key].height for key in row if isinstance(key, str)), default=0.0) for row in rows
    ]
    y = 0.0
    for height in heights:
        tops.append(y)
        y += height + LAYER_GAP
    middle = [top + height / 2 for top, height in zip(tops, heights, strict=True)]
    level = {key: index for index, row in enumerate(rows) for key in row}
    centres = {key: Point(xs[key] - left, middle[level[key]]) for key in xs if isinstance(key, str)}
    routes: list[list[Point]] = []
    for index, (source, target) in enumerate(forward):
        if source == target:
            routes.append([])
            continue
        start, end = centres[source], centres[target]
        points = [Point(start.x, start.y + sizes[source].height / 2)]
        for layer in range(level[source] + 1, level[target]):
            x = xs[numbers[source], layer] - left
            points += [Point(x, tops[layer]), Point(x, tops[layer] + heights[layer])]
        points.append(Point(end.x, end.y - sizes[target].height / 2))
        routes.append(points if (source, target) == edges[index] else points[::-1])
    return Layout(Size(right - left, max(y - LAYER_GAP, 0.0)), centres, routes)


def _acyclic(nodes: list[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the edges with those turned around that close a cycle."""
    following: dict[str, list[int]] = defaultdict(list)
    for index, (source, _) in enumerate(edges):
        following[source].append(index)
    result = list(edges)
    state: dict[str, int] = {}
    for root in nodes:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(following[root]))]
        while stack:
            node, pending = stack[-1]
            index = next(pending, -1)
            if index < 0:
                state[node] = 2
                stack.pop()
                continue
            target = edges[index][1]
            if target not in state:
                state[target] = 1
                stack.append((target, iter(following[target])))
            elif state[target] == 1 and target != node:
                result[index] = (target, node)
    return result


def _layers(
    nodes: list[str], edges: Sequence[tuple[str, str]], sinks: frozenset[str]
) -> dict[str, int]:
    """Return each node's layer: the longest path to it; sources move down to what they feed."""
    after: dict[str, list[str]] = defaultdict(list)
    missing = dict.fromkeys(nodes, 0)
    for source, target in edges:
        if source != target:
            after[source].append(target)
            missing[target] += 1
    sources = [node for node in nodes if missing[node] == 0]
    layer = dict.fromkeys(nodes, 0)
    ready = list(sources)
    order: list[str] = []
    while ready:
        node = ready.pop()
        order.append(node)
        for target in after[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            missing[target] -= 1
            if missing[target] == 0:
                ready.append(target)
    for source in sources:
        if after[source]:
            layer[source] = min(layer[target] for target in after[source]) - 1
    last = max((layer[node] for node in nodes if node not in sinks), default=-1)
    for sink in sinks:
        if not after[sink]:
            layer[sink] = last + 1
    used = {number: index for index, number in enumerate(sorted(set(layer.values())))}
    return {node: used[number] for node, number in layer.items()}


Links = dict[Key, list[Key]]
Places = dict[Key, float]


def _with_bends(
    layers: Mapping[str, int], edges: Sequence[tuple[str, str]], numbers: Mapping[str, int]
) -> tuple[list[list[Key]], tuple[Links, Links]]:
    """Return the keys in each layer, and what each is joined to above and below."""
    rows: list[list[Key]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node, layer in layers.items():
        rows[layer].append(node)
    above: Links = defaultdict(list)
    below: Links = defaultdict(list)
    for source, target in dict.fromkeys(edges):
        previous: Key = source
        for layer in range(layers[source] + 1, layers[target] + 1):
            key: Key = target if layer == layers[target] else (numbers[source], layer)
            if key not in above and key != target:
                rows[layer].append(key)
            if previous not in above[key]:
                below[previous].append(key)
                above[key].append(previous)
            previous = key
    return rows, (above, below)


def _order(rows: list[list[Key]], links: tuple[Links, Links]) -> None:
    """Order each layer, in place, so that few edges cross."""
    above, below = links
    best = [list(row) for row in rows]
    fewest = _crossings(rows, below)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        joined = above if down else below
        numbers = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for number in numbers:
            beside = rows[number - 1 if down else number + 1]
            place = {key: index for index, key in enumerate(beside)}
            own = {key: float(index) for index, key in enumerate(rows[number])}
            for key in rows[number]:
                if joined[key]:
                    own[key] = sum(place[other] for other in joined[key]) / len(joined[key])
            rows[number].sort(key=own.__getitem__)
        _transpose(rows, links)
        crossings = _crossings(rows, below)
        if crossings < fewest:
            fewest, best = crossings, [list(row) for row in rows]
    rows[:] = best


def _transpose(rows: list[list[Key]], links: tuple[Links, Links]) -> None:
    """Swap neighbours, in place, where that removes crossings."""
    for number, row in enumerate(rows):
        places = []
        for joined, other in ((links[0], number - 1), (links[1], number + 1)):
            if 0 <= other < len(rows):
                place = {key: index for index, key in enumerate(rows[other])}
                places.append({key: sorted(place[o] for o in joined[key]) for key in row})
        improved = True
        rounds = 0
        while improved and rounds < 8:
            improved = False
            rounds += 1
            for index in range(len(row) - 1):
                a, b = row[index], row[index + 1]
                now = sum(_pair(place[a], place[b]) for place in places)
                then = sum(_pair(place[b], place[a]) for place in places)
                if then < now:
                    row[index], row[index + 1] = b, a
                    improved = True


def _pair(left: list[int], right: list[int]) -> int:
    """Return how many edges cross of two neighbours whose ends lie at these places."""
    return sum(1 for a in left for b in right if a > b)


def _crossings(rows: list[list[Key]], below: Links) -> int:
    total = 0
    for upper, lower in pairwise(rows):
        place = {key: index for index, key in enumerate(lower)}
        ends = [index for key in upper for index in sorted(place[other] for other in below[key])]
        total += _inversions(ends, len(lower))
    return total


def _inversions(numbers: list[int], size: int) -> int:
    """Return how many pairs stand in the wrong order, by a Fenwick tree."""
    tree = [0] * (size + 1)
    count = 0
    for seen, number in enumerate(numbers):
        index, smaller = number + 1, 0
        while index:
            smaller += tree[index]
            index -= index & -index
        count += seen - smaller
        index = number + 1
        while index <= size:
            tree[index] += 1
            index += index & -index
    return count


def _positions(
    rows: list[list[Key]], links: tuple[Links, Links], widths: Mapping[Key, float]
) -> Places:
    """Return the horizontal centre of each key."""
    above, below = links
    xs: Places = {}
    for row in rows:
        x = 0.0
        for index, key in enumerate(row):
            x += _distance(row[index - 1], key, widths) if index else 0.0
            xs[key] = x
        for key in row:
            xs[key] -= x / 2
    for number in range(_RELAXATIONS):
        down = number % 2 == 0
        both = number >= _RELAXATIONS // 5
        for row in rows if down else reversed(rows):
            wanted, weights = [], []
            for key in row:
                others = [*above[key], *below[key]] if both else (above if down else below)[key]
                others = others or [*above[key], *below[key]]
                pulls = [_pull(key, other) for other in others]
                sought = sum(pull * xs[o] for pull, o in zip(pulls, others, strict=True))
                wanted.append(sought / sum(pulls) if pulls else xs[key])
                weights.append(sum(pulls) or 1.0)
            gaps = [_distance(a, b, widths) for a, b in pairwise(row)]
            for key, x in zip(row, _spread(wanted, weights, gaps), strict=True):
                xs[key] = x
    return xs


def _straighten(
    rows: list[list[Key]], links: tuple[Links, Links], widths: Mapping[Key, float], xs: Places
) -> None:
    """Put the bends of a long edge, in place, on as few vertical lines as there is room for."""
    room = _rooms(rows, widths, xs)
    above, below = links
    for row in rows:
        for first in row:
            if not isinstance(first, tuple) or isinstance(above[first][0], tuple):
                continue
            chain: list[Key] = []
            key: Key | None = first
            while key is not None:
                chain.append(key)
                key = next((k for k in below[key] if isinstance(k, tuple)), None)
            _align(chain, room, xs)


def _rooms(
    rows: list[list[Key]], widths: Mapping[Key, float], xs: Mapping[Key, float]
) -> dict[Key, tuple[float, float]]:
    """Return how far each bend may move while its neighbours, which may do so too, stay apart."""
    far = 1e9
    room: dict[Key, tuple[float, float]] = {}
    for row in rows:
        for index, key in enumerate(row):
            left, right = -far, far
            if index:
                space = xs[key] - xs[row[index - 1]] - _distance(row[index - 1], key, widths)
                left = xs[key] - space * _share(row[index - 1])
            if index + 1 < len(row):
                space = xs[row[index + 1]] - xs[key] - _distance(key, row[index + 1], widths)
                right = xs[key] + space * _share(row[index + 1])
            room[key] = (left, right)
    return room


def _share(neighbour: Key) -> float:
    return 0.5 if isinstance(neighbour, tuple) else 1.0


def _align(chain: list[Key], room: Mapping[Key, tuple[float, float]], xs: Places) -> None:
    start = 0
    while start < len(chain):
        left, right = room[chain[start]]
        end = start + 1
        while end < len(chain):
            low, high = room[chain[end]]
            if max(left, low) > min(right, high):
                break
            left, right = max(left, low), min(right, high)
            end += 1
        mean = sum(xs[key] for key in chain[start:end]) / (end - start)
        for key in chain[start:end]:
            xs[key] = min(max(mean, left), right)
        start = end


def _pull(key: Key, other: Key) -> float:
    """Return how strongly an edge wants to be straight: between bends most."""
    return (1.0, 2.0, 8.0)[isinstance(key, tuple) + isinstance(other, tuple)]


def _distance(left: Key, right: Key, widths: Mapping[Key, float]) -> float:
    gap = GAP if isinstance(left, str) and isinstance(right, str) else BEND_GAP
    return (widths[left] + widths[right]) / 2 + gap


def _spread(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]:
    """Return the places nearest to the wanted ones (least squares) that keep the gaps.

    Without the gaps the places must not decrease: isotonic regression, by pooling neighbours.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[tuple[float, float, int]] = []
    for value, weight, offset in zip(wanted, weights, offsets, strict=False):
        mean, total, count = value - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, other_total, other_count = blocks.pop()
            mean = (mean * total + other * other_total) / (total + other_total)
            total += other_total
            count += other_count
        blocks.append((mean, total, count))
    flat = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]
