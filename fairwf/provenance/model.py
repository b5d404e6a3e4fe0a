"""PROV-DM: entities, activities and agents, and how they hang together.

One model is made from a run or from a crate and written in every form (W3C PROV-DM, 2013).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

NodeKind = Literal["entity", "activity", "agent"]
RelationKind = Literal[
    "used",
    "wasGeneratedBy",
    "wasAssociatedWith",
    "actedOnBehalfOf",
    "hadMember",
    "wasAttributedTo",
    "alternateOf",
]


@dataclass(frozen=True)
class Link:
    """An attribute's value that refers to a node, or to anything else that has an IRI."""

    id: str


Scalar = str | int | float | bool | Link
"""An attribute's value."""


@dataclass
class Node:
    """An entity, activity or agent. ``types`` and the keys of ``attributes`` are prefixed names.

    Times are ISO 8601 with an offset. ``name`` is what people call it, ``path`` a file's place in
    a crate or run directory; ``former`` are names and paths that it had elsewhere.
    """

    id: str
    kind: NodeKind
    name: str
    types: tuple[str, ...] = ()
    started: str | None = None
    ended: str | None = None
    path: str | None = None
    sha256: str | None = None
    former: tuple[str, ...] = ()
    attributes: dict[str, list[Scalar]] = field(default_factory=dict)


@dataclass(frozen=True)
class Relation:
    """``subject`` kind ``object``, in PROV's direction: activity used entity."""

    kind: RelationKind
    subject: str
    object: str
    role: str | None = None
    plan: str | None = None


@dataclass
class Provenance:
    """Nodes by id, and relations, each once, in the order in which they were told."""

    base: str
    nodes: dict[str, Node] = field(default_factory=dict)
    _relations: dict[Relation, None] = field(default_factory=dict)

    def add(self, node: Node) -> Node:
        """Take a node, or return the one that has its id already."""
        return self.nodes.setdefault(node.id, node)

    def relate(
        self,
        kind: RelationKind,
        subject: str,
        object: str,
        role: str | None = None,
        plan: str | None = None,
    ) -> None:
        """Take a relation."""
        self._relations[Relation(kind, subject, object, role, plan)] = None

    @property
    def relations(self) -> Iterator[Relation]:
        """The relations between nodes that are known."""
        return (r for r in self._relations if r.subject in self.nodes and r.object in self.nodes)
