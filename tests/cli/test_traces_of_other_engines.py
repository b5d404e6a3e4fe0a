"""Traces of other engines as SOURCE of `package` and of the verbs that read runs."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from fairwf import api
from tests.cli.conftest import Fairwf


@pytest.fixture
def trace(repository: Path, tmp_path: Path) -> Path:
    """The working directory of a run of Snakemake."""
    return Path(shutil.copytree(repository / "examples/traces/snakemake", tmp_path / "letters"))


def metadata(crate: Path) -> dict[str, dict[str, object]]:
    graph = json.loads((crate / "ro-crate-metadata.json").read_text())["@graph"]
    return {entity["@id"]: entity for entity in graph}


@pytest.mark.parametrize("words", [[], ["--from-trace", "snakemake"]])
def test_a_trace_becomes_a_crate(
    fairwf: Fairwf, trace: Path, tmp_path: Path, words: list[str]
) -> None:
    said = fairwf("package", trace, "-o", tmp_path / "crate", *words, "--license", "MIT", "-q")
    assert (said.code, said.out) == (0, ""), said.err
    engine = metadata(tmp_path / "crate")["#engine/Snakemake/9.27.1"]
    assert engine["url"] == "https://snakemake.github.io"
    assert fairwf("validate", tmp_path / "crate").code == 0


def test_a_relative_path_and_a_zip_file_are_traces(
    fairwf: Fairwf, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fairwf("package", "letters", "-o", "one").code == 0
    with zipfile.ZipFile("letters.zip", "w") as archive:
        for path in sorted(trace.rglob("*")):
            archive.write(path, path.relative_to(trace))
    assert fairwf("package", "letters.zip", "-o", "two").code == 0
    for crate in ("one", "two"):
        assert (tmp_path / crate / "outputs/report.txt").is_file()


def test_the_verbs_of_runs_read_traces(fairwf: Fairwf, trace: Path, tmp_path: Path) -> None:
    assert "prov:Activity" in fairwf("prov", trace).out
    lineage = fairwf("query", trace, "--lineage", "report.txt", "--format", "json").json
    assert {"a.txt", "b.txt"} <= {each["name"] for each in lineage["entities"]}
    standing = fairwf("status", trace, "--format", "json").json
    assert (standing["status"], standing["counts"]) == ("completed", {"completed": 5})
    assert "count" in fairwf("graph", trace).out
    said = fairwf("convert", trace, "--to", "wfformat", "-o", tmp_path / "i.json")
    assert said.code == 0, said.err
    tasks = json.loads((tmp_path / "i.json").read_text())["workflow"]["execution"]["tasks"]
    assert len(tasks) == 5
    assert fairwf("package", tmp_path / "i.json", "-o", tmp_path / "again").code == 0


def test_an_instance_is_still_drawn_and_converted_as_the_document_that_it_is(
    fairwf: Fairwf, trace: Path, tmp_path: Path
) -> None:
    assert fairwf("convert", trace, "--to", "wfformat", "-o", tmp_path / "i.json").code == 0
    assert (
        fairwf("convert", tmp_path / "i.json", "--to", "ir", "-o", tmp_path / "i.ir.json").code == 0
    )
    assert '"kind":"instance"' in (tmp_path / "i.ir.json").read_text().replace(" ", "")


def test_an_unknown_engine_lists_the_known_ones(fairwf: Fairwf, trace: Path) -> None:
    said = fairwf("package", trace, "-o", "crate", "--from-trace", "snakmake")
    assert said.code == 2
    assert "cwlprov, nextflow, parsl, pegasus, snakemake, wfinstance" in said.err


@pytest.mark.parametrize(
    "engine", ["cwlprov", "nextflow", "parsl", "pegasus", "snakemake", "wfinstance"]
)
def test_what_is_no_trace_of_the_engine_is_refused(
    fairwf: Fairwf, tmp_path: Path, engine: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/notes.txt").write_text("nothing")
    for source in (tmp_path / "empty", tmp_path / "empty/notes.txt", tmp_path / "missing"):
        said = fairwf("package", source, "-o", tmp_path / "crate", "--from-trace", engine)
        assert said.code == 1, said.err
        assert "error[FWF1" in said.err
    assert not (tmp_path / "crate").exists()


def test_data_lets_a_folder_in(fairwf: Fairwf, trace: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (trace / "data/a.txt").rename(tmp_path / "elsewhere/a.txt")
    (trace / "data/a.txt").symlink_to(tmp_path / "elsewhere/a.txt")
    said = fairwf("package", trace, "-o", tmp_path / "crate")
    assert "lies outside of the trace's own folder" in said.err
    assert not (tmp_path / "crate/inputs/a.txt").exists()
    said = fairwf("package", trace, "-o", tmp_path / "crate", "--data", tmp_path / "elsewhere")
    assert said.code == 0
    assert (tmp_path / "crate/inputs/a.txt").is_file()


def test_formats_tells_what_traces_are_read(fairwf: Fairwf) -> None:
    told = {each["name"]: each for each in fairwf("formats", "--format", "json").json["formats"]}
    assert (told["cwl"]["trace"], told["snakemake"]["trace"]) == ("cwlprov", "snakemake")
    assert told["snakemake"]["reads"]
    assert not told["parsl"]["reads"]
    said = fairwf("convert", "x", "--to", "parsl")
    assert (said.code, "neither read nor written yet" in said.err) == (2, True)


def test_from_python(trace: Path, tmp_path: Path) -> None:
    api.package(trace, tmp_path / "crate")
    assert (tmp_path / "crate/workflow/Snakefile").is_file()


def test_the_same_trace_gives_the_same_crate(
    fairwf: Fairwf, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    for name in ("one", "two"):
        assert fairwf("package", trace, "-o", tmp_path / name, "-q").code == 0
    one, two = ((tmp_path / n / "ro-crate-metadata.json").read_bytes() for n in ("one", "two"))
    assert one == two
