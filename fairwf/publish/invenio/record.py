"""The facts of a crate as the metadata of an InvenioRDM record.

InvenioRDM documentation, "Metadata reference" (v14); resource types, relation types and schemes of
identifiers are those of invenio-rdm-records' default vocabularies, which Zenodo has, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from fairwf.publish.facts import Agent, Facts, Grant, Licence, Organisation, Related
from fairwf.publish.invenio.languages import language_id
from fairwf.report import InvalidError, Report

_RESOURCE_TYPES = {
    "workflow": "workflow",
    "run": "dataset",
    "software": "software",
    "dataset": "dataset",
}
_LONGEST_VERSION = 191


def record_metadata(
    facts: Facts, identity: str, report: Report, file: str, publisher: str | None = None
) -> dict[str, Any]:
    """Return the ``metadata`` of a record.

    Args:
        facts: what the crate says.
        identity: the URN of the crate, by which its draft is found again.
        report: takes what the record cannot say or had to guess (FWF5205).
        file: the crate, for messages.
        publisher: the name of the repository, for crates that state none.

    Raises:
        InvalidError: a required field is not stated in the crate (FWF5201), one error for each.
    """
    _require(facts, file)
    _tell(facts, publisher, report, file)
    metadata: dict[str, Any] = {
        "resource_type": {"id": _RESOURCE_TYPES[facts.kind]},
        "title": facts.title,
        "publication_date": facts.published,
        "creators": [_creator(agent) for agent in facts.authors],
        "description": _html(facts.description),
        "publisher": facts.publisher or publisher,
        "version": facts.version if _fits(facts.version) else None,
        "rights": [_right(licence) for licence in facts.licences],
        "subjects": [{"subject": word} for word in facts.keywords],
        "languages": [{"id": c} for c in map(language_id, facts.languages) if c],
        "contributors": [
            {**_creator(agent), "role": {"id": "other"}}
            for agent in facts.contributors
            if _has_family(agent)
        ],
        "dates": [{"date": day, "type": {"id": kind}} for kind, day in facts.dates.items()],
        "related_identifiers": [_related(work) for work in facts.related],
        "references": [{"reference": text} for text in facts.references],
        "funding": [_funding(grant) for grant in facts.grants],
        "identifiers": [
            {"identifier": identity, "scheme": "urn"},
            *({"identifier": text, "scheme": "other"} for text in facts.identifiers),
        ],
    }
    return {key: value for key, value in metadata.items() if value}


def _require(facts: Facts, file: str) -> None:
    missing = list(_missing(facts))
    if missing:
        found = Report()
        for what, hint in missing:
            found.add("FWF5201", what, file=file, hint=hint)
        raise InvalidError(found)


def _missing(facts: Facts) -> Iterator[tuple[str, str]]:
    if not facts.title or len(facts.title) < 3:
        yield (
            "the crate has no name of three characters or more, which a record needs as its title",
            "fairwf package --name TEXT, or a title in the workflow or its CITATION.cff",
        )
    if not facts.authors:
        yield (
            "the crate names no author, and a record needs one",
            "fairwf package --agent 'Ada Lovelace <ORCID>'; for a workflow that was not run, "
            "authors in CITATION.cff beside it",
        )
    if not facts.published:
        yield (
            "the crate has no datePublished that is a date",
            '"datePublished": "2026-11-27" in the root entity of ro-crate-metadata.json',
        )
    for agent in facts.authors:
        if not _has_family(agent):
            yield (
                f"the author {agent.name!r:.60} has no family name",
                '"familyName" in the entity of the person',
            )


def _tell(facts: Facts, publisher: str | None, report: Report, file: str) -> None:
    for text in facts.unread:
        report.add("FWF5205", text, file=file)
    everybody = (*facts.authors, *facts.contributors)
    guessed = [agent for agent in everybody if agent.guessed and agent.given and agent.family]
    for agent in guessed:
        report.add(
            "FWF5205",
            f"the name {agent.name!r:.60} is taken apart as family {agent.family!r:.40}, "
            f"given {agent.given!r:.40}",
            severity="note",
            file=file,
            hint='state "familyName" and "givenName" in the crate where that is wrong',
        )
    for agent in facts.contributors:
        if not _has_family(agent):
            report.add(
                "FWF5205",
                f"the contributor {agent.name!r:.60} has no family name, and is left out",
                file=file,
                hint='"familyName" in the entity of the person',
            )
    for grant in facts.grants:
        if (grant.title or grant.number) and not _is_award(grant):
            report.add(
                "FWF5205",
                f"the grant {grant.title or grant.number!r:.60} is left out, its funder stays: an "
                "award has a title and a number",
                file=file,
                hint='"name" and "identifier" in the entity of the grant',
            )
    if not facts.licences:
        report.add(
            "FWF5205",
            "the record says nothing of a licence, so nobody may use it",
            file=file,
            hint="fairwf package --license SPDX, or a LICENSE file beside the workflow",
        )
    if not (facts.publisher or publisher):
        report.add(
            "FWF5205",
            "the crate names no publisher, without which most repositories register no DOI",
            file=file,
            hint="fairwf package --publisher NAME: the name of the repository",
        )
    for text in facts.languages:
        if language_id(text) is None:
            report.add("FWF5205", f"the language {text!r:.40} is no ISO 639 code", file=file)
    if facts.version and not _fits(facts.version):
        report.add("FWF5205", f"the version is longer than {_LONGEST_VERSION}", file=file)


def _has_family(agent: Agent) -> bool:
    return agent.organisation or bool(agent.family)


def _is_award(grant: Grant) -> bool:
    return bool(grant.title and grant.number)


def _fits(version: str | None) -> bool:
    return version is not None and len(version) <= _LONGEST_VERSION


def _creator(agent: Agent) -> dict[str, Any]:
    if agent.organisation:
        who: dict[str, Any] = {"type": "organizational", "name": agent.name}
        identifier = ("ror", agent.ror)
    else:
        who = {"type": "personal", "family_name": agent.family, "given_name": agent.given}
        identifier = ("orcid", agent.orcid)
    if identifier[1]:
        who["identifiers"] = [{"scheme": identifier[0], "identifier": identifier[1]}]
    made: dict[str, Any] = {"person_or_org": {k: v for k, v in who.items() if v}}
    affiliations = {each.name: _organisation(each) for each in agent.affiliations}
    if affiliations:
        made["affiliations"] = list(affiliations.values())
    return made


def _organisation(found: Organisation) -> dict[str, str]:
    return {"id": found.ror, "name": found.name} if found.ror else {"name": found.name}


def _right(licence: Licence) -> dict[str, Any]:
    """Return a licence; ids of the vocabulary are SPDX's in lower case."""
    if licence.spdx:
        return {"id": licence.spdx.lower()}
    right: dict[str, Any] = {"title": {"en": licence.name}}
    return {**right, "link": licence.url} if licence.url else right


def _related(work: Related) -> dict[str, Any]:
    named = (
        {"identifier": work.doi, "scheme": "doi"}
        if work.doi
        else {"identifier": work.url, "scheme": "url"}
    )
    return {**named, "relation_type": {"id": work.relation}}


def _funding(grant: Grant) -> dict[str, Any]:
    made: dict[str, Any] = {"funder": _organisation(grant.funder)}
    if _is_award(grant):
        made["award"] = {"title": {"en": grant.title}, "number": grant.number}
    return made


def _html(text: str | None) -> str | None:
    """Return a text as HTML: paragraphs where lines are empty."""
    if not text:
        return None
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in paragraphs if part)
