"""A zip file or folder with a crate in it is a SOURCE like any other."""

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import pytest

from fairwf.archive import Archive, Limits
from fairwf.report import FairwfError
from tests.cli.conftest import Fairwf

TOOL = """\
cwlVersion: v1.2
class: CommandLineTool
inputs:
  text: {type: File, default: {class: File, location: data/text.txt}}
baseCommand: cat
arguments: [$(inputs.text)]
stdout: out.txt
outputs: {out: {type: stdout}}
"""


@pytest.fixture
def crate(fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zip file with a tool that needs a file beside it; nothing of it lies elsewhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "text.txt").write_text("beside the tool\n")
    (tmp_path / "tool.cwl").write_text(TOOL)
    assert fairwf("run", "tool.cwl", "--run-dir", "first", "-q").code == 0
    said = fairwf("package", "first", "-o", "crate.zip")
    assert said.code == 0, said.err
    for place in ("data", "first"):
        shutil.rmtree(place)
    (tmp_path / "tool.cwl").unlink()
    return tmp_path / "crate.zip"


@pytest.fixture(params=["zip", "folder"])
def source(request: pytest.FixtureRequest, crate: Path) -> Path:
    if request.param == "zip":
        return crate
    with zipfile.ZipFile(crate) as archive:
        archive.extractall(crate.with_suffix(""))
    return crate.with_suffix("")


@pytest.mark.parametrize("verb", ["validate", "inputs", "graph", "score"])
def test_every_verb_takes_it(fairwf: Fairwf, source: Path, verb: str) -> None:
    said = fairwf(verb, source)
    assert said.code == 0, said.err
    assert tempfile.gettempdir() + "/fairwf-" not in said.out


def test_it_runs_with_the_files_beside_the_workflow(
    fairwf: Fairwf, source: Path, tmp_path: Path
) -> None:
    said = fairwf("run", source, "--run-dir", "run", "--outdir", "results")
    assert said.code == 0, said.err
    assert (tmp_path / "results" / "out.txt").read_text() == "beside the tool\n"


def test_a_run_of_a_zip_file_is_resumed_and_packaged_later(
    fairwf: Fairwf, crate: Path, tmp_path: Path
) -> None:
    first = fairwf("run", crate, "--run-dir", "run").json
    crate.unlink()
    assert fairwf("resume", "run").json == first
    assert fairwf("package", "run", "-o", "again").code == 0
    assert [p.read_text() for p in tmp_path.glob("again/**/text.txt")] == ["beside the tool\n"]


def test_a_run_of_a_zip_file_never_touches_another_run(fairwf: Fairwf, crate: Path) -> None:
    assert fairwf("run", crate, "--run-dir", "run").code == 0
    said = fairwf("run", crate, "--run-dir", "run")
    assert said.code == 1
    assert "FWF4012" in said.err


def test_what_is_converted_from_it_names_files_as_the_workflow_does(
    fairwf: Fairwf, crate: Path, tmp_path: Path
) -> None:
    said = fairwf("convert", crate, "--to", "cwl", "-o", tmp_path / "new" / "tool.cwl")
    assert said.code == 0
    assert "note[FWF3008]" in said.err
    text = (tmp_path / "new" / "tool.cwl").read_text()
    assert "text.txt" in text
    assert str(tempfile.gettempdir()) not in text
    assert "../" not in text
    assert fairwf("diff", crate, tmp_path / "new" / "tool.cwl").code == 0


def test_nothing_of_it_stays_behind(crate: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    own = tmp_path / "temporary"
    own.mkdir()
    for verb in (["validate"], ["score"], ["run", "--run-dir", "later"]):
        done = subprocess.run(
            [sys.executable, "-m", "fairwf", *verb[:1], crate, *verb[1:]],
            env={**os.environ, "TMPDIR": str(own)},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
    assert list(own.iterdir()) == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"../../out.cwl": b"x"}, "FWF5006"),
        ({"a": b"x", "a/b": b"y"}, "FWF5001"),
        ({"a.cwl": b" " * (40 << 20)}, "FWF5006"),
        ({"n" * 300: b"x"}, "FWF5001"),
    ],
)
@pytest.mark.parametrize("verb", ["validate", "run", "score", "graph"])
def test_a_hostile_zip_file_is_refused(
    fairwf: Fairwf, tmp_path: Path, verb: str, members: dict[str, bytes], code: str
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    said = fairwf(verb, path)
    assert said.code == 1
    assert f"x.zip: error[{code}]" in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["x.zip"]


def test_an_archive_unpacks_no_further_than_its_limit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a", b"x" * 100)
    archive_ = Archive(tmp_path / "x.zip", "x.zip", Limits(unpacked_bytes=99), ())
    (tmp_path / "out").mkdir()
    with pytest.raises(FairwfError, match="FWF1009"):
        archive_.unpack(tmp_path / "out")
    archive_.close()
    assert list((tmp_path / "out").iterdir()) == []
