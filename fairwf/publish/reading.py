"""Reading what a crate says of itself; nothing is invented, and what cannot be read is told.

RO-Crate 1.1 to 1.3: the root data entity, its people, organisations, licences and grants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fairwf.crates.assembly import NOT_STATED
from fairwf.crates.read import Crate
from fairwf.entities.reading import Entity, types, values
from fairwf.ir.identifiers import doi_of, orcid_of, ror_of, wrong_check_digit
from fairwf.ir.iris import is_iri, is_web
from fairwf.publish.facts import (
    Agent,
    Facts,
    Grant,
    Kind,
    Licence,
    Organisation,
    Related,
    Relation,
)
from fairwf.publish.licences import spdx_id

_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*\Z")


def facts_of(crate: Crate) -> Facts:
    """Return the facts that the root of a crate states, and those of its workflow below it.

    Raises:
        InvalidError: the metadata is none.
    """
    root, main = crate.root, crate.main or {}
    reader = _Reader(crate)
    authors = (
        reader.agents(root, "author")
        or reader.agents(root, "creator")
        or reader.agents(main, "author")
        or reader.agents(main, "creator")
    )
    contributors = [a for a in reader.agents(root, "contributor") if a not in authors]
    dates = {
        "created": reader.day(root, "dateCreated"),
        "updated": reader.day(root, "dateModified"),
    }
    return Facts(
        kind=_kind(crate, main),
        title=reader.text(root, "name"),
        description=reader.text(root, "description"),
        published=_day(_text(root.get("datePublished"))),
        authors=tuple(authors),
        contributors=tuple(contributors),
        licences=tuple(dict.fromkeys(reader.licences(root))),
        publisher=reader.publisher(root),
        keywords=tuple(dict.fromkeys(reader.keywords(root))),
        version=reader.text(root, "version") or reader.text(main, "version"),
        languages=tuple(dict.fromkeys(reader.languages(root))),
        related=tuple(dict.fromkeys(reader.related(root, main))),
        references=tuple(dict.fromkeys(reader.references(root, main))),
        grants=tuple(dict.fromkeys(reader.grants(root))),
        identifiers=tuple(dict.fromkeys(reader.identifiers(root))),
        dates={key: day for key, day in dates.items() if day},
        unread=tuple(dict.fromkeys(reader.unread)),
    )


def _kind(crate: Crate, main: Entity) -> Kind:
    if "ComputationalWorkflow" in types(main):
        actions = crate.of_type("CreateAction")
        instruments = (i for a in actions for i in values(a.get("instrument")))
        ran = any(isinstance(i, dict) and i.get("@id") == main.get("@id") for i in instruments)
        return "run" if ran else "workflow"
    return "software" if "SoftwareSourceCode" in types(main) else "dataset"


class _Reader:
    """Reads properties of entities; ``unread`` takes a sentence for each value that is no fact."""

    def __init__(self, crate: Crate) -> None:
        self._crate = crate
        self.unread: list[str] = []

    def _lose(self, key: str, item: Any, why: str) -> None:
        shown = item.get("@id", item) if isinstance(item, dict) else item
        self.unread.append(f"{key} {shown!r:.80} {why}")

    def _items(self, entity: Entity, key: str) -> Iterator[tuple[str | None, Entity | None, Any]]:
        """Yield the values of a property: the text or the entity that each is, and itself."""
        for item in values(entity.get(key)):
            found = self._crate.resolve(item)
            text = None if found else _text(item)
            yield text, found[0] if found else None, item

    # --- texts --------------------------------------------------------------------------------

    def text(self, entity: Entity, key: str) -> str | None:
        """Return a property that is one text."""
        texts: list[str] = []
        for text, _, item in self._items(entity, key):
            if text is None:
                self._lose(key, item, "is no text")
            elif texts and text not in texts:
                self._lose(key, item, "is not the first, and only one is sent")
            else:
                texts.append(text)
        return next(iter(texts), None)

    def day(self, entity: Entity, key: str) -> str | None:
        """Return a property that is a date."""
        text = self.text(entity, key)
        day = _day(text)
        if text is not None and day is None:
            self._lose(key, text, "is no date")
        return day

    def keywords(self, entity: Entity) -> Iterator[str]:
        """Yield keywords: of a text what its commas separate, of a term its name."""
        for text, term, item in self._items(entity, "keywords"):
            words = [word.strip() for word in (text or "").split(",")]
            name = _text((term or {}).get("name")) or _text((term or {}).get("termCode"))
            found = [word for word in (*words, name) if word]
            if not found:
                self._lose("keywords", item, "has no name" if term is not None else "is no text")
            yield from found

    def languages(self, entity: Entity) -> Iterator[str]:
        """Yield languages: tags as they are, of an entity that which is a tag, else its name."""
        for text, language, item in self._items(entity, "inLanguage"):
            keys = ("alternateName", "identifier", "name", "@id")
            stated = [t for key in keys if (t := _text((language or {}).get(key)))]
            tag = next((t for t in stated if _TAG.match(t)), None)
            found = text or tag or next(iter(stated), None) or _id(item)
            if found:
                yield found
            else:
                self._lose("inLanguage", item, "is no language")

    def identifiers(self, entity: Entity) -> Iterator[str]:
        """Yield what identifies the crate and is no DOI: a SWHID, a URN, an address."""
        for text, stated, item in self._items(entity, "identifier"):
            found = text or _text((stated or {}).get("value"))
            address = _id(item)
            if found is None and address is not None and is_iri(address):
                found = address
            if found is None:
                self._lose("identifier", item, "has no value")
            elif doi_of(found) is None:
                yield found

    # --- people and organisations -------------------------------------------------------------

    def agents(self, entity: Entity, key: str) -> list[Agent]:
        """Return people and organisations."""
        found = []
        for text, agent, item in self._items(entity, key):
            made = _person(text) if text else self._agent(agent, key) if agent else None
            if made is not None:
                found.append(made)
            else:
                self._lose(key, item, "has no name in the crate")
        return list(dict.fromkeys(found))

    def publisher(self, entity: Entity) -> str | None:
        """Return the name of the publisher."""
        names = [agent.name for agent in self.agents(entity, "publisher")]
        for name in names[1:]:
            self._lose("publisher", name, "is not the first, and only one is sent")
        return next(iter(names), None)

    def _agent(self, entity: Entity, key: str) -> Agent | None:
        name = _text(entity.get("name"))
        family, given = _text(entity.get("familyName")), _text(entity.get("givenName"))
        if not name:
            name = " ".join(part for part in (given, family) if part)
        if not name:
            return None
        orcid, ror = self._named(entity, f"{key} {name!r:.60}")
        if "Organization" in types(entity):
            return Agent(name, organisation=True, ror=ror)
        guess = _person(name)
        return Agent(
            name,
            family=family or guess.family,
            given=given or (guess.given if not family else ""),
            orcid=orcid,
            affiliations=tuple(self.organisations(entity, "affiliation")),
            guessed=not family,
        )

    def _named(self, entity: Entity, whose: str) -> tuple[str | None, str | None]:
        """Return the ORCID and the ROR of an entity."""
        texts = [str(entity.get("@id", ""))]
        for text, stated, item in self._items(entity, "identifier"):
            texts += [t for t in (text, _text((stated or {}).get("value")), _id(item)) if t]
        # Without its address a ROR id is too short to be told from another name.
        texts = [t for t in texts if orcid_of(t) or "orcid.org/" in t or "ror.org/" in t]
        for text in texts:
            kind = wrong_check_digit(text)
            if kind is not None:
                self._lose(whose + ":", text, f"is no {kind}, its check digit is wrong")
        orcids, rors = map(orcid_of, texts), map(ror_of, texts)
        return next(filter(None, orcids), None), next(filter(None, rors), None)

    def organisations(self, entity: Entity, key: str) -> Iterator[Organisation]:
        """Yield organisations."""
        for text, stated, item in self._items(entity, key):
            name = text or _text((stated or {}).get("name"))
            if name is None:
                self._lose(key, item, "has no name in the crate")
            else:
                yield Organisation(
                    name, self._named(stated, f"{key} {name!r:.60}")[1] if stated else None
                )

    # --- rights, works, money -----------------------------------------------------------------

    def licences(self, entity: Entity) -> Iterator[Licence]:
        """Yield licences."""
        for text, stated, item in self._items(entity, "license"):
            identifier = text or _id(item)
            if identifier is None:
                self._lose("license", item, "is no licence")
            elif identifier != NOT_STATED:
                stated = stated or self._crate.get(identifier) or {}
                name = _text(stated.get("name")) or identifier
                spdx = spdx_id(identifier) or spdx_id(_text(stated.get("identifier")) or "")
                yield Licence(spdx, name, identifier if is_web(identifier) else None)

    def related(self, root: Entity, main: Entity) -> Iterator[Related]:
        """Yield works that have an address."""
        pairs: list[tuple[Relation, Entity, str]] = [
            ("cites", root, "citation"),
            ("cites", main, "citation"),
            ("isderivedfrom", root, "isBasedOn"),
            ("isderivedfrom", main, "codeRepository"),
        ]
        for relation, entity, key in pairs:
            for text, work, item in self._items(entity, key):
                found = _address(text, work, item)
                if found is not None:
                    yield Related(relation, found, doi_of(found))
                elif key != "citation":
                    self._lose(key, item, "has no address on the web")

    def references(self, root: Entity, main: Entity) -> Iterator[str]:
        """Yield works that are cited and have no address, by what they are called."""
        for entity in (root, main):
            for text, work, item in self._items(entity, "citation"):
                if _address(text, work, item) is None:
                    name = text or _text((work or {}).get("name"))
                    if name:
                        yield name
                    else:
                        self._lose("citation", item, "has neither an address nor a name")

    def grants(self, entity: Entity) -> Iterator[Grant]:
        """Yield who paid, and by which grants."""
        funded: set[str] = set()
        for text, grant, item in self._items(entity, "funding"):
            stated = grant or {}
            funders = list(self.organisations(stated, "funder"))
            if not funders and "Organization" in types(stated) and _text(stated.get("name")):
                funders = list(self.organisations({"funding": item}, "funding"))
                stated = {}
            if not funders:
                self._lose("funding", text or item, "has no funder in the crate")
            for organisation in funders:
                funded.add(organisation.name)
                yield Grant(
                    organisation, self.text(stated, "name"), self.text(stated, "identifier")
                )
        for organisation in self.organisations(entity, "funder"):
            if organisation.name not in funded:
                yield Grant(organisation)


def _address(text: str | None, work: Entity | None, item: Any) -> str | None:
    """Return the DOI or web address of a work: its id, else what its entity says."""
    stated = [(work or {}).get(key) for key in ("identifier", "url", "sameAs")]
    texts = [text, _id(item), *(_text(v) or _id(v) for values_ in stated for v in values(values_))]
    return next((t for t in texts if t and (doi_of(t) or is_web(t))), None)


def _person(text: str) -> Agent:
    """Return a person of whom only the whole name is known; the last word is the family's."""
    text = " ".join(text.split())
    family, comma, given = text.partition(",")
    if not comma:
        given, _, family = text.rpartition(" ")
    return Agent(text, family=family.strip(), given=given.strip(), guessed=True)


def _id(item: Any) -> str | None:
    found = item.get("@id") if isinstance(item, dict) else None
    return found if isinstance(found, str) and found.strip() else None


def _text(value: Any) -> str | None:
    for item in values(value):
        if isinstance(item, dict):
            item = item.get("@value")
        if isinstance(item, (int, float)) and not isinstance(item, bool):
            item = str(item)
        if isinstance(item, str) and item.strip():
            return item.strip()
    return None


def _day(text: str | None) -> str | None:
    match = _DAY.match(text or "")
    return match[0] if match else None
