"""Diagnostics as text: place, code, message, the source line with a caret, and the hint."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from fairwf.cli.endings import Finished
from fairwf.report import Diagnostic, FairwfError, Report

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
LONGEST_LINE = 110
MOST_STRANGE = 10
"""One of so many characters of a line that is shown may be none of a text."""
MOST_ALIKE = 3
_NAMES = re.compile(r"'[^']*'|[0-9]+")
BRIEF = 300
MOST_SHOWN = 100
MOST_SOURCE_BYTES = 32 * 1024 * 1024


def printable(text: str) -> str:
    """Return a text that cannot steer a terminal: control characters are shown by escapes."""
    return "".join(
        c if c == "\n" or not unicodedata.category(c).startswith("C") else _escaped(c) for c in text
    )


def _escaped(character: str) -> str:
    if character == "\t":
        return " "
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def coloured() -> bool:
    """Tell whether stderr takes colour: a terminal that is not dumb, and NO_COLOR is not set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stderr.isatty() and not plain


class SourceLines:
    """The lines of source files, each file read once.

    Of files alone that lie in the trees of what the command names: a document may say that it comes
    from any file (:func:`fairwf.source.document_tree`).
    """

    def __init__(self, given: bytes | None = None) -> None:
        self._files: dict[str, list[str]] = {}
        self._trees: list[Path] | None = None
        if given is not None:
            self._files["-"] = given.decode("utf-8", "replace").split("\n")

    def line(self, file: str, number: int) -> str | None:
        """Return a line (from 1) of a file, or None where there is none to show."""
        if file not in self._files:
            self._files[file] = _read_lines(Path(file)) if self._may_show(Path(file)) else []
        lines = self._files[file]
        return lines[number - 1] if 1 <= number <= len(lines) else None

    def _may_show(self, path: Path) -> bool:
        from fairwf.source import document_tree, in_tree

        if self._trees is None:
            named = list(filter(None, map(_there, _words_of_command())))
            places = [*named, *(each.resolve() for each in named)]
            folders = [each if each.is_dir() else each.parent for each in places]
            self._trees = [document_tree(each) for each in dict.fromkeys(folders or [Path.cwd()])]
        return any(in_tree(path, tree) for tree in self._trees)


def _words_of_command() -> Iterator[str]:
    context = click.get_current_context(silent=True)
    while context is not None:
        for value in (*context.params.values(), context.args):
            for word in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(word, (str, Path)):
                    yield str(word)
        context = context.parent


def _there(text: str) -> Path | None:
    try:
        return Path(text) if text and Path(text).exists() else None
    except (OSError, ValueError):  # too long a word, or one with a NUL
        return None


def _read_lines(path: Path) -> list[str]:
    try:
        if not path.is_file() or path.stat().st_size > MOST_SOURCE_BYTES:
            return []
        return path.read_bytes().decode("utf-8-sig", "replace").split("\n")
    except OSError:  # the diagnostic stands without its source line
        return []


def place(diagnostic: Diagnostic) -> str:
    """Return ``file:line:column`` as far as known."""
    if diagnostic.file is None:
        return "fairwf"
    parts = [printable(diagnostic.file)]
    if diagnostic.line is not None:
        parts.append(str(diagnostic.line))
        if diagnostic.column is not None:
            parts.append(str(diagnostic.column))
    return ":".join(parts)


def render(
    diagnostic: Diagnostic, lines: SourceLines, colour: bool = False, brief: bool = False
) -> str:
    """Return a diagnostic as text of one to four lines; ``brief`` cuts its message."""
    severity = diagnostic.severity
    head = click.style(f"{severity}[{diagnostic.code}]", fg=COLOURS[severity], bold=True)
    fate = f" ({diagnostic.fate})" if diagnostic.fate and severity != "error" else ""
    message = printable(diagnostic.message)
    if brief and len(message) > BRIEF:
        message = f"{message[:BRIEF]}…"
    rows = [f"{place(diagnostic)}: {head}: {message}{fate}"]
    rows += _excerpt(diagnostic, lines)
    if diagnostic.hint:
        rows.append(f"  {click.style('hint', fg='green')}: {printable(diagnostic.hint)}")
    text = "\n".join(rows)
    return text if colour else click.unstyle(text)


