"""The output object of a run: JSON with qualified names (specification 1.2, "JSON Output
Format")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from fairwf.document import Document
from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value


def render_outputs(document: Document, outputs: Mapping[str, Value]) -> dict[str, Any]:
    """Return ``{"workflow.output": value}``; files and folders are their paths."""
    name = getattr(document.workflow, "id", "")
    prefix = f"{name}." if name else ""
    return {f"{prefix}{key}": render(value) for key, value in outputs.items()}


def render(value: Value) -> Any:
    """Return a value as JSON."""
    if isinstance(value, (File, Directory)):
        return _path(value.location or value.path or value.basename or "")
    if isinstance(value, Mapping):
        return {key: render(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [render(item) for item in value]
    return value


def _path(location: str) -> str:
    if location.startswith("file://"):
        return unquote(location[len("file://") :], errors="surrogateescape")
    return location
