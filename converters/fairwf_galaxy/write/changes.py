"""What reads in another form than it had, told of each step, port and process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from fairwf.ir.walk import walk
from fairwf.ir.workflow import Step, Workflow
from fairwf_galaxy.write.annotations import kept_of
from fairwf_galaxy.write.failures import CannotSayError

if TYPE_CHECKING:
    from fairwf_galaxy.write.normalize import Ledger


def changes(before: Workflow, after: Workflow, ledger: Ledger) -> None:
    """Tell of what changed.

    Raises:
        CannotSayError: a step of known types would be mapped over other lists than it was.
    """
    new = dict(walk(after))
    for path, node in walk(before):
        if isinstance(node, Step):
            _scatter(node, new.get(path))
    _told(before, after, ledger)


def _scatter(step: Step, again: msgspec.Struct | None) -> None:
    if not isinstance(again, Step):
        return
    if step.scatter is None and again.scatter is not None:
        raise CannotSayError(
            f"Galaxy would map the step {step.id!r:.60} over a list that it is given whole", step
        )


def _told(before: Workflow, after: Workflow, ledger: Ledger) -> None:
    old, new = dict(walk(before)), dict(walk(after))
    told: set[str] = set()
    for path, node in old.items():
        part = _part(path)
        if part is None or part in told or part not in old:
            continue
        other = new.get(path)
        if other is None or _shallow(node) != _shallow(other) or _rekeyed(node, other):
            told.add(part)
            kind, name = part.rsplit("/", 2)[-2:]
            text = f"the {_KINDS[kind]} {name!r:.60} is put as Galaxy has it"
            ledger.tell("FWF3002", text, old[part])


_KINDS = {"steps": "step", "inputs": "input", "outputs": "output", "processes": "process"}


def _part(path: str) -> str | None:
    parts = path.split("/")
    for end in range(len(parts), 1, -1):
        if parts[end - 2] in _KINDS:
            return "/".join(parts[:end])
    return None


def _rekeyed(node: msgspec.Struct, other: msgspec.Struct) -> bool:
    """Tell whether keys of Galaxy changed: a node that has none may get some."""
    kept = kept_of(node)
    return bool(kept) and dict(kept) != dict(kept_of(other))


def _shallow(node: msgspec.Struct) -> str:
    said = {}
    for field in msgspec.structs.fields(type(node)):
        value = getattr(node, field.name)
        if field.name == "extensions" or isinstance(value, msgspec.Struct):
            continue
        if isinstance(value, (tuple, dict)):
            items = value.values() if isinstance(value, dict) else value
            if any(isinstance(item, msgspec.Struct) for item in items):
                continue
        said[field.name] = value
    return repr((type(node).__name__, said))


_MADE = frozenset({"id", "name", "inputs", "outputs", "content_id", "errors", "type", "tool_state"})
"""Keys that Galaxy makes anew from others, and states, which gxformat2 says in its own way."""


def keys_left_out(before: Workflow, after: Workflow, ledger: Ledger) -> None:
    """Tell of the keys of Galaxy that gxformat2 has no place for."""
    new = dict(walk(after))
    for path, node in walk(before):
        kept = kept_of(node)
        other = new.get(path)
        if not kept or other is None:
            continue
        again = kept_of(other)
        for key, value in kept.items():
            if key in _MADE or value in (None, "", [], {}) or key.startswith("fairwf:"):
                continue
            if again.get(key) != value:
                text = f"gxformat2 has no place for {key!r:.60}, or says it in another way"
                ledger.tell("FWF3003", text, node, "extensions/galaxy")
