"""The files that a Snakefile names: what it includes, its configuration, what lies beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fairwf.document import DocumentFile, PartKind
from fairwf.formats import Source, read_file
from fairwf.ir.origins import Span
from fairwf.report import InvalidError
from fairwf.source import SourceError, document_tree, in_tree, load_structured
from fairwf_snakemake.reading.patterns import pieces
from fairwf_snakemake.snakefile.nodes import Snakefile
from fairwf_snakemake.snakefile.parse import decoded, parse
from fairwf_snakemake.snakefile.static import Members, NotStaticError

MAX_FILES = 500
MAX_LISTED = 20_000


class Files:
    """Reads what a Snakefile names, inside of the tree that the document may name files of."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.folder = source.path.resolve().parent if source.path is not None else Path.cwd()
        self.tree = source.tree or document_tree(self.folder)
        self.count = 0
        self.needed: dict[str, DocumentFile] = {}

    def need(self, path: Path, what: str, kind: PartKind = "part", rule: str | None = None) -> str:
        """Note a file that a rule, or the whole workflow, needs; return its path from here.

        A name with wildcards, or an address, stands for no single file.
        """
        shown = os.path.relpath(path, self.folder)
        if not re.search(r"[{\0]|:/", str(path)):
            what = f"{what} of rule {rule!r:.80}" if rule is not None else what
            known = self.needed.get(shown) or DocumentFile(self.name(path), what, kind)
            rules = (*known.processes, *([rule] if rule is not None else []))
            self.needed[shown] = replace(known, processes=tuple(dict.fromkeys(rules)))
        return shown

    @property
    def workdir(self) -> Path:
        """Where paths count from: Snakemake is called in the folder that holds ``workflow/``."""
        if self.folder.name == "workflow" and (self.folder.parent / "config").exists():
            return self.folder.parent
        return self.folder

    def name(self, path: Path) -> str:
        """Return what places call a file: as the source is called."""
        if self.source.path is None:
            return path.name
        return (
            os.path.relpath(path, Path.cwd())
            if not Path(self.source.name).is_absolute()
            else str(path)
        )

    def _inside(self, path: Path, shown: str, span: Span | None) -> None:
        if not in_tree(path, self.tree):
            hint = "keep what a workflow consists of in one folder or repository"
            raise InvalidError.of(
                "FWF1008", f"{shown!r:.200} leaves {str(self.tree)!r}", span=span, hint=hint
            )

    def text(self, path: Path, span: Span | None) -> bytes:
        """Return the octets of a file.

        Raises:
            InvalidError: FWF1008 it lies outside, FWF1503 it is not there, FWF1009 too many.
        """
        self.count += 1
        if self.count > MAX_FILES:
            raise InvalidError.of("FWF1009", f"more than {MAX_FILES} files", span=span)
        self._inside(path, str(path), span)
        if not path.is_file():
            shown = self.name(path)
            raise InvalidError.of("FWF1503", f"there is no file {shown!r:.200}", span=span)
        return read_file(path, self.name(path))

    def snakefile(self, path: Path, span: Span | None) -> Snakefile:
        """Return another Snakefile."""
        shown = self.name(path)
        return parse(decoded(self.text(path, span), shown), shown)

    def config(self, path: Path, span: Span | None) -> Mapping[str, Any] | None:
        """Return a configuration file; None where there is none.

        Raises:
            InvalidError: it lies outside, is broken, or is no mapping.
        """
        self._inside(path, str(path), span)
        if not path.is_file():
            return None
        data = self.text(path, span)
        try:
            from fairwf.source.positions import plain

            found = plain(load_structured(data, self.name(path))) if data.strip() else {}
        except SourceError as error:
            raise InvalidError.of("FWF1004", error.message, span=error.span) from None
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise InvalidError.of("FWF1501", "a configuration is a mapping", file=self.name(path))
        return found

    def glob_wildcards(self, pattern: str) -> Members:
        """Snakemake's ``glob_wildcards`` on the files that lie there now.

        Raises:
            NotStaticError: the pattern leaves the folder, or there are too many files.
        """
        found, constraints = pieces(pattern)
        names = list(dict.fromkeys(piece[0] for piece in found if isinstance(piece, tuple)))
        if len(names) > 6:
            raise NotStaticError("glob_wildcards with more than six wildcards")
        text, seen = "", set[str]()
        for piece in found:
            if isinstance(piece, str):
                text += re.escape(piece)
            elif piece[0] in seen:
                text += f"(?P={piece[0]})"
            else:
                seen.add(piece[0])
                # Only plain constraints: a pattern of strangers could take for ever.
                if piece[0] in constraints and not re.fullmatch(
                    r"(?:\[[^\]]*\]|\\[dw]|[\w.^-])[+*]?", constraints[piece[0]]
                ):
                    raise NotStaticError("glob_wildcards with a constraint")
                text += f"(?P<{piece[0]}>{constraints.get(piece[0], '.+')})"
        first = found[0] if found and isinstance(found[0], str) else ""
        start = (self.workdir / os.path.dirname(first)).resolve()
        if not in_tree(start, self.tree) or pattern.startswith("/"):
            raise NotStaticError("glob_wildcards of another folder")
        matcher = re.compile(text)
        lists: dict[str, list[str]] = {name: [] for name in names}
        for path in self._walk(start):
            shown = os.path.relpath(path, self.workdir)
            match = matcher.fullmatch(shown if not pattern.startswith("./") else f"./{shown}")
            if match is not None:
                for name in names:
                    lists[name].append(match[name])
        return Members(**lists)

    def _walk(self, start: Path) -> Iterator[str]:
        count = 0
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            for name in [*sorted(files), *folders]:
                count += 1
                if count > MAX_LISTED:
                    raise NotStaticError(f"more than {MAX_LISTED} files")
                yield os.path.join(folder, name)