def _excerpt(diagnostic: Diagnostic, lines: SourceLines) -> list[str]:
    if diagnostic.file is None or diagnostic.line is None:
        return []
    raw = lines.line(diagnostic.file, diagnostic.line)
    if raw is None or not raw.strip():
        return []
    raw = raw.rstrip("\r")
    strange = sum(c == "\ufffd" or (c < " " and c != "\t") for c in raw)
    if strange * MOST_STRANGE > len(raw):  # a binary file
        return []
    start = max((diagnostic.column or 1) - 1, 0)
    same_line = diagnostic.end_line == diagnostic.line and diagnostic.end_column
    end = diagnostic.end_column - 1 if same_line and diagnostic.end_column else len(raw.rstrip())
    if diagnostic.end_line is None:
        end = start + 1
    first = max(0, start - LONGEST_LINE // 2) if len(raw) > LONGEST_LINE else 0
    shown = printable(raw[first : first + LONGEST_LINE])
    before = printable(raw[first:start])
    marked = printable(raw[start : min(end, first + LONGEST_LINE)])
    number = str(diagnostic.line)
    gutter = " " * max(5 - len(number), 1)
    caret = "^" * max(len(marked), 1)
    blank = " " * len(number)
    return [
        f"{gutter}{number} | {'…' if first else ''}{shown}",
        f"{gutter}{blank} | {' ' if first else ''}{' ' * len(before)}"
        f"{click.style(caret, fg=COLOURS[diagnostic.severity], bold=True)}",
    ]


def unique(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics without repetitions, in order."""
    return list(dict.fromkeys(diagnostics))


def show(
    report: Report | Iterable[Diagnostic],
    *,
    quiet: bool = False,
    lines: SourceLines | None = None,
    without: Collection[str] = (),
    brief: bool = False,
) -> None:
    """Write diagnostics to stderr.

    Of many in a file that say the same, the first are shown in full and the rest by their places;
    of very many the first only.
    ``quiet`` leaves all but errors out, ``without`` those with these fates. ``brief`` takes those
    together that differ in names and numbers alone, but for errors.
    """
    lines = lines or SourceLines()
    colour = coloured()
    alike: dict[tuple[str | None, ...], list[Diagnostic]] = {}
    for diagnostic in unique(report):
        if diagnostic.severity == "error" or not (quiet or diagnostic.fate in without):
            key: tuple[str | None, ...]
            if brief and diagnostic.severity != "error":
                kind = _NAMES.sub("_", diagnostic.message)[:BRIEF]
                key = (diagnostic.code, diagnostic.fate, kind)
            else:
                key = (diagnostic.code, diagnostic.message, diagnostic.hint, diagnostic.file)
            alike.setdefault(key, []).append(diagnostic)
    left = len(alike) - MOST_SHOWN
    for group in list(alike.values())[:MOST_SHOWN]:
        first = 1 if brief and group[0].severity != "error" else MOST_ALIKE
        whole = group if len(group) <= first + 1 else group[:first]
        for diagnostic in whole:
            text = render(diagnostic, lines, colour, brief and diagnostic.severity != "error")
            click.echo(text, err=True, color=colour)
        rest = group[len(whole) :]
        if rest:
            click.echo(_rest(rest, brief), err=True)
    if left > 0:
        click.echo(f"  and {left} more findings; mend these first", err=True)


def _rest(rest: list[Diagnostic], brief: bool) -> str:
    most = MOST_ALIKE if brief else MOST_SHOWN
    places = ", ".join(place(diagnostic) for diagnostic in rest[:most])
    places += ", ..." if len(rest) > most else ""
    if brief:
        return f"  and {len(rest)} more of this kind, the next at {places}"
    return f"  the same at {len(rest)} more places: {places}"


@contextmanager
def reported(
    *,
    quiet: bool = False,
    given: bytes | None = None,
    without: Collection[str] = (),
    brief: bool = False,
) -> Iterator[Report]:
    """Give a report to work with; show what it holds at the end, also when the work fails.

    Raises:
        Finished: the work failed; everything has been shown.
    """
    report = Report()
    lines = SourceLines(given)
    try:
        yield report
    except FairwfError as error:
        show([*report, *error.report], quiet=quiet, lines=lines, without=without, brief=brief)
        raise Finished(error.exit_code) from None
    except Finished:
        show(report, quiet=quiet, lines=lines, without=without, brief=brief)
        raise
    show(report, quiet=quiet, lines=lines, without=without, brief=brief)
