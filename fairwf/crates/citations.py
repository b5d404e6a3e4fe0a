"""What the files beside a workflow add to its crate: ``CITATION.cff`` and ``codemeta.json``.

The workflow's own metadata wins over them, ``CITATION.cff`` over ``codemeta.json``; where two of
them say different things of licence, version or authors, that is told. Statements that the metadata
of a crate has no place for are told, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from fairwf.agents import identifier_iri
from fairwf.entities.descriptors import agent_id
from fairwf.entities.identifiers import local_id, ref, refs
from fairwf.entities.metadata import FILE as METADATA
from fairwf.ir.iris import is_iri
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.origins import Span
from fairwf.report import Report, UsageFault
from fairwf.source import Limits, SourceError, SourceMap, document_tree, load_structured
from fairwf.stated import CITATION, CODEMETA, READERS, Fact, Grant, Party, Statements
from fairwf.stated.model import FactKind

READMES = ("README.md", "README.rst", "README.txt", "README")
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "LICENCE.md", "COPYING")

_LIMITS = Limits(bytes=8 * 1024 * 1024, nodes=100_000, depth=60)
_SPDX = ("https://spdx.org/licenses/", "http://spdx.org/licenses/")

# Facts of the software as a whole, and the properties that the workflow has for them. They are
# taken from its own folder only: those of a repository may be true of something else in it.
_FURTHER: dict[FactKind, str] = {
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
        return [*found, *(agent for grant in self.grants for agent in _agents(grant.funders))]

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
                "funder": refs(agent_id(agent) for agent in _agents(grant.funders)),
            }


def metadata_files(folder: Path) -> list[Path]:
    """Return the files that state metadata or a licence: of a folder, else of its repository."""
    for place in dict.fromkeys((folder, document_tree(folder))):
        paths = [place / name for name in (CITATION, CODEMETA, *LICENCES)]
        found = [p for p in paths if p.is_file() and not p.is_symlink()]
        if found:
            return found
    return []


def readme_file(folder: Path) -> Path | None:
    """Return the file that tells people of a workflow: of its folder, else of its repository."""
    for place in dict.fromkeys((folder, document_tree(folder))):
        if place != folder and (place / METADATA).exists():
            continue  # the crate's own, which another crate gets anew
        for name in READMES:
            path = place / name
            if path.is_file() and not path.is_symlink():
                return path
    return None


def completed(own: Metadata, files: list[Path], folder: Path | None, report: Report) -> Stated:
    """Return the metadata of a workflow, with what the files say where it says nothing.

    The title of a file that is not in the workflow's own ``folder`` is that of its repository, and
    so are its description and what the software needs.
    """
    found = Stated(own)
    sources: list[tuple[str, Metadata, Statements | None]] = [("the workflow", own, None)]
    for path in files:
        if path.name not in READERS:
            continue
        statements = _read(path, report)
        if statements is None:
            continue
        here = path.parent == folder
        more = _stated(statements, here)
        for who, other, before in sources:
            if before is not None or here:
                _tell_contradictions(who, other, statements, more.metadata, path, report, before)
        sources.append((path.name, more.metadata, statements))
        _tell_unread(statements, path, here, report)
        found = _merged(found, more)
    return found


def _read(path: Path, report: Report) -> Statements | None:
    try:
        if path.stat().st_size > _LIMITS.bytes:
            text = f"larger than {_LIMITS.bytes // 2**20} MiB: it is not read"
            report.add("FWF1004", text, file=str(path), severity="warning")
            return None
        tree = load_structured(path.read_bytes(), path.name, _LIMITS)
    except SourceError as error:
        report.add("FWF1004", error.message, span=error.span, severity="warning")
        return None
    if not isinstance(tree, SourceMap):
        report.add("FWF1004", "it holds no object", file=str(path), severity="warning")
        return None
    return READERS[path.name](tree)


# --- what does not go together, or nowhere ------------------------------------------------------


def _tell_contradictions(
    who: str,
    one: Metadata,
    statements: Statements,
    other: Metadata,
    path: Path,
    report: Report,
    before: Statements | None,
) -> None:
    """Tell where two sources say different things; the first one's stand in the crate."""
    facts: tuple[FactKind, ...] = ("license", "version")
    for kind in facts:
        said, also = getattr(one, kind), getattr(other, kind)
        if said and also and _same(said) != _same(also):
            what = "licence" if kind == "license" else kind
            text = f"the {what} is {said!r:.80} in {who}, and {also!r:.80} in {path.name}"
            _contradiction(text, who, statements.of(kind)[0].span, path, report)
    if before is None or not (one.creators and other.creators):
        return
    names, others = _alone(one.creators, other.creators), _alone(other.creators, one.creators)
    if names or others:
        only = [
            f"only in {file}: {', '.join(some)[:120]}"
            for file, some in ((who, names), (path.name, others))
            if some
        ]
        text = f"the authors differ, {'; '.join(only)}"
        _contradiction(text, who, statements.people("creator")[0].span, path, report)


