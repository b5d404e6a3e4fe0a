"""Which steps of two workflows are the same, whatever they are called, and how they hang together.

Steps of one name are a pair. The others are paired by how much their names and the words of their
commands have in common, and by whether what comes before and after them is paired; what has too
little in common stays alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from fairwf.cli.outputs import Link, Outline, StepPair
from fairwf.document import Document
from fairwf.graph import Graph, document_graph
from fairwf.graph.model import Node
from fairwf.ir.command import Text
from fairwf.ir.expressions import File, Opaque, StringLit
from fairwf.ir.walk import walk
from fairwf.ir.workflow import ProcessRef, Workflow

MOST_STEPS = 400
"""Above it only steps of one name are paired: comparing all with all would take long."""
_LEAST = 0.2
_ROUNDS = 3
_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])|[a-z]+")
_TOKEN = re.compile(r"[A-Za-z][\w.+-]{2,}")
_STEP = "step:"


def outline(a: Document, b: Document) -> Outline:
    """Return the steps of two workflows in pairs, and the links that only one of them has."""
    first, second = _Side(a), _Side(b)
    pairs = _paired(first, second)
    back = {theirs: own for own, theirs in pairs.items()}
    steps = [StepPair(a=name, b=pairs.get(name)) for name in first.steps]
    steps += [StepPair(b=name) for name in second.steps if name not in back]
    own = {(s, t) for s, t in first.links if s in pairs and t in pairs}
    theirs = {(back[s], back[t]) for s, t in second.links if s in back and t in back}
    links = [Link(source=s, target=t, only="a") for s, t in sorted(own - theirs)]
    links += [Link(source=s, target=t, only="b") for s, t in sorted(theirs - own)]
    return Outline(steps=steps, links=links)


class _Side:
    """A workflow's steps, the links between them, and the words of each."""

    def __init__(self, document: Document) -> None:
        graph: Graph = document_graph(document)
        nodes = [node for node in graph.nodes if node.kind == "step"]
        self.steps = [_bare(node.id) for node in nodes]
        self.names = {_bare(node.id): _words(node) for node in nodes}
        self.commands = _commands(document)
        self.links = {
            (_bare(edge.source), _bare(edge.target))
            for edge in graph.edges
            if edge.source.startswith(_STEP) and edge.target.startswith(_STEP)
        }
        self.beside: dict[str, set[str]] = defaultdict(set)
        for source, target in self.links:
            self.beside[source].add(f">{target}")
            self.beside[target].add(f"<{source}")


def _bare(node: str) -> str:
    return node.removeprefix(_STEP)


def _words(node: Node) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(_bare(node.id)))


def _commands(document: Document) -> dict[str, frozenset[str]]:
    """Return the words of what each step runs."""
    root = document.workflow
    found: dict[str, frozenset[str]] = {}
    if not isinstance(root, Workflow):
        return found
    for step in root.steps:
        run = root.processes.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
        found[step.id] = frozenset(_tokens(run)) if run is not None else frozenset()
    return found


def _tokens(process: msgspec.Struct) -> Iterable[str]:
    for _, node in walk(process):
        said = ""
        if isinstance(node, StringLit):
            said = node.value
        elif isinstance(node, File) and isinstance(node.location, str):
            said = node.location.rsplit("/", 1)[-1]
        elif isinstance(node, (Text, Opaque)):
            said = node.text
        for token in _TOKEN.findall(said):
            yield token.lower()


def _common(a: frozenset[str], b: frozenset[str]) -> float:
    """How much of the smaller of two sets is in both, a little less where the other is larger."""
    if not a or not b:
        return 0.0
    both = len(a & b)
    return 0.7 * both / min(len(a), len(b)) + 0.3 * both / len(a | b)


def _paired(a: _Side, b: _Side) -> dict[str, str]:
    others = set(b.steps)
    sure = {name: name for name in a.steps if name in others}
    if max(len(a.steps), len(b.steps)) > MOST_STEPS:
        return sure
    rest_a = [name for name in a.steps if name not in sure]
    rest_b = [name for name in b.steps if name not in sure]
    alike = {
        (x, y): 0.5 * _common(a.names[x], b.names[y])
        + 0.5 * _common(a.commands.get(x, frozenset()), b.commands.get(y, frozenset()))
        for x in rest_a
        for y in rest_b
    }
    pairs = dict(sure)
    for _ in range(_ROUNDS):
        scores = {
            (x, y): score + 0.3 * _around(x, y, a, b, pairs) for (x, y), score in alike.items()
        }
        pairs = {**sure, **_greedy(scores)}
    return pairs


def _around(x: str, y: str, a: _Side, b: _Side, pairs: Mapping[str, str]) -> float:
    """How much of what stands before and after two steps is paired."""
    seen = {f"{near[0]}{pairs[near[1:]]}" for near in a.beside[x] if near[1:] in pairs}
    most = max(len(a.beside[x]), len(b.beside[y]))
    return len(seen & b.beside[y]) / most if most else 0.0


def _greedy(scores: Mapping[tuple[str, str], float]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for (x, y), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
        if score >= _LEAST and x not in found and y not in taken:
            found[x] = y
            taken.add(y)
    return found
