"""`package`, `prov` and `query`: a run that others can read."""

import json
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fairwf import api
from fairwf.crates import PackagedRuns, holds_runs
from fairwf.report import FairwfError, UsageFault
from fairwf.trace import Run, RunStream
from tests.cli.conftest import Fairwf
from tests.converters.nextflow.test_nf_prov_crates import graph, written


@pytest.fixture
def run_dir(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    said = fairwf("run", workflow, "--names", "Ada", "--names", "Grace", "--run-dir", folder)
    assert said.code == 0, said.err
    return folder


def graph_of(text: str | bytes) -> dict[str, dict[str, object]]:
    return {entity["@id"]: entity for entity in json.loads(text)["@graph"]}


def test_a_run_becomes_a_crate(fairwf: Fairwf, run_dir: Path, tmp_path: Path) -> None:
    said = fairwf("package", run_dir, "-o", tmp_path / "crate", "--license", "CC0-1.0", "-q")
    assert (said.code, said.out) == (0, "")
    entities = graph_of((tmp_path / "crate" / "ro-crate-metadata.json").read_text())
    assert "CreateAction" in json.dumps([entity["@type"] for entity in entities.values()])
    assert (tmp_path / "crate" / "ro-crate-preview.html").exists()


def test_a_zip_file_is_a_crate(fairwf: Fairwf, run_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "crate.zip"
    assert fairwf("package", run_dir, "-o", target, "--no-preview").code == 0
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
    assert any(name.endswith("ro-crate-metadata.json") for name in names)
    assert not any("preview" in name for name in names)
    turtle = fairwf("prov", target)
    assert "prov:Activity" in turtle.out


def test_a_run_is_packaged_at_once(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    said = fairwf(
        "run",
        workflow,
        "--names",
        "x",
        "--run-dir",
        tmp_path / "r",
        "--crate",
        tmp_path / "c",
        "-q",
    )
    assert said.code == 0
    assert list(said.json) == ["greetings"]
    assert (tmp_path / "c" / "ro-crate-metadata.json").exists()


def test_a_workflow_alone_becomes_a_crate(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    assert fairwf("package", workflow, "-o", tmp_path / "crate").code == 0
    entities = graph_of((tmp_path / "crate" / "ro-crate-metadata.json").read_text())
    main = entities["./"]["mainEntity"]
    assert isinstance(main, dict)
    assert (tmp_path / "crate" / str(main["@id"])).read_bytes() == workflow.read_bytes()


def test_what_is_in_the_way_stays(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    said = fairwf("package", workflow, "-o", tmp_path / "mine")
    assert said.code == 1
    assert "error[FWF5004]" in said.err
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"


def test_the_forms_of_provenance_are_those_that_are_built() -> None:
    from fairwf import provenance
    from fairwf.cli.prov import FORMS

    assert (*provenance.FORMATS, "svg") == FORMS  # drawn by the command line


def test_provenance_is_drawn(fairwf: Fairwf, run_dir: Path, tmp_path: Path) -> None:
    said = fairwf("prov", run_dir, "--to", "svg")
    assert said.code == 0, said.err
    root = ElementTree.fromstring(said.out)
    texts = [element.text or "" for element in root.iter() if element.tag.endswith("text")]
    assert "hello (0)" in texts
    assert any(text.endswith("2 executions, 4 files and values") for text in texts)


@pytest.mark.parametrize(
    ("form", "text"),
    [("turtle", "prov:used"), ("nquads", "<http://www.w3.org/ns/prov#used>"),
     ("json-ld", "http://www.w3.org/ns/prov#"), ("prov-json", '"used"'), ("prov-n", "  used(")],
)  # fmt: skip
def test_provenance_in_every_form(fairwf: Fairwf, run_dir: Path, form: str, text: str) -> None:
    assert text in fairwf("prov", run_dir, "--to", form).out


def test_provenance_into_a_file(fairwf: Fairwf, run_dir: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "prov.ttl"
    assert fairwf("prov", run_dir, "-o", target).out == ""
    assert "prov:Activity" in target.read_text()


def test_questions_about_files(fairwf: Fairwf, run_dir: Path) -> None:
    said = fairwf("query", run_dir, "--lineage", "hello.txt")
    assert said.code == 0
    kinds = [line.split(maxsplit=2)[1:] for line in said.out.splitlines()]
    assert ["run", "hello (0)"] in kinds and ["value", "Ada"] in kinds
    wrong = fairwf("query", run_dir, "--lineage", "helo.txt")
    assert wrong.code == 1
    assert "did you mean" in wrong.err


def test_sparql_as_a_table_and_from_stdin(fairwf: Fairwf, run_dir: Path) -> None:
    text = "SELECT (COUNT(?a) AS ?n) WHERE { ?a a prov:Activity }"
    said = fairwf("query", run_dir, text)
    assert said.out.splitlines()[0] == "?n"
    assert int(said.out.splitlines()[1]) >= 2
    assert fairwf("query", run_dir, "-", stdin=text.encode()).out == said.out


@pytest.mark.parametrize("words", [[], ["ASK {}", "--lineage", "x"]])
def test_one_question_at_a_time(fairwf: Fairwf, run_dir: Path, words: list[str]) -> None:
    said = fairwf("query", run_dir, *words)
    assert said.code == 2
    assert "ask one thing" in said.err


def test_a_malformed_query_is_wrong_usage(fairwf: Fairwf, run_dir: Path) -> None:
    said = fairwf("query", run_dir, "ASK {")
    assert said.code == 2
    assert "the query is no SPARQL" in said.err


def test_no_crate(fairwf: Fairwf, tmp_path: Path) -> None:
    for words in (["prov", tmp_path], ["query", tmp_path, "ASK {}"]):
        said = fairwf(*words)
        assert said.code == 1
        assert "error[FWF5001]" in said.err


def test_python_packages_a_run(workflow: Path, tmp_path: Path) -> None:
    import fairwf

    record = fairwf.run(workflow, {"names": ["Ada"]}, run_dir=tmp_path / "run")
    crate = fairwf.package(record, tmp_path / "crate")
    assert (crate / "ro-crate-metadata.json").exists()
    assert 0 <= fairwf.score(crate).score.value <= 100


def test_a_run_is_converted_with_its_tasks(fairwf: Fairwf, run_dir: Path, tmp_path: Path) -> None:
    said = fairwf("convert", run_dir, "--to", "wfformat", "-o", tmp_path / "run.json")
    assert said.code == 0, said.err
    instance = json.loads((tmp_path / "run.json").read_text())
    assert len(instance["workflow"]["specification"]["tasks"]) == 2
    tasks = instance["workflow"]["execution"]["tasks"]
    assert all(task["runtimeInSeconds"] >= 0 for task in tasks)
    as_ir = fairwf("convert", run_dir, "--to", "ir", "--bare").json
    assert as_ir["workflow"]["kind"] == "instance"


def test_a_moved_run_is_packaged_with_its_outputs(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path
) -> None:
    moved = run_dir.rename(tmp_path / "moved")
    said = fairwf("package", moved, "-o", tmp_path / "crate", "--license", "CC0-1.0")
    assert (said.code, said.err) == (0, f"packaged in {tmp_path / 'crate'}\n")
    copied = sorted(p.read_text() for p in (tmp_path / "crate/outputs").rglob("*.txt"))
    assert copied == ["Ada\n", "Grace\n"]


WAITING = """\
fairwf_ir: "1"
workflow:
  kind: workflow
  id: release
  steps:
    - id: publish
      approval: {prompt: {kind: string_lit, value: "Publish?"}}
      run:
        kind: command
        arguments: [{value: {kind: string_lit, value: "true"}}]
"""


def test_who_approved_a_step_is_in_the_crate_and_in_the_provenance(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    (tmp_path / "release.ir.yml").write_text(WAITING)
    run, crate = tmp_path / "run", tmp_path / "crate"
    assert fairwf("run", tmp_path / "release.ir.yml", "--no-wait", "--run-dir", run).code == 130
    unfinished = fairwf("package", run, "-o", crate)
    assert "warning[FWF5018]: the run has not ended" in unfinished.err
    assert "note[FWF5019]: no step of the workflow ran" in unfinished.err
    assert fairwf("approve", run, "publish", "--who", "Ada").code == 0
    resumed = fairwf("resume", run)
    assert resumed.code == 0
    assert "waiting for approval" not in resumed.err
    whole = fairwf("package", run, "-o", crate)
    assert "FWF5018" not in whole.err and "FWF5019" not in whole.err
    entities = graph_of((crate / "ro-crate-metadata.json").read_text())
    (approval,) = [e for e in entities.values() if e["@type"] == "AuthorizeAction"]
    assert approval["agent"] == {"@id": "#agent/Ada"}
    assert entities["#agent/Ada"]["name"] == "Ada"
    assert approval["description"] == "Publish?"
    assert entities[approval["object"]["@id"]]["@type"] == "ControlAction"  # type: ignore[index]
    for source in (run, crate):
        asked = (
            "SELECT ?n { ?a prov:wasAssociatedWith [ rdfs:label ?n ]; a schema:AuthorizeAction }"
        )
        assert "Ada" in fairwf("query", source, asked).out


def test_equal_words_have_equal_numbers_everywhere(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path
) -> None:
    assert "completed (no engine at work): 2 tasks done\n" in fairwf("status", run_dir).out
    fairwf("package", run_dir, "-o", tmp_path / "crate")
    entities = graph_of((tmp_path / "crate" / "ro-crate-metadata.json").read_text())
    assert "completed, 2 tasks done." in str(entities["./"]["description"])
    fairwf("graph", run_dir, "-o", tmp_path / "run.html")
    assert "2 tasks done" in (tmp_path / "run.html").read_text()
    assert "completed: 2 tasks done, 2 of them earlier" not in fairwf("resume", run_dir).err


@pytest.mark.parametrize(
    ("sparql", "place", "text", "hint"),
    [
        ("SELECT ?a WHER { ?a a ?b }", "1:16", "'{ ?a a ?b }' cannot stand here", "WHERE"),
        ("SELECT ?a\nWHERE { ?a a ?b", "2:16", "it ends too early", '"}"'),
        (
            "SELECT ?a WHERE { ?a a nope:x }",
            "1:30",
            "the prefix is not known",
            "PREFIX name: <IRI>",
        ),
    ],
)
def test_a_malformed_query_is_shown_where_it_is(
    fairwf: Fairwf, run_dir: Path, sparql: str, place: str, text: str, hint: str
) -> None:
    said = fairwf("query", run_dir, sparql)
    assert said.code == 2
    assert f"SPARQL:{place}: error[FWF9001]: the query is no SPARQL: {text}" in said.err
    assert hint in said.err.split("hint: ")[1]


def test_a_run_directory_is_scored_as_a_crate(fairwf: Fairwf, run_dir: Path) -> None:
    said = fairwf("score", run_dir)
    assert said.code == 2
    assert f"hint: fairwf package {run_dir} -o crate; fairwf score crate" in said.err


def test_the_person_and_publisher_come_from_options_or_settings(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "fairwf").mkdir()
    (tmp_path / "fairwf" / "config.toml").write_text('[agent]\nname = "A"\n[publisher]\nname = "U"')
    target = tmp_path / "crate"
    for options, author in (([], "A"), (["--agent", "B", "--affiliation", "V"], "B")):
        assert fairwf("package", workflow, "-o", target, *options).code == 0
        root = graph_of((target / "ro-crate-metadata.json").read_text())["./"]
        assert (root["author"], root["publisher"]) == (
            {"@id": f"#agent/{author}"},
            {"@id": "#agent/U"},
        )
    for wrong in (["--affiliation", "V"], ["--agent", "A <nobody>"]):
        assert fairwf("package", workflow, "-o", tmp_path / "other", *wrong).code == 2
    assert not (tmp_path / "other").exists()


def test_a_source_is_never_replaced_by_what_is_made_of_it(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path
) -> None:
    crate, packed = tmp_path / "crate", tmp_path / "crate.zip"
    assert fairwf("package", run_dir, "-o", crate).code == 0
    assert fairwf("package", run_dir, "-o", packed).code == 0
    whole = (crate / "ro-crate-metadata.json").read_bytes(), packed.read_bytes()
    for words in (
        ("package", crate, "-o", crate),
        ("package", packed, "-o", packed),
        ("prov", packed, "-o", packed),
        ("prov", crate, "-o", crate / "ro-crate-metadata.json"),
        ("prov", run_dir, "-o", run_dir / "journal.log"),
    ):
        said = fairwf(*words)
        assert said.code == 2, words
        assert "replace its own source" in said.err
    assert whole == ((crate / "ro-crate-metadata.json").read_bytes(), packed.read_bytes())
    assert fairwf("status", run_dir).code == 0


def test_files_outside_of_the_workflow_s_repository_are_not_copied(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("a secret\n")
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "main.cwl").write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: 'true'\n"
        "inputs:\n  f: {type: File, default: {class: File, location: ../secret.txt}}\n"
        "outputs: []\n"
    )
    crate = tmp_path / "crate"
    run = ("run", folder / "main.cwl", "--run-dir", tmp_path / "r")
    assert fairwf(*run).code == 0
    said = fairwf("package", tmp_path / "r", "-o", crate)
    assert said.code == 0
    assert "outside of the workflow's own folders" in said.err
    assert not [path for path in crate.rglob("*") if path.name == "secret.txt"]


def test_the_readme_of_a_crate_says_how_to_run_it_and_that_works(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fairwf("package", run_dir, "-o", tmp_path / "crate").code == 0
    readme = (tmp_path / "crate" / "README.md").read_text()
    commands = [line[2:] for line in readme.splitlines() if line.startswith("$ ")]
    assert [words.split()[1] for words in commands] == ["run", "rerun"]
    monkeypatch.chdir(tmp_path / "crate")
    said = fairwf(*commands[0].split()[1:])
    assert said.code == 0, said.err
    assert fairwf(*commands[1].split()[1:]).code == 0


def test_a_crate_s_licence_may_lie_beside_its_workflow(fairwf: Fairwf, tmp_path: Path) -> None:
    here = Path(__file__).resolve().parents[2] / "examples" / "quickstart"
    assert fairwf("package", here / "main.cwl", "-o", tmp_path / "crate").code == 0
    said = fairwf("score", tmp_path / "crate", "--format", "json")
    levels = {finding["id"]: finding["outcome"].get("level") for finding in said.json["findings"]}
    assert levels["R1.1-1"] == 3


def test_who_ran_the_workflow_is_recorded_when_it_runs(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = tmp_path / "fairwf" / "config.toml"
    settings.parent.mkdir()
    settings.write_text('[agent]\nname = "Ada"\nid = "0000-0002-1825-0097"\n')
    said = fairwf("run", workflow, "--names", "Ada", "--run-dir", tmp_path / "run")
    assert said.code == 0, said.err
    settings.write_text('[agent]\nname = "Grace"\n')  # who packages the run later
    assert fairwf("package", tmp_path / "run", "-o", tmp_path / "crate").code == 0
    entities = graph_of((tmp_path / "crate" / "ro-crate-metadata.json").read_text())
    assert entities["#run"]["agent"] == {"@id": "https://orcid.org/0000-0002-1825-0097"}


def test_the_log_of_what_failed_is_in_the_crate(fairwf: Fairwf, tmp_path: Path) -> None:
    tool = tmp_path / "fails.cwl"
    tool.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\n"
        "baseCommand: [sh, -c, 'echo no such gene >&2; exit 3']\ninputs: []\noutputs: []\n"
    )
    assert fairwf("run", tool, "--run-dir", tmp_path / "run").code == 1
    assert fairwf("package", tmp_path / "run", "-o", tmp_path / "crate").code == 0
    entities = graph_of((tmp_path / "crate" / "ro-crate-metadata.json").read_text())
    log = next(e for i, e in entities.items() if i.startswith("logs/"))
    assert (tmp_path / "crate" / str(log["@id"])).read_text() == "no such gene\n"
    assert log["about"] == {"@id": "#run"}


def test_a_minimal_crate_describes_data_and_holds_none(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    assert fairwf("package", run_dir, "-o", crate, "--minimal", "--license", "CC0-1.0").code == 0
    assert not (crate / "outputs").exists()
    entities = graph_of((crate / "ro-crate-metadata.json").read_text())
    made = entities["#run"]["result"]
    first = made[0] if isinstance(made, list) else made
    told = entities[first["@id"]]
    assert told["sha256"]
    assert str(told["@id"]).startswith("#file/")
    assert fairwf("validate", crate).code == 0


@pytest.mark.parametrize("zipped", [False, True])
def test_one_fault_of_a_crate_is_told_once_and_where_the_user_has_it(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path, zipped: bool
) -> None:
    assert fairwf("package", run_dir, "-o", tmp_path / "crate").code == 0
    next((tmp_path / "crate/workflow").glob("*.cwl")).unlink()
    for change in (None, b'{"@graph": nothing'):
        if change is not None:
            (tmp_path / "crate/ro-crate-metadata.json").write_bytes(change)
        crate = tmp_path / "crate"
        if zipped:
            crate = Path(shutil.make_archive(str(tmp_path / "again"), "zip", crate))
        said = fairwf("validate", crate)
        assert said.code == 1
        errors = [line for line in said.err.splitlines() if ": error[" in line]
        assert len(errors) == 1
        assert errors[0].startswith(f"{crate}/ro-crate-metadata.json:")


def test_a_crate_of_a_run_is_packaged_again_with_its_run(
    fairwf: Fairwf, run_dir: Path, tmp_path: Path
) -> None:
    crate, again = tmp_path / "crate", tmp_path / "again.zip"
    assert fairwf("package", run_dir, "-o", crate, "--license", "MIT", "-q").code == 0
    done = fairwf("package", crate, "-o", again, "--name", "Again")
    assert (done.code, done.err) == (0, f"packaged in {again}\n")
    with zipfile.ZipFile(again) as archive:
        entities = graph_of(archive.read("ro-crate-metadata.json"))
    assert entities["./"]["name"] == "Again"
    assert entities["#run"]["@type"] == "CreateAction"
    for words in (["--profile", "0.6"], ["--agent", "Bob"], ["--parquet"]):
        refused = fairwf("package", crate, "-o", tmp_path / "no", *words)
        assert refused.code == 2
        assert "package the run directory with" in refused.err
        assert not (tmp_path / "no").exists()


def test_python_and_the_command_line_take_a_path_for_the_same(
    run_dir: Path, tmp_path: Path
) -> None:
    crate = api.package(run_dir, tmp_path / "crate")
    entities = graph_of((crate / "ro-crate-metadata.json").read_bytes())
    assert entities["#run"]["@type"] == "CreateAction"
    assert isinstance(api.packageable(run_dir), RunStream)
    assert isinstance(api.packageable(crate), PackagedRuns)
    with pytest.raises(UsageFault, match="goes with what another engine left behind"):
        api.packageable(run_dir, data=[tmp_path])


def test_a_crate_of_another_engine_s_run_is_its_trace(tmp_path: Path) -> None:
    written(tmp_path / "theirs", graph())
    assert holds_runs(tmp_path / "theirs")
    assert isinstance(api.packageable(tmp_path / "theirs"), Run)
    with pytest.raises(FairwfError):
        api.packageable(tmp_path / "theirs", "cwl")
