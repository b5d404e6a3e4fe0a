"""Statements of the files beside a workflow, as its metadata and as properties of its entity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fairwf.agents import identifier_iri
from fairwf.entities.descriptors import agent_id
from fairwf.entities.identifiers import local_id, ref, refs
from fairwf.ir.iris import is_iri
from fairwf.ir.metadata import Agent, Metadata
from fairwf.report import UsageFault
from fairwf.stated import Grant, Party, Statements
from fairwf.stated.model import FactKind

SPDX = ("https://spdx.org/licenses/", "http://spdx.org/licenses/")

# Facts of the software as a whole, and the properties that the workflow has for them. They are
# taken from its own folder only: those of a repository may be true of something else in it.
FURTHER: dict[FactKind, str] = {
    "requirement": "softwareRequirements",
    "system": "operatingSystem",
    "help": "softwareHelp",
    "status": "creativeWorkStatus",
    "access": "conditionsOfAccess",
    "parent": "isBasedOn",
    "published": "datePublished",
    "copyright_year": "copyrightYear",
}
_ROLES = {
    "maintainers": "maintainer",
    "funders": "funder",
    "sponsors": "sponsor",
    "holders": "copyrightHolder",
}


@dataclass(frozen=True)
class Stated:
    """What the workflow and the files beside it state; ``further`` are properties by name."""

    metadata: Metadata
    description: str | None = None
    maintainers: tuple[Agent, ...] = ()
    funders: tuple[Agent, ...] = ()
    sponsors: tuple[Agent, ...] = ()
    holders: tuple[Agent, ...] = ()
    grants: tuple[Grant, ...] = ()
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def people(self) -> list[Agent]:
        """All people and organisations that it names."""
        found = [*self.metadata.creators, *self.metadata.contributors]
        for name in _ROLES:
            found += getattr(self, name)
        return [*found, *(agent for grant in self.grants for agent in agents(grant.funders))]

    @property
    def properties(self) -> dict[str, Any]:
        """What the workflow's entity has of it, beside the metadata."""
        found = dict(self.further)
        for name, term in _ROLES.items():
            found[term] = refs(agent_id(agent) for agent in getattr(self, name))
        return {**found, "funding": refs(_grant_id(grant) for grant in self.grants)}

    def grant_entities(self) -> Iterator[dict[str, Any]]:
        """Yield the entities of grants."""
        for grant in self.grants:
            yield {
                "@type": "Grant",
                "@id": _grant_id(grant),
                "name": grant.name,
                "identifier": grant.identifier,
                "url": ref(grant.id) if grant.id and grant.id.startswith("http") else None,
                "funder": refs(agent_id(agent) for agent in agents(grant.funders)),
            }


def stated(statements: Statements, here: bool) -> Stated:
    """Return what a file states; of the workflow's own folder, or not."""
    facts = [fact for kind in FURTHER for fact in statements.of(kind)] if here else []
    further: dict[str, list[Any]] = {}
    for fact in facts:
        value = ref(fact.value) if is_iri(fact.value) and fact.kind != "status" else fact.value
        further.setdefault(FURTHER[fact.kind], []).append(value)
    return Stated(
        _metadata(statements, here),
        statements.first("description") if here else None,
        tuple(agents(statements.people("maintainer"))),
        tuple(agents(statements.people("funder"))),
        tuple(agents(statements.people("sponsor"))),
        tuple(agents(statements.people("holder"))),
        tuple(statements.grants),
        further,
    )


def _metadata(statements: Statements, here: bool) -> Metadata:
    identifiers = [doi(fact.value) for fact in statements.of("identifier")]
    citations = [doi(fact.value) for fact in statements.of("citation")]
    repositories = [fact.value for fact in statements.of("repository")]
    return Metadata(
        title=statements.first("title") if here else None,
        version=statements.first("version"),
        license=_licence(statements),
        creators=tuple(agents(statements.people("creator"))),
        contributors=tuple(agents(statements.people("contributor"))),
        identifiers=tuple(i for i in dict.fromkeys(identifiers) if is_iri(i)),
        citation=tuple(dict.fromkeys(citations)),
        keywords=tuple(dict.fromkeys(fact.value for fact in statements.of("keyword"))),
        url=_iri(statements.first("url")),
        repository=next((text for text in repositories if is_iri(text)), None),
        created=statements.first("created"),
        modified=statements.first("modified"),
    )


def _licence(statements: Statements) -> str | None:
    """Return the licence as an SPDX expression, or its IRI."""
    facts = statements.of("license")
    named = [fact.value for fact in facts if fact.key == "license"]
    if not named:
        return next((fact.value for fact in facts if is_iri(fact.value)), None)
    for prefix in SPDX:
        named = [text.removeprefix(prefix).removesuffix(".html") for text in named]
    return " OR ".join(dict.fromkeys(named))


def agents(parties: Iterable[Party]) -> Iterator[Agent]:
    """Yield the people and organisations that have a name."""
    for party in parties:
        if party.name:
            website = _iri(party.website) if party.organization else None
            yield Agent(
                name=party.name,
                id=party_id(party.id) or website,
                email=party.email,
                affiliation=next(iter(party.affiliations), None),
                organization=party.organization,
            )


def _grant_id(grant: Grant) -> str:
    return grant.id or local_id("grant", grant.identifier or grant.name)


def merged(own: Stated, other: Stated) -> Stated:
    """Return what is stated, completed by another source; people of the same name are one."""
    changed: dict[str, Any] = {
        name: getattr(other, name)
        for name in Stated.__dataclass_fields__
        if not getattr(own, name) and getattr(other, name)
    }
    changed["metadata"] = _merged_metadata(own.metadata, other.metadata)
    changed["further"] = {**other.further, **own.further}
    return Stated(**{**vars(own), **changed})


def _merged_metadata(own: Metadata, other: Metadata) -> Metadata:
    changed: dict[str, Any] = {
        name: getattr(other, name)
        for name in Metadata.__struct_fields__
        if not getattr(own, name) and getattr(other, name)
    }
    known = {agent.name: agent for agent in other.creators}
    if own.creators:
        changed["creators"] = tuple(
            _one(agent, known[agent.name]) if agent.name in known else agent
            for agent in own.creators
        )
    return msgspec.structs.replace(own, **changed)


def _one(agent: Agent, other: Agent) -> Agent:
    facts = {name: getattr(other, name) for name in ("id", "email", "affiliation")}
    missing = {name: value for name, value in facts.items() if value and not getattr(agent, name)}
    return msgspec.structs.replace(agent, **missing)


def _iri(text: str | None) -> str | None:
    return text if text and is_iri(text) else None


def doi(text: str) -> str:
    """Return a DOI as its IRI, other texts as they are."""
    return f"https://doi.org/{text}" if text.startswith("10.") else text


def party_id(text: str | None) -> str | None:
    """Return the IRI of a person or organisation; None where it is none."""
    try:
        return identifier_iri(text) if text else None
    except UsageFault:  # a stranger's file: an ORCID with a wrong digit is no identifier
        return None
