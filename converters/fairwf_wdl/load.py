"""Opening a WDL document and what it imports, through miniwdl's parser and type checker.

An import is relative to the file that it stands in and never leaves the tree of the main document
(:func:`fairwf.source.document_tree`), symbolic links resolved (FWF1008). Nothing is fetched
(FWF1007). What is read is limited in size, number and depth (FWF1009).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import WDL
from WDL import Error, Tree

from fairwf.formats import Source, read_file
from fairwf.ir.origins import Span
from fairwf.report import FairwfError, InvalidError, Report, UnsupportedError
from fairwf.source import SourceError, document_tree, in_tree, like_file, refuse_utf16, seen
from fairwf_wdl.context import span_of

MAX_BYTES = 4 * 1024 * 1024
MAX_FILES = 1_000
MAX_IMPORTS = 48
VERSIONS = ("draft-2", "1.0", "1.1", "1.2")
_VERSION = re.compile(r"\A(?:\s++|#[^\n]*+)*+version[ \t]+(?P<version>\S+)")
_MAIN = "main document"
"""What miniwdl calls the main file, whatever it is called."""
_HINTS = re.compile(r"^[ \t]*(?P<word>hints)\s*\{", re.MULTILINE)
_NESTED = re.compile(r"\ballow_nested_inputs\s*:\s*true\b")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Loader:
    """The files of one document.

    ``names`` are what the user calls them, by miniwdl's path; ``hints`` are the places of the
    sections that miniwdl reads and forgets; ``nested`` are the files that allow nested inputs
    there. ``beside``, if not None, are the files that may be imported, and the disk is not read.
    """

    def __init__(self, source: Source, beside: Mapping[str, bytes] | None = None) -> None:
        self.source = source
        self.beside = beside
        path = source.path
        self.root = (path.parent if path else Path.cwd()).resolve()
        self.names: dict[str, str] = {}
        self.hints: list[Span] = []
        self.nested: set[str] = set()
        self._above: list[tuple[str, str]] = []
        self._bytes = 0
        self._files = 0

    @cached_property
    def tree(self) -> Path:
        """The outermost folder that the document may name files of."""
        return self.source.tree or document_tree(self.root)

    def load(self) -> Tree.Document:
        """Return the document, parsed and type-checked with all its imports.

        Raises:
            InvalidError: FWF1401 what miniwdl finds, FWF1404 an import that cannot be opened.
            UnsupportedError: FWF1402 a version that is not read.
        """
        try:
            return WDL.load(_MAIN, read_source=self._read, import_max_depth=MAX_IMPORTS)
        except RecursionError:
            message = "the document is nested too deeply"
            raise InvalidError.of("FWF1009", message, file=self.source.name) from None
        except (
            FairwfError,
            Error.SyntaxError,
            Error.ImportError,
            Error.ValidationError,
            Error.MultipleValidationErrors,
        ) as error:
            raise self._told(error) from None
        except Exception as error:  # noqa: BLE001 - a bug of the parser on a text of strangers
            message = f"miniwdl cannot read it ({type(error).__name__}: {error!s:.200})"
            raise InvalidError.of("FWF1401", message, file=self.source.name) from None

    async def _read(
        self, uri: str, path: list[str], importer: Tree.Document | None
    ) -> Tree.ReadSourceResult:
        if importer is None:
            shown, place, data = self.source.name, self.root / _MAIN, self.source.data
            own = str(self.root / self.source.path.name) if self.source.path else str(place)
            self._above = [(str(place), own)]
        else:
            shown, place = self._located(uri, importer)
            self._enter(place, shown, importer)
            data = read_file(place, shown) if self.beside is None else self.beside[uri]
        text = self._text(data, shown)
        self._bytes += len(data)
        self._files += 1
        if self._bytes > MAX_BYTES or self._files > MAX_FILES:
            message = f"more than {MAX_BYTES} bytes or {MAX_FILES} files of WDL"
            raise InvalidError.of("FWF1009", message, file=shown)
        self.names[str(place)] = shown
        bare = _without_heredocs(text)
        self.hints.extend(_hints(bare, shown))
        if _NESTED.search(bare):
            self.nested.add(str(place))
        _check_version(text, shown)
        return Tree.ReadSourceResult(source_text=text, abspath=str(place))

    def _enter(self, place: Path, shown: str, importer: Tree.Document) -> None:
        """Note that a file is being read for an importer, and refuse a circle."""
        while self._above[-1][0] != importer.pos.abspath:
            self._above.pop()
        files = [file for _, file in self._above]
        if str(place) in files:
            circle = [*files[files.index(str(place)) :], str(place)]
            told = " -> ".join(Path(file).name for file in circle)
            message = f"files import each other: {told}"
            raise InvalidError.of("FWF2004", message, file=self._name(importer))
        self._above.append((str(place), str(place)))

    def _text(self, data: bytes, shown: str) -> str:
        try:
            refuse_utf16(data, shown)
            # any end of a line counts as one, as in miniwdl's own reading
            text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except SourceError as error:
            raise InvalidError.of("FWF1003", error.message, file=shown, hint=error.hint) from None
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 text (byte {error.start})"
            raise InvalidError.of("FWF1003", message, file=shown) from None
        bare = re.sub(r"#[^\n]*+", "", text).strip()
        if not bare or "\0" in text:
            message = "a binary file" if bare else "the file is empty, or holds comments alone"
            raise InvalidError.of("FWF1003", message, file=shown)
        return text

    def _located(self, uri: str, importer: Tree.Document) -> tuple[str, Path]:
        if self.beside is not None:
            if uri not in self.beside:
                raise InvalidError.of("FWF1404", f"{uri!r:.120} does not exist", file=uri)
            return uri, self.root / uri
        if _SCHEME.match(uri):
            raise InvalidError.of(
                "FWF1007",
                f"{uri!r:.120} is on a network; nothing is fetched",
                file=self._name(importer),
                hint="keep a copy beside the document and import it by a relative path",
            )
        folder = Path(importer.pos.abspath).parent
        path = Path(os.path.normpath(folder / uri))
        shown = os.path.normpath(Path(self._name(importer)).parent / uri)
        if uri.startswith("/") or "\0" in uri or not in_tree(path, self.tree):
            raise InvalidError.of(
                "FWF1008",
                f"the import {uri!r:.120} leaves {str(self.tree)!r:.120}, the document's folder",
                file=self._name(importer),
                hint="import by a relative path, below the root of the document's repository",
            )
        seen(path)
        try:
            if path.is_file():
                return shown, path
            names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            why = "is not a regular file" if path.exists() else "does not exist"
        except OSError as error:
            names, why = [], f"cannot be opened: {error.strerror}"
        hint = like_file(path.name, names) if why == "does not exist" else None
        raise InvalidError.of("FWF1404", f"{shown:.200} {why}", file=shown, hint=hint)

    def _name(self, document: Tree.Document) -> str:
        name: str = self.names.get(document.pos.abspath, document.pos.uri)
        return name

    # --- what miniwdl says

    def _told(self, error: Exception) -> FairwfError:
        report = Report()
        self._tell(error, report, None)
        unsupported = all(one.code in ("FWF1402", "FWF1403") for one in report.errors)
        return UnsupportedError(report) if unsupported else InvalidError(report)

    def _tell(self, error: BaseException, report: Report, at: Error.SourcePosition | None) -> None:
        if isinstance(error, FairwfError):
            for one in error.report:
                # What is wrong with an import stands where it is imported.
                if one.line is None and at is not None:
                    report.add(one.code, one.message, span=self._span(at), hint=one.hint)
                else:
                    report.extend(Report([one]))
        elif isinstance(error, Error.ImportError):
            if error.__cause__ is None:
                message = str(error)
                report.add("FWF1404", message, span=self._span(error.pos))
            else:
                self._tell(error.__cause__, report, error.pos)
        elif isinstance(error, Error.MultipleValidationErrors):
            for each in error.exceptions:
                self._tell(each, report, at)
        elif isinstance(error, (Error.SyntaxError, Error.ValidationError)):
            message, hint = _sentence(str(error))
            code = "FWF1401"
            if message == "Unknown type Object":
                code, message, hint = "FWF1403", "the type Object", "declare a struct"
            report.add(code, message, span=self._span(error.pos), hint=hint)
        elif isinstance(error, RecursionError):
            span = None if at is None else self._span(at)
            report.add("FWF1009", "the document is nested too deeply", span=span)
        else:
            message = f"miniwdl cannot read it ({type(error).__name__}: {error!s:.200})"
            span = None if at is None else self._span(at)
            report.add("FWF1401", message, span=span, file=self.source.name)

    def _span(self, pos: Error.SourcePosition) -> Span:
        return span_of(pos, self.names)


def _sentence(text: str) -> tuple[str, str | None]:
    """Return miniwdl's message as one sentence, and what it would have expected as a hint."""
    head, _, rest = text.partition("Expected one of:")
    head = re.sub(r"Token\('\w+', ('(?:[^'\\]|\\.)*')\)", r"\1", head)
    head = " ".join(re.sub(r" at line \d+, column \d+\.?", "", head).split())
    wanted = sorted({line.strip("* \t") for line in rest.split("\n") if line.startswith("\t*")})
    hint = f"expected one of: {', '.join(wanted[:12])}" if wanted else None
    return head or "is no valid WDL", hint


