"""The scripts of a pipeline: the main one, and what it includes.

An include never leaves the tree of the document (:func:`fairwf.source.document_tree`), symbolic
links resolved (FWF1008); what is read is limited in size and number (FWF1009). Nothing is fetched:
an include of a plugin gives names without meaning.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from fairwf.document import DocumentFile
from fairwf.formats import Source, read_file
from fairwf.ir.origins import Span
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, did_you_mean, document_tree, in_tree, refuse_utf16
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.statements import parse
from fairwf_nextflow.meaning.symbols import (
    Function,
    Namespace,
    ProcessSymbol,
    Symbol,
    WorkflowSymbol,
)

MAX_BYTES = 4 * 1024 * 1024
MAX_FILES = 2_000
NAMESPACES = (
    "Channel",
    "channel",
    "params",
    "workflow",
    "nextflow",
    "log",
    "System",
    "Math",
    "task",
)


class Module:
    """A script, and what its names stand for. ``folder`` is its own, from the main script's."""

    def __init__(self, text: Text, folder: str, script: tree.Script) -> None:
        self.text = text
        self.folder = folder
        self.script = script
        self.symbols: dict[str, Symbol] = {}
        self.entry: tree.WorkflowBlock | None = None
        for statement in script.statements:
            self._refuse_second(statement)
            match statement:
                case tree.Process(name=name):
                    self.symbols[name] = ProcessSymbol(name, statement, self)
                case tree.WorkflowBlock(name=None):
                    self.entry = statement
                case tree.WorkflowBlock(name=str(name)):
                    self.symbols[name] = WorkflowSymbol(name, statement, self)
                case tree.Function(name=name):
                    self.symbols[name] = Function(
                        statement.parameters, statement.body, self, {}, statement
                    )

    def _refuse_second(self, statement: tree.Statement) -> None:
        match statement:
            case tree.Process(name=name) | tree.WorkflowBlock(name=str(name)):
                if isinstance(self.symbols.get(name), (ProcessSymbol, WorkflowSymbol)):
                    message = f"{name!r:.80} is there twice"
                    raise InvalidError.of("FWF1601", message, span=self.span(statement))

    def span(self, node: tree.Node) -> Span:
        """Return where a node stands."""
        return self.text.span(node.start, node.end)

    def own(self, kind: type[ProcessSymbol] | type[WorkflowSymbol]) -> list[str]:
        """Return the names of the processes or workflows that the script itself defines."""
        return [
            name
            for name, symbol in self.symbols.items()
            if isinstance(symbol, kind) and symbol.module is self
        ]


