"""Pictures of workflows: files that are images, and who names them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fairwf.fair.reading.crate import Crate

_NAMES = re.compile(
    r"(?:.*[-_.])?(?:work-?flow|dag|rule-?graph|graph|diagram|pipeline|overview|metro-?map|"
    r"flow-?chart|scheme)(?:[-_.].*)?\.(?:svg|png|jpe?g|gif|webp)",
    re.I,
)
_SUFFIXES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp"})


@dataclass(frozen=True)
class Diagram:
    """A picture of the workflow. ``linked``: metadata or README name it."""

    file: Path
    how: str
    linked: bool


def diagrams(
    files: list[Path], text: Callable[[Path], str], readme: list[str], crate: Crate | None
) -> list[Diagram]:
    """Return the pictures among files that are real images and show a workflow by their name."""
    named: set[str] = set()
    if crate is not None:
        for entity in (crate.root, crate.main):
            named.update(crate.refs(entity, "image"))
    shown = "\n".join(readme)
    found = []
    for path in files:
        name = path.as_posix()
        linked = name in named
        if path.suffix.lower() not in _SUFFIXES or not (linked or _NAMES.fullmatch(path.name)):
            continue
        if not _is_image(path, text(path)):
            continue
        if linked:
            found.append(Diagram(path, "the crate names it as image", True))
        elif name in shown:
            found.append(Diagram(path, "the README shows it", True))
        else:
            found.append(Diagram(path, "an image by its name", False))
    return found[:20]


def _is_image(path: Path, text: str) -> bool:
    if path.suffix.lower() == ".svg":
        return "<svg" in text[:4096] and text.count("<") > 3
    marks = ("PNG\r\n", "JFIF", "Exif", "GIF8", "WEBP")
    return any(mark in text[:64] for mark in marks) and len(text) > 64
