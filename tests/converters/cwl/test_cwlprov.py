"""CWLProv folders that cwltool wrote, made here: what they tell becomes the record of the run."""

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.foreign import read_run, recognised
from fairwf.ir.expressions import Array, File, IntLit, StringLit
from fairwf.report import InvalidError, Report
from fairwf.trace import Run
from fairwf.trace.run import counts
from tests.crates.judged import assert_conformant

WORKFLOW = """
cwlVersion: v1.2
class: Workflow
id: main
label: Count the lines with a letter
requirements: {ScatterFeatureRequirement: {}, SubworkflowFeatureRequirement: {}}
inputs: {texts: "File[]", letter: string, times: int}
outputs:
  report: {type: File, outputSource: join/whole}
  inner: {type: "File[]", outputSource: part/counts}
steps:
  count:
    run: count.cwl
    scatter: text
    in: {text: texts, letter: letter}
    out: [counts]
  part:
    run:
      class: Workflow
      inputs: {text: File, letter: string}
      outputs: {counts: {type: File, outputSource: again/counts}}
      steps:
        again: {run: count.cwl, in: {text: text, letter: letter}, out: [counts]}
    scatter: text
    in: {text: texts, letter: letter}
    out: [counts]
  join:
    run:
      class: CommandLineTool
      baseCommand: cat
      inputs:
        parts: {type: "File[]", inputBinding: {position: 1}}
        times: int
      outputs: {whole: stdout}
      stdout: whole.txt
    in: {parts: count/counts, times: times}
    out: [whole]
"""
COUNT = """
cwlVersion: v1.2
class: CommandLineTool
doc: Count the lines with a letter.
baseCommand: [grep, -c]
inputs:
  letter: {type: string, inputBinding: {position: 1}}
  text: {type: File, inputBinding: {position: 2}}
outputs: {counts: stdout}
stdout: counts.txt
"""
JOB = """
texts: [{class: File, path: a.txt}, {class: File, path: b.txt}]
letter: a
times: 2
"""


