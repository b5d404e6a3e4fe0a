"""Statements: facts, people and organisations, grants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from fairwf.ir.origins import Span
from fairwf.source import SourceMap

FactKind = Literal[
    "identifier",
    "version",
    "title",
    "description",
    "license",
    "repository",
    "language",
    "engine_version",
    "keyword",
    "citation",
    "contact",
    "status",
    "access",
    "parent",
    "url",
    "created",
    "modified",
    "published",
    "requirement",
    "system",
    "help",
    "copyright_year",
]
Role = Literal["creator", "contributor", "maintainer", "contact", "funder", "sponsor", "holder"]


class Fact(NamedTuple):
    """A text that a file states under a key."""

    kind: FactKind
    value: str
    span: Span
    key: str


class Party(NamedTuple):
    """A person or an organisation; ``spans`` are the places of its properties."""

    role: Role
    name: str
    span: Span
    id: str | None = None
    email: str | None = None
    website: str | None = None
    affiliations: tuple[str, ...] = ()
    organization: bool = False
    spans: Mapping[str, Span] = {}

    def place(self, key: str) -> Span:
        """Return where a property stands."""
        return self.spans.get(key, self.span)


class Grant(NamedTuple):
    """Money for the work: a name or number, and who gave it."""

    name: str
    span: Span
    id: str | None = None
    identifier: str | None = None
    funders: tuple[Party, ...] = ()


@dataclass
class Statements:
    """All that a file states. ``unread`` are its keys that have no meaning here."""

    file: str
    facts: list[Fact] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    unread: dict[str, Span] = field(default_factory=dict)

    def of(self, kind: FactKind) -> list[Fact]:
        """Return the facts of a kind."""
        return [fact for fact in self.facts if fact.kind == kind]

    def first(self, kind: FactKind) -> str | None:
        """Return the first fact of a kind."""
        return next((fact.value for fact in self.facts if fact.kind == kind), None)

    def people(self, role: Role) -> list[Party]:
        """Return the parties of a role, each name once."""
        found = {party.name: party for party in reversed(self.parties) if party.role == role}
        return list(reversed(found.values()))

    def add(self, tree: SourceMap, table: Mapping[str, FactKind]) -> None:
        """Add the texts under the keys of a table."""
        for key, kind in table.items():
            for text in texts(tree[key]) if key in tree else ():
                self.facts.append(Fact(kind, text, tree.value_span(key), key))

    def add_words(self, tree: SourceMap, *keys: str) -> None:
        """Add keywords, which may stand in one text with commas between them."""
        for key in keys:
            for text in texts(tree[key]) if key in tree else ():
                words = (word.strip() for word in text.split(","))
                found = (Fact("keyword", word, tree.value_span(key), key) for word in words if word)
                self.facts.extend(found)


def texts(value: Any) -> list[str]:
    """Return the texts that a JSON-LD value holds: literals, and ids, values, names of objects."""
    found = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            keys = ("@id", "id", "value", "name", "url")
            item = next((item[key] for key in keys if _is_text(item.get(key))), None)
        if _is_text(item):
            found.append(str(item).strip())
    return found


def text_of(tree: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first text under one of some keys."""
    return next((str(tree[key]).strip() for key in keys if _is_text(tree.get(key))), None)


def maps(tree: Mapping[str, Any], key: str) -> Iterator[SourceMap]:
    """Yield the objects under a key."""
    value = tree.get(key)
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, SourceMap))


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, (int, float)) and not isinstance(value, bool)
