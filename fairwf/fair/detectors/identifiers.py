"""Identifiers by their syntax and check digits; nothing is resolved.

Sources: :mod:`fairwf.ir.identifiers`; Handle (RFC 3651); ARK; SWHID 1.2.
"""

from __future__ import annotations

import re

from fairwf.ir.identifiers import doi_of, orcid_of, ror_of

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
    doi = doi_of(text)
    return doi is not None and not _HOLLOW.search(doi.split("/", 1)[1])


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
    return orcid_of(text) is not None


def same_identifier(a: str, b: str) -> bool:
    """Tell whether two texts are the same identifier: a DOI as name or IRI, a trailing slash."""

    def bare(text: str) -> str:
        return (doi_of(text) or text.strip().rstrip("/")).lower()

    return bare(a) == bare(b)


def bare_orcid(text: str) -> str:
    """Return an ORCID iD without its IRI."""
    return text.strip().rstrip("/").rsplit("/", 1)[-1].upper()


def is_ror(text: str) -> bool:
    """Tell whether a text is a ROR id with right check digits."""
    return "ror.org/" in text.lower() and ror_of(text) is not None


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
