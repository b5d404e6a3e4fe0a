"""Faults of one port: streams out of place, and fields that mean nothing for its type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairwf.report import Report
from fairwf_cwl.types import Primitive, parts_of

if TYPE_CHECKING:
    from fairwf_cwl.ports import Port

_ONLY_FILES = ("secondaryFiles", "format", "streamable", "loadContents")


def check_streams(port: Port, allowed: tuple[str, ...], report: Report) -> None:
    """Tell of ``stdin``, ``stdout`` and ``stderr`` where they are no types.

    They are the whole type of an input or output of a CommandLineTool, without a binding (CWL
    v1.2 "CommandInputParameter", "CommandOutputParameter").
    """
    for part in parts_of(port.type):
        stream = getattr(part, "stream", None)
        if stream is None:
            continue
        if stream not in allowed:
            kind = "input" if stream == "stdin" else "output"
            message, hint = f"{stream!r} is no type here", f"it is one of an {kind} of a tool"
        elif part is not port.type:
            message, hint = f"{stream!r} cannot be a part of a type", f"say type: {stream}"
        elif "outputBinding" in port.node or "inputBinding" in port.node:
            message, hint = f"{stream!r} takes no binding", "remove the binding, or say type: File"
        else:
            continue
        report.add("FWF1101", message, span=part.span, hint=hint)


def check_file_fields(port: Port, report: Report) -> None:
    """Tell of fields that only files have, at a port that takes none."""
    if any(
        isinstance(part, Primitive) and part.name in ("File", "Directory", "Any")
        for part in parts_of(port.type)
    ):
        return
    for field in _ONLY_FILES:
        if port.node.get(field):
            report.add(
                "FWF2009",
                f"{field!r} means nothing for {port.id!r:.60}, which takes no file",
                span=port.node.key_span(field),
            )
