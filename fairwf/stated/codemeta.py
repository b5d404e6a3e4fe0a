"""``codemeta.json``: CodeMeta 2 and 3, which is schema.org with terms for software."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fairwf.ir.iris import is_iri
from fairwf.source import SourceMap
from fairwf.stated.model import Fact, FactKind, Grant, Party, Role, Statements, maps, text_of, texts

CODEMETA = "codemeta.json"

_FACTS: dict[str, FactKind] = {
    "identifier": "identifier",
    "version": "version",
    "softwareVersion": "version",
    "name": "title",
    "description": "description",
    "license": "license",
    "codeRepository": "repository",
    "programmingLanguage": "language",
    "runtimePlatform": "engine_version",
    "referencePublication": "citation",
    "citation": "citation",
    "developmentStatus": "status",
    "conditionsOfAccess": "access",
    "isBasedOn": "parent",
    "issueTracker": "contact",
    "url": "url",
    "dateCreated": "created",
    "dateModified": "modified",
    "datePublished": "published",
    "operatingSystem": "system",
    "softwareHelp": "help",
    "copyrightYear": "copyright_year",
}
_WORDS = ("keywords", "applicationCategory", "featureList")
_PARTIES: dict[str, Role] = {
    "author": "creator",
    "creator": "creator",
    "contributor": "contributor",
    "maintainer": "maintainer",
    "funder": "funder",
    "sponsor": "sponsor",
    "copyrightHolder": "holder",
}
_OTHERS = ("funding", "softwareRequirements")
_OF_THE_FILE = {"@context", "@type", "type", "@id", "id"}
_ORGANISATIONS = {"Organization", "schema:Organization", "FundingAgency", "ResearchOrganization"}


def read_codemeta(tree: SourceMap) -> Statements:
    """Return what the tree of a ``codemeta.json`` states."""
    found = Statements(CODEMETA)
    found.add(tree, _FACTS)
    found.add_words(tree, *_WORDS)
    _add_requirements(found, tree)
    for language in maps(tree, "programmingLanguage"):
        found.add(language, {"version": "engine_version"})
    for person in maps(tree, "maintainer"):
        found.add(person, {"email": "contact"})
    for key, role in _PARTIES.items():
        found.parties += people(maps(tree, key), role)
        found.parties += _named(tree, key, role)
    found.grants += _grants(tree)
    read = _FACTS.keys() | _PARTIES.keys() | _OF_THE_FILE | {*_WORDS, *_OTHERS}
    found.unread = {
        key: tree.key_span(key)
        for key in tree
        if key not in read or (_PARTIES.get(key) == "creator" and _is_bare(tree[key]))
    }
    return found


def _add_requirements(found: Statements, tree: SourceMap) -> None:
    """Add what the software needs: texts, addresses, names with their versions."""
    key = "softwareRequirements"
    value = tree.get(key)
    for item in value if isinstance(value, list) else [value]:
        for text in texts(item):
            shown, span = text, tree.value_span(key)
            if isinstance(item, SourceMap):
                span = item.span
                version = text_of(item, "version", "softwareVersion")
                if version and text_of(item, "name") == text:
                    shown = f"{text} {version}"
            found.facts.append(Fact("requirement", shown, span, key))


def people(found: Iterable[SourceMap], role: Role = "creator") -> Iterator[Party]:
    """Yield the people and organisations that objects of schema.org describe."""
    for person in found:
        parts = (text_of(person, key) for key in ("givenName", "familyName"))
        kinds = {*texts(person.get("@type")), *texts(person.get("type"))}
        yield Party(
            role,
            text_of(person, "name") or " ".join(part for part in parts if part),
            person.span,
            text_of(person, "@id", "id"),
            text_of(person, "email"),
            text_of(person, "url"),
            tuple(texts(person.get("affiliation"))),
            bool(kinds & _ORGANISATIONS),
            {
                "id": person.value_span("@id" if "@id" in person else "id"),
                "affiliation": person.value_span("affiliation"),
            },
        )


def _named(tree: SourceMap, key: str, role: Role) -> Iterator[Party]:
    """Yield who is named by a text alone: a funder, or an organisation that holds rights."""
    value = tree.get(key)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and item.strip() and role != "creator":
            name = item.strip()
            given = name if is_iri(name) else None
            yield Party(role, name, tree.value_span(key), given, organization=role == "funder")


def _is_bare(value: Any) -> bool:
    """Tell whether people are named by texts alone: whether each is a person, they do not say."""
    return any(isinstance(item, str) for item in (value if isinstance(value, list) else [value]))


def _grants(tree: SourceMap) -> Iterator[Grant]:
    value = tree.get("funding")
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, SourceMap):
            given = text_of(item, "@id", "id", "url")
            number = next(iter(texts(item.get("identifier"))), None)
            name = text_of(item, "name") or number or given
            funders = (*people(maps(item, "funder"), "funder"), *_named(item, "funder", "funder"))
            if name:
                iri = given if given and is_iri(given) else None
                yield Grant(name, item.span, iri, number, funders)
        else:
            for text in texts(item):
                yield Grant(text, tree.value_span("funding"), text if is_iri(text) else None)
