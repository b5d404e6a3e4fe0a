"""Where an execution is: the workflow that runs, and the step and item that an activity is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairwf.ir.workflow import Process, ProcessRef, Step, Workflow
from fairwf_cwl.cwlprov.prov_json import ProvDocument, texts

_NUMBERED = re.compile(r"(.+)_(\d{1,9})\Z")


@dataclass
class Frame:
    """A workflow that runs: its document, and where it is in the outermost workflow."""

    document: ProvDocument
    activity: str
    workflow: Process
    step: tuple[str, ...]
    index: tuple[str, ...]
    parent: str | None
    scope: Mapping[str, Process]


def step_of(workflow: Process, name: str) -> Step | None:
    """Return the step that a job is of: jobs of one name are numbered from the second on."""
    if not isinstance(workflow, Workflow) or not name:
        return None
    by_id = {step.id: step for step in workflow.steps}
    if name in by_id:
        return by_id[name]
    numbered = _NUMBERED.match(name)
    return by_id.get(numbered[1]) if numbered is not None else None


def item_of(step: Step, number: int) -> tuple[str, ...]:
    """Return which item of a scatter an execution is, as far as its number tells.

    Items whose condition was false have none: behind them only the order is known.
    """
    if not step.scatter:
        return ()
    return (str(number) if step.when is None else f"execution {number + 1}",)


def process_of(step: Step, frame: Frame) -> Process:
    """Return the process that a step runs."""
    if not isinstance(step.run, ProcessRef):
        return step.run
    known = {**frame.scope}
    if isinstance(frame.workflow, Workflow):
        known |= frame.workflow.processes
    return known[step.run.name]


def nested(values: Any) -> list[str]:
    """Return the names of the PROV-JSON files of an activity."""
    found = [name.partition(":")[2] for name in texts(values)]
    kept = [name for name in found if name.endswith(".cwlprov.json") and "/" not in name]
    return list(dict.fromkeys(kept))


def natural(name: str) -> tuple[str, int]:
    """Order ``workflow_20analyse.ID`` before ``workflow_20analyse_2.ID``."""
    stem = name.partition(".")[0]
    numbered = _NUMBERED.match(stem)
    return (numbered[1], int(numbered[2])) if numbered else (stem, 1)
