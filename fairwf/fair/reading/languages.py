"""The version of the language that a document says it is written in."""

from __future__ import annotations

from fairwf.fair.outcome import Evidence
from fairwf.fair.subject import Subject
from fairwf.formats import stated_version


def language_version(subject: Subject) -> Evidence | None:
    """Return where the main document states it, the version alone as value."""
    if subject.document is None:
        return None
    found = stated_version(subject.document.format, subject.source.head)
    if found is None:
        return None
    return Evidence(file=subject.name, line=found.line, value=found.version)
