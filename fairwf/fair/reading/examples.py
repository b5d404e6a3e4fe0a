"""Inputs to test a workflow with, and the outputs to expect."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fairwf.fair.outcome import Evidence
from fairwf.fair.reading.engines import ENGINES
from fairwf.fair.reading.registries import load
from fairwf.fair.subject import Subject

_JOB = re.compile(
    r"(?:.*/)?(?:.*(?:job|input|param|example|test|config|sample)[^/]*)\.(?:ya?ml|json)", re.I
)
_EXPECTED = re.compile(
    r"(?:.*/)?(?:expected|expected[-_]outputs?|outputs?[-_]expected|test[-_]results?)(?:/.+|\.\w+)|"
    r"(?:.*/)?[^/]*expected[^/]*\.\w+|(?:.*/)?SHA256SUMS|(?:.*/)?\.?tests?/[^/]*\.snap",
    re.I,
)
_MAX_JOBS = 200


@dataclass(frozen=True)
class ExampleInput:
    """A file with values for inputs of the workflow. ``data`` are the files that it names."""

    path: Path
    evidence: Evidence
    remote: bool
    data: tuple[Path, ...]
    outputs: bool


def test_inputs(subject: Subject) -> list[ExampleInput]:
    """Return the files of the folder that give a value to an input of this workflow."""
    if subject.folder is None:
        return []
    wanted = {port.id for port in subject.workflow.inputs} if subject.document is not None else None
    found = []
    jobs = [path for path in subject.files if _JOB.fullmatch(path.as_posix())][:_MAX_JOBS]
    for path in jobs:
        if path.as_posix() == subject.name or path.parts[0] in (".github", "schemas"):
            continue
        tree = load(subject.folder, path.as_posix())
        for job, outputs in _jobs(tree):
            names = {str(key).rsplit(".", 1)[-1] for key in job}
            used = sorted(names & wanted) if wanted is not None else sorted(names)
            if used or (wanted == set() and outputs):
                value = f"inputs {', '.join(used)}"[:200]
                line = getattr(job, "span", None)
                here = Evidence(file=path.as_posix(), line=line.line if line else None, value=value)
                places = list(_locations(job))
                remote = any("://" in place for place in places)
                data = tuple(_beside(path, place) for place in places if "://" not in place)
                found.append(ExampleInput(path, here, remote, data, outputs))
                break
    return found


def _jobs(tree: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield the maps of inputs in a file: a job, the tests of cwltest or planemo."""
    if isinstance(tree, dict):
        yield tree, False
    for item in tree if isinstance(tree, list) else []:
        if isinstance(item, dict):
            job = item.get("job")
            has_outputs = bool(item.get("outputs") or item.get("output"))
            if isinstance(job, dict):
                yield job, has_outputs
            elif isinstance(job, str) and has_outputs:
                yield item, True


def _locations(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            for key, inner in item.items():
                if key in ("location", "path", "url") and isinstance(inner, str):
                    yield inner
                else:
                    pending.append(inner)
        elif isinstance(item, list):
            pending.extend(item)


def _beside(job: Path, place: str) -> Path:
    return Path(os.path.normpath(job.parent / place))


_TEST = re.compile(r"(?:.*/)?\.?tests?/.*\.ya?ml", re.I)


def _workflow_tests(subject: Subject) -> Iterator[Evidence]:
    """Yield the tests of pytest-workflow: a command that starts an engine, and files to expect."""
    assert subject.folder is not None
    paths = [path for path in subject.files if _TEST.fullmatch(path.as_posix())][:_MAX_JOBS]
    for path in paths:
        tree = load(subject.folder, path.as_posix())
        for test in tree if isinstance(tree, list) else []:
            if not isinstance(test, dict) or not isinstance(test.get("command"), str):
                continue
            wanted = test.get("files") or test.get("stdout")
            if wanted and (ENGINES.search(test["command"]) or ".sh" in test["command"]):
                line = getattr(test, "span", None)
                here = line.line if line else None
                yield Evidence(file=path.as_posix(), line=here, value="a test with its outputs")


def expected_outputs(subject: Subject, inputs: list[ExampleInput]) -> list[Evidence]:
    """Return where the folder says which outputs a test gives."""
    found = [
        Evidence(file=path.as_posix(), value="outputs to expect")
        for path in subject.files
        if _EXPECTED.fullmatch(path.as_posix()) and subject.size(path) > 0
    ]
    found += [
        Evidence(file=example.path.as_posix(), value="the test names its outputs")
        for example in inputs
        if example.outputs
    ]
    found += _workflow_tests(subject)
    crate = subject.crate
    if crate is not None and crate.main_action is not None:
        known = set(subject.files)
        for entity in crate.linked(crate.main_action, "result"):
            if Path(unquote(str(entity["@id"]))) in known:
                found.append(crate.at(entity, value=f"result of the run: {entity['@id']}"))
    return found[:10]
