"""How far a publication has come: a small file beside the crate, one for each server.

It is written whole, before and after each step that a server remembers, so that a process that is
killed at any moment leaves what the next call continues. It never holds a token.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from fairwf.atomic import write_file
from fairwf.report import EnvironmentFault, Report

_LONGEST_NAME = 150
_SCRATCH = ".scratch"
_MOST_BYTES = 16 * 1024 * 1024


class Parts(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A file that is sent in parts: which parts the server has."""

    md5: str
    part_size: int
    done: list[int] = []


class State(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is known of a publication on one server, whose address ``server`` is.

    ``creating`` is set from before the request that creates a record until its id is known;
    ``known`` are the ids that were there before it, ``title`` is that of what is sent. ``fresh``
    is set until a new record is as visible as it shall be. ``dois`` are those that this
    publication got, newest last; ``sent`` is a digest of the metadata that the server has from us.
    """

    server: str = ""
    identity: str | None = None
    creating: bool = False
    known: list[str] | None = None
    title: str | None = None
    fresh: bool = False
    record: str | None = None
    version: int | None = None
    dois: list[str] = []
    sent: str | None = None
    files: dict[str, str] = {}
    parts: dict[str, Parts] = {}


def place_of(crate: Path) -> Path:
    """Return the folder beside a crate that holds the state of its publications."""
    place = Path(os.path.realpath(crate))
    return place.with_name(place.name + ".publish")


class StateFile:
    """The state of one publication.

    ``folder`` is where it lies; ``scratch``, a folder in it, is for what is made to be sent, and
    goes at the end.
    """

    def __init__(self, folder: Path, target: str, server: str, report: Report) -> None:
        self.folder = folder
        self.scratch = folder / _SCRATCH
        self._server = server
        self._path = folder / f"{target}-{_plain(server)}.json"
        self.state = self._read(report)

    def save(self, **changes: Any) -> None:
        """Change members and write the file.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        for key, value in changes.items():
            setattr(self.state, key, value)
        text = msgspec.json.format(msgspec.json.encode(self.state), indent=1) + b"\n"
        try:
            write_file(self._path, text)
        except OSError as error:
            raise EnvironmentFault.refused(error) from None

    def _read(self, report: Report) -> State:
        new = State(server=self._server)
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                raise ValueError("too large")
            found = msgspec.json.decode(self._path.read_bytes(), type=State)
            if found.server != self._server:
                raise ValueError(f"they are of {found.server!r:.80}")
        except FileNotFoundError:
            return new
        except (ValueError, msgspec.MsgspecError) as error:
            report.add("FWF5207", f"cannot be read, so the server is asked: {error}",
                       file=str(self._path))  # fmt: skip
            return new
        except OSError as error:
            raise EnvironmentFault.refused(error, "cannot be read", file=str(self._path)) from None
        return found


@contextmanager
def opened(crate: Path, target: str, server: str, report: Report) -> Iterator[StateFile]:
    """Give the state of a crate on a server, while no other process publishes the same crate.

    Args:
        target: the name of the target.
        server: the address of the server.

    Raises:
        EnvironmentFault: the place cannot be written, or another process is at it.
    """
    folder = place_of(crate)
    try:
        folder.mkdir(exist_ok=True)
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        hint = "publish a crate in a folder that you may write: a publication keeps notes beside it"
        raise EnvironmentFault.refused(error, file=str(folder), hint=hint) from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise EnvironmentFault.of(
                "FWF9002",
                "another process is publishing this crate",
                file=str(folder),
                hint="wait until it has ended",
            ) from None
        _clear(folder)
        try:
            (folder / _SCRATCH).mkdir()
            yield StateFile(folder, target, server, report)
        finally:
            shutil.rmtree(folder / _SCRATCH, ignore_errors=True)
    finally:
        os.close(held)


def _plain(server: str) -> str:
    """Return an address as a part of a file name; no two are the same."""
    name = quote(server.removeprefix("https://"), safe="")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}-{hashlib.sha256(server.encode()).hexdigest()[:16]}"


def _clear(folder: Path) -> None:
    """Remove what a process that was killed left: notes are all that is kept."""
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder / _SCRATCH, ignore_errors=True)
