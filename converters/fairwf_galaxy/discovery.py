"""Files that a tool's output is found by: patterns of Galaxy, and globs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAMED = {
    "__name__": "*",
    "__designation__": "*",
    "__name_and_ext__": "*.*",
    "__designation_and_ext__": "*.*",
}
_GROUP = re.compile(r"\(\?P<(?:designation|name)>(?P<inside>.*)\)\Z", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<many>\[\^/\]\*)|(?P<one>\[\^/\])|\\(?P<sign>\W)|(?P<plain>[\w\-/ ,=@%:~])"
)


def glob_of(given: Any) -> str | None:
    """Return the glob of an entry of ``discover_datasets``; None for one that no glob can say."""
    if not isinstance(given, Mapping) or given.get("discover_via", "pattern") != "pattern":
        return None
    if given.get("recurse") is True or given.get("match_relative_path") is True:
        return None
    pattern, folder = given.get("pattern"), given.get("directory")
    name = _NAMED.get(pattern) if isinstance(pattern, str) else None
    if name is None and isinstance(pattern, str):
        name = _unwritten(pattern)
    if name is None:
        return None
    if not isinstance(folder, str) or not folder:
        return name
    if folder.startswith("/") or ".." in folder.split("/") or any(c in folder for c in "*?[\\"):
        return None
    return f"{folder.rstrip('/')}/{name}"


def _unwritten(pattern: str) -> str | None:
    match = _GROUP.match(pattern)
    if match is None:
        return None
    inside, index, glob = match["inside"], 0, ""
    while index < len(inside):
        token = _TOKEN.match(inside, index)
        if token is None:
            return None
        if token["many"]:
            glob += "*"
        elif token["one"]:
            glob += "?"
        else:
            sign = token["sign"] or token["plain"]
            if sign in "*?[\\":
                return None
            glob += sign
        index = token.end()
    return glob


def pattern_of(glob: str) -> dict[str, str] | None:
    """Return the entry of ``discover_datasets`` for a glob; None where none says the same."""
    folder, _, name = glob.rpartition("/")
    parts = folder.split("/") if folder else []
    if glob.startswith("/") or ".." in parts or any(c in folder for c in "*?[\\"):
        return None
    regex = ""
    for sign in name:
        if sign in "[]\\" or not sign.isprintable():
            return None
        plain = sign.isalnum() or sign in "_-"
        regex += {"*": "[^/]*", "?": "[^/]"}.get(sign) or (sign if plain else re.escape(sign))
    entry = {"discover_via": "pattern", "pattern": f"(?P<designation>{regex})"}
    if folder:
        entry["directory"] = folder
    return entry if glob_of(entry) == glob else None
