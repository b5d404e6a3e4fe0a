"""Comments that stand on lines of their own, by the path of the node that follows them."""

from __future__ import annotations

from typing import Any

from fairwf.ir.origins import Origins
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Process
from fairwf.source import SourceList, SourceMap


def comments_of(
    data: bytes, file: str, tree: Any, workflow: Process, origins: Origins
) -> dict[str, tuple[str, ...]]:
    """Return the comments of the main file, without ``#`` and one blank.

    A comment belongs to the outermost node that begins on the next line with text, else to the
    innermost node around it. Lines inside texts of several lines are no comments.
    """
    lines = data.decode("utf-8-sig", "replace").splitlines()
    inside = _inside_texts(tree)
    blocks: list[tuple[int, list[str]]] = []
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("#") and number not in inside:
            if not (number == 1 and text.startswith("#!")):
                block.append(text[1:].removeprefix(" "))
        elif text and block:
            blocks.append((number, block))
            block = []
    if block:
        blocks.append((len(lines) + 1, block))
    if not blocks:
        return {}
    starts: dict[int, str] = {}
    ranges: list[tuple[int, int, str]] = []
    for path, node in walk(workflow):
        span = origins.get(node)
        if span is None or span.file != file:
            continue
        starts.setdefault(span.line, path)
        ranges.append((span.line, span.end_line, path))
    found: dict[str, tuple[str, ...]] = {}
    for number, texts in blocks:
        path = starts.get(number, "")
        if number not in starts:
            around = [r for r in ranges if r[0] <= number <= r[1]]
            path = min(around, key=lambda r: r[1] - r[0])[2] if around else ""
        found[path] = (*found.get(path, ()), *texts)
    return found


def _inside_texts(tree: Any) -> set[int]:
    """Return the lines that belong to a text of several lines, but its first."""
    inside: set[int] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, SourceMap):
            rows = [(item, node.value_span(key)) for key, item in node.items()]
        elif isinstance(node, SourceList):
            rows = [(item, node.item_span(index)) for index, item in enumerate(node)]
        else:
            continue
        for item, span in rows:
            if isinstance(item, str):
                last = span.end_line if span.end_column > 1 else span.end_line - 1
                inside.update(range(span.line + 1, last + 1))
            else:
                stack.append(item)
    return inside
