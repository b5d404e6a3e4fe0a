"""Where every node of a document came from, handed on while it is put into normal form."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from fairwf.document import Document
from fairwf.ir.expressions import IntLit
from fairwf.ir.origins import Origins, Span
from fairwf.ir.walk import children, walk
from fairwf.ir.workflow import Process
from fairwf.report import Report

S = TypeVar("S", bound=msgspec.Struct)


class Ledger:
    """What is known of the nodes of a document while it is rewritten, and the report of it."""

    def __init__(self, document: Document, report: Report) -> None:
        self.document = document
        self.report = report
        self.places: dict[int, tuple[msgspec.Struct, str]] = {}
        for path, node in walk(document.workflow):
            self.places[id(node)] = (node, document.origins.path(node) or path)

    def span(self, node: object) -> Span | None:
        """Return where a node came from, if it is one."""
        return self.document.origins.get(node) if isinstance(node, msgspec.Struct) else None

    def path(self, node: object) -> str | None:
        """Return the path of a node, or of what it was made from, in the source document."""
        found = self.places.get(id(node))
        return found[1] if found is not None else None

    def hand_on(self, new: msgspec.Struct, old: msgspec.Struct) -> None:
        """Let ``new`` have the place and origin of ``old``, unless it has its own."""
        place = self.path(old)
        if place is not None:
            self.places.setdefault(id(new), (new, place))
        self.document.origins.inherit(new, old)

    def made(self, new: S, old: msgspec.Struct) -> S:
        """Return ``new``: it stands for ``old``, and what is new inside for what is around it."""
        place = self.path(old)
        todo: list[tuple[msgspec.Struct, str]] = [(new, place if place is not None else "")]
        while todo:
            node, around = todo.pop()
            own = self.document.origins.path(node) or around
            here = self.places.setdefault(id(node), (node, own))[1]
            todo.extend((child, here) for _, child in children(node))
        return new

    def tell(self, code: str, message: str, node: object, part: str = "") -> None:
        """Report what became of a node, or of its ``part`` (a relative path)."""
        path = self.path(node)
        if path is not None and part:
            path = f"{path}/{part}"
        self.report.add(code, message, span=self.span(node), path=path)

    def rounded(self, node: IntLit, number: int) -> None:
        """Report a whole number that JavaScript lacks."""
        self.tell(
            "FWF3003", f"JavaScript has no number {node.number}; {number} stands for it", node
        )


class Heirs(Origins):
    """Hands on what a normalizer knows of a node to the node that replaces it."""

    def __init__(self, work: Ledger) -> None:
        super().__init__()
        self._work = work

    def inherit(self, new: msgspec.Struct, old: msgspec.Struct) -> None:
        """Let ``new`` have the place and origin of ``old``."""
        self._work.hand_on(new, old)


def settle(new: Process, old: Process, origins: Origins) -> None:
    """Give every node an origin: its own, that of its place before, or that of what holds it."""
    before = {path: origins.get(node) for path, node in walk(old)}
    spans: dict[str, Span | None] = {}
    for path, node in walk(new):
        span = origins.get(node) or before.get(path)
        holder = path
        while span is None and holder:
            holder = holder.rsplit("/", 1)[0]
            span = spans.get(holder)
        spans[path] = span
        if node not in origins:
            origins.set(node, span)
