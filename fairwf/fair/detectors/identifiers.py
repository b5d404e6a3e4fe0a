"""Identifiers by their syntax and check digits; nothing is resolved.

Sources: DOI Handbook section 2.2; ORCID "Structure of the ORCID identifier" (ISO 7064 MOD 11-2);
Handle (RFC 3651); ARK; SWHID 1.2.
"""

from __future__ import annotations

import re

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/[^\s\"'<>]+)", re.I)
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.I)
_OTHERS = (
    re.compile(r"https?://hdl\.handle\.net/\S+\Z", re.I),
    re.compile(r"(?:https?://\S+/)?ark:/?\d{5,9}/\S+\Z", re.I),
    re.compile(r"https?://(?:w3id\.org|purl\.org)/\S+\Z", re.I),
    re.compile(r"swh:1:(?:cnt|dir|rev|rel|snp):[0-9a-f]{40}\b"),
    re.compile(r"https?://workflowhub\.eu/workflows/\d+(?:\?version=\d+)?\Z", re.I),
)
_HOLLOW = re.compile(r"x{3,}|0{7,}|todo|your|example|placeholder|12345(?:67)?\Z", re.I)


def is_doi(text: str) -> bool:
    """Tell whether a text is a DOI, as name or IRI, that is no template."""
    match = _DOI.fullmatch(text.strip())
    return match is not None and not _HOLLOW.search(match[1].split("/", 1)[1])


def is_persistent(text: str) -> bool:
    """Tell whether a text is a DOI, Handle, ARK, w3id, SWHID or WorkflowHub identifier."""
    text = text.strip()
    if is_doi(text):
        return True
    return any(p.match(text) for p in _OTHERS) and not _HOLLOW.search(text)


def names_itself(text: str) -> bool:
    """Tell whether a text in prose is an identifier that archives give: DOI, SWHID, WorkflowHub.

    Other kinds stand in prose for anything, such as the IRI of a profile.
    """
    text = text.strip()
    return is_doi(text) or (is_persistent(text) and ("swh:1:" in text or "workflowhub" in text))


def is_orcid(text: str) -> bool:
    """Tell whether a text is an ORCID iD with a right check digit."""
    match = _ORCID.fullmatch(text.strip())
    if match is None:
        return False
    digits = match[1].replace("-", "").upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return digits[15] == ("X" if check == 10 else str(check)) and digits[:15] != "0" * 15


def same_identifier(a: str, b: str) -> bool:
    """Tell whether two texts are the same identifier: a DOI as name or IRI, a trailing slash."""

    def bare(text: str) -> str:
        match = _DOI.fullmatch(text.strip())
        return (match[1] if match else text.strip().rstrip("/")).lower()

    return bare(a) == bare(b)


def bare_orcid(text: str) -> str:
    """Return an ORCID iD without its IRI."""
    return text.strip().rstrip("/").rsplit("/", 1)[-1].upper()


_ROR = re.compile(r"(?:https?://)?ror\.org/(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?\Z", re.I)
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def is_ror(text: str) -> bool:
    """Tell whether a text is a ROR id with right check digits (base 32 of Crockford, MOD 97-10)."""
    match = _ROR.fullmatch(text.strip())
    if match is None:
        return False
    name = match[1].lower()
    number = 0
    for letter in name[1:7]:
        number = number * 32 + _CROCKFORD.index(letter)
    return int(name[7:]) == 98 - (number * 100) % 97


_ARCHIVES = re.compile(
    r"10\.5281/zenodo|10\.6084/m9\.figshare|10\.48546/workflowhub|10\.17605/osf|10\.7910/dvn|"
    r"10\.5061/dryad|swh:1:|workflowhub\.eu/workflows/\d+|archive\.softwareheritage\.org/swh:1:",
    re.I,
)


def is_archived(text: str) -> bool:
    """Tell whether a text is an identifier that an archive of software or data gives."""
    return bool(_ARCHIVES.search(text)) and not _HOLLOW.search(text)


VOCABULARIES = re.compile(
    r"https?://(?:edamontology\.org/|semanticscience\.org/resource/|purl\.obolibrary\.org/obo/|"
    r"www\.ebi\.ac\.uk/(?:efo|swo)/|www\.iana\.org/assignments/media-types/|"
    r"(?:www\.)?nationalarchives\.gov\.uk/pronom/|purl\.org/|w3id\.org/|schema\.org/|"
    r"vocabs?\.[\w.]+/|www\.wikidata\.org/(?:wiki|entity)/)\S+",
    re.I,
)
"""IRIs of terms that vocabularies publish."""
