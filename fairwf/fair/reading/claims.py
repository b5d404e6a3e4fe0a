"""Claims: what the files of a repository or crate state about a workflow, each with its place.

Read are ``CITATION.cff`` (CFF 1.2), ``codemeta.json`` (CodeMeta 2 and 3),
``ro-crate-metadata.json`` (RO-Crate 1.1 to 1.3), ``.zenodo.json``, and the workflow's own metadata.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from fairwf.fair.outcome import Evidence
from fairwf.fair.reading.crate import Crate, texts
from fairwf.ir.origins import Span
from fairwf.source import Limits, SourceError, SourceMap, load_structured
from fairwf.stated import CITATION, CODEMETA, READERS, Party, people
from fairwf.stated.model import FactKind

Kind = Literal[
    "identifier",
    "version",
    "title",
    "description",
    "creator",
    "orcid",
    "affiliation",
    "license",
    "repository",
    "main_file",
    "language",
    "engine_version",
    "keyword",
    "citation",
    "contact",
    "status",
    "access",
    "parent",
]

METADATA_FILES = (CITATION, CODEMETA, "ro-crate-metadata.json", ".zenodo.json")
"""The machine-readable metadata files that are read."""

_LIMITS = Limits(bytes=32 * 1024 * 1024, nodes=500_000, depth=100)


class Claim(NamedTuple):
    """A statement of a file. ``about`` groups claims of one person."""

    kind: Kind
    value: str
    file: str
    line: int | None
    about: str = ""

    def evidence(self) -> Evidence:
        """Return the claim as evidence."""
        return Evidence(file=self.file, line=self.line, value=f"{self.kind}: {self.value}"[:200])


class MetadataFile(NamedTuple):
    """A metadata file as it was found; ``fault`` says why it could not be read."""

    name: str
    tree: Any
    fault: str | None
    claims: tuple[Claim, ...]


def read_metadata_file(folder: Path, name: str) -> MetadataFile | None:
    """Return a metadata file of a folder, None where it has none."""
    path = folder / name
    if path.is_symlink() or not path.is_file():
        return None
    if path.stat().st_size > _LIMITS.bytes:
        return MetadataFile(name, None, f"larger than {_LIMITS.bytes // 1024**2} MiB", ())
    try:
        tree = load_structured(path.read_bytes(), name, _LIMITS)
    except SourceError as error:
        return MetadataFile(name, None, f"line {error.span.line}: {error.message}", ())
    if not isinstance(tree, SourceMap):
        return MetadataFile(name, tree, "holds no object", ())
    reader = {
        CITATION: _stated,
        CODEMETA: _stated,
        "ro-crate-metadata.json": _crate,
        ".zenodo.json": _zenodo,
    }[name]
    return MetadataFile(name, tree, None, tuple(reader(tree, name)))


def _line(tree: SourceMap, key: str) -> int:
    span: Span = tree.value_span(key)
    return span.line


def _simple(tree: SourceMap, file: str, table: dict[str, Kind]) -> Iterator[Claim]:
    for key, kind in table.items():
        for text in texts(tree[key]) if key in tree else ():
            yield Claim(kind, text, file, _line(tree, key))


def _maps(tree: SourceMap, key: str) -> Iterator[SourceMap]:
    value = tree.get(key)
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, SourceMap))


_KINDS: dict[FactKind, Kind] = {
    "identifier": "identifier",
    "version": "version",
    "title": "title",
    "description": "description",
    "license": "license",
    "repository": "repository",
    "language": "language",
    "engine_version": "engine_version",
    "keyword": "keyword",
    "citation": "citation",
    "contact": "contact",
    "status": "status",
    "access": "access",
    "parent": "parent",
}


def _stated(tree: SourceMap, file: str) -> Iterator[Claim]:
    """Yield what ``CITATION.cff`` or ``codemeta.json`` states."""
    found = READERS[file](tree)
    for fact in found.facts:
        if fact.kind in _KINDS:
            yield Claim(_KINDS[fact.kind], fact.value, file, fact.span.line)
    yield from _people((p for p in found.parties if p.role == "creator"), file)


def _people(parties: Iterable[Party], file: str) -> Iterator[Claim]:
    for number, person in enumerate(parties):
        about = str(number)
        yield Claim("creator", person.name, file, person.span.line, about)
        if person.id is not None and (file == CITATION or "orcid" in person.id):
            yield Claim("orcid", person.id, file, person.place("id").line, about)
        for text in person.affiliations:
            yield Claim("affiliation", text, file, person.place("affiliation").line, about)


_ROOT_OF_CRATE: dict[str, Kind] = {
    "identifier": "identifier",
    "cite-as": "identifier",
    "version": "version",
    "name": "title",
    "description": "description",
    "license": "license",
    "codeRepository": "repository",
    "isBasedOn": "parent",
    "mainEntity": "main_file",
    "citation": "citation",
    "creativeWorkStatus": "status",
    "conditionsOfAccess": "access",
}
# Of a run crate the root describes the run, not the workflow.
_OF_THE_RUN = ("identifier", "cite-as", "version", "name", "description", "license")


def _crate(tree: SourceMap, file: str) -> Iterator[Claim]:
    crate = Crate(tree, file)
    root, main = crate.root, crate.main
    if root is None:
        return
    table = dict(_ROOT_OF_CRATE)
    if crate.is_run and main is not None:
        table = {key: kind for key, kind in table.items() if key not in _OF_THE_RUN}
    yield from _simple(root, file, table)
    yield from _keywords(root, file)
    described = [root] if not (crate.is_run and main is not None) else []
    if main is not None:
        described.append(main)
        yield from _simple(main, file, {**_ROOT_OF_CRATE, "url": "repository"})
        yield from _keywords(main, file)
        yield from _language(main, crate, file)
    authors = [p for e in described for p in crate.linked(e, "author", "creator")]
    yield from _people(people({id(person): person for person in authors}.values()), file)
    for entity in described:
        for contact in crate.linked(entity, "contactPoint", "maintainer"):
            for key in ("email", "url"):
                if isinstance(contact.get(key), str):
                    yield Claim("contact", contact[key], file, _line(contact, key))


def _keywords(tree: SourceMap, file: str) -> Iterator[Claim]:
    for key in ("keywords", "applicationCategory", "featureList"):
        for text in texts(tree[key]) if key in tree else ():
            for word in text.split(","):
                if word.strip():
                    yield Claim("keyword", word.strip(), file, _line(tree, key))


def _language(main: SourceMap, crate: Crate, file: str) -> Iterator[Claim]:
    for identifier in texts(main.get("programmingLanguage")):
        language = crate.entities.get(identifier)
        if language is None:
            yield Claim("language", identifier, file, main.span.line)
            continue
        yield from _simple(language, file, {"name": "language", "version": "engine_version"})


def _zenodo(tree: SourceMap, file: str) -> Iterator[Claim]:
    table: dict[str, Kind] = {
        "doi": "identifier",
        "version": "version",
        "title": "title",
        "description": "description",
        "license": "license",
    }
    yield from _simple(tree, file, table)
    yield from _keywords(tree, file)
    for item in _maps(tree, "related_identifiers"):
        yield from _simple(item, file, {"identifier": "citation"})
    for number, person in enumerate(_maps(tree, "creators")):
        yield Claim("creator", str(person.get("name", "")), file, person.span.line, str(number))
        if isinstance(person.get("orcid"), str):
            yield Claim("orcid", person["orcid"], file, _line(person, "orcid"), str(number))
        if isinstance(person.get("affiliation"), str):
            line = _line(person, "affiliation")
            yield Claim("affiliation", person["affiliation"], file, line, str(number))
