"""``fairwf.toml``, or ``[tool.fairwf]`` in ``pyproject.toml``.

The nearest one counts, at or above the path that is validated, up to the root of its repository.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from fairwf.ir.origins import Span
from fairwf.report import Report, UsageFault
from fairwf.source import did_you_mean, document_tree

MOST_BYTES = 1024 * 1024
_KEYS = ("select", "ignore", "per-file-ignores", "exclude")
_AT = re.compile(r" \(at line (\d+), column (\d+)\)\Z")


@dataclass(frozen=True)
class Names:
    """Sets by name, and codes or their beginnings."""

    sets: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def plus(self, other: Names) -> Names:
        """Return the names of both."""
        return Names((*self.sets, *other.sets), (*self.codes, *other.codes))


NOTHING = Names()


@dataclass(frozen=True)
class Configuration:
    """What a configuration file says. Patterns count from its folder."""

    folder: str
    select: Names = NOTHING
    ignore: Names = NOTHING
    per_file: tuple[tuple[str, Names], ...] = ()
    exclude: tuple[str, ...] = ()

    def ignored_in(self, file: str) -> Names:
        """Return what does not count in a file."""
        found = NOTHING
        for pattern, names in self.per_file:
            if self._matches(file, pattern):
                found = found.plus(names)
        return found

    def excludes(self, file: str) -> bool:
        """Tell whether a file or folder is not looked at when folders are walked."""
        return any(self._matches(file, pattern) for pattern in self.exclude)

    def _matches(self, file: str, pattern: str) -> bool:
        path = _relative(file, self.folder)
        if path is None:
            return False
        wanted = pattern.removesuffix("/")
        parts = path.split("/")
        if "/" not in wanted:
            return any(fnmatchcase(part, wanted) for part in parts)
        starts = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
        return any(fnmatchcase(start, wanted.removeprefix("./")) for start in starts)


@lru_cache(maxsize=4096)
def _relative(file: str, folder: str) -> str | None:
    path = os.path.relpath(os.path.realpath(file), folder)
    return None if path.startswith("..") else path.replace(os.sep, "/")


def configuration_for(path: Path) -> Configuration | None:
    """Return the configuration in force for a path; None where there is none.

    Raises:
        UsageFault: FWF9010, it cannot be read or says something that has no meaning.
    """
    folder = Path(os.path.realpath(path if os.path.isdir(path) else path.parent))
    top = document_tree(folder)
    for here in (folder, *folder.parents):
        own, shared = here / "fairwf.toml", here / "pyproject.toml"
        if os.path.isfile(own):  # Path.is_file raises where it may not look
            return _read(own, ())
        if os.path.isfile(shared) and b"tool.fairwf" in _data(shared):
            return _read(shared, ("tool", "fairwf"))
        if here == top:
            break
    return None


def _data(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES)
    except OSError as error:
        raise _fault(file, f"cannot be read: {error.strerror}") from None


def _fault(
    file: Path, message: str, span: Span | None = None, hint: str | None = None
) -> UsageFault:
    return UsageFault.of("FWF9010", message, span=span, file=_shown(file), hint=hint)


def _shown(file: Path) -> str:
    path = os.path.relpath(file)
    return str(file) if path.startswith("..") else path


def _read(file: Path, table: Sequence[str]) -> Configuration | None:
    data = _data(file)
    try:
        text = data.decode("utf-8")
        plain: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        at = _AT.search(str(error))
        lines = data.decode("utf-8", "replace").rstrip().split("\n")
        ends = "at end of document" in str(error)
        last = (len(lines), len(lines[-1]) + 1) if ends else (1, 1)
        line, column = (int(at[1]), int(at[2])) if at else last
        span = Span(_shown(file), line, column, line, column + 1)
        raise _fault(file, f"no TOML: {_AT.sub('', str(error))}", span) from None
    for name in table:
        plain = plain.get(name, {}) if isinstance(plain, dict) else {}
    if table and not plain:
        return None
    return _Reader(file, text, ".".join(table)).configuration(plain)


class _Reader:
    def __init__(self, file: Path, text: str, table: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.table = table
        self.report = Report()

    def configuration(self, plain: Any) -> Configuration:
        for key in plain:
            if key not in _KEYS:
                hint = did_you_mean(key, _KEYS) or f"known: {', '.join(_KEYS)}"
                self._add(f"unknown key {key!r:.60}", key, hint)
        found = Configuration(
            folder=str(self.file.parent),
            select=self._names(plain, "select"),
            ignore=self._names(plain, "ignore"),
            per_file=tuple(self._per_file(plain.get("per-file-ignores", {}))),
            exclude=tuple(self._texts(plain, "exclude")),
        )
        if not self.report.ok:
            raise UsageFault(self.report)
        return found

    def _per_file(self, plain: Any) -> Iterator[tuple[str, Names]]:
        if not isinstance(plain, Mapping):
            self._add("'per-file-ignores' is a table of lists by pattern", "per-file-ignores")
            return
        for pattern in plain:
            yield pattern, self._names(plain, pattern)

    def _names(self, plain: Mapping[str, Any], key: str) -> Names:
        from fairwf.cli.validation.selection import names_of

        found = NOTHING
        for text in self._texts(plain, key):
            try:
                found = found.plus(names_of([text]))
            except ValueError as error:
                self._add(str(error), key, word=text)
        return found

    def _texts(self, plain: Mapping[str, Any], key: str) -> list[str]:
        value = plain.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._add(f"{key!r:.60} is a list of texts", key)
            return []
        return value

    def _add(
        self, message: str, key: str, hint: str | None = None, word: str | None = None
    ) -> None:
        span = self._span(key, word)
        self.report.add("FWF9010", message, span=span, file=_shown(self.file), hint=hint)

    def _span(self, key: str, word: str | None) -> Span | None:
        """Return where a key of the table stands, or a word of its value."""
        inside = not self.table
        quoted = re.compile(rf"""^\s*["']?{re.escape(key)}["']?\s*[=.]""")
        header = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]")
        for number, line in enumerate(self.lines, 1):
            named = header.match(line)
            if named is not None:
                name = named[1].replace('"', "").replace("'", "").replace(" ", "")
                inside = name.startswith(self.table)
                if name == f"{self.table}.{key}".removeprefix("."):
                    return self._at(number, line.index("[") + 1, len(line.strip()))
            elif inside and quoted.match(line):
                if word is not None:
                    for below, text in enumerate(self.lines[number - 1 :], number):
                        if word in text:
                            return self._at(below, text.index(word) + 1, len(word))
                start = len(line) - len(line.lstrip()) + 1
                return self._at(number, start, len(key))
        return None

    def _at(self, line: int, column: int, length: int) -> Span:
        return Span(_shown(self.file), line, column, line, column + length)
