"""Finding the document that a SOURCE means: a file, a folder of a known layout, a crate, ``-``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from fairwf.document import Document
from fairwf.formats import Source, converters, detect, kind_of, read_file
from fairwf.report import InvalidError
from fairwf.source import document_tree, in_tree

CRATE_METADATA = "ro-crate-metadata.json"
_UNREAD = ("main.nf", "Snakefile", "workflow/Snakefile", "main.wdl")


def locate(text: str, given: bytes | None = None) -> Source:
    """Return the source that a text names; ``given`` holds the octets that ``-`` stands for.

    Without them ``-`` is read from stdin at once.

    In a folder, the main document is the crate's main entity, or the first that the layout of a
    format names.

    Raises:
        InvalidError: the path names nothing, or a folder without a main document.
    """
    if text == "-":
        return Source(name="-", given=sys.stdin.buffer.read() if given is None else given)
    source = Source.at(text)
    if source.path is None or not source.path.is_dir():
        return source
    main = main_document(source.path)
    if main is None:
        _refuse_unread(source.path)
        names = sorted({name for c in converters().values() for name in c.layout.main})
        known = f" (looked for {', '.join(names)})" if names else ""
        raise InvalidError.of(
            "FWF1002",
            f"is a folder without a main document{known}",
            file=text,
            hint="name the file inside it",
        )
    return Source(name=str(main), path=main, fragment=source.fragment)


def _refuse_unread(folder: Path) -> None:
    """Say which main document of a folder is of a kind that no converter reads."""
    for name in _UNREAD:
        if (folder / name).is_file() and kind_of(folder / name) is not None:
            detect(Source.at(folder / name))


def source_files(document: Document, main: Path | None = None) -> tuple[Path, ...]:
    """Return the files that a document consists of, main first, as absolute paths.

    ``main`` is the main file where the document does not say it. What an IR file says of its
    sources counts only as far as they lie in the tree of the IR file itself: what is returned here
    is copied into run directories and crates.
    """
    read = Path(document.file) if document.file is not None else main
    if main is None and document.source not in (None, "-"):
        main = Path(str(document.source).split("#", 1)[0])
    if main is None or not main.is_file():
        return ()
    first = main.resolve()
    tree = document_tree((read or first).resolve().parent)
    if not in_tree(first, tree):
        return ()
    named = {Path(span.file) for span in document.origins.spans() if span.file != "-"}
    others = {path.resolve() for path in named if path.is_file() and in_tree(path, tree)}
    return (first, *sorted(others - {first}))


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
    root = entities.get("./", {})
    main = root.get("mainEntity")
    name = main.get("@id") if isinstance(main, dict) else None
    if not isinstance(name, str):
        return None
    if not in_tree(folder / name, folder.resolve()):
        raise InvalidError.of(
            "FWF1008", f"the main entity {name!r:.80} leaves the crate", file=str(metadata)
        )
    path = Path(os.path.realpath(folder / name))
    return path if os.path.isfile(path) else None  # noqa: PTH113 - takes names of any length
