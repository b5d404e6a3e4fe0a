"""Job files: JSON with qualified names (specification 1.2, "JSON Input Format")."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.expressions import Directory, File
from fairwf.ir.origins import Span
from fairwf.ir.types import (
    ArrayType,
    DirectoryType,
    FileType,
    MapType,
    OptionalType,
    RecordType,
    Type,
)
from fairwf.ir.values import Value
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, SourceMap, did_you_mean, load_structured, plain
from fairwf_wdl.outputs import render_outputs

_OVERRIDES = (".runtime.", ".requirements.", ".hints.")


def read_inputs(source: Source, document: Document, report: Report) -> Mapping[str, Value]:
    """Return the values of a job file by input id; paths count from the job file.

    ``workflow.input`` and ``workflow.call.input`` name inputs; a bare name does, too.

    Raises:
        InvalidError: FWF1406 the file holds no object, or names what is no input.
    """
    try:
        tree = load_structured(source.data, source.name)
    except SourceError as error:
        raise InvalidError.of("FWF1004", error.message, span=error.span, hint=error.hint) from None
    if not isinstance(tree, SourceMap):
        span = getattr(tree, "span", Span(source.name, 1, 1, 1, 2))
        raise InvalidError.of("FWF1406", "a job file holds an object of inputs", span=span)
    prefix = f"{getattr(document.workflow, 'id', '')}."
    ports = {port.id: port.type for port in getattr(document.workflow, "inputs", ())}
    folder = (source.path.parent if source.path else Path.cwd()).absolute()
    values: dict[str, Value] = {}
    found = Report()
    for key, item in tree.items():
        name = key.removeprefix(prefix)
        if name in ports:
            values[name] = value_of(plain(item), ports[name], folder)
            continue
        _refuse(key, name, prefix, ports, tree.key_span(key), found)
    if not found.ok:
        report.extend(found)
        raise InvalidError(report)
    return values


def _refuse(
    key: str, name: str, prefix: str, ports: Mapping[str, Type], span: Span, report: Report
) -> None:
    if any(part in f".{name}." for part in _OVERRIDES):
        message = f"{key!r:.100} would change what a task needs, which is not supported"
        report.add("FWF1406", message, span=span, hint="change it in the document")
        return
    near = did_you_mean(name, ports)
    known = ", ".join(prefix + one for one in list(ports)[:12])
    hint = near or (f"the inputs are: {known}" if known else "there are no inputs")
    report.add("FWF1406", f"there is no input {key!r:.100}", span=span, hint=hint)


def value_of(value: Any, type_: Type, folder: Path) -> Value:
    """Return a value of JSON as one of the IR: paths become files and folders."""
    if isinstance(type_, OptionalType):
        return None if value is None else value_of(value, type_.item, folder)
    if isinstance(value, str) and isinstance(type_, FileType):
        return File(location=_place(value, folder))
    if isinstance(value, str) and isinstance(type_, DirectoryType):
        return Directory(location=_place(value.rstrip("/") or "/", folder))
    if isinstance(value, list) and isinstance(type_, ArrayType):
        return [value_of(item, type_.items, folder) for item in value]
    if isinstance(value, dict):
        place = value.get("path", value.get("location"))
        if isinstance(type_, (FileType, DirectoryType)) and isinstance(place, str):
            return value_of(place, type_, folder)  # as `fairwf inputs` writes it
        if isinstance(type_, MapType):
            return {key: value_of(item, type_.values, folder) for key, item in value.items()}
        if isinstance(type_, RecordType):
            fields = {field.name: field.type for field in type_.fields}
            return {
                key: value_of(item, fields[key], folder) if key in fields else item
                for key, item in value.items()
            }
    result: Value = value
    return result


def write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    """Return a job file: JSON with qualified names; files are their paths."""
    return f"{json.dumps(render_outputs(document, values), indent=2)}\n".encode()


def _place(text: str, folder: Path) -> str:
    if "://" in text:
        return text
    return os.path.normpath(folder / text)
