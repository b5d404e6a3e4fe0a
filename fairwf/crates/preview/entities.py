"""The entities of a crate as a page shows them: followed by reference, and cut to what fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from fairwf.entities.reading import types, values
from fairwf.ir.iris import is_web

Entity = Mapping[str, Any]

MOST_PARTS = 20
"""How many files of a group are shown in one place."""


class Entities:
    """The flat graph of a crate, by id."""

    def __init__(self, by_id: Mapping[str, Entity]) -> None:
        self._by_id = by_id

    def get(self, identifier: str) -> Entity | None:
        """Return the entity of an id."""
        return self._by_id.get(identifier)

    def one(self, value: Any) -> Entity:
        """Return the first entity that a value refers to; an empty one where there is none."""
        found = next(self.each(value), None)
        return found if found is not None else {}

    def each(self, value: Any) -> Iterator[Entity]:
        """Return the entities that a value refers to; what is not described is passed over."""
        for item in values(value):
            found = self._by_id.get(id_of(item))
            if found is not None:
                yield found

    def all(self, type_: str) -> Iterator[Entity]:
        """Return the entities of a type."""
        return (e for e in self._by_id.values() if type_ in types(e))

    def links(self, value: Any) -> str:
        """Return, as HTML, the names of what a value refers to, or its texts."""
        shown = []
        for item in values(value):
            entity = self._by_id.get(id_of(item))
            if entity is not None:
                shown.append(link(entity))
            else:
                words = id_of(item) or text(item)
                shown.append(anchor(words, words) if is_web(words) else escape(words))
        return ", ".join(shown)

    def value(self, entity: Entity) -> str:
        """Return, as HTML, a file, a group of files or a plain value."""
        kinds = types(entity)
        if "PropertyValue" in kinds:
            return f"<code>{escape(clip(text(entity.get('value'))))}</code>"
        if "Collection" in kinds:
            parts = list(self.each(entity.get("hasPart")))
            more = f" and {len(parts) - MOST_PARTS} more" if len(parts) > MOST_PARTS else ""
            return ", ".join(link(part) for part in parts[:MOST_PARTS]) + more
        return link(entity)


def address(entity: Entity) -> str:
    """Return where an entity lies, on the web or in the crate; empty where it lies nowhere."""
    identifier = id_of(entity)
    if is_web(identifier):
        return identifier
    is_data = {"File", "Dataset"}.intersection(types(entity))
    return "./" + identifier if is_data and not identifier.startswith("#") else ""


def link(entity: Entity) -> str:
    """Return the name of an entity as HTML, a link where it lies somewhere."""
    name = text(entity.get("name")) or id_of(entity)
    version = text(entity.get("softwareVersion"))
    if version and len(version) < 20:
        name = f"{name} {version}"
    place = address(entity)
    return anchor(place, name) if place else escape(name)


def anchor(place: str, name: str) -> str:
    """Return a link as HTML."""
    return f'<a href="{escape(place, quote=True)}">{escape(name)}</a>'


def time(action: Entity, key: str) -> float | None:
    """Return a time of an action in seconds since the epoch."""
    try:
        return datetime.fromisoformat(text(action.get(key))).timestamp()
    except ValueError:
        return None


def size(value: Any) -> str:
    """Return a number of bytes as people read it; empty for what is none."""
    try:
        left = float(text(value))
    except ValueError:
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if left < 1000:
            return f"{left:.0f} {unit}" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1000
    return f"{left:.1f} TB"


def clip(words: str, most: int = 300) -> str:
    """Return a text, cut where it is longer than ``most`` characters."""
    return words if len(words) <= most else words[:most] + " ..."


def id_of(value: Any) -> str:
    """Return the id of an object; empty where it has none."""
    found = value.get("@id") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def text(value: Any) -> str:
    """Return a value of JSON-LD as text."""
    if isinstance(value, list):
        return ", ".join(text(item) for item in value)
    if isinstance(value, Mapping):
        return str(value.get("@value", value.get("@id", "")))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
