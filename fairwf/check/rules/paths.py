"""Paths of one machine."""

from __future__ import annotations

import re

from fairwf.check.findings import Findings
from fairwf.check.rules.tasks import own_nodes
from fairwf.check.sites import placed
from fairwf.ir.command import Text
from fairwf.ir.expressions import Directory, File, StringLit
from fairwf.ir.iris import file_path
from fairwf.ir.workflow import Command, Process, Script

_HOME = re.compile(
    r"""(?:^|[\s'"=:(])(?P<path>(?:/home|/Users)/[A-Za-z0-9._-]+/[^\s'"]*|[A-Z]:\\[^\s'"]+)"""
)


def check_paths(root: Process, findings: Findings) -> None:
    """Tell of files named by absolute paths, and of homes of users in commands and texts.

    Where a task requires a container, a path in a text is one inside of the image.
    """
    for place in placed(root):
        process = place.process
        contained = (
            isinstance(process, (Command, Script)) and process.environment.container is not None
        )
        for node in own_nodes(process):
            if isinstance(node, (File, Directory)):
                where = node.location or node.path or ""
                if where.startswith("/") or file_path(where) is not None:
                    _tell(node, where, findings)
            elif isinstance(node, (StringLit, Text)) and not contained:
                text = node.value if isinstance(node, StringLit) else node.text
                if (found := _HOME.search(text)) is not None:
                    _tell(node, found["path"], findings)


def _tell(node: File | Directory | StringLit | Text, path: str, findings: Findings) -> None:
    findings.tell(
        "FWF2107",
        node,
        f"{path!r:.120} is a path of one machine",
        "keep the file beside the document and name it by a relative path, or make it an input",
    )
