"""Values of step inputs: JSON in Galaxy (``in: {name: {default: ...}}``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value


def json_value(value: Value) -> Any:
    """Return a value as Galaxy has it."""
    if isinstance(value, (File, Directory)):
        said = {"class": type(value).__name__}
        if value.location is not None:
            said["location"] = value.location
        if value.path is not None:
            said["path"] = value.path
        if value.basename is not None:
            said["basename"] = value.basename
        return said
    if isinstance(value, Mapping):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    return value


def ir_value(value: Any) -> Value:
    """Return a JSON value of Galaxy as the IR has it."""
    if isinstance(value, Mapping):
        if value.get("class") in ("File", "Directory") and _texts(value):
            kind = File if value["class"] == "File" else Directory
            return kind(**{k: v for k, v in value.items() if k != "class"})
        return {key: ir_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [ir_value(item) for item in value]
    return value  # type: ignore[no-any-return]


def _texts(value: Mapping[str, Any]) -> bool:
    known = {"class", "location", "path", "basename"}
    return set(value) <= known and all(isinstance(item, str) for item in value.values())
