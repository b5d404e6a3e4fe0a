"""POSIX pathname matching inside a task's folder (CWL v1.2 "CommandOutputBinding" ``glob``).

``*`` and ``?`` and ``[...]`` match no slash and no leading dot; a backslash takes the next
character as it is. ``**`` is ``*``. Matches are in the order of their bytes, as in the C locale.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from fairwf.engine.evaluate import FunctionError

MAX_SHOWN = 12
_MAGIC = re.compile(r"[*?\[\\]")
_MAX_STARS = 40


def matches(folder: Path, pattern: str, seen: str | None = None) -> list[Path]:
    """Return what the pattern matches in the folder, which must be absolute.

    A pattern that begins with a slash must begin with the folder, or with what the task calls it
    (``seen``).

    Raises:
        FunctionError: the pattern leaves the folder, or is no pattern.
    """
    parts = _parts(pattern, str(folder), seen or str(folder))
    if not parts:
        return [folder]
    found = list(_walk(folder, parts))
    return sorted(dict.fromkeys(found), key=os.fsencode)


def _parts(pattern: str, *roots: str) -> list[str]:
    if not pattern or "\0" in pattern:
        raise FunctionError(f"{pattern!r} is no pattern for a file's name")
    if pattern.startswith("/"):
        for root in (each.rstrip("/") for each in roots):
            if pattern == root or pattern.startswith(root + "/"):
                pattern = pattern[len(root) :]
                break
        else:
            raise FunctionError(f"the pattern {pattern!r} leaves the task's folder")
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise FunctionError(f"the pattern {pattern!r} leaves the task's folder")
    for part in parts:
        if part.count("*") > _MAX_STARS:
            raise FunctionError(f"the pattern {pattern!r:.80} has too many stars")
    return parts


def _walk(folder: Path, parts: list[str]) -> Iterator[Path]:
    part, rest = parts[0], parts[1:]
    if _MAGIC.search(part):
        names = _matching(folder, part)
    else:
        names = [part] if os.path.lexists(folder / part) else []
    for name in names:
        entry = folder / name
        if not rest:
            yield entry
        elif entry.is_dir():
            yield from _walk(entry, rest)


def _matching(folder: Path, part: str) -> list[str]:
    test = _compiled(part)
    hidden = part.startswith((".", "\\."))
    return [
        entry.name
        for entry in folder.iterdir()
        if (hidden or not entry.name.startswith(".")) and test.fullmatch(entry.name)
    ]


@lru_cache(maxsize=256)
def _compiled(part: str) -> re.Pattern[str]:
    """A regular expression for a pattern. Stars are possessive up to the next piece, which keeps
    the time polynomial: after a star, the first place that fits is as good as any later one.
    """
    out, at = [], 0
    pieces: list[str] = []
    starred = False

    def close() -> None:
        nonlocal pieces
        text = "".join(pieces)
        # (?>.*?piece): an atomic group does not come back to try later places.
        out.append(f"(?>.*?{text})" if starred else text)
        pieces = []

    while at < len(part):
        c = part[at]
        at += 1
        if c == "*":
            close()
            starred = True
        elif c == "?":
            pieces.append(".")
        elif c == "[":
            end = _bracket_end(part, at)
            if end is None:
                pieces.append(re.escape(c))
            else:
                pieces.append(_bracket(part[at:end]))
                at = end + 1
        else:
            if c == "\\" and at < len(part):
                c, at = part[at], at + 1
            pieces.append(re.escape(c))
    last = "".join(pieces)
    # The last piece must lie at the end, so its star may take all that is before it.
    out.append(f".*{last}" if starred else last)
    return re.compile("".join(out), re.DOTALL)


def _bracket_end(part: str, at: int) -> int | None:
    end = at + 1 if part[at : at + 1] in ("!", "^") else at
    end = end + 1 if part[end : end + 1] == "]" else end
    while end < len(part) and part[end] != "]":
        if part.startswith("[:", end) and (close := part.find(":]", end + 2)) > 0:
            end = close + 1
        end += 1
    return end if end < len(part) else None


_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "punct": re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "xdigit": "0-9a-fA-F",
    "blank": r" \t",
}


def _bracket(inside: str) -> str:
    negated = inside[:1] in ("!", "^")
    inside = inside[1:] if negated else inside
    out, at = "", 0
    while at < len(inside):
        if inside.startswith("[:", at) and (end := inside.find(":]", at)) > 0:
            name = inside[at + 2 : end]
            if name not in _CLASSES:
                raise FunctionError(f"there is no class [:{name:.20}:] in a pattern")
            out, at = out + _CLASSES[name], end + 2
            continue
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            low, high = inside[at], inside[at + 2]
            if low > high:
                raise FunctionError(f"the range {low}-{high} in a pattern is empty")
            out, at = out + f"{re.escape(low)}-{re.escape(high)}", at + 3
            continue
        if inside[at] == "\\" and at + 1 < len(inside):
            at += 1
        out, at = out + re.escape(inside[at]), at + 1
    return f"[{'^' if negated else ''}{out}]"


def holds(folder: Path | str) -> str:
    """Return in words what a folder holds, for a message."""
    names: list[str] = []
    more = 0
    for inside, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if len(names) < MAX_SHOWN:
                names.append(str((Path(inside) / name).relative_to(folder)))
            else:
                more += 1
        if more > 1000:
            break
    if not names:
        return "the folder is empty"
    rest = f" and {more} more" if more else ""
    return f"the folder holds {', '.join(map(repr, names))}{rest}"
