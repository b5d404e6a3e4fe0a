"""Identifiers of people, organisations and works by their syntax and check digits.

Sources: ORCID "Structure of the ORCID identifier" (ISO 7064, MOD 11-2); ROR "Identifier pattern"
(base 32 of Crockford, MOD 97-10); DOI Handbook, section 2.2. Nothing is resolved.
"""

from __future__ import annotations

import re

_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/)?([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])/?\Z",
    re.IGNORECASE,
)
_ROR = re.compile(r"(?:(?:https?://)?ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}[0-9]{2})/?\Z", re.I)
_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:)?(10\.[0-9]{4,9}/\S+)\Z", re.I)
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def orcid_of(text: str) -> str | None:
    """Return ``0000-0002-1825-0097`` of an ORCID iD or its IRI; None where it is not right."""
    found = _ORCID.match(text.strip())
    digits = found[1].upper() if found else ""
    return digits if _checked_orcid(digits) else None


def ror_of(text: str) -> str | None:
    """Return ``01ggx4157`` of a ROR id or its IRI; None where it is not right."""
    found = _ROR.match(text.strip())
    name = found[1].lower() if found else ""
    return name if _checked_ror(name) else None


def wrong_check_digit(text: str) -> str | None:
    """Return ``ORCID`` or ``ROR`` for what has the form of one and a wrong check digit."""
    for form, kind, right in ((_ORCID, "ORCID", orcid_of), (_ROR, "ROR", ror_of)):
        if form.match(text.strip()) and right(text) is None:
            return kind
    return None


def doi_of(text: str) -> str | None:
    """Return the DOI that a text is, in any of its ways of writing; None where it is none."""
    found = _DOI.match(text.strip())
    return found[1] if found else None


def _checked_orcid(digits: str) -> bool:
    plain = digits.replace("-", "")
    if not plain or set(plain[:-1]) == {"0"}:
        return False
    total = 0
    for digit in plain[:-1]:
        total = (total + int(digit)) * 2
    return plain[-1] == "0123456789X"[(12 - total % 11) % 11]


def _checked_ror(name: str) -> bool:
    if not name:
        return False
    number = 0
    for letter in name[1:7]:
        number = number * 32 + _CROCKFORD.index(letter)
    return int(name[7:]) == 98 - (number * 100) % 97
