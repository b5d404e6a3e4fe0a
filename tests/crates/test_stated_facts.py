"""Facts that people state: options, settings, CITATION.cff and codemeta.json."""

import json
from pathlib import Path

import msgspec
import pytest

from fairwf import api
from fairwf.agents import configured, organisation, person
from fairwf.crates import PackageOptions, check_crate, package_run, package_workflow
from fairwf.crates.citations import completed
from fairwf.crates.facts import Stated
from fairwf.crates.licences import licence
from fairwf.document import Document
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.workflow import Workflow
from fairwf.report import InvalidError, Report, UsageFault
from fairwf.trace import Run
from tests.crates.example_run import workflow

ORCID = "https://orcid.org/0000-0002-1825-0097"
CFF = f"""cff-version: 1.2.0
message: cite it
title: Tables
license: MIT
doi: 10.5281/zenodo.1234
version: 2.0.0
authors:
  - given-names: Ada
    family-names: Lovelace
    orcid: {ORCID}
    affiliation: University of London
  - name: The counters
    website: https://counters.example.org/
"""


def graph(crate: Path) -> dict[str, dict[str, object]]:
    metadata = json.loads((crate / "ro-crate-metadata.json").read_bytes())
    return {entity["@id"]: entity for entity in metadata["@graph"]}


def test_a_person_is_named_with_an_orcid_in_any_form() -> None:
    for text in (f"Ada <{ORCID}>", "Ada <0000-0002-1825-0097>"):
        assert person(text) == Agent(name="Ada", id=ORCID)
    assert person("Ada") == Agent(name="Ada")
    assert organisation("U <04cw6st05>").id == "https://ror.org/04cw6st05"


@pytest.mark.parametrize(
    "text", ["", "<x>", "Ada <0000-0002-1825-0098>", "Ada <no iri>", "Ada <x>", "Ada <04cw6st06>"]
)
def test_what_names_nobody_is_a_wrong_usage(text: str) -> None:
    with pytest.raises(UsageFault):
        person(text)


def test_settings_name_the_person_and_the_publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    place = tmp_path / "fairwf" / "config.toml"
    place.parent.mkdir()
    assert configured() == (None, None)
    place.write_text(f'[agent]\nname = "Ada"\nid = "{ORCID}"\n[publisher]\nname = "U"\n')
    assert configured() == (Agent(name="Ada", id=ORCID), Agent(name="U", organization=True))
    for text, fault in (("[agent", "no TOML"), ("[agent]\nid = 3\n", "has no name")):
        place.write_text(text)
        with pytest.raises(InvalidError, match=fault):
            configured()


