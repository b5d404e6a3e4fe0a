"""What a crate says of itself, as repositories ask for it; nothing is invented.

RO-Crate 1.1 to 1.3: the root data entity, its people, organisations, licence and grants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fairwf.crates.assembly import NOT_STATED
from fairwf.crates.read import Crate, Entity, types, values

_SPDX = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html|\.json)?/?\Z"
)
_SPDX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*\Z")
_CREATIVE_COMMONS = re.compile(
    r"https?://creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/zero/(\d\.\d))"
    r"(?:/legalcode(?:\.[a-z]+)?|/deed(?:\.[a-z]+)?)?/?\Z"
)
_ORCID = re.compile(r"https?://orcid\.org/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?\Z")
_ROR = re.compile(r"https?://ror\.org/(0[a-hj-km-np-tv-z\d]{6}\d\d)/?\Z")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)\Z", re.IGNORECASE)
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")

Kind = Literal["workflow", "run", "software", "dataset"]
Relation = Literal["cites", "isderivedfrom"]


@dataclass(frozen=True)
class Organisation:
    """An organisation; ``ror`` is the last part of its ROR."""

    name: str
    ror: str | None = None


@dataclass(frozen=True)
class Agent:
    """A person, or with ``organisation`` an organisation that made something.

    ``guessed``: the parts of the name are not stated, only the whole.
    """

    name: str
    family: str = ""
    given: str = ""
    orcid: str | None = None
    ror: str | None = None
    affiliations: tuple[Organisation, ...] = ()
    organisation: bool = False
    guessed: bool = False


@dataclass(frozen=True)
class Licence:
    """A licence: its SPDX identifier, or a name with an address where there is none."""

    spdx: str | None
    name: str
    url: str | None = None


@dataclass(frozen=True)
class Related:
    """Another work and what the crate is to it; ``doi`` where it has one."""

    relation: Relation
    url: str
    doi: str | None = None


@dataclass(frozen=True)
class Grant:
    """Who paid, and by which grant."""

    funder: Organisation
    title: str | None = None
    number: str | None = None


@dataclass(frozen=True)
class Facts:
    """The facts of one crate. Dates are ISO 8601 days, months or years."""

    kind: Kind
    title: str | None = None
    description: str | None = None
    published: str | None = None
    authors: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    licence: Licence | None = None
    publisher: str | None = None
    keywords: tuple[str, ...] = ()
    version: str | None = None
    languages: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    grants: tuple[Grant, ...] = ()
    identifiers: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)


def facts_of(crate: Crate) -> Facts:
    """Return the facts that the root of a crate states, and those of its workflow below it.

    Raises:
        InvalidError: the metadata is none.
    """
    root, main = crate.root, crate.main or {}
    reader = _Reader(crate)
    authors = (
        reader.agents(root.get("author"))
        or reader.agents(root.get("creator"))
        or reader.agents(main.get("author"))
        or reader.agents(main.get("creator"))
    )
    contributors = [a for a in reader.agents(root.get("contributor")) if a not in authors]
    publisher = next(iter(reader.agents(root.get("publisher"))), None)
    dates = {"created": _day(root.get("dateCreated")), "updated": _day(root.get("dateModified"))}
    return Facts(
        kind=_kind(crate, main),
        title=_text(root.get("name")),
        description=_text(root.get("description")),
        published=_day(root.get("datePublished")),
        authors=tuple(authors),
        contributors=tuple(contributors),
        licence=reader.licence(root.get("license")),
        publisher=publisher.name if publisher else _text(root.get("publisher")),
        keywords=tuple(_keywords(root.get("keywords"))),
        version=_text(root.get("version")) or _text(main.get("version")),
        languages=tuple(_languages(root.get("inLanguage"))),
        related=tuple(dict.fromkeys(reader.related(root, main))),
        grants=tuple(dict.fromkeys(reader.grants(root))),
        identifiers=tuple(reader.identifiers(root)),
        dates={key: day for key, day in dates.items() if day},
    )


def doi_of(text: str) -> str | None:
    """Return the DOI that a text is, in any of its ways of writing; None where it is none."""
    match = _DOI.match(text.strip())
    return match[1] if match else None


def _kind(crate: Crate, main: Entity) -> Kind:
    if "ComputationalWorkflow" in types(main):
        actions = crate.of_type("CreateAction")
        instruments = (i for a in actions for i in values(a.get("instrument")))
        ran = any(isinstance(i, dict) and i.get("@id") == main.get("@id") for i in instruments)
        return "run" if ran else "workflow"
    return "software" if "SoftwareSourceCode" in types(main) else "dataset"


class _Reader:
    def __init__(self, crate: Crate) -> None:
        self._crate = crate

    def agents(self, value: Any) -> list[Agent]:
        found = [self._agent(entity) for entity in self._crate.resolve(value)]
        found += [_person(item) for item in values(value) if isinstance(item, str) and item.strip()]
        return list(dict.fromkeys(agent for agent in found if agent is not None))

    def _agent(self, entity: Entity) -> Agent | None:
        identifier = str(entity.get("@id", ""))
        orcid, ror = _ORCID.match(identifier), _ROR.match(identifier)
        name = _text(entity.get("name"))
        family, given = _text(entity.get("familyName")), _text(entity.get("givenName"))
        if not name:
            name = " ".join(part for part in (given, family) if part)
        if not name:
            return None
        if "Organization" in types(entity):
            return Agent(name, organisation=True, ror=ror[1] if ror else None)
        guess = _person(name)
        return Agent(
            name,
            family=family or guess.family,
            given=given or (guess.given if not family else ""),
            orcid=orcid[1] if orcid else None,
            affiliations=tuple(self.organisations(entity.get("affiliation"))),
            guessed=not family,
        )

    def organisations(self, value: Any) -> Iterator[Organisation]:
        for entity in self._crate.resolve(value):
            ror = _ROR.match(str(entity.get("@id", "")))
            name = _text(entity.get("name"))
            if name:
                yield Organisation(name, ror[1] if ror else None)
        for item in values(value):
            if isinstance(item, str) and item.strip():
                yield Organisation(item.strip())

    def licence(self, value: Any) -> Licence | None:
        for item in values(value):
            identifier = item.get("@id") if isinstance(item, dict) else item
            if not isinstance(identifier, str) or identifier == NOT_STATED:
                continue
            entity = self._crate.get(identifier) or {}
            name = _text(entity.get("name")) or identifier
            spdx = _spdx(identifier) or _spdx(_text(entity.get("identifier")) or "")
            web = identifier.startswith(("http://", "https://"))
            return Licence(spdx, name, identifier if web else None)
        return None

    def related(self, root: Entity, main: Entity) -> Iterator[Related]:
        pairs: list[tuple[Relation, Any]] = [
            ("cites", root.get("citation")),
            ("cites", main.get("citation")),
            ("isderivedfrom", root.get("isBasedOn")),
            ("isderivedfrom", main.get("codeRepository")),
        ]
        for relation, value in pairs:
            for item in values(value):
                text = item.get("@id") if isinstance(item, dict) else item
                if not isinstance(text, str):
                    continue
                doi = doi_of(text)
                if doi or text.startswith(("http://", "https://")):
                    yield Related(relation, text, doi)

    def grants(self, root: Entity) -> Iterator[Grant]:
        funded: set[str] = set()
        for entity in self._crate.resolve(root.get("funding")):
            for organisation in self.organisations(entity.get("funder")):
                funded.add(organisation.name)
                number = _text(entity.get("identifier"))
                yield Grant(organisation, _text(entity.get("name")), number)
        for organisation in self.organisations(root.get("funder")):
            if organisation.name not in funded:
                yield Grant(organisation)

    def identifiers(self, root: Entity) -> Iterator[str]:
        """Yield what identifies the crate and is no DOI: a SWHID, a URN."""
        for entity in self._crate.resolve(root.get("identifier")):
            value = _text(entity.get("value"))
            if value and doi_of(value) is None:
                yield value


def _person(text: str) -> Agent:
    """Return a person of whom only the whole name is known; the last word is the family's."""
    text = " ".join(text.split())
    family, comma, given = text.partition(",")
    if not comma:
        given, _, family = text.rpartition(" ")
    return Agent(text, family=family.strip(), given=given.strip(), guessed=True)


