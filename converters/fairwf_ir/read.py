"""IR files (JSON or YAML) to documents."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.codec import DecodeError
from fairwf.ir.migrations import UnknownVersionError
from fairwf.ir.origins import Origins, Span
from fairwf.ir.walk import walk
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, SourceMap, load_structured, plain, span_of


def read(source: Source, report: Report) -> Document:
    """Return the document of an IR file.

    Raises:
        InvalidError: the file is broken, no IR, or of an unknown version.
    """
    try:
        tree = load_structured(source.data, source.name)
    except SourceError as error:
        report.add("FWF1004", error.message, span=error.span, hint=error.hint)
        raise InvalidError(report) from None
    if not isinstance(tree, SourceMap) or "workflow" not in tree:
        span = getattr(tree, "span", Span(source.name, 1, 1, 1, 2))
        hint = "an IR file is {fairwf_ir: '1', workflow: {...}}"
        report.add(
            "FWF1301", "the key 'workflow' is missing", span=span, hint=hint, file=source.name
        )
        raise InvalidError(report)
    try:
        document = Document.from_plain(plain(tree))
    except UnknownVersionError as error:
        report.add("FWF1302", str(error), span=span_of(tree, ("fairwf_ir",)))
        raise InvalidError(report) from None
    except DecodeError as error:
        for fault in error.faults:
            span = _place(tree, fault.path, fault.message)
            report.add("FWF1301", fault.message, span=span, hint=fault.hint, file=source.name)
        raise InvalidError(report) from None
    if source.path is not None:
        document = document.seen_from(source.path.parent, back=True)
    if document.source is None:
        document = replace(document, source=source.name)
    if len(document.origins):
        return document
    return Document(
        workflow=document.workflow,
        origins=_positions(document, tree),
        comments=document.comments,
        format="ir",
        source=source.name,
    )


def _place(tree: SourceMap, path: tuple[str | int, ...], message: str) -> Span | None:
    """Return where a fault is: a key that should not be there, or else a value."""
    key = path[-1] if path else None
    around: Any = tree
    for part in path[:-1]:
        around = around[part]
    if isinstance(around, SourceMap) and isinstance(key, str) and message.startswith("unknown key"):
        return around.key_span(key)
    return span_of(tree, path)


def _positions(document: Document, tree: object) -> Origins:
    """Return origins in the IR file itself, for a document that names no other source."""
    origins = Origins()
    by_id: dict[str, object] = {"": tree["workflow"]}  # type: ignore[index]
    for path, node in walk(document.workflow):
        place = by_id.get(path)
        span = getattr(place, "span", None)
        origins.set(node, span)
        if isinstance(place, dict):
            _index(path, place, by_id)
    return origins


def _index(path: str, place: dict[str, object], by_id: dict[str, object]) -> None:
    for key, value in place.items():
        if isinstance(value, dict):
            by_id[f"{path}/{key}"] = value
            for name, item in value.items():
                by_id.setdefault(f"{path}/{key}/{name}", item)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                by_id[f"{path}/{key}/{index}"] = item
                for id_key in ("id", "name"):
                    name = item.get(id_key) if isinstance(item, dict) else None
                    if isinstance(name, str) and name:
                        by_id[f"{path}/{key}/{name}"] = item
                        break
