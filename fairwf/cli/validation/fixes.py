"""``validate --fix``: edits of the source that are proven before they are written.

An edit comes from the document's own format (:attr:`fairwf.formats.Converter.fix`). It is taken
where the document, validated again with it, has lost the finding and got no other one, and where it
means the same: its content hash is the same as before, if it could be read before.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairwf.atomic import write_file
from fairwf.cli.outputs import CheckedFile
from fairwf.cli.validation.selection import Selection
from fairwf.cli.validation.verdict import check_source
from fairwf.conversion import read_document
from fairwf.formats import Edit, Source, converters
from fairwf.report import Diagnostic, EnvironmentFault, FairwfError, Report

_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Fixed:
    """A document with proven edits."""

    name: str
    before: bytes
    after: bytes
    count: int

    def diff(self) -> str:
        """Return the change as a unified diff."""
        old = self.before.decode("utf-8", "replace").splitlines(keepends=True)
        new = self.after.decode("utf-8", "replace").splitlines(keepends=True)
        return "".join(difflib.unified_diff(old, new, self.name, self.name))

    def write(self) -> None:
        """Replace the file, whole or not at all.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        try:
            write_file(Path(self.name), self.after)
        except OSError as error:
            raise EnvironmentFault.refused(error, file=self.name) from None


def proposals(
    data: bytes, format: str | None, found: Sequence[Diagnostic]
) -> Iterator[tuple[Diagnostic, Sequence[Edit]]]:
    """Yield the findings that the format knows to mend, each with its edits."""
    chosen = converters().get(format or "")
    if chosen is None or chosen.fix is None:
        return
    for diagnostic in found:
        edits = chosen.fix(data, diagnostic)
        if edits:
            yield diagnostic, edits


def fixed(checked: CheckedFile, selection: Selection) -> Fixed | None:
    """Return what becomes of a document's file with all edits that are proven; None without any."""
    path = Path(checked.file)
    if checked.format is None or not path.is_file():
        return None
    before = data = path.read_bytes()
    now, count = checked, 0
    refused: set[tuple[str, str]] = set()
    while True:
        own = [d for d in now.diagnostics if d.file == checked.file and _key(d) not in refused]
        step = next(proposals(data, checked.format, own), None)
        if step is None:
            break
        diagnostic, edits = step
        changed = apply(data, edits)
        then = _checked(checked.file, changed, selection)
        if changed != data and _better(now, then) and _same(checked.file, data, changed):
            data, now, count = changed, then, count + 1
        else:
            refused.add(_key(diagnostic))
    return Fixed(checked.file, before, data, count) if count else None


def apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return a text with edits, which do not overlap."""
    lines = data.decode("utf-8").split("\n")
    for edit in sorted(edits, reverse=True):
        head = lines[edit.line - 1][: edit.column - 1]
        tail = lines[edit.end_line - 1][edit.end_column - 1 :]
        lines[edit.line - 1 : edit.end_line] = (head + edit.text + tail).split("\n")
    return "\n".join(lines).encode("utf-8")


def _checked(name: str, data: bytes, selection: Selection) -> CheckedFile:
    return check_source(Source(name=name, path=Path(name), given=data), None, selection)


def _better(now: CheckedFile, then: CheckedFile) -> bool:
    """Tell whether findings went and none came, wherever they stand now."""
    old, new = (Counter(map(_key, checked.diagnostics)) for checked in (now, then))
    return new < old


def _key(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, _NUMBERS.sub("", diagnostic.message)


def _same(name: str, before: bytes, after: bytes) -> bool:
    """Tell whether two texts of a document mean the same, as far as both can be read."""
    hashes = []
    for data in (before, after):
        source = Source(name=name, path=Path(name), given=data)
        try:
            hashes.append(read_document(source, Report()).hash)
        except FairwfError:
            hashes.append("")
    return bool(hashes[1]) and hashes[0] in ("", hashes[1])
