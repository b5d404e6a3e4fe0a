"""Files that a job names: looked for before anything is made."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from pathlib import Path

from fairwf.ir.expressions import Directory, File
from fairwf.ir.values import Value
from fairwf.report import Report
from fairwf.source import SourceMap, did_you_mean, span_of

Steps = tuple[str | int, ...]


def tell_missing(
    name: str, value: Value, report: Report, file: str, places: SourceMap | None
) -> None:
    """Tell of every file and folder in the value of an input that is not on this machine.

    ``file`` is the job file, or the option, that names them; ``places`` are its positions.
    """
    for steps, entry, path in _local(value, (name,)):
        if _is_folder(path) if isinstance(entry, Directory) else _exists(path):
            continue
        kind = "folder" if isinstance(entry, Directory) else "file"
        span = span_of(places, steps) if places is not None else None
        for key in ("location", "path"):
            inner = span_of(places, (*steps, key)) if places is not None else None
            if inner != span:
                span = inner
                break
        report.add(
            "FWF4009",
            f"input {name!r}: the {kind} {str(path)!r:.300} does not exist",
            span=span,
            hint=_hint(path),
            file=file,
        )


def _local(value: Value, steps: Steps) -> Iterator[tuple[Steps, File | Directory, Path]]:
    from fairwf.engine.evaluate.reading import path_of_location

    if isinstance(value, (File, Directory)):
        location = value.location or value.path
        path = path_of_location(location) if location is not None else None
        if path is not None and path.is_absolute():
            yield steps, value, path
        inside = value.secondary if isinstance(value, File) else value.listing or ()
        key = "secondaryFiles" if isinstance(value, File) else "listing"
        for number, entry in enumerate(inside):
            yield from _local(entry, (*steps, key, number))
    elif isinstance(value, Mapping):
        for field, item in value.items():
            yield from _local(item, (*steps, field))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _local(item, (*steps, number))


# Where a name is too long, Path's own methods raise; for os.path it is no file.
_exists = os.path.exists
_is_folder = os.path.isdir


def _hint(path: Path) -> str:
    if not _is_folder(path.parent):
        return f"its folder {str(path.parent)!r:.300} does not exist either"
    try:
        names = [each.name for each in path.parent.iterdir()]
    except OSError:
        names = []
    counted = "relative paths count from the job file, those of options from the current folder"
    return did_you_mean(path.name, names) or counted
