"""Reading Galaxy workflows into the IR.

A tool is an abstract :class:`~fairwf.ir.workflow.Operation`: what it takes and gives, only its own
definition could say. What the IR has no field for stays in ``extensions`` of ``galaxy``, as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.origins import Origins, Span
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.source import SourceMap, plain
from fairwf_galaxy.load import load, native_of, placed_at
from fairwf_galaxy.shapes import Shapes
from fairwf_galaxy.workflows import WorkflowReader
from fairwf_galaxy.wrappers import Library

_MARKERS = {"a_galaxy_workflow": "true", "format-version": "0.1"}


def read(source: Source, report: Report, tool_path: Path | None = None) -> Document:
    """Return the document of a Galaxy workflow; ``tool_path`` holds wrappers of its tools.

    Raises:
        InvalidError: FWF1004 no JSON or YAML, FWF1009 too large, FWF1701 no valid workflow.
        EnvironmentFault: gxformat2 is needed, and not installed.
    """
    try:
        return _read(load(source), source.name, report, tool_path)
    except RecursionError:
        report.add("FWF1009", "the workflow is nested too deeply", file=source.name)
        raise InvalidError(report) from None
    except FairwfError as error:
        if error.report is not report:
            report.extend(error.report)
        raise type(error)(report) from None


def read_tree(tree: Mapping[str, Any], format2: bool = False) -> Document:
    """Return the document of a workflow in the native form, as if it were read from its text.

    ``format2``: the values are those of gxformat2.

    Raises:
        InvalidError: it is no valid workflow.
    """
    root = placed_at(tree, Span("-", 1, 1, 1, 1))
    return _read(native_of(root, "-") if format2 else root, "-", Report())


def _read(root: SourceMap, name: str, report: Report, tool_path: Path | None = None) -> Document:
    shapes, origins = Shapes(report), Origins()
    _markers(root, shapes)
    tools = Library(tool_path) if tool_path is not None else None
    workflow = WorkflowReader(root, shapes, origins, tools=tools).read()
    if not report.ok:
        raise InvalidError(report)
    origins.complete(workflow)
    return Document(workflow=workflow, origins=origins, format="galaxy", source=name)


def _markers(root: SourceMap, shapes: Shapes) -> None:
    for key, wanted in _MARKERS.items():
        value: Any = plain(root.get(key))
        if value is None:
            shapes.report.add(
                "FWF1703", f"the workflow has no {key!r}, which is {wanted!r}", span=root.span
            )
        elif value != wanted:
            span = root.value_span(key)
            shapes.tell(f"{key!r} is {value!r:.60}, and can only be {wanted!r}", span)
