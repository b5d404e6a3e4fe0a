"""Comments that stand on lines of their own, by the path of the node that follows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir.command import Argument
from fairwf.ir.origins import Origins
from fairwf.ir.ports import InputPort
from fairwf.ir.walk import escape, walk
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Workflow
from fairwf.source import SourceList, SourceMap

PROCESSES = (Command, Script, Pure, Operation, Workflow)


def comments_of(
    data: bytes, file: str, tree: Any, workflow: Process, origins: Origins
) -> dict[str, tuple[str, ...]]:
    """Return the comments of the main file, without ``#`` and one blank.

    A comment belongs to the outermost node that begins on the next line with text, else to the
    innermost node around it; in a process that is the key that it stands before or in
    (``/steps/align/run/requirements``). Lines inside texts of several lines are no comments.
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
    processes: dict[tuple[int, int], str] = {}
    ports: list[tuple[int, int]] = []
    bound = "\0"
    for path, node in walk(workflow):
        span = origins.get(node)
        if span is None or span.file != file:
            continue
        if isinstance(node, InputPort):
            ports.append((span.line, span.end_line))
        if isinstance(node, Argument):  # what is bound to an input stands in the input
            bound = path if any(a <= span.line <= b for a, b in ports) else "\0"
        if path == bound or path.startswith(f"{bound}/"):
            continue
        if isinstance(node, PROCESSES):
            processes.setdefault((span.line, span.column), path)
        starts.setdefault(span.line, path)
        ranges.append((span.line, span.end_line, path))
    keys = _keys(tree, processes)
    found: dict[str, tuple[str, ...]] = {}
    for number, texts in blocks:
        path = starts.get(number, "")
        begun = next((key for a, _, key, of in keys if a == number and of != path), None)
        if begun is not None:
            path = begun
        elif number not in starts:
            around = [r for r in ranges if r[0] <= number <= r[1]]
            path = min(around, key=lambda r: r[1] - r[0])[2] if around else ""
            path = next((key for a, b, key, of in keys if of == path and a <= number <= b), path)
        found[path] = (*found.get(path, ()), *texts)
    return found


def _keys(tree: Any, processes: Mapping[tuple[int, int], str]) -> list[tuple[int, int, str, str]]:
    """Return the lines of each key of the processes with its path and that of the process."""
    rows: list[tuple[int, int, str, str]] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, SourceMap):
            path = processes.get((node.span.line, node.span.column))
            for key, item in node.items():
                stack.append(item)
                if path is not None and isinstance(key, str):
                    first, last = node.key_span(key).line, node.value_span(key).end_line
                    rows.append((first, max(first, last), f"{path}/{escape(key)}", path))
        elif isinstance(node, SourceList):
            stack.extend(node)
    return rows


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
