"""A document as one CWL v1.2 file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import WriteOptions, Written
from fairwf.ir.instance import Instance
from fairwf.report import Report, UnsupportedError
from fairwf_cwl.names import declared
from fairwf_cwl.write.comments import Comments
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.process import ProcessWriter
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.yaml_text import Commented, dump

FILE = "workflow.cwl"


def write(document: Document, options: WriteOptions, report: Report) -> Written:
    """Return the CWL file of a document that is lowered and normalized.

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
        inner = ProcessWriter(process, None, values, comments, "", namespaces).tree()
        tree = Commented({"cwlVersion": "v1.2", **inner})
        tree.before = inner.before
        comments.places[""] = (tree, "cwlVersion")
        comments.put()
    except CannotSayError as error:
        node = error.node
        span = document.origins.get(node) if isinstance(node, msgspec.Struct) else None
        report.add("FWF3001", error.message, span=span, file=document.source)
        raise UnsupportedError(report) from None
    text = "#!/usr/bin/env cwl-runner\n" + dump(tree)
    return Written(main=FILE, files={FILE: text.encode("utf-8")})


def _folder(document: Document) -> Path | None:
    if document.source is None or document.source == "-":
        return None
    return Path(document.source).resolve().parent