class Loader:
    """Reads the scripts of one pipeline, each once."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        path = source.path
        self.root = (path.parent if path else Path.cwd()).resolve()
        self.tree = source.tree or document_tree(self.root)
        self._modules: dict[Path, Module] = {}
        self._bytes = 0

    def main(self) -> Module:
        """Return the main script with all that it includes.

        Raises:
            InvalidError: FWF1601 what breaks the grammar, FWF1602 an include that is not there.
        """
        path = self.root / (self.source.path.name if self.source.path else "-")
        return self._module(path, self.source.name, self.source.data, [])

    def text(self, path: Path, shown: str, data: bytes) -> Text:
        """Return a text of the pipeline.

        Raises:
            InvalidError: FWF1003 it is no text, FWF1009 there is too much of it.
        """
        self._bytes += len(data)
        if self._bytes > MAX_BYTES or len(self._modules) > MAX_FILES:
            message = f"more than {MAX_BYTES} bytes or {MAX_FILES} files of Nextflow"
            raise InvalidError.of("FWF1009", message, file=shown)
        try:
            refuse_utf16(data, shown)
            text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except SourceError as error:
            raise InvalidError.of("FWF1003", error.message, file=shown, hint=error.hint) from None
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 text (byte {error.start})"
            raise InvalidError.of("FWF1003", message, file=shown) from None
        if "\0" in text or not text.strip():
            message = "a binary file" if text.strip() else "the file is empty"
            raise InvalidError.of("FWF1003", message, file=shown)
        return Text(text, shown)

    def beside(self, name: str, module: Module | None = None) -> Path | None:
        """Return a file of the pipeline by its path from a script's folder, if it is there."""
        folder = self.root / module.folder if module else self.root
        path = Path(os.path.normpath(folder / name))
        try:
            return path if in_tree(path, self.tree) and path.is_file() else None
        except OSError:
            return None

    def programs(self) -> Iterator[DocumentFile]:
        """Yield the programs and classes that Nextflow finds beside scripts (``bin``, ``lib``)."""
        own = [self.root / name for name in ("bin", "lib")]
        own += [path.parent / "resources" / "usr" / "bin" for path in self._modules]
        found = (path for folder in own for path in self._inside(folder))
        for path in islice(found, MAX_FILES):
            if path.is_file() and in_tree(path, self.tree):
                yield DocumentFile(self.shown(path), "a program of the pipeline", "program")
        if next(found, None) is not None:
            message = (
                f"more than {MAX_FILES} files in bin, lib and resources: the others are left out"
            )
            self.report.add("FWF1009", message, file=self.source.name, severity="warning")

    def _inside(self, folder: Path) -> Iterator[Path]:
        """Yield the paths in a folder of the tree; links to other folders are not followed."""
        if not in_tree(folder, self.tree):
            return
        for above, folders, names in os.walk(folder):
            folders.sort()
            yield from (Path(above, name) for name in sorted(names))

    def shown(self, path: Path) -> str:
        """Return what a user calls a file of the pipeline."""
        own = Path(self.source.name).parent
        return os.path.normpath(own / os.path.relpath(path, self.root))

    def _module(self, path: Path, shown: str, data: bytes, above: list[Path]) -> Module:
        text = self.text(path, shown, data)
        script = parse(text)
        folder = posixpath.normpath(os.path.relpath(path.parent, self.root))
        module = Module(text, folder, script)
        self._modules[path] = module
        for statement in script.statements:
            if isinstance(statement, tree.Include):
                self._include(module, statement, [*above, path])
        return module

    def _include(self, module: Module, include: tree.Include, above: list[Path]) -> None:
        span = module.span(include)
        if include.path.startswith("plugin/"):
            for one in include.names:
                module.symbols[one.alias] = Namespace(f"{include.path}:{one.name}")
            return
        if "://" in include.path:
            message = f"{include.path!r:.120} is on a network; nothing is fetched"
            hint = "keep a copy beside the script and include it by a relative path"
            raise InvalidError.of("FWF1007", message, span=span, hint=hint)
        path = self._located(module, include, span)
        if path in above:
            names = " -> ".join(one.name for one in [*above[above.index(path) :], path])
            raise InvalidError.of("FWF2004", f"scripts include each other: {names}", span=span)
        if len(above) > 48:
            raise InvalidError.of("FWF1009", "includes are nested too deeply", span=span)
        other = self._modules.get(path)
        if other is None:
            other = self._module(path, self.shown(path), read_file(path, self.shown(path)), above)
        for one in include.names:
            self._name(module, other, one, path)

    def _name(self, module: Module, other: Module, one: tree.Included, path: Path) -> None:
        symbol = other.symbols.get(one.name)
        match symbol:
            case None:
                hint = did_you_mean(one.name, other.symbols)
                message = f"{self.shown(path)} has nothing called {one.name!r:.80}"
                raise InvalidError.of("FWF1602", message, span=module.span(one), hint=hint)
            case ProcessSymbol(definition=definition, module=home):
                module.symbols[one.alias] = ProcessSymbol(one.alias, definition, home)
            case WorkflowSymbol(definition=block, module=home):
                module.symbols[one.alias] = WorkflowSymbol(one.alias, block, home)
            case _:
                module.symbols[one.alias] = symbol

    def _located(self, module: Module, include: tree.Include, span: Span) -> Path:
        folder = self.root if include.of_project else self.root / module.folder
        base = Path(os.path.normpath(folder / include.path))
        if include.path.startswith("/") or not in_tree(base, self.tree):
            message = f"the include {include.path!r:.120} leaves the document's folder"
            hint = "include by a relative path, below the root of the document's repository"
            raise InvalidError.of("FWF1008", message, span=span, hint=hint)
        for path in (base, Path(f"{base}.nf"), base / "main.nf"):
            try:
                if path.is_file():
                    if not in_tree(path, self.tree):
                        message = f"the include {include.path!r:.120} leads out of the folder"
                        raise InvalidError.of("FWF1008", message, span=span)
                    return path
            except OSError:
                continue
        message = f"{include.path!r:.120} does not exist"
        hint = "there is no such file, none with .nf, and no main.nf in a folder of the name"
        raise InvalidError.of("FWF1602", message, span=span, hint=hint)
