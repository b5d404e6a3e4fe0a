"""Inputs made complete: defaults, files, secondary files, contents, formats."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from fairwf.engine.evaluate import Evaluator
from fairwf.engine.task import complete_inputs
from fairwf.ir.command import Argument
from fairwf.ir.expressions import (
    BoolLit,
    Call,
    Directory,
    Expr,
    File,
    Input,
    IntLit,
    Local,
    NoneLit,
    StringLit,
    Template,
)
from fairwf.ir.origins import Origins, Span
from fairwf.ir.ports import FieldFiles, InputPort, SecondaryFile
from fairwf.ir.types import (
    ArrayType,
    DirectoryType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
)
from fairwf.ir.workflow import Command
from fairwf.report import InvalidError


def text(value: str) -> StringLit:
    return StringLit(value=value)


def tool(*ports: InputPort) -> Command:
    return Command(id="tool", inputs=ports, arguments=(Argument(value=text("true")),))


def complete(
    process: Command, values: dict[str, Any], folder: Path | None = None, **options: Any
) -> dict[str, Any]:
    options.setdefault("discover", True)
    return complete_inputs(process, values, Evaluator(), folder=folder, **options)


def faults(process: Command, values: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as caught:
        complete(process, values, **options)
    return [(one.code, str(one)) for one in caught.value.report]


FILE = InputPort(id="reads", type=FileType())


def test_defaults_are_for_values_that_are_none_and_may_name_other_inputs() -> None:
    more = Call(function="add", args=(Input(name="a"), IntLit(value=1)))
    process = tool(
        InputPort(id="b", type=FloatType(), default=more),
        InputPort(id="a", type=IntType(), default=IntLit(value=1)),
        InputPort(id="c", type=OptionalType(item=IntType())),
    )
    assert repr(complete(process, {"a": None})) == "{'b': 2.0, 'a': 1, 'c': None}"
    assert complete(process, {"a": 0, "b": 5}) == {"b": 5.0, "a": 0, "c": None}


def test_a_default_that_needs_itself_is_refused() -> None:
    process = tool(
        InputPort(id="a", type=IntType(), default=Input(name="b")),
        InputPort(id="b", type=IntType(), default=Input(name="a")),
    )
    assert "needs itself" in faults(process, {})[0][1]


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    port = InputPort(id="count", type=IntType())
    needed = InputPort(id="name", type=StringType())
    process = tool(FILE, port, needed)
    origins = Origins()
    origins.set(port, Span("tool.cwl", 7, 3, 7, 9))
    found = faults(
        process,
        {"reads": File(path="none.fq"), "count": "3", "nmae": "x"},
        folder=tmp_path,
        origins=origins,
    )
    assert [code for code, _ in found] == ["FWF2006", "FWF4009", "FWF2010", "FWF2005"]
    unknown, absent, unfit, missing = (line for _, line in found)
    assert "there is no input 'nmae' (did you mean 'name'?)" in unknown
    assert f"the file '{tmp_path}/none.fq' does not exist" in absent
    assert unfit.startswith("tool.cwl:7:3: error[FWF2010]: input 'count': expected a whole number")
    assert "was it given as 'nmae'?" in missing


@pytest.mark.parametrize("name", ["a b.fq.gz", "-n", "ünï", "a\nb", "50%.txt", "a#b?c"])
@pytest.mark.parametrize("how", ["path", "absolute", "uri", "location"])
def test_files_get_location_names_and_size(tmp_path: Path, name: str, how: str) -> None:
    path = tmp_path / name
    path.write_text("four")
    given = {
        "path": File(path=name),
        "absolute": File(path=str(path)),
        "uri": File(location=path.as_uri()),
        "location": File(location=name),
    }[how]
    file = complete(tool(FILE), {"reads": given}, tmp_path)["reads"]
    assert file.location == "file://" + file.location.removeprefix("file://")
    assert (file.basename, file.size, file.path) == (name, 4, None)
    assert file.nameroot + file.nameext == name
    again = complete(tool(FILE), {"reads": file})["reads"]
    assert again == file


def test_a_basename_of_its_own_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    file = complete(tool(FILE), {"reads": File(path="x", basename="y.a.b")}, tmp_path)["reads"]
    assert (file.basename, file.nameroot, file.nameext) == ("y.a.b", "y.a", ".b")


def test_digests_are_computed_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("four")
    plain = complete(tool(FILE), {"reads": File(path="x")}, tmp_path)["reads"]
    assert plain.checksum is None
    file = complete(tool(FILE), {"reads": File(path="x")}, tmp_path, digests=True)["reads"]
    assert file.checksum == "sha1$" + hashlib.sha1(b"four").hexdigest()
    assert file.extensions["fairwf"]["sha256"] == hashlib.sha256(b"four").hexdigest()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (File(path="folder"), "is a folder, not a file"),
        (File(location="https://example.org/x"), "nothing is fetched"),
        (File(), "neither location nor contents"),
        (File(contents="x", basename="../x"), "is no name of a file"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, given: File, said: str) -> None:
    (tmp_path / "folder").mkdir()
    ((code, line),) = faults(tool(FILE), {"reads": given}, folder=tmp_path)
    assert code == "FWF4009"
    assert said in line


def test_relative_paths_of_defaults_are_relative_to_their_document(tmp_path: Path) -> None:
    (tmp_path / "doc").mkdir()
    (tmp_path / "doc" / "ref.fa").write_text(">")
    default = File(location="ref.fa")
    origins = Origins()
    origins.set(default, Span(str(tmp_path / "doc" / "tool.cwl"), 1, 1, 1, 2))
    process = tool(InputPort(id="reads", type=FileType(), default=default))
    assert complete(process, {}, tmp_path / "jobs", origins=origins)["reads"].size == 1


# --- secondary files --------------------------------------------------------------------------


def with_secondary(*patterns: SecondaryFile) -> Command:
    return tool(InputPort(id="reads", type=FileType(), secondary=patterns))


ROOT = Call(function="nameroot", args=(Local(name="self"),))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (text(".bai"), "a.b.bam.bai"),
        (text("^.bai"), "a.b.bai"),
        (text("^^.dict"), "a.dict"),
        (text("^^^^.dict"), "a.dict"),
        (Template(parts=(ROOT, text(".x"))), "a.b.x"),
    ],
)
def test_patterns(tmp_path: Path, pattern: Expr, name: str) -> None:
    (tmp_path / "a.b.bam").write_text("")
    (tmp_path / name).write_text("index")
    process = with_secondary(SecondaryFile(pattern=pattern))
    file = complete(process, {"reads": File(path="a.b.bam")}, tmp_path)["reads"]
    assert [(one.basename, one.size) for one in file.secondary] == [(name, 5)]


def test_a_missing_secondary_file_is_an_error_unless_it_is_optional(tmp_path: Path) -> None:
    (tmp_path / "a.bam").write_text("")
    given = {"reads": File(path="a.bam")}
    needed = with_secondary(SecondaryFile(pattern=text(".bai")))
    ((code, line),) = faults(needed, given, folder=tmp_path)
    assert code == "FWF4009"
    assert "has no secondary file 'a.bam.bai'" in line
    optional = SecondaryFile(pattern=text(".bai"), required=BoolLit(value=False))
    assert complete(with_secondary(optional), given, tmp_path)["reads"].secondary == ()
    computed = SecondaryFile(pattern=text(".bai"), required=NoneLit())
    assert complete(with_secondary(computed), given, tmp_path)["reads"].secondary == ()


def test_what_steps_hand_on_must_name_its_secondary_files(tmp_path: Path) -> None:
    """CWL v1.2: they are looked for on disk only where a user gives the file."""
    for name in ("a.bam", "a.bam.bai"):
        (tmp_path / name).write_text("")
    process = with_secondary(SecondaryFile(pattern=text(".bai")))
    bare = {"reads": File(path="a.bam")}
    assert len(complete(process, bare, tmp_path)["reads"].secondary) == 1
    assert faults(process, bare, folder=tmp_path, discover=False)[0][0] == "FWF4009"
    said = {"reads": File(path="a.bam", secondary=(File(path="a.bam.bai"),))}
    assert len(complete(process, said, tmp_path, discover=False)["reads"].secondary) == 1


# --- contents, listings, formats --------------------------------------------------------------


def test_contents_are_loaded_up_to_64_kib(tmp_path: Path) -> None:
    port = InputPort(id="reads", type=ArrayType(items=FileType()), load_contents=True)
    (tmp_path / "small").write_text("ü" * 10)
    (tmp_path / "big").write_text("x" * (64 * 1024 + 1))
    (file,) = complete(tool(port), {"reads": [File(path="small")]}, tmp_path)["reads"]
    assert file.contents == "ü" * 10
    ((code, line),) = faults(tool(port), {"reads": [File(path="big")]}, folder=tmp_path)
    assert code == "FWF2010"
    assert "larger than the 65536 bytes" in line


def test_listings(tmp_path: Path) -> None:
    (tmp_path / "d" / "inner").mkdir(parents=True)
    (tmp_path / "d" / "inner" / "b").write_text("12")
    (tmp_path / "d" / "a").write_text("1")

    def listed(depth: Any) -> Any:
        port = InputPort(id="d", type=DirectoryType(), load_listing=depth)
        return complete(tool(port), {"d": Directory(path="d")}, tmp_path)["d"].listing

    assert listed(None) is None
    assert [one.basename for one in listed("shallow")] == ["a", "inner"]
    assert listed("shallow")[1].listing is None
    assert [one.size for one in listed("deep")[1].listing] == [2]


def test_formats_must_not_contradict(tmp_path: Path) -> None:
    fasta, fastq = "http://edamontology.org/format_1929", "http://edamontology.org/format_1930"
    process = tool(InputPort(id="reads", type=FileType(), format=(text(fastq),)))
    (tmp_path / "x").write_text("")
    complete(process, {"reads": File(path="x")}, tmp_path)
    complete(process, {"reads": File(path="x", format=fastq)}, tmp_path)
    wrong = {"reads": File(path="x", format=fasta)}
    assert fastq in faults(process, wrong, folder=tmp_path)[0][1]
    kinds = {(fasta, fastq)}
    complete(process, wrong, tmp_path, format_fits=lambda *pair: pair in kinds)


def test_members_of_records_have_files_of_their_own(tmp_path: Path) -> None:
    for name in ("a.fa", "a.fa.fai", "b"):
        (tmp_path / name).write_text("x")
    port = InputPort(
        id="r",
        type=RecordType(
            fields=(
                RecordField(name="ref", type=FileType()),
                RecordField(name="note", type=FileType()),
            )
        ),
        fields={
            "ref": FieldFiles(secondary=(SecondaryFile(pattern=text(".fai")),)),
            "note": FieldFiles(load_contents=True),
        },
    )
    given = {"r": {"ref": File(path="a.fa"), "note": File(path="b")}}
    record = complete(tool(port), given, tmp_path)["r"]
    assert record["ref"].secondary[0].basename == "a.fa.fai"
    assert (record["ref"].contents, record["note"].contents) == (None, "x")
