"""Creators, joined across files: one person by ORCID iD or name."""

from __future__ import annotations

from dataclasses import dataclass, field

from fairwf.fair.detectors.identifiers import bare_orcid
from fairwf.fair.detectors.placeholders import is_placeholder, words
from fairwf.fair.reading.claims import Claim


@dataclass
class Person:
    """What all files together say of one person."""

    names: list[Claim] = field(default_factory=list)
    orcids: list[Claim] = field(default_factory=list)
    affiliations: list[Claim] = field(default_factory=list)

    @property
    def claims(self) -> list[Claim]:
        """Everything that is said."""
        return [*self.names, *self.orcids, *self.affiliations]


def people(claims: list[Claim]) -> list[Person]:
    """Return the persons that claims of kinds creator, orcid and affiliation are about."""
    records: dict[tuple[str, str], Person] = {}
    for claim in claims:
        person = records.setdefault((claim.file, claim.about), Person())
        if claim.kind == "creator" and not is_placeholder(claim.value):
            person.names.append(claim)
        elif claim.kind == "orcid":
            person.orcids.append(claim)
        elif claim.kind == "affiliation" and not is_placeholder(claim.value):
            person.affiliations.append(claim)
    joined: list[Person] = []
    for record in records.values():
        if not record.names:
            continue
        same = next((known for known in joined if _same(known, record)), None)
        if same is None:
            joined.append(record)
        else:
            same.names += record.names
            same.orcids += record.orcids
            same.affiliations += record.affiliations
    return joined


def _same(a: Person, b: Person) -> bool:
    if a.orcids and b.orcids:
        return bare_orcid(a.orcids[0].value) == bare_orcid(b.orcids[0].value)
    return bool(_names(a) & _names(b))


def _names(person: Person) -> set[str]:
    return {" ".join(sorted(words(claim.value))) for claim in person.names}
