"""A2: metadata stay, also when the workflow itself is gone."""

from __future__ import annotations

import re

from fairwf.fair.detectors.identifiers import is_archived, is_persistent
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.detectors.versions import is_version
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.reading.images import diagrams
from fairwf.fair.subject import Subject

_MENTION = re.compile(
    r"\b(?:zenodo|software ?heritage|workflowhub|figshare|dataverse|osf\.io)\b", re.I
)


def _archived(subject: Subject) -> Outcome:
    stated = [c for c in subject.claims("identifier") if is_persistent(c.value)]
    stated = [claim for claim in stated if is_archived(claim.value)]
    if stated:
        proof = [claim.evidence() for claim in stated]
        for claim in stated:
            if re.search(r"[?&]version=\d|swh:1:(?:rev|rel|dir|snp):", claim.value):
                return assessed(3, "an identifier of an archive, of this version", *proof)
            versions = [c for c in subject.file_claims("version") if c.file == claim.file]
            versions = [c for c in versions if is_version(c.value)]
            if versions:
                here = versions[0].evidence()
                return assessed(3, "an identifier of an archive, beside the version", *proof, here)
        return assessed(2, "the archived version is not stated", *proof)
    for number, line in enumerate(subject.readme_lines, 1):
        if _MENTION.search(line) and not is_placeholder(line) and "XXX" not in line:
            here = Evidence(file=str(subject.readme), line=number, value=line.strip()[:200])
            return assessed(1, "an archive is named, without a machine-readable identifier", here)
    return assessed(0, "no archived copy is named")


def _neutral_form(subject: Subject) -> Outcome:
    crate = subject.crate
    if crate is not None and crate.main is not None:
        steps = crate.linked(crate.main, "step")
        abstract = crate.linked(crate.main, "subjectOf")
        if steps or abstract:
            proof = [crate.at(entity) for entity in (*steps, *abstract)]
            if subject.document is not None and not subject.is_instance and steps:
                names = {step.id for step in subject.workflow.steps}
                told = {_last(str(step["@id"])) for step in steps}
                top = {s.id for s in getattr(subject.document.workflow, "steps", ())}
                if top and (top <= told or len(steps) == len(top)) and names:
                    return assessed(3, "the crate's steps are those of the workflow", *proof)
            return assessed(2, "an engine-neutral form beside the workflow", *proof)
    for path in subject.files:
        if re.search(r"\.abstract\.cwl$|\.ir\.(?:json|ya?ml)$", path.name, re.I):
            if path.as_posix() == subject.name:
                continue
            text = subject.text(path)
            if "class:" in text or "fairwf_ir" in text or '"class"' in text:
                proof = [Evidence(file=path.as_posix(), line=1, value="an engine-neutral form")]
                if subject.document is not None and subject.document.hash in text:
                    return assessed(3, "made from this very workflow", *proof)
                return assessed(2, "not known to be of the workflow as it is now", *proof)
    pictures = diagrams(subject.files, subject.text, subject.readme_lines, crate)
    if pictures:
        proof = [Evidence(file=image.file.as_posix(), value=image.how) for image in pictures]
        return assessed(1, "a picture alone", *proof)
    return assessed(0, "neither a picture nor an engine-neutral form")


def _last(identifier: str) -> str:
    return re.split(r"[/#]", identifier.rstrip("/"))[-1]


INDICATORS = (
    Indicator(
        id="A2-1",
        question="Is an archived copy declared?",
        principle="A2",
        priority="important",
        reads="RC",
        levels=("an archive is named", "by an identifier that it gave", "for this version"),
        crosswalk=("FAIR4RS A2", "RDA-A2-01M", "FRSM-08-1", "EVERSE archived_in_zenodo"),
        fix="Archive the release in Zenodo or Software Heritage; write the identifier down.",
        assess=_archived,
    ),
    Indicator(
        id="A2-2",
        question="Can the method be read without its engine?",
        principle="A2",
        priority="important",
        reads="RC",
        levels=("a picture", "an engine-neutral form", "that is this workflow's as it is now"),
        crosswalk=("WCI A2", "WCI I1"),
        fix="`fairwf package` describes the steps; `fairwf convert --to ir` writes a neutral form.",
        assess=_neutral_form,
    ),
)
"""In the order of the principles."""
