"""Which types fit which, and what type an expression has."""

import pytest

from fairwf.check import Fit, Scope, fit, infer
from fairwf.check.signatures import accepts, signature
from fairwf.ir.expressions import Array, Call, Each, Expr, If, IntLit, Local, NoneLit, StringLit
from fairwf.ir.functions import FUNCTIONS, Fails
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    KeyedType,
    MapType,
    NoneType,
    OptionalType,
    RecordField,
    RecordType,
    StreamType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.types_text import describe
from fairwf.ir.values import to_literal

T, INT, FILE = StringType(), IntType(), FileType()


def rec(**fields: Type) -> RecordType:
    return RecordType(fields=tuple(RecordField(name=n, type=t) for n, t in fields.items()))


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (INT, FloatType(), Fit.ALWAYS),
        (FloatType(), INT, Fit.NEVER),
        (INT, IntType(bits=32), Fit.SOMETIMES),
        (INT, AnyType(), Fit.ALWAYS),
        (AnyType(), INT, Fit.ALWAYS),
        (NoneType(), AnyType(), Fit.NEVER),
        (NoneType(), OptionalType(item=INT), Fit.ALWAYS),
        (OptionalType(item=INT), INT, Fit.SOMETIMES),
        (OptionalType(item=T), OptionalType(item=INT), Fit.NEVER),
        (UnionType(members=(T, INT)), INT, Fit.SOMETIMES),
        (UnionType(members=(T, FILE)), INT, Fit.NEVER),
        (INT, UnionType(members=(T, INT)), Fit.ALWAYS),
        (ArrayType(items=INT), ArrayType(items=FloatType()), Fit.ALWAYS),
        (ArrayType(items=INT), ArrayType(items=INT, nonempty=True), Fit.SOMETIMES),
        (ArrayType(items=UnionType(members=())), ArrayType(items=FILE), Fit.ALWAYS),
        (FILE, ArrayType(items=FILE), Fit.NEVER),
        (StreamType(items=FILE), ArrayType(items=FILE), Fit.NEVER),
        (EnumType(symbols=("a",)), EnumType(symbols=("a", "b")), Fit.ALWAYS),
        (EnumType(symbols=("a", "c")), EnumType(symbols=("a", "b")), Fit.SOMETIMES),
        (EnumType(symbols=("a",)), T, Fit.ALWAYS),
        (T, EnumType(symbols=("a",)), Fit.SOMETIMES),
        (rec(a=INT, b=T), rec(a=INT), Fit.ALWAYS),
        (rec(a=INT), rec(a=INT, b=OptionalType(item=T)), Fit.ALWAYS),
        (rec(a=INT), rec(a=INT, b=T), Fit.NEVER),
        (rec(a=INT), MapType(keys=T, values=INT), Fit.ALWAYS),
        (MapType(keys=T, values=INT), rec(a=INT), Fit.SOMETIMES),
    ],
    ids=lambda value: describe(value) if not isinstance(value, Fit) else value.name,
)
def test_fit(source: Type, target: Type, expected: Fit) -> None:
    assert fit(source, target) is expected


def test_types_are_described_as_people_write_them() -> None:
    keyed = KeyedType(keys=(RecordField(name="n", type=INT),), value=FILE)
    assert describe(OptionalType(item=ArrayType(items=FILE))) == "File[]?"
    assert describe(ArrayType(items=OptionalType(item=FILE))) == "File?[]"
    assert describe(MapType(keys=T, values=UnionType(members=(INT, T)))) == (
        "map[string, (int | string)]"
    )
    assert describe(keyed) == "keyed[n: int -> File]"
    assert describe(rec(a=StreamType(items=IntType(bits=32)))) == "record{a: stream[int32]}"


def array(*items: Expr) -> Array:
    return Array(items=items)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (IntLit(value=2**40), "int"),
        (array(IntLit(value=1), StringLit(value="a")), "(int32 | string)[]"),
        (If(test=NoneLit(), then=IntLit(value=1), otherwise=NoneLit()), "int32?"),
        (Call(function="first", args=(array(StringLit(value="a")),)), "string"),
        (Call(function="first_defined", args=(array(NoneLit(), IntLit(value=1)),)), "int32"),
        (Call(function="default", args=(NoneLit(), StringLit(value="a"))), "string"),
        (Call(function="divide", args=(IntLit(value=1), IntLit(value=2))), "float"),
        (Call(function="zip", args=(array(IntLit(value=1)), array(NoneLit()))), "any[][]"),
        (
            Each(
                name="x",
                over=array(IntLit(value=1)),
                body=Call(function="to_string", args=(Local(name="x"),)),
            ),
            "string[]",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_inferred_types(expression: Expr, expected: str) -> None:
    assert describe(infer(expression, Scope("a test"))) == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_example_of_a_function_fits_its_signature(name: str) -> None:
    scope = Scope("a test")
    told: list[str] = []
    assert signature(name).parameters or not FUNCTIONS[name].parameters
    for example in FUNCTIONS[name].examples:
        if isinstance(example.result, Fails):
            continue
        assert accepts(name, len(example.args))
        literals = tuple(to_literal(value) for value in example.args)
        given = infer(
            Call(function=name, args=literals), scope, lambda c, n, m, h: told.append(f"{c} {m}")
        )
        if isinstance(given, StreamType):  # examples write the items of a stream as an array
            given = ArrayType(items=given.items)
        result = infer(to_literal(example.result), scope)
        assert fit(result, given) is not Fit.NEVER, (example, describe(given))
    assert told == []


def test_none_of_a_bool() -> None:
    assert fit(OptionalType(item=BoolType()), BoolType()) is Fit.SOMETIMES
