"""Looking at a run from outside, and asking things of the engine that works on it."""

from __future__ import annotations

import getpass
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from fairwf.engine.journal.facts import (
    AnyFact,
    Approved,
    Awaited,
    EventArrived,
    SessionEnded,
    SessionStarted,
    Started,
)
from fairwf.engine.journal.history import History
from fairwf.engine.places.rundir import RunDir, locked
from fairwf.report import UsageFault
from fairwf.source import did_you_mean
from fairwf.trace.run import PROGRAMS


class WaitingStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step that waits for an approval (``text`` is its prompt) or an event (its name).

    ``approved_by`` said yes already, and the engine is still to hear it.
    """

    key: str
    what: str
    text: str
    who: tuple[str, ...] = ()
    approved_by: str | None = None


class RunStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run stands. ``alive``: an engine is working on it now.

    ``counts`` are tasks, that is programs, by status; ``skipped`` are steps. ``reused`` are the
    ids of the runs whose results were taken from the cache, by task; ``sites`` the places of those
    that run, where the run has several.
    """

    run_id: str
    folder: str
    status: str
    alive: bool
    counts: dict[str, int]
    running: tuple[str, ...] = ()
    sites: dict[str, str] = {}
    failed: tuple[str, ...] = ()
    reused: dict[str, str] = {}
    waiting: tuple[WaitingStep, ...] = ()
    started: str | None = None
    ended: str | None = None
    error: str | None = None


def status(run_dir: Path | str) -> RunStatus:
    """Return where a run stands.

    Raises:
        InvalidError: the folder is no run directory, or is damaged.
    """
    directory = RunDir.open(Path(run_dir))
    alive = locked(directory)
    done: dict[str, tuple[str | None, bool]] = {}
    reused: dict[str, str] = {}
    running: dict[str, int] = {}
    first: SessionStarted | None = None
    ended: SessionEnded | None = None
    with History(directory) as history:
        for entry in history.entries():
            key = entry.key or ""
            if entry.fact == "session":
                fact = history.fact(entry.at)
                assert isinstance(fact, SessionStarted)
                first, ended = first or fact, None
                running.clear()
            elif entry.fact == "ended":
                fact = history.fact(entry.at)
                assert isinstance(fact, SessionEnded)
                ended = fact
            elif entry.fact == "started":
                running[key] = entry.at
            elif entry.fact == "done":
                running.pop(key, None)
                reused.pop(key, None)
                counted = entry.kind in PROGRAMS or entry.status == "skipped"
                done[key] = _SAME.setdefault(each := (entry.status, counted), each)
                if entry.reused is not None:
                    reused[key] = entry.reused
        awaited = _open_requests(directory, history)
        sites = _sites(history, running) if alive else {}
    counts = Counter(state for state, counted in done.values() if counted and state is not None)
    state = ended.status if ended is not None else "running" if alive else "interrupted"
    return RunStatus(
        run_id=directory.read_description()["id"],
        folder=str(directory.root),
        status=state,
        alive=alive,
        counts=dict(counts),
        running=tuple(running) if alive else (),
        sites=sites,
        failed=tuple(key for key, (state, _) in done.items() if state == "failed"),
        reused=reused,
        waiting=tuple(awaited.values()) if state in ("running", "waiting", "interrupted") else (),
        started=first.time if first is not None else None,
        ended=ended.time if ended is not None else None,
        error=ended.error if ended is not None else None,
    )


_SAME: dict[tuple[str | None, bool], tuple[str | None, bool]] = {}
"""What is said of tasks, each held once."""


def _sites(history: History, running: Mapping[str, int]) -> dict[str, str]:
    found = {}
    for key, at in running.items():
        fact = history.fact(at)
        if isinstance(fact, Started) and fact.site is not None:
            found[key] = fact.site
    return found


def _open_requests(directory: RunDir, history: History) -> dict[str, WaitingStep]:
    waits: dict[str, WaitingStep] = {}
    for fact in _facts(history, "awaited", "approved", "event"):
        if isinstance(fact, Awaited):
            waits[fact.key] = WaitingStep(
                key=fact.key,
                what=fact.what,
                text=fact.text,
                who=fact.who,
                approved_by=_approver(directory, fact.key) if fact.what == "approval" else None,
            )
        elif isinstance(fact, (Approved, EventArrived)):
            waits.pop(fact.key, None)
    return waits


def _facts(history: History, *tags: str) -> Iterator[AnyFact]:
    return (history.fact(entry.at) for entry in history.entries() if entry.fact in tags)


def _approver(directory: RunDir, key: str) -> str | None:
    request = directory.read_request("approval", key)
    return None if request is None else str(request.get("who") or "somebody")


def _approved(directory: RunDir) -> dict[str, str]:
    with History(directory) as history:
        facts = _facts(history, "approved")
        return {fact.key: fact.who or "somebody" for fact in facts if isinstance(fact, Approved)}


def cancel(run_dir: Path | str) -> None:
    """Ask the engine that works on a run to stop; the state is kept.

    Raises:
        InvalidError: the folder is no run directory.
        UsageFault: no engine is working on it.
    """
    directory = RunDir.open(Path(run_dir))
    if not locked(directory):
        raise UsageFault.of("FWF9001", "no engine is working on this run", file=str(run_dir))
    directory.request("cancel", "run", {})


def approve(run_dir: Path | str, step: str, who: str | None = None) -> None:
    """Say yes to a step that waits for it; the engine hears it at once, or when it resumes.

    Raises:
        InvalidError: the folder is no run directory.
        UsageFault: no such step waits for an approval, or somebody approved it before.
    """
    directory = RunDir.open(Path(run_dir))
    before = _approver(directory, step) or _approved(directory).get(step)
    if before is not None:
        raise UsageFault.of(
            "FWF9001",
            f"{step!r:.80} is already approved by {before}",
            file=str(run_dir),
            hint="an approval stands as it was given; `fairwf status` says what still waits",
        )
    _answer(Path(run_dir), "approval", step, {"who": who or _user()})


def send_event(run_dir: Path | str, name: str) -> None:
    """Tell a run that the event of this name arrived.

    Raises:
        InvalidError: the folder is no run directory.
        UsageFault: nothing waits for it.
    """
    _answer(Path(run_dir), "event", name, {})


def _answer(run_dir: Path, kind: str, key: str, body: dict[str, str]) -> None:
    directory = RunDir.open(run_dir)
    with History(directory) as history:
        waiting = _open_requests(directory, history)
    waits = {name: step for name, step in waiting.items() if step.what == kind}
    if key not in waits:
        hint = did_you_mean(key, waits) or (
            f"waiting: {', '.join(waits)}" if waits else "nothing waits"
        )
        raise UsageFault.of(
            "FWF9001", f"nothing waits for the {kind} {key!r:.80}", file=str(run_dir), hint=hint
        )
    directory.request(kind, key, body)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