def cwltool_run(program: Path, folder: Path, *arguments: str) -> Path:
    """Have cwltool record a run in `folder/ro`; how it ends is for the caller."""
    command = [str(program), "--no-container", "--provenance", "ro", "--outdir", "out"]
    subprocess.run(
        [*command, *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TZ": "Asia/Kolkata"},
    )
    return folder / "ro"


@pytest.fixture(scope="module")
def recorded(cwltool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cwlprov")
    for name, text in (("wf.cwl", WORKFLOW), ("count.cwl", COUNT), ("job.yml", JOB)):
        (folder / name).write_text(text)
    (folder / "a.txt").write_text("a\nb\nab\n")
    (folder / "b.txt").write_text("a\nc\n")
    who = ["--full-name", "Ada Lovelace", "--orcid", "0000-0002-1825-0097"]
    return cwltool_run(cwltool, folder, *who, "wf.cwl", "job.yml")


@pytest.fixture(scope="module")
def run(recorded: Path) -> Run:
    return read_run(str(recorded), Report())


def test_a_research_object_is_recognised(recorded: Path, tmp_path: Path) -> None:
    found = recognised(recorded)
    assert found is not None
    assert found.name == "cwlprov"
    assert recognised(tmp_path) is None


def test_the_run_is_told(run: Run) -> None:
    assert (run.status, run.engine.name, run.format) == ("completed", "cwltool", "cwl")
    assert run.engine.version
    assert run.agent is not None
    assert run.agent.id == "https://orcid.org/0000-0002-1825-0097"
    assert run.inputs["letter"] == StringLit(value="a")
    assert run.inputs["times"] == IntLit(value=2)
    texts = run.inputs["texts"]
    assert isinstance(texts, Array)
    assert [f.basename for f in texts.items if isinstance(f, File)] == ["a.txt", "b.txt"]
    assert "--provenance" in run.command_line


def test_every_execution_is_told_with_its_command(run: Run) -> None:
    by_id = {task.id: task for task in run.tasks}
    assert set(by_id) == {
        "count/0", "count/1", "join", "part/0", "part/1", "part/again/0", "part/again/1",
    }  # fmt: skip
    assert counts(run.tasks) == {"completed": 5}
    again = by_id["part/again/1"]
    assert again.command[:3] == ("grep", "-c", "a")
    assert again.command[3].endswith("/b.txt")
    assert (again.parent, again.index) == ("part/1", ("1",))
    assert again.stdout is not None
    assert again.stdout.endswith("/counts.txt")
    text, counted = again.inputs["text"], again.outputs["counts"]
    assert isinstance(text, File)
    assert isinstance(counted, File)
    assert (text.basename, text.size) == ("b.txt", 4)
    assert Path(counted.location or "").read_text() == "1\n"


def test_local_times_get_the_zone_that_the_log_tells(run: Run, recorded: Path) -> None:
    """The provenance is in local time, the engine's log in UTC."""
    assert run.started is not None
    assert run.started.endswith("+05:30")
    report = Report()
    read_run(str(recorded), report)
    assert "FWF1804" not in {found.code for found in report}


def test_without_a_log_the_zone_is_taken_for_granted_and_told(
    recorded: Path, tmp_path: Path
) -> None:
    shutil.copytree(recorded, tmp_path / "ro")
    shutil.rmtree(tmp_path / "ro" / "metadata" / "logs")
    report = Report()
    run = read_run(str(tmp_path / "ro"), report)
    assert (run.status, run.tasks[0].command) == ("completed", ())
    assert [found.code for found in report] == ["FWF1804"]


def test_the_crate_is_valid_and_whole(run: Run, tmp_path: Path) -> None:
    package_run(run, tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", "cwlprov", recommended=93)
    names = {path.name for path in (tmp_path / "crate").rglob("*") if path.is_file()}
    assert {"a.txt", "b.txt", "whole.txt", "packed.cwl"} <= names


def test_a_tool_alone(cwltool: Path, tmp_path: Path) -> None:
    (tmp_path / "count.cwl").write_text(COUNT)
    (tmp_path / "a.txt").write_text("a\n")
    folder = cwltool_run(cwltool, tmp_path, "count.cwl", "--letter", "a", "--text", "a.txt")
    run = read_run(str(folder), Report())
    (task,) = run.tasks
    assert (task.step, task.kind, task.status) == ((), "command", "completed")
    assert task.command[:2] == ("grep", "-c")
    assert set(run.outputs) == {"counts"}


def test_broken_parts_are_told_without_a_traceback(recorded: Path, tmp_path: Path) -> None:
    primary = "metadata/provenance/primary.cwlprov.json"
    for number, text in enumerate(("", "[]", "{}", '{"activity": 3}', "[" * 100_000)):
        folder = tmp_path / str(number)
        shutil.copytree(recorded, folder)
        (folder / primary).write_text(text)
        with pytest.raises(InvalidError) as caught:
            read_run(str(folder), Report())
        assert caught.value.report.errors[0].code == "FWF1802"


def test_a_document_of_a_subworkflow_that_is_gone_is_told(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "ro")
    (gone,) = (tmp_path / "ro/metadata/provenance").glob("workflow_20part_2.*.cwlprov.json")
    gone.unlink()
    report = Report()
    run = read_run(str(tmp_path / "ro"), report)
    assert Counter(task.kind for task in run.tasks) == {"command": 4, "workflow": 1}
    gone_from, only_logged = (each.message for each in report if each.code == "FWF1803")
    assert gone_from == "the provenance of a subworkflow is gone"
    assert only_logged.startswith("1 executions are left out that only the log names")


@pytest.mark.parametrize("depth", [35, 60])
def test_entities_that_hold_each_other_many_times_are_refused(
    recorded: Path, tmp_path: Path, depth: int
) -> None:
    """Two members in each of 35 collections are 34 thousand million values."""
    shutil.copytree(recorded, tmp_path / "ro")
    (tmp_path / "ro/workflow/primary-job.json").unlink()
    path = tmp_path / "ro/metadata/provenance/primary.cwlprov.json"
    document = json.loads(path.read_text())
    (main,) = [name for name, node in document["activity"].items() if "WorkflowRun" in str(node)]
    kind = {"prov:type": {"$": "prov:Collection", "type": "prov:QUALIFIED_NAME"}}
    for level in range(depth):
        for side in "ab":
            document["entity"][f"id:{side}{level}"] = kind
            for member in "ab":
                document["hadMember"][f"_:{side}{level}{member}"] = {
                    "prov:collection": f"id:{side}{level}",
                    "prov:entity": f"id:{member}{level + 1}",
                }
    document["used"]["_:x"] = {
        "prov:activity": main, "prov:entity": "id:a0", "prov:role": "wf:main/texts",
    }  # fmt: skip
    path.write_text(json.dumps(document))
    with pytest.raises(InvalidError) as caught:
        read_run(str(tmp_path / "ro"), Report())
    assert caught.value.report.errors[0].code == "FWF1009"


FAILING = """
cwlVersion: v1.2
class: Workflow
inputs: {text: File}
outputs: {o: {type: File, outputSource: b/o}}
steps:
  a:
    run: {class: CommandLineTool, baseCommand: cat, stdout: x.txt, outputs: {o: stdout},
          inputs: {t: {type: File, inputBinding: {}}}}
    in: {t: text}
    out: [o]
  b:
    run: {class: CommandLineTool, baseCommand: [sh, -c, "exit 3"], stdout: x.txt,
          inputs: {t: File}, outputs: {o: stdout}}
    in: {t: a/o}
    out: [o]
"""


def test_a_run_that_failed(cwltool: Path, tmp_path: Path) -> None:
    (tmp_path / "wf.cwl").write_text(FAILING)
    (tmp_path / "t.txt").write_text("hi\n")
    run = read_run(str(cwltool_run(cwltool, tmp_path, "wf.cwl", "--text", "t.txt")), Report())
    assert run.status == "failed"
    assert [(t.id, t.status, t.exit_code) for t in run.tasks] == [
        ("a", "completed", None),
        ("b", "failed", 3),
    ]
    package_run(run, tmp_path / "crate", PackageOptions(license="CC0-1.0"))
    assert_conformant(tmp_path / "crate", "failed cwlprov", recommended=92)


CONDITIONS = """
cwlVersion: v1.2
class: Workflow
requirements: {InlineJavascriptRequirement: {}, ScatterFeatureRequirement: {}}
inputs: {numbers: "int[]"}
outputs: {o: {type: "File[]", outputSource: some/o, pickValue: all_non_null}}
steps:
  some:
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'echo "$0" > o.txt']
      inputs: {number: {type: int, inputBinding: {position: 1}}}
      outputs: {o: {type: File, outputBinding: {glob: o.txt}}}
    scatter: number
    when: $(inputs.number != 1)
    in: {number: numbers}
    out: [o]
"""


def test_items_behind_a_condition_are_not_numbered(cwltool: Path, tmp_path: Path) -> None:
    """cwltool records no execution of an item that was left out: 1 is not the second that ran."""
    (tmp_path / "wf.cwl").write_text(CONDITIONS)
    (tmp_path / "job.yml").write_text("numbers: [0, 1, 2]")
    run = read_run(str(cwltool_run(cwltool, tmp_path, "wf.cwl", "job.yml")), Report())
    assert [task.index for task in run.tasks] == [("execution 1",), ("execution 2",)]
    assert [task.inputs["number"] for task in run.tasks] == [IntLit(value=0), IntLit(value=2)]
    assert run.tasks[1].command == ("sh", "-c", 'echo "$0" > o.txt', "2")


def test_executions_that_only_the_log_names_are_told(cwltool: Path, tmp_path: Path) -> None:
    (tmp_path / "wf.cwl").write_text(CONDITIONS)
    (tmp_path / "job.yml").write_text("numbers: [0, 1, 2]")
    folder = cwltool_run(cwltool, tmp_path, "--parallel", "wf.cwl", "job.yml")
    report = Report()
    assert read_run(str(folder), report).tasks == ()
    (found,) = [each for each in report if each.code == "FWF1803"]
    assert found.message.startswith("2 executions are left out")
