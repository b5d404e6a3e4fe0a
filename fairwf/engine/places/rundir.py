"""The run directory: everything that resuming, packaging and looking back need.

::

    run.json           what this folder is: run id, format version, options, sources, command line
    workflow.ir.json   the document as it runs, with its origins
    inputs.json        the inputs as literals
    source/            copies of the source documents in their relative layout
    unpacked/          what a zip file held whose workflow runs; alone it may be there before
    journal.log        the facts; journal.sqlite is an index of them
    tasks/ID.ATTEMPT/  the working folder of an attempt, never used twice; what the journal records
                       is published by that (nothing is renamed: programs may write their own paths)
    logs/ID.ATTEMPT/   what it wrote to standard output and error; only where it wrote something
    staged/ID.ATTEMPT/ inputs that had to be renamed or laid beside each other
    tmp/               temporary files of running tasks
    batch/             bundles of tasks for a batch scheduler or pilots, and what is reported
    sites/             of each site of a run with several: its bundles, or what has come there
    inputs/            a copy of the job file
    outputs/           the outputs of the run, unless another folder was asked for
    requests/          what others ask of the engine: approvals, events, cancel
    lock               held (flock) by the engine that works here
"""

from __future__ import annotations

import errno
import fcntl
import filecmp
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import msgspec

from fairwf.atomic import copy_file, write_file
from fairwf.ir.expressions import Expr
from fairwf.report import EnvironmentFault, InvalidError
from fairwf.source import in_tree

LAYOUT_VERSION = "1"
RUNS = ".fairwf/runs"
"""Where run directories are made below the current folder, unless another place is named."""
RESTORE = "restore the file, or start a new run"
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]+")


