"""The version of the language that a document says it is written in."""

from __future__ import annotations

import re

from fairwf.fair.outcome import Evidence
from fairwf.fair.subject import Subject

_STATED = re.compile(
    r"^\s*(?:[\"']?(?:cwlVersion|schemaVersion|fairwf_ir)[\"']?\s*:\s*[\"']?|version\s+)"
    r"(v?\d[\w.-]*|development)",
)


def language_version(subject: Subject) -> Evidence | None:
    """Return where the main document states it, the version alone as value."""
    text = subject.source.head.decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), 1):
        match = _STATED.match(line)
        if match and (subject.source.name.endswith(".wdl") or not line.startswith("version ")):
            return Evidence(file=subject.name, line=number, value=match[1])
    return None
