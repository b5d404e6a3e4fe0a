"""A format's own engine: the program that runs its documents where fairwf has no part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from fairwf.document import Document
from fairwf.ir.values import Value


class NativeEngine(Protocol):
    """An engine that is installed on this machine.

    Attributes:
        name: of the program.
        version: that the program states.
    """

    name: str
    version: str

    def run(self, document: Document, place: str, job: Path | None, folder: Path) -> NativeRun:
        """Run a document.

        Args:
            document: what the reader gives of it.
            place: its path, which may end in ``#part``.
            job: the job file, None where the document takes nothing.
            folder: an empty folder for all that the run makes.
        """
        ...


class NativeRun:
    """What came of a run: its outputs by output id, or what the engine says of its failure."""

    def __init__(self, outputs: Mapping[str, Value] | None, said: str = "") -> None:
        self.outputs = outputs
        self.said = said
