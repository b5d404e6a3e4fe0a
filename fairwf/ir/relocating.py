"""Relative locations of files, when a document is put into another folder."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from fairwf.ir.environment import Conda
from fairwf.ir.expressions import Directory, File
from fairwf.ir.rewriting import rewrite
from fairwf.ir.workflow import Process


def relocated(root: Process, folder: Path | None, target: Path | None) -> Process:
    """Return a process whose relative locations count from the folder that it is put into."""
    if folder is None or target is None or folder.resolve() == target.resolve():
        return root

    def there(location: str) -> str:
        if "://" in location or location.startswith("/"):
            return location
        return os.path.relpath(folder.resolve() / location, target.resolve())

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, (File, Directory)) and node.location is not None:
            return msgspec.structs.replace(node, location=there(node.location))
        if isinstance(node, Conda) and node.file is not None:
            return msgspec.structs.replace(node, file=there(node.file))
        return node

    return rewrite(root, visit)
