"""Where a place in a text of another language stands in the document that holds the text."""

from __future__ import annotations

from pathlib import Path

from fairwf.ir.origins import Span

_MOST_BYTES = 64 * 1024 * 1024


def embedded(around: Span, text: str, line: int, column: int) -> Span | None:
    """Return the place of a line and column (from 1) of a text that lies within a span.

    None where the document spells it otherwise (escapes, folded lines), or is not there any more.
    """
    wanted = text.split("\n")
    lines = _lines(around)
    if not 1 <= line <= len(wanted):
        return None
    for first in range(len(lines) - len(wanted) + 1):
        given = lines[first : first + len(wanted)]
        if all(said.strip() in here for said, here in zip(wanted, given, strict=True)):
            said = wanted[line - 1]
            inner = said.strip()
            start = given[line - 1].rfind(inner) + len(said[: column - 1].lstrip())
            number = around.line + first + line - 1
            return Span(around.file, number, start + 1, number, start + 2)
    return None


def _lines(span: Span) -> list[str]:
    path = Path(span.file)
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return []
        text = path.read_text("utf-8-sig", "replace")
    except OSError:
        return []
    return text.split("\n")[span.line - 1 : span.end_line]
