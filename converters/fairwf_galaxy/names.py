"""Ids of steps and inputs: their labels, and for those without one a name made of their tool."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from fairwf.ir.names import fresh

INPUT_KINDS = ("data_input", "data_collection_input", "parameter_input")
INPUT_NAMES = {
    "data_input": "Input dataset",
    "data_collection_input": "Input dataset collection",
    "parameter_input": "Input parameter",
}
"""What Galaxy calls input steps."""

WIDENED = "fairwf:widened"
"""In an input's extension: its type was widened in reading, and its state says the true one."""

UNMARKED = "fairwf:unmarked"
"""In an output's extension: no ``workflow_outputs`` lists it, and a workflow around uses it."""

_SHED = re.compile(r"[^/]+/repos/[^/]+/[^/]+/(?P<tool>[^/]+)(?:/[^/]+)?\Z")
_WORD = re.compile(r"[^A-Za-z0-9]+")


def label_of(step: Mapping[str, Any]) -> str | None:
    """Return the label that a step has, if it has one."""
    label = step.get("label")
    return label if isinstance(label, str) and label else None


def unlabelled(step: Mapping[str, Any], state: Mapping[str, Any], taken: Container[str]) -> str:
    """Return the id of a step or input without a label of its own."""
    kind = step.get("type")
    base: Any = None
    if kind in INPUT_KINDS:
        base = state.get("name")
        if base == INPUT_NAMES[str(kind)]:
            base = None
        base = base or {"data_input": "dataset", "parameter_input": "parameter"}.get(
            str(kind), "collection"
        )
    else:
        base = tool_name(step.get("tool_id")) or step.get("name") or kind
    name = _WORD.sub("_", base if isinstance(base, str) else "").strip("_") or "step"
    return fresh(name[:60], taken)


def tool_name(tool: Any) -> str | None:
    """Return the short name of a tool by its id: ``fastqc`` of one in the Tool Shed."""
    if not isinstance(tool, str) or not tool:
        return None
    match = _SHED.match(tool)
    return match["tool"] if match else tool


def output_id(step: str, port: str, taken: Container[str]) -> str:
    """Return the id of a workflow output without a label."""
    return fresh(f"{step}/{port}" if port != "output" else step, taken)


def outer_name(number: int, port: str, label: str | None) -> str:
    """Return what a step that runs a workflow calls an output of it."""
    return label or f"{number}:{port}"
