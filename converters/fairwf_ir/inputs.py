"""Job files for IR documents: plain YAML or JSON, files as ``{class: File, location: ...}``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.expressions import Directory, File
from fairwf.ir.origins import Span
from fairwf.ir.values import Value
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, load_structured


def read_inputs(source: Source, document: Document, report: Report) -> Mapping[str, Value]:
    """Return the values of a job file by input id.

    Raises:
        InvalidError: the file is broken or holds no object.
    """
    try:
        tree = load_structured(source.data, source.name)
    except SourceError as error:
        report.add("FWF1004", error.message, span=error.span, hint=error.hint)
        raise InvalidError(report) from None
    if not isinstance(tree, dict):
        span = getattr(tree, "span", Span(source.name, 1, 1, 1, 2))
        report.add("FWF2010", "a job file holds an object of inputs", span=span)
        raise InvalidError(report)
    base = (source.path.parent if source.path else Path.cwd()).resolve()
    return {key: _value(item, base) for key, item in tree.items()}


def _value(item: Any, base: Path) -> Value:
    if isinstance(item, list):
        return [_value(part, base) for part in item]
    if not isinstance(item, dict):
        return item  # type: ignore[no-any-return]
    kind = item.get("class")
    if kind not in ("File", "Directory"):
        return {key: _value(part, base) for key, part in item.items()}
    location = item.get("location") or item.get("path")
    path = str(base / location) if isinstance(location, str) else None
    if kind == "Directory":
        return Directory(location=path, basename=item.get("basename"))
    return File(
        location=path,
        basename=item.get("basename"),
        format=item.get("format"),
        contents=item.get("contents"),
    )


def render(value: Value) -> Any:
    """Return a value as JSON, files as CWL writes them."""
    if isinstance(value, File):
        shown: dict[str, Any] = {"class": "File"}
        for name in ("location", "basename", "size", "checksum", "format", "contents"):
            if getattr(value, name) is not None:
                shown[name] = getattr(value, name)
        if value.secondary:
            shown["secondaryFiles"] = [render(item) for item in value.secondary]
        return shown
    if isinstance(value, Directory):
        listing = [render(item) for item in value.listing or ()]
        return {
            "class": "Directory",
            "location": value.location,
            "basename": value.basename,
            "listing": listing,
        }
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [render(item) for item in value]
    return value
