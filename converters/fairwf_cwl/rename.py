"""New names for the steps of a workflow, in its own text: nothing else of it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairwf.formats import Source
from fairwf.ir.origins import Span
from fairwf.source import SourceError, SourceList, SourceMap, load_structured

_MARK = "  # named by fairwf: was "


def rename_steps(source: Source, names: Mapping[str, str]) -> bytes | None:
    """Return the text with other step ids, None for a form that is not mended (a packed document).

    Changed are the ids and the links to them; a comment beside an id says what it was.
    """
    try:
        text = source.data.decode("utf-8")
        tree = load_structured(source.data, source.name)
    except (SourceError, UnicodeDecodeError):
        return None
    if not isinstance(tree, SourceMap) or tree.get("class") != "Workflow" or "\r" in text:
        return None
    marked = not text.lstrip().startswith("{")
    edits: list[tuple[int, int, str]] = []
    starts = [0]
    starts += [match.end() for match in re.finditer("\n", text)]
    for span, old, new, is_id in _places(tree, names):
        begin = starts[span.line - 1] + span.column - 1
        end = starts[span.end_line - 1] + span.end_column - 1
        before = text[begin:end]
        after = before.replace(old, new, 1)
        if before.count(old) < 1 or (is_id and before.strip("'\"") != old):
            return None
        edits.append((begin, end, after))
        if is_id and marked:
            line_end = text.find("\n", end)
            line_end = len(text) if line_end < 0 else line_end
            if re.fullmatch(r":?\s*", text[end:line_end]):
                edits.append((line_end, line_end, f"{_MARK}{old}"))
    for begin, end, after in sorted(edits, reverse=True):
        text = text[:begin] + after + text[end:]
    return text.encode()


def _places(tree: SourceMap, names: Mapping[str, str]) -> Iterator[tuple[Span, str, str, bool]]:
    """Yield where a step is named: the place, the old and the new text, whether it is its id."""
    steps = tree.get("steps")
    if isinstance(steps, SourceMap):
        for key, step in steps.items():
            if key in names:
                yield steps.key_span(key), key, names[key], True
            yield from _links(step, names)
    for step in steps if isinstance(steps, SourceList) else ():
        if not isinstance(step, SourceMap):
            continue
        own = str(step.get("id", "")).removeprefix("#")
        if own in names:
            prefix = "#" if str(step["id"]).startswith("#") else ""
            yield step.value_span("id"), prefix + own, prefix + names[own], True
        yield from _links(step, names)
    outputs = tree.get("outputs")
    items = list(outputs.values()) if isinstance(outputs, SourceMap) else outputs
    for output in items if isinstance(items, list) else ():
        if isinstance(output, SourceMap):
            yield from _references(output, "outputSource", names)


def _links(step: Any, names: Mapping[str, str]) -> Iterator[tuple[Span, str, str, bool]]:
    ports = step.get("in") if isinstance(step, SourceMap) else None
    if isinstance(ports, SourceMap):
        for key, value in ports.items():
            if isinstance(value, SourceMap):
                yield from _references(value, "source", names)
            else:
                yield from _references(ports, key, names)
    for port in ports if isinstance(ports, SourceList) else ():
        if isinstance(port, SourceMap):
            yield from _references(port, "source", names)


def _references(
    tree: SourceMap, key: str, names: Mapping[str, str]
) -> Iterator[tuple[Span, str, str, bool]]:
    value = tree.get(key)
    places: list[tuple[Any, Span]] = []
    if isinstance(value, str):
        places.append((value, tree.value_span(key)))
    elif isinstance(value, SourceList):
        places += [(item, value.item_span(number)) for number, item in enumerate(value)]
    for text, span in places:
        step, slash, _ = str(text).removeprefix("#").partition("/")
        if slash and step in names:
            yield span, f"{step}/", f"{names[step]}/", False