def _without_heredocs(text: str) -> str:
    """Return a text with blanks in place of what stands between ``<<<`` and ``>>>``."""
    pieces: list[str] = []
    done = 0
    while (start := text.find("<<<", done)) >= 0 and (end := text.find(">>>", start)) >= 0:
        pieces += text[done:start], re.sub(r"[^\n]", " ", text[start : end + 3])
        done = end + 3
    return "".join([*pieces, text[done:]])


def _hints(bare: str, shown: str) -> Iterator[Span]:
    line, counted = 1, 0
    for match in _HINTS.finditer(bare):
        line += bare.count("\n", counted, match.start())
        counted = match.start()  # where a line begins
        column = match.start("word") - counted + 1
        yield Span(shown, line, column, line, column + len("hints"))


def _check_version(text: str, shown: str) -> None:
    found = _VERSION.match(text)
    if found is None or found["version"] in VERSIONS:
        return
    line = text.count("\n", 0, found.start("version")) + 1
    column = found.start("version") - text.rfind("\n", 0, found.start("version"))
    span = Span(shown, line, column, line, column + len(found["version"]))
    raise UnsupportedError.of(
        "FWF1402",
        f"WDL {found['version']!r:.40} cannot be read",
        span=span,
        hint=f"these versions are read: {', '.join(VERSIONS)}",
    )
