"""Reading Galaxy workflows into the IR.

A tool is an abstract :class:`~fairwf.ir.workflow.Operation`: what it takes and gives, only its own
definition could say. What the IR has no field for stays in ``extensions`` of ``galaxy``, as it is.
"""

from __future__ import annotations

from typing import Any

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.ir.origins import Origins
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.source import SourceMap, plain
from fairwf_galaxy.load import load
from fairwf_galaxy.shapes import Shapes
from fairwf_galaxy.workflows import WorkflowReader

_MARKERS = {"a_galaxy_workflow": "true", "format-version": "0.1"}


def read(source: Source, report: Report) -> Document:
    """Return the document of a Galaxy workflow.

    Raises:
        InvalidError: FWF1004 no JSON or YAML, FWF1009 too large, FWF1701 no valid workflow.
        EnvironmentFault: gxformat2 is needed, and not installed.
    """
    try:
        root = load(source, report)
        shapes, origins = Shapes(report), Origins()
        _markers(root, shapes)
        workflow = WorkflowReader(root, shapes, origins).read()
    except RecursionError:
        report.add("FWF1009", "the workflow is nested too deeply", file=source.name)
        raise InvalidError(report) from None
    except FairwfError as error:
        if error.report is not report:
            report.extend(error.report)
        raise type(error)(report) from None
    if not report.ok:
        raise InvalidError(report)
    origins.complete(workflow)
    return Document(workflow=workflow, origins=origins, format="galaxy", source=source.name)


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
