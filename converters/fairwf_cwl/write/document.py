"""A document as CWL v1.2: one file, or one for each process."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import WriteOptions, Written
from fairwf.ir.instance import Instance
from fairwf.report import Report, UnsupportedError
from fairwf_cwl.names import declared
from fairwf_cwl.write.comments import Comments
from fairwf_cwl.write.files import Files, Sheet
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.process import ProcessWriter
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.yaml_text import Commented, dump

MAIN = "main.cwl"


def write(document: Document, options: WriteOptions, report: Report) -> Written:
    """Return the CWL files of a document that is lowered and normalized.

    With ``options.split``, what steps run lies in files of its own (:mod:`fairwf_cwl.write.files`).

    Raises:
        UnsupportedError: CWL cannot say a part of it; the report names the part.
    """
    process = document.workflow
    try:
        if isinstance(process, Instance):
            raise CannotSayError("CWL has no expanded runs", process)
        comments = Comments(document.comments)
        extensions = process.extensions.get("cwl", {})
        namespaces = declared(extensions.get("$namespaces"))
        values = Values(_folder(document), options.folder)
        files = Files(values, comments, document)
        sheet = Sheet(values, comments, files=files if options.split else None)
        main = _versioned(ProcessWriter(process, None, sheet, "", namespaces).tree())
        trees = {name: _versioned(tree) for name, tree in files.trees.items()}
        comments.places[""] = (main, "cwlVersion")
        comments.put()
    except CannotSayError as error:
        node = error.node
        span = document.origins.get(node) if isinstance(node, msgspec.Struct) else None
        report.add("FWF3001", error.message, span=span, file=document.source)
        raise UnsupportedError(report) from None
    return Written(MAIN, {name: _text(tree) for name, tree in {MAIN: main, **trees}.items()})


def _versioned(inner: Commented) -> Commented:
    tree = Commented({"cwlVersion": "v1.2", **inner})
    tree.before = inner.before
    return tree


def _text(tree: Commented) -> bytes:
    return ("#!/usr/bin/env cwl-runner\n" + dump(tree)).encode("utf-8")


def _folder(document: Document) -> Path | None:
    if document.source is None or document.source == "-":
        return None
    return Path(document.source).resolve().parent
