"""Junk repositories: the files that assessors look for, with nothing in them.

Four kinds. *Empty*: every file is there and empty. *Filler*: each holds template text. *Copied*:
one text (a licence, a README of a known project, a list) under every name. *Stuffed*: each file
holds the words and forms that assessors search for: identifiers with wrong or template digits, key
words, lists. The main document is empty, filler, or a workflow without a step.

That a folder without a workflow gets nothing is a rule, and so easily kept. The harder question is
what the same junk adds around a workflow that does something: each kind is also put around one that
echoes, and the points are compared with those of the bare workflow.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fairwf.fair as fair

FILES = (
    "README.md",
    "LICENSE",
    "CITATION.cff",
    "codemeta.json",
    "ro-crate-metadata.json",
    ".zenodo.json",
    ".dockstore.yml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CITATIONS.md",
    "job.yml",
    "config/config.yml",
    "expected/outputs.json",
    "tools/tool.cwl",
    "scripts/run.py",
    "workflow.svg",
    ".github/workflows/ci.yml",
    "environment.yml",
    "REUSE.toml",
    ".git/HEAD",
)
KINDS = ("empty", "filler", "copied", "stuffed")
HOLLOW = (
    "cwlVersion: v1.2\nclass: Workflow\nlabel: {}\ndoc: {}\ninputs: []\noutputs: []\nsteps: []\n"
)
_FILLER = (
    "TODO",
    "# Title\n\nDescription here.\n",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit.\n",
    "FIXME: write this\n",
    "# Project\n\nThis is a template. Insert your text here.\n",
    "{{ cookiecutter.project_name }}\n",
)
_TOPICS = """FAIR findable accessible interoperable reusable workflow DOI ORCID SPDX RO-Crate
metadata input output provenance version license persistent identifier reproducible container docker
conda test CI usage citation Zenodo WorkflowHub Dockstore Software Heritage EDAM schema"""
_WORDS = tuple(_TOPICS.split())


@dataclass(frozen=True)
class Junk:
    """A junk repository's result."""

    kind: str
    score: float
    upper: float
    level: str
    best: tuple[str, ...]


@dataclass(frozen=True)
class Around:
    """What junk around a workflow that does something adds to its score, in points."""

    kind: str
    added: float
    raised: tuple[str, ...]


def _stuffed(name: str, words: str) -> str:
    person = {"name": "Your Name", "@id": "https://orcid.org/0000-0002-1825-0098"}
    meta = {
        "@context": "https://w3id.org/codemeta/3.0",
        "name": words,
        "description": words,
        "keywords": words.split(),
        "identifier": "https://doi.org/10.5281/zenodo.XXXXXXX",
        "version": "0.0.0",
        "license": "open",
        "author": [person, person],
        "codeRepository": "https://github.com/your-name/your-repo",
        "programmingLanguage": "CWL",
    }
    if name == "CITATION.cff":
        return (
            f"cff-version: 1.2.0\nmessage: cite\ntitle: {words}\nabstract: {words}\n"
            "version: 0.0.0\nlicense: open\ndoi: 10.5281/zenodo.XXXXXXX\nauthors:\n"
            "- name: Your Name\n  orcid: https://orcid.org/0000-0002-1825-0098\n"
        )
    if name in ("codemeta.json", ".zenodo.json"):
        return json.dumps({**meta, "title": words, "creators": [person]})
    if name == "ro-crate-metadata.json":
        root = {**meta, "@id": "./", "@type": "Dataset", "mainEntity": {"@id": "main.cwl"}}
        about = {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}, "@type": "CreativeWork"}
        main = {**meta, "@id": "main.cwl", "@type": ["File", "ComputationalWorkflow"]}
        context = "https://w3id.org/ro/crate/1.1/context"
        return json.dumps({"@context": context, "@graph": [about, root, main]})
    if name.endswith((".yml", ".toml")):
        return f"run: fairwf run main.cwl test  # {words}\nlicense: SPDX\n"
    return f"# Usage {words}\n\nfairwf run main.cwl job.yml\n\n{words}\n" * 5


def _texts(kind: str, draw: random.Random, copies: list[str]) -> Iterator[tuple[str, str]]:
    copied = draw.choice(copies)
    for name in FILES:
        if kind == "empty":
            yield name, ""
        elif kind == "filler":
            yield name, draw.choice(_FILLER)
        elif kind == "copied":
            yield name, copied
        else:
            yield name, _stuffed(name, " ".join(draw.choices(_WORDS, k=40)))


def _main(kind: str, draw: random.Random, copies: list[str]) -> str:
    words = " ".join(draw.choices(_WORDS, k=30))
    choices = {
        "empty": ["", "\n", "{}\n"],
        "filler": [*_FILLER, HOLLOW.format("TODO", "Description")],
        "copied": [*copies, HOLLOW.format("Copied", "Copied")],
        "stuffed": [words, HOLLOW.format(words, words)],
    }
    return draw.choice(choices[kind])


ECHO = (
    "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [echo]\n"
    "inputs: {message: {type: string, inputBinding: {}}}\noutputs: {said: stdout}\n"
)


def around(each: int = 25, seed: int = 20261128) -> list[Around]:
    """Put junk around a workflow that echoes, and compare with the workflow alone in a folder."""
    root = Path(__file__).resolve().parents[2]
    copies = [(root / name).read_text("utf-8") for name in ("LICENSE", "README.md", "Makefile")]
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "main.cwl").write_text(ECHO, "utf-8")
        bare = fair.score(place)
    before = {f.id: f.outcome.level or 0 for f in bare.findings}
    found = []
    for kind in KINDS:
        for _ in range(each):
            with tempfile.TemporaryDirectory() as place:
                top = Path(place)
                for name, text in _texts(kind, draw, copies):
                    if name == "ro-crate-metadata.json" and kind != "stuffed":
                        continue  # a crate that cannot be read is refused as a whole
                    (top / name).parent.mkdir(parents=True, exist_ok=True)
                    (top / name).write_text(text, "utf-8")
                (top / "main.cwl").write_text(ECHO, "utf-8")
                card = fair.score(place)
            more = tuple(
                f"{f.id}={f.outcome.level}"
                for f in card.findings
                if (f.outcome.level or 0) > before[f.id]
            )
            found.append(Around(kind, round(card.score.value - bare.score.value, 2), more))
    return found


def measure(each: int = 25, seed: int = 20261127) -> list[Junk]:
    """Score ``each`` junk repositories of every kind; a refusal counts as score 0."""
    from fairwf.report import FairwfError

    root = Path(__file__).resolve().parents[2]
    copies = [(root / name).read_text("utf-8") for name in ("LICENSE", "README.md", "Makefile")]
    draw = random.Random(seed)
    found = []
    for kind in KINDS:
        for _ in range(each):
            with tempfile.TemporaryDirectory() as place:
                top = Path(place)
                for name, text in [
                    *_texts(kind, draw, copies),
                    ("main.cwl", _main(kind, draw, copies)),
                ]:
                    (top / name).parent.mkdir(parents=True, exist_ok=True)
                    (top / name).write_text(text, "utf-8")
                try:
                    card = fair.score(place)
                except FairwfError:
                    found.append(Junk(kind, 0.0, 0.0, "M0", ()))
                    continue
            above = tuple(f.id for f in card.findings if f.outcome.level)
            found.append(Junk(kind, card.score.value, card.score.upper, card.level, above))
    return found
