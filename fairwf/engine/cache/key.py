"""The key of a task: everything that its result may depend on, as one digest.

That is the process without its documentation (arguments, expressions, staging, environment,
resources, ports), the values of the inputs with files by what they are, what the expressions see as
``runtime``, the image that it runs in, and the program that it starts.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from fairwf.engine.cache.identity import Identities, UnidentifiedError
from fairwf.engine.evaluate.reading import path_of_location
from fairwf.engine.facts import literals
from fairwf.engine.task.request import TaskRequest
from fairwf.ir.canonical import plain_bytes, to_plain
from fairwf.ir.expressions import StringLit
from fairwf.ir.workflow import Command, Script

VERSION = "1"
"""Part of each key: raised whenever the same task may give something else."""

_SAID_ONLY = ("id", "label", "doc", "intent", "metadata")


_COMMAND = ("arguments", "body", "interpreter", "stdin", "stdout", "stderr", "kind")
_PORTS = ("inputs", "outputs")


class TaskKey(NamedTuple):
    """The key of a task, and a digest of each part of it by name: what makes it differ."""

    text: str
    parts: dict[str, str]


class Keys:
    """Computes keys; what holds for all tasks of a process is computed once."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._processes: dict[int, tuple[object, Any]] = {}
        self._programs: dict[str, str | None] = {}

    def of(self, request: TaskRequest, image: str | None) -> TaskKey:
        """Return the key of a task; ``image`` is the digest of what it runs in, if anything.

        Raises:
            UnidentifiedError: a file that it needs cannot be read.
        """
        whole = {
            "version": VERSION,
            "process": self._process(request.process),
            "inputs": self._plain(literals(request.inputs)),
            "keys": self._plain(literals(request.keys)),
            "resources": self._plain(request.resources),
            "environment": self._plain(request.environment),
            "runtime": [request.cores, request.ram_mib, request.tmp_mib, request.out_mib],
            "attempt": request.attempt,
            "image": image,
            "program": self._program(request.process) if image is None else None,
        }
        return TaskKey(hashlib.sha256(plain_bytes(whole)).hexdigest(), _parts(whole))

    def _process(self, process: Command | Script) -> Any:
        known = self._processes.get(id(process))
        if known is None:
            plain = {k: v for k, v in to_plain(process).items() if k not in _SAID_ONLY}
            for side in ("inputs", "outputs"):
                plain[side] = [
                    {k: v for k, v in port.items() if k not in ("label", "doc")}
                    for port in plain.get(side, ())
                ]
            known = self._processes[id(process)] = (process, self._identified(plain))
        return known[1]

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: self._plain(item) for name, item in value.items()}
        return self._identified(to_plain(value)) if isinstance(value, msgspec.Struct) else value

    def _identified(self, plain: Any) -> Any:
        """Plain JSON with files and folders by what they are, not where."""
        if isinstance(plain, list):
            return [self._identified(item) for item in plain]
        if not isinstance(plain, dict):
            return plain
        kind = plain.get("kind")
        if kind == "file" or (kind == "directory" and "type" not in plain):
            return self._entry(plain)
        return {name: self._identified(item) for name, item in plain.items()}

    def _entry(self, plain: dict[str, Any]) -> Any:
        location = plain.get("location") or plain.get("path")
        shown = {
            name: self._identified(plain[name])
            for name in ("kind", "basename", "format", "secondary")
            if plain.get(name)
        }
        if location is None:
            for name in ("contents", "listing"):
                shown[name] = self._identified(plain.get(name))
            return shown
        path = path_of_location(location)
        if path is None:
            raise UnidentifiedError(f"{location!r:.120} is not on this machine")
        return {**shown, "is": self._identities.of(path)}

    def _program(self, process: Command | Script) -> str | None:
        """What the program is, where the document names it: a newer one may do something else."""
        name = None
        if isinstance(process, Script):
            name = process.interpreter[0] if process.interpreter else None
        elif process.arguments and isinstance(process.arguments[0].value, StringLit):
            name = process.arguments[0].value.value
        if name is None:
            return None
        if name not in self._programs:
            path = shutil.which(name)
            self._programs[name] = self._identities.of(Path(path)) if path else None
        return self._programs[name]


def _parts(whole: dict[str, Any]) -> dict[str, str]:
    process = whole["process"]
    command = {name: process[name] for name in _COMMAND if name in process}
    ports = {name: process[name] for name in _PORTS if name in process}
    apart = (*_COMMAND, *_PORTS, "environment", "resources")
    parts = {
        "command": command,
        "ports": ports,
        "definition": {n: v for n, v in process.items() if n not in apart},
        "environment": [process.get("environment"), whole["environment"]],
        "resources": [process.get("resources"), whole["resources"], whole["runtime"]],
        **{name: whole[name] for name in ("keys", "attempt", "image", "program", "version")},
        **{f"input:{name}": value for name, value in whole["inputs"].items()},
    }
    return {n: hashlib.sha256(plain_bytes(part)).hexdigest()[:24] for n, part in parts.items()}
