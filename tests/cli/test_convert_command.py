"""`convert`: results whole or not at all, reports, and what --strict forbids."""

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from fairwf import formats
from fairwf.document import Document
from fairwf.formats import WriteOptions, Written
from fairwf.ir.canonical import same
from fairwf.ir.origins import Span
from fairwf.ir.workflow import Workflow
from fairwf.report import Report
from tests.cli.conftest import WORKFLOW, Fairwf

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_the_ir_comes_out_as_it_went_in(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    import fairwf as package

    said = fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "out.ir.json")
    assert (said.code, said.out, said.err) == (0, "", "")
    before, after = package.load(workflow), package.load(tmp_path / "out.ir.json")
    assert same(before.workflow, after.workflow)
    assert before.hash == after.hash


def test_without_a_path_the_result_goes_to_stdout(fairwf: Fairwf, workflow: Path) -> None:
    plain = fairwf("convert", workflow, "--to", "ir")
    dash = fairwf("convert", workflow, "--to", "ir", "-o", "-")
    assert plain.out == dash.out
    assert plain.json["fairwf_ir"] == "1"


def test_bare_leaves_positions_out(fairwf: Fairwf, workflow: Path) -> None:
    assert set(fairwf("convert", workflow, "--to", "ir", "--bare").json) == {
        "fairwf_ir",
        "workflow",
    }


def test_stdin_and_a_named_format(fairwf: Fairwf) -> None:
    said = fairwf("convert", "-", "--from", "ir", "--to", "ir", "--bare", stdin=WORKFLOW.encode())
    assert said.code == 0
    assert said.json["workflow"]["id"] == "greet"


def test_a_folder_to_write_to_gets_the_main_file(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    assert fairwf("convert", workflow, "--to", "ir", "-o", f"{tmp_path}/new/").code == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["workflow.ir.json"]


def test_an_invalid_document_writes_nothing(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    workflow.write_text(WORKFLOW.replace("port: text}", "port: txet}"))
    target = tmp_path / "out.ir.json"
    target.write_text("before")
    said = fairwf("convert", workflow, "--to", "ir", "-o", target)
    assert said.code == 1
    assert "error[FWF2001]" in said.err
    assert target.read_text() == "before"


def test_a_place_that_cannot_be_written_is_exit_3(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("convert", workflow, "--to", "ir", "-o", "/proc/nothing/out.json")
    assert said.code == 3
    assert "error[FWF9002]" in said.err


def test_a_report_counts_and_names_both_ends(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "x.json", "--report", path)
    report = json.loads(path.read_text())
    assert report["source"]["path"] == str(workflow)
    assert (report["source"]["format"], report["target"]["format"]) == ("ir", "ir")
    assert report["diagnostics"] == []
    assert report["summary"]["kept"] > 10
    assert report["summary"] | {"kept": 0} == {
        "kept": 0,
        "rewritten": 0,
        "approximated": 0,
        "lost": 0,
    }


@pytest.fixture
def lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The IR's writer as one that loses something, says so, and writes two files."""

    def write(document: Document, options: WriteOptions, report: Report) -> Written:
        assert isinstance(document.workflow, Workflow)
        step = document.workflow.steps[0]
        report.add(
            "FWF3004", "the <b>scatter</b> is lost", span=document.origins.get(step), hint="none"
        )
        report.add("FWF3003", "the <i>label</i> is approximated")
        return Written("main.txt", {"main.txt": b"main\n", "parts/a.txt": b"a\n"})

    real = formats.converters()["ir"]
    known = {**formats.converters(), "ir": replace(real, write=write)}
    monkeypatch.setattr("fairwf.formats.converters", lambda: known)


def test_losses_are_told_and_done(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, lossy: None
) -> None:
    said = fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "out.txt")
    assert said.code == 0
    assert f"{workflow}:11:" in said.err
    assert "warning[FWF3004]: the <b>scatter</b> is lost (lost)" in said.err
    assert (tmp_path / "out.txt").read_text() == "main\n"
    assert (tmp_path / "parts" / "a.txt").read_text() == "a\n"


def test_many_of_a_kind_are_told_by_their_places(capsys: pytest.CaptureFixture[str]) -> None:
    from fairwf.cli.diagnostics import show

    report = Report()
    for line in range(1, 21):
        report.add("FWF3004", "it is lost", span=Span("a.cwl", line, 2, line, 3))
    report.add("FWF3002", "it is rewritten", file="a.cwl")
    show(report, without=("rewritten",))
    said = capsys.readouterr().err
    assert said.count("it is lost") == 3
    assert "  the same at 17 more places: a.cwl:4:2, a.cwl:5:2, " in said
    assert "a.cwl:20:2\n" in said
    assert "rewritten" not in said


def test_several_files_do_not_fit_into_stdout(fairwf: Fairwf, workflow: Path, lossy: None) -> None:
    said = fairwf("convert", workflow, "--to", "ir")
    assert said.code == 2
    assert "2 files" in said.err
    assert said.out == ""


def test_strict_writes_nothing_where_something_is_lost(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, lossy: None
) -> None:
    target = tmp_path / "new" / "out.txt"
    said = fairwf(
        "convert", workflow, "--to", "ir", "-o", target, "--strict", "--allow", "FWF3003",
        "--report", tmp_path / "report.json",
    )  # fmt: skip
    assert said.code == 1
    assert "error[FWF3005]: 1 part would be" in said.err
    assert "accept them with --allow FWF3004" in said.err
    assert not target.parent.exists()
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["summary"]["lost"], report["summary"]["approximated"]) == (1, 1)


def test_strict_accepts_what_is_allowed(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, lossy: None
) -> None:
    said = fairwf(
        "convert", workflow, "--to", "ir", "-o", tmp_path / "out.txt", "--strict",
        "--allow", "FWF3004", "--allow", "fwf3003",
    )  # fmt: skip
    assert said.code == 0
    assert (tmp_path / "out.txt").exists()


def test_a_html_report_shows_texts_as_texts(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, lossy: None
) -> None:
    path = tmp_path / "report.html"
    fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "o/", "--report", path, "-q")
    page = path.read_text()
    assert "<b>scatter" not in page
    assert "&lt;b&gt;scatter&lt;/b&gt;" in page
    assert "http" not in page


