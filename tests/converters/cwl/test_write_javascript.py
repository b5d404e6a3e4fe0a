"""Expressions of the IR written as JavaScript mean the same: the function table's own examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fairwf.engine.evaluate import Evaluator
from fairwf.engine.evaluate.scope import Scope
from fairwf.engine.sandbox import Sandbox
from fairwf.engine.sandbox.errors import JavaScriptError
from fairwf.ir.expressions import (
    Array,
    Attr,
    Binding,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Opaque,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.functions import FUNCTIONS, Fails
from fairwf.ir.values import to_literal
from fairwf_cwl.write.javascript_definitions import DEFINITIONS
from fairwf_cwl.write.javascript_functions import INLINE
from fairwf_cwl.write.javascript_text import CannotSayError, definitions_for, javascript


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as one:
        yield one


def run(sandbox: Sandbox, expression: Expr, **inputs: Any) -> Any:
    text = javascript(expression)
    return sandbox.evaluate(text, "expression", {"inputs": inputs}, definitions_for(text))


_EXAMPLES = [
    pytest.param(function.name, example, id=f"{function.name}-{number}")
    for function in FUNCTIONS.values()
    if function.name in INLINE or function.name in ("and", "or", "default")
    for number, example in enumerate(function.examples)
]


@pytest.mark.parametrize(("name", "example"), _EXAMPLES)
def test_each_example_of_the_function_table_holds_in_javascript(
    sandbox: Sandbox, name: str, example: Any
) -> None:
    call = Call(function=name, args=tuple(to_literal(value) for value in example.args))
    if isinstance(example.result, Fails):
        with pytest.raises(JavaScriptError):
            run(sandbox, call)
    else:
        assert run(sandbox, call) == example.result


_MORE: list[tuple[str, tuple[Any, ...]]] = [
    ("substring", ("a\U0001f600bc", 1, 3)),
    ("length", ("a\U0001f600",)),
    ("length", ({"a": 1, "b": 2},)),
    ("index_of", ("\U0001f600x", "x")),
    ("less", ("\uffff", "\U00010000")),
    ("less", ("a", "ab")),
    ("sort", (["\U00010000", "\uffff", "a"],)),
    ("split", ("", ",")),
    ("split", ("a\U0001f600", "")),
    ("replace", ("ab", "", "-")),
    ("trim", ("\u3000\x1f a \ufeff",)),
    ("pad_left", ("7", 6, "ab")),
    ("nameroot", (".bashrc",)),
    ("nameext", ("/x/..a.b",)),
    ("nameext", ("a.",)),
    ("basename", ("/a/b/",)),
    ("basename", ("/",)),
    ("dirname", ("//a",)),
    ("dirname", ("a",)),
    ("dirname", ("/a//b",)),
    ("equal", ({"a": [1, None]}, {"a": [1.0, None]})),
    ("equal", ([], {})),
    ("equal", (True, 1)),
    ("equal", (None, None)),
    ("truncate", (-0.5,)),
    ("round", (-0.5,)),
    ("modulo", (-3, 3)),
    ("range_step", (5, 0, -2)),
    ("slice", ([1, 2, 3], 1, 9)),
    ("get", ([1], -1)),
    ("get", ([1], 7)),
    ("get", ({"a": 1}, "toString")),
    ("unique", ([1, 1.0, "1", [1], [1]],)),
    ("to_string", ({"a": [1, "x"]},)),
    ("to_string", (1e21,)),
    ("to_string", (None,)),
    ("join", ([1, True, "a"], "-")),
    ("transpose", ([],)),
    ("group_by_key", ([[[1], 2], [[1], 3]],)),
    ("merge_flattened", ([1, [2]], None, "a")),
    ("to_int", ("-012",)),
    ("to_float", ("1e3",)),
    ("power", (2, -1)),
]


@pytest.mark.parametrize(("name", "args"), _MORE)
def test_corner_cases_agree_with_the_evaluator(
    sandbox: Sandbox, name: str, args: tuple[Any, ...]
) -> None:
    call = Call(function=name, args=tuple(to_literal(value) for value in args))
    expected = Evaluator(sandbox).evaluate(call, _Nothing())
    assert run(sandbox, call) == expected


class _Nothing(Scope):
    """A scope without names: the arguments are literals."""


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("divide_int", (1, 0)),
        ("modulo", (1, 0)),
        ("substring", ("a", -1)),
        ("repeat", ("a", -1)),
        ("pad_left", ("a", 3, "")),
        ("first_defined", ([None],)),
        ("less", (1, "a")),
        ("sort", ([1, "a"],)),
        ("as_map", ([["a", 1], ["a", 2]],)),
        ("zip", ([1], [1, 2])),
        ("chunk", ([1], 0)),
        ("literal_file", ("a/b", "")),
        ("to_float", ("one",)),
        ("range_step", (1, 2, 0)),
        ("min", ()),
    ],
)
def test_what_fails_in_the_ir_fails_in_javascript(
    sandbox: Sandbox, name: str, args: tuple[Any, ...]
) -> None:
    with pytest.raises(JavaScriptError):
        run(sandbox, Call(function=name, args=tuple(to_literal(value) for value in args)))


def test_each_maps_and_filters_with_names_of_its_own(sandbox: Sandbox) -> None:
    expression = Each(
        name="self",
        over=Array(items=(IntLit(value=1), IntLit(value=2), IntLit(value=3))),
        where=Call(function="less", args=(Local(name="self"), Input(name="limit"))),
        body=Each(
            name="self",
            over=Array(items=(Local(name="self"),)),
            body=Call(function="multiply", args=(Local(name="self"), IntLit(value=10))),
        ),
    )
    assert run(sandbox, expression, limit=3) == [[10], [20]]


def test_reading_what_is_not_there_fails(sandbox: Sandbox) -> None:
    for expression in (
        Index(of=Input(name="a"), by=IntLit(value=2)),
        Attr(of=Input(name="r"), name="z"),
        Index(of=Input(name="r"), by=StringLit(value="z")),
    ):
        with pytest.raises(JavaScriptError):
            run(sandbox, expression, a=[1], r={"b": 1})


def test_an_attribute_that_a_file_lacks_is_none(sandbox: Sandbox) -> None:
    file = {"class": "File", "basename": "a"}
    assert run(sandbox, Attr(of=Input(name="f"), name="checksum"), f=file) is None
    assert run(sandbox, Attr(of=Input(name="f"), name="secondary"), f=file) == []


def test_conditions_templates_and_records(sandbox: Sandbox) -> None:
    expression = Record(
        fields={
            'a "b"': If(
                test=BoolLit(value=True),
                then=Template(parts=(StringLit(value="x\u2028'"), FloatLit(value=0.5), NoneLit())),
                otherwise=NoneLit(),
            ),
        }
    )
    assert run(sandbox, expression) == {'a "b"': "x\u2028'0.5null"}


def test_an_opaque_text_becomes_a_function_of_the_names_that_it_sees(sandbox: Sandbox) -> None:
    expression = Opaque(
        language="javascript",
        text="inputs.x + self // the sum",
        bindings=(
            Binding(path=("inputs", "x"), value=Input(name="y")),
            Binding(path=("self",), value=IntLit(value=1)),
        ),
    )
    whole = Call(function="multiply", args=(expression, IntLit(value=2)))
    assert run(sandbox, whole, y=4) == 10


def test_what_javascript_cannot_say_is_named() -> None:
    wrong = Key(name="sample")
    with pytest.raises(CannotSayError) as caught:
        javascript(Call(function="concat", args=(StringLit(value="a"), wrong)))
    assert caught.value.node is wrong
    with pytest.raises(CannotSayError, match="read_text"):
        javascript(Call(function="read_text", args=(Input(name="x"),)))


def test_every_function_in_place_calls_definitions_that_exist() -> None:
    for template in (*INLINE.values(), *DEFINITIONS.values()):
        for text in definitions_for(template):
            assert text in DEFINITIONS.values()
