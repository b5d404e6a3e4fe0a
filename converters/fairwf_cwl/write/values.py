"""Literals as values of a document: defaults, staged files. The opposite of fairwf_cwl.values."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Directory,
    Expr,
    File,
    FloatLit,
    IntLit,
    NoneLit,
    Record,
    StringLit,
)
from fairwf_cwl.names import scheme_of
from fairwf_cwl.write.javascript_text import CannotSayError

_SAFE = "/!$&'()*+,;=@~"


class Values:
    """Writes values. Locations count from ``origin`` in the IR, from ``target`` in the result.

    Where either is None, relative locations are written as they stand. ``folder`` is where the
    file lies, relative to the target: that of the main file by default.
    """

    def __init__(
        self, origin: Path | None = None, target: Path | None = None, folder: str = ""
    ) -> None:
        self._origin = origin
        self._target = target
        self._folder = folder

    def below(self, folder: str) -> Values:
        """Return what writes the same values into a file in a folder beside the main file."""
        return Values(self._origin, self._target, folder)

    def literal(self, expression: Expr) -> Any:
        """Return a literal as plain JSON values.

        Raises:
            CannotSayError: it is no value of CWL.
        """
        if isinstance(expression, NoneLit):
            return None
        if isinstance(expression, (BoolLit, StringLit)):
            return expression.value
        if isinstance(expression, (IntLit, FloatLit)):
            return expression.number
        if isinstance(expression, Array):
            return [self.literal(item) for item in expression.items]
        if isinstance(expression, Record):
            return {name: self.literal(item) for name, item in expression.fields.items()}
        if isinstance(expression, File):
            return self._file(expression)
        if isinstance(expression, Directory):
            return self._directory(expression)
        raise CannotSayError("CWL has no such value", expression)

    def _file(self, file: File) -> dict[str, Any]:
        tree: dict[str, Any] = {"class": "File"}
        if file.location is not None or file.path is not None:
            tree["location"] = self.location(file.location or file.path or "")
        for name in ("basename", "size", "checksum", "format", "contents"):
            if getattr(file, name) is not None:
                tree[name] = getattr(file, name)
        if file.secondary:
            tree["secondaryFiles"] = [self.literal(item) for item in file.secondary]
        tree.update(file.extensions.get("cwl", {}))
        return tree

    def _directory(self, folder: Directory) -> dict[str, Any]:
        tree: dict[str, Any] = {"class": "Directory"}
        if folder.location is not None or folder.path is not None:
            tree["location"] = self.location(folder.location or folder.path or "")
        if folder.basename is not None:
            tree["basename"] = folder.basename
        if folder.listing is not None:
            tree["listing"] = [self.literal(item) for item in folder.listing]
        tree.update(folder.extensions.get("cwl", {}))
        return tree

    def location(self, location: str) -> str:
        """Return a path or IRI as a reference that the result's readers resolve."""
        if scheme_of(location) is not None:
            return location
        if location.startswith("/"):
            return "file://" + quote(location, safe=_SAFE)
        if self._origin is not None and self._target is not None:
            whole = os.path.normpath(self._origin / location)
            location = os.path.relpath(whole, self._target / self._folder)
        elif self._folder:  # below a made-up folder, or the one we are in would count
            deep = posixpath.join("/", *["-"] * (location.count("..") + 1))
            location = posixpath.relpath(
                posixpath.join(deep, location), posixpath.join(deep, self._folder)
            )
        return quote(location, safe=_SAFE)
