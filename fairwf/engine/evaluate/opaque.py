"""What an opaque text sees: its bindings as nested objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate.collections import KeyedValue, StreamValue
from fairwf.engine.evaluate.cwl_objects import to_object
from fairwf.engine.evaluate.errors import FunctionError, NotReady
from fairwf.engine.evaluate.texts import describe
from fairwf.ir.expressions import Directory, File, Opaque


def context_of(node: Opaque, values: Sequence[Any]) -> dict[str, object]:
    """Return the names that the text sees; ``("inputs", "x")`` is ``x`` inside ``inputs``.

    ``values`` are those of the bindings, in their order. Where a path lies inside another's value,
    it is set there.

    Raises:
        FunctionError: a value cannot be given, or two bindings contradict each other.
    """
    context: dict[str, object] = {}
    order = sorted(range(len(values)), key=lambda index: len(node.bindings[index].path))
    for index in order:
        path = node.bindings[index].path
        if not path:
            raise FunctionError("a binding of an opaque text has an empty path")
        inside = context
        for part in path[:-1]:
            nested = inside.setdefault(part, {})
            if not isinstance(nested, dict):
                raise FunctionError(f"the binding {'.'.join(path)!r} lies inside another's value")
            inside = nested
        inside[path[-1]] = plain_of(values[index])
    return context


def plain_of(value: Any) -> Any:
    """Return a value as plain JSON values, files as CWL objects.

    Raises:
        FunctionError: the value cannot be said so.
        NotReady: it is an open stream.
    """
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, StreamValue):
        if not value.closed:
            raise NotReady(value.waits)
        return [plain_of(item) for item in value.in_order()]
    if isinstance(value, (File, Directory)):
        return to_object(value)
    if isinstance(value, Mapping):
        return {key: plain_of(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_of(item) for item in value]
    if isinstance(value, (bytes, KeyedValue)):
        raise FunctionError(f"{describe(value)} cannot be given to another language")
    return value
