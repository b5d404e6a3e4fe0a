"""R1.3: workflow and runs have detailed provenance."""

from __future__ import annotations

from fairwf.fair.detectors.versions import bare_version, is_version
from fairwf.fair.indicator import Indicator
from fairwf.fair.indicators.f1_identifiers import changelog_versions
from fairwf.fair.outcome import Evidence, Outcome, assessed, by_share
from fairwf.fair.subject import Subject


def _development(subject: Subject) -> Outcome:
    commit = subject.git.commit
    entries = changelog_versions(subject)
    if subject.changelog is not None and not entries:
        text = subject.text(subject.changelog).lower()
        if "unreleased" in text and len(text.split()) >= 15:
            entries = [Evidence(file=str(subject.changelog), line=1, value="unreleased changes")]
    proof = list(entries[:3])
    if commit is not None:
        proof.append(Evidence(file=".git", value=f"commit {commit}"))
    if not proof:
        return assessed(0, "neither history nor a list of changes with versions")
    if commit is None or not entries:
        lacking = "the history" if commit is None else "a list of changes"
        return assessed(1, f"{lacking} is missing", *proof)
    valid = [c for c in subject.claims("version") if is_version(c.value)]
    for claim in valid:
        for entry in entries:
            if bare_version(entry.value) == bare_version(claim.value):
                return assessed(3, "the list of changes has this version", entry, *proof)
    return assessed(2, "the list of changes does not have this version", *proof)


def _run(subject: Subject) -> Outcome:
    crate = subject.crate
    action = crate.main_action if crate is not None else None
    if crate is None or action is None:
        return assessed(0, "the crate holds no action")
    results = crate.linked(action, "result")
    objects = crate.linked(action, "object")
    files = [e for e in (*results, *objects) if "File" in crate.types(e)]
    checks = ("sha256", "sha512", "sha1", "md5", "contentSize")
    of_steps = [a for a in crate.actions if a is not action]
    agents = crate.linked(action, "agent")
    every = crate.actions
    environment = ("containerImage", "environment", "softwareRequirements", "executionPlatform")
    engine = [e for e in crate.entities.values() if "OrganizeAction" in crate.types(e)]
    facts: dict[str, bool] = {
        "start": bool(crate.refs(action, "startTime")),
        "end": bool(crate.refs(action, "endTime")),
        "agent": bool(agents),
        "instrument": bool(crate.linked(action, "instrument")),
        "results": bool(results),
        "inputs": bool(objects),
        "parameters": any("exampleOfWork" in e for e in (*objects, *results)),
        "checksums": bool(files) and all(any(key in f for key in checks) for f in files),
        "status": bool(crate.refs(action, "actionStatus")),
        "environment": any(key in a for a in every for key in environment)
        or any(key in e for e in crate.entities.values() for key in environment),
        "engine": bool(engine),
        "steps": bool(of_steps),
    }
    there = [name for name, known in facts.items() if known]
    missing = [name for name, known in facts.items() if not known]
    proof = [crate.at(action, value=f"{name} recorded") for name in there]
    reason = "facts of the run recorded"
    if missing:
        reason += f"; not {', '.join(missing)}"
    return by_share(len(there), len(facts), (0.4, 0.7, 0.95), reason, *proof)


INDICATORS = (
    Indicator(
        id="R1.3-1",
        question="Is the workflow's development on record?",
        principle="R1.3",
        priority="important",
        reads="R",
        levels=("history or list of changes", "both", "the list has an entry for this version"),
        crosswalk=("FRSM-17", "planemo: CHANGELOG"),
        fix="Keep a CHANGELOG.md with an entry for each version.",
        assess=_development,
    ),
    Indicator(
        id="R1.3-2",
        question="Is the run on record: who, when, parameters, environment, checksums?",
        principle="R1.3",
        priority="important",
        reads="X",
        levels=("four of ten facts", "seven of ten", "all"),
        crosswalk=("WCI R1.3", "RDA-R1.2-01M", "FsF-R1.2-01M", "CWLProv levels"),
        fix="Run it again with a run directory, and package that.",
        assess=_run,
    ),
)
"""In the order of the principles."""
