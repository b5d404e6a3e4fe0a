"""``tool_state``: the parameters of a step, JSON in a text or as it is."""

from __future__ import annotations

import json
from typing import Any

from fairwf.ir.origins import Span
from fairwf.source import SourceMap, plain
from fairwf_galaxy.shapes import Shapes

_MOST = 4 * 1024 * 1024


def read_state(step: SourceMap, what: str, shapes: Shapes) -> dict[str, Any] | None:
    """Return the state of a step as JSON values, None where it has none.

    Texts inside of it that hold JSON stay texts, as Galaxy has them.
    """
    given = step.get("tool_state")
    if given is None:
        return None
    span = step.value_span("tool_state")
    value = _decoded(given, what, span, shapes) if isinstance(given, str) else plain(given)
    if isinstance(value, dict):
        return value
    if value is not _BROKEN:
        shapes.tell(f"'tool_state' of {what} should hold an object", span)
    return None


_BROKEN = object()


def _decoded(text: str, what: str, span: Span, shapes: Shapes) -> Any:
    if not text.strip():
        return {}
    if len(text) > _MOST:
        shapes.tell(f"'tool_state' of {what} is larger than {_MOST // 2**20} MiB", span)
        return _BROKEN
    try:
        return plain(json.loads(text))
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
        shapes.tell(
            f"'tool_state' of {what} is no JSON: {why}", span, "it is a text that holds JSON"
        )
        return _BROKEN


def write_state(state: Any) -> str:
    """Return the text that ``.ga`` has for a state."""
    return json.dumps(state, ensure_ascii=False)
