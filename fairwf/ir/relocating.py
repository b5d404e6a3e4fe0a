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

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        name = "file" if isinstance(node, Conda) else "location"
        location = getattr(node, name, None)
        if not isinstance(node, (File, Directory, Conda)) or not isinstance(location, str):
            return node
        if "://" in location or location.startswith("/"):
            return node
        there = os.path.relpath(folder.resolve() / location, target.resolve())
        return msgspec.structs.replace(node, **{name: there})

    return rewrite(root, visit)
