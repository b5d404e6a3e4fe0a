"""The form that the reader gives what is written: it is written, parsed and read.

So nothing is written that our own grammar refuses, and what is written reads back as the document
that the conversion gives.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import Opaque
from fairwf.ir.instance import Instance
from fairwf.ir.origins import Origins
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Process
from fairwf.report import FairwfError, Report, UnsupportedError
from fairwf_nextflow.document import read
from fairwf_nextflow.write.changes import changes
from fairwf_nextflow.write.document import MAIN, texts_of
from fairwf_nextflow.write.failures import CannotSayError, silent

_ROUNDS = 5
"""How often what was read is written again until it does not change any more."""


class Ledger:
    """Where each node of a document came from, and what is told of it."""

    def __init__(self, document: Document, report: Report) -> None:
        self.report = report
        self.origins = document.origins
        self.root = document.workflow
        self._paths = {
            id(node): (node, document.origins.path(node) or path)
            for path, node in walk(document.workflow)
        }
        self._told: set[tuple[str, str, str]] = set()

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path of a node in the source document."""
        found = self._paths.get(id(node))
        return found[1] if found is not None else None

    def _own(self, node: msgspec.Struct) -> msgspec.Struct:
        """Return the node of the document that was put into another place."""
        if id(node) in self._paths:
            return node
        for one, _ in self._paths.values():
            if type(one) is type(node):
                same = isinstance(one, Opaque) and one.text == getattr(node, "text", None)
                if same or one == node:
                    return one
        return self.root

    def tell(self, code: str, message: str, node: msgspec.Struct) -> None:
        """Report what became of a node."""
        node = self._own(node)
        path = self.path(node)
        entry = (code, path or "", message)
        if entry not in self._told:
            self._told.add(entry)
            self.report.add(code, message, span=self.origins.get(node), path=path)

    def refuse(self, error: CannotSayError) -> UnsupportedError:
        """Return the refusal of a part."""
        node = self._own(error.node)
        span, path = self.origins.get(node), self.path(node)
        self.report.add("FWF3001", error.message, span=span, path=path, hint=error.hint)
        return UnsupportedError(self.report)


def normalize(document: Document, report: Report, version: str | None = None) -> Document:
    """Return the document in the form that the reader gives.

    Raises:
        UnsupportedError: Nextflow cannot say a part of it; the report names the part.
    """
    root = document.workflow
    if isinstance(root, Instance):
        return document
    ledger = Ledger(document, report)
    try:
        texts = texts_of(root, ledger.tell)
    except CannotSayError as error:
        raise ledger.refuse(error) from None
    again = _read(texts, document, report)
    for _ in range(_ROUNDS):
        try:
            later = texts_of(again, silent)
        except CannotSayError as error:
            raise ledger.refuse(CannotSayError(error.message, root, error.hint)) from None
        if later == texts:
            break
        texts = later
        before, again = again, _read(texts, document, report)
        if canonical_bytes(before) == canonical_bytes(again):
            break
    changes(root, again, ledger)
    return msgspec.structs.replace(
        document, workflow=again, origins=_inherited(root, again, document.origins)
    )


def _read(texts: dict[str, str], document: Document, report: Report) -> Process:
    """Return what the reader gives."""
    own = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        try:
            again = read(
                Source(name=MAIN, path=folder / MAIN, tree=folder), ReadOptions(), own
            ).workflow
        except FairwfError as error:
            again, found = None, error.report.errors[0].message
        else:
            left = [d.message for d in own if d.code in ("FWF1604", "FWF1605")]
            found = left[0] if left else ""
    if found or again is None:
        report.add(
            "FWF3001",
            f"what this becomes in Nextflow is not understood again: {found}",
            span=document.origins.get(document.workflow),
            path="",
            hint="write that part with standard functions, or choose another target",
        )
        raise UnsupportedError(report)
    assert not isinstance(again, Instance)
    return again


def _inherited(root: Process, again: Process, origins: Origins) -> Origins:
    """Give nodes at the paths of the source their places, others that of the node around them."""
    before = dict(walk(root))
    for path, node in walk(again):
        place = path
        while place and place not in before:
            place = place.rpartition("/")[0]
        if place in before:
            origins.inherit(node, before[place])
    return origins
