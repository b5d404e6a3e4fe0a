"""`run`, `resume` and the verbs that look at a run, on the engine."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fairwf as package
from tests.cli.conftest import WORKFLOW, Fairwf


def texts(output: object) -> list[str]:
    assert isinstance(output, dict)
    return [
        Path(file["location"].removeprefix("file://")).read_text() for file in output["greetings"]
    ]


@pytest.fixture
def job(tmp_path: Path) -> Path:
    path = tmp_path / "job.yml"
    path.write_text("names: [Ada, Grace]\n")
    return path


def test_a_job_file_gives_the_inputs(
    fairwf: Fairwf, workflow: Path, job: Path, tmp_path: Path
) -> None:
    said = fairwf("run", f"--outdir={tmp_path / 'out'}", "--quiet", workflow, job)
    assert said.code == 0
    assert said.err == ""
    assert texts(said.json) == ["Ada\n", "Grace\n"]
    assert all(str(tmp_path / "out") in file["location"] for file in said.json["greetings"])


def test_options_named_after_the_inputs_give_them(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    said = fairwf(
        "run", workflow, "--run-dir", tmp_path / "r", "--names", "-x", "--names=--y", "-q"
    )
    assert said.code == 0, said.err
    assert texts(said.json) == ["-x\n", "--y\n"]


def test_options_win_over_the_job_file(
    fairwf: Fairwf, workflow: Path, job: Path, tmp_path: Path
) -> None:
    said = fairwf("run", workflow, job, "--names", '["Joan"]', "--run-dir", tmp_path / "r")
    assert texts(said.json) == ["Joan\n"]


def test_the_run_directory_lies_below_the_current_folder(
    fairwf: Fairwf, workflow: Path, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workflow.parent)
    said = fairwf("run", workflow.name, job.name)
    assert said.code == 0
    (folder,) = (workflow.parent / ".fairwf" / "runs").iterdir()
    assert f"running greet in {folder}\n" in said.err
    assert "completed: 2 tasks done in" in said.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--names", "a", "--loud", "loudly"], "comes after the job file"),
        (["--names", "a", "--loud=loudly"], "--loud expects bool, got 'loudly'"),
        (["--names", "a", "--note", "n", "--note", "m"], "is given 2 times"),
        (["--names"], "--names needs a value"),
        (["--names", "[1]"], "--names expects string, got"),
        (["--loud"], "the input 'names' (string[]) has no value"),
        (["--names", "a", "--outdri", "x"], "did you mean 'outdir'?"),
    ],
)
def test_wrong_options(
    fairwf: Fairwf, workflow: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    said = fairwf("run", workflow, *words, *(["again.yml"] if "loudly" in words else []))
    assert said.code in (1, 2)
    assert expected in said.err
    assert said.out == ""
    assert not (tmp_path / ".fairwf").exists()


def test_an_input_with_the_name_of_an_option_is_named_after_two_dashes(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    loud = "id: loud, type: {kind: bool}, default: {kind: bool_lit, value: false}"
    workflow.write_text(WORKFLOW.replace(loud, "id: memory, type: {kind: int}"))
    words = ["run", workflow, "--run-dir", tmp_path / "r", "--names", "x"]
    missing = fairwf(*words, "--memory", "3")
    assert missing.code == 1
    assert "or with -- --memory VALUE" in missing.err
    assert fairwf(*words, "--", "--memory", "3").code == 0


def test_help_lists_the_inputs_of_the_workflow(fairwf: Fairwf, workflow: Path) -> None:
    said = fairwf("run", workflow, "--help")
    assert said.code == 0
    inputs = said.out.split("Inputs of the workflow:")[1]
    assert "--names string[]  Whom to greet. [required]" in inputs
    assert "[default: false]" in inputs


def test_a_failing_task_is_exit_1_and_resume_goes_on(
    fairwf: Fairwf, workflow: Path, job: Path, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    workflow.write_text(
        WORKFLOW.replace(
            "{value: {kind: string_lit, value: echo}}", "{value: {kind: string_lit, value: sh}}"
        ).replace(
            "- {value: {kind: input, name: name}}",
            "- {value: {kind: string_lit, value: -c}}\n          - {value: {kind: string_lit, "
            f"value: 'test $1 = Ada || test -e {flag} && echo $1'}}}}\n"
            "          - {value: {kind: string_lit, value: sh}}\n"
            "          - {value: {kind: input, name: name}}",
        )
    )
    run_dir = tmp_path / "run"
    failed = fairwf("run", workflow, job, "--run-dir", run_dir)
    assert failed.code == 1
    assert failed.out == ""
    assert "error[FWF4001]" in failed.err
    standing = fairwf("status", run_dir, "--format", "json").json
    assert (standing["status"], standing["alive"]) == ("failed", False)
    assert standing["counts"]["failed"] >= 1
    assert "continue with: fairwf resume" in fairwf("status", run_dir).out
    flag.touch()
    resumed = fairwf("resume", run_dir)
    assert resumed.code == 0, resumed.err
    assert texts(resumed.json) == ["Ada\n", "Grace\n"]
    again = fairwf("resume", run_dir, "--quiet")
    assert again.json == resumed.json
    drawn = fairwf("graph", run_dir)
    assert 'class="n step completed"' in drawn.out


def test_a_folder_that_is_no_run(fairwf: Fairwf, tmp_path: Path) -> None:
    for verb in ("resume", "status", "cancel"):
        said = fairwf(verb, tmp_path)
        assert said.code == 1
        assert "error[FWF4012]" in said.err
    assert fairwf("approve", tmp_path, "x").code == 1


def test_nobody_works_on_a_finished_run(
    fairwf: Fairwf, workflow: Path, job: Path, tmp_path: Path
) -> None:
    fairwf("run", workflow, job, "--run-dir", tmp_path / "r")
    said = fairwf("cancel", tmp_path / "r")
    assert said.code == 2
    assert "no engine is working" in said.err


def test_events_are_lines_of_json(
    fairwf: Fairwf, workflow: Path, job: Path, tmp_path: Path
) -> None:
    fairwf("run", workflow, job, "--run-dir", tmp_path / "r", "--events", tmp_path / "e.jsonl")
    kinds = [json.loads(line)["event"] for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert kinds[0] == "run_started"
    assert kinds[-1] == "run_finished"
    assert kinds.count("task_finished") == 2


def test_an_interrupted_run_keeps_its_state(workflow: Path, job: Path, tmp_path: Path) -> None:
    workflow.write_text(WORKFLOW.replace("value: echo}}", "value: sleep}}"))
    job.write_text("names: ['60']\n")
    run_dir = tmp_path / "run"
    words = [sys.executable, "-m", "fairwf", "run", workflow, job, "--run-dir", run_dir]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not any((run_dir / "tasks").glob("*/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert f"continue with: fairwf resume {run_dir}" in err
    assert "Traceback" not in err


STUBBORN = """
cwlVersion: v1.2
class: CommandLineTool
baseCommand: [sh, -c]
arguments: ["trap '' TERM INT; echo $$ > PID; while :; do sleep 0.1; done"]
inputs: []
outputs: []
"""


def test_a_second_ctrl_c_kills_what_the_first_has_only_asked(tmp_path: Path) -> None:
    (tmp_path / "w.cwl").write_text(STUBBORN.replace("PID", str(tmp_path / "pid")))
    run_dir = tmp_path / "run"
    words = [sys.executable, "-m", "fairwf", "run", tmp_path / "w.cwl", "--run-dir", run_dir]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None  # the program does not listen, and is given some seconds
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"fairwf resume {run_dir}" in err
    assert "Traceback" not in err
    pid = (tmp_path / "pid").read_text().strip()
    while Path(f"/proc/{pid}/exe").exists():
        assert time.monotonic() < deadline + 60, "the program is still there"
        time.sleep(0.02)


def test_python_runs_and_loads_the_same(workflow: Path, tmp_path: Path) -> None:
    document = package.load(workflow)
    record = package.run(document, {"names": ["Ada"], "note": None}, run_dir=tmp_path / "run")
    assert record.status == "completed"
    assert [task.step for task in record.tasks if task.kind == "command"] == [("hello",)]


def test_python_tells_wrong_inputs(workflow: Path) -> None:
    from fairwf.report import InvalidError

    with pytest.raises(InvalidError) as caught:
        package.run(workflow, {"nmaes": ["Ada"], "loud": 3})
    assert [finding.code for finding in caught.value.report] == ["FWF2006", "FWF2010"]


def test_python_dumps_by_the_name_of_the_file(workflow: Path, tmp_path: Path) -> None:
    from fairwf.report import UsageFault

    document = package.load(workflow)
    assert package.dump(document, tmp_path / "x.ir.json").ok
    assert package.load(tmp_path / "x.ir.json").hash == document.hash
    with pytest.raises(UsageFault, match="tells no format"):
        package.dump(document, tmp_path / "x.bin")


def test_resume_goes_on_with_the_workflow_as_it_was_and_says_so(
    fairwf: Fairwf, workflow: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    workflow.write_text(WORKFLOW.replace("value: echo}", "value: no-such-program}"))
    assert fairwf("run", workflow, "--names", "Ada", "--run-dir", run).code == 1
    workflow.write_text("# mended\n" + WORKFLOW)
    said = fairwf("resume", run)
    assert said.code == 1
    assert f"{workflow}: note[FWF4031]: this has changed since the run began" in said.err
    assert "`fairwf run` starts anew" in said.err
    assert f"{run}/source/greet.ir.yml:" in said.err  # the text that the error is about
