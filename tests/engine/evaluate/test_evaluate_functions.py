"""Every standard function does what its examples in the table say, with exact types."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.engine.evaluate import Bindings, EvaluationError, Evaluator
from fairwf.engine.evaluate.functions import IMPLEMENTATIONS
from fairwf.ir.expressions import Call, File
from fairwf.ir.functions import FUNCTIONS, Example, Fails, Function
from fairwf.ir.values import to_literal

EXAMPLES = [
    pytest.param(function, example, id=f"{function.name}-{number}")
    for function in FUNCTIONS.values()
    for number, example in enumerate(function.examples)
]


def call(name: str, *values: Any) -> Any:
    arguments = tuple(to_literal(value) for value in values)
    return Evaluator().evaluate(Call(function=name, args=arguments), Bindings())


def exactly(value: Any) -> Any:
    """The value with the type of each part, since in Python 1 == 1.0 == True."""
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    return (type(value), value)


@pytest.mark.parametrize(("function", "example"), EXAMPLES)
def test_function_does_what_its_example_says(function: Function, example: Example) -> None:
    if isinstance(example.result, Fails):
        with pytest.raises(EvaluationError) as caught:
            call(function.name, *example.args)
        assert example.result.message in caught.value.message
    else:
        assert exactly(call(function.name, *example.args)) == exactly(example.result)


def test_every_function_of_the_table_is_implemented() -> None:
    elsewhere = {name for name, f in FUNCTIONS.items() if f.lazy} | {"demand_path"}
    assert set(IMPLEMENTATIONS) | elsewhere == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("add", (True, 1), "true"),
        ("add", ("1", 1), "the text '1'"),
        ("add", (1,), "takes 2 arguments, not 1"),
        ("sum", ([1, "2"],), "an array of numbers"),
        ("upper", (None,), "must be a text, not none"),
        ("range", (-1,), "cannot end at -1"),
        ("substring", ("abc", -1, None), "must not be negative"),
        ("as_map", ([["a", 1], ["a", 2]],), "occurs twice"),
        ("as_map", ([[1, 1]],), "must be a text"),
        ("sort", ([1, "a"],), "only numbers or only texts"),
        ("less", (1, "a"), "only numbers or only texts"),
        ("min", (), "empty"),
        ("to_int", (True,), "whole number"),
        ("to_int", ("1.5",), "whole number"),
        ("to_int", (float("inf"),), "no whole part"),
        ("to_float", ("1_0",), "no number"),
        ("parse_json", ("NaN",), "JSON"),
        ("parse_json", ("[" * 100_000,), "nested too deeply"),
        ("to_json", (float("nan"),), "no number NaN"),
        ("chunk", ([1], 0), "no sense"),
        ("transpose", ([[1, 2], [3]],), "equal length"),
        ("literal_file", ("../x", "text"), "no file name"),
        ("modulo", (1, 0), "by zero"),
        ("divide_int", (1, 0), "by zero"),
        ("power", (-8.0, 0.5), "no real number"),
    ],
)
def test_wrong_arguments_are_named(name: str, values: tuple[Any, ...], words: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        call(name, *values)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("range", (10**9,)),
        ("range_step", (0, 10**12, 1)),
        ("range_step", (0, 10**30, 1)),
        ("repeat", ("x", 10**12)),
        ("pad_left", ("x", 10**12, "-")),
        ("power", (10, 10**9)),
        ("cross", (list(range(3000)), list(range(3000)))),
        ("replace", ("a" * 10_000, "a", "b" * 100_000)),
        ("join", (["a"] * 10_000, "b" * 100_000)),
    ],
)
def test_what_would_fill_the_memory_is_refused(name: str, values: tuple[Any, ...]) -> None:
    with pytest.raises(EvaluationError):
        call(name, *values)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (1.25e-7, "1.25e-7"),
        (-123.456, "-123.456"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (2**63, "9223372036854775808"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(number: float, text: str) -> None:
    assert call("to_string", number) == text


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False))
def test_written_floats_read_back_as_the_same_number(number: float) -> None:
    assert call("to_float", call("to_string", number)) == number


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**20), 10**20), st.integers(-(10**20), 10**20).filter(bool))
def test_whole_division_and_remainder_belong_together(a: int, b: int) -> None:
    quotient, remainder = call("divide_int", a, b), call("modulo", a, b)
    assert quotient * b + remainder == a
    assert abs(remainder) < abs(b)
    assert remainder == 0 or (remainder > 0) == (a > 0)


def test_a_float_just_below_a_half_is_not_rounded_up() -> None:
    assert call("round", 0.49999999999999994) == 0
    assert call("round", -0.5) == 0
    assert call("round", 2.5) == 3


def test_equality_knows_types() -> None:
    assert call("equal", True, 1) is False
    assert call("equal", {"a": 1, "b": 2}, {"b": 2.0, "a": 1}) is True
    assert call("equal", float("nan"), float("nan")) is False
    assert call("unique", [1, True, 1.0, "1"]) == [1, True, "1"]
    assert call("equal", File(location="file:///a"), File(location="file:///b")) is False


def test_files_are_read_within_limits(tmp_path: Any) -> None:
    path = tmp_path / "ünï #1.txt"
    path.write_bytes(b"a\tb\r\nc\td\n")
    file = File(location=path.as_uri(), basename=path.name)
    assert call("read_lines", file) == ["a\tb", "c\td"]
    assert call("read_tsv", file) == [["a", "b"], ["c", "d"]]
    assert call("size", [file, None, file]) == 18
    assert call("load_contents", file).contents == "a\tb\r\nc\td\n"
    path.write_bytes(b"x" * (64 * 1024))
    assert len(call("load_contents", file).contents) == 64 * 1024
    path.write_bytes(b"x" * (64 * 1024 + 1))
    with pytest.raises(EvaluationError, match="larger than the 65536 bytes"):
        call("load_contents", file)
    path.write_bytes(b"\xff")
    with pytest.raises(EvaluationError, match="not UTF-8"):
        call("read_text", file)


def test_reading_what_is_no_regular_file_fails_at_once() -> None:
    with pytest.raises(EvaluationError, match="no regular file"):
        call("read_text", File(path="/dev/zero"))
    with pytest.raises(EvaluationError, match="not lie on this machine"):
        call("read_text", File(location="https://example.org/x"))
