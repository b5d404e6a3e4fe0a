"""Values written in documents and job files (CWL v1.2, "File", "Directory")."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value
from fairwf.source import SourceMap, plain
from fairwf_cwl.load import Loader
from fairwf_cwl.names import expand, file_path, scheme_of

_FILE = {
    "class",
    "location",
    "path",
    "basename",
    "dirname",
    "nameroot",
    "nameext",
    "size",
    "checksum",
    "format",
    "contents",
    "secondaryFiles",
}
_DIRECTORY = {"class", "location", "path", "basename", "listing"}


class ValueReader:
    """Reads values; locations become absolute, or relative to the main document's folder."""

    def __init__(self, loader: Loader, namespaces: Mapping[str, str], absolute: bool) -> None:
        self.loader = loader
        self.namespaces = namespaces
        self.absolute = absolute

    def read(self, value: Any) -> Value:
        """Return the runtime value of plain YAML or JSON."""
        if isinstance(value, list):
            return [self.read(item) for item in value]
        if isinstance(value, SourceMap):
            if value.get("class") == "File":
                return self._file(value)
            if value.get("class") == "Directory":
                return self._directory(value)
            return {key: self.read(item) for key, item in value.items()}
        return value  # type: ignore[no-any-return]

    def _place(self, node: SourceMap) -> str | None:
        location, path = node.get("location"), node.get("path")
        if isinstance(location, str):
            return self.place(location, node.span.file)
        if not isinstance(path, str):
            return None
        if scheme_of(path) is not None:
            return self.place(path, node.span.file)
        return self._path(path, node.span.file)

    def place(self, location: str, file: str) -> str:
        """Return the path that a relative or ``file`` IRI in a file names, other IRIs as is."""
        if scheme_of(location) not in (None, "file"):
            return location
        path = file_path(location)
        return path if scheme_of(path) == "file" else self._path(path, file)

    def _path(self, text: str, file: str) -> str:
        whole = os.path.normpath(self.loader.folder(file) / text)
        if self.absolute:
            return whole
        return whole if Path(text).is_absolute() else os.path.relpath(whole, self.loader.root)

    def _file(self, node: SourceMap) -> File:
        size = node.get("size")
        return File(
            location=self._place(node),
            basename=_text(node, "basename"),
            size=size if isinstance(size, int) and not isinstance(size, bool) else None,
            checksum=_text(node, "checksum"),
            format=expand(node["format"], self.namespaces) if _text(node, "format") else None,
            contents=_text(node, "contents"),
            secondary=tuple(self._inside(node.get("secondaryFiles"))),
            extensions=_foreign(node, _FILE),
        )

    def _directory(self, node: SourceMap) -> Directory:
        listing = node.get("listing")
        return Directory(
            location=self._place(node),
            basename=_text(node, "basename"),
            listing=None if listing is None else tuple(self._inside(listing)),
            extensions=_foreign(node, _DIRECTORY),
        )

    def _inside(self, items: Any) -> list[File | Directory]:
        found = [self.read(item) for item in items] if isinstance(items, list) else []
        return [item for item in found if isinstance(item, (File, Directory))]


def _text(node: SourceMap, field: str) -> str | None:
    value = node.get(field)
    return value if isinstance(value, str) else None


def _foreign(node: SourceMap, known: set[str]) -> dict[str, dict[str, object]]:
    rest = {key: plain(item) for key, item in node.items() if key not in known}
    return {"cwl": rest} if rest else {}
