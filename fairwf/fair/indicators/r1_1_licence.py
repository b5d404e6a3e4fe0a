"""R1.1: the workflow has a clear licence."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.fair.detectors.licences import is_open, recognise, same_text, spdx_id
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.subject import Subject

_FILE_NAME = r"(?:licen[cs]e|copying|unlicense)s?(?:[-._][\w.-]+)?(?:\.(?:md|txt|rst))?"


_LICENCE_NAME = re.compile(
    r"licen[cs]e|\b(?:[al]?gpl|mit|bsd|apache|cc|eupl|mpl|mozilla|isc|artistic|cecill)\b|"
    r"\bpublic domain\b|\b(?:[al]?gpl|cc|bsd|eupl|mpl)[-v ]?\d|https?://",
    re.I,
)


def licence_files(subject: Subject) -> list[Path]:
    """Return the files of a folder that should hold a licence's text.

    A crate may keep the licence of its workflow beside the workflow.
    """
    found = subject.named(_FILE_NAME)
    if not found and subject.crate is not None:
        found = subject.named(_FILE_NAME, subject.home)
    return found + [p for p in subject.files if len(p.parts) == 2 and p.parts[0] == "LICENSES"]


def recognised(subject: Subject) -> dict[Path, str]:
    """Return the SPDX ids of the licence files whose text is one that SPDX knows."""
    texts = {path: subject.text(path) for path in licence_files(subject)}
    return {path: spdx for path, text in texts.items() if (spdx := recognise(text))}


def _licence_file(subject: Subject) -> Outcome:
    files = licence_files(subject)
    if not files:
        return assessed(0, "there is no licence file")
    known = recognised(subject)
    proof = [Evidence(file=path.as_posix(), line=1, value=spdx) for path, spdx in known.items()]
    if len(set(known.values())) == 1:
        return assessed(3, f"one licence: {next(iter(known.values()))}", *proof)
    if known:
        return assessed(2, f"several licences: {', '.join(sorted(set(known.values())))}", *proof)
    return assessed(0, f"{files[0]} holds no licence text that SPDX knows")


def _licence_stated(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("license") if not is_placeholder(c.value)]
    if not stated:
        return assessed(0, "no licence is stated in machine-readable metadata")
    proof = [claim.evidence() for claim in stated]
    known = {spdx for claim in stated if (spdx := spdx_id(claim.value))}
    first = min(known, default="")
    if not all(same_text(first, other) for other in known):
        return assessed(0, f"files contradict each other: {', '.join(sorted(known))}")
    if not known and not any(_LICENCE_NAME.search(claim.value) for claim in stated):
        return assessed(0, f"{stated[0].value!r:.60} names no licence")
    if not known:
        return assessed(1, f"{stated[0].value!r:.60} is no SPDX id", *proof)
    texts = set(recognised(subject).values())
    if texts and not any(same_text(a, b) for a in known for b in texts):
        found = ", ".join(sorted(texts))
        return assessed(0, f"stated is {', '.join(known)}, but the licence file is {found}")
    if any("spdx.org/licenses/" in claim.value for claim in stated):
        return assessed(3, "an SPDX IRI, without contradiction", *proof)
    return assessed(2, "an SPDX id, not an IRI", *proof)


def _permits(subject: Subject) -> Outcome:
    found: dict[str, Evidence] = {}
    for path, spdx in recognised(subject).items():
        found.setdefault(spdx, Evidence(file=path.as_posix(), line=1, value=spdx))
    for claim in subject.claims("license"):
        stated = spdx_id(claim.value)
        if stated and not is_placeholder(claim.value):
            found.setdefault(stated, claim.evidence())
    if not found:
        return assessed(0, "no licence that SPDX knows")
    proof = list(found.values())
    if all(is_open(spdx) for spdx in found):
        return assessed(3, f"open: {', '.join(sorted(found))}", *proof)
    closed = sorted(spdx for spdx in found if not is_open(spdx))
    if any("-ND" in spdx for spdx in closed):
        return assessed(1, f"{closed[0]} forbids changes", *proof)
    return assessed(2, f"{closed[0]} is approved as open by nobody", *proof)


INDICATORS = (
    Indicator(
        id="R1.1-1",
        question="Is there a licence text that is one?",
        principle="R1.1",
        priority="essential",
        reads="R",
        levels=("a file with text", "that SPDX knows", "one clear licence"),
        crosswalk=("FAIR4RS R1.1", "FRSM-15-1", "RSFC-15", "howfairis: license"),
        fix="Add the full text of the licence as LICENSE.",
        assess=_licence_file,
        version="2",
        note="2: a text that SPDX does not know is level 0; any long text was level 1.",
    ),
    Indicator(
        id="R1.1-2",
        question="Is the licence stated in metadata, and does it agree with the text?",
        principle="R1.1",
        priority="essential",
        reads="WRC",
        levels=("a licence is named", "by its SPDX id", "as an SPDX IRI without conflict"),
        crosswalk=("FRSM-15-3", "FRSM-16", "RDA-R1.1-01M", "RDA-R1.1-03M", "FsF-R1.1-01M"),
        fix="State the SPDX id in CITATION.cff and the workflow's metadata.",
        assess=_licence_stated,
        source="ir",
    ),
    Indicator(
        id="R1.1-3",
        question="Does the licence permit reuse and changes?",
        principle="R1.1",
        priority="important",
        reads="R",
        levels=("any licence", "that allows to pass on and change", "approved as open"),
        crosswalk=("RDA-R1.1-02M",),
        fix="Choose a licence that OSI approves, or an open one for data.",
        assess=_permits,
        source="ir",
    ),
)
"""In the order of the principles."""
