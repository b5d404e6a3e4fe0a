"""Reading identifier maps: a list of objects, or a map of them (Schema Salad 1.2, section 2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fairwf.ir.origins import Span
from fairwf.source import SourceList, SourceMap


class Entry(NamedTuple):
    """An entry: its key, its object, where its key stands, and its whole range."""

    key: str
    node: SourceMap
    key_span: Span
    span: Span


def entries(value: Any, key: str, predicate: str | None = None) -> Iterator[Entry]:
    """Yield the entries of a list or map; a map's bare value is put under ``predicate``."""
    if isinstance(value, SourceMap):
        for name, item in value.items():
            if name.startswith("$"):
                continue
            span = join(value.key_span(name), value.value_span(name))
            if isinstance(item, SourceMap):
                node = item
            else:
                node = SourceMap(value.value_span(name))
                if predicate is not None and item is not None:
                    node.put(predicate, item, value.key_span(name), value.value_span(name))
            yield Entry(name, node, value.key_span(name), span)
    elif isinstance(value, SourceList):
        for item in value:
            if isinstance(item, SourceMap):
                yield Entry(str(item.get(key, "")), item, item.value_span(key), item.span)


def join(start: Span, end: Span) -> Span:
    """Return the range from one span's start to another's end, if they stand in one file."""
    if start.file != end.file or (end.end_line, end.end_column) < (start.line, start.column):
        return start
    return Span(start.file, start.line, start.column, end.end_line, end.end_column)


def as_list(node: SourceMap, field: str) -> list[tuple[Any, Span]]:
    """Return a field's items with their spans; one item for a single value, none for null."""
    value = node.get(field)
    if value is None:
        return []
    if isinstance(value, SourceList):
        return [(item, value.item_span(index)) for index, item in enumerate(value)]
    return [(value, node.value_span(field))]