def _spdx(text: str) -> str | None:
    match = _SPDX.match(text)
    if match:
        return match[1]
    commons = _CREATIVE_COMMONS.match(text)
    if commons:
        return f"CC0-{commons[3]}" if commons[3] else f"CC-{commons[1].upper()}-{commons[2]}"
    numbered = _SPDX_ID.match(text) and any(c.isdigit() for c in text)
    return text if numbered or text in _PLAIN else None


# SPDX identifiers without a number.
_PLAIN = frozenset(("MIT", "ISC", "Unlicense", "WTFPL", "Zlib", "X11", "NCSA", "curl", "Ruby"))


def _text(value: Any) -> str | None:
    for item in values(value):
        if isinstance(item, dict):
            item = item.get("@value")
        if isinstance(item, (int, float)) and not isinstance(item, bool):
            item = str(item)
        if isinstance(item, str) and item.strip():
            return item.strip()
    return None


def _day(value: Any) -> str | None:
    match = _DAY.match(_text(value) or "")
    return match[0] if match else None


def _keywords(value: Any) -> Iterator[str]:
    for item in values(value):
        if isinstance(item, str):
            yield from (word.strip() for word in item.split(",") if word.strip())


def _languages(value: Any) -> Iterator[str]:
    for item in values(value):
        text = item.get("@id") if isinstance(item, dict) else item
        if isinstance(text, str) and text.strip():
            yield text.strip()
