"""Comments, by the path of the node that follows them or that they stand behind."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import msgspec

from fairwf.ir.command import Argument
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import InputPort
from fairwf.ir.walk import escape, walk
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Step, Workflow
from fairwf.source import SourceList, SourceMap
from fairwf_cwl.idmaps import entries

PROCESSES = (Command, Script, Pure, Operation, Workflow)
_MARK = re.compile(r"\s#")


def comments_of(
    texts: Mapping[str, bytes], trees: Mapping[str, Any], workflow: Process, origins: Origins
) -> dict[str, tuple[str, ...]]:
    """Return the comments of all files, without ``#`` and one blank.

    ``texts`` and ``trees`` are what the files hold, by the names that spans give them. A comment
    belongs to the outermost node that begins on its line or on the next one with text, else to the
    innermost node around it; in a process or step that is the key that it stands before or in
    (``/steps/align/run/requirements``). What stands behind all keys of a process or step has its
    path and a slash. Lines inside texts of several lines are no comments.
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
        keys = _Keys(file, texts[file], place).of(trees[file])
        for row in rows:
            path = _end(place, row) if row.behind else _path(place, keys, row.line)
            found[path] = (*found.get(path, ()), *row.texts)
    for place in places.values():
        for first, *others in place.processes.values():
            if others:  # what several steps run stands in the IR for each of them
                inside = [path for path in found if path.startswith(f"{first}/") or path == first]
                for path, other in product(inside, others):
                    found.setdefault(other + path[len(first) :], found[path])
    return found


class _Row(msgspec.Struct):
    """Comments, and the line that they stand on or before; ``behind`` it those of this column."""

    line: int
    texts: list[str]
    behind: int = 0


class _Places(msgspec.Struct):
    """Where the nodes that come from a file stand in it."""

    starts: dict[int, str] = msgspec.field(default_factory=dict)
    ranges: list[tuple[int, int, str]] = msgspec.field(default_factory=list)
    processes: dict[tuple[int, int], list[str]] = msgspec.field(default_factory=dict)
    steps: dict[tuple[int, int], str] = msgspec.field(default_factory=dict)
    ends: list[tuple[Span, int, str]] = msgspec.field(default_factory=list)
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
            here.ends.append((span, span.column, path))
        elif isinstance(node, Step):
            here.steps.setdefault((span.line, span.column), path)
            here.ends.append((span, span.column + 1, path))
        here.starts.setdefault(span.line, path)
        here.ranges.append((span.line, span.end_line, path))
    return places


def _path(place: _Places, keys: list[tuple[int, int, str, str]], number: int) -> str:
    """Return the path of the node that a comment on or before a line belongs to."""
    begins = place.starts.get(number)
    begun = next((key for a, _, key, of in keys if a == number and of != begins), None)
    if begun is not None:
        return begun
    if begins is not None:
        return begins
    around = [r for r in place.ranges if r[0] <= number <= r[1]]
    path = min(around, key=lambda r: r[1] - r[0])[2] if around else ""
    within = [key for key in keys if key[3] == path and key[0] <= number <= key[1]]
    return min(within, key=lambda key: key[1] - key[0])[2] if within else path


def _end(place: _Places, row: _Row) -> str:
    """Return the path of what comments stand at the end of: the innermost that they are within."""
    around = [
        (span.line, path)
        for span, column, path in place.ends
        if span.line <= row.line <= span.end_line and column <= row.behind
    ]
    last = max(around, key=lambda one: one[0], default=None)
    return f"{last[1] if last is not None else place.ends[0][2]}/"


def _blocks(data: bytes, file: str, tree: Any) -> list[_Row]:
    """Return the comments of a file."""
    if b"#" not in data:
        return []
    lines = data.decode("utf-8-sig", "replace").splitlines()
    inside, scalars = _scalars(tree, file)
    rows: list[_Row] = []
    block: list[tuple[str, int]] = []
    last = 1
    for number, line in enumerate([*lines, ""], 1):
        text = line.strip()
        if text.startswith("#") and number not in inside:
            if not (number == 1 and text.startswith("#!")):
                block.append((text[1:].removeprefix(" "), line.index("#") + 1))
            continue
        if not text and number <= len(lines):
            continue
        first = len(line) - len(line.lstrip()) + 1 if text else 0
        while block and block[0][1] > first:
            said, column = block.pop(0)
            rows.append(_Row(last, [said], column))
        here = [said for said, _ in block]
        if number not in inside and " #" in line:
            behind = _behind(line, scalars.get(number, ()))
            if behind:
                here.append(behind)
        if here:
            rows.append(_Row(number, here))
        block, last = [], number
    return rows


def _behind(line: str, scalars: Iterable[tuple[int, int]]) -> str:
    """Return the comment that ends a line; ``scalars`` are the columns of texts in it."""
    for match in _MARK.finditer(line):
        column = match.end()
        if not any(first <= column < last for first, last in scalars):
            return line[column:].strip()
    return ""


class _Keys:
    """Finds the keys of processes and steps: their lines, their paths, and those of their owners.

    What a step runs is a node of its own, so its key is the step's.
    """

    def __init__(self, file: str, data: bytes, place: _Places) -> None:
        self._file = file
        self._lines = data.decode("utf-8-sig", "replace").splitlines()
        self._place = place
        self._rows: list[tuple[int, int, str, str]] = []

    def of(self, tree: Any) -> list[tuple[int, int, str, str]]:
        """Return them for a whole file."""
        stack = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, (SourceMap, SourceList)) and node.span.file != self._file:
                continue  # imported
            if isinstance(node, SourceMap):
                at = (node.span.line, node.span.column)
                path = next(iter(self._place.processes.get(at, ())), None)
                for key, item in node.items():
                    stack.append(item)
                    if path is not None:
                        self._key(node, key, path)
                    self._step(item, node.key_span(key))
            elif isinstance(node, SourceList):
                for item in node:
                    stack.append(item)
                    if isinstance(item, SourceMap):
                        self._step(item, item.span)
        return self._rows

    def _step(self, node: Any, span: Span) -> None:
        path = self._place.steps.get((span.line, span.column))
        if path is None or not isinstance(node, SourceMap):
            return
        for key, item in node.items():
            if key in ("id", "run"):
                continue
            self._key(node, key, path)
            if key != "in":
                continue
            for entry in entries(item, "id"):
                first, last = entry.key_span.line, self._last(entry.span)
                row = first, max(first, last), f"{path}/in/{escape(entry.key)}", path
                self._rows.append(row)

    def _key(self, node: SourceMap, key: str, path: str) -> None:
        first, last = node.key_span(key).line, self._last(node.value_span(key))
        self._rows.append((first, max(first, last), f"{path}/{escape(key)}", path))

    def _last(self, span: Span) -> int:
        """Return the last line of a span; that of a block ends where the next token begins."""
        line = self._lines[span.end_line - 1] if span.end_line <= len(self._lines) else ""
        blank = not line[: span.end_column - 1].strip(" -")
        return span.end_line - 1 if blank else span.end_line


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
