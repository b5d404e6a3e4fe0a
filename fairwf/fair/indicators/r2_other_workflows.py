"""R2: workflows include qualified references to other workflows."""

from __future__ import annotations

import re

from fairwf.fair.detectors.identifiers import is_persistent
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Level, Outcome, assessed, not_applicable
from fairwf.fair.reading.registries import load
from fairwf.fair.subject import Subject

_COMMIT = re.compile(r"\b[0-9a-f]{40}\b")
_VERSION = re.compile(r"[/@=]v?\d+\.\d[\w.-]*|[?&]version=\d+")


def _pin(text: str) -> Level:
    if is_persistent(text) or _COMMIT.search(text):
        return 3
    return 2 if _VERSION.search(text) else 1


def _others(subject: Subject) -> list[tuple[Level, Evidence]]:
    found = [
        (_pin(claim.value), claim.evidence())
        for claim in subject.claims("parent")
        if not is_placeholder(claim.value) and ("/" in claim.value or is_persistent(claim.value))
    ]
    if subject.folder is None:
        return found
    modules = load(subject.folder, "modules.json")
    if isinstance(modules, dict):
        text = subject.text(next(p for p in subject.files if p.as_posix() == "modules.json"))
        pins = len(_COMMIT.findall(text))
        level: Level = 3 if pins else 1
        found.append((level, Evidence(file="modules.json", line=1, value=f"{pins} commits")))
    for path in subject.named(r"\.gitmodules"):
        # Git itself pins a submodule to a commit.
        for number, line in enumerate(subject.text(path).splitlines(), 1):
            if line.strip().startswith("url"):
                found.append((3, Evidence(file=path.as_posix(), line=number, value=line.strip())))
    return found


def _referenced(subject: Subject) -> Outcome:
    found = _others(subject)
    if not found:
        return not_applicable("no workflow from elsewhere is named")
    least = min(level for level, _ in found)
    proof = [evidence for _, evidence in found]
    reasons = {1: "without a version", 2: "with a version", 3: "by commit or identifier"}
    return assessed(least, f"other workflows are named {reasons[least]}", *proof)


INDICATORS = (
    Indicator(
        id="R2-1",
        question="Are subworkflows, modules and parents from elsewhere pinned?",
        principle="R2",
        priority="important",
        reads="WRC",
        levels=("named", "with a version", "by commit or identifier"),
        crosswalk=("WCI R2", "FAIR4RS R2", "FAIR I3"),
        fix="Name the commit or the identifier of each.",
        assess=_referenced,
        note="Filling isBasedOn makes it apply; an entry without a version then is level 1.",
    ),
)
"""In the order of the principles."""
