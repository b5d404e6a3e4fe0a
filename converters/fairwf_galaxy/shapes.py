"""Looking into documents of strangers: values of the wrong kind are told, with their places."""

from __future__ import annotations

from typing import Any

from fairwf.ir.origins import Span
from fairwf.report import InvalidError, Report
from fairwf.source import SourceList, SourceMap

MOST_FINDINGS = 100
"""How many faults of one document are told."""

_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a text",
    int: "a whole number",
    bool: "true/false",
}


class Shapes:
    """Values by key, each of the kind that is wanted."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._faults = 0

    def tell(self, message: str, span: Span | None, hint: str | None = None) -> None:
        """Report a fault of the document.

        Raises:
            InvalidError: there are so many that the rest is not looked at.
        """
        self._faults += 1
        if self._faults > MOST_FINDINGS:
            self.report.add(
                "FWF1701", f"and more: after {MOST_FINDINGS} faults the rest was not read"
            )
            raise InvalidError(self.report)
        self.report.add("FWF1701", message, span=span, hint=hint)

    def map(self, value: Any, what: str, span: Span | None) -> SourceMap:
        """Return an object; an empty one, told, for anything else."""
        if isinstance(value, SourceMap):
            return value
        self.tell(f"{what} is {_kind(value)}, and should be an object", span)
        return SourceMap(span or Span("-", 1, 1, 1, 1))

    def get_map(self, holder: SourceMap, key: str, what: str) -> SourceMap:
        """Return the object at a key; an empty one where there is none."""
        value = holder.get(key)
        if value is None:
            return SourceMap(holder.span)
        return self.map(value, f"{key!r} of {what}", holder.value_span(key))

    def get_list(self, holder: SourceMap, key: str, what: str) -> SourceList:
        """Return the list at a key; an empty one where there is none."""
        value = holder.get(key)
        if isinstance(value, SourceList):
            return value
        if value is not None:
            self._wrong(holder, key, what, value, list)
        return SourceList(holder.span)

    def get_text(self, holder: SourceMap, key: str, what: str) -> str | None:
        """Return the text at a key; None where there is none."""
        value = holder.get(key)
        if value is None or isinstance(value, str):
            return value
        self._wrong(holder, key, what, value, str)
        return None

    def maps(self, items: SourceList, what: str) -> list[tuple[SourceMap, Span]]:
        """Return the objects in a list, each with its place; anything else is told."""
        found = []
        for number, item in enumerate(items):
            span = items.item_span(number)
            if isinstance(item, SourceMap):
                found.append((item, span))
            else:
                self.tell(f"{what} holds {_kind(item)}, and should hold objects", span)
        return found

    def _wrong(self, holder: SourceMap, key: str, what: str, value: Any, wanted: type) -> None:
        text = f"{key!r} of {what} is {_kind(value)}, and should be {_KINDS[wanted]}"
        self.tell(text, holder.value_span(key))


def _kind(value: Any) -> str:
    for kind, name in ((bool, "true/false"), *_KINDS.items(), (float, "a number")):
        if isinstance(value, kind):
            return name
    return "nothing"
