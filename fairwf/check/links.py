"""Links: every input of a step's process gets a value, and nothing else is given."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairwf.check.assignability import takes_none
from fairwf.check.findings import Findings
from fairwf.check.sites import placed, resolve
from fairwf.ir.expressions import Expr
from fairwf.ir.types import AnyType
from fairwf.ir.types_text import describe
from fairwf.ir.workflow import Process, Workflow
from fairwf.source import nearest


def check_links(root: Process, findings: Findings) -> None:
    """Tell of inputs without a value and of values without an input."""
    for place in placed(root):
        workflow = place.process
        if not isinstance(workflow, Workflow):
            continue
        definitions = {**place.definitions, **workflow.processes}
        for step in workflow.steps:
            process = resolve(step.run, definitions)
            if process is not None:
                _inputs(step, f"step {step.id!r}", step.inputs, process, findings)
            for handler in step.handlers:
                run = resolve(handler.run, definitions) if handler.run is not None else None
                if run is not None:
                    what = f"the handler of step {step.id!r}"
                    _inputs(handler, what, handler.inputs, run, findings)
        for port in workflow.outputs:
            if port.value is None:
                text = f"nothing gives output {port.id!r} of the workflow a value"
                findings.tell("FWF2005", port, text, "give it a value: an output of a step")


def _inputs(
    node: msgspec.Struct,
    what: str,
    given: Mapping[str, Expr],
    process: Process,
    findings: Findings,
) -> None:
    ports = {port.id: port for port in process.inputs}
    # A value for no port serves `when`, so it is a mistake only where it looks like a typo.
    open_ports = [name for name in ports if name not in given]
    meant: set[str] = set()
    for name, value in given.items():
        near = nearest(name, open_ports) if name not in ports else None
        if near is not None:
            meant.add(near)
            text = f"{what} gives {name!r} a value, but its process has no such input"
            findings.tell("FWF2006", value, text, f"did you mean {near!r}?")
    for name, port in ports.items():
        if name in meant:
            continue
        needed = port.default is None and not takes_none(port.type)
        if name not in given and needed and not isinstance(port.type, AnyType):
            text = f"{what} gives its input {name!r} ({describe(port.type)}) no value"
            findings.tell("FWF2005", node, text, "give it a value, or the input a default")
