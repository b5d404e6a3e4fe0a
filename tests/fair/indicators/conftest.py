"""A small repository that a test fills, and the level that an indicator then has."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fairwf.fair as fair
from fairwf.fair.outcome import Outcome

TOOL = """class: CommandLineTool
id: count_words
doc: Count the words of a text.
baseCommand: [wc, -w]
hints:
  SoftwareRequirement:
    packages: [{package: coreutils, version: ["9.1"], specs: ["https://identifiers.org/rrid:1"]}]
  ResourceRequirement: {coresMin: 1}
inputs:
  text: {type: File, inputBinding: {position: 1}}
outputs:
  count: stdout
stdout: count.txt
"""
WORKFLOW = """cwlVersion: v1.2
class: Workflow
id: main
label: Words of a text
doc: Counts the words.
inputs:
  text:
    type: File
    label: the text
    doc: A text in UTF-8 with any number of lines.
    format: http://edamontology.org/format_1964
outputs:
  count:
    type: File
    label: the count
    doc: One number, how many words the text has.
    format: http://edamontology.org/format_1964
    outputSource: count_words/count
steps:
  count_words:
    label: Count the words
    run: tool.cwl
    in: {text: text}
    out: [count]
"""


class Repo:
    """A folder with a workflow. ``top`` is its path."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.write("main.cwl", WORKFLOW)
        self.write("tool.cwl", "cwlVersion: v1.2\n" + TOOL)

    def write(self, name: str, text: str | dict[str, Any] | bytes) -> "Repo":
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(json.dumps(text, indent=1) if isinstance(text, dict) else text)
        return self

    def change(self, name: str, old: str, new: str) -> "Repo":
        text = (self.top / name).read_text()
        assert old in text
        return self.write(name, text.replace(old, new))

    def outcome(self, indicator: str) -> Outcome:
        card = fair.score(str(self.top))
        return next(f.outcome for f in card.findings if f.id == indicator)

    def level(self, indicator: str) -> int | None:
        outcome = self.outcome(indicator)
        assert outcome.level is None or outcome.level == 0 or outcome.evidence
        return outcome.level

    def crate(self, *entities: dict[str, Any], **main: Any) -> "Repo":
        """Write a Workflow RO-Crate around the workflow; ``root_x`` are properties of the root."""
        root = {k.removeprefix("root_"): v for k, v in main.items() if k.startswith("root_")}
        own = {k: v for k, v in main.items() if not k.startswith("root_")}
        graph: list[dict[str, Any]] = [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": [
                    {"@id": "https://w3id.org/ro/crate/1.1"},
                    {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
                ],
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": "Words of a text",
                "description": "Counts words.",
                "datePublished": "2026-11-27",
                "license": {"@id": "https://spdx.org/licenses/MIT"},
                "mainEntity": {"@id": "main.cwl"},
                "hasPart": [{"@id": "main.cwl"}, {"@id": "tool.cwl"}],
                **root,
            },
            {
                "@id": "main.cwl",
                "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
                "name": "Words of a text",
                "programmingLanguage": {"@id": "#cwl"},
                **own,
            },
            {
                "@id": "#cwl",
                "@type": "ComputerLanguage",
                "name": "Common Workflow Language",
                "url": "https://www.commonwl.org/",
                "version": "v1.2",
            },
            {"@id": "tool.cwl", "@type": ["File", "SoftwareSourceCode"], "name": "count"},
            *entities,
        ]
        context = ["https://w3id.org/ro/crate/1.1/context"]
        return self.write("ro-crate-metadata.json", {"@context": context, "@graph": graph})


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with nothing but a workflow and its tool."""
    return Repo(tmp_path)


Ladder = list[tuple[Callable[[Repo], object], int]]


@pytest.fixture
def climb(repo: Repo) -> Callable[[str, Ladder], None]:
    """Make changes one after the other, and compare the level after each."""

    def run(indicator: str, ladder: Ladder) -> None:
        for number, (change, wanted) in enumerate(ladder):
            change(repo)
            outcome = repo.outcome(indicator)
            assert outcome.level == wanted, (number, outcome)
            assert outcome.level == 0 or outcome.evidence

    return run
