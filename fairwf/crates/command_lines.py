"""Command lines of a run as its crate tells them: without the folders of the computer.

Files that the crate holds are named by their path in it, other files of the run by their path in
the run's folder, those of the task's own folder by their name there. Of other paths, what leads to
the workflow's folder, a home or temporary files is ``$WORKFLOW``, ``$HOME`` or ``$TMPDIR``.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Mapping

from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.walk import nodes
from fairwf.trace.commands import path_of
from fairwf.trace.run import Task

MOST_SHOWN = 2000
"""How many characters of a command line an action tells."""
_MOST_SOUGHT = 256
"""Of how many files a task's paths are sought inside of words; whole words are always known."""
_STARTS = r"(?:(?<![\w./~$-])|(?<=\s-[A-Za-z]))"
_ENDS = r"(?![\w-]|\.\w)"
_TEMPORARY = r"(?:(?:/private)?(?:/var)?/tmp|/var/folders/[^/\s'\"]+/[^/\s'\"]+/T)"
_HOME = re.compile(
    rf"{_STARTS}(?:/root|(?:/[\w.+-]+)*?/(?:home|homes|users|Users)/[^/\s'\":;,]+){_ENDS}"
)
_TEMP = re.compile(rf"{_STARTS}{_TEMPORARY}(?=/)")


class CommandLines:
    """Makes the texts of one run. ``folder`` is the run's; ``place`` finds files in the crate.

    ``base`` is where the workflow came from.
    """

    def __init__(
        self,
        folder: str | None,
        place: Callable[[File | Directory], str | None],
        base: str | None = None,
    ) -> None:
        self._folder = folder.rstrip("/") if folder else None
        base = base.rstrip("/") if base else None
        # A home, or a folder of the system, is no folder of a workflow's own.
        own = base is not None and base.count("/") > 1 and not _HOME.fullmatch(base)
        self._base = re.compile(rf"{_STARTS}{re.escape(base)}{_ENDS}") if own and base else None
        self._place = place

    def shown(self, task: Task, most: int | None = MOST_SHOWN) -> str | None:
        """Return the command line of a task, of at most so many characters; None without one."""
        if not task.command:
            return None
        paths = self._paths(task.inputs)
        words: list[str] = []
        left = most
        for word in task.command:
            words.append(shlex.quote(self._named(word, paths, task)))
            if left is not None:
                left -= len(words[-1]) + 1
                if left < 0:
                    break
        line = self._general(" ".join(words))
        whole = len(words) == len(task.command) and (most is None or len(line) <= most)
        return line if whole else line[:most] + " ..."

    def text(self, text: str, task: Task | None = None) -> str:
        """Return a message with paths as command lines name them."""
        paths = self._paths(task.inputs) if task is not None else {}
        return self._general(self._named(text, paths, task))

    def _paths(self, inputs: Mapping[str, Expr]) -> dict[str, str]:
        """Return the path in the crate of each input that is in it, by the path that it had."""
        found: dict[str, str] = {}
        for value in inputs.values():
            of_value: list[File | Directory] = [*nodes(value, File)]
            of_value += nodes(value, Directory)
            for node in of_value:
                path = self._absolute(node.location or node.path)
                place = self._place(node) if path is not None else None
                if path is not None and place is not None:
                    found[path] = place
        return found

    def _absolute(self, location: str | None) -> str | None:
        path = path_of(location)
        if path is None and location and self._folder and ":" not in location:
            return posixpath.join(self._folder, location)
        return path.rstrip("/") if path else None

    def _named(self, text: str, paths: Mapping[str, str], task: Task | None) -> str:
        if text in paths:
            return paths[text]
        if "/" not in text:
            return text
        if paths and len(paths) <= _MOST_SOUGHT:
            longest = "|".join(map(re.escape, sorted(paths, key=len, reverse=True)))
            text = re.sub(f"(?:{longest}){_ENDS}", lambda match: paths[match[0]], text)
            text = self._laid_out(text, paths)
        for folder in (task.folder if task is not None else None, self._folder):
            if folder:
                text = text.replace(f"{folder}/", "")
                text = re.sub(re.escape(folder) + _ENDS, ".", text)
        return text

    def _general(self, text: str) -> str:
        if self._base is not None:
            text = self._base.sub("$WORKFLOW", text)
        return _TEMP.sub("$TMPDIR", _HOME.sub("$HOME", text))

    def _laid_out(self, text: str, paths: Mapping[str, str]) -> str:
        """Name inputs that an engine laid out for the task, under their own names elsewhere."""
        by_base: dict[str, set[str]] = {}
        for path, place in paths.items():
            by_base.setdefault(posixpath.basename(path), set()).add(place)
            by_base.setdefault(posixpath.basename(place), set()).add(place)
        only = {base: next(iter(found)) for base, found in by_base.items() if len(found) == 1}
        if not only:
            return text
        roots = _TEMPORARY + (f"|{re.escape(self._folder)}/staged" if self._folder else "")
        bases = "|".join(map(re.escape, sorted(only, key=len, reverse=True)))
        laid = rf"{_STARTS}(?:{roots})/(?:[^/\s'\"]+/)+({bases}){_ENDS}"
        return re.sub(laid, lambda match: only[match[1]], text)
