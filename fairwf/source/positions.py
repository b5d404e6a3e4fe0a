"""Maps and lists that remember where they, their keys and their items stood in the text."""

from __future__ import annotations

import math
from typing import Any

from fairwf.ir.origins import Span


class SourceMap(dict[str, Any]):
    """A map read from a text. Values are plain Python values, SourceMaps and SourceLists."""

    __slots__ = ("key_spans", "span", "value_spans")

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span
        self.key_spans: dict[str, Span] = {}
        self.value_spans: dict[str, Span] = {}

    def put(self, key: str, value: Any, key_span: Span, value_span: Span) -> None:
        """Add an entry with its positions."""
        self[key] = value
        self.key_spans[key] = key_span
        self.value_spans[key] = value_span

    def key_span(self, key: str) -> Span:
        """Return where a key stands; the map itself for one that was not in the text."""
        return self.key_spans.get(key, self.span)

    def value_span(self, key: str) -> Span:
        """Return where a key's value stands; the map itself for one that was not in the text."""
        return self.value_spans.get(key, self.span)


class SourceList(list[Any]):
    """A list read from a text."""

    __slots__ = ("item_spans", "span")

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span
        self.item_spans: list[Span] = []

    def put(self, item: Any, span: Span) -> None:
        """Append an item with its position."""
        self.append(item)
        self.item_spans.append(span)

    def item_span(self, index: int) -> Span:
        """Return where an item stands; the list itself for one that was not in the text."""
        return self.item_spans[index] if index < len(self.item_spans) else self.span


def span_of(root: Any, path: tuple[str | int, ...]) -> Span | None:
    """Return where the value at ``path`` stands, or the nearest place around it that is known.

    For a key that stands in the text, the span is the value's.
    """
    span: Span | None = getattr(root, "span", None)
    for part in path:
        if isinstance(root, SourceMap) and isinstance(part, str) and part in root:
            span, root = root.value_span(part), root[part]
        elif isinstance(root, SourceList) and isinstance(part, int) and part < len(root):
            span, root = root.item_span(part), root[part]
        else:
            return span
    return span


def plain(value: Any) -> Any:
    """Return the value as JSON knows it: plain dicts and lists, without positions.

    What YAML has and JSON has not becomes a text: ``inf``, ``-inf``, ``nan``, as in the IR.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    return value
