"""Comments, by the path of the node that follows them or that they stand behind."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import msgspec

from fairwf.ir.command import Argument
from fairwf.ir.origins import Origins
from fairwf.ir.ports import InputPort
from fairwf.ir.walk import escape, walk
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Workflow
from fairwf.source import SourceList, SourceMap

PROCESSES = (Command, Script, Pure, Operation, Workflow)
_MARK = re.compile(r"\s#")


def comments_of(
    texts: Mapping[str, bytes], trees: Mapping[str, Any], workflow: Process, origins: Origins
) -> dict[str, tuple[str, ...]]:
    """Return the comments of all files, without ``#`` and one blank.

    ``texts`` and ``trees`` are what the files hold, by the names that spans give them. A comment
    belongs to the outermost node that begins on its line or on the next one with text, else to the
    innermost node around it; in a process that is the key that it stands before or in
    (``/steps/align/run/requirements``). Lines inside texts of several lines are no comments.
    """
    found: dict[str, tuple[str, ...]] = {}
    blocks = {file: _blocks(texts[file], file, tree) for file, tree in trees.items()}
    if not any(blocks.values()):
        return found
    places = _places(workflow, origins)
    for file, rows in blocks.items():
        if not rows or file not in places:
            continue
        place = places[file]
        keys = _keys(trees[file], file, place.processes)
        for number, comments in rows:
            path = _path(place, keys, number)
            found[path] = (*found.get(path, ()), *comments)
    for place in places.values():
        for first, *others in place.processes.values():
            if others:  # what several steps run stands in the IR for each of them
                inside = [path for path in found if path.startswith(f"{first}/") or path == first]
                for path, other in product(inside, others):
                    found.setdefault(other + path[len(first) :], found[path])
    return found


class _Places(msgspec.Struct):
    """Where the nodes that come from a file stand in it."""

    starts: dict[int, str] = msgspec.field(default_factory=dict)
    ranges: list[tuple[int, int, str]] = msgspec.field(default_factory=list)
    processes: dict[tuple[int, int], list[str]] = msgspec.field(default_factory=dict)
    ports: list[tuple[int, int]] = msgspec.field(default_factory=list)
    bound: str = "\0"


def _places(workflow: Process, origins: Origins) -> dict[str, _Places]:
    places: dict[str, _Places] = {}
    for path, node in walk(workflow):
        span = origins.get(node)
        if span is None:
            continue
        here = places.setdefault(span.file, _Places())
        if isinstance(node, InputPort):
            here.ports.append((span.line, span.end_line))
        if isinstance(node, Argument):  # what is bound to an input stands in the input
            own = any(a <= span.line <= b for a, b in here.ports)
            here.bound = path if own else "\0"
        if path == here.bound or path.startswith(f"{here.bound}/"):
            continue
        if isinstance(node, PROCESSES):
            here.processes.setdefault((span.line, span.column), []).append(path)
        here.starts.setdefault(span.line, path)
        here.ranges.append((span.line, span.end_line, path))
    return places


def _path(place: _Places, keys: list[tuple[int, int, str, str]], number: int) -> str:
    """Return the path of the node that a comment on or before a line belongs to."""
    path = place.starts.get(number, "")
    begun = next((key for a, _, key, of in keys if a == number and of != path), None)
    if begun is not None:
        return begun
    if number in place.starts:
        return path
    around = [r for r in place.ranges if r[0] <= number <= r[1]]
    path = min(around, key=lambda r: r[1] - r[0])[2] if around else ""
    return next((key for a, b, key, of in keys if of == path and a <= number <= b), path)


def _blocks(data: bytes, file: str, tree: Any) -> list[tuple[int, list[str]]]:
    """Return the comments with the number of the line that they stand on or before."""
    if b"#" not in data:
        return []
    lines = data.decode("utf-8-sig", "replace").splitlines()
    inside, scalars = _scalars(tree, file)
    blocks: list[tuple[int, list[str]]] = []
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("#") and number not in inside:
            if not (number == 1 and text.startswith("#!")):
                block.append(text[1:].removeprefix(" "))
            continue
        if number not in inside and " #" in line:
            behind = _behind(line, scalars.get(number, ()))
            if behind:
                block.append(behind)
        if text and block:
            blocks.append((number, block))
            block = []
    if block:
        blocks.append((len(lines) + 1, block))
    return blocks


def _behind(line: str, scalars: Iterable[tuple[int, int]]) -> str:
    """Return the comment that ends a line; ``scalars`` are the columns of texts in it."""
    for match in _MARK.finditer(line):
        column = match.end()
        if not any(first <= column < last for first, last in scalars):
            return line[column:].strip()
    return ""


def _keys(
    tree: Any, file: str, processes: Mapping[tuple[int, int], Sequence[str]]
) -> list[tuple[int, int, str, str]]:
    """Return the lines of each key of the processes with its path and that of the process."""
    rows: list[tuple[int, int, str, str]] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, (SourceMap, SourceList)) and node.span.file != file:
            continue  # imported
        if isinstance(node, SourceMap):
            path = next(iter(processes.get((node.span.line, node.span.column), ())), None)
            for key, item in node.items():
                stack.append(item)
                if path is not None and isinstance(key, str):
                    first, last = node.key_span(key).line, node.value_span(key).end_line
                    rows.append((first, max(first, last), f"{path}/{escape(key)}", path))
        elif isinstance(node, SourceList):
            stack.extend(node)
    return rows


def _scalars(tree: Any, file: str) -> tuple[set[int], dict[int, list[tuple[int, int]]]]:
    """Return the lines that belong to a text of several lines, but its first; and the columns of
    texts by line, the second one exclusive.
    """
    inside: set[int] = set()
    columns: dict[int, list[tuple[int, int]]] = {}
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, SourceMap):
            rows = [(item, node.value_span(key)) for key, item in node.items()]
            rows += [(key, node.key_span(key)) for key in node]
        elif isinstance(node, SourceList):
            rows = [(item, node.item_span(index)) for index, item in enumerate(node)]
        else:
            continue
        for item, span in rows:
            if not isinstance(item, str):
                stack.append(item)
            elif span.file == file:
                last = span.end_line if span.end_column > 1 else span.end_line - 1
                end = span.end_column if last == span.line else sys.maxsize
                columns.setdefault(span.line, []).append((span.column, end))
                inside.update(range(span.line + 1, last + 1))
    return inside, columns
