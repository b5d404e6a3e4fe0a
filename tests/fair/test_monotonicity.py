"""Filling what is true lowers no indicator, emptying raises none; neutral edits change nothing.

A repository is drawn from the statements that its author could make: each is made, or left empty,
in each file that has a field for it. Making one more (the same truth as elsewhere) is a step up.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import fairwf.fair as fair

TRUTH: dict[str, Any] = {
    "title": "Words of a text",
    "description": (
        "Counts how many words an input text has, and writes the number of them as an output file "
        "that people and programs can read; for texts in any language that puts spaces between."
    ),
    "version": "1.2.0",
    "doi": "10.5281/zenodo.4300015",
    "license": "Apache-2.0",
    "repository": "https://github.com/o/words",
    "keywords": ["texts", "words", "counting"],
    "orcid": "https://orcid.org/0000-0002-1825-0097",
    "affiliation": "Brown University",
    "status": "active",
    "contact": "ada@words.org",
    "reference": "10.1038/s41597-025-04451-9",
}
FIELDS = [
    *[f"cff/{k}" for k in TRUTH if k != "status"],
    *[f"codemeta/{k}" for k in TRUTH],
    *[
        f"workflow/{k}"
        for k in ("label", "doc", "format", "step", "software", "version", "license")
    ],
    *[f"port/{k}" for k in ("text/label", "text/doc", "count/label", "count/doc")],
]
CHANGELOG = "# Changes\n\n## 1.2.0\n\nThe first one that others may use.\n"


def write(top: Path, made: frozenset[str], shuffled: bool = False) -> None:
    """Write the repository in which these statements are made; other fields are there, empty."""

    def said(file: str, key: str, empty: Any = "") -> Any:
        return TRUTH[key] if f"{file}/{key}" in made else empty

    person = {"given-names": "Ada", "family-names": "Carberry"}
    if "cff/orcid" in made:
        person["orcid"] = TRUTH["orcid"]
    person["affiliation"] = said("cff", "affiliation")
    cff: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "Please cite.",
        "title": said("cff", "title"),
        "abstract": said("cff", "description"),
        "version": said("cff", "version"),
        "doi": said("cff", "doi"),
        "license": said("cff", "license"),
        "repository-code": said("cff", "repository"),
        "keywords": said("cff", "keywords", []),
        "authors": [person],
        "contact": [{"name": "Ada", "email": said("cff", "contact")}],
        "references": [{"type": "article", "title": "T", "doi": said("cff", "reference")}],
    }
    author = {"givenName": "Ada", "familyName": "Carberry"}
    if "codemeta/orcid" in made:
        author["@id"] = TRUTH["orcid"]
    author["affiliation"] = said("codemeta", "affiliation")
    doi, reference = said("codemeta", "doi"), said("codemeta", "reference")
    spdx = said("codemeta", "license")
    codemeta: dict[str, Any] = {
        "@context": "https://w3id.org/codemeta/3.0",
        "name": said("codemeta", "title"),
        "description": said("codemeta", "description"),
        "version": said("codemeta", "version"),
        "identifier": doi and f"https://doi.org/{doi}",
        "license": spdx and f"https://spdx.org/licenses/{spdx}",
        "codeRepository": said("codemeta", "repository"),
        "keywords": said("codemeta", "keywords", []),
        "author": [author],
        "developmentStatus": said("codemeta", "status"),
        "maintainer": {"email": said("codemeta", "contact")},
        "referencePublication": reference and f"https://doi.org/{reference}",
    }

    def port(name: str, type_: str) -> dict[str, Any]:
        found: dict[str, Any] = {"type": type_}
        if f"port/{name}/label" in made:
            found["label"] = f"the {name} in question"
        if f"port/{name}/doc" in made:
            found["doc"] = "A file in UTF-8, with any number of lines."
        if "workflow/format" in made:
            found["format"] = "http://edamontology.org/format_1964"
        return found

    tool: dict[str, Any] = {
        "class": "CommandLineTool",
        "baseCommand": ["wc", "-w"],
        "inputs": {"text": {"type": "File", "inputBinding": {}}},
        "outputs": {"count": "stdout"},
        "stdout": "count.txt",
    }
    if "workflow/software" in made:
        packages = [{"package": "coreutils", "version": ["9.1"]}]
        tool["hints"] = {"SoftwareRequirement": {"packages": packages}}
    step: dict[str, Any] = {"run": tool, "in": {"text": "text"}, "out": ["count"]}
    if "workflow/step" in made:
        step["doc"] = "Count the words."
    main: dict[str, Any] = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "inputs": {"text": port("text", "File")},
        "outputs": {"count": {**port("count", "File"), "outputSource": "count_words/count"}},
        "steps": {"count_words": step},
        "$namespaces": {"s": "https://schema.org/"},
    }
    if "workflow/label" in made:
        main["label"] = TRUTH["title"]
    if "workflow/doc" in made:
        main["doc"] = TRUTH["description"]
    if "workflow/version" in made:
        main["s:softwareVersion"] = TRUTH["version"]
    if "workflow/license" in made:
        main["s:license"] = "https://spdx.org/licenses/Apache-2.0"
    if shuffled:
        cff, codemeta, main = (dict(reversed(d.items())) for d in (cff, codemeta, main))
    comment = "# a comment\n\n" if shuffled else ""
    files = {
        "CITATION.cff": comment + yaml.safe_dump(cff, sort_keys=False),
        "codemeta.json": json.dumps(codemeta, indent=4 if shuffled else None),
        "main.cwl": comment + yaml.safe_dump(main, sort_keys=False),
        "CHANGELOG.md": CHANGELOG,
    }
    for name in reversed(files) if shuffled else files:
        (top / name).write_text(files[name])


def levels(made: frozenset[str], shuffled: bool = False) -> dict[str, int]:
    """Return the levels of the repository in which these statements are made.

    What does not apply or is not assessed counts as no change: -1 on both sides of a step.
    """
    with tempfile.TemporaryDirectory() as place:
        write(Path(place), made, shuffled)
        card = fair.score(place)
    return {f.id: -1 if f.outcome.level is None else f.outcome.level for f in card.findings}


def fell(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return the indicators whose level is lower after."""
    return {k: (v, after[k]) for k, v in before.items() if -1 not in (v, after[k]) and after[k] < v}


