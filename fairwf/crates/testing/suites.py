"""Tests of a workflow as files of a crate and as entities.

Workflow Testing RO-Crate 0.1 (0.2 for RO-Crate 1.3): a ``TestSuite`` for each definition, its
``TestDefinition`` with the engine that it conforms to, and a ``TestInstance`` where GitHub Actions
of the repository run it: a command of that engine names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairwf.crates.extras import Extra
from fairwf.crates.testing.found import Definition, FoundTests
from fairwf.entities.identifiers import local_id, quote_path, ref, refs

_TERMS = "https://w3id.org/ro/terms/test#"
_GITHUB = re.compile(r"(?:git\+)?https?://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/*(?:tree/.*)?\Z")


@dataclass(frozen=True)
class Suite:
    """The tests of one definition, at its place in the crate."""

    place: str
    definition: Definition

    @property
    def id(self) -> str:
        """The entity's id."""
        return local_id("tests", self.place.removeprefix("workflow/"))

    def entities(self, main: str, repository: str | None) -> Iterator[dict[str, Any]]:
        """Yield the entities: suite, engine, instances; ``main`` is the id of the workflow."""
        instances = list(self._instances(repository))
        engine = self.definition.engine
        yield {
            "@type": "TestSuite",
            "@id": self.id,
            "name": f"Tests in {self.definition.path.name}",
            "mainEntity": ref(main),
            "definition": ref(quote_path(self.place)),
            "instance": refs(instance["@id"] for instance in instances),
        }
        yield {
            "@type": "SoftwareApplication",
            "@id": engine.iri,
            "name": engine.name,
            "url": ref(engine.url),
        }
        yield from instances
        if instances:
            yield {
                "@type": "TestService",
                "@id": f"{_TERMS}GithubService",
                "name": "GitHub Actions",
                "url": ref("https://github.com"),
            }

    def _instances(self, repository: str | None) -> Iterator[dict[str, Any]]:
        match = _GITHUB.match(repository or "")
        for name in self.definition.integration if match else ():
            yield {
                "@type": "TestInstance",
                "@id": f"{self.id}/{quote_path(name)}",
                "name": f"GitHub Actions: {name}",
                "runsOn": ref(f"{_TERMS}GithubService"),
                "url": "https://api.github.com",
                "resource": f"repos/{match[1]}/actions/workflows/{name}" if match else None,
            }


def packaged_tests(
    found: FoundTests, place_of: Callable[[Path], str | None]
) -> tuple[list[Extra], list[Suite]]:
    """Return the files of tests, and the suites of those that are definitions.

    Args:
        found: the tests.
        place_of: gives a file its path in the crate, None where it can have none.
    """
    definitions = {definition.path: definition for definition in found.definitions}
    files: dict[Path, Extra] = {}
    suites = []
    for path in found.files:
        place = place_of(path)
        if place is None:
            continue
        definition = definitions.get(path)
        files[path] = _file(path, place, definition)
        if definition is not None:
            suites.append(Suite(place, definition))
    extras: list[Extra] = []
    for folder in found.folders:
        inside = [path for path in files if path.is_relative_to(folder)]
        if not inside:
            continue
        below = len(inside[0].relative_to(folder).parts)
        place = "/".join(files[inside[0]].place.split("/")[:-below])
        parts = tuple(files.pop(path) for path in inside)
        about = "Tests of the workflow: definitions, jobs, data."
        extras.append(Extra(place, f"{folder.name}/", "about", None, parts, description=about))
    return [*extras, *files.values()], suites


def _file(path: Path, place: str, definition: Definition | None) -> Extra:
    if definition is None:
        return Extra(place, path.name, "about", path)
    facts = {"conformsTo": ref(definition.engine.iri), "engineVersion": definition.version}
    about = f"Tests of the workflow, for {definition.engine.name}."
    return Extra(
        place, path.name, "about", path, (), True, about, kinds=("TestDefinition",), facts=facts
    )
