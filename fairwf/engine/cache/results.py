"""Results of tasks, looked up before they run and kept when they have."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from fairwf.engine.cache.identity import CacheKey, Identities, UnidentifiedError
from fairwf.engine.cache.key import Keys, TaskKey
from fairwf.engine.cache.store import (
    DamagedError,
    Entry,
    ForeignError,
    Making,
    Store,
    check_relative,
)
from fairwf.engine.evaluate import Bindings, EvaluationError, Evaluator
from fairwf.engine.evaluate.reading import file_uri, path_of_location
from fairwf.engine.facts import Done, Literals
from fairwf.engine.relocation import relocated
from fairwf.engine.replay import files_in
from fairwf.engine.task.containers import enter
from fairwf.engine.task.faults import Computing, failed
from fairwf.engine.task.request import TaskRequest
from fairwf.ir.expressions import File
from fairwf.report import FairwfError, Report

_SCHEME = "cache:"


@dataclass(frozen=True)
class Kept:
    """A result of an earlier task, with its files in this task's folder."""

    entry: Entry
    outputs: Literals


class TaskCache:
    """The cache of one run.

    ``run`` is the run's id, ``workflow`` names what is run, also when that is edited. ``note``
    hears of entries that cannot be used, each kind once.
    """

    def __init__(
        self,
        folder: Path,
        by: CacheKey,
        *,
        own: Path,
        run: str,
        workflow: str,
        evaluator: Evaluator,
        note: Callable[[Report], None],
    ) -> None:
        """Open the cache folder.

        Raises:
            EnvironmentFault: it cannot be written.
        """
        self._store = Store(folder)
        self._folder = folder
        self._identities = Identities(by, [own])
        self._keys = Keys(self._identities)
        self._run = run
        self._workflow = workflow
        self._evaluator = evaluator
        self._note = note
        self._damaged: set[str] = set()
        self._foreign: set[str] = set()

    def key(self, request: TaskRequest) -> TaskKey | None:
        """Return the key of a task; None where its result must not, or cannot, be used again.

        Raises:
            TaskFailed: FWF4002, whether it may be is not to be computed.
        """
        process = request.process
        if request.secrets.touches(request.inputs):
            return None
        libraries = request.libraries or process.libraries
        scope = Bindings(inputs=request.inputs, keys=request.keys)
        computing = Computing(self._evaluator, scope, libraries, request.origins)
        if process.in_place or not self._allowed(request, computing):
            return None
        try:
            inside = enter(request, computing, Report())
            image = None if inside is None else inside.digest or inside.image
            return self._keys.of(request, image)
        except (FairwfError, UnidentifiedError, EvaluationError):
            return None  # preparing the task will say why

    def _allowed(self, request: TaskRequest, computing: Computing) -> bool:
        said = request.process.cacheable
        if isinstance(said, bool):
            return said
        value = computing.value(said, "whether the result can be used again")
        if isinstance(value, bool):
            return value
        message = "whether the result can be used again is true or false"
        raise failed("FWF4002", message, request.origins, said, request.process)

    def because(self, key: TaskKey, request: TaskRequest) -> tuple[str, ...]:
        """Return why there is no result of a task: the parts of its key that have changed.

        ``first``: no task of this place in this workflow has left one; ``gone``: it was removed.
        """
        before = self._store.parts(self._place(request))
        if before is None:
            return ("first",)
        names = sorted({*before, *key.parts})
        return tuple(n for n in names if before.get(n) != key.parts.get(n)) or ("gone",)

    def _place(self, request: TaskRequest) -> str:
        return f"{self._workflow}\0{request.id}"

    def find(self, key: str, request: TaskRequest) -> Kept | None:
        """Return a kept result, its files copied into the task's folder; None if there is none.

        What is damaged or another user's is told of and counts as missing.
        """
        try:
            entry = self._store.load(key)
            if entry is None:
                return None
            folder = Path(request.folder)
            self._store.restore(entry, folder)
            outputs = relocated(entry.outputs, lambda said: _restored(said, folder))
        except DamagedError as error:
            self._damaged.add(key)
            self._tell(f"a kept result of {entry_name(request)} is damaged: {error}", "it is made")
        except ForeignError:
            self._foreign.add(key)
            text = f"kept results of {entry_name(request)} belong to another user"
            self._tell(text, "they are not used; name a cache folder of your own")
        except OSError as error:
            self._tell(f"a kept result cannot be copied: {error.strerror}", "the task runs")
        else:
            self._learn(outputs)
            return Kept(entry, outputs)
        shutil.rmtree(request.folder, ignore_errors=True)
        return None

    def keep(self, task_key: TaskKey, request: TaskRequest, done: Done) -> None:
        """Keep the result of a task that ended well. A full disk is told of, and no failure."""
        key = task_key.text
        self._learn(done.outputs)
        if key in self._foreign:
            return
        try:
            with self._store.making() as making:
                outputs = _collected(making, Path(request.folder), done.outputs)
                if outputs is None or any(map(request.secrets.in_file, making.paths)):
                    return
                entry = Entry(
                    key=key,
                    run=self._run,
                    process=done.process,
                    kept=done.ended or "",
                    outputs=outputs,
                    command=done.command,
                    exit_code=done.exit_code,
                    container=done.container,
                    container_digest=done.container_digest,
                    folders=making.folders,
                    files=making.files,
                )
                self._store.finish(making, entry, key in self._damaged)
                self._store.note_parts(self._place(request), task_key.parts)
        except OSError as error:
            text = f"results cannot be kept: {error.strerror}"
            self._tell(text, "the run goes on without the cache")

    def _learn(self, outputs: Literals) -> None:
        for value in outputs.values():
            for each in files_in(value):
                sha256 = each.extensions.get("fairwf", {}).get("sha256")
                path = path_of_location(each.location) if each.location is not None else None
                if isinstance(each, File) and path is not None and isinstance(sha256, str):
                    self._identities.learn(path, sha256)

    def _tell(self, message: str, hint: str) -> None:
        report = Report()
        report.add("FWF4032", message, file=str(self._folder), hint=hint)
        self._note(report)


def entry_name(request: TaskRequest) -> str:
    """Return what a task is called in messages."""
    return repr(request.process.id or request.id)


def _collected(making: Making, folder: Path, outputs: Literals) -> Literals | None:
    """Copy what outputs name; None where something has changed since it was collected."""
    names: dict[str, str] = {}
    for value in outputs.values():
        for each in files_in(value):
            path = path_of_location(each.location) if each.location is not None else None
            if each.location is None or path is None or each.location in names:
                continue
            inside = path.is_relative_to(folder)
            name = path.relative_to(folder).as_posix() if inside else _outside(len(names), path)
            for part in sorted(path.iterdir()) if name == "." else [path]:
                making.add(part, part.name if name == "." else name)
            names[each.location] = name
            sha256 = each.extensions.get("fairwf", {}).get("sha256")
            if isinstance(each, File) and sha256 not in (None, making.digest(name)):
                return None
    return relocated(outputs, lambda said: _SCHEME + quote(names[said]) if said in names else said)


def _outside(number: int, path: Path) -> str:
    return f".fairwf-inputs/{number}/{path.name}"


def _restored(location: str, folder: Path) -> str:
    if not location.startswith(_SCHEME):
        if path_of_location(location) is not None:
            raise DamagedError(f"the location {location!r:.200} leaves the entry")
        return location
    name = unquote(location[len(_SCHEME) :])
    if name == ".":
        return file_uri(folder)
    check_relative(name)
    return file_uri(folder / name)