statements = st.frozensets(st.sampled_from(FIELDS))


@settings(max_examples=25)
@given(statements, st.sampled_from(FIELDS))
def test_one_more_true_statement_never_lowers_an_indicator(made: frozenset[str], one: str) -> None:
    without, with_it = levels(made - {one}), levels(made | {one})
    assert not fell(without, with_it), one


@pytest.mark.parametrize("one", FIELDS)
def test_each_statement_alone_and_last_never_lowers_an_indicator(one: str) -> None:
    everything = frozenset(FIELDS)
    assert not fell(levels(frozenset()), levels(frozenset({one})))
    assert not fell(levels(everything - {one}), levels(everything))


@settings(max_examples=10)
@given(statements)
def test_order_of_keys_and_files_whitespace_and_comments_change_nothing(
    made: frozenset[str],
) -> None:
    assert levels(made) == levels(made, shuffled=True)


def test_other_descriptive_names_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, frozenset(FIELDS))
    before = fair.score(str(tmp_path))
    text = (tmp_path / "main.cwl").read_text()
    for old, new in (
        ("count_words", "tell_length"),
        ("count:", "length:"),
        ("[count]", "[length]"),
    ):
        text = text.replace(old, new)
    text = text.replace("tell_length/count", "tell_length/length").replace(
        "- count\n", "- length\n"
    )
    (tmp_path / "main.cwl").write_text(text)
    after = fair.score(str(tmp_path))
    pairs = zip(before.findings, after.findings, strict=True)
    assert all(a.outcome.level == b.outcome.level for b, a in pairs)
    assert after.findings[26].outcome.level is not None
