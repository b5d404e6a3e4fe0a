"""Writing ``ro-crate-metadata.json`` entity by entity, in constant memory.

``@context`` comes first and in each entity ``@type`` before ``@id``, so that a streaming JSON-LD
processor can read the file in constant memory, too. A value that is None or empty is left out, an
array of one is written as its item (RO-Crate 1.1 "RO-Crate JSON-LD").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from fairwf.entities.reading import Entity

FILE = "ro-crate-metadata.json"
FILES = (FILE, "ro-crate-metadata.jsonld")
"""Names that the file has in crates, the newest first; the second is RO-Crate 1.0's."""


def file_of(entities: Mapping[str, Entity]) -> str:
    """Return the name of the file that holds these entities: the one that they describe."""
    return next((name for name in FILES if name in entities), FILE)


class MetadataWriter:
    """Writes a flat JSON-LD document to a stream; ``ids`` are those written so far."""

    def __init__(self, stream: BinaryIO, context: Any) -> None:
        self._stream = stream
        self.ids: set[str] = set()
        self._write("{\n" + f'"@context": {_text(context)},\n"@graph": [')

    def add(self, entity: Entity) -> None:
        """Write an entity; one that was written before is left out.

        Raises:
            KeyError: it has no ``@id`` or no ``@type``.
        """
        identifier = entity["@id"]
        if identifier in self.ids:
            return
        separator = ",\n" if self.ids else "\n"
        self.ids.add(identifier)
        self._write(separator + _text(compacted(entity)))

    def close(self) -> None:
        """Write the end."""
        self._write("\n]\n}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text.encode("utf-8", "replace"))


def compacted(entity: Entity) -> dict[str, Any]:
    """Return an entity as it is written.

    Raises:
        KeyError: it has no ``@id`` or no ``@type``.
    """
    shown: dict[str, Any] = {"@type": compact(entity["@type"]), "@id": entity["@id"]}
    for key, value in entity.items():
        if key not in shown and not _empty(value):
            shown[key] = compact(value)
    return shown


def compact(value: Any) -> Any:
    """Return an array of one as its item, anything else as it is."""
    if isinstance(value, (list, tuple)):
        return value[0] if len(value) == 1 else list(value)
    return value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
