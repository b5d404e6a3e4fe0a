"""The digest of a task: its process, what a step says over it, and its inputs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from fairwf.engine.evaluate.reading import file_uri
from fairwf.engine.expansion.world import TaskCall
from fairwf.engine.journal.facts import Literals, literals
from fairwf.ir.canonical import content_hash

_MOST_HEADS = 256
_ENCODER = msgspec.json.Encoder(order="deterministic")


class Digests:
    """Computes digests; what holds for all tasks of a step is computed once."""

    def __init__(self, run_dir: Path) -> None:
        # What lies in the run directory is the same wherever that is.
        self._anywhere = f'"{file_uri(run_dir)}/'.encode(), b'"run:'
        self._hashes: dict[int, tuple[object, str]] = {}
        self._heads: dict[tuple[int, int, int], tuple[TaskCall, Any]] = {}

    def of(self, call: TaskCall, inputs: Literals) -> str:
        """Return the digest of a task; ``inputs`` are those of the call."""
        parts = id(call.process), id(call.resources), id(call.environment)
        known = self._heads.get(parts)
        if known is None:
            if len(self._heads) == _MOST_HEADS:
                self._heads.clear()
            known = self._heads[parts] = (call, hashlib.sha256(self._head(call)))
        rest = _ENCODER.encode([inputs, literals(call.keys) if call.keys else {}])
        digest = known[1].copy()
        digest.update(rest.replace(*self._anywhere)[1:])
        text: str = digest.hexdigest()
        return text

    def _head(self, call: TaskCall) -> bytes:
        """What the texts of all tasks of a step begin with: one array, up to its last items."""
        known = self._hashes.get(id(call.process))
        if known is None:
            if len(self._hashes) == _MOST_HEADS:
                self._hashes.clear()
            known = self._hashes[id(call.process)] = (call.process, content_hash(call.process))
        head = _ENCODER.encode([known[1], call.resources, call.environment])
        return head.replace(*self._anywhere)[:-1] + b","
