"""The facts about a workflow that all its sources agree on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fairwf.fair.detectors.identifiers import bare_orcid, is_doi, is_orcid
from fairwf.fair.detectors.licences import recognise, same_text, spdx_id
from fairwf.fair.detectors.placeholders import is_placeholder, words
from fairwf.fair.detectors.versions import bare_version, is_version
from fairwf.fair.indicators.r1_1_licence import licence_files
from fairwf.fair.reading.languages import language_version
from fairwf.fair.reading.people import Person, people
from fairwf.fair.reading.prose import summary
from fairwf.fair.subject import Subject
from fairwf.formats import converters


@dataclass(frozen=True)
class Author:
    """A creator as the sources name them."""

    name: str
    given: str | None
    family: str | None
    orcid: str | None
    affiliation: str | None


@dataclass(frozen=True)
class Facts:
    """What may be written. None and empty: not known, or contradicted."""

    title: str | None
    description: str | None
    authors: tuple[Author, ...]
    version: str | None
    licence: str | None
    repository: str | None
    doi: str | None
    keywords: tuple[str, ...]
    language: str | None
    language_version: str | None


def facts(subject: Subject, licence: str | None = None) -> Facts:
    """Return the facts of a subject; ``licence`` is an SPDX id that the user chose.

    Raises:
        EnvironmentFault: the extra ``fair`` is not installed.
    """
    language, version = _language(subject)
    return Facts(
        title=_title(subject),
        description=_description(subject),
        authors=tuple(
            _author(p) for p in people(subject.claims("creator", "orcid", "affiliation"))
        ),
        version=_version(subject),
        licence=_licence(subject) or licence,
        repository=_repository(subject),
        doi=_doi(subject),
        keywords=_keywords(subject),
        language=language,
        language_version=version,
    )


def _title(subject: Subject) -> str | None:
    stated = [c for c in subject.claims("title") if not is_placeholder(c.value)]
    if not stated and subject.readme is not None:
        said = summary(subject.readme_lines, str(subject.readme))
        stated = [c for c in said if c.kind == "title" and not is_placeholder(c.value)]
    if len({tuple(words(claim.value)) for claim in stated}) != 1:
        return None
    return " ".join(stated[0].value.split())


def _description(subject: Subject) -> str | None:
    stated = [c for c in subject.claims("description") if not is_placeholder(c.value)]
    different = {tuple(words(claim.value)) for claim in stated}
    return " ".join(stated[0].value.split()) if len(different) == 1 else None


def _author(person: Person) -> Author:
    name = person.names[0].value.strip()
    orcids = {bare_orcid(c.value) for c in person.orcids if is_orcid(c.value)}
    places = [claim.value for claim in person.affiliations]
    family, given = None, None
    if "," in name:
        family, _, given = (part.strip() for part in name.partition(","))
    elif len(name.split()) == 2:
        given, family = name.split()
    return Author(
        name=name,
        given=given or None,
        family=family or None,
        orcid=f"https://orcid.org/{orcids.pop()}" if len(orcids) == 1 else None,
        affiliation=places[0] if len(set(places)) == 1 else None,
    )


def _version(subject: Subject) -> str | None:
    stated = [c for c in subject.claims("version") if not is_placeholder(c.value)]
    values = {bare_version(claim.value) for claim in stated if is_version(claim.value)}
    if len(values) == 1:
        return values.pop()
    # Of several tags nobody says which one is checked out.
    tags = {bare_version(tag) for tag in subject.git.tags if is_version(tag)}
    return tags.pop() if not stated and len(tags) == 1 else None


def _licence(subject: Subject) -> str | None:
    found = {spdx for c in subject.claims("license") if (spdx := spdx_id(c.value))}
    texts = {spdx for p in licence_files(subject) if (spdx := recognise(subject.text(p)))}
    if len(found) == 1:
        only = next(iter(found))
        return only if not texts or any(same_text(only, text) for text in texts) else None
    if not found and len(texts) == 1:
        only = texts.pop()
        # A text of the GPL family does not say whether later versions are allowed.
        return None if re.search(r"GPL-\d|GFDL", only) else only
    return None


def _repository(subject: Subject) -> str | None:
    stated = {c.value.strip() for c in subject.claims("repository") if c.value.startswith("http")}
    stated = {url for url in stated if not is_placeholder(url)}
    if len(stated) == 1:
        return stated.pop()
    remote = subject.git.remote
    if stated or remote is None:
        return None
    match = re.fullmatch(r"(?:ssh://)?git@([\w.-]+)[:/](\S+?)(?:\.git)?/?", remote)
    url = f"https://{match[1]}/{match[2]}" if match else remote
    # What a password or token stands in is nobody's address.
    return url.removesuffix(".git") if re.match(r"https?://[^@\s]+\Z", url) else None


def _doi(subject: Subject) -> str | None:
    dois = {c.value for c in subject.claims("identifier") if is_doi(c.value)}
    bare = {
        re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:)", "", d.strip(), flags=re.I) for d in dois
    }
    return bare.pop() if len(bare) == 1 else None


def _keywords(subject: Subject) -> tuple[str, ...]:
    stated = [c.value.strip() for c in subject.claims("keyword") if not is_placeholder(c.value)]
    return tuple(dict.fromkeys(text for text in stated if "://" not in text))


def _language(subject: Subject) -> tuple[str | None, str | None]:
    if subject.document is None or subject.document.format is None:
        return None, None
    known = converters().get(subject.document.format)
    stated = language_version(subject)
    name = known.title if known else subject.document.format
    return name, stated.value if stated is not None else None
