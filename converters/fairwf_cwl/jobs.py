"""Job files: the input object of a CWL run (CWL v1.2, "Executing a CWL process")."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.origins import Span
from fairwf.ir.values import Value
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.source import SourceList, SourceMap, did_you_mean, nearest
from fairwf_cwl.context import namespaces_of
from fairwf_cwl.load import Loader
from fairwf_cwl.names import declared, requirements_key, short
from fairwf_cwl.outputs import render_outputs
from fairwf_cwl.read import read
from fairwf_cwl.schema import STRUCTS
from fairwf_cwl.shapes import Checker, check_struct
from fairwf_cwl.values import ValueReader

_CLASSES = ("File", "Directory")
_IGNORED = ("cwl:tool", "$namespaces", "$schemas", "id")


def read_inputs(source: Source, document: Document, report: Report) -> Mapping[str, Value]:
    """Return the values of a job file by input id; files get absolute ``location`` paths.

    Relative locations count from the job file. Format prefixes are those of the job file and of
    the document. ``cwl:requirements`` is no input: see :func:`amended`.

    Raises:
        InvalidError: the file is broken, holds no object, or a File or Directory in it is not
            well-formed.
    """
    tree, loader = _opened(source, report)
    namespaces = namespaces_of(tree, _namespaces(document))
    before = len(report.errors)
    checker = Checker(report, STRUCTS, code="FWF1109")
    for node in _objects(tree):
        _check_class(node, report)
        if node.get("class") not in _CLASSES:
            continue
        check_struct(node, STRUCTS[str(node["class"])], checker)
        _check_place(node, report)
    if len(report.errors) > before:
        raise InvalidError(report)
    reader = ValueReader(loader, namespaces, absolute=True)
    known = {port.id for port in getattr(document.workflow, "inputs", ())}
    values: dict[str, Value] = {}
    for key, item in tree.items():
        if requirements_key(key, namespaces) or (key in _IGNORED and key not in known):
            continue
        name = key if key in known else short(key) if "#" in key else key
        if name == "cwltool:overrides" and name not in known:
            report.add(
                "FWF1109",
                "cwltool:overrides are not read, and without them the run would be another one",
                span=tree.key_span(key),
                hint="write requirements of the whole run as cwl:requirements (from v1.1 on), "
                "those of one process into its document",
            )
            raise InvalidError(report)
        values[name] = reader.read(item)
    return values


def write_inputs(document: Document, values: Mapping[str, Value]) -> bytes:
    """Return a job file: JSON with the values by input id."""
    return f"{json.dumps(render_outputs(document, values), indent=2)}\n".encode()


def requirements_of(source: Source, report: Report) -> SourceMap | SourceList | None:
    """Return what ``cwl:requirements`` of a job file says of CWL v1.1 and later, if anything."""
    if b"requirements" not in source.data:
        return None
    tree, _ = _opened(source, report)
    namespaces = namespaces_of(tree, {})
    return next((tree[key] for key in tree if requirements_key(key, namespaces)), None)


def amended(source: Source, document: Document, report: Report) -> Document:
    """Return the document with what ``cwl:requirements`` of a job file says in force.

    They count more than the requirements of the main process and go down to its steps like them
    (CWL v1.2, "Executing a CWL process"), so the CWL that the document was read from is read again
    with them. The document itself where the job file says nothing.

    Raises:
        InvalidError: the job file or the document cannot be read, or the CWL is not there, or no
            longer what the document was made from.
    """
    overrides = requirements_of(source, report)
    if overrides is None:
        return document
    main = _origin(document)
    if main is None or read(main, ReadOptions(), Report()).hash != document.hash:
        report.add(
            "FWF1109",
            "cwl:requirements needs the CWL document that the workflow was read from, unchanged",
            file=source.name,
            hint="give the CWL document itself, or write the requirements into it",
        )
        raise InvalidError(report)
    return read(main, ReadOptions(), report, overrides)


def _origin(document: Document) -> Source | None:
    if document.source is None or not Path(document.source).is_file():
        return None
    main = Source.at(document.source)
    process = getattr(document.workflow, "id", "")
    return replace(main, fragment=process) if b"$graph" in main.data and process else main


def _opened(source: Source, report: Report) -> tuple[SourceMap, Loader]:
    loader = Loader(source, report)
    try:
        tree = loader.main()
    except FairwfError as error:
        report.extend(error.report)
        raise InvalidError(report) from None
    if not isinstance(tree, SourceMap):
        span = getattr(tree, "span", Span(source.name, 1, 1, 1, 2))
        report.add("FWF1109", "a job file holds an object of inputs", span=span)
        raise InvalidError(report)
    return tree, loader


def _namespaces(document: Document) -> dict[str, str]:
    extensions: Mapping[str, Mapping[str, Any]] = getattr(document.workflow, "extensions", {})
    said = extensions.get("cwl", {}).get("$namespaces")
    return declared(said)


def _objects(tree: Any) -> Iterator[SourceMap]:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, SourceMap):
            yield node
            stack.extend(node.values())
        elif isinstance(node, SourceList):
            stack.extend(node)


def _check_place(node: SourceMap, report: Report) -> None:
    literal = "contents" if node["class"] == "File" else "listing"
    places = ("location", "path", literal)
    if any(node.get(key) is not None for key in places):
        return
    strange = [key for key in node if key not in STRUCTS[str(node["class"])].fields]
    key = next((key for key in strange if nearest(key, places)), None)
    report.add(
        "FWF1109",
        f"a {node['class']} needs 'location', 'path' or {literal!r}",
        span=node.span if key is None else node.key_span(key),
        hint=None if key is None else did_you_mean(key, places),
    )


def _check_class(node: SourceMap, report: Report) -> None:
    """Tell of what is meant as a file or folder, by its place, and does not say so."""
    if node.get("path") is None and node.get("location") is None:
        return
    kind = node.get("class")
    if isinstance(kind, str) and kind not in _CLASSES and (near := nearest(kind, _CLASSES)):
        report.add(
            "FWF1109",
            f"there is no class {kind!r:.40}",
            span=node.value_span("class"),
            hint=f"did you mean {near!r}?",
        )
    for key, value in node.items():
        if "class" not in node and value in _CLASSES and nearest(key, ("class",)):
            message = f"{key!r:.40} does not say what this is"
            report.add("FWF1109", message, span=node.key_span(key), hint="did you mean 'class'?")
