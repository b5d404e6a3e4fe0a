"""What a crate would show to everybody is told when it is packaged."""

from pathlib import Path

import pytest

from fairwf import api
from fairwf.crates import package_run
from fairwf.report import Report
from fairwf.trace import Run

TOOL = """cwlVersion: v1.2
class: CommandLineTool
$namespaces: {{cwltool: "http://commonwl.org/cwltool#", s: "https://schema.org/"}}
s:author: [{{class: s:Person, s:name: Ada}}]
hints: {hints}
requirements:
  EnvVarRequirement: {{envDef: {{SERVICE: $(inputs.api_token), LCX: C}}}}
baseCommand: ["true"]
inputs: {{api_token: string, tokens: string, n: {{type: int?}}}}
outputs: {{}}
"""


@pytest.fixture(scope="module", params=["{}", "{cwltool:Secrets: {secrets: [api_token]}}"])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    folder = tmp_path_factory.mktemp("ran")
    (folder / "main.cwl").write_text(TOOL.format(hints=request.param))
    given = {"api_token": "hunter2SECRET", "tokens": "a b"}
    result = api.run(folder / "main.cwl", given, run_dir=folder / "run", outdir=folder / "out")
    assert result is not None
    return folder / "run", "Secrets" in request.param


def test_a_text_named_like_a_secret_is_told_unless_it_is_stated_as_one(
    ran: tuple[Path, bool], tmp_path: Path
) -> None:
    folder, stated = ran
    report = Report()
    api.package(folder, tmp_path / "crate", report=report)
    found = [d for d in report if d.code == "FWF5025"]
    shown = b"hunter2SECRET" in (tmp_path / "crate/ro-crate-metadata.json").read_bytes()
    assert (len(found), shown) == ((0, False) if stated else (1, True))
    for diagnostic in found:
        assert "'api_token'" in diagnostic.message
        assert "cwltool:Secrets: {secrets: [api_token]}" in (diagnostic.hint or "")
        assert "hunter2" not in str(diagnostic)


def test_a_variable_whose_value_is_not_recorded_is_told(
    ran: tuple[Path, bool], tmp_path: Path
) -> None:
    report = Report()
    api.package(ran[0], tmp_path / "crate", report=report)
    (note,) = [d for d in report if d.code == "FWF5026"]
    assert note.message.startswith("SERVICE: ")
    assert note.severity == "note"


def test_a_run_whose_workflow_has_authors_has_an_author_of_its_own_only_if_told(
    ran: tuple[Path, bool], example: Run, tmp_path: Path
) -> None:
    report = Report()
    api.package(ran[0], tmp_path / "crate", report=report)
    hints = [d.hint for d in report if d.code == "FWF5007" and "no author" in d.message]
    assert hints == ["give --agent 'NAME <ORCID>', or [agent] in fairwf's config.toml"]
    known = Report()
    package_run(example, tmp_path / "known", report=known)
    assert example.agent is not None
    assert not [d for d in known if "no author" in d.message]
