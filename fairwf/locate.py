"""Finding the document that a SOURCE means: a file, a folder of a known layout, a crate, ``-``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from msgspec.structs import replace

from fairwf.document import Document, DocumentFile
from fairwf.formats import Source, converters, read_file
from fairwf.ir.environment import Conda
from fairwf.ir.walk import nodes
from fairwf.report import InvalidError
from fairwf.signatures import is_zip
from fairwf.source import document_tree, in_tree

if TYPE_CHECKING:
    import tempfile

CRATE_METADATA = "ro-crate-metadata.json"
_OF_RUNS = ("run.json", "workflow.ir.json")


def locate(text: str, given: bytes | None = None) -> Source:
    """Return the source that a text names; ``given`` holds the octets that ``-`` stands for.

    Without them ``-`` is read from stdin at once.

    In a folder or zip file, the main document is the crate's main entity, or the first that the
    layout of a format names.

    Raises:
        InvalidError: the path names nothing, or a folder without a main document.
    """
    if text == "-":
        return Source(name="-", given=sys.stdin.buffer.read() if given is None else given)
    source = Source.at(text)
    if source.path is None:
        return source
    folder = unpacked(source.path)
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where it may not look
        return source
    main = main_document(folder)
    if main is None:
        _refuse_run(folder, text)
        names = sorted({name for c in converters().values() for name in c.layout.main})
        known = f" (looked for {', '.join(names)})" if names else ""
        raise InvalidError.of(
            "FWF1002",
            f"is a folder without a main document{known}",
            file=text,
            hint="name the file inside it",
        )
    return Source(name=str(main), path=main, fragment=source.fragment)


_unpacked: dict[str, tempfile.TemporaryDirectory[str]] = {}


def unpacked(path: Path) -> Path:
    """Return the folder that a zip file is unpacked to, or any other path as it is.

    It is a temporary folder that goes when the process ends (:func:`keep` moves one away).

    Raises:
        InvalidError: the zip file is damaged or unsafe.
        EnvironmentFault: there is no room for it.
    """
    if not is_zip(path):
        return path
    import tempfile

    from fairwf.archive import Archive, Limits

    key = str(path.resolve())
    if key not in _unpacked:
        tops = (CRATE_METADATA, *(name for c in converters().values() for name in c.layout.main))
        archive = Archive(path, str(path), Limits(), tops)
        place = tempfile.TemporaryDirectory(prefix="fairwf-")
        try:
            archive.unpack(Path(place.name))
        except BaseException:
            place.cleanup()
            raise
        finally:
            archive.close()
        _unpacked[key] = place
    return Path(_unpacked[key].name)


def is_unpacked(source: Source) -> bool:
    """Tell whether a source lies in a zip file that was unpacked."""
    return any(source.name.startswith(place.name + os.sep) for place in _unpacked.values())


def keep(source: Source, folder: Path) -> Source:
    """Move what a zip file held to a folder, for longer than this process; return the source there.

    Raises:
        OSError: the folder cannot be written.
    """
    import shutil

    for key, place in _unpacked.items():
        if source.path is not None and source.path.is_relative_to(place.name):
            shutil.copytree(place.name, folder)
            place.cleanup()
            del _unpacked[key]
            kept = folder / source.path.relative_to(place.name)
            return Source(name=str(kept), path=kept, fragment=source.fragment)
    return source


def is_run(place: str | Path) -> bool:
    """Tell whether a path is a folder that holds a run of our engine."""
    return all(os.path.isfile(f"{place}/{name}") for name in _OF_RUNS)  # noqa: PTH113 - asks, and does not raise


def _refuse_run(folder: Path, text: str) -> None:
    """Say that a folder is a run's, and where what ran lies in it."""
    if not is_run(folder):
        return
    copies = folder / "source"
    names = sorted(path.name for path in copies.iterdir()) if copies.is_dir() else []
    ran = f"{text.rstrip('/')}/{f'source/{names[0]}' if len(names) == 1 else 'workflow.ir.json'}"
    raise InvalidError.of(
        "FWF1002",
        "is a run directory, not a document",
        file=text,
        hint=f"what ran is {ran}; `fairwf convert`, `graph`, `status` and `package` take the run",
    )


MAX_PART_BYTES = 256 * 1024 * 1024
"""How large a file may be that a document names and that is copied with it."""
_SHOWN_ANYWAY = (".fairwf", ".snakemake-workflow-catalog.yml")


def source_files(document: Document, main: Path | None = None) -> tuple[Path, ...]:
    """Return the files that a document consists of and are there, main first, as absolute paths.

    ``main`` is the main file where the document does not say it. What a document says of its
    sources counts only as far as they lie in its tree, are not hidden there (unless reading it has
    parsed them) and not larger than ``MAX_PART_BYTES``: what is returned here is copied into run
    directories and crates.
    """
    place = _place(document, main)
    if place is None:
        return ()
    named = [*_spanned(document), *(Path(part.file) for part in _parts(document, place.first))]
    others = {path.resolve() for path in named if _counts(path, document, place)}
    return (place.first, *sorted(others - {place.first}))


def absent_files(document: Document, main: Path | None = None) -> tuple[DocumentFile, ...]:
    """Return the files that a document needs and are not among :func:`source_files`.

    They are not there, lie outside of the folders that the document may name files of, are hidden,
    or are too large.
    """
    place = _place(document, main)
    if place is None:
        return ()
    found = {os.path.realpath(part.file): part for part in _parts(document, place.first)}
    for path in _spanned(document):
        if _is_file(path) and in_tree(path, place.tree):
            part = DocumentFile(str(path), "a part of the document")
            found.setdefault(os.path.realpath(path), part)
    return tuple(p for p in found.values() if not _counts(Path(p.file), document, place))


