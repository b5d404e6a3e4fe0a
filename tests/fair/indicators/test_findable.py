"""F: each indicator climbs when what it asks for is added, and falls to 0 on what is not real."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fair.indicators.conftest import Ladder, Repo

CFF = """cff-version: 1.2.0
message: Please cite.
title: Words of a text
type: software
authors:
- given-names: Josiah
  family-names: Carberry
"""
CODEMETA = {"@context": "https://w3id.org/codemeta/3.0", "name": "Words of a text"}
DOI = "10.5281/zenodo.4300015"


def start(repo: Repo) -> None:
    """Change nothing."""


def svg(repo: Repo) -> None:
    repo.write(
        "workflow.svg", '<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0 0"/></g></svg>'
    )


DOCKSTORE = """version: 1.2
workflows:
- subclass: CWL
  primaryDescriptorPath: /main.cwl
  authors:
"""

LADDERS: dict[str, Ladder] = {
    "F1-1": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "doi: 10.5281/zenodo.XXXXXXX\n"), 0),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "identifier": "https://a.org/x/1"}), 1),
        (lambda r: r.write("README.md", f"# Words\n\nCite {DOI} please.\n"), 2),
        (lambda r: r.write("CITATION.cff", CFF + f"doi: {DOI}\n"), 3),
        (
            lambda r: r.write(
                "codemeta.json", {**CODEMETA, "identifier": f"https://doi.org/{DOI}"}
            ),
            3,
        ),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "identifier": f"{DOI}9"}), 0),
    ],
    "F1.1-1": [
        (start, 3),
        (lambda r: r.change("main.cwl", "  count_words:\n", "  step1:\n"), 0),
    ],
    "F1.1-2": [
        (start, 3),
        (lambda r: r.change("tool.cwl", ', version: ["9.1"]', ""), 2),
        (
            lambda r: r.change(
                "tool.cwl", "  SoftwareRequirement:", "  WorkReuse: {enableReuse: true}\n  s:x:"
            ),
            0,
        ),
    ],
    "F1.1-3": [
        (start, 3),
        (
            lambda r: r.change(
                "main.cwl", "    label: the count\n    doc: One number", "    doc: One number"
            ),
            3,
        ),
        (
            lambda r: r.change(
                "main.cwl", "    doc: One number, how many words the text has.\n", ""
            ),
            1,
        ),
    ],
    "F1.2-1": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "version: 0.0.0\n"), 0),
        (lambda r: r.write("CITATION.cff", CFF + "version: spring release 2\n"), 1),
        (lambda r: r.write(".git/packed-refs", "a" * 40 + " refs/tags/words/v1.2.0\n"), 2),
        (lambda r: r.write(".git/refs/tags/v1.2.0", "a" * 40), 2),
        (lambda r: r.write("CITATION.cff", CFF + "version: 1.2.0\n"), 3),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "version": "1.3.0"}), 0),
    ],
    "F1.2-2": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "version: 1.2.0\n"), 1),
        (lambda r: r.write("CHANGELOG.md", "# Changes\n\n## 1.2.0\n\nFirst.\n"), 2),
        (lambda r: r.write(".git/refs/tags/v1.2.0", "a" * 40), 3),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "version": "1.3.0"}), 0),
    ],
    "F1.2-3": [
        (lambda r: r.crate(), 0),
        (lambda r: r.crate(version="2", url="https://workflowhub.eu/workflows/29?version=2"), 1),
        (lambda r: r.crate(exampleOfWork={"@id": f"https://doi.org/{DOI}"}), 2),
        (lambda r: r.crate(isBasedOn={"@id": f"https://doi.org/{DOI}"}), 3),
        (lambda r: r.crate(isBasedOn="TODO"), 0),
    ],
    "F2-1": [
        (start, 1),
        (lambda r: r.change("main.cwl", "doc: Counts the words.", "doc: TODO"), 1),
        (
            lambda r: r.change(
                "main.cwl",
                "doc: TODO",
                "doc: Tells how long texts are which people wrote in many languages, by counting "
                "every word of each of them once, without looking at what the words may mean.",
            ),
            2,
        ),
        (
            lambda r: r.change(
                "main.cwl", "by counting", "from an input text to an output number, by counting"
            ),
            3,
        ),
    ],
    "F2-2": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", "[broken"), 0),
        (lambda r: r.write("CITATION.cff", "cff-version: 1.2.0\ntitle: Words of a text\n"), 1),
        (lambda r: r.write("CITATION.cff", CFF), 2),
        (lambda r: r.write("codemeta.json", CODEMETA), 3),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "name": "Another"}), 2),
    ],
    "F2-3": [
        (start, 0),
        (lambda r: r.write(".dockstore.yml", DOCKSTORE + "  - name: Josiah Carberry\n"), 1),
        (lambda r: r.write(".dockstore.yml", DOCKSTORE + "  - name: TODO\n"), 0),
        (
            lambda r: r.write(
                "CITATION.cff", CFF.replace("Josiah", "TODO").replace("Carberry", "")
            ),
            0,
        ),
        (lambda r: r.write("CITATION.cff", CFF), 1),
        (
            lambda r: r.write(
                "CITATION.cff", CFF + "  orcid: https://orcid.org/0000-0002-1825-0097\n"
            ),
            2,
        ),
        (lambda r: r.change("CITATION.cff", "  orcid", "  affiliation: Brown\n  orcid"), 3),
        (
            lambda r: r.write("codemeta.json", {**CODEMETA, "author": {"name": "Josiah Carberry"}}),
            3,
        ),
        (
            lambda r: r.change(
                "CITATION.cff",
                "  affiliation",
                "  orcid: https://orcid.org/0000-0002-1825-0097\n- name: Other\n  affiliation",
            ),
            0,
        ),
        (
            lambda r: r.write(
                "CITATION.cff", CFF + "  orcid: https://orcid.org/0000-0002-1825-0098\n"
            ),
            0,
        ),
    ],
    "F2-4": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "keywords: [texts]\n"), 1),
        (
            lambda r: r.write(
                "CITATION.cff", CFF + "keywords: [texts, texts, TODO, FAIR, workflow]\n"
            ),
            1,
        ),
        (lambda r: r.write("CITATION.cff", CFF + "keywords: [texts, words, counting]\n"), 2),
        (
            lambda r: r.change(
                "main.cwl",
                "label: Words",
                "intent: [http://edamontology.org/operation_3435]\nlabel: Words",
            ),
            3,
        ),
    ],
    "F2-5": [
        (start, 2),
        (lambda r: r.crate(), 3),
    ],
    "F2-6": [
        (start, 3),
        (
            lambda r: r.change(
                "main.cwl",
                "    doc: One number, how many words the text has.\n    format",
                "    format",
            ),
            3,
        ),
        (lambda r: r.change("main.cwl", "    label: the count\n", ""), 1),
        (
            lambda r: r.change(
                "main.cwl",
                "    label: the text\n    doc: A text in UTF-8 with any number of lines.",
                "    doc: TODO",
            ),
            0,
        ),
    ],
    "F2-7": [
        (start, 3),
        (lambda r: r.change("main.cwl", "    label: Count the words\n", ""), 3),
        (lambda r: r.change("tool.cwl", "doc: Count the words of a text.\n", ""), 0),
    ],
    "F2-8": [
        (lambda r: r.crate(), 0),
        (
            lambda r: r.crate(
                conformsTo={"@id": "x"},
                license={"@id": "y"},
                url="https://a.org",
                version="1",
                input={"@id": "#i"},
            ),
            1,
        ),
        (
            lambda r: r.crate(
                conformsTo={"@id": "x"},
                license={"@id": "y"},
                url="https://a.org",
                version="1",
                input={"@id": "#i"},
                output={"@id": "#o"},
                creator={"@id": "#p"},
                dateCreated="2026-01-01",
                sdPublisher={"@id": "#p"},
            ),
            2,
        ),
    ],
    "F2-9": [
        (lambda r: r.write("workflow.svg", ""), 0),
        (svg, 1),
        (lambda r: r.write("README.md", "# Words\n\n![the steps](workflow.svg)\n"), 2),
    ],
    "F3-1": [
        (start, 0),
        (lambda r: r.write("CITATION.cff", CFF + "doi: 10.5281/zenodo.XXXXXXX\n"), 0),
        (lambda r: r.write("CITATION.cff", CFF + f"doi: {DOI}\n"), 2),
        (lambda r: r.write("codemeta.json", CODEMETA), 1),
        (
            lambda r: r.write("codemeta.json", {**CODEMETA, "identifier": DOI, "version": "1.2.0"}),
            3,
        ),
        (lambda r: r.write("codemeta.json", {**CODEMETA, "identifier": DOI + "1"}), 0),
    ],
    "F3-2": [
        (start, 1),
        (lambda r: r.crate(), 2),
        (lambda r: r.crate(sha256="0" * 64), 0),
        (lambda r: r.crate(sha256=_sha256(r.top / "main.cwl")), 3),
        (
            lambda r: r.write(
                ".dockstore.yml",
                "version: 1.2\nworkflows:\n- subclass: CWL\n  primaryDescriptorPath: /absent.cwl\n",
            ),
            0,
        ),
        (lambda r: r.change(".dockstore.yml", "/absent.cwl", "/../../main.cwl"), 0),
        (lambda r: r.change(".dockstore.yml", "/../../main.cwl", "/main.cwl"), 3),
    ],
    "F4-1": [
        (start, 0),
        (lambda r: r.write(".zenodo.json", {"title": "Words of a text"}), 1),
        (lambda r: r.write(".zenodo.json", {"title": "Words", "creators": [{"name": "C, J"}]}), 2),
        (
            lambda r: r.write(
                ".dockstore.yml",
                "version: 1.2\nworkflows:\n- subclass: CWL\n  primaryDescriptorPath: /main.cwl\n",
            ),
            3,
        ),
    ],
}


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("indicator", LADDERS)
def test_levels(indicator: str, climb: Callable[[str, Ladder], None]) -> None:
    climb(indicator, LADDERS[indicator])


def test_the_evidence_is_the_text_that_documents(repo: Repo) -> None:
    repo.change(
        "main.cwl", "    doc: One number, how many words the text has.\n", "    doc: TODO\n"
    )
    repo.change("main.cwl", "    label: Count the words\n", "    label: count words\n")
    shown = [each.value for each in repo.outcome("F2-6").evidence]
    assert "count: the count" in shown
    assert [each.value for each in repo.outcome("F2-7").evidence] == [
        "count_words: Count the words of a text."
    ]
