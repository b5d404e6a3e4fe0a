"""What the files beside a workflow add to its crate: ``CITATION.cff`` and ``codemeta.json``.

The workflow's own metadata wins over them, ``CITATION.cff`` over ``codemeta.json``. What does
not get into the metadata of the crate so, or has no place there, is told.
"""

from __future__ import annotations

from pathlib import Path

from fairwf.crates.contradictions import Source, tell_contradictions, tell_unsaid
from fairwf.crates.facts import Stated, merged, stated
from fairwf.entities.metadata import FILE as METADATA
from fairwf.ir.metadata import Metadata
from fairwf.report import Report
from fairwf.source import Limits, SourceError, SourceMap, document_tree, load_structured
from fairwf.stated import CITATION, CODEMETA, READERS, Statements

READMES = ("README.md", "README.rst", "README.txt", "README")
LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "LICENCE.md", "COPYING")

_LIMITS = Limits(bytes=8 * 1024 * 1024, nodes=100_000, depth=60)


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


def completed(
    own: Metadata,
    files: list[Path],
    folder: Path | None,
    report: Report,
    description: str | None = None,
) -> Stated:
    """Return the metadata of a workflow, with what the files say where it says nothing.

    The title of a file that is not in the workflow's own ``folder`` is that of its repository, and
    so are its description and what the software needs. ``description`` is the workflow's own.
    """
    found = Stated(own, description)
    sources = [Source(None, found)]
    for path in files:
        if path.name not in READERS:
            continue
        statements = _read(path, report)
        if statements is None:
            continue
        here = path.parent == folder
        source = Source(path, stated(statements, here), statements, here)
        tell_contradictions(sources, source, report)
        sources.append(source)
        found = merged(found, source.stated)
    for source in sources:
        tell_unsaid(source, found, report)
    return found


def _read(path: Path, report: Report) -> Statements | None:
    try:
        if path.stat().st_size > _LIMITS.bytes:
            text = f"larger than {_LIMITS.bytes // 2**20} MiB: it is not read"
            report.add("FWF1004", text, file=str(path), severity="warning")
            return None
        tree = load_structured(path.read_bytes(), path.name, _LIMITS)
    except SourceError as error:
        report.add("FWF1004", error.message, span=error.span, severity="warning")
        return None
    if not isinstance(tree, SourceMap):
        report.add("FWF1004", "it holds no object", file=str(path), severity="warning")
        return None
    return READERS[path.name](tree)
