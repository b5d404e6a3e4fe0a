"""Published Galaxy workflows, and what a native workflow means."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.document import Document
from fairwf.formats import Source
from fairwf.report import FairwfError, Report
from fairwf_galaxy.read import read


def accepted(corpora: Path) -> list[Path]:
    """Return the workflows that gxformat2's own lint accepts."""
    lines = (corpora / "ACCEPTED.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    return [corpora / row[1] for row in rows if row[0] == "galaxy" and row[4] == "True"]


def sample(paths: list[Path], most: int) -> list[Path]:
    """Return some of many, the same ones each time, small ones first among neighbours."""
    step = max(len(paths) // most, 1)
    return [
        min(paths[i : i + step], key=lambda p: p.stat().st_size) for i in range(0, len(paths), step)
    ]


def meaning(workflow: dict[str, Any]) -> dict[str, Any]:
    """Return what a native workflow says: without what is empty, states as values."""
    said = {key: value for key, value in workflow.items() if value not in (None, "", [], {})}
    if isinstance(said.get("tags"), str):
        said["tags"] = [said["tags"]]
    said.pop("a_galaxy_workflow", None)
    said.pop("format-version", None)
    said["steps"] = {key: _step(step) for key, step in workflow["steps"].items()}
    return said


def _step(step: dict[str, Any]) -> dict[str, Any]:
    said = dict(step)
    if isinstance(said.get("tool_state"), str):
        said["tool_state"] = json.loads(said["tool_state"] or "{}")
    said["input_connections"] = {
        name: value if isinstance(value, list) else [value]
        for name, value in said.get("input_connections", {}).items()
    }
    if "subworkflow" in said:
        said["subworkflow"] = meaning(said["subworkflow"])
    outputs = said.get("workflow_outputs", [])
    cleaned = [{k: v for k, v in each.items() if v is not None} for each in outputs]
    said["workflow_outputs"] = sorted(cleaned, key=lambda each: json.dumps(each, sort_keys=True))
    return {key: value for key, value in said.items() if value not in (None, "", [], {})}


def missing(before: Any, after: Any, path: str = "") -> list[str]:
    """Return the paths of what ``before`` says and ``after`` does not."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            found
            for key, value in before.items()
            for found in missing(value, after.get(key), f"{path}/{key}")
        ]
    return [] if before == after else [path]


Read = Callable[[Any], tuple[Document | None, Report]]


@pytest.fixture
def galaxy() -> Read:
    """Read a workflow given as JSON values or text; the document is None where it is refused."""

    def reads(value: Any) -> tuple[Document | None, Report]:
        text = value if isinstance(value, str) else json.dumps(value, indent=1)
        report = Report()
        try:
            return read(Source(name="x.ga", given=text.encode()), report), report
        except FairwfError as error:
            return None, error.report

    return reads
