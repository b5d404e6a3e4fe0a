"""What the files beside a workflow state and its crate does not say: dropped, or no place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fairwf.crates.facts import FURTHER, SPDX, Stated, agents, doi, party_id
from fairwf.ir.metadata import Agent
from fairwf.ir.origins import Span
from fairwf.report import Report
from fairwf.stated import Fact, Statements
from fairwf.stated.model import Role

_LISTS = {"identifier": "identifiers", "keyword": "keywords", "citation": "citation"}
_PEOPLE: dict[Role, str] = {
    "contributor": "contributor",
    "maintainer": "maintainer",
    "funder": "funder",
    "sponsor": "sponsor",
    "holder": "copyrightHolder",
}
_ORCID = re.compile(r"(?i)(?:https?://orcid\.org/|\d{4}-\d{4}-)")
_MOST_SHOWN = 400


@dataclass(frozen=True)
class Source:
    """The workflow (no ``path``), or a file: what it states; ``here``, if in the same folder."""

    path: Path | None
    stated: Stated
    statements: Statements | None = None
    here: bool = True

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path.name if self.path else "the workflow"


def tell_contradictions(before: Sequence[Source], source: Source, report: Report) -> None:
    """Tell where a file says another licence, version or authors than what wins over it.

    What wins is the first source that states the fact. The version and the authors of a whole
    repository may differ from those of a workflow in it, so these are told in a note.
    """
    facts: tuple[Literal["license", "version"], ...] = ("license", "version")
    for kind in facts:
        also = getattr(source.stated.metadata, kind)
        first = next((s for s in before if getattr(s.stated.metadata, kind)), None)
        if first is None or not also:
            continue
        said = getattr(first.stated.metadata, kind)
        if _same(said) != _same(also):
            what = "licence" if kind == "license" else kind
            text = f"the {what} is {said!r:.80} in {first.name}, and {also!r:.80} in {source.name}"
            _tell(text, first, source, kind, report)
    creators = source.stated.metadata.creators
    _tell_identifiers(before, source, report)
    first = next((s for s in before if s.stated.metadata.creators), None)
    if first is None or not creators:
        return
    names = _alone(first.stated.metadata.creators, creators)
    others = _alone(creators, first.stated.metadata.creators)
    if names or others:
        only = [
            f"only in {file}: {', '.join(some)[:120]}"
            for file, some in ((first.name, names), (source.name, others))
            if some
        ]
        _tell(f"the authors differ, {'; '.join(only)}", first, source, "creator", report)


def _tell_identifiers(before: Sequence[Source], source: Source, report: Report) -> None:
    """Tell where one author has another ORCID than in a source that wins over it."""
    for creator in source.stated.metadata.creators:
        named = (
            (other, agent)
            for other in before
            for agent in other.stated.metadata.creators
            if agent.id and _ORCID.match(agent.id) and _plain(agent.name) == _plain(creator.name)
        )
        first, known = next(named, (None, None))
        if first is None or known is None or known.id == creator.id:
            continue
        if not creator.id or not _ORCID.match(creator.id):
            continue
        ids = f"{known.id} in {first.name}, and {creator.id} in {source.name}"
        parties = source.statements.people("creator") if source.statements else ()
        of_name = [party for party in parties if _plain(party.name) == _plain(creator.name)]
        report.add(
            "FWF5022",
            f"{creator.name!r:.80} is {ids}: the crate has what {first.name} states",
            span=of_name[0].place("id")._replace(file=str(source.path)) if of_name else None,
            file=str(source.path) if source.path else None,
            hint="let them say the same; people of one name need names that tell them apart",
        )


def _tell(
    text: str,
    first: Source,
    source: Source,
    kind: Literal["license", "version", "creator"],
    report: Report,
) -> None:
    statements = source.statements
    if statements is None:
        return
    at = statements.people(kind) if kind == "creator" else statements.of(kind)
    alike = source.here or kind == "license" or first.path is not None
    report.add(
        "FWF5022",
        f"{text}: the crate has what {first.name} states",
        span=at[0].span._replace(file=str(source.path)),
        severity="warning" if alike else "note",
        hint="let them say the same" if alike else None,
    )


def tell_unsaid(source: Source, found: Stated, report: Report) -> None:
    """Tell what a file states that is not in the metadata of the crate, ``found``.

    What :func:`tell_contradictions` tells is not told again.
    """
    statements = source.statements
    if statements is None:
        return
    left = dict(statements.unread)
    for key, span in (*_facts(statements, source, found), *_parties(statements, found)):
        left.setdefault(key, span)
    if left:
        first = next(iter(left.values()))
        report.add(
            "FWF5023",
            f"{', '.join(left)[:_MOST_SHOWN]}: only the copy of {source.name} says it, not the "
            "metadata of the crate",
            span=first._replace(file=str(source.path)),
        )


def _facts(statements: Statements, source: Source, found: Stated) -> Iterator[tuple[str, Span]]:
    taken = {_same(text) for text in (found.metadata.license or "").split(" OR ")}
    taken |= {_same(found.metadata.license or "")}
    for fact in statements.facts:
        if fact.kind in ("license", "version"):
            chosen = _same(getattr(source.stated.metadata, fact.kind) or "")
            told = chosen != _same(getattr(found.metadata, fact.kind) or "")
            known = taken if fact.kind == "license" else {chosen}
            if not told and _same(fact.value) not in known:
                yield fact.key, fact.span
        elif not _has_no_place(fact) and _same(doi(fact.value)) in _held(fact, source, found):
            continue
        elif fact.kind != "contact" or fact.key == "issueTracker":
            yield fact.key, fact.span


def _has_no_place(fact: Fact) -> bool:
    return fact.kind in ("language", "engine_version") or fact.key == "issueTracker"


def _held(fact: Fact, source: Source, found: Stated) -> set[str]:
    """Return what the metadata of the crate says of the kind of a fact."""
    kind = fact.kind
    if not source.here and (kind in FURTHER or kind in ("title", "description")):
        return set()
    if kind in FURTHER:
        values = found.further.get(FURTHER[kind], ())
        texts = [value["@id"] if isinstance(value, dict) else value for value in values]
    elif kind in _LISTS:
        texts = [*getattr(found.metadata, _LISTS[kind])]
    else:
        holder = found if kind == "description" else found.metadata
        texts = [getattr(holder, kind, None) or ""]
    return {_same(doi(str(text).strip())) for text in texts}


def _parties(statements: Statements, found: Stated) -> Iterator[tuple[str, Span]]:
    people = {
        "contributor": found.metadata.contributors,
        "maintainer": found.maintainers,
        "funder": found.funders,
        "sponsor": found.sponsors,
        "holder": found.holders,
    }
    for party in statements.parties:
        if party.role == "contact":
            yield "contact", party.span
        elif party.role in people and _alone(agents([party]), people[party.role]):
            yield _PEOPLE[party.role], party.span
        if party.id and _ORCID.match(party.id) and party_id(party.id) is None:
            yield f"the identifier {party.id!r:.60} of {party.name:.60}", party.place("id")
        if len(party.affiliations) > 1:
            yield f"affiliations of {party.name:.60}", party.place("affiliation")
    known = {(grant.name, grant.identifier) for grant in found.grants}
    for grant in statements.grants:
        if (grant.name, grant.identifier) not in known:
            yield "funding", grant.span


def _same(text: str) -> str:
    """Return a text as others may write it: ``MIT``, ``v1.0``."""
    for prefix in SPDX:
        text = text.removeprefix(prefix).removesuffix(".html")
    return re.sub(r"\Av(?=[0-9])", "", text.casefold())


def _alone(people: Iterable[Agent], others: Iterable[Agent]) -> list[str]:
    """Return the names of people who are not among others, by name or identifier."""
    others = list(others)
    ids = {agent.id for agent in others if agent.id}
    words = {_plain(agent.name) for agent in others}
    return [a.name for a in people if a.id not in ids and _plain(a.name) not in words]


def _plain(name: str) -> frozenset[str]:
    """Return the words of a name: ``Lovelace, Ada`` and ``Ada Lovelace`` are one."""
    return frozenset(name.casefold().replace(",", " ").split())
