"""Writing Nextflow: DSL2 of the strict syntax (https://www.nextflow.io/docs/latest/)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import WriteOptions, Written
from fairwf.ir.instance import Instance
from fairwf.ir.relocating import relocated
from fairwf.report import Report, UnsupportedError
from fairwf_nextflow.write.document import MAIN, texts_of
from fairwf_nextflow.write.failures import CannotSayError


def write(document: Document, options: WriteOptions, report: Report) -> Written:
    """Return the files of a document in normal form.

    Raises:
        UnsupportedError: Nextflow cannot say a part of it.
    """
    root = document.workflow
    if isinstance(root, Instance):
        raise UnsupportedError.of("FWF3001", "Nextflow has no tasks that were expanded")

    def tell(code: str, message: str, node: msgspec.Struct) -> None:
        report.add(code, message, span=document.origins.get(node))

    source = document.source
    folder = Path(source).parent if source not in (None, "-") else None
    root = relocated(root, folder, options.folder)
    try:
        texts = texts_of(root, tell)
    except CannotSayError as error:
        span = document.origins.get(error.node)
        report.add("FWF3001", error.message, span=span, hint=error.hint)
        raise UnsupportedError(report) from None
    return Written(main=MAIN, files={name: text.encode() for name, text in texts.items()})
