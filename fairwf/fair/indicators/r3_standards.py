"""R3: workflow and crate follow the standards of their community."""

from __future__ import annotations

import re
from pathlib import Path

from fairwf.fair.detectors.metadata_schemas import faults
from fairwf.fair.detectors.placeholders import is_placeholder, is_stuffed, meaningful_words
from fairwf.fair.indicator import Indicator
from fairwf.fair.indicators.r1_1_licence import recognised
from fairwf.fair.outcome import Evidence, Level, Outcome, assessed, not_assessed
from fairwf.fair.reading.crate_profiles import (
    base_faults,
    workflow_must_faults,
    workflow_should_faults,
)
from fairwf.fair.reading.layouts import best_layout
from fairwf.fair.subject import Subject
from fairwf.formats import Remark, converters


def _layout(subject: Subject) -> Outcome:
    name, there, missing = best_layout(subject.files, subject.name)
    readable = [path for path in there if _is_real(subject, path)]
    total = len(there) + len(missing)
    share = len(readable) / total
    proof = [
        Evidence(file=path.as_posix(), value=f"part of the layout {name}") for path in readable
    ]
    reason = f"{len(readable)} of {total} parts of the layout {name}"
    if missing:
        reason += f"; not {', '.join(missing)}"
    if share < 0.5:
        return assessed(0, reason)
    level: Level = 3 if share == 1 else 2 if share >= 0.8 else 1
    return assessed(level, reason, *proof)


def _is_real(subject: Subject, path: Path) -> bool:
    """Tell whether a part of a layout holds what its name says."""
    text, name = subject.text(path), path.name.lower()
    if not text.strip() or is_placeholder(text[:2000]):
        return False
    if name.startswith("readme"):
        return meaningful_words(text) >= 10 and not is_stuffed(text)
    if name.startswith(("licen", "copying")):
        return path in recognised(subject)
    if name in ("citation.cff", "codemeta.json"):
        read = [f for f in subject.metadata if f.name == path.name and f.fault is None]
        return any(not faults(file.name, file.tree) for file in read)
    if path.suffix == ".cwl":
        kinds = r"\bclass\W+(?:Workflow|CommandLineTool|ExpressionTool|Operation)"
        return bool(re.search(kinds, text))
    return len(text.split()) >= 2


def _linter(subject: Subject) -> Outcome:
    assert subject.document is not None
    known = converters().get(subject.document.format or "")
    linter = known.linter if known is not None else None
    if linter is None:
        return not_assessed("tool_missing", f"no linter of {subject.document.format} is known")
    if linter.external and not subject.linters:
        return not_assessed("tool_missing", f"--linters lets {linter.name} run")
    remarks = linter.run(subject.source)
    ran = Evidence(file=subject.name, line=1, value=f"{linter.name}: {len(remarks)} remarks")
    told = [
        Evidence(
            file=subject.name, line=remark.line, value=f"{remark.severity}: {remark.text}"[:200]
        )
        for remark in remarks[:10]
    ]
    errors = [remark for remark in remarks if remark.severity == "error"]
    if errors:
        return assessed(1, f"{linter.name}: {errors[0].text}"[:300], ran, *told)
    if remarks:
        reason = f"{len(remarks)} warnings of {linter.name}, such as {remarks[0].text}"
        return assessed(2, reason[:300], ran, *told)
    return assessed(3, f"{linter.name} has nothing to say", ran)


def _remark(remark: Remark) -> str:
    return f"{remark.severity}: {remark.text}"[:200]


def _profile(subject: Subject) -> Outcome:
    crate = subject.crate
    if crate is None or crate.root is None:
        return assessed(0, "the crate's metadata cannot be read")
    base = base_faults(crate, subject.folder)
    if base:
        return assessed(0, f"RO-Crate 1.1: {base[0]}")
    proof = [crate.at(crate.root)]
    must = workflow_must_faults(crate)
    if must:
        return assessed(1, f"Workflow RO-Crate 1.0: {must[0]}", *proof)
    assert crate.main is not None
    proof.append(crate.at(crate.main))
    should = workflow_should_faults(crate)
    if should:
        return assessed(2, f"Workflow RO-Crate 1.0, SHOULD: {should[0]}", *proof)
    return assessed(3, "RO-Crate 1.1 and Workflow RO-Crate 1.0", *proof)


INDICATORS = (
    Indicator(
        id="R3-1",
        question="Does the folder follow a layout of its community?",
        principle="R3",
        priority="important",
        reads="R",
        levels=("half of it", "four of five parts", "all of it"),
        crosswalk=("WCI R3", "RDA-R1.3-01M", "nf-core: files_exist"),
        fix="Lay the folder out as others of this language do.",
        assess=_layout,
        source="format",
        version="2",
        note="2: a document is compared with the layout of its own language, not of another.",
    ),
    Indicator(
        id="R3-2",
        question="Is the language's own linter content?",
        principle="R3",
        priority="useful",
        reads="W",
        levels=("it runs", "no errors", "no warnings"),
        crosswalk=("WCI R3", "EVERSE has_no_linting_issues"),
        fix="Follow what the linter says.",
        assess=_linter,
        source="format",
        needs_workflow=True,
        version="2",
        note="2: it is run, where it is no program of its own or --linters allows it.",
    ),
    Indicator(
        id="R3-3",
        question="Does the crate conform to its profile?",
        principle="R3",
        priority="important",
        reads="CX",
        levels=("RO-Crate", "Workflow RO-Crate's MUST", "and its SHOULD"),
        crosswalk=("RDA-R1.3-02M", "rocrate-validator"),
        fix="Package it again with `fairwf package`.",
        assess=_profile,
        note="Rules on structure of RO-Crate 1.1 and Workflow RO-Crate 1.0, not all of them.",
    ),
)
"""In the order of the principles."""
