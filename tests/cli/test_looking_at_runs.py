"""`status`, `approve` and damaged run directories, as seen by those who run no engine."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ir" / "loop-with-approval"


@pytest.fixture
def waiting(fairwf: Fairwf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a run that waits for the approval of ``release``."""
    monkeypatch.chdir(tmp_path)
    run = [f"{EXAMPLE}.ir.yml", f"{EXAMPLE}.job.yml", "--run-dir", "r", "--no-wait"]
    said = fairwf("run", *run)
    assert said.code == 130
    assert said.err.count("Publish the result?") == 1
    assert said.err.count("fairwf approve") == 1
    return tmp_path / "r"


@pytest.fixture
def done(fairwf: Fairwf, workflow: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(workflow.parent)
    assert fairwf("run", workflow, "--names", "Ada", "--run-dir", "r", "-q").code == 0
    return workflow.parent / "r"


# --- approvals


def test_an_approval_stands_as_it_was_given(fairwf: Fairwf, waiting: Path) -> None:
    assert fairwf("approve", waiting, "release", "--who", "Marie").code == 0
    again = fairwf("approve", waiting, "release", "--who", "Joe")
    assert again.code == 2
    assert "'release' is already approved by Marie" in again.err
    assert fairwf("resume", waiting, "-q").code == 0
    later = fairwf("approve", waiting, "release", "--who", "Joe")
    assert later.code == 2
    assert "'release' is already approved by Marie" in later.err
    assert fairwf("package", waiting, "-o", "crate", "-q").code == 0
    crate = Path("crate/ro-crate-metadata.json").read_text()
    assert "Marie" in crate
    assert "Joe" not in crate


def test_what_is_approved_is_no_longer_asked_for(fairwf: Fairwf, waiting: Path) -> None:
    before = fairwf("status", waiting)
    assert "  waiting  release for approval: Publish the result?\n" in before.out
    assert fairwf("status", waiting, "--format", "json").json["waiting"][0]["approved_by"] is None
    fairwf("approve", waiting, "release", "--who", "Marie")
    after = fairwf("status", waiting)
    assert "  approved release by Marie: Publish the result?\n" in after.out
    assert "fairwf approve" not in after.out
    assert f"continue with: fairwf resume {waiting}" in after.out
    said = fairwf("status", waiting, "--format", "json").json
    assert said["waiting"][0]["approved_by"] == "Marie"


# --- which runs there are


def test_status_without_a_run_lists_those_of_the_folder(
    fairwf: Fairwf, workflow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workflow.parent)
    none = fairwf("status")
    assert (none.code, none.out) == (0, "")
    assert "no runs below .fairwf/runs" in none.err
    assert fairwf("status", "--follow").code == 2
    assert fairwf("run", workflow, "--names", "Ada", "-q").code == 0
    (first_run,) = Path(".fairwf/runs").iterdir()
    earlier = first_run.rename(".fairwf/runs/z")
    assert fairwf("run", workflow, "--names", "Bob", "-q").code == 0
    (run,) = set(Path(".fairwf/runs").iterdir()) - {earlier}
    broken = Path(".fairwf/runs/zzz")
    shutil.copytree(run, broken)
    (broken / "run.json").write_text("garbage")
    head, first, second, third = fairwf("status").out.splitlines()
    assert head.split() == ["started", "ended", "status", "run", "directory"]
    assert first.split()[2:] == ["completed", str(run)]
    assert second.split()[2:] == ["completed", str(earlier)]
    assert third.split() == ["unreadable", str(broken)]
    listed = fairwf("status", "--format", "json").json["runs"]
    assert [(each["folder"], each["status"]) for each in listed] == [
        (str(run), "completed"),
        (str(earlier), "completed"),
        (str(broken), None),
    ]
    assert listed[0]["started"] <= listed[0]["ended"]


# --- run directories of others, and damaged ones


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="read-only by bubblewrap")
def test_a_read_only_run_directory_can_be_looked_at(done: Path) -> None:
    sealed = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", str(done), str(done)]
    if subprocess.run([*sealed, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("bubblewrap does not work here")
    for words in (["status"], ["prov"], ["graph"]):
        said = subprocess.run(
            [*sealed, sys.executable, "-m", "fairwf", *words, str(done)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr
        assert said.stdout


@pytest.mark.parametrize("name", ["run.json", "workflow.ir.json", "inputs.json"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "is missing, so the run directory is damaged"),
        (b"", "is damaged: it is no JSON from line 1, column 1 on"),
        (b'{\n"a" "b"}', "is damaged: it is no JSON from line 2, column 5 on"),
        (b'"\xff"', "is damaged: it is no text"),
        (b"[1]", "is damaged: "),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(
    fairwf: Fairwf, done: Path, name: str, text: bytes | None, expected: str
) -> None:
    shutil.rmtree(done / "outputs")  # else there is nothing to resume
    if text is None:
        (done / name).unlink()
    else:
        (done / name).write_bytes(text)
    said = fairwf("resume", "r")
    assert said.code == 1
    assert f"{done / name}: error[FWF4012]: {expected}" in said.err
    assert "hint: restore the file, or start a new run" in said.err
    assert "Errno" not in said.err


@pytest.mark.parametrize("text", [None, b"", b"garbage", b"garbage\n", b"\0" * 300])
def test_a_journal_that_is_gone_does_not_mean_that_nothing_was_done(
    fairwf: Fairwf, done: Path, text: bytes | None
) -> None:
    before = sorted((done / "tasks").iterdir())
    (done / "journal.log").unlink()
    if text is not None:
        (done / "journal.log").write_bytes(text)
    for verb in ("status", "resume"):
        said = fairwf(verb, "r")
        assert said.code == 1
        assert f"{done / 'journal.log'}: error[FWF4012]: the journal is " in said.err
        assert "hint: restore the file, or start a new run" in said.err
    assert sorted((done / "tasks").iterdir()) == before


def test_a_run_that_was_killed_during_its_first_word_resumes(fairwf: Fairwf, done: Path) -> None:
    first = (done / "journal.log").read_bytes()[:40]
    (done / "journal.log").write_bytes(first)
    for folder in ("tasks", "outputs"):
        shutil.rmtree(done / folder)
    (done / "tasks").mkdir()
    said = fairwf("resume", "r", "-q")
    assert said.code == 0
    assert json.loads(said.out)["greetings"][0]["basename"] == "hello.txt"


def test_a_crate_whose_workflow_cannot_be_read_is_drawn_from_its_metadata(
    fairwf: Fairwf, tmp_path: Path
) -> None:
    crate = tmp_path / "crate"
    crate.mkdir()
    main = {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "@id": "main.yaml",
        "name": "Counting",
        "hasPart": {"@id": "#count"},
    }
    part = {"@type": "SoftwareApplication", "@id": "#count", "name": "count words"}
    root = {"@type": "Dataset", "@id": "./", "mainEntity": {"@id": "main.yaml"}}
    about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    metadata = {"@context": "https://w3id.org/ro/crate/1.1/context"}
    metadata |= {"@graph": [about, root, main, part]}
    (crate / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    (crate / "main.yaml").write_text("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n")
    said = fairwf("graph", crate, "-o", tmp_path / "graph.svg")
    assert said.code == 0, said.err
    assert "note[FWF5024]" in said.err
    assert "count words" in (tmp_path / "graph.svg").read_text()
    del metadata["@graph"][2:]
    (crate / "ro-crate-metadata.json").write_text(json.dumps(metadata))
    (crate / "main.yaml").unlink()
    said = fairwf("graph", crate)
    assert said.code == 1
    assert "error[FWF" in said.err
