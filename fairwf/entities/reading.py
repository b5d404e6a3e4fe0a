"""What the properties of an entity hold: RO-Crate metadata are flattened and compacted JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Entity = Mapping[str, Any]


def types(entity: Entity) -> tuple[str, ...]:
    """Return the names of an entity's types."""
    return tuple(t for t in values(entity.get("@type")) if isinstance(t, str))


def values(value: Any) -> list[Any]:
    """Return a property's values as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def ids(value: Any) -> Iterator[str]:
    """Yield the ids of the entities that a property refers to, described or not."""
    for item in values(value):
        identifier = item.get("@id") if isinstance(item, dict) else None
        if isinstance(identifier, str):
            yield identifier
