"""Files that a document names and that are not there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from fairwf.check.findings import Findings
from fairwf.check.rules.tasks import own_nodes
from fairwf.check.sites import placed
from fairwf.ir.expressions import Directory, File
from fairwf.ir.workflow import Process
from fairwf.source import in_tree, like_file, seen

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def check_references(root: Process, findings: Findings) -> None:
    """Tell of files and folders beside the document that do not exist: defaults, staged files.

    Only relative locations are looked at, and only in the document's own tree; what is on a
    network, absolute, or the document's own text is not.
    """
    if findings.folder is None:
        return
    for place in placed(root):
        for node in own_nodes(place.process):
            if isinstance(node, (File, Directory)) and node.location is not None:
                _exists(node, node.location, findings.folder, findings)


def _exists(node: File | Directory, location: str, folder: Path, findings: Findings) -> None:
    if _SCHEME.match(location) or location.startswith(("/", "#")) or "\0" in location:
        return
    path = Path(os.path.normpath(folder / unquote(location.partition("#")[0])))
    if not in_tree(path, findings.tree_of(folder)):
        return
    folders = isinstance(node, Directory)
    kind = "folder" if folders else "file"
    seen(path)
    try:
        found = path.is_dir() if folders else path.is_file()
        above = path.parent
        names = [each.name for each in above.iterdir()] if not found and above.is_dir() else []
    except OSError:  # what may not be looked into may well be there
        return
    if not found:
        findings.tell(
            "FWF2101",
            node,
            f"there is no {kind} {location!r:.120} beside the document",
            like_file(path.name, names) or f"add the {kind}, or correct its location",
        )
