"""Why the tasks of a step ran, were reused, or did not run: read from the journal and the document.

A reason has a ``code`` for programs and a text for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from fairwf.engine.expansion.world import path_of, quote
from fairwf.engine.journal.facts import (
    AnyFact,
    Approved,
    Awaited,
    Done,
    EventArrived,
    SessionEnded,
    Started,
    TimerSet,
    timestamp,
)
from fairwf.engine.journal.history import History
from fairwf.engine.journal.record import load_document
from fairwf.engine.journal.replay import files_in
from fairwf.engine.places.rundir import RunDir, locked
from fairwf.ir.expressions import Expr, Output
from fairwf.ir.instance import Instance
from fairwf.ir.walk import children
from fairwf.ir.workflow import Process, ProcessRef, Step, Workflow
from fairwf.report import UsageFault
from fairwf.source import did_you_mean

_NUMBERS = re.compile(r"([0-9]+)")
_WORDS = {
    "command": "its command changed",
    "ports": "its inputs or outputs are declared in another way",
    "definition": "its definition changed",
    "environment": "its environment changed",
    "resources": "the resources that it wants or gets changed",
    "keys": "the key that it was asked for changed",
    "attempt": "it is another try",
    "image": "the image of its container changed",
    "program": "its program is another one",
    "version": "the cache is of another version of fairwf",
}


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why something ran or did not.

    ``state``: completed, failed, skipped, cancelled, running, waiting, interrupted, or ``not run``.
    ``code``: ``first``, ``retried``, ``cut off``, ``changed``, ``outputs gone``, ``reused``,
    ``condition``, ``failed``, ``cancelled``, ``approval``, ``time``, ``upstream failed``,
    ``upstream``, ``resources``, ``engine``. ``changed`` are the parts of its key that did,
    ``cache_key`` is the key of its result in the cache, ``from_run`` the run that the result is of,
    ``upstream`` what failed or is waited for.
    """

    key: str
    state: str
    code: str
    text: str
    changed: tuple[str, ...] = ()
    cache_key: str | None = None
    from_run: str | None = None
    upstream: tuple[str, ...] = ()
    stderr: str | None = None


def why(run_dir: Path | str, step: str) -> list[Reason]:
    """Return why the tasks of a step ran or did not, one reason for each.

    ``step`` is the key of a task as ``fairwf status`` names it (``align[3]``), or the path of a
    step (``align``, ``sub/align``), which stands for all its items, rounds and keys.

    Raises:
        InvalidError: the folder is no run directory, or is damaged.
        UsageFault: there is no such step.
    """
    run = RunDir.open(Path(run_dir))
    return _Asked(run, step).reasons()


class _Told:
    """What the journal tells of one task, in order; ``cut`` where an engine ended meanwhile."""

    def __init__(self) -> None:
        self.before: Done | None = None
        self.last: Done | None = None
        self.begun: int | None = None
        self.cut = False
        self.due: float | None = None
        self.awaited: Awaited | None = None

    def take(self, fact: AnyFact) -> None:
        if isinstance(fact, Started):
            # the start of one that is handed over ahead may be told again when it follows
            self.cut = self.cut or self.begun not in (None, fact.attempt)
            self.begun = fact.attempt
        elif isinstance(fact, Done):
            self.before, self.last, self.begun = self.last, fact, None
        elif isinstance(fact, TimerSet):
            self.due = fact.due
        elif isinstance(fact, Awaited):
            self.awaited = fact
        elif isinstance(fact, (Approved, EventArrived)):
            self.awaited = None


