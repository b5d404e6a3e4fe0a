"""What an engine that died has left at a site: tasks that ended, whose ends nobody took."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from fairwf.atomic import write_file
from fairwf.engine.backends.bundles.bundle import Line
from fairwf.engine.backends.bundles.sizing import Load
from fairwf.engine.backends.bundles.stored import StoredAttempt, decode, encode, stored
from fairwf.engine.backends.sites.link import Link
from fairwf.engine.task import PreparedTask


class Ended(NamedTuple):
    """An attempt that ended, and the folder of its logs here."""

    attempt: StoredAttempt
    line: Line
    logs: str
    host: str
    bundle: str


def note_bundle(folder: Path, name: str, root: str, tasks: Sequence[PreparedTask]) -> None:
    """Note what is about to start, for a later engine of the run in ``root``.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    attempts = []
    for task in tasks:
        request = task.request
        assert request is not None
        load = Load(task.task_id, request.cores, task.gpus, task.time_limit_s, request.ram_mib)
        attempts.append(stored(task, request.digest, request.number, request.tmp, load))
    write_file(folder / f"{name}.json", encode(root, attempts))


def ended_there(folder: Path, root: str, link: Link) -> dict[str, Ended]:
    """Return the last attempt of each task that earlier engines started and that has ended there.

    Raises:
        LinkLost, Refused: of the connection.
    """
    found: dict[str, Ended] = {}
    paths = sorted(folder.glob("*.json"))
    told = link.ask("logs", names=[path.stem for path in paths]) if paths else []
    for path, lines in zip(paths, told, strict=True):
        try:
            record = decode(path.read_bytes())
            news = msgspec.convert(lines, list[Line])
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            continue
        if record.folder != root:
            continue
        host = next((line.host for line in news if line.k == "claim"), None) or ""
        for line in news:
            if line.k != "end" or line.stopped or line.cut:
                continue
            if not 0 <= line.i < len(record.attempts):
                continue
            attempt = record.attempts[line.i]
            before = found.get(attempt.key)
            if before is None or before.attempt.number < attempt.number:
                logs = f"{root}/logs/{Path(attempt.cwd).name}"
                found[attempt.key] = Ended(attempt, line, logs, host, path.stem)
    return found
