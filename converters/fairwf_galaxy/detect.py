"""Recognising Galaxy workflows: ``.ga`` by its marker, gxformat2 by its class."""

from __future__ import annotations

import re

from fairwf.formats import UNSURE, Source

_NATIVE = re.compile(rb'"a_galaxy_workflow"\s*:\s*"true"')
_MARKER = re.compile(rb'"a_galaxy_workflow"\s*:')
_FORMAT2 = re.compile(rb"""(?m)^[ \t{-]*["']?class["']?\s*:\s*["']?GalaxyWorkflow\b""")
_FORMAT2_JSON = re.compile(rb'"class"\s*:\s*"GalaxyWorkflow"')
_OBJECT = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\{")


def detect(source: Source) -> int:
    """Return how sure it is, 0 to 100, that a source is a Galaxy workflow, by its content.

    Keys may stand in any order, so the marker of a ``.ga`` may stand behind all steps: of an
    object without it in the head the end is searched too.
    """
    head = source.head
    if b"cwlVersion" in head or b'"fairwf_ir"' in head:
        return 0
    if _OBJECT.match(head):
        tail = source.data[-4096:]
        if _NATIVE.search(head) or _NATIVE.search(tail):
            return 100
        if _FORMAT2_JSON.search(head):
            return 95
        return UNSURE if _MARKER.search(head) or _MARKER.search(tail) else 0
    return 100 if _FORMAT2.search(head) else 0