class _Asked:
    """One question."""

    def __init__(self, run: RunDir, step: str) -> None:
        self._run = run
        self._step = step
        self._alive = locked(run)
        self._ended: SessionEnded | None = None
        self._root = load_document(run).workflow
        self._told: dict[str, _Told] = {}
        self._states: dict[str, str] = {}
        self._of_step: dict[str, list[str]] = {}

    def reasons(self) -> list[Reason]:
        """Answer it."""
        with History(self._run) as history:
            for entry in history.entries():
                if entry.fact == "session":
                    self._ended = None
                elif entry.fact == "ended":
                    fact = history.fact(entry.at)
                    assert isinstance(fact, SessionEnded)
                    self._ended = fact
                elif entry.key is not None:
                    if entry.fact in ("done", "started"):
                        self._states[entry.key] = entry.status or "running"
                    if self._is_meant(entry.key):
                        self._told.setdefault(entry.key, _Told()).take(history.fact(entry.at))
        for key in self._states:
            self._of_step.setdefault(path_of(key), []).append(key)
        if not self._told:
            return [self._without_a_trace()]
        return [self._of(key, self._told[key]) for key in sorted(self._told, key=_by_number)]

    def _is_meant(self, key: str) -> bool:
        return key == self._step or path_of(key) == self._step

    # --- what left a trace

    def _of(self, key: str, told: _Told) -> Reason:
        done = told.last
        if told.begun is not None:
            return self._begun(key, told)
        if done is None:
            return self._waiting(key, told)
        if done.status == "skipped":
            text = "skipped: its condition (`when`) is false"
            return Reason(key=key, state="skipped", code="condition", text=text)
        if done.status == "cancelled":
            text = "cancelled: the workflow no longer wanted it (`cancel`), or the run was ended"
            return Reason(key=key, state="cancelled", code="cancelled", text=text)
        if done.status == "failed":
            return self._failed(key, done)
        if done.reused is not None:
            text = (
                f"not run: its result was taken from the cache, as the run {done.reused} left it "
                f"(key {done.cache_key})"
            )
            return Reason(
                key=key, state="completed", code="reused", text=text,
                cache_key=done.cache_key, from_run=done.reused,
            )  # fmt: skip
        return self._ran(key, told, done)

    def _ran(self, key: str, told: _Told, done: Done) -> Reason:
        def ran(code: str, text: str, changed: Iterable[str] = ()) -> Reason:
            return Reason(
                key=key, state="completed", code=code, text=text,
                changed=tuple(changed), cache_key=done.cache_key,
            )  # fmt: skip

        before = told.before
        if before is not None and before.status == "failed":
            return ran("retried", f"ran again: attempt {before.attempt} failed: {before.error}")
        if before is not None and before.digest != done.digest:
            changed = [f"input:{name}" for name in _differing(before.inputs, done.inputs)]
            return ran("changed", f"ran again: {_words(changed, done)}", changed)
        if before is not None and before.status == "completed":
            return ran(
                "outputs gone", "ran again: files that it made were gone, or of another size"
            )
        if told.cut:
            return ran("cut off", "ran again: the engine had ended while it ran")
        if done.because in ((), ("first",)):
            more = "; the cache held no result of it" if done.because else ""
            return ran("first", f"ran: for the first time{more}")
        if done.because == ("uncached",):
            return ran("first", "ran: its result may not be used again, so the cache was not asked")
        if done.because == ("gone",):
            return ran("first", "ran: its result is no longer in the cache, or damaged there")
        return ran("changed", f"ran: {_words(done.because, done)}", done.because)

    def _failed(self, key: str, done: Done) -> Reason:
        code = f" ({done.code})" if done.code else ""
        stderr = str(self._run.root / done.stderr) if done.stderr else None
        text = f"failed{code}: {done.error}"
        return Reason(key=key, state="failed", code="failed", text=text, stderr=stderr)

    def _begun(self, key: str, told: _Told) -> Reason:
        if self._alive:
            text = f"runs now (attempt {told.begun})"
            return Reason(key=key, state="running", code="engine", text=text)
        text = (
            "was running when the engine ended; it runs again with "
            f"`fairwf resume {self._run.root}`"
        )
        return Reason(key=key, state="interrupted", code="cut off", text=text)

    def _waiting(self, key: str, told: _Told) -> Reason:
        if told.awaited is not None:
            who = f" by {', '.join(told.awaited.who)}" if told.awaited.who else ""
            text = f"waits for an approval{who}: {told.awaited.text}"
            return Reason(key=key, state="waiting", code="approval", text=text)
        if told.due is not None:
            text = f"waits until {timestamp(told.due)}"
            return Reason(key=key, state="waiting", code="time", text=text)
        return self._without_a_trace(key)

    # --- what left none

    def _without_a_trace(self, key: str | None = None) -> Reason:
        step, scope = self._found()
        key = key or self._step
        prefix = path_of(self._step).rpartition("/")[0]
        before = [f"{prefix}/{name}" if prefix else name for name in _needed(step)] if step else []
        roots = sorted({root for path in before for root in self._failures(path, scope, prefix)})
        if roots:
            text = f"did not run: what it needs has failed: {', '.join(roots[:5])}"
            return Reason(
                key=key, state="not run", code="upstream failed", text=text, upstream=tuple(roots)
            )
        open_ = [path for path in before if not self._is_over(path)]
        if open_:
            state = "waiting" if self._alive or self._waits else "not run"
            how = "waits" if state == "waiting" else "has not run: it waits"
            text = f"{how} for {', '.join(open_[:5])}"
            return Reason(key=key, state=state, code="upstream", text=text, upstream=tuple(open_))
        if self._alive:
            text = "waits for cores, memory, or its turn: all that it needs is there"
            return Reason(key=key, state="waiting", code="resources", text=text)
        if self._ended is not None and self._ended.status == "completed":
            text = "did not run: nobody asked for it, or it has no items"
            return Reason(key=key, state="not run", code="engine", text=text)
        how = self._ended.status if self._ended is not None else "ended by force"
        go_on = f"go on with `fairwf resume {self._run.root}`"
        text = f"has not run: the run was over before ({how}); {go_on}"
        return Reason(key=key, state="not run", code="engine", text=text)

    @property
    def _waits(self) -> bool:
        return self._ended is not None and self._ended.status == "waiting"

    def _found(self) -> tuple[Step | None, Workflow | None]:
        """Find the step that is asked for in the document."""
        if isinstance(self._root, Instance):
            if self._step in self._root.tasks.id:
                return None, None
            raise self._unknown(self._root.tasks.id)
        scope: Workflow | None = self._root if isinstance(self._root, Workflow) else None
        if scope is None:
            raise self._unknown([self._root.id or "main"])
        around: dict[str, Process] = {}
        step: Step | None = None
        inside = scope
        for name in path_of(self._step).split("/"):
            if scope is None:
                raise self._unknown([])
            around = {**around, **scope.processes}
            steps = {quote(each.id): each for each in scope.steps}
            step = steps.get(name)
            if step is None:
                raise self._unknown(steps)
            inside = scope
            process = around.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
            scope = process if isinstance(process, Workflow) else None
        return step, inside

    def _unknown(self, known: Iterable[str]) -> UsageFault:
        names = [*known, *self._states]
        return UsageFault.of(
            "FWF9001",
            f"the run has no step {self._step!r:.80}",
            file=str(self._run.root),
            hint=did_you_mean(self._step, names) or f"some that it has: {', '.join(names[:8])}",
        )

    def _failures(self, path: str, scope: Workflow | None, prefix: str) -> Iterator[str]:
        """Yield what failed first, among a step and what it needs."""
        stack, seen = [path], {path}
        steps = {quote(each.id): each for each in scope.steps} if scope is not None else {}
        while stack:
            one = stack.pop()
            keys = self._of_step.get(one, ())
            yield from [key for key in keys if self._states[key] == "failed"]
            step = steps.get(one.rpartition("/")[2])
            for name in _needed(step) if step is not None else ():
                more = f"{prefix}/{name}" if prefix else name
                if more not in seen:
                    seen.add(more)
                    stack.append(more)

    def _is_over(self, path: str) -> bool:
        states = [self._states[key] for key in self._of_step.get(path, ())]
        return bool(states) and all(state != "running" for state in states)


