"""Recognising WfFormat: a JSON object with ``schemaVersion`` and ``workflow``."""

from __future__ import annotations

import re

from fairwf.formats import Source

_VERSION = re.compile(rb'"schemaVersion"\s*:\s*"1\.\d+"')
_WORKFLOW = re.compile(rb'"workflow"\s*:\s*\{')


def detect(source: Source) -> int:
    """Return how sure it is, 0 to 100, that a source is WfFormat.

    The order of keys is free, so the version may stand behind all tasks: where the head shows a
    workflow alone, the end is searched too.
    """
    head = source.head
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or b'"fairwf_ir"' in head:
        return 0
    version = _VERSION.search(head) is not None
    workflow = _WORKFLOW.search(head) is not None
    if version and workflow:
        return 95
    if version:
        return 90 if _WORKFLOW.search(source.data) else 60
    if workflow and _VERSION.search(source.data):
        return 90
    return 0
