"""What is kept of a step as it stands: neither what the IR says, nor what all steps have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from fairwf.source import SourceMap, plain

EMPTY: Mapping[str, Any] = {
    "content_id": None,
    "errors": None,
    "input_connections": {},
    "inputs": [],
    "outputs": [],
    "post_job_actions": {},
    "tool_id": None,
    "tool_uuid": None,
    "tool_version": None,
    "when": None,
    "workflow_outputs": [],
}
"""What a step has where there is nothing to say; Galaxy writes these keys always."""


def kept(
    given: SourceMap, said: Collection[str], usual: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the keys of a step or output that are kept; ``usual`` are values that go without."""
    found = {}
    for key, value in given.items():
        if key in said or (key in EMPTY and value in (None, "", [], {})):
            continue
        bare = sorted_keys(plain(value))
        if usual is None or key not in usual or usual[key] != bare:
            found[key] = bare
    return found


def sorted_keys(value: Any) -> Any:
    """Return JSON values with the keys of objects in order, as Galaxy writes them."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [sorted_keys(item) for item in value]
    return value
