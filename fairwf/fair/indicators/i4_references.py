"""I4: qualified references to other objects."""

from __future__ import annotations

import re

from fairwf.fair.detectors.identifiers import is_doi, is_persistent, same_identifier
from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.reading.prose import sections
from fairwf.fair.subject import Subject


def _parts(subject: Subject) -> Outcome:
    crate = subject.crate
    if crate is None or crate.root is None:
        return assessed(0, "the crate's metadata cannot be read")
    files = crate.linked(crate.root, "hasPart")
    if not files:
        return assessed(0, "the crate lists no part")
    proof = [crate.at(crate.root, "hasPart", f"{len(files)} parts")]
    tools = [
        entity
        for entity in crate.linked(crate.main, "hasPart", "mentions")
        if crate.types(entity) & {"SoftwareApplication", "SoftwareSourceCode"}
    ]
    if not tools:
        return assessed(1, "the workflow's tools are not listed", *proof)
    proof += [crate.at(tool) for tool in tools[:3]]
    steps = crate.linked(crate.main, "step")
    linked = [step for step in steps if crate.linked(step, "workExample")]
    if not steps or len(linked) < len(steps):
        return assessed(2, "the steps are not linked to their tools", *proof)
    return assessed(3, "files, tools and steps, each linked", *proof, crate.at(steps[0]))


_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>\])}]+|https?://[^\s\"'<>\])}]+")


def _references(subject: Subject) -> Outcome:
    own = [claim.value for claim in subject.claims("identifier")]
    typed = [
        claim
        for claim in subject.claims("citation")
        if (is_persistent(claim.value) or claim.value.startswith("http"))
        and not is_placeholder(claim.value)
        and not any(same_identifier(claim.value, mine) for mine in own)
    ]
    if typed:
        return assessed(3, "typed references in metadata", *[claim.evidence() for claim in typed])
    found: list[Evidence] = []
    said: list[Evidence] = []
    for path in subject.named(r"citations?\.(?:md|txt|rst|bib)|references\.bib"):
        for number, line in enumerate(subject.text(path).splitlines()[:2000], 1):
            _collect(path.as_posix(), number, line, own, found, said)
    wanted = r"\b(?:citations?|references?|cite|acknowledge?ments?|credits)\b"
    for start, _, text in sections(subject.readme_lines, wanted):
        for number, line in enumerate(text.splitlines(), start + 1):
            _collect(str(subject.readme), number, line, own, found, said)
    if found:
        return assessed(2, "references in a text, not typed in metadata", *found)
    if said:
        return assessed(1, "references without an identifier", *said)
    return assessed(0, "no reference to papers, tools or data")


def _collect(
    file: str, number: int, line: str, own: list[str], found: list[Evidence], said: list[Evidence]
) -> None:
    if is_placeholder(line):
        return
    for match in _DOI.finditer(line):
        text = match[0].rstrip(".,;`")
        if (is_doi(text) or "://" in text) and not any(same_identifier(text, i) for i in own):
            found.append(Evidence(file=file, line=number, value=text[:200]))
    if len(line.split()) >= 4 and re.search(r"\b(?:19|20)\d\d\b", line):
        said.append(Evidence(file=file, line=number, value=line.strip()[:200]))


def _run_links(subject: Subject) -> Outcome:
    crate = subject.crate
    action = crate.main_action if crate is not None else None
    if crate is None or action is None:
        return assessed(0, "the crate holds no action")
    proof = [crate.at(action)]
    if not (crate.linked(action, "instrument") and crate.linked(action, "result")):
        return assessed(1, "the action does not link workflow and results", *proof)
    proof += [crate.at(action, "instrument"), crate.at(action, "result")]
    needs_inputs = subject.document is None or bool(subject.workflow.inputs)
    if not crate.linked(action, "agent") or (needs_inputs and not crate.linked(action, "object")):
        return assessed(2, "the action does not link its agent and its inputs", *proof)
    return assessed(3, "workflow, inputs, results and agent", *proof, crate.at(action, "agent"))


INDICATORS = (
    Indicator(
        id="I4-1",
        question="Does the crate list the components as qualified parts?",
        principle="I4",
        priority="important",
        reads="C",
        levels=("files", "tools", "steps linked to tools"),
        crosswalk=("FAIR I3", "FAIR4RS I2", "RDA-I3-03M", "FsF-I3-01M"),
        fix="`fairwf package` lists them.",
        assess=_parts,
    ),
    Indicator(
        id="I4-2",
        question="Are papers, tools and data referenced with their identifiers?",
        principle="I4",
        priority="useful",
        reads="RC",
        levels=("in a text", "with DOI or URL", "typed in metadata"),
        crosswalk=("FAIR4RS I2", "FRSM-12", "RDA-I3-04M"),
        fix="Write `references` into CITATION.cff.",
        assess=_references,
    ),
    Indicator(
        id="I4-3",
        question="Does the run link workflow, inputs, outputs and agent?",
        principle="I4",
        priority="important",
        reads="X",
        levels=("an action", "with workflow and results", "with agent and inputs"),
        crosswalk=("WCI I4", "Workflow Run RO-Crate 0.5"),
        fix="Package the run again with `fairwf package RUN_DIR`.",
        assess=_run_links,
    ),
)
"""In the order of the principles."""
