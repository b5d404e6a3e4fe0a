"""Opening the files that a CWL document consists of (Schema Salad 1.2, sections 2.3 and 2.6).

``$import``, ``$include`` and ``$mixin`` are carried out while loading, so the trees that come out
hold none. A reference is relative to the file that it stands in. What may be opened:

* relative references only, also with ``..``: real repositories keep tools beside workflows;
* but never out of the tree of the main document (:func:`fairwf.source.document_tree`: its
  repository, or the folder that it came in), symbolic links resolved (FWF1008);
* regular files only, UTF-8 only, at most 10,000 of them and 256 MiB together;
* nothing by ``http``, ``https``, ``ftp`` or ``file`` (FWF1007, FWF1008).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fairwf.formats import Source, read_file
from fairwf.ir.origins import Span
from fairwf.report import InvalidError, Report
from fairwf.source import (
    SourceError,
    SourceList,
    SourceMap,
    document_tree,
    in_tree,
    like_file,
    load_structured,
    seen,
)
from fairwf_cwl.names import scheme_of, short

MAX_FILES = 10_000
MAX_BYTES = 256 * 1024 * 1024
MAX_IMPORTS = 64


class Loader:
    """The files of one document. Spans name files as the user would; ``folder`` finds them."""

    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        path = source.path
        self.root = (path.parent if path else Path.cwd()).resolve()
        self._paths: dict[str, Path] = {}
        if path is not None:
            self._paths[source.name] = self.root / path.name
        self.texts: dict[str, bytes] = {}
        self._trees: dict[str, Any] = {}
        self._open: list[str] = []
        self._roots: list[Any] = []
        self._bytes = 0

    @property
    def files(self) -> tuple[str, ...]:
        """The files opened so far, main first, as spans name them."""
        return tuple(self._trees)

    @property
    def trees(self) -> Mapping[str, Any]:
        """What the files opened so far hold, main first, by the names that spans give them."""
        return self._trees

    def main(self) -> Any:
        """Return the main document's tree.

        Raises:
            InvalidError: it cannot be read.
        """
        return self._tree(self.source.name, self.source.data, 0)

    def folder(self, file: str) -> Path:
        """Return the folder of a file, by the name that spans give it."""
        path = self._paths.get(file)
        return path.parent if path else self.root

    def open(self, reference: str, span: Span) -> tuple[Any, str | None]:
        """Return the tree of the file that ``reference`` names, and its fragment.

        An empty file part is the file that the reference stands in.

        Raises:
            InvalidError: it may not be opened, or cannot be read.
        """
        text, _, fragment = reference.partition("#")
        if not text:
            return self._trees[span.file], fragment or None
        shown, data = self._bytes_of(text, span)
        if shown in self._trees:
            return self._trees[shown], fragment or None
        return self._tree(shown, data or b"", 0), fragment or None

    def _bytes_of(self, reference: str, span: Span) -> tuple[str, bytes | None]:
        shown, path = self._locate(reference, span)
        if shown in self._open:
            circle = " -> ".join([*self._open[self._open.index(shown) :], shown])
            raise self._fault("FWF2004", f"files import each other: {circle}"[:300], span)
        if shown in self._trees:
            return shown, None
        data = read_file(path, shown)
        self._bytes += len(data)
        if self._bytes > MAX_BYTES or len(self._paths) > MAX_FILES:
            raise self._fault("FWF1009", "the document opens too many files", span)
        self._paths[shown] = path
        return shown, data

    def _locate(self, reference: str, span: Span) -> tuple[str, Path]:
        scheme = scheme_of(reference)
        if scheme in ("http", "https", "ftp"):
            raise self._fault(
                "FWF1007",
                f"{reference!r:.120} is on a network; nothing is fetched",
                span,
                "keep a copy beside the document and refer to it by a relative path",
            )
        text = unquote(reference)
        if scheme is not None or text.startswith("/") or "\0" in text:
            raise self._fault(
                "FWF1008",
                f"{reference!r:.120} is not relative to the document",
                span,
                "refer to files by paths relative to the file that names them",
            )
        path = Path(os.path.normpath(self.folder(span.file) / text))
        shown = os.path.normpath(Path(span.file).parent / text)
        if not in_tree(path, self.tree):
            raise self._fault(
                "FWF1008",
                f"{reference!r:.120} leaves {str(self.tree)!r:.120}, the folder of this document",
                span,
                "keep the file below the root of the document's repository",
            )
        seen(path)
        try:
            if path.is_file():
                return shown, path
            names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            state = "is not a regular file" if path.exists() else "does not exist"
        except OSError as error:  # a name too long, a folder that may not be looked into
            names, state = [], f"cannot be opened: {error.strerror}"
        hint = like_file(path.name, names) if state == "does not exist" else None
        raise self._fault("FWF1106", f"{shown:.200} {state}", span, hint)

    @cached_property
    def tree(self) -> Path:
        """The outermost folder that the document may name files of."""
        return self.source.tree or document_tree(self.root)

    def _tree(self, shown: str, data: bytes, depth: int) -> Any:
        try:
            tree = load_structured(data, shown)
        except SourceError as error:
            raise self._fault("FWF1004", error.message, error.span, error.hint) from None
        self.texts[shown] = data
        self._open.append(shown)
        self._roots.append(tree)
        tree = self._resolve(tree, Span(shown, 1, 1, 1, 1), depth)
        self._roots.pop()
        self._open.remove(shown)
        self._trees[shown] = tree
        return tree

    def _fault(self, code: str, message: str, span: Span, hint: str | None = None) -> InvalidError:
        return InvalidError.of(code, message, span=span, hint=hint)

    # --- $import, $include, $mixin ----------------------------------------------------------

    def _resolve(self, value: Any, span: Span, depth: int) -> Any:
        if isinstance(value, SourceMap):
            if "$import" in value:
                return self._import(value, depth)
            if "$include" in value:
                return self._include(value)
            if "$mixin" in value:
                value = self._mixin(value, depth)
            for key, item in value.items():
                if isinstance(item, (SourceMap, SourceList)):
                    new = self._resolve(item, value.value_span(key), depth)
                    if new is not item:
                        value[key] = new
                        value.value_spans[key] = getattr(new, "span", value.value_span(key))
            return value
        if isinstance(value, SourceList):
            return self._resolve_items(value, depth)
        return value

    def _resolve_items(self, value: SourceList, depth: int) -> SourceList:
        items = [
            self._resolve(item, value.item_span(index), depth) for index, item in enumerate(value)
        ]
        if all(a is b for a, b in zip(items, value, strict=True)):
            return value
        result = SourceList(value.span)
        for index, item in enumerate(items):
            if isinstance(item, SourceList) and item is not value[index]:
                for position, part in enumerate(item):  # an imported list is spliced in
                    result.put(part, item.item_span(position))
            else:
                result.put(item, getattr(item, "span", value.item_span(index)))
        return result

    def _reference(self, value: SourceMap, key: str) -> tuple[str, Span]:
        reference = value[key]
        if not isinstance(reference, str) or not reference:
            raise self._fault("FWF1101", f"{key} names no file", value.value_span(key))
        return reference, value.value_span(key)

    def _import(self, value: SourceMap, depth: int) -> Any:
        reference, span = self._reference(value, "$import")
        text, _, fragment = reference.partition("#")
        if depth >= MAX_IMPORTS:
            raise self._fault(
                "FWF1009", "imports nest too deeply; do files import each other?", span
            )
        if not text:
            return self._local(value, fragment, span)
        shown, data = self._bytes_of(text, span)
        tree = self._trees[shown] if data is None else self._tree(shown, data, depth + 1)
        if fragment:
            found = find_named(tree, fragment)
            if found is None:
                raise self._fault("FWF1106", f"{shown} holds nothing named {fragment!r:.80}", span)
            return found
        return tree

    def _local(self, value: SourceMap, fragment: str, span: Span) -> SourceMap:
        """Return the object of the same file that an import names by its id, as packers do."""
        found = find_named(self._roots[-1], fragment)
        if found is None:
            raise self._fault("FWF1106", f"the file holds nothing named {fragment!r:.80}", span)
        stack: list[Any] = [found]
        while stack:
            node = stack.pop()
            if node is value:
                raise self._fault("FWF2004", f"{fragment!r:.80} imports itself", span)
            if isinstance(node, SourceMap):
                if isinstance(node.get("$import"), str) and node["$import"].startswith("#"):
                    message = "what an import names may not import in turn"
                    raise self._fault("FWF1106", message, node.value_span("$import"))
                stack.extend(node.values())
            elif isinstance(node, SourceList):
                stack.extend(node)
        return found

    def _include(self, value: SourceMap) -> str:
        reference, span = self._reference(value, "$include")
        shown, path = self._locate(reference, span)
        data = read_file(path, shown)
        self._bytes += len(data)
        if self._bytes > MAX_BYTES:
            raise self._fault("FWF1009", "the document includes too much text", span)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._fault("FWF1003", f"{shown} is no text in UTF-8", span) from None

    def _mixin(self, value: SourceMap, depth: int) -> SourceMap:
        reference, span = self._reference(value, "$mixin")
        if depth >= MAX_IMPORTS:
            raise self._fault(
                "FWF1009", "mixins nest too deeply; do files mix in each other?", span
            )
        shown, data = self._bytes_of(reference.partition("#")[0], span)
        tree = self._trees[shown] if data is None else self._tree(shown, data, depth + 1)
        if not isinstance(tree, SourceMap):
            raise self._fault("FWF1101", f"{shown} holds no object to mix in", span)
        mixed = SourceMap(value.span)
        for source in (tree, value):
            for key, item in source.items():
                if key != "$mixin":
                    mixed.put(key, item, source.key_span(key), source.value_span(key))
        return mixed


def find_named(tree: Any, name: str, key: tuple[str, ...] = ("id", "name")) -> SourceMap | None:
    """Return the first map in the tree whose id or name is ``name``, outermost first."""
    level: list[Any] = [tree]
    wanted = short(name)
    while level:
        inside: list[Any] = []
        for node in level:
            if isinstance(node, SourceMap):
                for field in key:
                    said = node.get(field)
                    if isinstance(said, str) and (short(said) == wanted or said == name):
                        return node
                inside.extend(v for v in node.values() if isinstance(v, (SourceMap, SourceList)))
            elif isinstance(node, SourceList):
                inside.extend(v for v in node if isinstance(v, (SourceMap, SourceList)))
        level = inside
    return None
