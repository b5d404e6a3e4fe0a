"""The mapping of values between formats: what is carried over, and what differs."""

from pathlib import Path

from fairwf.ir.enclosing import ENCLOSED
from fairwf.ir.expressions import File
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    FileType,
    IntType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    UnionType,
)
from fairwf.verify.mapping import carried, differences

UNION = UnionType(members=(FileType(), ArrayType(items=FileType())))
STRUCT = RecordType(
    name="FileOrFiles",
    fields=(
        RecordField(name="file", type=OptionalType(item=FileType())),
        RecordField(name="files", type=OptionalType(item=ArrayType(items=FileType()))),
    ),
)


def test_a_value_of_a_union_is_the_member_that_takes_it() -> None:
    one = File(location="a")
    assert carried(one, UNION, STRUCT) == {"file": one, "files": None}
    assert carried([one], UNION, STRUCT) == {"file": None, "files": [one]}
    assert carried(None, OptionalType(item=UNION), OptionalType(item=STRUCT)) is None


def test_the_member_that_is_given_is_compared(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    a, b = (File(location=str(tmp_path / name)) for name in ("a", "b"))
    assert not list(differences(a, UNION, {"file": a, "files": None}, STRUCT))
    assert list(differences(a, UNION, {"file": b, "files": None}, STRUCT))
    assert list(differences(a, UNION, {"file": None, "files": [a]}, STRUCT))
    assert list(differences(a, UNION, {"file": None, "files": None}, STRUCT))
    assert list(differences(a, UNION, {"file": a, "files": [a]}, STRUCT))


def test_a_value_of_any_type_is_compared_by_what_its_json_says(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    a = File(location=str(tmp_path / "a"))
    value = {"x": [1, a], "y": None}
    theirs = carried(value, AnyType(), ENCLOSED)
    assert isinstance(theirs, dict)
    assert theirs["files"] == [a]
    assert not list(differences(value, AnyType(), theirs, ENCLOSED))
    assert list(differences({"x": [2, a]}, AnyType(), theirs, ENCLOSED))
    assert list(differences("1", AnyType(), {"json": "1", "files": []}, ENCLOSED))
    assert list(differences(1, AnyType(), {"json": "not JSON", "files": []}, ENCLOSED))


def test_a_record_that_stands_for_itself_is_no_union() -> None:
    record = RecordType(
        fields=(
            RecordField(name="a", type=OptionalType(item=IntType())),
            RecordField(name="b", type=OptionalType(item=StringType())),
        )
    )
    assert list(differences(1, IntType(), {"a": 1, "b": None}, record))
