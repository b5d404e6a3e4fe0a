"""F2, of the workflow's components: documented inputs, outputs and steps."""

from __future__ import annotations

import re

from fairwf.fair.detectors.placeholders import is_placeholder, words
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Outcome, assessed, by_share
from fairwf.fair.subject import Subject


def _ports_documented(subject: Subject) -> Outcome:
    ports = subject.workflow.ports
    if not ports:
        return assessed(0, "the workflow declares neither inputs nor outputs")
    told = [(port, text) for port in ports if (text := _telling(port.id, port.doc, port.label))]
    proof = [subject.at(port, f"{port.id}: {text}") for port, text in told]
    return by_share(
        len(told), len(ports), (0.5, 0.8, 1.0), "inputs and outputs are documented", *proof
    )


def _telling(name: str, *texts: str | None) -> str | None:
    """Return the first text that says more than the name does."""
    own = set(words(re.sub(r"[_.-]|(?<=[a-z])(?=[A-Z])", " ", name)))
    said = (text for text in texts if text and not is_placeholder(text))
    return next((text for text in said if set(words(text)) - own), None)


def _steps_documented(subject: Subject) -> Outcome:
    steps = subject.workflow.steps
    if not steps:
        assert subject.document is not None
        root = subject.document.workflow
        if text := _telling(root.id, root.doc, root.label):
            return assessed(3, "the tool is documented", subject.at(root, text))
        return assessed(0, "the tool is not documented")
    told = []
    for step in steps:
        run = subject.workflow.process(step)
        said = (step.doc, step.label, getattr(run, "doc", None), getattr(run, "label", None))
        if text := _telling(step.id, *said):
            told.append(subject.at(step, f"{step.id}: {text}"))
    return by_share(len(told), len(steps), (0.3, 0.6, 0.9), "steps are documented", *told)


INDICATORS = (
    Indicator(
        id="F2-6",
        question="Are the workflow's inputs and outputs documented?",
        principle="F2",
        priority="important",
        reads="WRC",
        levels=("half of them", "four of five", "all"),
        crosswalk=("WCI F2", "nf-core: schema_description", "WCI R1"),
        fix="Say in `doc` what each input and output is.",
        assess=_ports_documented,
        source="ir",
        needs_workflow=True,
    ),
    Indicator(
        id="F2-7",
        question="Are the steps documented?",
        principle="F2",
        priority="useful",
        reads="WRC",
        levels=("three of ten", "six of ten", "nine of ten"),
        crosswalk=("WCI F2", "gxwf: no annotation"),
        fix="Say in `doc` or a label what the step does.",
        assess=_steps_documented,
        source="ir",
        needs_workflow=True,
    ),
)