def test_a_citation_file_says_what_the_workflow_does_not(tmp_path: Path) -> None:
    (tmp_path / "main.cwl").write_text("cwlVersion: v1.2\n")
    (tmp_path / "CITATION.cff").write_text(CFF)
    (tmp_path / "LICENSE").write_text("MIT License\n")
    bare = msgspec.structs.replace(
        workflow(), metadata=Metadata(creators=(Agent(name="Ada Lovelace"),))
    )
    package_workflow(Document(workflow=bare), [tmp_path / "main.cwl"], tmp_path / "crate")
    told = graph(tmp_path / "crate")
    assert told["./"]["license"] == {"@id": "https://spdx.org/licenses/MIT"}
    main = told["workflow/main.cwl"]
    assert (main["version"], main["creator"]) == ("2.0.0", {"@id": ORCID})
    assert main["identifier"] == "https://doi.org/10.5281/zenodo.1234"
    assert told[ORCID]["affiliation"] == {"@id": "#agent/University%20of%20London"}
    for name in ("CITATION.cff", "LICENSE"):
        assert told[f"workflow/{name}"]["about"] == {"@id": "workflow/main.cwl"}
        assert (tmp_path / "crate/workflow" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_preview_shows_identifier_and_repository_of_the_workflow(tmp_path: Path) -> None:
    (tmp_path / "main.cwl").write_text("cwlVersion: v1.2\n")
    address = "https://git.example.org/tables"
    (tmp_path / "CITATION.cff").write_text(f"{CFF}repository-code: {address}\n")
    package_workflow(Document(workflow=workflow()), [tmp_path / "main.cwl"], tmp_path / "crate")
    page = (tmp_path / "crate/ro-crate-preview.html").read_text("utf-8")
    for title, shown in (
        ("Identifier of the workflow", "https://doi.org/10.5281/zenodo.1234"),
        ("Repository", address),
    ):
        assert f'<dt>{title}</dt><dd><a href="{shown}">' in page


def test_the_readme_of_a_workflow_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "flows").mkdir()
    (folder / "flows/main.cwl").write_text("cwlVersion: v1.2\n")
    document = Document(workflow=workflow())
    told = {}
    for name, text in (("README.rst", "all flows"), ("flows/README.md", "this flow")):
        (folder / name).write_text(text)
        crate = tmp_path / text
        package_workflow(document, [folder / "flows/main.cwl"], crate)
        told[name] = crate / "workflow" / Path(name).name
        assert told[name].read_text() == text
        entity = graph(crate)[f"workflow/{Path(name).name}"]
        assert entity["about"] == {"@id": "workflow/main.cwl"}
        assert entity["contentSize"] == len(text)
    (tmp_path / "this flow/workflow/README.md").unlink()
    package_workflow(document, [tmp_path / "this flow/workflow/main.cwl"], tmp_path / "again")
    assert not (tmp_path / "again/workflow/README.md").exists()