def new_run_dir() -> Path:
    """Return a new place for a run directory below the current folder."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return Path.cwd() / RUNS / f"{stamp}-{os.urandom(3).hex()}"


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class _Description(msgspec.Struct, kw_only=True):
    """What ``run.json`` must hold, as far as it is used."""

    layout: str
    id: str
    options: dict[str, Any] = {}
    workflow_hash: str | None = None
    source: str | None = None
    source_base: str | None = None
    source_copies: list[str] = []
    inputs_source: str | None = None
    inputs_copy: str | None = None
    command_line: list[str] = []


class RunDir:
    """The paths of a run directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.description = root / "run.json"
        self.workflow = root / "workflow.ir.json"
        self.inputs = root / "inputs.json"
        self.source = root / "source"
        self.unpacked = root / "unpacked"
        self.log = root / "journal.log"
        self.database = root / "journal.sqlite"
        self.tasks = root / "tasks"
        self.logs = root / "logs"
        self.staged = root / "staged"
        self.tmp = root / "tmp"
        self.batch = root / "batch"
        self.sites = root / "sites"
        self.left_at_sites = self.sites / "left"
        self.feeds = root / "feeds"
        self.lasting_tmp = root / "batch" / "tmp"
        self.requests = root / "requests"
        self.site = ""
        self.outputs = root / "outputs"
        self.lock = root / "lock"

    def of_site(self, name: str) -> Self:
        """Return the run directory as the backend of a site uses it: with bundles of its own."""
        own = type(self)(self.root)
        own.batch = self.sites / name
        own.site = name
        return own

    @property
    def jobs_id(self) -> str:
        """What tells the jobs of the run, at one of its sites, from all others."""
        own = str(self.read_description()["id"])
        return f"{own}-{self.site}" if self.site else own

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new run directory (or take an empty folder).

        Raises:
            InvalidError: the folder holds a run already, or something else.
            EnvironmentFault: it cannot be made.
        """
        run = cls(path.resolve())
        try:
            if run.root.is_dir() and any(p != run.unpacked for p in run.root.iterdir()):
                what = "a run" if run.description.exists() else "other files"
                raise InvalidError.of(
                    "FWF4012",
                    f"the run directory holds {what} already",
                    file=str(path),
                    hint="name an empty or a new folder, or use `fairwf resume`",
                )
            for folder in (run.root, run.tasks, run.requests):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = "cannot make the run directory"
            raise EnvironmentFault.refused(error, what, file=str(path)) from None
        return run

    @contextmanager
    def temporary(self) -> Iterator[None]:
        """Have no temporary files of tasks before, and none after.

        Tasks of an earlier engine may still run, with such files in ``lasting_tmp``.
        """
        shutil.rmtree(self.tmp, ignore_errors=True)
        try:
            yield
        finally:
            for folder in (self.tmp, self.lasting_tmp):
                shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # it holds bundles, or was never made
                self.batch.rmdir()

    def clear(self) -> None:
        """Make a run directory that never came to hold a run the empty folder that it was."""
        for path in self.root.iterdir():
            if path == self.unpacked:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return an existing run directory.

        Raises:
            InvalidError: the folder is none, or of another layout version.
        """
        run = cls(path.resolve())
        if run.workflow.is_file() and not run.description.is_file():
            raise InvalidError.of(
                "FWF4012",
                "is missing, so the run directory is damaged",
                file=str(run.description),
                hint=RESTORE,
            )
        if not run.description.is_file():
            raise InvalidError.of(
                "FWF4012",
                "this is no run directory (no run.json)",
                file=str(path),
                hint="name the folder that `fairwf run --run-dir` made",
            )
        if run.read_description().get("layout") != LAYOUT_VERSION:
            raise InvalidError.of(
                "FWF4012", "the run directory is of another version of fairwf", file=str(path)
            )
        return run

    def read_description(self) -> dict[str, Any]:
        """Return what ``run.json`` says.

        Raises:
            InvalidError: it is damaged.
        """
        found = self.read_json(self.description)
        try:
            said = msgspec.convert(found, _Description)
        except msgspec.ValidationError as error:
            message = f"is damaged: {error}"
            raise InvalidError.of(
                "FWF4012", message, file=str(self.description), hint=RESTORE
            ) from None
        # A run directory may come from a stranger, and what it names is copied into crates.
        for name in (*said.source_copies, *([said.inputs_copy] if said.inputs_copy else [])):
            if not in_tree(self.root / name, self.root):
                message = f"is damaged: {name!r:.120} leaves the run directory"
                raise InvalidError.of("FWF4012", message, file=str(self.description))
        assert isinstance(found, dict)
        return found

    def read_json(self, path: Path) -> Any:
        """Return what a JSON file of the run directory holds.

        Raises:
            InvalidError: it is missing or damaged.
        """
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError:
            why = "is missing, so the run directory is damaged"
        except OSError as error:
            why = f"cannot be read: {error.strerror}"
        except RecursionError:
            why = "is damaged: it is nested too deeply"
        except json.JSONDecodeError as error:
            why = f"is damaged: it is no JSON from line {error.lineno}, column {error.colno} on"
        except ValueError:
            why = "is damaged: it is no text"
        raise InvalidError.of("FWF4012", why, file=str(path), hint=RESTORE) from None

    def read_values(self, path: Path) -> dict[str, Expr]:
        """Return the values by name that a JSON file of the run directory holds.

        Raises:
            InvalidError: it is missing or damaged.
        """
        try:
            return msgspec.convert(self.read_json(path), dict[str, Expr])
        except (msgspec.ValidationError, RecursionError) as error:
            raise InvalidError.of(
                "FWF4012", f"is damaged: {error}", file=str(path), hint=RESTORE
            ) from None

    def write_json(self, path: Path, value: Any) -> None:
        """Write a JSON file at once: it is whole or absent."""
        data = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        self.write_bytes(path, msgspec.json.format(data, indent=1) + b"\n")

    def write_bytes(self, path: Path, data: bytes) -> None:
        """Write a file of the run directory at once.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        try:
            write_file(path, data)
        except OSError as error:
            raise EnvironmentFault.refused(error, file=str(path)) from None

    def copy_sources(self, main: str | None, others: Iterable[str]) -> tuple[list[str], str | None]:
        """Copy the source documents, so that a later change does not matter.

        Returns the paths of the copies relative to the run directory, main first, and the folder
        that they were relative to. Files outside that folder are copied under ``outside/``.
        """
        paths = [Path(p).resolve() for p in dict.fromkeys([*([main] if main else []), *others])]
        paths = [p for p in paths if p.is_file()]
        if not paths:
            return [], None
        base = Path(os.path.commonpath([str(p.parent) for p in paths]))
        copies = []
        for path in paths:
            target = self.source / path.relative_to(base)
            try:
                copy_file(path, target)
            except OSError as error:
                read = error.filename == str(path) and error.errno not in _NO_ROOM
                raise EnvironmentFault.refused(error, file=str(path if read else target)) from None
            copies.append(target.relative_to(self.root).as_posix())
        return copies, str(base)

    def changed_sources(self) -> dict[str, str]:
        """Return the copies of the source documents that were changed or removed since the run.

        By the absolute paths of the originals.
        """
        said = self.read_description()
        changed: dict[str, str] = {}
        base = said.get("source_base")
        if not isinstance(base, str):
            return changed
        for name in said.get("source_copies", []):
            original, copy = Path(base) / Path(name).relative_to(self.source.name), self.root / name
            try:
                same = filecmp.cmp(original, copy, shallow=False)
            except OSError:
                same = False
            if not same and copy.is_file():
                changed[str(original)] = str(copy)
        return changed

    # --- requests -----------------------------------------------------------------------------

    def request(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Leave a request for the engine: ``approval``, ``event`` or ``cancel``."""
        self.requests.mkdir(exist_ok=True)
        path = self.requests / f"{kind}-{file_name(key)}.json"
        self.write_json(path, {"kind": kind, "key": key, **body})

    def read_requests(self) -> list[dict[str, Any]]:
        """Return the requests that are there, in order of their names."""
        found = []
        for path in sorted(self.requests.glob("*.json")):
            body = self.read_json(path)
            if isinstance(body, dict) and "kind" in body and "key" in body:
                found.append(body)
        return found

    def read_request(self, kind: str, key: str) -> dict[str, Any] | None:
        """Return a request that is there and not served yet."""
        path = self.requests / f"{kind}-{file_name(key)}.json"
        body = self.read_json(path) if path.is_file() else None
        return body if isinstance(body, dict) else None

    def forget_request(self, kind: str, key: str) -> None:
        """Remove a request that was served."""
        (self.requests / f"{kind}-{file_name(key)}.json").unlink(missing_ok=True)


