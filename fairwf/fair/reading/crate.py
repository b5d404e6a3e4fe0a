"""The entities of an RO-Crate's metadata, by identifier (RO-Crate 1.1 to 1.3, flattened)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from fairwf.fair.outcome import Evidence
from fairwf.source import SourceMap

RUN_PROFILES = "https://w3id.org/ro/wfrun/"


def texts(value: Any) -> list[str]:
    """Return the texts that a JSON-LD value holds: literals, ``@id``, names."""
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items:
        if isinstance(item, dict):
            item = item.get("@id") or item.get("name") or item.get("value")
        if isinstance(item, (str, int, float)) and not isinstance(item, bool):
            found.append(str(item))
    return found


@dataclass(frozen=True)
class Crate:
    """A crate's metadata. ``tree`` is what the file holds."""

    tree: SourceMap
    file: str

    @cached_property
    def entities(self) -> dict[str, SourceMap]:
        """Entities by ``@id``."""
        graph = self.tree.get("@graph")
        return {
            entity["@id"]: entity
            for entity in (graph if isinstance(graph, list) else [])
            if isinstance(entity, SourceMap) and isinstance(entity.get("@id"), str)
        }

    @cached_property
    def descriptor(self) -> SourceMap | None:
        """The entity of the metadata file itself."""
        return self.entities.get("ro-crate-metadata.json")

    @cached_property
    def root(self) -> SourceMap | None:
        """The root data entity."""
        about = self.refs(self.descriptor, "about")
        return self.entities.get(about[0] if about else "./")

    @cached_property
    def main(self) -> SourceMap | None:
        """The main entity."""
        return next(iter(self.linked(self.root, "mainEntity")), None)

    @cached_property
    def actions(self) -> list[SourceMap]:
        """What ran: the entities of type CreateAction."""
        return [e for e in self.entities.values() if "CreateAction" in self.types(e)]

    @cached_property
    def main_action(self) -> SourceMap | None:
        """The action whose instrument is the main entity, else the only or first action."""
        name = self.main.get("@id") if self.main is not None else None
        of_main = [a for a in self.actions if name in self.refs(a, "instrument")]
        return next(iter(of_main or self.actions), None)

    @cached_property
    def profiles(self) -> list[str]:
        """The profiles that root, descriptor and main entity claim to conform to."""
        return [
            text
            for entity in (self.root, self.descriptor, self.main)
            for text in self.refs(entity, "conformsTo")
        ]

    @property
    def is_run(self) -> bool:
        """True where it describes an execution."""
        return bool(self.actions)

    def types(self, entity: SourceMap | None) -> set[str]:
        """Return an entity's types."""
        return set(texts(entity["@type"])) if entity is not None and "@type" in entity else set()

    def refs(self, entity: SourceMap | None, key: str) -> list[str]:
        """Return the texts of a property, empty where there is none."""
        return texts(entity[key]) if entity is not None and key in entity else []

    def linked(self, entity: SourceMap | None, *keys: str) -> list[SourceMap]:
        """Return the entities that properties point to."""
        names = [name for key in keys for name in self.refs(entity, key)]
        return [self.entities[name] for name in names if name in self.entities]

    def files(self) -> Iterator[SourceMap]:
        """Yield the entities of type File that lie in the crate."""
        for name, entity in self.entities.items():
            if "File" in self.types(entity) and "://" not in name:
                yield entity

    def at(self, entity: SourceMap, key: str | None = None, value: str | None = None) -> Evidence:
        """Return evidence that points at an entity or its property."""
        there = key is not None and key in entity
        line = entity.value_span(str(key)).line if there else entity.span.line
        name = unquote(str(entity.get("@id", "")))
        said = ", ".join(self.refs(entity, key))[:120] if key else name
        text = value if value is not None else (f"{name} {key}: {said}" if key else said)
        return Evidence(file=self.file, line=line, value=text[:200])
