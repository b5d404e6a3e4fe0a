"""Recognising CWLProv: a bag with a packed workflow and provenance of its run."""

from __future__ import annotations

from pathlib import Path

PRIMARY = "metadata/provenance/primary.cwlprov.json"
PACKED = "workflow/packed.cwl"


def detect(path: Path) -> int:
    """Return how sure it is, 0 to 100, that a folder is a CWLProv research object."""
    if not (path / "bagit.txt").is_file() or not (path / PRIMARY).is_file():
        return 0
    return 95 if (path / PACKED).is_file() else 80
