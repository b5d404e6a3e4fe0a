"""Files that are written while a crate is made, and described when they are complete."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fairwf.crates.checksums import measure
from fairwf.entities.identifiers import quote_path


@dataclass(eq=False, kw_only=True)
class WrittenFile:
    """A file at a ``place`` in the folder of a ``crate``."""

    place: str
    crate: Path
    listed: bool = True
    role: Literal["about"] = "about"

    @property
    def id(self) -> str:
        """The entity's id."""
        return quote_path(self.place)

    def described(self, **more: Any) -> dict[str, Any]:
        """Return its entity: what is measured, and ``more``."""
        size, _, sha256 = measure(self.crate / self.place)
        name = self.place.rpartition("/")[2]
        plain = {"@type": "File", "@id": self.id, "name": name}
        return {**plain, **more, "contentSize": size, "sha256": sha256}

    def write(self, crate: Path) -> None:
        """It is written already."""
