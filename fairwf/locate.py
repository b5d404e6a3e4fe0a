"""Finding the document that a SOURCE means: a file, a folder of a known layout, a crate, ``-``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
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


def source_files(document: Document, main: Path | None = None) -> tuple[Path, ...]:
    """Return the files that a document consists of and are there, main first, as absolute paths.

    ``main`` is the main file where the document does not say it. What an IR file says of its
    sources counts only as far as they lie in the tree of the IR file itself: what is returned here
    is copied into run directories and crates.
    """
    place = _place(document, main)
    if place is None:
        return ()
    first, tree = place
    named = {Path(span.file) for span in document.origins.spans() if span.file != "-"}
    named |= {Path(part.file) for part in _parts(document, first)}
    others = {path.resolve() for path in named if _is_file(path) and in_tree(path, tree)}
    return (first, *sorted(others - {first}))


def absent_files(document: Document, main: Path | None = None) -> tuple[DocumentFile, ...]:
    """Return the files that a document needs and are not among :func:`source_files`.

    They are not there, or lie outside of the folders that the document may name files of.
    """
    place = _place(document, main)
    if place is None:
        return ()
    first, tree = place
    parts = _parts(document, first)
    return tuple(p for p in parts if not (_is_file(Path(p.file)) and in_tree(Path(p.file), tree)))


def known_parts(document: Document, main: Path | None = None) -> Mapping[Path, DocumentFile]:
    """Return what those of :func:`source_files` are that the document itself says it of."""
    place = _place(document, main)
    parts = _parts(document, place[0]) if place is not None else ()
    return {Path(os.path.realpath(part.file)): part for part in parts}


def _place(document: Document, main: Path | None) -> tuple[Path, Path] | None:
    """Return the main file, and the folder whose files the document may name."""
    read = Path(document.file) if document.file is not None else main
    if main is None and document.source not in (None, "-"):
        main = Path(str(document.source).split("#", 1)[0])
    if main is None or not main.is_file():
        return None
    first = main.resolve()
    tree = document_tree((read or first).resolve().parent)
    return (first, tree) if in_tree(first, tree) else None


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
