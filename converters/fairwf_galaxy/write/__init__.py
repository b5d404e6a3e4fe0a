"""Writing Galaxy workflows."""

from __future__ import annotations

import json
from typing import Any

from fairwf.document import Document
from fairwf.formats import WriteOptions, Written
from fairwf.ir.workflow import Workflow
from fairwf.report import Report, UnsupportedError
from fairwf.source import printable_json
from fairwf_galaxy.write.failures import CannotSayError, place_of, silent
from fairwf_galaxy.write.format2 import FORMAT2, format2_text
from fairwf_galaxy.write.native import WorkflowWriter


def write(document: Document, options: WriteOptions, report: Report) -> Written:
    """Return the files of a document in normal form: ``.ga``, or gxformat2 where that is asked for.

    Raises:
        UnsupportedError: Galaxy cannot say a part of it.
        EnvironmentFault: gxformat2 is asked for, and not installed.
    """
    root = document.workflow
    if not isinstance(root, Workflow):
        raise UnsupportedError.of("FWF3001", "Galaxy has workflows alone", file=document.source)
    try:
        tree = WorkflowWriter(root, silent).tree()
    except CannotSayError as error:
        span = place_of(document, error.node)
        raise UnsupportedError.of("FWF3001", error.message, span=span, hint=error.hint) from None
    if options.target_version == FORMAT2:
        name = "workflow.gxwf.yml"
        return Written(main=name, files={name: format2_text(tree)})
    return Written(main="workflow.ga", files={"workflow.ga": native_text(tree)})


def native_text(tree: dict[str, Any]) -> bytes:
    """Return the text of a ``.ga``, as Galaxy itself writes it: keys sorted, four blanks."""
    text = json.dumps(tree, ensure_ascii=False, indent=4, sort_keys=True, allow_nan=False)
    return printable_json(text).encode() + b"\n"