def file_name(key: str) -> str:
    """Return a file name for a key: readable, safe, and different for different keys."""
    plain = _UNUSUAL.sub("_", key).strip("._")[:60]
    if plain and plain == key:
        return plain
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{plain or 'task'}-{digest}"


_LINGERING_S = 5.0


class Lock:
    """The right to work on a run directory; the system takes it back when the holder dies."""

    def __init__(self, run: RunDir) -> None:
        """Take the lock.

        Raises:
            InvalidError: another process holds it.
        """
        self._file = os.open(run.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not self._taken():
            holder = self._holder()
            os.close(self._file)
            raise InvalidError.of(
                "FWF4013",
                f"another engine (process {holder or 'unknown'}) is working on this run",
                file=str(run.root),
                hint="wait for it, or `fairwf cancel` it",
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def _taken(self) -> bool:
        """Take the lock; what a killed holder had just forked may have it for a moment."""
        deadline = time.monotonic() + _LINGERING_S
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except OSError:
                if time.monotonic() > deadline or _lives(self._holder()):
                    return False
            time.sleep(0.02)

    def _holder(self) -> str:
        return os.pread(self._file, 64, 0).decode("ascii", "replace").strip()

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._file)


def _lives(process: str) -> bool:
    """Tell whether a process is there, or may be there on another machine."""
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True


def locked(run: RunDir) -> bool:
    """Tell whether an engine (of another process) is working on the run."""
    try:
        handle = os.open(run.lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # no engine was there, or this user may not see which
        return False
    try:
        # Shared, so that nothing needs to be writable, and who looks is not taken for an engine.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
    finally:
        os.close(handle)
