"""Ready questions: where a file comes from, what used it, what to run again if it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from fairwf.provenance.model import Node, Provenance
from fairwf.report import InvalidError
from fairwf.source import did_you_mean

_MOST_NAMED = 10


@dataclass(frozen=True)
class Answer:
    """Activities and entities, nearest first; each with its distance from the question."""

    activities: tuple[tuple[int, Node], ...]
    entities: tuple[tuple[int, Node], ...]


class Lineage:
    """Answers questions about one provenance."""

    def __init__(self, told: Provenance) -> None:
        self._told = told
        self._used: dict[str, list[str]] = defaultdict(list)
        self._users: dict[str, list[str]] = defaultdict(list)
        self._given: dict[str, list[str]] = defaultdict(list)
        self._makers: dict[str, list[str]] = defaultdict(list)
        self._members: dict[str, list[str]] = defaultdict(list)
        self._holders: dict[str, list[str]] = defaultdict(list)
        self._alternates: dict[str, list[str]] = defaultdict(list)
        for r in told.relations:
            if r.kind == "used":
                self._used[r.subject].append(r.object)
                self._users[r.object].append(r.subject)
            elif r.kind == "wasGeneratedBy":
                self._makers[r.subject].append(r.object)
                self._given[r.object].append(r.subject)
            elif r.kind == "hadMember":
                self._members[r.subject].append(r.object)
                self._holders[r.object].append(r.subject)
            elif r.kind == "alternateOf":
                self._alternates[r.subject].append(r.object)
                self._alternates[r.object].append(r.subject)
        whole = {
            n.id
            for n in told.nodes.values()
            if n.kind == "activity" and "wfprov:WorkflowRun" in n.types
        }
        parts = {n.id for n in told.nodes.values() if n.kind == "activity"} - whole
        # A workflow's execution uses all its inputs for all its outputs: its parts know better.
        self._skipped = whole if parts else set()

    def find(self, file: str) -> list[Node]:
        """Return the entity that a file's name, path, SHA-256 or IRI names; of an IRI several.

        A path is that in the crate, or in the folder of the run.

        Raises:
            InvalidError: there is none (FWF1001), or a name is that of several files (FWF1011).
        """
        entities = [n for n in self._told.nodes.values() if n.kind == "entity" and n.types]
        data = [n for n in entities if "prov:Plan" not in n.types]
        wanted = file.removeprefix("./")
        for match in (
            lambda n: wanted in (n.id, n.path) or n.id == f"{self._told.base}{wanted}",
            lambda n: wanted == n.sha256,
            lambda n: wanted in n.former and "/" in wanted,
            lambda n: wanted == n.name,
            lambda n: wanted in n.former,
            lambda n: n.path is not None and n.path.rpartition("/")[2] == wanted,
        ):
            found = [n for n in data if match(n)]
            files = self._alone(found)
            if len(files) > 1:
                raise _ambiguous(file, self._called(files))
            if found:
                return found
        names = {name for n in data for name in (n.path, n.name, *n.former) if name}
        raise InvalidError.of(
            "FWF1001",
            f"the provenance knows no file {file!r:.80}",
            hint=did_you_mean(wanted, names),
        )

    def _alone(self, found: list[Node]) -> list[Node]:
        """Return the files among nodes, without those that only hold others of them."""
        ids = {node.id for node in found}
        return [
            node
            for node in found
            if (node.path or node.sha256 or "schema:MediaObject" in node.types)
            and not ids.intersection(self._members[node.id])
        ]

    def _called(self, found: list[Node]) -> list[str]:
        """Return for each of several nodes what names it alone."""
        texts = [called(node, self._told.base) for node in found]
        return [
            text if texts.count(text) == 1 else node.id.removeprefix(self._told.base)
            for node, text in zip(found, texts, strict=True)
        ]

    def lineage(self, file: str) -> Answer:
        """Return what a file comes from: the activities and data before it."""
        return self._walk(self.find(file), self._makers, self._used)

    def affected_by(self, file: str) -> Answer:
        """Return what has to be made again if a file changes: the activities and data after it."""
        return self._walk(self.find(file), self._users, self._given)

    def used_by(self, file: str) -> Answer:
        """Return the activities that used a file, and what they gave."""
        start = self._beside(self.find(file))
        activities = self._activities(start, self._users)
        data = [(1, self._told.nodes[e]) for a in activities for e in self._given[a]]
        nodes = [(1, self._told.nodes[a]) for a in activities]
        return Answer(tuple(nodes), tuple({n.id: (d, n) for d, n in data}.values()))

    def _beside(self, nodes: Iterable[Node]) -> list[str]:
        """Return data with what stands for it.

        That are its members, what holds it (but not the other members), and the same value as it
        is seen in another execution.
        """
        ids = dict.fromkeys(node.id for node in nodes)
        ids.update(dict.fromkeys(_closure(ids, self._alternates)))
        inner, outer = _closure(ids, self._members), _closure(ids, self._holders)
        return list(ids | dict.fromkeys(inner) | dict.fromkeys(outer))

    def _activities(self, data: Iterable[str], edges: dict[str, list[str]]) -> list[str]:
        found = dict.fromkeys(a for e in data for a in edges[e])
        return [a for a in found if a not in self._skipped]

    def _walk(
        self, start: list[Node], out: dict[str, list[str]], onward: dict[str, list[str]]
    ) -> Answer:
        beginning = self._beside(start)
        seen = dict.fromkeys(beginning, 0)
        activities: dict[str, int] = {}
        layer, distance = beginning, 0
        while layer:
            distance += 1
            fresh = [a for a in self._activities(layer, out) if a not in activities]
            activities.update(dict.fromkeys(fresh, distance))
            reached = self._beside(self._told.nodes[e] for a in fresh for e in onward[a])
            layer = [e for e in reached if e not in seen]
            seen.update(dict.fromkeys(layer, distance))
        nodes = self._told.nodes
        return Answer(
            tuple((d, nodes[a]) for a, d in activities.items()),
            tuple((d, nodes[e]) for e, d in seen.items() if d),
        )


def called(node: Node, base: str = "") -> str:
    """Return what people are told of a node: of a file its path, as far as there is one."""
    paths = (name for name in node.former if "/" in name)
    return node.path or next(paths, None) or node.name or node.id.removeprefix(base)


def _ambiguous(file: str, names: list[str]) -> InvalidError:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return InvalidError.of(
        "FWF1011",
        f"{file!r:.80} is what {len(names)} files are called",
        hint=f"name one of them: {', '.join(names[:_MOST_NAMED])}{more}",
    )


def _closure(start: Iterable[str], edges: dict[str, list[str]]) -> list[str]:
    """Return everything that can be reached."""
    found: dict[str, None] = {}
    pending = list(start)
    while pending:
        for item in edges.get(pending.pop(), ()):
            if item not in found:
                found[item] = None
                pending.append(item)
    return list(found)
