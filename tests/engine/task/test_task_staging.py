"""What a task finds: its inputs, its folder, its environment."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.containers.engines import find_engine
from fairwf.engine.task import TaskFailed
from fairwf.engine.task.prepare import _program
from fairwf.ir.command import Argument, StagedItem
from fairwf.ir.environment import Conda, Container, Environment, Package
from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Directory,
    Expr,
    File,
    Input,
    IntLit,
    NoneLit,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort, OutputPort, Stdout
from fairwf.ir.resources import Resources
from fairwf.ir.types import AnyType, DirectoryType, FileType
from fairwf.ir.workflow import Command
from fairwf.report import UnsupportedError


def text(value: str) -> StringLit:
    return StringLit(value=value)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def path_of(name: str) -> Attr:
    return Attr(of=Input(name=name), name="path")


def command(*words: Expr, **options: Any) -> Command:
    return Command(arguments=tuple(Argument(value=word) for word in words), **options)


def staged(value: Expr, name: str | None = None, writable: bool = False) -> StagedItem:
    return StagedItem(value=value, name=None if name is None else text(name), writable=writable)


F = (InputPort(id="f", type=FileType()),)
D = (InputPort(id="d", type=DirectoryType()),)


# --- inputs -----------------------------------------------------------------------------------


def test_an_input_is_read_where_it_lies(place: Any) -> None:
    path = place.file("a b.txt", "hello")
    prepared = place.prepare(
        command(text("cat"), Input(name="f"), inputs=F), {"f": File(path="a b.txt")}
    )
    assert prepared.command == ("cat", str(path))
    assert Path(prepared.argv[0]).name == "cat"


def test_a_renamed_input_lies_under_its_name_in_a_folder_of_its_own(place: Any) -> None:
    path = place.file("x", "hello")
    request = place.request(
        command(text("cat"), Input(name="f"), inputs=F), {"f": File(path="x", basename="y.txt")}
    )
    from fairwf.engine.task import prepare

    word = prepare(request, place.evaluator).command[1]
    assert Path(word).name == "y.txt"
    assert Path(word).is_relative_to(request.staged)
    assert Path(word).resolve() == path.resolve()


def test_secondary_files_lie_beside_the_primary_file(place: Any) -> None:
    place.file("a/x.bam")
    place.file("b/x.bam.bai", "index")
    file = File(path="a/x.bam", secondary=(File(path="b/x.bam.bai"),))
    prepared = place.prepare(command(text("cat"), Input(name="f"), inputs=F), {"f": file})
    assert Path(prepared.command[1] + ".bai").read_text() == "index"


def test_literals_are_written(place: Any) -> None:
    file = File(contents="text\r\n", basename="l.txt")
    folder = Directory(basename="dir", listing=(file, Directory(basename="sub", listing=())))
    process = command(text("cat"), Input(name="f"), Input(name="d"), inputs=(*F, *D))
    prepared = place.prepare(process, {"f": file, "d": folder})
    _, file_word, folder_word = prepared.command
    assert Path(file_word).read_bytes() == b"text\r\n"
    assert Path(file_word).name == "l.txt"
    assert names(Path(folder_word)) == ["l.txt", "sub"]


def test_two_secondary_files_of_one_name_are_refused(place: Any) -> None:
    for name in ("x", "a/i", "b/i"):
        place.file(name)
    file = File(path="x", secondary=(File(path="a/i"), File(path="b/i")))
    with pytest.raises(TaskFailed, match="two different things are to be called 'i'"):
        place.prepare(command(text("cat"), Input(name="f"), inputs=F), {"f": file})


# --- the working folder -----------------------------------------------------------------------


def work(place: Any, *items: StagedItem, **options: Any) -> tuple[Path, Any]:
    values = options.pop("values", None)
    process = command(text("true"), staging=items, **options)
    prepared = place.prepare(process, values)
    return Path(prepared.cwd), prepared


def test_texts_json_and_nothing(place: Any) -> None:
    folder, _ = work(
        place,
        staged(text("a\r\nb"), "conf/a b.txt"),
        staged(Record(fields={"k": Array(items=(IntLit(value=1),))}), "j.json"),
        staged(Array(items=(IntLit(value=1), IntLit(value=2))), "n.json"),
        staged(NoneLit(), "nothing"),
        staged(IntLit(value=7), "seven"),
    )
    assert (folder / "conf" / "a b.txt").read_bytes() == b"a\r\nb"
    assert (folder / "j.json").read_text() == '{"k": [1]}'
    assert (folder / "n.json").read_text() == "[1, 2]"
    assert (folder / "seven").read_text() == "7"
    assert not (folder / "nothing").exists()


def test_a_staged_input_is_seen_in_the_folder(place: Any) -> None:
    place.file("in.txt", "hello")
    process = command(
        text("cat"),
        path_of("f"),
        inputs=F,
        staging=(staged(Input(name="f"), "renamed.txt"),),
        environment=Environment(variables={"NAME": Attr(of=Input(name="f"), name="basename")}),
    )
    prepared = place.prepare(process, {"f": File(path="in.txt")})
    target = Path(prepared.cwd) / "renamed.txt"
    assert prepared.command[1] == str(target)
    assert target.is_symlink()
    assert prepared.env["NAME"] == "renamed.txt"


def test_what_is_writable_is_a_copy(place: Any) -> None:
    original = place.file("in.txt", "hello")
    original.chmod(0o444)
    place.file("dir/inner", "deep")
    folder, _ = work(
        place,
        staged(Input(name="f"), writable=True),
        staged(Input(name="d"), writable=True),
        inputs=(*F, *D),
        values={"f": File(path="in.txt"), "d": Directory(path="dir")},
    )
    (folder / "in.txt").write_text("changed")
    (folder / "dir" / "new").write_text("new")
    (folder / "dir" / "inner").write_text("changed")
    assert original.read_text() == "hello"
    assert not (original.parent / "dir" / "new").exists()
    assert (original.parent / "dir" / "inner").read_text() == "deep"


def test_in_place_changes_the_original(place: Any) -> None:
    original = place.file("in.txt", "hello")
    folder, _ = work(
        place,
        staged(Input(name="f"), writable=True),
        inputs=F,
        in_place=True,
        values={"f": File(path="in.txt")},
    )
    (folder / "in.txt").write_text("changed")
    assert original.read_text() == "changed"


def test_arrays_and_entries_that_an_expression_gives(place: Any) -> None:
    place.file("a")
    place.file("b", "bee")
    entries = Record(
        fields={
            "entry": Input(name="f"),
            "entryname": text("c"),
            "writable": BoolLit(value=True),
        }
    )
    folder, _ = work(
        place,
        staged(Array(items=(Input(name="f"), NoneLit(), entries))),
        inputs=F,
        values={"f": File(path="b")},
    )
    assert names(folder) == ["b", "c"]
    assert not (folder / "c").is_symlink()
    assert (folder / "c").read_text() == "bee"


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "", ".", "nul\0", "a/.."])
def test_names_must_stay_inside(place: Any, name: str) -> None:
    with pytest.raises(TaskFailed) as caught:
        work(place, staged(text("x"), name))
    assert caught.value.report.errors[0].code == "FWF4014"


def test_names_must_stay_inside_staged_folders_too(place: Any) -> None:
    victim = place.file("dir/x", "keep")
    with pytest.raises(TaskFailed) as caught:
        work(
            place,
            staged(Input(name="d")),
            staged(text("evil"), "dir/y"),
            inputs=D,
            values={"d": Directory(path="dir")},
        )
    assert caught.value.report.errors[0].code == "FWF4014"
    assert names(victim.parent) == ["x"]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ((staged(text("x")),), "needs a name"),
        ((staged(text("x"), "a"), staged(text("y"), "a")), "two different things"),
        ((staged(Array(items=(Input(name="f"),)), "a"),), "cannot have one name"),
    ],
)
def test_what_cannot_be_staged(place: Any, items: tuple[StagedItem, ...], said: str) -> None:
    place.file("b")
    with pytest.raises(TaskFailed, match=said):
        work(place, *items, inputs=F, values={"f": File(path="b")})


# --- environment, streams, limits -------------------------------------------------------------


def test_the_environment_is_almost_empty(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "token")
    variables = {"X": Template(parts=(text("a b"), Runtime(name="cores")))}
    process = command(
        text("env"),
        environment=Environment(variables=variables),
        outputs=(OutputPort(id="o", type=FileType(), collect=Stdout()),),
        stdout=text("o"),
    )
    ran = place.run(process, cores=1.5)
    lines = (Path(ran.request.folder) / "o").read_text().splitlines()
    assert sorted(line.split("=")[0] for line in lines) == ["HOME", "PATH", "TMPDIR", "X"]
    assert f"HOME={ran.request.folder}" in lines
    assert "X=a b2" in lines


@pytest.mark.parametrize("name", ["../out", "/tmp/out", ""])
def test_streams_are_written_inside(place: Any, name: str) -> None:
    with pytest.raises(TaskFailed) as caught:
        place.prepare(command(text("true"), stdout=text(name)))
    assert caught.value.report.errors[0].code == "FWF4014"


def test_streams_are_not_written_through_a_staged_link(place: Any) -> None:
    place.file("in.txt", "keep")
    process = command(
        text("true"), inputs=F, stdout=text("in.txt"), staging=(staged(Input(name="f")),)
    )
    with pytest.raises(TaskFailed, match="through a symlink"):
        place.prepare(process, {"f": File(path="in.txt")})


def test_streams_that_nobody_asks_for_are_logs(place: Any) -> None:
    prepared = place.prepare(command(text("true")))
    assert not prepared.stdout_declared
    assert not Path(prepared.stdout).is_relative_to(prepared.cwd)


def test_a_program_that_is_not_there(place: Any) -> None:
    with pytest.raises(TaskFailed) as caught:
        place.prepare(command(text("no-such-program-here")))
    (found,) = caught.value.report
    assert (found.code, "is not on PATH" in found.message) == ("FWF4005", True)
    assert found.hint is not None


def test_a_folder_on_path_that_may_not_be_read_is_skipped(place: Any) -> None:
    locked, myself = Path(tempfile.mkdtemp()), os.geteuid()
    locked.chmod(0)
    request = place.request(command(text("true")))
    try:
        if myself == 0:  # who may read everything
            os.seteuid(65534)
        path = _program("true", request, {"PATH": f"{locked}/bin:/usr/bin:/bin"})
    finally:
        os.seteuid(myself)
        locked.rmdir()
    assert path in ("/usr/bin/true", "/bin/true")


def test_a_program_that_was_staged_can_be_started(place: Any) -> None:
    place.file("tool.sh", "#!/bin/sh\nexit 0\n").chmod(0o755)
    process = command(text("./tool.sh"), inputs=F, staging=(staged(Input(name="f")),))
    prepared = place.prepare(process, {"f": File(path="tool.sh")})
    assert prepared.argv[0] == f"{prepared.cwd}/tool.sh"


@pytest.mark.parametrize(("seconds", "limit"), [(IntLit(value=3), 3.0), (IntLit(value=0), None)])
def test_time_limits(place: Any, seconds: Expr, limit: float | None) -> None:
    process = command(text("true"), resources=Resources(time=seconds))
    assert place.prepare(process).time_limit_s == limit


# --- software ---------------------------------------------------------------------------------


def test_running_without_the_container_is_said(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(container=Container(image=text("debian:12")), conda=Conda(name="x"))
    process = command(text("true"), environment=environment)
    warnings = list(place.prepare(process, container="none").warnings)
    assert [one.code for one in warnings] == ["FWF4015", "FWF4021"]
    assert {one.severity for one in warnings} == {"warning"}
    assert "debian:12" in warnings[0].message
    find_engine.cache_clear()
    monkeypatch.setenv("PATH", "")
    for name in ("bubblewrap", "docker", "podman"):
        with pytest.raises(UnsupportedError, match="FWF4008"):
            place.prepare(process, container=name)
    find_engine.cache_clear()


def test_without_any_engine_a_container_that_is_required_is_refused(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks(required: bool) -> Command:
        container = Container(image=text("debian:12"), required=required)
        return command(text("true"), environment=Environment(container=container))

    find_engine.cache_clear()
    monkeypatch.setenv("PATH", str(place.data))
    place.file("true", "#!/bin/sh\n").chmod(0o755)
    with pytest.raises(UnsupportedError, match="no container engine is there") as caught:
        place.prepare(asks(required=True), container="auto")
    (found,) = caught.value.report
    assert found.code == "FWF4008" and "--container none" in (found.hint or "")
    advised = place.prepare(asks(required=False), container="auto")
    assert [one.code for one in advised.warnings] == ["FWF4015"]
    told = place.prepare(asks(required=True), container="none")
    assert [one.code for one in told.warnings] == ["FWF4015"]
    find_engine.cache_clear()


def test_a_missing_program_says_what_software_would_bring_it(place: Any) -> None:
    environment = Environment(packages=(Package(name="nobwa", versions=("0.7", "0.8")),))
    with pytest.raises(TaskFailed) as caught:
        place.prepare(command(text("nobwa"), environment=environment))
    assert "what the task asks for: nobwa 0.7 or 0.8" in (
        next(iter(caught.value.report)).hint or ""
    )


def test_any_value_can_be_staged_by_name(place: Any) -> None:
    ports = (InputPort(id="v", type=AnyType()),)
    folder, _ = work(place, staged(Input(name="v"), "v"), inputs=ports, values={"v": [1.0, "a"]})
    assert (folder / "v").read_text() == '[1, "a"]'
