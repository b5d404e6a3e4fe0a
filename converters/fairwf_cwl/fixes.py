"""Edits that mend what is found in a CWL document without changing what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fairwf.formats import Edit
from fairwf.report import Diagnostic
from fairwf.source import SourceError, SourceList, SourceMap, load_structured

_NEEDS = re.compile(r"needs (\w+Requirement)\Z")
_SAY = re.compile(r"\Asay (\w+)\Z")


def fix(data: bytes, found: Diagnostic) -> Sequence[Edit]:
    """Return the edits that mend a finding; none where nothing safe is known.

    FWF1113: the requirement is added to the innermost workflow or step around, in block style.
    FWF1114: the extension gets the name that CWL v1.1 has for it.
    """
    if found.line is None or found.column is None:
        return ()
    if found.code == "FWF1113" and (needed := _NEEDS.search(found.message)):
        return _require(data, needed[1], found.line)
    name = _SAY.match(found.hint or "")
    if found.code == "FWF1114" and name and found.end_line and found.end_column:
        return (Edit(found.line, found.column, found.end_line, found.end_column, name[1]),)
    return ()


def _require(data: bytes, name: str, line: int) -> Sequence[Edit]:
    try:
        tree = load_structured(data, "-")
    except SourceError:
        return ()
    workflow = _around(tree, line)
    lines = data.decode("utf-8-sig").split("\n")
    if workflow is None:
        return ()
    said = workflow.get("requirements")
    if said is None and "requirements" not in workflow:
        key = workflow.key_span(next(iter(workflow)))
        lead = lines[key.line - 1][: key.column - 1]
        place = workflow.key_span("inputs" if "inputs" in workflow else next(iter(workflow)))
        indent = lines[place.line - 1][: place.column - 1]
        if indent.strip() or lead.strip(" -"):
            return ()
        text = f"{indent}requirements:\n{indent}  {name}: {{}}\n"
        return (Edit(place.line, 1, place.line, 1, text),)
    if isinstance(said, SourceMap) and said:
        first = said.key_span(next(iter(said)))
        indent = lines[first.line - 1][: first.column - 1]
        if not indent.strip():
            return (Edit(first.line, 1, first.line, 1, f"{indent}{name}: {{}}\n"),)
        if lines[first.line - 1][: first.column - 1].rstrip().endswith("{"):
            return (Edit(first.line, first.column, first.line, first.column, f"{name}: {{}}, "),)
    if isinstance(said, SourceList) and said:
        first = said.item_span(0)
        before = lines[first.line - 1][: first.column - 1]
        if before.strip() == "-":
            indent = before[: before.index("-")]
            return (Edit(first.line, 1, first.line, 1, f"{indent}- class: {name}\n"),)
    return ()


def _around(tree: object, line: int) -> SourceMap | None:
    """Return the innermost workflow around a line."""
    found: SourceMap | None = None
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, SourceMap):
            if not node.span.line <= line <= node.span.end_line:
                continue
            if node.get("class") == "Workflow":
                found = node
            stack.extend(node.values())
        elif isinstance(node, SourceList):
            stack.extend(node)
    return found
