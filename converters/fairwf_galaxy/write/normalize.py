"""The form that the reader gives what is written: it is written and read.

What the writer changes, it tells itself; what reads in another form than it had is told here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairwf.document import Document
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.instance import Instance
from fairwf.ir.origins import Origins
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Workflow
from fairwf.report import Report, UnsupportedError
from fairwf_galaxy.kept import sorted_keys
from fairwf_galaxy.read import read_tree
from fairwf_galaxy.write.changes import changes, keys_left_out
from fairwf_galaxy.write.failures import CannotSayError, place_of, silent
from fairwf_galaxy.write.format2 import FORMAT2, format2_tree
from fairwf_galaxy.write.native import WorkflowWriter

_ROUNDS = 4
"""How often what was read is written again until it does not change any more."""


class Ledger:
    """Where each node of a document came from, and what is told of it."""

    def __init__(self, document: Document, report: Report) -> None:
        self.document = document
        self.report = report
        self.origins = document.origins
        self.told: set[str] = set()
        self._paths = {
            id(node): (node, document.origins.path(node) or path)
            for path, node in walk(document.workflow)
        }
        self._entries: set[tuple[str, str, str]] = set()

    def path(self, node: msgspec.Struct) -> str | None:
        """Return the path of a node in the source document."""
        found = self._paths.get(id(node))
        return found[1] if found is not None else None

    def tell(self, code: str, message: str, node: msgspec.Struct, part: str = "") -> None:
        """Report what became of a node or a part of it."""
        path = self.path(node)
        if path is not None and part:
            path = f"{path}/{part}"
        entry = (code, path or "", message)
        if entry in self._entries:
            return
        self._entries.add(entry)
        self.told.add(path or "")
        self.report.add(code, message, span=self.origins.get(node), path=path)

    def refuse(self, error: CannotSayError) -> UnsupportedError:
        """Return the refusal of a part."""
        span, path = place_of(self.document, error.node), self.path(error.node)
        self.report.add("FWF3001", error.message, span=span, path=path, hint=error.hint)
        return UnsupportedError(self.report)


def normalize(document: Document, report: Report, version: str | None = None) -> Document:
    """Return the document in the form that the reader gives.

    Raises:
        UnsupportedError: Galaxy cannot say a part of it; the report names the part.
    """
    root = document.workflow
    if isinstance(root, Instance):
        return document
    ledger = Ledger(document, report)
    try:
        if not isinstance(root, Workflow):
            raise CannotSayError(
                "Galaxy has workflows alone", root, "put the task into a workflow of one step"
            )
        again = _read(WorkflowWriter(root, ledger.tell).tree(), version)
        for _ in range(_ROUNDS):
            assert isinstance(again.workflow, Workflow)
            later = _read(WorkflowWriter(again.workflow, silent).tree(), version)
            if canonical_bytes(later.workflow) == canonical_bytes(again.workflow):
                break
            again = later
        assert isinstance(again.workflow, Workflow)
        changes(root, again.workflow, ledger)
        if version == FORMAT2:
            keys_left_out(root, again.workflow, ledger)
    except CannotSayError as error:
        raise ledger.refuse(error) from None
    origins = _origins(document, again)
    return msgspec.structs.replace(document, workflow=again.workflow, origins=origins)


def _read(tree: dict[str, Any], version: str | None) -> Document:
    if version != FORMAT2:
        return read_tree(sorted_keys(tree))
    return read_tree(format2_tree(tree), format2=True)


def _origins(before: Document, after: Document) -> Origins:
    """Give every node the place that the node at its path had, or that of what holds it."""
    origins = Origins()
    places = {path: before.origins.get(node) for path, node in walk(before.workflow)}
    for path, node in walk(after.workflow):
        holder = path
        while holder and places.get(holder) is None:
            holder = holder.rsplit("/", 1)[0]
        origins.set(node, places.get(holder))
    return origins
