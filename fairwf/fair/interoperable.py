"""I: whether the workflow parses, resolves, and is typed."""

from __future__ import annotations

from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Level, Outcome, assessed, not_applicable
from fairwf.fair.subject import Subject
from fairwf.ir.instance import Instance
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import AnyType
from fairwf.ir.walk import nodes

_NAMES = frozenset({"FWF2001", "FWF2002", "FWF2006", "FWF2011", "FWF1106"})


def _parses(subject: Subject) -> Outcome:
    errors = subject.report.errors
    if subject.document is None:
        reason = str(errors[0]) if errors else "no converter reads it"
        return assessed(0, f"the workflow cannot be read: {reason}")
    proof = Evidence(file=subject.name, line=1, value=f"parses as {subject.document.format}")
    if any(error.code in _NAMES for error in errors):
        return assessed(1, f"unresolved: {errors[0].message}", proof)
    if errors:
        return assessed(2, f"does not type-check: {errors[0].message}", proof)
    checked = Evidence(file=subject.name, value="names resolve and links type-check")
    return assessed(3, "parses, resolves and type-checks", proof, checked)


def _typed(subject: Subject) -> Outcome:
    if subject.document is None:
        return assessed(0, "the workflow cannot be read")
    root = subject.document.workflow
    if isinstance(root, Instance):
        return not_applicable("an instance has tasks and files, no ports")
    ports: list[InputPort | OutputPort] = [*root.inputs, *root.outputs]
    if not ports:
        return not_applicable("the workflow has no inputs and outputs")
    untyped = [port for port in ports if any(True for _ in nodes(port.type, AnyType))]
    typed = [port for port in ports if not any(port is other for other in untyped)]
    share = len(typed) / len(ports)
    shown = [subject.at(port, f"{port.id} is typed") for port in typed[:5]]
    text = f"{len(typed)} of {len(ports)} inputs and outputs have a type other than Any"
    if share < 0.5:
        return assessed(0, text)
    level: Level = 3 if share == 1 else 2 if share >= 0.9 else 1
    return assessed(level, text, *shown)


INDICATORS = (
    Indicator(
        id="I1-1",
        question="Does the workflow parse and type-check in its language?",
        principle="I1",
        priority="essential",
        reads="W",
        levels=("it parses", "no unresolved name", "links type-check"),
        crosswalk=("WCI I1", "cwltool --validate"),
        fix="Mend what `fairwf validate` reports.",
        assess=_parses,
        source="format",
    ),
    Indicator(
        id="I3-1",
        question="Are all inputs and outputs typed?",
        principle="I3",
        priority="essential",
        reads="WRC",
        levels=("half of them", "nine of ten", "all, and none as Any"),
        crosswalk=("WCI I3",),
        fix="Give each input and output a type.",
        assess=_typed,
        source="ir",
    ),
)
"""In the order of the principles."""