def test_a_sarif_report(fairwf: Fairwf, workflow: Path, tmp_path: Path, lossy: None) -> None:
    path = tmp_path / "report.sarif"
    fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "o/", "--report", path, "-q")
    results = json.loads(path.read_text())["runs"][0]["results"]
    assert [result["properties"]["fate"] for result in results] == ["lost", "approximated"]


def test_quiet_tells_errors_alone(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, lossy: None
) -> None:
    assert fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "o", "-q").err == ""


def test_an_unknown_version_is_wrong_usage(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("convert", workflow, "--to", "ir", "--target-version", "99")
    assert said.code == 2
    assert "known: 1" in said.err


def test_a_folder_of_a_crate_stands_for_its_main_entity(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    crate.mkdir()
    workflow.rename(crate / "main.ir.yml")
    graph = [
        {"@id": "./", "@type": "Dataset", "mainEntity": {"@id": "main.ir.yml"}},
        {"@id": "main.ir.yml", "@type": ["File", "ComputationalWorkflow"]},
    ]
    (crate / "ro-crate-metadata.json").write_text(json.dumps({"@graph": graph}))
    assert fairwf("convert", crate, "--to", "ir", "--bare").json["workflow"]["id"] == "greet"


def test_a_main_entity_outside_of_its_crate_is_refused(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    crate.mkdir()
    graph = [{"@id": "./", "mainEntity": {"@id": f"../{workflow.name}"}}]
    (crate / "ro-crate-metadata.json").write_text(json.dumps({"@graph": graph}))
    said = fairwf("convert", crate, "--to", "ir")
    assert said.code == 1
    assert "error[FWF1008]" in said.err


def test_a_link_is_written_through_and_modes_are_kept(tmp_path: Path) -> None:
    from fairwf.atomic import write_file

    real = tmp_path / "real.txt"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link").symlink_to(real)
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real.txt"]


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", ""])
def test_a_writer_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    from fairwf.atomic import write_files

    with pytest.raises(ValueError, match="leaves its folder"):
        write_files(tmp_path / "in", {"ok": b"", name: b""})
    assert not Path(tmp_path / "in").exists()


def test_split_puts_each_tool_into_a_file_of_its_own(
    fairwf: Fairwf, repository: Path, tmp_path: Path
) -> None:
    main = str(repository / "examples" / "quickstart" / "main.cwl")
    done = fairwf("convert", main, "--to", "cwl", "--split", "-o", f"{tmp_path}/tidy/", "--quiet")
    assert done.code == 0
    assert (tmp_path / "tidy" / "main.cwl").is_file()
    assert (tmp_path / "tidy" / "tools" / "plot.cwl").is_file()
    assert fairwf("validate", f"{tmp_path}/tidy", "--quiet").code == 0
    done = fairwf("convert", main, "--to", "cwl", "--split", "--quiet")
    assert done.code == 2
    assert "name a folder with -o FOLDER/" in done.err


def test_split_is_wrong_usage_where_a_format_has_one_file(fairwf: Fairwf, workflow: Path) -> None:
    done = fairwf("convert", str(workflow), "--to", "wfformat", "--split")
    assert done.code == 2
    assert "one file a document" in done.err


def test_a_result_never_takes_the_place_of_its_source(fairwf: Fairwf, workflow: Path) -> None:
    before = workflow.read_bytes()
    said = fairwf("convert", workflow, "--to", "cwl", "-o", workflow)
    assert said.code == 2
    assert "the result would replace its own source" in said.err
    assert "name another file or folder with -o" in said.err
    assert workflow.read_bytes() == before


@pytest.mark.parametrize("other", ["source", "result"])
def test_a_report_takes_the_place_of_neither_source_nor_result(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, other: str
) -> None:
    source = workflow.rename(tmp_path / "source.json")
    before = source.read_bytes()
    said = fairwf(
        "convert", source, "--to", "ir", "-o", tmp_path / "result.json",
        "--report", tmp_path / f"{other}.json",
    )  # fmt: skip
    assert said.code == 2
    assert f"the report would replace the {other}" in said.err
    assert source.read_bytes() == before
    assert not (tmp_path / "result.json").exists()


def test_many_losses_are_told_by_kind_and_all_kept_in_the_report(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    inputs = "".join(f"    - {{id: i{n}, type: {{kind: int}}}}\n" for n in range(40))
    workflow.write_text(workflow.read_text().replace("  inputs:\n", f"  inputs:\n{inputs}", 1))
    report = tmp_path / "report.json"
    said = fairwf("convert", workflow, "--to", "wfformat", "-o", tmp_path / "p.json",
                  "--report", report)  # fmt: skip
    assert said.code == 0
    found = json.loads(report.read_text())["diagnostics"]
    told = [d for d in found if d.get("fate") in ("approximated", "lost")]
    assert len(told) > 40
    assert said.err.count(": warning[") < 20
    assert re.search(r"and 4[0-9] more of this kind, the next at ", said.err)
    assert f"; all of them in {report}" in said.err
    assert max(map(len, said.err.splitlines())) < 600


@pytest.mark.parametrize("name", ["bacass", "fetchngs", "methylseq"])
def test_published_instances_whose_files_are_paths_become_valid_cwl(
    fairwf: Fairwf, corpora: Path, tmp_path: Path, name: str
) -> None:
    source = corpora / f"wfformat/wfcommons__WfInstances/nextflow/{name}-dirt02-001.json"
    assert fairwf("convert", source, "--to", "cwl", "-o", tmp_path / "w.cwl", "-q").code == 0
    assert fairwf("validate", tmp_path / "w.cwl").code == 0


def test_losses_of_an_instance_stand_where_their_values_do(
    fairwf: Fairwf, corpora: Path, tmp_path: Path
) -> None:
    source = (
        corpora / "wfformat/wfcommons__WfInstances/helloworld/helloworld-chain-5-chameleon.json"
    )
    report = tmp_path / "report.json"
    said = fairwf("convert", source, "--to", "cwl", "-q", "--report", report)
    assert said.code == 0
    lines = source.read_text().split("\n")
    told = {
        each["message"]: lines[each["line"] - 1][each["column"] - 1 :]
        for each in json.loads(report.read_text())["diagnostics"]
        if each["fate"] == "lost"
    }
    starts = {
        "what was measured of tasks (runtime_s) is no part of a workflow": "1",
        "executed is no part of a workflow": '"05-10-23T16:23:32Z"',
        "machine 'ubuntu' is no part of a workflow": "{",
        "runtime_system is no part of a workflow": "{",
    }
    assert {text: told[text].startswith(start) for text, start in starts.items()} == dict.fromkeys(
        starts, True
    )


@pytest.mark.parametrize("output", ["tidy", "tidy/", "deep/tidy"])
def test_several_files_go_into_a_folder_that_need_not_be_there(
    fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    source = EXAMPLES / "quickstart/main.cwl"
    said = fairwf("convert", source, "--to", "cwl", "--split", "-o", output)
    assert said.code == 0
    folder = Path(output)
    tools = sorted(folder.glob("*/*.cwl"))
    assert (folder / "main.cwl").is_file()
    assert tools
    assert f"written: {folder}/main.cwl and {len(tools)} more" in said.err
    assert {path.name for path in tmp_path.iterdir()} == {folder.parts[0]}


def test_the_name_of_a_main_file_is_kept(fairwf: Fairwf, tmp_path: Path) -> None:
    source, target = EXAMPLES / "quickstart/main.cwl", tmp_path / "mine.cwl"
    assert fairwf("convert", source, "--to", "cwl", "--split", "-o", target).code == 0
    assert target.is_file()
    assert (tmp_path / "tools").is_dir()


def test_a_result_in_a_folder_is_named(fairwf: Fairwf, workflow: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    said = fairwf("convert", workflow, "--to", "ir", "-o", tmp_path / "there")
    assert f"written: {tmp_path}/there/workflow.ir.json\n" in said.err
    assert fairwf("convert", workflow, "--to", "ir", "-q", "-o", tmp_path / "there").err == ""


def test_formats_tell_what_is_read_apart_from_what_is_written(fairwf: Fairwf) -> None:
    entries = {
        entry["name"]: entry for entry in fairwf("formats", "--format", "json").json["formats"]
    }
    assert entries["wfformat"]["read_versions"] == ["1.3", "1.4", "1.5", "1.6"]
    assert entries["wfformat"]["versions"] == ["1.5"]
    assert "v1.3.0-dev1" in entries["cwl"]["read_versions"]
    [row] = [line for line in fairwf("formats").out.splitlines() if line.startswith("wfformat ")]
    assert "1.3 1.4 1.5" in row


def test_what_cwl_refuses_is_told_once_for_each_place_in_plain_words(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    """As docs/formats/cwl.md says of this example."""
    source = EXAMPLES / "ir/demanded-keys.ir.yml"
    result = fairwf("convert", source, "--to", "cwl", "-o", tmp_path / "out.cwl")
    assert result.code == 33
    errors = [line for line in result.err.splitlines() if "error[FWF3001]" in line]
    places = [line.split(": error")[0].removeprefix(f"{source}:") for line in errors]
    assert places == ["22:7", "18:12"]
    assert "no pass" not in result.err
    assert not (tmp_path / "out.cwl").exists()


@pytest.mark.parametrize("name", ["instance", "streams", "loop-with-approval", "typed-data-flow"])
def test_the_other_examples_become_cwl(fairwf: Fairwf, tmp_path: Path, name: str) -> None:
    """As docs/formats/cwl.md says."""
    source = EXAMPLES / f"ir/{name}.ir.yml"
    assert fairwf("convert", source, "--to", "cwl", "-o", tmp_path / "out.cwl").code == 0
    assert fairwf("validate", tmp_path / "out.cwl").code == 0


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_code_to_choose_by_is_refused(fairwf: Fairwf, option: str) -> None:
    source = EXAMPLES / "quickstart/main.cwl"
    assert fairwf("validate", source, option, "FWF9999").code == 2
    said = fairwf("validate", source, option, "FWF1131")
    assert "did you mean" in said.err
    assert fairwf("validate", source, option, "FWF2,fwf1113").code == 0
