"""Ids of ports and steps: what CWL takes as their names (Schema Salad 1.2, "Identifiers")."""

from __future__ import annotations

from fairwf.report import Report
from fairwf_cwl.idmaps import Entry
from fairwf_cwl.names import short


def check_id(entry: Entry, what: str, report: Report) -> None:
    """Tell of an id that names nothing, and of one of which only the last part counts.

    Ids written out in full (``#main/reads``) are what packers write.
    """
    if not short(entry.key):
        said = f"{entry.key!r:.80} names nothing" if entry.key else "is empty"
        report.add(
            "FWF1101", f"the id of {what} {said}", span=entry.key_span, hint="give it a name"
        )
    elif "/" in entry.key and "#" not in entry.key and "://" not in entry.key:
        report.add(
            "FWF1101",
            f"the id {entry.key!r:.80} counts as {short(entry.key)!r:.80}, its last part",
            span=entry.key_span,
            severity="warning",
            hint="CWL takes '/' as what separates a process from its parts: name it without",
        )
