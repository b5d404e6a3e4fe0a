"""Where a run writes to: outputs, events and crates go where it was said, or nothing runs."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import WORKFLOW, Fairwf


@pytest.fixture
def folder(workflow: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(workflow.parent)
    return workflow.parent


def ran(folder: Path) -> bool:
    return (folder / "r").exists()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- events


@pytest.mark.parametrize("taken", ["greet.ir.yml", "job.yml", "linked"])
def test_events_never_go_into_the_workflow_or_its_job_file(
    fairwf: Fairwf, folder: Path, taken: str
) -> None:
    (folder / "job.yml").write_text("names: [Ada]\n")
    (folder / "linked").symlink_to("greet.ir.yml")
    before = (folder / taken).read_bytes()
    said = fairwf("run", "greet.ir.yml", "job.yml", "--run-dir", "r", "--events", taken)
    assert said.code == 1
    assert f"{folder / taken}: error[FWF5004]: is part of the workflow or of its inputs" in said.err
    assert (folder / taken).read_bytes() == before
    assert not ran(folder)


def test_events_never_go_into_an_input(fairwf: Fairwf, folder: Path) -> None:
    note = folder / "note.txt"
    note.touch()
    words = ["--names", "Ada", "--note", note, "--events", note]
    said = fairwf("run", "greet.ir.yml", "--run-dir", "r", *words)
    assert said.code == 1
    assert "is part of the workflow or of its inputs" in said.err
    assert note.read_bytes() == b""


def test_events_go_to_a_new_file_or_behind_earlier_events(fairwf: Fairwf, folder: Path) -> None:
    words = ["run", "greet.ir.yml", "--names", "Ada", "-q", "--events", "events.jsonl"]
    assert fairwf(*words).code == 0
    once = (folder / "events.jsonl").read_text().splitlines()
    assert fairwf(*words).code == 0
    twice = (folder / "events.jsonl").read_text().splitlines()
    assert twice[: len(once)] == once
    assert len(twice) == 2 * len(once)
    (folder / "notes.txt").write_text("mine\n")
    said = fairwf(*words[:-1], "notes.txt", "--run-dir", "r")
    assert said.code == 1
    assert "holds something else than events" in said.err
    assert (folder / "notes.txt").read_text() == "mine\n"
    assert not ran(folder)


def test_events_may_lie_in_the_run_directory_or_go_to_a_device(
    fairwf: Fairwf, folder: Path
) -> None:
    words = ["run", "greet.ir.yml", "--names", "Ada", "-q"]
    assert fairwf(*words, "--run-dir", "r", "--events", "r/events.jsonl").code == 0
    first = json.loads((folder / "r/events.jsonl").read_text().splitlines()[0])
    assert first["event"] == "run_started"
    said = fairwf(*words, "--events", "/dev/stderr")
    assert said.code == 0
    assert '"event":"run_finished"' in said.err


# --- places that cannot be written


@pytest.mark.parametrize(
    ("option", "place", "code", "message"),
    [
        ("--outdir", "note.txt", 1, "note.txt: error[FWF5004]: is no folder"),
        ("--outdir", "note.txt/x", 3, "note.txt/x: error[FWF9002]: the outputs cannot be put"),
        ("--outdir", "/proc/x", 3, "/proc/x: error[FWF9002]: the outputs cannot be put there"),
        ("--crate", "full", 1, "full: error[FWF5004]: exists and is no crate"),
        ("--crate", "note.txt", 1, "note.txt: error[FWF5004]: exists and is no crate"),
        ("--crate", "/proc/x/crate", 3, "/proc/x/crate: error[FWF9002]: cannot be written"),
        ("--events", "full", 1, "full: error[FWF5004]: is a folder"),
        ("--events", "none/events", 3, "none/events: error[FWF9002]: the events cannot be"),
        ("--events", "/proc/events", 3, "/proc/events: error[FWF9002]: the events cannot be"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_anything_runs(
    fairwf: Fairwf, folder: Path, option: str, place: str, code: int, message: str
) -> None:
    (folder / "note.txt").write_text("mine\n")
    (folder / "full").mkdir()
    (folder / "full" / "thing").touch()
    before = sorted(folder.rglob("*"))
    words = ["run", "greet.ir.yml", "--names", "Ada", "--run-dir", "r"]
    said = fairwf(*words, option, place)
    assert said.code == code, said.err
    assert message in said.err
    assert "hint: " in said.err
    assert sorted(folder.rglob("*")) == before


def test_resume_takes_another_folder_and_a_crate(fairwf: Fairwf, folder: Path) -> None:
    """What stood in the way came after the run began: resuming names another folder, for good."""
    blocking = "'rm -r out && touch out && echo $1'"
    (folder / "greet.ir.yml").write_text(
        WORKFLOW.replace("value: echo}}", "value: sh}}").replace(
            "- {value: {kind: input, name: name}}",
            "- {value: {kind: string_lit, value: -c}}\n          - {value: {kind: string_lit, "
            f"value: {blocking.replace('out', str(folder / 'out'))}}}}}\n"
            "          - {value: {kind: string_lit, value: sh}}\n"
            "          - {value: {kind: input, name: name}}",
        )
    )
    (folder / "out").mkdir()
    said = fairwf(
        "run", "greet.ir.yml", "--names", "Ada", "--run-dir", "r", "--outdir", "out", "-q"
    )
    assert said.code == 3, said.err
    assert "the outputs cannot be published" in said.err
    assert "name another folder with --outdir DIR" in said.err
    again = fairwf("resume", "r")
    assert again.code == 1
    assert "out: error[FWF5004]: is no folder" in again.err
    said = fairwf("resume", "r", "--outdir", "other", "--crate", "crate", "-q")
    assert said.code == 0, said.err
    assert (folder / "other" / "hello.txt").read_text() == "Ada\n"
    assert (folder / "crate" / "ro-crate-metadata.json").is_file()
    assert "/other/hello.txt" in fairwf("resume", "r").out


def test_a_completed_run_publishes_again_into_another_folder(fairwf: Fairwf, folder: Path) -> None:
    assert fairwf("run", "greet.ir.yml", "--names", "Ada", "--run-dir", "r", "-q").code == 0
    said = fairwf("resume", "r", "--outdir", "other")
    assert said.code == 0
    assert "1 of them earlier" in said.err
    assert (folder / "other" / "hello.txt").read_text() == "Ada\n"


# --- what lies in the folder for outputs already


def outputs_of(fairwf: Fairwf, name: str) -> str:
    said = fairwf("run", "greet.ir.yml", "--names", name, "--outdir", "out")
    assert said.code == 0, said.err
    return said.err


def test_a_file_of_a_person_makes_way_under_a_name_that_is_told(
    fairwf: Fairwf, folder: Path
) -> None:
    (folder / "out").mkdir()
    mine = folder / "out" / "hello.txt"
    mine.write_text("mine\n")
    said = outputs_of(fairwf, "Ada")
    assert (
        f"{mine}: warning[FWF4041]: an output takes this name; what was there before is now "
        in said
    )
    assert mine.read_text() == "Ada\n"
    assert (folder / "out" / "hello.txt.~1~").read_text() == "mine\n"
    mine.write_text("edited\n")
    outputs_of(fairwf, "Grace")
    assert (folder / "out" / "hello.txt.~2~").read_text() == "edited\n"
    assert (folder / "out" / "hello.txt.~1~").read_text() == "mine\n"


def test_outputs_of_an_earlier_run_are_replaced(fairwf: Fairwf, folder: Path) -> None:
    outputs_of(fairwf, "Ada")
    assert "FWF4041" not in outputs_of(fairwf, "Grace")
    assert (folder / "out" / "hello.txt").read_text() == "Grace\n"
    assert names(folder / "out") == [".fairwf-outputs.json", "hello.txt"]


def test_what_is_equal_already_needs_no_other_name(fairwf: Fairwf, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "hello.txt").write_text("Ada\n")
    assert "FWF4041" not in outputs_of(fairwf, "Ada")


def test_a_folder_of_a_person_is_never_removed(fairwf: Fairwf, folder: Path) -> None:
    (folder / "greet.ir.yml").write_text(
        WORKFLOW.replace("value: echo}}", "value: sh}}")
        .replace(
            "- {value: {kind: input, name: name}}",
            "- {value: {kind: string_lit, value: -c}}\n          - {value: {kind: string_lit, "
            "value: 'mkdir res && echo $1 > res/new'}}\n"
            "          - {value: {kind: string_lit, value: sh}}\n"
            "          - {value: {kind: input, name: name}}",
        )
        .replace(
            "type: {kind: File}, collect: {kind: stdout}",
            "type: {kind: Directory}, collect: {kind: glob, patterns: "
            "[{kind: string_lit, value: res}]}",
        )
        .replace("items: {kind: File}", "items: {kind: Directory}")
        .replace("        stdout: {kind: string_lit, value: hello.txt}\n", "")
    )
    (folder / "out" / "res").mkdir(parents=True)
    (folder / "out" / "res" / "precious").touch()
    assert "what was there before is now res.~1~" in outputs_of(fairwf, "Ada")
    assert names(folder / "out" / "res") == ["new"]
    assert names(folder / "out" / "res.~1~") == ["precious"]
    assert "FWF4041" not in outputs_of(fairwf, "Grace")
    (folder / "out" / "res" / "added").touch()
    outputs_of(fairwf, "Ada")
    assert names(folder / "out" / "res.~2~") == ["added", "new"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"../../x": "y"}', '{"hello.txt": 5}', "[" * 100_000]
)
def test_a_damaged_list_of_outputs_makes_everything_somebodys_own(
    fairwf: Fairwf, folder: Path, text: str
) -> None:
    outputs_of(fairwf, "Ada")
    (folder / "out" / ".fairwf-outputs.json").write_text(text)
    assert "what was there before is now hello.txt.~1~" in outputs_of(fairwf, "Grace")


def test_the_list_of_outputs_is_not_written_through_a_link(fairwf: Fairwf, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "precious").write_text("mine\n")
    (folder / "out" / ".fairwf-outputs.json").symlink_to(folder / "precious")
    outputs_of(fairwf, "Ada")
    assert (folder / "precious").read_text() == "mine\n"
    mode = (folder / "out" / ".fairwf-outputs.json").lstat().st_mode
    assert stat.S_ISREG(mode)


def test_the_list_of_outputs_is_never_a_pipe(fairwf: Fairwf, folder: Path) -> None:
    (folder / "out").mkdir()
    os.mkfifo(folder / "out" / ".fairwf-outputs.json")
    outputs_of(fairwf, "Ada")
    assert (folder / "out" / ".fairwf-outputs.json").is_file()


# --- crates


def test_a_failed_run_says_that_there_is_no_crate(fairwf: Fairwf, folder: Path) -> None:
    text = WORKFLOW.replace("value: echo}}", "value: 'false'}}")
    (folder / "greet.ir.yml").write_text(text)
    said = fairwf("run", "greet.ir.yml", "--names", "Ada", "--run-dir", "r", "--crate", "crate")
    assert said.code == 1
    assert "crate: note[FWF5031]: no crate was written: the run failed" in said.err
    assert "fairwf package r -o crate packages it as it is" in said.err
    assert not (folder / "crate").exists()
    assert fairwf("package", "r", "-o", "crate", "-q").code == 0
