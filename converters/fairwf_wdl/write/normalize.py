"""The form that the reader gives what is written: it is written, checked by miniwdl, and read.

So nothing is written that the type checker refuses, and what is written reads back as the document
that the conversion gives.
"""

from __future__ import annotations

import msgspec

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.instance import Instance
from fairwf.ir.origins import Origins
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Process
from fairwf.report import FairwfError, Report, UnsupportedError
from fairwf_wdl.read import read
from fairwf_wdl.write.capabilities import NEWEST
from fairwf_wdl.write.changes import changes
from fairwf_wdl.write.document import MAIN, texts_of
from fairwf_wdl.write.failures import CannotSayError

_ROUNDS = 4
"""How often what was read is written again until it does not change any more."""


class Ledger:
    """Where each node of a document came from, and what is told of it."""

    def __init__(self, document: Document, report: Report) -> None:
        self.report = report
        self.origins = document.origins
        self._paths = {
            id(node): (node, document.origins.path(node) or path)
            for path, node in walk(document.workflow)
        }
        self._told: set[tuple[str, str, str]] = set()
        self.parents: dict[int, msgspec.Struct] = {}

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path of a node in the source document."""
        found = self._paths.get(id(node))
        return found[1] if found is not None else None

    def tell(self, code: str, message: str, node: msgspec.Struct) -> None:
        """Report what became of a node."""
        path = self.path(node)
        entry = (code, path or "", message)
        if entry not in self._told:
            self._told.add(entry)
            self.report.add(code, message, span=self.origins.get(node), path=path)

    def refuse(self, error: CannotSayError) -> UnsupportedError:
        """Return the refusal of a part."""
        self.report.add(
            "FWF3001",
            error.message,
            span=self.origins.get(error.node),
            path=self.path(error.node),
            hint=error.hint,
        )
        return UnsupportedError(self.report)


def normalize(document: Document, report: Report, version: str | None = None) -> Document:
    """Return the document in the form that the reader of ``version`` gives.

    Raises:
        UnsupportedError: WDL cannot say a part of it; the report names the part.
    """
    version = version or NEWEST
    ledger = Ledger(document, report)
    root = document.workflow
    if isinstance(root, Instance):
        return document
    try:
        texts = texts_of(root, version, ledger.tell)
    except CannotSayError as error:
        raise ledger.refuse(error) from None
    again = _read(texts, document, report)
    for _ in range(_ROUNDS):
        try:
            next_texts = texts_of(again, version, _silent)
        except CannotSayError as error:
            raise ledger.refuse(CannotSayError(error.message, root, error.hint)) from None
        if next_texts == texts:
            break
        texts = next_texts
        before, again = again, _read(texts, document, report)
        if canonical_bytes(before) == canonical_bytes(again):
            break
    changes(root, again, ledger)
    origins = _inherited(root, again, document.origins)
    return Document(
        workflow=again,
        origins=origins,
        comments=document.comments,
        format=document.format,
        source=document.source,
    )


def _silent(code: str, message: str, node: msgspec.Struct) -> None:
    """What is said of a part was told when it was written first."""


def _read(texts: dict[str, str], document: Document, report: Report) -> Process:
    """Return what the reader gives; what miniwdl finds is no mistake of the user."""
    own = Report()
    files = {name: text.encode() for name, text in texts.items()}
    try:
        again = read(Source(name=MAIN, given=files[MAIN]), ReadOptions(), own, files)
    except FairwfError as error:
        found = error.report.errors[0]
        report.add(
            "FWF3001",
            f"WDL's type checker does not take what this becomes: {found.message}",
            span=document.origins.get(document.workflow),
            path="",
            hint="give every value the type that its place wants, or choose another target",
        )
        raise UnsupportedError(report) from None
    assert not isinstance(again.workflow, Instance)
    return again.workflow


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
