"""Files that an opaque expression makes: none but those it was given, and what belongs to them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.reading import path_of_location
from fairwf.ir.expressions import Directory, File


def entries_of(values: list[Any]) -> Iterator[File | Directory]:
    """Yield every file and folder in values, those inside others too. The list is used up."""
    while values:
        value = values.pop()
        if isinstance(value, (File, Directory)):
            yield value
            values += value.secondary if isinstance(value, File) else value.listing or ()
        elif isinstance(value, Mapping):
            values += value.values()
        elif isinstance(value, (list, tuple)):
            values += value


def check_made(value: Any, given: Sequence[Any]) -> None:
    """Check the files and folders in what an expression gave.

    Each must be one of those that the expression was given, lie in a folder among them, or lie
    beside a given file and have a name that begins as that one's does (an index). What is
    relative, remote or a literal names nothing on this machine yet.

    Raises:
        FunctionError: it lies elsewhere.
    """
    made = [place for entry in entries_of([value]) for place in _places(entry)]
    if not made:
        return
    files, folders = set[str](), set[str]()
    for entry in entries_of(list(given)):
        (folders if isinstance(entry, Directory) else files).update(_places(entry))
    for place in made:
        if place not in files and not _inside(place, folders) and not _beside(place, files):
            raise FunctionError(
                f"the expression makes a file of {place!r:.200}, which it was not given",
                "let the workflow have it as an input",
            )


def _places(entry: File | Directory) -> list[str]:
    found = [path_of_location(text) for text in (entry.location, entry.path) if text is not None]
    return [os.path.normpath(path) for path in found if path is not None]


def _inside(place: str, folders: set[str]) -> bool:
    while place not in folders:
        if place == (above := os.path.dirname(place)):
            return False
        place = above
    return True


def _beside(place: str, files: set[str]) -> bool:
    folder, name = os.path.split(place)
    for file in files:
        own_folder, own_name = os.path.split(file)
        root = os.path.splitext(own_name)[0]
        if folder == own_folder and root and name.startswith(root):
            return True
    return False
