"""Comments that say which findings do not count: ``# fairwf: ignore[FWF2106]``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fairwf.codes import CODES
from fairwf.ir.origins import Span
from fairwf.report import Diagnostic, Report
from fairwf.source import did_you_mean

_MARK = re.compile(r"#\s*fairwf:\s*ignore(?:\[(?P<codes>[^\]\n]*)\])?")
_MOST_BYTES = 32 * 1024 * 1024


class Marks:
    """The marks of files. A mark counts for its line, and alone on a line for the next one."""

    def __init__(self, name: str, data: bytes) -> None:
        self._files = {name: _codes_by_line(data)}
        self._name = name
        self._data = data

    def counted(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that no mark takes away."""
        return [d for d in found if not self._ignored(d)]

    def wrong(self) -> list[Diagnostic]:
        """Return what is wrong with the marks of the main file: codes that do not exist."""
        report = Report()
        for line, codes in self._files[self._name].items():
            for code in codes:
                if not any(known.startswith(code) for known in CODES):
                    hint = did_you_mean(code, CODES) or "`fairwf explain` lists all codes"
                    what = f"no code is called {code!r:.40}" if code else "the mark names no code"
                    span = Span(self._name, line, 1, line, 2)
                    report.add("FWF2120", what, span=span, hint=hint)
        return list(dict.fromkeys(report))

    def _ignored(self, diagnostic: Diagnostic) -> bool:
        if diagnostic.file is None or diagnostic.line is None:
            return False
        if diagnostic.file not in self._files:
            self._files[diagnostic.file] = _codes_by_line(_read(diagnostic.file))
        codes = self._files[diagnostic.file].get(diagnostic.line, ())
        return any(code and diagnostic.code.startswith(code) for code in codes)


def _read(file: str) -> bytes:
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return b""
        return path.read_bytes()
    except OSError:  # then there is no mark to be seen
        return b""


def _codes_by_line(data: bytes) -> dict[int, tuple[str, ...]]:
    if b"fairwf:" not in data or data.lstrip()[:1] in (b"{", b"["):  # JSON has no comments
        return {}
    found: dict[int, tuple[str, ...]] = {}
    waiting: tuple[str, ...] = ()
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        match = _MARK.search(line)
        own: tuple[str, ...] = ()
        if match is not None:
            own = tuple(part.strip().upper() for part in (match["codes"] or "").split(","))
        alone = line.lstrip().startswith("#")
        if own or waiting:
            found[number] = (*waiting, *own)
        if alone:
            waiting = (*waiting, *own)
        elif line.strip():
            waiting = ()
    return found
