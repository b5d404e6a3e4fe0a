"""Which values fit which types, and what is said of those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from fairwf.engine.task.fit import fit, words
from fairwf.ir.expressions import File
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
    UnionType,
)

INT = IntType()
TEXT = StringType()
PAIR = RecordType(
    fields=(
        RecordField(name="name", type=TEXT),
        RecordField(name="count", type=OptionalType(item=INT)),
    )
)


@pytest.mark.parametrize(
    ("value", "type_", "result"),
    [
        (1, INT, 1),
        (1, FloatType(), 1.0),
        (None, OptionalType(item=INT), None),
        (None, NoneType(), None),
        ([1, 2], ArrayType(items=FloatType()), [1.0, 2.0]),
        ({"a": 1}, MapType(keys=TEXT, values=FloatType()), {"a": 1.0}),
        ({"name": "x"}, PAIR, {"name": "x", "count": None}),
        ({"name": "x", "more": 1}, PAIR, {"name": "x", "more": 1, "count": None}),
        ("b", EnumType(symbols=("a", "b")), "b"),
        (1, UnionType(members=(FloatType(), INT)), 1),
        (1, UnionType(members=(TEXT, FloatType())), 1.0),
        ([], AnyType(), []),
        (-(2**31), IntType(bits=32), -(2**31)),
    ],
)
def test_what_fits_is_given_back_as_the_type_wants_it(value: Any, type_: Type, result: Any) -> None:
    got, faults = fit(value, type_)
    assert faults == []
    assert repr(got) == repr(result)


@pytest.mark.parametrize(
    ("value", "type_", "said"),
    [
        (True, INT, "expected a whole number, found true"),
        (1, BoolType(), "expected true or false, found the whole number 1"),
        (1.0, INT, "expected a whole number, found the float 1.0"),
        (2**31, IntType(bits=32), "expected a whole number of 32 bits, found the whole number"),
        (2**63, INT, "expected a whole number of 64 bits"),
        (None, AnyType(), "expected any value but none, found none"),
        ("1", INT, "expected a whole number, found the text '1'"),
        (1, TEXT, "expected a text, found the whole number 1"),
        ("a.txt", FileType(), "expected a file, found the text 'a.txt'"),
        ([1, "x"], ArrayType(items=INT), "item 2: expected a whole number, found the text 'x'"),
        (1, ArrayType(items=INT), "expected an array of whole numbers, found the whole number 1"),
        ([], ArrayType(items=INT, nonempty=True), "expected a non-empty array of whole numbers"),
        ("c", EnumType(symbols=("a", "b")), "expected one of 'a', 'b', found the text 'c'"),
        ({"name": 1}, PAIR, "member 'name': expected a text"),
        ({"nmae": "x"}, PAIR, "member 'name': expected a text, found nothing"),
        ("x", UnionType(members=(INT, FileType())), "expected a whole number or a file"),
        ({"name": 1}, UnionType(members=(INT, PAIR)), "member 'name': expected a text"),
        ([[1], [None]], ArrayType(items=ArrayType(items=INT)), "item 2, item 1: expected"),
    ],
)
def test_what_does_not_fit_is_said_in_words(value: Any, type_: Type, said: str) -> None:
    _, faults = fit(value, type_)
    assert len(faults) == 1
    assert said in str(faults[0])


@pytest.mark.parametrize("kinds", [(0, 1), (1, 0)])
def test_of_several_records_that_one_counts_which_the_value_lacks_least_of(
    kinds: tuple[int, int],
) -> None:
    records = (
        RecordType(fields=(RecordField(name="x", type=INT),)),
        RecordType(fields=(RecordField(name="y", type=INT), RecordField(name="z", type=TEXT))),
    )
    _, faults = fit({"y": 1, "z": 5}, UnionType(members=tuple(records[kind] for kind in kinds)))
    assert [str(fault) for fault in faults] == [
        "member 'z': expected a text, found the whole number 5"
    ]


def test_all_faults_of_a_value_are_found() -> None:
    _, faults = fit(["a", 1, "b"], ArrayType(items=INT))
    assert [fault.where for fault in faults] == [", item 1", ", item 3"]


def test_hints_say_what_to_write() -> None:
    assert fit(2, EnumType(symbols=("a",)))[1][0].hint is None
    assert fit("alpah", EnumType(symbols=("alpha",)))[1][0].hint == "did you mean 'alpha'?"
    assert "class: File" in str(fit("x", FileType())[1][0].hint)
    assert fit(File(), ArrayType(items=FileType()))[1][0].hint == "put it in a list"


def test_types_in_words() -> None:
    assert words(OptionalType(item=ArrayType(items=FileType()))) == "an array of files or none"
    assert words(MapType(keys=TEXT, values=INT)) == "a map whose values are a whole number"
