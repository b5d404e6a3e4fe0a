"""Files along links: what a step needs of a file is declared where the file comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fairwf.check.findings import Findings
from fairwf.check.sites import Definitions, placed, resolve
from fairwf.edam import EDAM, is_kind_of, knows
from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Call,
    Expr,
    If,
    Index,
    Input,
    Local,
    Output,
    StringLit,
)
from fairwf.ir.ports import Glob, InputPort, OutputPort, SecondaryFile
from fairwf.ir.workflow import Operation, Process, Scatter, Step, Workflow

_PASSING = frozenset(
    ["default", "first_defined", "only_defined", "all_defined", "merge_flattened", "flatten",
     "concat_arrays", "first", "last", "load_contents", "get"]
)  # fmt: skip
"""Functions whose result is a file, or files, of their arguments."""


def check_companions(root: Process, findings: Findings) -> None:
    """Tell of links into a port that needs what the port that they come from does not declare.

    CWL v1.2 "SecondaryFileSchema": it is an error when a required secondary file is not there. A
    source that computes its files or patterns may have any, so nothing is said of it. CWL v1.2
    "format": the format must be the one that is wanted or a kind of it; those of EDAM are compared.
    """
    for place in placed(root):
        if isinstance(place.process, Workflow):
            definitions = {**place.definitions, **place.process.processes}
            for step in place.process.steps:
                _step(step, place.process, definitions, findings)


def _step(step: Step, workflow: Workflow, definitions: Definitions, findings: Findings) -> None:
    process = resolve(step.run, definitions)
    if process is None:
        return
    items = {}
    if isinstance(step.scatter, Scatter):
        items = {over.name: over.value for over in step.scatter.over}
    for port in process.inputs:
        wanted = [text for item in port.secondary if (text := _required(item)) is not None]
        formats = _formats(port)
        if not (wanted or formats) or port.id not in step.inputs:
            continue
        for node, source in _sources(step.inputs[port.id], workflow, definitions, items):
            given = _given(source)
            lacking = [text for text in wanted if given is not None and text not in given]
            if lacking:
                _tell(step, port, source, node, lacking, findings)
            others = _formats(source)
            if formats and others and not any(is_kind_of(a, b) for a in others for b in formats):
                _tell_format(step, port, source, node, others, formats, findings)


def _tell(
    step: Step,
    port: InputPort,
    source: InputPort | OutputPort,
    node: Expr,
    lacking: list[str],
    findings: Findings,
) -> None:
    said = ", ".join(repr(text) for text in lacking)
    whose = f"step {node.step!r}" if isinstance(node, Output) else "the workflow"
    kind = "output" if isinstance(source, OutputPort) else "input"
    findings.tell(
        "FWF2012",
        node,
        f"step {step.id!r} needs the secondary files {said} beside its input {port.id!r}, which"
        f" {kind} {source.id!r} of {whose} does not declare",
        f"add {said} to the secondary files of {source.id!r}",
    )


def _formats(port: InputPort | OutputPort) -> list[str]:
    """Return the formats of a port where all are written out and EDAM knows them, else none."""
    said = [item.value for item in port.format if isinstance(item, StringLit)]
    known = all(text.startswith(EDAM) and knows(text) for text in said)
    return said if known and len(said) == len(port.format) else []


def _tell_format(
    step: Step,
    port: InputPort,
    source: InputPort | OutputPort,
    node: Expr,
    given: list[str],
    wanted: list[str],
    findings: Findings,
) -> None:
    whose = f"step {node.step!r}" if isinstance(node, Output) else "the workflow"
    kind = "output" if isinstance(source, OutputPort) else "input"
    findings.tell(
        "FWF2012",
        node,
        f"step {step.id!r} wants files of the format {' or '.join(wanted)} as {port.id!r}, and"
        f" {kind} {source.id!r} of {whose} has {' or '.join(given)}, which is no kind of it",
        "correct one of the formats, or convert the file in a step between",
    )


def _required(item: SecondaryFile) -> str | None:
    """Return the pattern of a secondary file that must be there, where both are literal."""
    optional = item.required is not None and not (
        isinstance(item.required, BoolLit) and item.required.value
    )
    return item.pattern.value if isinstance(item.pattern, StringLit) and not optional else None


def _given(source: InputPort | OutputPort) -> list[str] | None:
    """Return the patterns that a port declares; None where it may give others."""
    if isinstance(source, OutputPort):
        collect = source.collect
        if source.value is None and not (isinstance(collect, Glob) and collect.evaluate is None):
            return None
    patterns = [item.pattern for item in source.secondary]
    if not all(isinstance(pattern, StringLit) for pattern in patterns):
        return None
    return [pattern.value for pattern in patterns if isinstance(pattern, StringLit)]


def _sources(
    value: Expr, workflow: Workflow, definitions: Definitions, items: Mapping[str, Expr]
) -> Iterator[tuple[Expr, InputPort | OutputPort]]:
    """Yield the references whose files the value hands on, each with the port that it names."""
    stack = [value]
    while stack:
        node = stack.pop()
        match node:
            case Input(name=name):
                yield from ((node, port) for port in workflow.inputs if port.id == name)
            case Output():
                step = next((s for s in workflow.steps if s.id == node.step), None)
                process = resolve(step.run, definitions) if step is not None else None
                if process is not None and not isinstance(process, Operation):
                    yield from ((node, port) for port in process.outputs if port.id == node.port)
            case Local(name=name) if name in items:
                stack.append(items[name])
            case Array():
                stack.extend(node.items)
            case If():
                stack.extend((node.then, node.otherwise))
            case Index():
                stack.append(node.of)
            case Call() if node.function in _PASSING:
                stack.extend(node.args)