def _by_number(key: str) -> list[tuple[int, str]]:
    """Return what keys are sorted by, so that ``a[2]`` comes before ``a[10]``."""
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in _NUMBERS.split(key)]


def _needed(step: Step) -> list[str]:
    """Return the steps that a step refers to, or comes after."""
    found = {quote(name): None for name in step.after}
    stack = [child for path, child in children(step) if path != "run"]
    while stack:
        part = stack.pop()
        if isinstance(part, Output):
            found[quote(part.step)] = None
        stack.extend(child for path, child in children(part) if path != "run")
    return list(found)


def _differing(before: Mapping[str, Expr], after: Mapping[str, Expr]) -> list[str]:
    return [n for n in sorted({*before, *after}) if before.get(n) != after.get(n)]


def _words(changed: Iterable[str], done: Done) -> str:
    """Return in words what has changed."""
    words = []
    for part in changed:
        kind, _, name = part.partition(":")
        if kind != "input":
            words.append(_WORDS.get(part, f"{part} changed"))
            continue
        value = done.inputs.get(name)
        names = [each.basename for each in files_in(value) if each.basename] if value else []
        more = f" (the file {names[0]!r:.80})" if len(names) == 1 else ""
        words.append(f"its input {name!r:.80} changed{more}")
    return ", ".join(words) or "its process changed"
