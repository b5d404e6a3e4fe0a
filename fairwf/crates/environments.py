"""Files that say which software a workflow installs: ``buildInstructions`` of its steps.

Provenance Run Crate 0.5, "Software environments". Such a file is known by the IR
(:class:`fairwf.ir.environment.Conda`) or by what the format's reader says of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from fairwf.crates.prospective import Plan, Tool
from fairwf.crates.sources import Sources, crate_path
from fairwf.entities.identifiers import quote_path, ref, refs
from fairwf.ir.workflow import Command, Script

TERM = {"buildInstructions": "https://codemeta.github.io/terms/buildInstructions"}
"""RO-Crate has the term from 1.2 on."""
_CONDA = (
    "https://conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html"
    "#create-env-file-manually"
)


class Environments:
    """The environment files of a crate, and the tools whose software they are about."""

    def __init__(self, sources: Sources, plan: Plan) -> None:
        self._of: dict[str, str] = {}
        """The file by the id of the tool, and of each step that runs it."""
        environments = {p: part for p, part in sources.known.items() if part.kind == "environment"}
        of_process = {name: place for place, p in environments.items() for name in p.processes}
        self._about: dict[str, list[str]] = {place: [] for place in environments}
        for tool in plan.main.all():
            place = _place(tool, sources) or of_process.get(tool.process.id or "")
            if place is not None:
                self._of[tool.id] = place
                self._about.setdefault(place, []).append(tool.id)
        for tool in plan.main.all():
            ran = {step.id: self._of.get(step.tool.id) for step in tool.steps.values()}
            self._of |= {step: place for step, place in ran.items() if place is not None}

    def __bool__(self) -> bool:
        return bool(self._of)

    def instructions(self, identifier: str) -> dict[str, Any]:
        """Return the property of a step, or of the main workflow where it is a tool itself."""
        place = self._of.get(identifier)
        return {"buildInstructions": ref(quote_path(place))} if place is not None else {}

    def facts(self, place: str) -> dict[str, Any]:
        """Return what is told of a file beside its size: nothing, where it is no environment."""
        if place not in self._about:
            return {}
        return {"conformsTo": ref(_CONDA), "about": refs(self._about[place])}

    def entities(self) -> Iterator[dict[str, Any]]:
        """Yield what the files conform to."""
        if self._about:
            name = "Conda environment file"
            yield {"@type": "WebPageElement", "@id": _CONDA, "name": name, "url": _CONDA}


def _place(tool: Tool, sources: Sources) -> str | None:
    """Return the path in the crate of the file that a tool's environment is made from."""
    process = tool.process
    if not isinstance(process, (Command, Script)) or process.environment.conda is None:
        return None
    file = process.environment.conda.file
    if file is None or "://" in file:
        return None
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(sources.main), file))
    place = crate_path(beside)
    return place if place in sources.files else None
