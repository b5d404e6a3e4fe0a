"""Files that a script names: patterns are matched in the document's tree, and nowhere else."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any

from fairwf.ir.expressions import Directory, File, Input, StringLit
from fairwf.source import in_tree
from fairwf_nextflow.meaning.symbols import Value

MAX_FILES = 10_000
_MAGIC = re.compile(r"[*?{\[]")
PREFIX = (
    "((n, p) => { const m = n.match(new RegExp(p)); if (!m) return n;"
    " let e = 0; for (let i = 1; i < m.length; i++) e += m[i].length;"
    " return n.slice(0, e).replace(/[-_.]+$/, '') })(n, p)"
)
"""The part of a name up to the last wildcard, as Nextflow takes it for the key of a pair."""


def has_magic(pattern: str) -> bool:
    """Tell whether a path is a pattern."""
    return _MAGIC.search(pattern) is not None


def prefix_pattern(pattern: str) -> str:
    """Return a regular expression whose groups cover a file's name up to the last wildcard."""
    name = pattern.rsplit("/", 1)[-1]
    if "*" not in name and "?" not in name:
        name = f"*{name}"
    last = max(name.rfind("*"), name.rfind("?"))
    head, tail = name[: last + 1], name[last + 1 :]
    parts: list[str] = []
    for piece in re.split(r"([*?])", head):
        if piece == "*":
            parts.append("(.*)")
        elif piece == "?":
            parts.append("(.)")
        elif piece:
            parts.append(f"({_regular(piece)})")
    return f"^{''.join(parts)}{_regular(tail)}$"


def _regular(glob: str) -> str:
    out: list[str] = []
    depth = 0
    for character in glob:
        if character == "{":
            depth += 1
            out.append("(?:")
        elif character == "}" and depth:
            depth -= 1
            out.append(")")
        elif character == "," and depth:
            out.append("|")
        elif character == "*":
            out.append("[^/]*")
        elif character == "?":
            out.append("[^/]")
        elif character in "[]":
            out.append(character)
        else:
            out.append(re.escape(character))
    return "".join(out)


def matching(pattern: str, root: Path, tree: Path) -> list[File | Directory]:
    """Return the files that match a path or pattern, seen from a folder, in the order of names.

    What lies outside of the tree, or is reached by a link out of it, is not looked at.
    """
    pattern = posixpath.normpath(pattern)
    if pattern.startswith(("/", "..")) or "://" in pattern or "\0" in pattern:
        return []
    if not has_magic(pattern):
        path = root / pattern
        return [_entry(path, pattern)] if in_tree(path, tree) and path.exists() else []
    parts = _braces_apart(pattern)
    found: list[str] = []
    _descend(root, "", parts, tree, found)
    return [_entry(root / name, name) for name in sorted(set(found))]


def _entry(path: Path, name: str) -> File | Directory:
    if path.is_dir():
        return Directory(location=name)
    return File(location=name)


def _braces_apart(pattern: str) -> list[str]:
    parts, depth, piece = [], 0, ""
    for character in pattern:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "/" and depth <= 0:
            parts.append(piece)
            piece = ""
        else:
            piece += character
    return [*parts, piece]


def _matching(part: str) -> re.Pattern[str]:
    """Return what matches the names that a part of a pattern means; itself where it is none."""
    try:
        return re.compile(_regular(part) if has_magic(part) else re.escape(part))
    except re.error:
        return re.compile(re.escape(part))


def _descend(folder: Path, above: str, parts: list[str], tree: Path, found: list[str]) -> None:
    if len(found) >= MAX_FILES or len(parts) > 40 or not in_tree(folder, tree):
        return
    head, rest = parts[0], parts[1:]
    if head == "**":
        _descend(folder, above, rest, tree, found) if rest else None
    try:
        names = sorted(os.listdir(folder))[:MAX_FILES]
    except OSError:
        return
    regular = None if head == "**" else _matching(head)
    for name in names:
        if name.startswith(".") and not head.startswith("."):
            continue
        path = folder / name
        if head == "**":
            if path.is_dir() and not path.is_symlink():
                _descend(path, f"{above}{name}/", parts, tree, found)
            elif not rest:
                found.append(above + name)
        elif regular is not None and regular.fullmatch(name):
            if not rest:
                if path.is_file() and in_tree(path, tree):
                    found.append(above + name)
            elif path.is_dir():
                _descend(path, f"{above}{name}/", rest, tree, found)


def pattern_of(place: Any, value: Value) -> str | None:
    """Return the text of a pattern: itself, or the default of the parameter that it is."""
    if isinstance(value.expr, StringLit):
        return value.expr.value
    if isinstance(value.expr, Input):
        default = getattr(place, "pattern_default", None)
        found = default(value.expr) if default is not None else None
        return found if isinstance(found, str) else None
    return None
