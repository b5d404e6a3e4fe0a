"""Which site runs which step.

A pattern is a path of step ids from the outermost workflow, ``rounds/train``: in a step id, ``*``
stands for any text and ``?`` for one character; the part ``**`` stands for any steps. A part may
end in an item of its scatter or a key, as ``train[0]``. What a pattern names goes with all that is
inside of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.expansion.world import Segment, segments
from fairwf.ir.codec import Root
from fairwf.ir.instance import Instance
from fairwf.ir.workflow import Operation, Process, ProcessRef, Workflow

_MOST_KNOWN = 10_000


class Bindings:
    """The sites of steps, by the patterns of a deployment that has sites."""

    def __init__(self, deployment: Deployment) -> None:
        self._patterns = [(Pattern(text), site) for text, site in deployment.steps.items()]
        self.default = deployment.default or next(iter(deployment.sites))
        self._of = lru_cache(_MOST_KNOWN)(self._find)

    def site(self, key: str) -> str:
        """Return the name of the site that runs what has this key in the journal."""
        return self._of(key)

    def _find(self, key: str) -> str:
        path = list(segments(key))
        return next((site for known, site in self._patterns if known.fits(path)), self.default)

    def sites(self, steps: Sequence[str]) -> Iterator[str]:
        """Yield the sites that may run a step of this path, whatever the item."""
        path = [Segment(step) for step in steps]
        for known, site in self._patterns:
            if known.may_fit(path):
                yield site
                if not known.of_items:
                    return
        yield self.default


class Pattern:
    """One pattern."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts: list[tuple[re.Pattern[str], re.Pattern[str]] | None] = []
        self.of_items = False
        for part in text.split("/"):
            if part == "**":
                self._parts.append(None)
                continue
            name, brace, rest = part.partition("[")
            if not brace:
                name, brace, rest = part.partition("{")
            self.of_items = self.of_items or bool(brace)
            marks = _glob(brace + rest) + (r"(?:[\[{].*)?" if brace else ".*")
            self._parts.append((_compiled(_glob(name)), _compiled(marks)))

    def fits(self, path: Sequence[Segment]) -> bool:
        """Tell whether the pattern names this, or something around it."""
        return self._fit(0, path, 0, items=True)

    def may_fit(self, path: Sequence[Segment]) -> bool:
        """Tell the same of a path without items: whether one of them would fit."""
        return self._fit(0, path, 0, items=False)

    def _fit(self, at: int, path: Sequence[Segment], place: int, items: bool) -> bool:
        if at == len(self._parts):
            return True
        part = self._parts[at]
        if part is None:
            last = len(path) - (at == len(self._parts) - 1)
            return any(self._fit(at + 1, path, next_, items) for next_ in range(place, last + 1))
        if place == len(path):
            return False
        here = path[place]
        if not part[0].fullmatch(here.step) or (items and not part[1].fullmatch(here.item)):
            return False
        return self._fit(at + 1, path, place + 1, items)


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)


def _glob(text: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in text)


def steps_of(root: Root) -> Iterator[tuple[tuple[str, ...], Process | None]]:
    """Yield the path of each step that can be seen, with what it runs.

    None for a task of an instance, and for a process that is made while the run goes on, or of
    which no definition is found.
    """
    if isinstance(root, Instance):
        for name in dict.fromkeys(root.tasks.id):
            yield (name,), None
    elif isinstance(root, Workflow):
        yield from _steps(root, (), ({},))
    else:
        yield (root.id or "main",), root


def _steps(
    workflow: Workflow, path: tuple[str, ...], around: tuple[Mapping[str, Process], ...]
) -> Iterator[tuple[tuple[str, ...], Process | None]]:
    known = (workflow.processes, *around)
    for step in workflow.steps:
        here = (*path, step.id)
        run: Process | None
        level = known
        if isinstance(step.run, ProcessRef):
            name = step.run.name
            place = next((n for n, each in enumerate(known) if name in each), None)
            run = None if place is None else known[place][name]
            level = () if place is None else known[place:]
        else:
            run = step.run
        made = isinstance(run, Operation) and run.generator is not None
        yield here, None if made else run
        if isinstance(run, Workflow) and len(here) < _DEEPEST:
            yield from _steps(run, here, level)


_DEEPEST = 100


def names_something(pattern: str, paths: Sequence[tuple[tuple[str, ...], Process | None]]) -> bool:
    """Tell whether a pattern names a step, or may name one that is made while the run goes on."""
    known = Pattern(pattern)
    parts = pattern.split("/")
    for path, run in paths:
        if known.may_fit([Segment(step) for step in path]):
            return True
        if run is None and len(parts) > len(path):
            outer = Pattern("/".join(parts[: len(path)]))
            if outer.may_fit([Segment(step) for step in path]):
                return True
    return False
