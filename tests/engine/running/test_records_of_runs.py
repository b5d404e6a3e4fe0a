"""What a run leaves behind: its record, its instance, its published outputs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.engine import RunOptions, load_run, run
from fairwf.engine.publish import Publisher
from fairwf.ir.expressions import Directory, File
from fairwf.ir.ports import Glob, OutputPort
from fairwf.ir.types import ArrayType, DirectoryType, FileType
from fairwf.trace import instance_of
from tests.engine.running.workflows import call, over, script, step, text, workflow

Execute = Callable[..., Any]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")


def counts() -> Any:
    steps = [
        step(
            "sort",
            script("sort {x}; echo sorted >&2", {"x": "File"}, out="File"),
            {"x": "$x"},
            scatter=over(x="tables"),
        ),
        step("merge", script("cat {x}", {"x": "File[]"}, out="File"), {"x": "sort.out"}),
    ]
    return workflow(steps, {"all": ("File", "merge.out")}, {"tables": "File[]"}, id="counts")


def tables(folder: Path) -> list[File]:
    for name in "ab":
        (folder / f"{name}.txt").write_text(f"{name}2\n{name}1\n")
    return [File(location=str(folder / f"{name}.txt")) for name in "ab"]


def test_a_record_shows_itself_in_a_line(execute: Execute, tmp_path: Path) -> None:
    done = execute(counts(), {"tables": tables(tmp_path)})
    assert repr(done.record) == f"<Run {done.record.id}: completed, 3 tasks done>"
    done.report.add("FWF9001", "called wrongly")
    assert repr(done.report) == "<Report: 1 errors, 0 warnings, 0 notes: called wrongly>"


def test_a_record_holds_every_task(execute: Execute, tmp_path: Path) -> None:
    record = execute(counts(), {"tables": tables(tmp_path)}).record
    assert [t.id for t in record.tasks if t.id != "merge"] in (
        ["sort[0]", "sort[1]"],
        ["sort[1]", "sort[0]"],
    )
    task = next(t for t in record.tasks if t.id == "sort[1]")
    assert (task.step, task.index, task.kind, task.status) == (
        ("sort",),
        ("1",),
        "script",
        "completed",
    )
    assert task.exit_code == 0 and task.max_rss_kib and task.cpu_user_s is not None
    assert TIME.fullmatch(task.started) and TIME.fullmatch(task.ended)
    assert Path(task.stderr).read_text() == "sorted\n"
    assert task.inputs["x"].size == 6 and task.inputs["x"].checksum.startswith("sha1$")
    assert record.hosts[0].cores and record.hosts[0].memory_bytes
    assert record.workflow_hash == Document(workflow=counts()).hash
    assert record.engine.name == "fairwf" and record.engine.version


def test_a_run_as_an_instance(execute: Execute, tmp_path: Path) -> None:
    record = execute(counts(), {"tables": tables(tmp_path)}).record
    made = instance_of(record)
    at = {name: number for number, name in enumerate(made.tasks.id)}
    assert set(at) == {"sort[0]", "sort[1]", "merge"}
    assert sorted(made.tasks.parents.row(at["merge"])) == sorted([at["sort[0]"], at["sort[1]"]])
    assert made.tasks.parents.row(at["sort[0]"]) == []
    names = [made.files.id[f] for f in made.tasks.inputs.row(at["merge"])]
    assert names == ["sort[0]/out.txt", "sort[1]/out.txt"]
    assert [made.files.id[f] for f in made.tasks.inputs.row(at["sort[1]"])] == ["b.txt"]
    assert made.files.size == [6 if n != "merge/out.txt" else 12 for n in made.files.id]
    assert all(made.files.sha256)
    assert all(seconds is not None for seconds in made.tasks.runtime_s)
    assert made.machines[0].memory_bytes and made.tasks.machines.row(0) == [0]
    assert made.of == record.workflow_hash and made.makespan_s


def test_sources_are_kept_with_their_layout(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    main, tool, job = tmp_path / "main.cwl", tmp_path / "tools" / "a.cwl", tmp_path / "job.yml"
    for path in (main, tool, job):
        path.write_text(path.name)
    record = run(
        Document(workflow=workflow([], {}), format="cwl", source=str(main)),
        {},
        RunOptions(run_dir=tmp_path / "run", sources=(main, tool), inputs_source=job),
    )
    main.write_text("changed")
    again = load_run(tmp_path / "run")
    assert again == record
    assert [Path(p).read_text() for p in again.source_files] == ["main.cwl", "a.cwl"]
    assert [Path(p).relative_to(tmp_path / "run").as_posix() for p in again.source_files] == [
        "source/main.cwl",
        "source/tools/a.cwl",
    ]
    assert Path(again.inputs_source).read_text() == "job.yml"
    assert again.source == again.source_files[0] and again.format == "cwl"


def test_secondary_files_lie_beside_their_primary_file(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("x.bam", "x.bam.bai"):
            (tmp_path / folder / name).write_text(f"{folder} {name}")

    def bam(folder: str) -> File:
        def at(name: str) -> str:
            return (tmp_path / folder / name).as_uri()

        return File(
            location=at("x.bam"),
            basename="x.bam",
            secondary=(File(location=at("x.bam.bai"), basename="x.bam.bai"),),
        )

    out = tmp_path / "out"
    values = Publisher(out, "a run").publish({"bams": [bam("one"), bam("two"), bam("one")]})
    assert sorted(p.name for p in out.iterdir()) == [
        "x.bam",
        "x.bam.bai",
        "x_2.bam",
        "x_2.bam.bai",
    ]
    assert (out / "x_2.bam.bai").read_text() == "two x.bam.bai"
    first, second, third = values["bams"]  # type: ignore[misc]
    assert second.basename == "x_2.bam" and second.secondary[0].basename == "x_2.bam.bai"
    assert first == third and first.size == len("one x.bam")


def test_folders_and_literals_are_published(execute: Execute) -> None:
    folder = OutputPort(id="d", type=DirectoryType(), collect=Glob(patterns=(text("dir"),)))
    many = OutputPort(
        id="f", type=ArrayType(items=FileType()), collect=Glob(patterns=(text("dir/*.txt"),))
    )
    made = script("mkdir -p dir/in; echo 1 > dir/a.txt; echo 2 > dir/in/b.txt", out="")
    import msgspec

    made = msgspec.structs.replace(made, outputs=(folder, many))
    flow = workflow(
        [step("a", made)],
        {
            "d": ("any", "a.d"),
            "f": ("File[]", "a.f"),
            "l": ("File", call("literal_file", text("note.txt"), text("hello"))),
        },
    )
    done = execute(flow)
    out = done.folder / "outputs"
    assert done.status == "completed", list(done.report)
    assert (out / "dir" / "in" / "b.txt").read_text() == "2\n"
    assert done.outputs["f"] == ["1\n"] and done.outputs["l"] == "hello"
    listing = done.record.outputs["d"].listing
    assert [e.basename for e in listing] == ["a.txt", "in"]
    assert listing[0].checksum.startswith("sha1$")
    assert isinstance(listing[1], Directory)
    assert not [p for p in out.rglob("*") if p.name.endswith(".part")]


def test_an_output_does_not_replace_an_input_of_its_name(execute: Execute, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text("b\na\n")
    flow = workflow(
        [step("sort", script("sort {x}", {"x": "File"}, out="File"), {"x": "t"})],
        {"sorted": ("File", "sort.out"), "same": ("File", "t")},
        {"t": "File"},
    )
    done = execute(flow, {"t": File(location="out.txt")}, outdir=tmp_path)
    assert done.outputs == {"sorted": "a\nb\n", "same": "b\na\n"}
    assert (tmp_path / "out.txt").read_text() == "b\na\n"
    assert (tmp_path / "out_2.txt").read_text() == "a\nb\n"