def _same(text: str) -> str:
    """Return a licence or version as others may write it: ``MIT``, ``v1.0``."""
    for prefix in _SPDX:
        text = text.removeprefix(prefix).removesuffix(".html")
    return re.sub(r"\Av(?=[0-9])", "", text.casefold())


def _contradiction(text: str, who: str, span: Span, path: Path, report: Report) -> None:
    report.add(
        "FWF5022",
        f"{text}: the crate has what {who} states",
        span=_in_file(span, path),
        hint="let them say the same",
    )


def _in_file(span: Span, path: Path) -> Span:
    return span._replace(file=str(path))


def _alone(people: Iterable[Agent], others: Iterable[Agent]) -> list[str]:
    """Return the names of people who are not among others, by name or identifier."""
    ids = {agent.id for agent in others if agent.id}
    words = {_plain(agent.name) for agent in others}
    return [a.name for a in people if a.id not in ids and _plain(a.name) not in words]


def _plain(name: str) -> frozenset[str]:
    """Return the words of a name: ``Lovelace, Ada`` and ``Ada Lovelace`` are one."""
    return frozenset(name.casefold().replace(",", " ").split())


def _tell_unread(statements: Statements, path: Path, here: bool, report: Report) -> None:
    left = dict(statements.unread)
    for fact in statements.facts:
        if _has_no_place(fact, here):
            left.setdefault(fact.key, fact.span)
    for party in statements.people("contact"):
        left.setdefault("contact", party.span)
    if left:
        first = next(iter(left.values()))
        report.add(
            "FWF5023",
            f"{', '.join(left)[:200]}: only the copy of {path.name} says it, not the metadata of "
            "the crate",
            span=_in_file(first, path),
        )


def _has_no_place(fact: Fact, here: bool) -> bool:
    if fact.kind in ("language", "engine_version") or fact.key == "issueTracker":
        return True
    return not here and (fact.kind in _FURTHER or fact.kind == "description")


# --- statements to metadata ---------------------------------------------------------------------


def _stated(statements: Statements, here: bool) -> Stated:
    facts = [fact for kind in _FURTHER for fact in statements.of(kind)] if here else []
    further: dict[str, list[Any]] = {}
    for fact in facts:
        value = ref(fact.value) if is_iri(fact.value) and fact.kind != "status" else fact.value
        further.setdefault(_FURTHER[fact.kind], []).append(value)
    return Stated(
        _metadata(statements, here),
        statements.first("description") if here else None,
        tuple(_agents(statements.people("maintainer"))),
        tuple(_agents(statements.people("funder"))),
        tuple(_agents(statements.people("sponsor"))),
        tuple(_agents(statements.people("holder"))),
        tuple(statements.grants),
        further,
    )


def _metadata(statements: Statements, here: bool) -> Metadata:
    identifiers = [_doi(fact.value) for fact in statements.of("identifier")]
    citations = [_doi(fact.value) for fact in statements.of("citation")]
    repositories = [fact.value for fact in statements.of("repository")]
    return Metadata(
        title=statements.first("title") if here else None,
        version=statements.first("version"),
        license=_licence(statements),
        creators=tuple(_agents(statements.people("creator"))),
        contributors=tuple(_agents(statements.people("contributor"))),
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
    for prefix in _SPDX:
        named = [text.removeprefix(prefix).removesuffix(".html") for text in named]
    return " OR ".join(dict.fromkeys(named))


def _agents(parties: Iterable[Party]) -> Iterator[Agent]:
    for party in parties:
        if party.name:
            website = _iri(party.website) if party.organization else None
            yield Agent(
                name=party.name,
                id=_agent_id(party.id) or website,
                email=party.email,
                affiliation=next(iter(party.affiliations), None),
                organization=party.organization,
            )


def _grant_id(grant: Grant) -> str:
    return grant.id or local_id("grant", grant.identifier or grant.name)


def _merged(own: Stated, other: Stated) -> Stated:
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


def _doi(text: str) -> str:
    return f"https://doi.org/{text}" if text.startswith("10.") else text


def _agent_id(text: str | None) -> str | None:
    try:
        return identifier_iri(text) if text else None
    except UsageFault:  # a stranger's file: an ORCID with a wrong digit is no identifier
        return None
