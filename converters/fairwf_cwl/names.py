"""Identifiers, IRIs and namespaces of CWL documents (Schema Salad 1.2, "Identifiers")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://|(file|urn|data|mailto):")


def scheme_of(reference: str) -> str | None:
    """Return the scheme of an absolute IRI in small letters, or None for a relative one."""
    match = _SCHEME.match(reference)
    return (match.group(1) or match.group(2)).lower() if match else None


def short(identifier: str) -> str:
    """Return the last part of an identifier: ``reads`` for ``#main/reads`` and ``a.cwl#reads``."""
    return identifier.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def path_of(identifier: str) -> list[str]:
    """Return the parts after ``#``: ``["main", "step", "out"]`` for ``#main/step/out``."""
    return [part for part in identifier.rsplit("#", 1)[-1].split("/") if part]


def expand(name: str, namespaces: Mapping[str, str]) -> str:
    """Return the IRI of ``prefix:rest`` where the prefix is declared, else the name itself."""
    prefix, colon, rest = name.partition(":")
    if colon and prefix in namespaces and not rest.startswith("//"):
        return namespaces[prefix] + rest
    return name


_REST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")


def compact(iri: str, namespaces: Mapping[str, str]) -> str:
    """Return an IRI with the prefix that says most of it, itself where none does."""
    found = [
        (len(start), prefix)
        for prefix, start in namespaces.items()
        if prefix and start and iri.startswith(start) and _REST.match(iri[len(start) :])
    ]
    if not found:
        return iri
    length, prefix = max(found)
    short_ = f"{prefix}:{iri[length:]}"
    return short_ if expand(short_, namespaces) == iri else iri


def declared(namespaces: object) -> dict[str, str]:
    """Return the prefixes of a ``$namespaces`` value that name an IRI, without any others."""
    if not isinstance(namespaces, Mapping):
        return {}
    return {key: iri for key, iri in namespaces.items() if isinstance(iri, str)}


def is_foreign(key: str) -> bool:
    """Tell whether a key belongs to another vocabulary: ``s:author`` or a full IRI."""
    return ":" in key


def file_path(location: str) -> str:
    """Return the path on this machine that a relative or ``file`` IRI names; others as they are."""
    scheme = scheme_of(location)
    if scheme == "file":
        here = re.match(r"file:(//(localhost)?(?=/))?(?!//)", location, re.IGNORECASE)
        return unquote(location[here.end() :]) if here else location
    return unquote(location) if scheme is None else location


CWL = "https://w3id.org/cwl/cwl#"
CWLTOOL = "http://commonwl.org/cwltool#"


def class_name(name: object, namespaces: Mapping[str, str]) -> object:
    """Return the usual name of a class: ``cwltool:X`` for cwltool's, bare ones for CWL's.

    What is no text is given back as it is.
    """
    if not isinstance(name, str):
        return name
    full = expand(name, {"cwl": CWL, "cwltool": CWLTOOL, **namespaces})
    if full.startswith(CWL):
        return full[len(CWL) :]
    return "cwltool:" + full[len(CWLTOOL) :] if full.startswith(CWLTOOL) else full


def requirements_key(key: str, namespaces: Mapping[str, str]) -> bool:
    """Tell whether a key of a job file is ``cwl:requirements``."""
    return key == "cwl:requirements" or expand(key, namespaces) in (
        "https://w3id.org/cwl/cwl#requirements",
    )
