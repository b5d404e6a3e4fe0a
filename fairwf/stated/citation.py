"""``CITATION.cff``: Citation File Format 1.2."""

from __future__ import annotations

from collections.abc import Iterator

from fairwf.source import SourceMap
from fairwf.stated.model import FactKind, Party, Role, Statements, maps, text_of, texts

CITATION = "CITATION.cff"

_FACTS: dict[str, FactKind] = {
    "doi": "identifier",
    "version": "version",
    "title": "title",
    "abstract": "description",
    "license": "license",
    "license-url": "license",
    "repository-code": "repository",
    "repository": "repository",
    "url": "url",
    "date-released": "published",
}
_OTHERS = {"identifiers", "keywords", "authors", "contact", "preferred-citation", "references"}
_NAME = ("given-names", "name-particle", "family-names", "name-suffix")
_OF_THE_FILE = {"cff-version", "message", "type"}


def read_citation(tree: SourceMap) -> Statements:
    """Return what the tree of a ``CITATION.cff`` states."""
    found = Statements(CITATION)
    found.add(tree, _FACTS)
    found.add_words(tree, "keywords")
    for item in maps(tree, "identifiers"):
        found.add(item, {"value": "identifier"})
    for item in maps(tree, "contact"):
        found.add(item, {"email": "contact", "website": "contact"})
    for item in (*maps(tree, "preferred-citation"), *maps(tree, "references")):
        found.add(item, {"doi": "citation", "url": "citation"})
    found.parties += [*_parties(tree, "authors", "creator"), *_parties(tree, "contact", "contact")]
    read = _FACTS.keys() | _OTHERS | _OF_THE_FILE
    found.unread = {key: tree.key_span(key) for key in tree if key not in read}
    return found


def _parties(tree: SourceMap, key: str, role: Role) -> Iterator[Party]:
    for person in maps(tree, key):
        parts = (text_of(person, k) for k in _NAME)
        name = " ".join(part for part in parts if part)
        yield Party(
            role,
            name or text_of(person, "name") or "",
            person.span,
            text_of(person, "orcid"),
            text_of(person, "email"),
            text_of(person, "website"),
            tuple(texts(person.get("affiliation"))),
            not name,
            {"id": person.value_span("orcid"), "affiliation": person.value_span("affiliation")},
        )