def why_absent(file: str, folder: Path | None) -> str | None:
    """Tell why one of :func:`absent_files` is not kept, None where it is not there.

    ``folder`` is that of the main file.
    """
    path = Path(file)
    if not _is_file(path):
        return None
    if folder is not None and _hidden(path, folder):
        return "is hidden (a name in its path begins with a dot)"
    if path.stat().st_size > MAX_PART_BYTES:
        return f"is larger than {MAX_PART_BYTES} bytes"
    return "lies outside of the workflow's own folders"


def known_parts(document: Document, main: Path | None = None) -> Mapping[Path, DocumentFile]:
    """Return what those of :func:`source_files` are that the document itself says it of."""
    place = _place(document, main)
    parts = _parts(document, place.first) if place is not None else ()
    return {Path(os.path.realpath(part.file)): part for part in parts}


class _Place(NamedTuple):
    """The main file, the folder whose files the document may name, and that of what was read."""

    first: Path
    tree: Path
    folder: Path


def _place(document: Document, main: Path | None) -> _Place | None:
    read = Path(document.file) if document.file is not None else main
    if main is None and document.source not in (None, "-"):
        main = Path(str(document.source).split("#", 1)[0])
    if main is None or not main.is_file():
        return None
    first = main.resolve()
    folder = (read or first).resolve().parent
    place = _Place(first, document_tree(folder), folder)
    return place if in_tree(first, place.tree) and not _hidden(first, folder) else None


def _spanned(document: Document) -> list[Path]:
    """Return the files that nodes of a document come from, as far as it says it."""
    files = {span.file for span in document.origins.spans()}
    return [Path(file) for file in sorted(files) if file and file != "-" and "\0" not in file]


def _counts(path: Path, document: Document, place: _Place) -> bool:
    """Tell whether a file that a document names is kept with it."""
    if not (_is_file(path) and in_tree(path, place.tree)):
        return False
    if path.stat().st_size > MAX_PART_BYTES:
        return False
    real = os.path.realpath(path)
    if not _hidden(path, place.folder):
        return True
    return real in document.opened and real in map(os.path.realpath, _spanned(document))


def _hidden(path: Path, folder: Path) -> bool:
    """Tell whether a file is hidden from a folder: what both lie in makes no difference."""
    real = os.path.realpath(path)
    common = os.path.commonpath([real, folder.resolve()])
    below = Path(os.path.relpath(real, common)).parts
    return any(part.startswith(".") and not part.startswith(_SHOWN_ANYWAY) for part in below)


def _parts(document: Document, main: Path) -> tuple[DocumentFile, ...]:
    """Return what the document names: what its reader says, and environments in the IR itself."""
    found = {os.path.realpath(p.file): p for p in document.parts if "\0" not in p.file}
    for named in () if document.instance else _named_in_nodes(document):
        if named.file and "\0" not in named.file and "://" not in named.file:
            path = os.path.relpath(main.parent / named.file)
            found.setdefault(os.path.realpath(path), replace(named, file=path))
    return tuple(found.values())


def _named_in_nodes(document: Document) -> Iterator[DocumentFile]:
    """Yield the files that nodes of the IR name; their paths count from the main file's folder."""
    for conda in nodes(document.workflow, Conda):
        if conda.file is not None:
            yield DocumentFile(conda.file, "a conda environment", "environment")
    format = converters().get(document.format or "")
    if format is not None and format.vocabularies is not None:
        for path in format.vocabularies(document):
            yield DocumentFile(path, "an ontology of formats")


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - takes names of any length


def main_document(folder: Path) -> Path | None:
    """Return the main document of a folder, if there is one.

    Raises:
        InvalidError: the folder is a crate whose metadata cannot be read.
    """
    metadata = folder / CRATE_METADATA
    if metadata.is_file():
        return _main_entity(folder, metadata)
    for converter in converters().values():
        for name in converter.layout.main:
            if (folder / name).is_file():
                return folder / name
    return None


def _main_entity(folder: Path, metadata: Path) -> Path | None:
    try:
        crate = json.loads(read_file(metadata))
    except (ValueError, RecursionError) as error:
        raise InvalidError.of("FWF5001", f"not JSON: {error}", file=str(metadata)) from None
    graph = crate.get("@graph") if isinstance(crate, dict) else None
    entities = {
        entity["@id"]: entity
        for entity in (graph if isinstance(graph, list) else [])
        if isinstance(entity, dict) and isinstance(entity.get("@id"), str)
    }
    if not entities:
        raise InvalidError.of("FWF5001", "has no @graph of entities", file=str(metadata))
    root = entities.get(_id(entities.get(CRATE_METADATA, {}).get("about")) or "./", {})
    entity = _id(root.get("mainEntity"))
    if entity is None:
        return None
    name = unquote(entity)
    if not in_tree(folder / name, folder.resolve()):
        raise InvalidError.of(
            "FWF1008", f"the main entity {name!r:.80} leaves the crate", file=str(metadata)
        )
    path = Path(os.path.realpath(folder / name))
    if not os.path.isfile(path):  # noqa: PTH113 - takes names of any length
        raise InvalidError.of(
            "FWF5001",
            f"the crate does not hold its main entity {name!r:.80}",
            file=str(metadata),
            hint="add the file, or name the one that is meant as mainEntity of the root",
        )
    return path


def _id(value: object) -> str | None:
    found = value.get("@id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None
