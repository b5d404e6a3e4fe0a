"""--fix writes what is known, shows it first, invents nothing, and a second run changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import fairwf.fair as fair
from fairwf import api
from fairwf.cli.score import score
from fairwf.fair import fix
from fairwf.report import UsageFault
from tests.fair.indicators.conftest import Repo
from tests.fair.indicators.test_findable import CFF, CODEMETA, DOI

APACHE = (Path(__file__).parents[2] / "LICENSE").read_text()


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with nothing but a workflow and its tool."""
    return Repo(tmp_path)


def fixed(repo: Repo, licence: str | None = None) -> dict[str, str]:
    """Apply what is planned and return it by name; a second plan must be empty."""
    planned = fix.changes(fair.subject_at(str(repo.top)), licence)
    fix.apply(repo.top, planned)
    assert fix.changes(fair.subject_at(str(repo.top)), licence) == []
    return {change.name: change.new for change in planned}


def test_without_people_there_is_no_citation_and_nothing_else_is_invented(repo: Repo) -> None:
    written = fixed(repo)
    assert set(written) == {"codemeta.json", ".dockstore.yml"}
    assert set(json.loads(written["codemeta.json"])) == {
        "@context",
        "@type",
        "name",
        "description",
        "programmingLanguage",
    }


def test_what_one_file_states_the_others_get(repo: Repo) -> None:
    repo.write("LICENSE", APACHE)
    repo.write(".git/refs/tags/v1.2.0", "a" * 40)
    repo.write(".git/config", '[remote "origin"]\n\turl = git@github.com:o/words.git\n')
    repo.write(
        "CITATION.cff", CFF + f"  orcid: https://orcid.org/0000-0002-1825-0097\ndoi: {DOI}\n"
    )
    before = fair.score(str(repo.top))
    written = fixed(repo)
    meta = json.loads(written["codemeta.json"])
    assert meta["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert meta["identifier"] == f"https://doi.org/{DOI}"
    assert meta["license"] == "https://spdx.org/licenses/Apache-2.0"
    assert meta["codeRepository"] == "https://github.com/o/words"
    assert 'version: "1.2.0"' in written["CITATION.cff"]
    assert written["CITATION.cff"].startswith(CFF)
    after = fair.score(str(repo.top))
    pairs = zip(before.findings, after.findings, strict=True)
    assert all((b.outcome.level or 0) <= (a.outcome.level or 0) for b, a in pairs)
    assert after.score.value > before.score.value + 10


def test_contradictions_are_not_decided(repo: Repo) -> None:
    repo.write("CITATION.cff", CFF + "version: 1.2.0\nlicense: MIT\n")
    repo.write("codemeta.json", {**CODEMETA, "version": "1.3.0", "license": "Apache-2.0"})
    text = fixed(repo).get("codemeta.json", "")
    assert text.count("version") <= 2
    assert "MIT" not in text


def test_a_password_in_the_remote_is_not_published(repo: Repo) -> None:
    repo.write(".git/config", '[remote "origin"]\n\turl = https://ada:secret@github.com/o/w.git\n')
    assert not any("secret" in text for text in fixed(repo).values())


def test_text_that_is_there_stays_as_it_is(repo: Repo) -> None:
    repo.write("LICENSE", APACHE)
    repo.write(
        "CITATION.cff", "# ours\n" + CFF.replace("title: W", "title:   W") + "version: '1.2'"
    )
    repo.write(
        "codemeta.json",
        '{\n    "@context": "https://w3id.org/codemeta/3.0",\n    "name": "Words of a text"}',
    )
    written = fixed(repo)
    assert written["CITATION.cff"].startswith("# ours\ncff-version")
    assert "title:   W" in written["CITATION.cff"]
    assert '\n    "license": "https://spdx.org/licenses/Apache-2.0"' in written["codemeta.json"]
    assert json.loads(written["codemeta.json"])["author"][0]["familyName"] == "Carberry"


def test_a_licence_is_written_only_when_it_is_chosen(repo: Repo) -> None:
    assert "LICENSE" not in fixed(repo)
    written = fixed(repo, "apache-2.0")
    assert repo.level("R1.1-1") == 3
    assert "Apache License" in written["LICENSE"]
    assert json.loads(repo.top.joinpath("codemeta.json").read_text())["license"].endswith(
        "Apache-2.0"
    )


@pytest.mark.parametrize("licence", ["MIT", "Nonsense-7"])
def test_a_text_with_blanks_and_an_unknown_licence_are_refused(repo: Repo, licence: str) -> None:
    with pytest.raises(UsageFault, match=licence):
        fix.changes(fair.subject_at(str(repo.top)), licence)


def test_links_are_not_written_through(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "codemeta.json"
    (repo.top / "codemeta.json").symlink_to(outside)
    fixed(repo)
    assert not outside.exists()


def test_a_broken_file_and_a_workflow_that_does_nothing_are_left_alone(repo: Repo) -> None:
    repo.write("CITATION.cff", "[broken").write("codemeta.json", "{")
    assert set(fixed(repo)) == {".dockstore.yml"}
    repo.write(
        "main.cwl", "cwlVersion: v1.2\nclass: Workflow\ninputs: []\noutputs: []\nsteps: []\n"
    )
    assert fixed(repo) == {}


NUMBERED = """cwlVersion: v1.2
class: Workflow
# ours
inputs: {text: File}
outputs:
  count: {type: File, outputSource: step2/count}
  same: {type: File, outputSource: [step1/count]}
steps:
  step1:
    run: tool.cwl
    in: {text: text}
    out: [count]
  step2:  # again
    run: again.cwl
    in:
      text: {source: step1/count}
    out: [count]
  check: {run: tool.cwl, in: {text: "step1/count"}, out: [count]}
"""


def test_steps_that_have_only_a_number_get_the_name_of_what_they_run(repo: Repo) -> None:
    repo.write("again.cwl", (repo.top / "tool.cwl").read_text())
    repo.write("main.cwl", NUMBERED)
    assert repo.level("F1.1-1") == 0
    new = fixed(repo)["main.cwl"]
    assert new == (
        NUMBERED.replace("step1:", "count_words:  # named by fairwf: was step1")
        .replace("step2:  # again", "again:  # again")
        .replace("step2/", "again/")
        .replace("step1/", "count_words/")
    )
    assert repo.level("F1.1-1") == 3


def test_ids_in_a_list_are_mended_too(repo: Repo) -> None:
    listed = """cwlVersion: v1.2
class: Workflow
inputs: [{id: text, type: File}]
outputs: [{id: count, type: File, outputSource: "#1/count"}]
steps:
- id: '1'
  run: tool.cwl
  in: [{id: text, source: text}]
  out: [count]
"""
    repo.write("main.cwl", listed)
    new = fixed(repo)["main.cwl"]
    told = listed.replace("'1'\n", "'count_words'  # named by fairwf: was 1\n")
    assert new == told.replace("#1/count", "#count_words/count")


def test_a_name_that_stands_for_something_else_is_not_given(repo: Repo) -> None:
    twice = NUMBERED.replace("again.cwl", "tool.cwl").replace("check:", "count_words:")
    repo.write("main.cwl", twice.replace("text: File}", "text: File, tool: 'string?'}"))
    assert "main.cwl" not in fixed(repo)


def test_a_crate_is_made_of_what_is_known_and_holds_the_typed_parameters(repo: Repo) -> None:
    repo.write("CITATION.cff", CFF + "version: 1.2.0\n")
    assert "ro-crate-metadata.json" not in fixed(repo)
    repo.write("LICENSE", APACHE)
    written = fixed(repo)["ro-crate-metadata.json"]
    graph = {entity["@id"]: entity for entity in json.loads(written)["@graph"]}
    assert graph["#input-text"]["additionalType"] == "File"
    assert graph["#input-text"]["valueRequired"] is True
    assert graph["./"]["license"] == {"@id": "https://spdx.org/licenses/Apache-2.0"}
    assert {"@id": "tool.cwl"} in graph["./"]["hasPart"]
    assert repo.level("I1-2") == 3
    assert repo.level("F3-2") == 2
    assert (repo.level("R3-3") or 0) >= 2


def test_parameters_are_those_of_a_packaged_workflow(repo: Repo, tmp_path: Path) -> None:
    """A choice of types is told member by member, and an affiliation is an organisation."""
    affiliated = CFF + '  affiliation: "Brown University"\n'
    repo.change(
        "main.cwl", "    type: File\n    label: the text", "    type: [File, string, 'null']"
    )
    repo.write("CITATION.cff", affiliated).write("LICENSE", APACHE)
    fixed(repo)
    made = {e["@id"]: e for e in graph_at(repo.top)}
    assert made["#input-text"]["additionalType"] == ["File", "Text"]
    assert made["#input-text"]["valueRequired"] is False
    assert made["#input-text"]["encodingFormat"] == {"@id": "http://edamontology.org/format_1964"}
    author = made[made["./"]["author"]["@id"]]
    assert made[author["affiliation"]["@id"]]["@type"] == "Organization"
    api.package(repo.top / "main.cwl", tmp_path / "crate")
    ours, theirs = map(parameters, (repo.top, tmp_path / "crate"))
    assert set(ours) == {"text", "count"}
    said = ("additionalType", "valueRequired", "description", "encodingFormat", "multipleValues")
    for name, entity in ours.items():
        assert [entity.get(key) for key in said] == [theirs[name].get(key) for key in said]


def parameters(crate: Path) -> dict[str, Any]:
    """Return the parameters of a crate's main workflow by their names."""
    told = {entity["@id"]: entity for entity in graph_at(crate)}
    main = told[told["./"]["mainEntity"]["@id"]]
    return {told[main[key]["@id"]]["name"]: told[main[key]["@id"]] for key in ("input", "output")}


def graph_at(folder: Path) -> list[dict[str, Any]]:
    graph = json.loads((folder / "ro-crate-metadata.json").read_text())["@graph"]
    assert isinstance(graph, list)
    return graph


def test_the_crate_is_one_for_rocrate_validator(repo: Repo) -> None:
    pytest.importorskip("rocrate_validator")
    from fairwf.crates.oracle import judge

    repo.write("CITATION.cff", CFF).write("LICENSE", APACHE).write("README.md", "# Words\n")
    fixed(repo)
    found = judge(repo.top)
    assert found.profile == "workflow-ro-crate-1.0"
    assert not found.failed("REQUIRED")


def test_the_schema_of_the_inputs_is_written_beside_the_workflow(repo: Repo) -> None:
    result = CliRunner().invoke(score, [str(repo.top), "--fix"])
    assert "+++ b/inputs.schema.json" in result.stderr
    schema = json.loads((repo.top / "inputs.schema.json").read_text())
    assert schema["required"] == ["text"]
    again = CliRunner().invoke(score, [str(repo.top), "--fix"])
    assert "nothing to write" in again.stderr
