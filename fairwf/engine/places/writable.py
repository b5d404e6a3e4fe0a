"""The places that a run writes to, looked at before anything runs."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from fairwf.atomic import try_folder
from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.journal.replay import files_in
from fairwf.engine.options import RunOptions
from fairwf.ir.expressions import Expr
from fairwf.report import EnvironmentFault, InvalidError

_LONGEST_LINE = 1 << 20


def check_places(options: RunOptions, inputs: Mapping[str, Expr], run_dir: Path) -> None:
    """Refuse a folder for outputs or a file for events that the run could not or must not write.

    ``options`` hold absolute paths; ``inputs`` are the run's, as literals.

    Raises:
        InvalidError: FWF5004, something else is in the way.
        EnvironmentFault: FWF9002, the place cannot be written.
    """
    if options.outdir is not None:
        _check_outdir(options.outdir)
    if options.events is not None:
        job = (options.inputs_source,) if options.inputs_source is not None else ()
        _check_events(options.events, (*options.sources, *job, *_paths(inputs)), run_dir)


def _check_outdir(folder: Path) -> None:
    if os.path.lexists(folder) and not folder.is_dir():
        raise InvalidError.of(
            "FWF5004",
            "is no folder, and the outputs go into one",
            file=str(folder),
            hint="name another folder with --outdir",
        )
    try:
        try_folder(folder)
    except OSError as error:
        raise EnvironmentFault.refused(
            error,
            "the outputs cannot be put there",
            file=str(folder),
            hint="name a folder with --outdir that you may write to",
        ) from None


def _check_events(path: Path, taken: Iterable[Path], run_dir: Path) -> None:
    if path.is_relative_to("/dev"):  # the terminal, or wherever stderr goes
        return
    try:
        status = path.stat()
    except OSError:
        if path.is_relative_to(run_dir):
            return
        if path.parent.is_dir():
            _try_parent(path)
            return
        raise EnvironmentFault.of(
            "FWF9002",
            "the events cannot be written: there is no such folder",
            file=str(path),
            hint="make the folder first, or name another file with --events",
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise _in_the_way(path, "is a folder, and the events go into a file")
    if stat.S_ISREG(status.st_mode):
        if any(each.is_file() and os.path.samestat(status, each.stat()) for each in taken):
            raise _in_the_way(
                path, "is part of the workflow or of its inputs, so it stays as it is"
            )
        if status.st_size and not _holds_events(path):
            raise _in_the_way(path, "holds something else than events, so nothing is added to it")
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        if stat.S_ISFIFO(status.st_mode):  # its reader may come later
            return
        raise _unwritable(path, error) from None


def _try_parent(path: Path) -> None:
    try:
        try_folder(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> EnvironmentFault:
    what, hint = "the events cannot be written", "name another file with --events"
    return EnvironmentFault.refused(error, what, file=str(path), hint=hint)


def _in_the_way(path: Path, why: str) -> InvalidError:
    hint = "name a new file, or one of earlier events, with --events"
    return InvalidError.of("FWF5004", why, file=str(path), hint=hint)


def _holds_events(path: Path) -> bool:
    """Tell whether the first line of a file is an event."""
    try:
        with path.open("rb") as stream:
            first = json.loads(stream.readline(_LONGEST_LINE))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(first, dict) and isinstance(first.get("event"), str) and "time" in first


def _paths(inputs: Mapping[str, Expr]) -> Iterable[Path]:
    for value in inputs.values():
        for entry in files_in(value):
            given = entry.location or entry.path
            path = path_of_location(given) if given is not None else None
            if path is not None:
                yield path
