"""What a crate tells of command lines: the same words, without the folders of the computer."""

import json
from pathlib import Path

import msgspec
import pytest

from fairwf.crates import PackageOptions, package_run
from fairwf.crates.command_lines import CommandLines
from fairwf.ir.expressions import Array, Directory, File
from fairwf.trace import Task
from tests.crates.example_run import example_run

RUN = "/scratch/ada/runs/r1"
PLACES = {
    "file:///data/ada/nile.csv": "inputs/nile.csv",
    "file:///data/ada/my%20table.csv": "inputs/my table.csv",
    "tasks/a.1/rows.csv": "outputs/rows.csv",
    "file:///data/ada/genome": "inputs/genome",
}


def shown(*command: str, inputs: tuple[File | Directory, ...] | None = None) -> str | None:
    nodes = inputs or tuple(
        File(location=location, basename=Path(place).name)
        if "." in place
        else Directory(location=location, basename="genome")
        for location, place in PLACES.items()
    )
    lines = CommandLines(RUN, lambda node: PLACES.get(node.location or ""), "/data/ada/flow")
    task = Task(
        id="t", step=("t",), process="t", kind="command", status="completed", command=command,
        inputs={"files": Array(items=nodes)}, folder=f"{RUN}/tasks/t.1",
    )  # fmt: skip
    return lines.shown(task)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("/data/ada/nile.csv", "inputs/nile.csv"),
        ("--table=/data/ada/nile.csv", "--table=inputs/nile.csv"),
        ("/data/ada/my table.csv", "'inputs/my table.csv'"),
        ("cat /data/ada/nile.csv|wc", "'cat inputs/nile.csv|wc'"),
        ("/data/ada/nile.csv.bak", "/data/ada/nile.csv.bak"),
        ("/data/ada/genome/index.fai", "inputs/genome/index.fai"),
        (f"{RUN}/tasks/a.1/rows.csv", "outputs/rows.csv"),
        (f"{RUN}/tasks/b.1/other.csv", "tasks/b.1/other.csv"),
        (f"{RUN}/tasks/t.1/own.csv", "own.csv"),
        (f"{RUN}/tasks/t.1", "."),
        ("/tmp/x1/stg2/nile.csv", "inputs/nile.csv"),
        (f"{RUN}/staged/9/nile.csv", "inputs/nile.csv"),
        ("/tmp/x1/stg2/unknown.csv", "$TMPDIR/x1/stg2/unknown.csv"),
        ("/home/ada/bin/tool", "$HOME/bin/tool"),
        ("-I/home/ada/include", "-I$HOME/include"),
        ("/gpfs/users/ada/x:/root/y", "$HOME/x:$HOME/y"),
        ("/rooted/home.txt", "/rooted/home.txt"),
        ("/data/ada/flow/bin/tool", "$WORKFLOW/bin/tool"),
        ("--at=/data/ada/flow", "--at=$WORKFLOW"),
        ("/data/ada/flower", "/data/ada/flower"),
        ("/x/data/ada/flow/a", "/x/data/ada/flow/a"),
        ("/usr/bin/env", "/usr/bin/env"),
        ("s/tmp/x/", "s/tmp/x/"),
        ("https://example.org/home/ada/x", "https://example.org/home/ada/x"),
    ],
)
def test_paths_are_told_without_the_folders_of_the_computer(word: str, told: str) -> None:
    line = shown("tool", word)
    assert line is not None
    assert line in (f"tool {told}", f"tool '{told}'")


def test_a_home_is_no_folder_of_a_workflow() -> None:
    lines = CommandLines(RUN, lambda node: None, "/home/ada")
    assert lines.text("/home/ada/bin/x is not there") == "$HOME/bin/x is not there"


def test_of_files_with_one_name_none_is_taken_for_the_other() -> None:
    files = (
        File(location="file:///data/ada/nile.csv", basename="nile.csv"),
        File(location="tasks/a.1/rows.csv", basename="nile.csv"),
    )
    places = {"file:///data/ada/nile.csv": "inputs/1/nile.csv", "tasks/a.1/rows.csv": "nile.csv"}
    lines = CommandLines(RUN, lambda node: places.get(node.location or ""))
    task = Task(
        id="t", step=("t",), process="t", kind="command", status="completed",
        command=("cat", "/tmp/stg1/nile.csv"), inputs={"files": Array(items=files)},
    )  # fmt: skip
    assert lines.shown(task) == "cat $TMPDIR/stg1/nile.csv"


def test_a_long_line_is_cut_and_says_so() -> None:
    line = shown("tool", *(f"word{number}" for number in range(10_000)))
    assert line is not None and line.endswith(" ...") and len(line) < 2010


def test_crate_errors_and_previews_tell_no_folder_of_the_run(tmp_path: Path) -> None:
    run = example_run(tmp_path / "somewhere", fails=True)
    first, *others = run.tasks
    secret = str(tmp_path)
    told = f"cannot open {tmp_path}/somewhere/run/tasks/x, nor /home/ada/data/y"
    failed = [
        msgspec.structs.replace(
            task,
            command=("tool", f"{tmp_path}/somewhere/run/in.csv", "/home/ada/refs/genome.fa"),
            error=told if task.status == "failed" else task.error,
        )
        for task in (first, *others)
    ]
    run = msgspec.structs.replace(run, folder=f"{tmp_path}/somewhere/run", tasks=tuple(failed))
    for most in (5000, 1):
        crate = tmp_path / f"crate{most}"
        package_run(run, crate, PackageOptions(most_tasks=most))
        for file in ("ro-crate-metadata.json", "ro-crate-preview.html", "README.md"):
            text = (crate / file).read_text("utf-8")
            assert secret not in text and "/home/ada" not in text, file
    graph = json.loads((tmp_path / "crate5000/ro-crate-metadata.json").read_bytes())["@graph"]
    errors = {entity["error"] for entity in graph if "error" in entity}
    assert "cannot open tasks/x, nor $HOME/data/y" in errors
    assert _line(graph) == "Command: tool in.csv $HOME/refs/genome.fa"


def _line(graph: list[dict[str, object]]) -> object:
    return next(
        e["description"] for e in graph if str(e.get("description", "")).startswith("Command")
    )
