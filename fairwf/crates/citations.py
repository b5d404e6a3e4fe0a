"""What the files beside a workflow state of it: ``CITATION.cff`` and ``codemeta.json``.

CFF 1.2, CodeMeta 2 and 3. The workflow's own metadata wins over them, ``CITATION.cff`` over
``codemeta.json``. Nothing is guessed: what is no text of the expected kind is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairwf.agents import identifier_iri
from fairwf.crates.metadata import FILE as METADATA
from fairwf.ir.iris import is_iri
from fairwf.ir.metadata import Agent, Metadata
from fairwf.report import Report, UsageFault
from fairwf.source import Limits, SourceError, document_tree, load_structured

CITATION, CODEMETA = "CITATION.cff", "codemeta.json"
READMES = ("README.md", "README.rst", "README.txt", "README")
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "LICENCE.md", "COPYING")

_LIMITS = Limits(bytes=8 * 1024 * 1024, nodes=100_000, depth=60)
_SPDX = "https://spdx.org/licenses/"


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


def completed(own: Metadata, files: list[Path], folder: Path | None, report: Report) -> Metadata:
    """Return the metadata of a workflow, with what the files say where it says nothing.

    The title of a file that is not in the workflow's own ``folder`` is that of its repository.
    """
    for path in files:
        if path.name in (CITATION, CODEMETA):
            read = _cff if path.name == CITATION else _codemeta
            found = read(_tree(path, report))
            if path.parent != folder:
                found = msgspec.structs.replace(found, title=None)
            own = _merged(own, found)
    return own


def _tree(path: Path, report: Report) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LIMITS.bytes:
            return {}
        tree = load_structured(path.read_bytes(), path.name, _LIMITS)
    except SourceError as error:
        report.add("FWF1004", error.message, span=error.span, severity="warning")
        return {}
    return tree if isinstance(tree, Mapping) else {}


def _merged(own: Metadata, other: Metadata) -> Metadata:
    """Return metadata completed by other; people of the same name are one."""
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


def _text(value: Any) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(t for item in items if (t := _text(item)))


def _iri(value: Any) -> str | None:
    text = _text(value)
    return text if text and is_iri(text) else None


def _doi(text: str | None) -> str | None:
    return f"https://doi.org/{text}" if text and text.startswith("10.") else text


def _agent_id(value: Any) -> str | None:
    text = _text(value)
    try:
        return identifier_iri(text) if text else None
    except UsageFault:  # a stranger's file: an ORCID with a wrong digit is no identifier
        return None


def _maps(value: Any) -> Iterator[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, Mapping))


def _cff(tree: Mapping[str, Any]) -> Metadata:
    identifiers = [_doi(_text(tree.get("doi")))]
    identifiers += [_doi(_text(item.get("value"))) for item in _maps(tree.get("identifiers"))]
    licences = _texts(tree.get("license"))
    return Metadata(
        title=_text(tree.get("title")),
        version=_text(tree.get("version")),
        license=" OR ".join(licences) or _iri(tree.get("license-url")),
        creators=tuple(_cff_people(tree.get("authors"))),
        identifiers=tuple(i for i in dict.fromkeys(identifiers) if i and is_iri(i)),
        keywords=_texts(tree.get("keywords")),
        url=_iri(tree.get("url")),
        repository=_iri(tree.get("repository-code")) or _iri(tree.get("repository")),
    )


def _cff_people(value: Any) -> Iterator[Agent]:
    for person in _maps(value):
        parts = (person.get(k) for k in ("given-names", "name-particle", "family-names"))
        name = " ".join(text for part in parts if (text := _text(part)))
        entity = _text(person.get("name"))
        if name or entity:
            yield Agent(
                name=name or entity or "",
                id=_agent_id(person.get("orcid"))
                or (_iri(person.get("website")) if entity else None),
                email=_text(person.get("email")),
                affiliation=_text(person.get("affiliation")),
                organization=not name,
            )


def _codemeta(tree: Mapping[str, Any]) -> Metadata:
    licence = next(iter(_named(tree.get("license"))), None)
    return Metadata(
        title=_text(tree.get("name")),
        version=_text(tree.get("version")) or _text(tree.get("softwareVersion")),
        license=licence.removeprefix(_SPDX) if licence else None,
        creators=tuple(_people(tree.get("author"))) or tuple(_people(tree.get("creator"))),
        contributors=tuple(_people(tree.get("contributor"))),
        identifiers=tuple(
            i for t in _named(tree.get("identifier")) if (i := _doi(t)) and is_iri(i)
        ),
        keywords=_texts(tree.get("keywords")),
        url=_iri(tree.get("url")),
        repository=_iri(tree.get("codeRepository")),
        created=_text(tree.get("dateCreated")),
        modified=_text(tree.get("dateModified")),
    )


def _named(value: Any) -> tuple[str, ...]:
    """Return texts, and the ids, values or names of objects."""
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items:
        if isinstance(item, Mapping):
            keys = ("@id", "id", "value", "name")
            item = next((item[key] for key in keys if _text(item.get(key))), None)
        text = _text(item)
        found += [text] if text else []
    return tuple(found)


def _people(value: Any) -> Iterator[Agent]:
    for person in _maps(value):
        parts = (person.get(k) for k in ("givenName", "familyName"))
        name = _text(person.get("name")) or " ".join(t for p in parts if (t := _text(p)))
        kind = person.get("@type") or person.get("type")
        if name:
            yield Agent(
                name=name,
                id=_agent_id(person.get("@id") or person.get("id")),
                email=_text(person.get("email")),
                affiliation=next(iter(_named(person.get("affiliation"))), None),
                organization=kind == "Organization",
            )
