"""I1: workflow, metadata and provenance are in formal, shared languages."""

from __future__ import annotations

from fairwf.contexts import PLACES, terms
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Outcome, assessed
from fairwf.fair.reading.crate import Crate
from fairwf.fair.reading.crate_profiles import base_faults
from fairwf.fair.subject import Subject
from fairwf.source import SourceMap

_NAMES = frozenset({"FWF2001", "FWF2002", "FWF2006", "FWF2011", "FWF1106"})


def _parses(subject: Subject) -> Outcome:
    errors = subject.report.errors
    assert subject.document is not None
    proof = Evidence(file=subject.name, line=1, value=f"parses as {subject.document.format}")
    if any(error.code in _NAMES for error in errors):
        return assessed(1, f"unresolved: {errors[0].message}", proof)
    if errors:
        return assessed(2, f"does not type-check: {errors[0].message}", proof)
    checked = Evidence(file=subject.name, value="names resolve and links type-check", line=1)
    return assessed(3, "parses, resolves and type-checks", proof, checked)


def _dropped(crate: Crate) -> tuple[list[tuple[str, SourceMap]], str | None]:
    """Return terms that no context defines, with an entity that has each, and a context not known.

    Only contexts that fairwf carries are looked at: nothing is fetched.
    """
    context = crate.tree.get("@context")
    known: set[str] = set()
    prefixes: set[str] = set()
    foreign: str | None = None
    for item in context if isinstance(context, list) else [context]:
        if isinstance(item, str):
            if item in PLACES:
                known.update(terms(item))
            else:
                foreign = item
        elif isinstance(item, dict):
            if "@vocab" in item:
                return [], None
            known.update(item)
            prefixes.update(item)
    dropped: dict[str, SourceMap] = {}
    for entity in crate.entities.values():
        names = [key for key in entity if not key.startswith("@")]
        names += sorted(crate.types(entity))
        for name in names:
            is_iri = "://" in name or (name.partition(":")[0] in prefixes | known and ":" in name)
            if name not in known and not is_iri:
                dropped.setdefault(name, entity)
    return sorted(dropped.items()), foreign


def _linked_data(subject: Subject) -> Outcome:
    crate = subject.crate
    if crate is None or not crate.entities or "@context" not in crate.tree:
        return assessed(0, "the metadata are no JSON-LD with @context and @graph")
    line = crate.tree.value_span("@context").line
    proof = [Evidence(file=crate.file, line=line, value=f"{len(crate.entities)} entities")]
    dropped, foreign = _dropped(crate)
    if foreign is not None:
        return assessed(1, f"the context {foreign!r:.100} is not known here", *proof)
    if dropped:
        name, entity = dropped[0]
        text = f"{len(dropped)} terms mean nothing in the context, such as {name!r:.60}"
        return assessed(1, text, *proof, crate.at(entity))
    wrong = base_faults(crate, subject.folder)
    if wrong:
        return assessed(2, wrong[0], *proof)
    return assessed(3, "no term is dropped; valid as an RO-Crate", *proof)


def _provenance_standard(subject: Subject) -> Outcome:
    crate = subject.crate
    if crate is None:
        return assessed(0, "the crate's metadata cannot be read")
    claimed = [p for p in crate.profiles if "/ro/wfrun/" in p]
    if not crate.actions:
        return assessed(0, "the crate claims a run, but holds no action")
    proof = [crate.at(action) for action in crate.actions[:3]]
    if not claimed:
        return assessed(1, "an action, but no profile of Workflow Run RO-Crate", *proof)
    assert crate.root is not None
    proof.append(crate.at(crate.root, "conformsTo", ", ".join(claimed)))
    of_steps = any("provenance" in profile for profile in claimed) and len(crate.actions) > 1
    if not of_steps:
        return assessed(2, "the run as a whole, not its steps", *proof)
    return assessed(3, "a Provenance Run Crate with the actions of its steps", *proof)


INDICATORS = (
    Indicator(
        id="I1-1",
        question="Does the workflow parse and type-check in its language?",
        principle="I1",
        priority="essential",
        reads="W",
        levels=("it parses", "no unresolved name", "links type-check"),
        crosswalk=("WCI I1", "cwltool --validate", "gxwf-lint"),
        fix="Mend what `fairwf validate` reports.",
        assess=_parses,
        source="format",
        needs_workflow=True,
        instances=True,
    ),
    Indicator(
        id="I1-2",
        question="Are the crate's metadata valid linked data?",
        principle="I1",
        priority="important",
        reads="C",
        levels=("they parse", "no term is dropped silently", "and they are a valid RO-Crate"),
        crosswalk=("FAIR I1", "RDA-I1-01M", "RDA-I1-02M", "FsF-I1-01M"),
        fix="Name every context that a term comes from.",
        assess=_linked_data,
    ),
    Indicator(
        id="I1-3",
        question="Is the run's provenance in a formal standard?",
        principle="I1",
        priority="important",
        reads="X",
        levels=("actions", "a Process or Workflow Run Crate", "a Provenance Run Crate"),
        crosswalk=("WCI I1", "RDA-R1.2-02M"),
        fix="`fairwf run` and `fairwf package` record it.",
        assess=_provenance_standard,
    ),
)
"""In the order of the principles."""