def test_the_title_of_a_repository_is_not_that_of_its_workflows(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text(CFF)
    files = [tmp_path / "CITATION.cff"]
    assert completed(Metadata(), files, tmp_path / "workflows", Report()).metadata.title is None
    assert completed(Metadata(), files, tmp_path, Report()).metadata.title == "Tables"


def test_codemeta_comes_after_the_citation_file(tmp_path: Path) -> None:
    people = [{"type": "Person", "givenName": "Grace", "familyName": "Hopper", "id": "0000-bad"}]
    codemeta = {"version": "9", "codeRepository": "https://git.example.org/x", "author": people}
    (tmp_path / "CITATION.cff").write_text(CFF)
    (tmp_path / "codemeta.json").write_text(json.dumps(codemeta))
    files = [tmp_path / "CITATION.cff", tmp_path / "codemeta.json"]
    found = completed(Metadata(), files, tmp_path, Report()).metadata
    assert (found.version, found.repository) == ("2.0.0", "https://git.example.org/x")
    assert [a.name for a in found.creators] == ["Ada Lovelace", "The counters"]
    assert found.creators[1].id == "https://counters.example.org/"
    assert completed(Metadata(), files[1:], tmp_path, Report()).metadata.creators == (
        Agent(name="Grace Hopper"),
    )


CODEMETA = {
    "@context": "https://w3id.org/codemeta/3.0",
    "type": "SoftwareSourceCode",
    "name": "Tables",
    "description": "Counts tables.",
    "license": "https://spdx.org/licenses/MIT",
    "version": "2.0.0",
    "author": [
        {"type": "Person", "name": "Lovelace, Ada", "id": ORCID},
        {"type": "Organization", "name": "The counters"},
    ],
    "maintainer": {"type": "Person", "name": "Grace Hopper", "email": "grace@example.org"},
    "funder": {"type": "Organization", "name": "The fund", "id": "https://ror.org/00k4n6c32"},
    "funding": [
        {
            "type": "Grant",
            "name": "Tables for all",
            "identifier": "101046203",
            "funder": {"type": "Organization", "name": "The council"},
        },
        "A small grant",
    ],
    "copyrightHolder": {"type": "Organization", "name": "University of London"},
    "softwareRequirements": ["python>=3.11", "https://pypi.org/project/click/"],
    "referencePublication": "https://doi.org/10.1000/182",
    "issueTracker": "https://git.example.org/issues",
    "programmingLanguage": "Python",
    "buildInstructions": "make",
}


def test_who_paid_and_who_maintains_stand_in_the_crate(tmp_path: Path) -> None:
    (tmp_path / "main.cwl").write_text("cwlVersion: v1.2\n")
    (tmp_path / "codemeta.json").write_text(json.dumps(CODEMETA))
    report = Report()
    bare = msgspec.structs.replace(workflow(), metadata=None, doc=None)
    package_workflow(
        Document(workflow=bare), [tmp_path / "main.cwl"], tmp_path / "crate", report=report
    )
    told = graph(tmp_path / "crate")
    main = told["workflow/main.cwl"]
    assert main["description"] == "Counts tables."
    assert told[main["maintainer"]["@id"]]["email"] == "grace@example.org"
    assert main["funder"] == {"@id": "https://ror.org/00k4n6c32"}
    assert told["./"]["funding"] == main["funding"]
    grants = [told[grant["@id"]] for grant in main["funding"]]
    assert [grant["name"] for grant in grants] == ["Tables for all", "A small grant"]
    assert grants[0]["identifier"] == "101046203"
    assert told[grants[0]["funder"]["@id"]]["name"] == "The council"
    assert told[main["copyrightHolder"]["@id"]]["name"] == "University of London"
    assert main["softwareRequirements"] == [
        "python>=3.11",
        {"@id": "https://pypi.org/project/click/"},
    ]
    assert main["citation"] == {"@id": "https://doi.org/10.1000/182"}
    assert [(d.code, d.message.partition(":")[0]) for d in report.diagnostics] == [
        ("FWF5023", "buildInstructions, programmingLanguage, issueTracker")
    ]
    findings = Report()
    check_crate(tmp_path / "crate", findings)
    assert list(findings) == []


TOOL = """cwlVersion: v1.2
class: CommandLineTool
label: Sorts
baseCommand: [sort]
$namespaces: {s: "https://schema.org/"}
s:name: GNU sort
s:codeRepository: https://git.savannah.gnu.org/cgit/coreutils.git
s:softwareVersion: "9.1"
s:license: https://spdx.org/licenses/GPL-3.0-or-later
s:identifier: https://doi.org/10.5281/zenodo.1234
s:author: [{class: s:Person, s:name: Grace Hopper}]
hints:
  SoftwareRequirement:
    packages:
      coreutils: {version: ["9.1"], specs: ["https://identifiers.org/rrid/RRID:SCR_002105"]}
inputs: {table: {type: File, inputBinding: {position: 1}}}
outputs: {sorted: {type: stdout}}
stdout: sorted.txt
"""
CALLER = """cwlVersion: v1.2
class: Workflow
inputs: {table: File}
steps: {one: {run: tools/sort.cwl, in: {table: table}, out: [sorted]}}
outputs: {sorted: {type: File, outputSource: one/sorted}}
"""


def test_what_the_file_of_a_tool_states_is_said_of_the_tool(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/sort.cwl").write_text(TOOL)
    (tmp_path / "main.cwl").write_text(CALLER)
    api.package(tmp_path / "main.cwl", tmp_path / "crate")
    told = graph(tmp_path / "crate")
    tool = told["#tool/one"]
    assert (tool["name"], tool["alternateName"]) == ("Sorts", "GNU sort")
    assert tool["softwareVersion"] == "9.1"
    assert tool["codeRepository"] == tool["url"]
    assert tool["codeRepository"] == "https://git.savannah.gnu.org/cgit/coreutils.git"
    assert tool["identifier"] == "https://doi.org/10.5281/zenodo.1234"
    assert told[tool["license"]["@id"]]["name"] == "GPL-3.0-or-later"
    assert told[tool["creator"]["@id"]]["name"] == "Grace Hopper"
    package = told[tool["softwareRequirements"]["@id"]]
    assert package["url"] == "https://identifiers.org/rrid/RRID:SCR_002105"


@pytest.mark.parametrize(
    ("name", "version"),
    [("quickstart/main.cwl", "v1.2"), ("wdl/words.wdl", None), ("ir/streams.ir.yml", "1")],
)
def test_the_version_of_the_language_is_the_one_that_the_document_states(
    repository: Path, tmp_path: Path, name: str, version: str | None
) -> None:
    source = repository / "examples" / name
    stated = version or source.read_text().partition("version ")[2].split()[0]
    api.package(source, tmp_path / "crate")
    told = graph(tmp_path / "crate")
    main = told[told["./"]["mainEntity"]["@id"]]
    assert told[main["programmingLanguage"]["@id"]]["version"] == stated


def test_seek_takes_the_crate_of_a_workflow_by_hand(tmp_path: Path) -> None:
    """It refuses a crate whose main workflow has a ``url`` that is no text with an address."""
    (tmp_path / "main.cwl").write_text("cwlVersion: v1.2\n")
    bare = msgspec.structs.replace(workflow(), metadata=None)
    package_workflow(Document(workflow=bare), [tmp_path / "main.cwl"], tmp_path / "crate")
    assert "url" not in graph(tmp_path / "crate")["workflow/main.cwl"]
    (tmp_path / "CITATION.cff").write_text(f"{CFF}url: https://tables.example.org/\n")
    package_workflow(Document(workflow=bare), [tmp_path / "main.cwl"], tmp_path / "told")
    assert graph(tmp_path / "told")["workflow/main.cwl"]["url"] == "https://tables.example.org/"


def test_a_run_is_not_what_the_money_was_given_for(example: Run, tmp_path: Path) -> None:
    (tmp_path / "codemeta.json").write_text(json.dumps(CODEMETA))
    run = msgspec.structs.replace(example, base=str(tmp_path))
    package_run(run, tmp_path / "crate")
    told = graph(tmp_path / "crate")
    main = told[told["./"]["mainEntity"]["@id"]]
    assert main["funder"] == {"@id": "https://ror.org/00k4n6c32"}
    assert "funder" not in told["./"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({}, None),
        ({"license": "Apache-2.0"}, "the licence is 'MIT' in CITATION.cff, and 'Apache-2.0' in"),
        ({"version": "2.1"}, "the version is '2.0.0' in CITATION.cff, and '2.1' in codemeta.json"),
        ({"author": {"name": "Bob"}}, "only in CITATION.cff: Ada Lovelace, The counters; only in"),
    ],
)
def test_files_that_contradict_each_other_are_told(
    tmp_path: Path, changed: dict[str, object], message: str | None
) -> None:
    (tmp_path / "CITATION.cff").write_text(CFF)
    (tmp_path / "codemeta.json").write_text(json.dumps({**CODEMETA, **changed}, indent=1))
    files = [tmp_path / "CITATION.cff", tmp_path / "codemeta.json"]
    report = Report()
    found = completed(Metadata(), files, tmp_path, report)
    assert (found.metadata.license, found.metadata.version) == ("MIT", "2.0.0")
    said = [d for d in report.diagnostics if d.code == "FWF5022"]
    assert len(said) == (message is not None)
    for diagnostic in said:
        assert message is not None
        assert message in diagnostic.message
        assert diagnostic.file == str(files[1])
        assert (diagnostic.line or 0) > 1


def test_two_identifiers_of_one_author_are_told_with_the_one_that_is_taken(
    tmp_path: Path,
) -> None:
    one, two = "https://orcid.org/0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700"
    people = "authors:\n  - {given-names: Ada, family-names: Lovelace, orcid: '" + one + "'}\n"
    (tmp_path / "CITATION.cff").write_text(f"cff-version: 1.2.0\ntitle: a\n{people}")
    author = {"@type": "Person", "givenName": "Ada", "familyName": "Lovelace", "@id": two}
    (tmp_path / "codemeta.json").write_text(json.dumps({"author": [author]}, indent=1))
    files = [tmp_path / "CITATION.cff", tmp_path / "codemeta.json"]
    report = Report()
    found = completed(Metadata(), files, tmp_path, report)
    assert [agent.id for agent in found.metadata.creators] == [one]
    (said,) = [d for d in report.diagnostics if d.code == "FWF5022"]
    assert f"{one} in CITATION.cff, and {two} in codemeta.json" in said.message
    assert (said.file, said.line) == (str(files[1]), 7)
    own = Metadata(creators=(Agent(name="Lovelace, Ada", id=two),))
    again = Report()
    completed(own, files, tmp_path, again)
    (said,) = [d for d in again.diagnostics if d.code == "FWF5022"]
    assert f"{two} in the workflow, and {one} in CITATION.cff" in said.message


def test_a_workflow_and_the_file_beside_it_may_contradict_each_other(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text(CFF)
    own = Metadata(version="1", license="mit", creators=(Agent(name="Bob"),))
    for folder, severity in ((tmp_path, "warning"), (tmp_path / "flows", "note")):
        report = Report()
        found = completed(own, [tmp_path / "CITATION.cff"], folder, report)
        assert found.metadata.version == "1"
        said = [d for d in report.diagnostics if d.code == "FWF5022"]
        assert [d.severity for d in said] == [severity] * 2
        assert "the version is '1' in the workflow, and '2.0.0' in CITATION.cff" in said[0].message
        assert "only in CITATION.cff: Ada Lovelace, The counters" in said[1].message


def test_of_three_sources_each_contradiction_names_the_one_that_wins(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text(CFF)
    (tmp_path / "codemeta.json").write_text(json.dumps({**CODEMETA, "license": "GPL-3.0-only"}))
    files = [tmp_path / "CITATION.cff", tmp_path / "codemeta.json"]
    for folder in (tmp_path, tmp_path / "flows"):
        report = Report()
        found = completed(Metadata(license="Apache-2.0"), files, folder, report)
        assert found.metadata.license == "Apache-2.0"
        said = [d for d in report.diagnostics if d.code == "FWF5022"]
        assert [(d.severity, d.message) for d in said] == [
            (
                "warning",
                f"the licence is 'Apache-2.0' in the workflow, and {other!r} in {name}: "
                "the crate has what the workflow states",
            )
            for name, other in (("CITATION.cff", "MIT"), ("codemeta.json", "GPL-3.0-only"))
        ]


def test_each_statement_that_another_source_replaces_is_told(tmp_path: Path) -> None:
    more = 'keywords: [words]\nabstract: Words.\ndate-released: "2026-03-04"\n'
    (tmp_path / "CITATION.cff").write_text(CFF + more)
    other = {
        "name": "Others",
        "description": "Counts.",
        "applicationCategory": "Linguistics",
        "datePublished": "2026-02-02",
        "version": "v2.0.0",
        "softwareRequirements": [{"name": "bwa", "version": "0.7"}, "python>=3.9"],
    }
    (tmp_path / "codemeta.json").write_text(json.dumps(other))
    report = Report()
    files = [tmp_path / "CITATION.cff", tmp_path / "codemeta.json"]
    found = completed(Metadata(title="Ours"), files, tmp_path, report, "What it does.")
    assert found.description == "What it does."
    assert found.further["softwareRequirements"] == ["bwa 0.7", "python>=3.9"]
    told = [d.message.partition(":")[0] for d in report.diagnostics if d.code == "FWF5023"]
    assert told == ["title, abstract", "name, description, datePublished, applicationCategory"]
    assert "FWF5022" not in [d.code for d in report.diagnostics]


def test_an_identifier_of_nobody_is_told(tmp_path: Path) -> None:
    (tmp_path / "CITATION.cff").write_text(CFF.replace("0097", "0098"))
    report = Report()
    completed(Metadata(), [tmp_path / "CITATION.cff"], tmp_path, report)
    (note,) = report.diagnostics
    assert "0000-0002-1825-0098' of Ada Lovelace: only the copy" in note.message
    assert note.line == 10


@pytest.mark.parametrize("text", ["a: [", "[1]", "authors: 3\nlicense: {a: 1}\n", "- x"])
def test_a_broken_citation_file_is_told_and_states_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "CITATION.cff").write_text(text)
    report = Report()
    assert completed(Metadata(), [tmp_path / "CITATION.cff"], tmp_path, report) == Stated(
        Metadata()
    )
    assert [d.severity for d in report] == ([] if "authors" in text else ["warning"])


def test_the_inputs_are_a_job_file_of_the_crate(example: Run, example_crate: Path) -> None:
    job = json.loads((example_crate / "examples/job.json").read_bytes())
    assert job["limit"] == 0.5
    first = job["tables"][0]
    place = (example_crate / "examples" / first["location"].replace("%20", " ")).name
    assert place.startswith("a b")
    assert first["secondaryFiles"][0]["location"].startswith("../inputs/")
    told = graph(example_crate)
    assert told["examples/"]["hasPart"] == {"@id": "examples/job.json"}


def test_inputs_that_are_not_in_the_crate_give_no_job_file(example: Run, tmp_path: Path) -> None:
    package_run(example, tmp_path / "crate", PackageOptions(input_limit=0))
    assert not (tmp_path / "crate/examples").exists()


def test_a_workflow_of_another_language_gets_its_abstract_cwl(example: Run, tmp_path: Path) -> None:
    run = msgspec.structs.replace(example, source_files=(), format="ir")
    package_run(run, tmp_path / "crate")
    main = graph(tmp_path / "crate")["workflow/main.ir.json"]
    assert main["subjectOf"] == {"@id": "workflow/main.abstract.cwl"}
    abstract = api.load(tmp_path / "crate/workflow/main.abstract.cwl").workflow
    assert isinstance(abstract, Workflow)
    assert [step.id for step in abstract.steps] == ["analyse", "gather", "extra"]
    assert "class: Operation" in (tmp_path / "crate/workflow/main.abstract.cwl").read_text()


def test_the_newer_set_of_versions_has_its_own_context_and_claims(
    example: Run, tmp_path: Path
) -> None:
    package_run(example, tmp_path / "crate", PackageOptions(profile="0.6"))
    metadata = json.loads((tmp_path / "crate/ro-crate-metadata.json").read_bytes())
    assert metadata["@context"][0] == "https://w3id.org/ro/crate/1.3/context"
    told = graph(tmp_path / "crate")
    descriptor = told["ro-crate-metadata.json"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.3"}
    claims = told["./"]["conformsTo"]
    assert isinstance(claims, list)
    assert {"@id": "https://w3id.org/ro/wfrun/provenance/0.6"} in claims
    assert {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.1"} in claims


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("apache-2.0", "Apache-2.0"),
        ("mit or (GPL-3.0-or-later AND CC-BY-4.0)", "MIT OR (GPL-3.0-or-later AND CC-BY-4.0)"),
        ("GPL-2.0-only with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LicenseRef-ours", "LicenseRef-ours"),
        ("https://example.org/terms", "https://example.org/terms"),
    ],
)
def test_a_licence_is_an_spdx_expression_or_an_iri(text: str, meant: str) -> None:
    pytest.importorskip("packaging.licenses")
    assert licence(text) == meant


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Apache-2", "did you mean 'Apache-2.0'"),
        ("MIT Apache-2.0", "an expression of"),
        ("MIT OR", "an expression of"),
        ("((MIT", "an expression of"),
        ("MIT WITH nothing", "an expression of"),
    ],
)
def test_a_licence_that_spdx_does_not_know_is_refused(text: str, hint: str) -> None:
    pytest.importorskip("packaging.licenses")
    with pytest.raises(UsageFault, match="license") as refused:
        licence(text)
    assert hint in (refused.value.report.diagnostics[0].hint or "")
