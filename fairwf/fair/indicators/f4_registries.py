"""F4: metadata can be searched and indexed."""

from __future__ import annotations

from fairwf.fair.indicator import Indicator
from fairwf.fair.network.assessments import listed
from fairwf.fair.outcome import Outcome, assessed
from fairwf.fair.reading.crate_profiles import workflow_must_faults
from fairwf.fair.reading.registries import descriptors
from fairwf.fair.subject import Subject


def _descriptor(subject: Subject) -> Outcome:
    assert subject.folder is not None
    found = descriptors(subject.folder)
    crate = subject.crate
    ready = crate is not None and crate.main is not None and not workflow_must_faults(crate)
    proof = [d.evidence for d in found if d.fault is None]
    if crate is not None and crate.main is not None and ready:
        proof.append(crate.at(crate.main, "@type"))
    if not found and not ready:
        return assessed(0, "no .dockstore.yml, .zenodo.json or Workflow RO-Crate")
    if not proof:
        text = f"{found[0].name}: {found[0].fault}"
        if found[0].fault in ("cannot be read", "names no workflow") or found[0].hollow:
            return assessed(0, text)
        return assessed(1, text, found[0].evidence)
    if ready or len(proof) >= 2:
        return assessed(3, "a Workflow RO-Crate, or two registries", *proof)
    return assessed(2, "one registry", *proof)


INDICATORS = (
    Indicator(
        id="F4-1",
        question="Is there a descriptor that a registry of workflows reads?",
        principle="F4",
        priority="important",
        reads="RC",
        levels=("one", "that is valid", "for two registries, or a Workflow RO-Crate"),
        crosswalk=("FAIR4RS F4", "FRSM-08", "snakemake catalog", "Dockstore"),
        fix="`fairwf score --fix` writes .dockstore.yml; `fairwf package` makes a crate.",
        assess=_descriptor,
    ),
    Indicator(
        id="F4-2",
        question="Is it listed in WorkflowHub, Dockstore or a catalog?",
        principle="F4",
        priority="important",
        reads="N",
        levels=("listed", "with this version", "linked both ways"),
        crosswalk=("FRSM-08-1", "RDA-F4-01M", "FsF-F4-01M", "EVERSE listed_in_registry"),
        fix="Register it in WorkflowHub.",
        assess=listed,
    ),
)
"""In the order of the principles."""
