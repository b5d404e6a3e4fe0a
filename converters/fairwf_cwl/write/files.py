"""The files of a document: one, or one more for each process that steps run.

Tools lie in ``tools/``, workflows in ``workflows/``; steps that run the same process share a file.
Each file stands for itself: it says what it requires, and its locations count from its own folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from fairwf.document import Document
from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.workflow import Process, Workflow
from fairwf_cwl.write.comments import Comments
from fairwf_cwl.write.scripting import Scripting
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.versions import NEWEST
from fairwf_cwl.write.yaml_text import Commented, dump

_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")


Own = tuple[tuple[str, tuple[str, ...]], ...]
"""The comments inside a process."""


@dataclass(frozen=True)
class Sheet:
    """The file that a process is written into; ``folder`` is relative to the main file's.

    ``prefixes`` are those that the file itself declares: runners look for them at its top only.
    """

    values: Values
    comments: Comments
    version: str = NEWEST
    folder: str = ""
    files: Files | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Files:
    """The files beside the main one, by their paths relative to its folder."""

    values: Values
    comments: Comments
    document: Document
    trees: dict[str, Commented] = field(default_factory=dict)
    _texts: dict[tuple[str, Own], str] = field(default_factory=dict)
    _known: dict[tuple[bytes, Scripting | None, Own], str] = field(default_factory=dict)

    def run(
        self,
        process: Process,
        outer: Scripting | None,
        path: str,
        sheet: Sheet,
        write: Callable[[Sheet], Commented],
    ) -> str:
        """Write what the step around ``path`` runs; return its file relative to ``sheet``."""
        folder = "workflows" if isinstance(process, Workflow) else "tools"
        key = (canonical_bytes(process), outer, self.comments.inside(path))
        name = self._known.get(key)
        if name is not None:
            self.comments.drop(path)
        else:
            name = self._free(folder, self._stem(process, path))
            self.trees[name] = Commented()  # the name is taken before those of its own steps are
            tree = write(replace(sheet, values=self.values.below(folder), folder=folder))
            name = self._settle(name, tree, path)
            self._known.setdefault(key, name)
        return posixpath.relpath(name, sheet.folder or ".")

    def _settle(self, name: str, tree: Commented, path: str) -> str:
        """Return the file that a tree goes into: one that is there where it says the same."""
        self.trees[name] = tree
        there = self._texts.setdefault((dump(tree), self.comments.inside(path)), name)
        if there != name:
            del self.trees[name]
            self.comments.drop(path)
        return there

    def _stem(self, process: Process, path: str) -> str:
        """Return the name of a process: its id, else its file's, else that of its step."""
        origins = self.document.origins
        span, main = origins.get(process), origins.get(self.document.workflow)
        file = span.file if span is not None and main is not None else ""
        own = Path(file).stem if main is not None and file != main.file else ""
        step = path.removesuffix("/run").rsplit("/", 1)[-1]
        for word in (process.id, own, step):
            stem = _OTHERS.sub("-", word).strip("-.")
            if stem:
                return stem[:100]
        return "tool"

    def _free(self, folder: str, stem: str) -> str:
        taken = {name.lower() for name in self.trees}
        name, number = f"{folder}/{stem}.cwl", 2
        while name.lower() in taken:
            name, number = f"{folder}/{stem}-{number}.cwl", number + 1
        return str(PurePosixPath(name))
