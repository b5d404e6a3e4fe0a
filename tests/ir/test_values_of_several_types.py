"""Values of several types: which type takes one, and how one of any type is enclosed."""

import pytest

from fairwf.ir.alternatives import alternatives, takes
from fairwf.ir.enclosing import enclosed, opened
from fairwf.ir.expressions import Directory, File
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    FileType,
    IntType,
    NoneType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.values import Value

TEXTS = ArrayType(items=StringType())
MODE = RecordType(
    fields=(
        RecordField(name="name", type=StringType()),
        RecordField(name="size", type=OptionalType(item=IntType())),
    )
)


def test_the_alternatives_of_a_type_are_those_of_its_members_but_none() -> None:
    inner = UnionType(members=(NoneType(), StringType(), OptionalType(item=TEXTS)))
    assert list(alternatives(OptionalType(item=inner))) == [StringType(), TEXTS]


@pytest.mark.parametrize(
    ("type_", "value", "taken"),
    [
        (IntType(), 3, True),
        (IntType(), True, False),
        (IntType(), None, False),
        (OptionalType(item=IntType()), None, True),
        (UnionType(members=(IntType(), NoneType())), None, True),
        (TEXTS, ["a"], True),
        (TEXTS, ["a", 1], False),
        (FileType(), File(location="a"), True),
        (FileType(), "a", False),
        (AnyType(), {"a": [1]}, True),
        (MODE, {"name": "a"}, True),
        (MODE, {"name": "a", "other": 1}, False),
        (MODE, {"size": 1}, False),
    ],
)
def test_a_type_takes_its_values_alone(type_: Type, value: Value, taken: bool) -> None:
    assert takes(type_, value) is taken


def test_an_enclosed_value_names_its_files_and_opens_as_itself() -> None:
    index = File(location="a.bai", basename="a.bai")
    value = {"n": [1, None, 2.5], "f": [File(location="a.bam", secondary=(index,)), "text"]}
    text, files = enclosed(value)
    assert [one.location for one in files] == ["a.bam", "a.bai"]
    assert '"file": 1' in text
    assert opened(text, list(files)) == value


def test_what_names_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no file 1"):
        opened('{"class": "File", "file": 1}', [File(location="a")])


def test_a_folder_is_not_enclosed() -> None:
    with pytest.raises(TypeError, match="Directory"):
        enclosed([Directory(location="a")])
