"""Edits that mend what is found in a WDL document without changing what it means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fairwf.formats import Edit
from fairwf.report import Diagnostic

_DOCKER = re.compile(r"\bdocker(?=\s*:\s*\Z)")


def fix(data: bytes, found: Diagnostic) -> Sequence[Edit]:
    """Return the edits that mend a finding; none where nothing safe is known.

    FWF1410: ``docker`` becomes ``container``, and ``${`` becomes ``~{``.
    """
    if found.code != "FWF1410" or found.line is None or found.column is None:
        return ()
    lines = data.decode("utf-8-sig").split("\n")
    line, start = found.line, found.column - 1
    if line > len(lines):
        return ()
    text = lines[line - 1]
    if found.hint == "say container" and (key := _DOCKER.search(text[:start])):
        return (Edit(line, key.start() + 1, line, key.end() + 1, "container"),)
    if found.hint == "write ~{...}" and text[start : start + 2] == "${":
        return (Edit(line, found.column, line, found.column + 1, "~"),)
    return ()
