"""A document as CWL: one file, or one for each process."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, WriteOptions, Written
from fairwf.ir.canonical import same
from fairwf.ir.instance import Instance
from fairwf.ir.walk import walk
from fairwf.report import FairwfError, Report, UnsupportedError
from fairwf_cwl.names import declared
from fairwf_cwl.read import read
from fairwf_cwl.write.comments import Comments
from fairwf_cwl.write.files import Files, Sheet
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.process import ProcessWriter
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.versions import NEWEST
from fairwf_cwl.write.yaml_text import Commented, dump

MAIN = "main.cwl"


def write(document: Document, options: WriteOptions, report: Report) -> Written:
    """Return the CWL files of a document that is lowered and normalized.

    With ``options.split``, what steps run lies in files of its own (:mod:`fairwf_cwl.write.files`).

    Raises:
        UnsupportedError: CWL cannot say a part of it; the report names the part.
    """
    version = options.target_version or NEWEST
    try:
        if version < NEWEST:
            _reads_back(document, version)
        values = Values(_folder(document), options.folder)
        trees = _trees(document, version, values, Comments(document.comments), options.split)
    except CannotSayError as error:
        node = error.node
        span = document.origins.get(node) if isinstance(node, msgspec.Struct) else None
        report.add("FWF3001", error.message, span=span, file=document.source, hint=error.hint)
        raise UnsupportedError(report) from None
    return Written(MAIN, {name: _text(tree) for name, tree in trees.items()})


def _trees(
    document: Document, version: str, values: Values, comments: Comments, split: bool
) -> dict[str, Commented]:
    process = document.workflow
    if isinstance(process, Instance):
        raise CannotSayError("CWL has no expanded runs", process)
    namespaces = declared(process.extensions.get("cwl", {}).get("$namespaces"))
    files = Files(values, comments, document)
    sheet = Sheet(values, comments, version, files=files if split else None, prefixes=namespaces)
    main = _versioned(ProcessWriter(process, None, sheet, "", namespaces).tree(), version)
    comments.places[""] = (main, "cwlVersion")
    beside = {name: _versioned(tree, version) for name, tree in files.trees.items()}
    comments.put()
    return {MAIN: main, **beside}


def _reads_back(document: Document, version: str) -> None:
    """Demand that an older version says everything: what it lacks, its reader finds.

    Raises:
        CannotSayError: it does not; the error names the part.
    """
    tree = _trees(document, version, Values(), Comments({}), False)[MAIN]
    source = Source(name="-", given=_text(tree))
    report = Report()
    try:
        found = read(source, ReadOptions(), report).workflow
    except FairwfError as error:
        message = error.report.errors[0].message
        whole = document.workflow
        raise CannotSayError(f"CWL {version} cannot say this: {message}", whole) from None
    there = dict(walk(found))
    changed = [
        (path, node)
        for path, node in walk(document.workflow)
        if path not in there or not same(node, there[path])
    ]
    if changed:
        node = max(changed, key=lambda row: row[0].count("/"))[1]
        raise CannotSayError(f"CWL {version} cannot say this", node)


def _versioned(inner: Commented, version: str) -> Commented:
    tree = Commented({"cwlVersion": version, **inner})
    tree.before, tree.after = inner.before, inner.after
    return tree


def _text(tree: Commented) -> bytes:
    return ("#!/usr/bin/env cwl-runner\n" + dump(tree)).encode("utf-8")


def _folder(document: Document) -> Path | None:
    if document.source is None or document.source == "-":
        return None
    return Path(document.source).resolve().parent
