"""I3: data are exchanged by declared, typed ports."""

from __future__ import annotations

import re

from fairwf.fair.detectors.placeholders import is_placeholder
from fairwf.fair.indicator import Indicator
from fairwf.fair.outcome import Evidence, Level, Outcome, assessed, by_share, not_applicable
from fairwf.fair.reading.components import literal
from fairwf.fair.subject import Subject
from fairwf.ir.command import Text
from fairwf.ir.expressions import Opaque, Output, StringLit
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.types import AnyType, BoolType, EnumType, OptionalType
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Script, Step


def _typed(subject: Subject) -> Outcome:
    ports = subject.workflow.ports
    if not ports:
        return assessed(0, "the workflow declares neither inputs nor outputs")
    typed = [port for port in ports if not any(True for _ in nodes(port.type, AnyType))]
    shown = [subject.at(port, f"{port.id} is typed") for port in typed]
    reason = "inputs and outputs have a type other than Any"
    return by_share(len(typed), len(ports), (0.5, 0.9, 1.0), reason, *shown)


def _formats(subject: Subject) -> Outcome:
    ports = subject.workflow.file_ports
    if not ports:
        return not_applicable("no input or output is a file")
    told: list[Evidence] = []
    for port in ports:
        if port.format:
            said = literal(port.format[0]) or "(computed)"
            told.append(subject.at(port, f"{port.id}: {said}"))
        elif isinstance(port, OutputPort) and (suffix := _suffix(subject, port)):
            told.append(subject.at(port, f"{port.id}: {suffix}"))
    return by_share(
        len(told), len(ports), (0.3, 0.7, 0.95), "ports of files say which format", *told
    )


_PATTERN = re.compile(r"\.[A-Za-z][\w]{0,9}(?:\.(?:gz|bz2|xz|zip|zst))?\Z")


def _suffix(subject: Subject, port: OutputPort) -> str | None:
    """Return the suffix that the program's pattern of an output file ends in, if it is known."""
    seen = 0
    while seen < 20:
        seen += 1
        if isinstance(port.collect, Glob):
            ends = [_PATTERN.search(t) for e in port.collect.patterns if (t := literal(e))]
            return next((match[0] for match in ends if match), None)
        sources = list(nodes(port.value, Output)) if port.value is not None else []
        if not sources:
            return None
        steps = {step.id: step for step in subject.workflow.steps}
        step: Step | None = steps.get(sources[0].step)
        run = subject.workflow.process(step) if step is not None else None
        wanted = sources[0].port
        following = [p for p in getattr(run, "outputs", ()) if p.id == wanted]
        if not following:
            return None
        port = following[0]
    return None


def _schema(subject: Subject) -> Outcome:
    inputs = subject.workflow.inputs
    if not inputs:
        return not_applicable("the workflow takes no parameters")
    proof = [subject.at(port, f"{port.id} is declared") for port in inputs]
    typed = [port for port in inputs if not any(True for _ in nodes(port.type, AnyType))]
    if len(typed) < len(inputs):
        reason = f"{len(inputs) - len(typed)} of {len(inputs)} parameters have no type"
        return assessed(1, reason, *proof)
    loose = [port for port in inputs if not _constrained(subject, port)]
    if loose:
        text = f"{loose[0].id} has neither default nor constraint nor documentation"
        return assessed(2, text, *proof)
    return assessed(3, "all parameters with type, and default, constraint or documentation", *proof)


def _constrained(subject: Subject, port: InputPort) -> bool:
    if port.default is not None or isinstance(port.type, OptionalType | EnumType | BoolType):
        return True
    if any(port is data for data in subject.workflow.data_ports) and port.format:
        return True
    return not is_placeholder(port.doc)


# Paths that a program reaches past its ports. /dev is the system's, /usr and /bin hold programs.
_SHARED = re.compile(
    r"(?<![\w.$}/-])(?:\.\./|~/|/(?:tmp|data|home|mnt|scratch|work|shared|opt/data)/)"
)


def _declared(subject: Subject) -> Outcome:
    tasks = [task for task in subject.workflow.tasks if isinstance(task, (Command, Script))]
    if not tasks:
        if subject.workflow.tasks:
            return assessed(
                3,
                "the steps are abstract: all they exchange is declared",
                subject.at(subject.workflow.tasks[0], "abstract"),
            )
        return not_applicable("no step runs a program")
    suspicious = []
    for task in tasks:
        said = [lit.value for lit in nodes(task, StringLit)]
        said += [text.text for text in nodes(task, Text)]
        said += [opaque.text for opaque in nodes(task, Opaque)]
        match = next((m for text in said if (m := _SHARED.search(text))), None)
        if match:
            suspicious.append((task, match[0]))
    share = len(suspicious) / len(tasks)
    reason = f"{len(suspicious)} of {len(tasks)} programs name shared paths"
    searched = Evidence(file=subject.name, line=1, value=f"{len(tasks)} programs searched")
    if share > 0.2:
        return assessed(0, f"{reason}, such as {suspicious[0][1]}")
    level: Level = 3 if not suspicious else 2 if share <= 0.05 else 1
    where = [subject.at(task, path) for task, path in suspicious]
    return assessed(level, reason, searched, *where)


INDICATORS = (
    Indicator(
        id="I3-1",
        question="Are all inputs and outputs typed?",
        principle="I3",
        priority="essential",
        reads="WRC",
        levels=("half of them", "nine of ten", "all, and none as Any"),
        crosswalk=("WCI I3", "gxwf: untyped parameter"),
        fix="Give each input and output a type.",
        assess=_typed,
        source="ir",
        needs_workflow=True,
        version="2",
        note="2: a workflow without any input and output is level 0: nothing can be exchanged.",
    ),
    Indicator(
        id="I3-2",
        question="Do ports of files declare their format?",
        principle="I3",
        priority="important",
        reads="WRC",
        levels=("three of ten", "seven of ten", "nearly all"),
        crosswalk=("WCI I3", "FRSM-10", "FsF-R1.3-02D"),
        fix="Declare the format of each file, or a pattern with its suffix.",
        assess=_formats,
        source="ir",
        needs_workflow=True,
    ),
    Indicator(
        id="I3-3",
        question="Is there a machine-readable schema of the parameters?",
        principle="I3",
        priority="important",
        reads="WR",
        levels=("a list of parameters", "typed", "with defaults, constraints or documentation"),
        crosswalk=("WCI I3", "FRSM-11", "nf-core: schema_params"),
        fix="Give each parameter a type and a default, a constraint or a documentation.",
        assess=_schema,
        source="ir",
        needs_workflow=True,
        note="The IR is the schema (`fairwf inputs --schema` prints it), whatever the language.",
    ),
    Indicator(
        id="I3-4",
        question="Do steps exchange data only by declared ports?",
        principle="I3",
        priority="important",
        reads="W",
        levels=("at most one of five is suspicious", "one of twenty", "none"),
        crosswalk=("WCI I3",),
        fix="Declare the file as an input or output of the step.",
        assess=_declared,
        source="ir",
        needs_workflow=True,
    ),
)
"""In the order of the principles."""
