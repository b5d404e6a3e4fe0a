"""Files that a document names, made absolute before it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from fairwf.engine.evaluate.reading import file_uri
from fairwf.ir.expressions import Directory, File
from fairwf.ir.origins import Origins
from fairwf.ir.rewriting import rewrite
from fairwf.ir.workflow import Process


def anchored(process: Process, base: Path, origins: Origins) -> Process:
    """Return a process whose file literals have absolute locations; origins follow.

    A relative location counts from ``base``, the folder of the main document; where nothing lies
    there, from the document that the literal was written in.
    """

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if not isinstance(node, (File, Directory)):
            return node
        said = node.location if node.location is not None else node.path
        if said is None or said.startswith("/") or ":" in said.split("/", 1)[0]:
            return node
        places = list(_places(said, base, node, origins))
        chosen = next((place for place in places if place.exists()), places[0])
        return replace(node, location=file_uri(Path(os.path.normpath(chosen))), path=None)

    return rewrite(process, visit, origins)


def _places(said: str, base: Path, node: File | Directory, origins: Origins) -> Iterator[Path]:
    span = origins.get(node)
    folders = [base, *([Path(span.file).absolute().parent] if span is not None else [])]
    for folder in folders:
        yield folder / said
        yield folder / unquote(said)
