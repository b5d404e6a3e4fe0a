"""Running a packaged run again, from the crate alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from fairwf.crates.read import Crate
from fairwf.entities.reading import values
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.iris import file_path, is_web
from fairwf.ir.values import Value
from fairwf.report import InvalidError
from fairwf.source import in_tree
from fairwf.trace import Run
from fairwf.verify.compare import Outcome, Rules, compare
from fairwf.verify.packaged import packaged_outputs
from fairwf.verify.remarks import Whole, remarks, verdict_of

JOB = "examples/job.json"
"""The job file of our own crates."""


@dataclass(frozen=True)
class Rerun:
    """A run of a packaged run, and how its outputs compare with those that the crate holds.

    ``verdict`` is same, equivalent or different; ``remarks`` say so in the new run's own crate.
    """

    run: Run
    outcomes: tuple[Outcome, ...]
    verdict: Whole
    remarks: tuple[Mapping[str, Any], ...]


def rerun(crate: Crate, again: Callable[[], Run], rules: Rules) -> Rerun:
    """Run a packaged run again and compare every output.

    Args:
        crate: the open crate.
        again: runs it.
        rules: what counts as equivalent.

    Raises:
        InvalidError: the crate tells of no run, or the new run failed.
    """
    expected = packaged_outputs(crate)
    run = again()
    outputs: Mapping[str, Expr] = run.outputs if run.status == "completed" else {}
    outcomes = compare(expected, outputs, crate.open, path_of, rules)
    name = next((v for v in values(crate.root.get("name")) if isinstance(v, str)), crate.name)
    stated = values(crate.root.get("identifier"))
    identifier = next((v for v in stated if isinstance(v, str)), None)
    said = remarks(outcomes, name, sha256(crate.metadata).hexdigest(), identifier)
    return Rerun(run, tuple(outcomes), verdict_of(outcomes), said)


def path_of(location: str) -> Path | None:
    """Return the path on this machine that a location names, if it names one."""
    if location.startswith("file:"):
        named = file_path(location)
        return Path(named) if named is not None else None
    return None if not location or is_web(location) else Path(location)


def check_inside(given: Mapping[str, Value], folder: Path, name: str) -> None:
    """Make sure that a crate's job file names files of the crate only.

    Raises:
        InvalidError: it names another one (FWF5006).
    """
    pending: list[Value] = list(given.values())
    while pending:
        value = pending.pop()
        if isinstance(value, (File, Directory)):
            location = value.location or value.path or ""
            path = path_of(location)
            if path is not None and not in_tree(path, folder):
                raise InvalidError.of(
                    "FWF5006", f"the inputs name {location!r:.120}, outside of the crate", file=name
                )
            inside = value.secondary if isinstance(value, File) else value.listing or ()
            pending += list(inside)
        elif isinstance(value, Mapping):
            pending += list(value.values())
        elif isinstance(value, (list, tuple)):
            pending += list(value)
