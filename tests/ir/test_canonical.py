"""Canonical form: equal meaning has equal bytes, different meaning has not."""

import math
from collections.abc import Iterator
from typing import get_type_hints

import msgspec
import pytest

from fairwf.ir import codec
from fairwf.ir.base import Node, Part
from fairwf.ir.canonical import (
    _has_floats,
    _holds_floats,
    canonical_bytes,
    content_hash,
    plain_bytes,
    same,
)
from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import BoolLit, Expr, FloatLit, Input, IntLit, Record, StringLit
from fairwf.ir.ports import InputPort
from fairwf.ir.resources import Retry
from fairwf.ir.types import FloatType, IntType
from fairwf.ir.workflow import Command, Pure, Workflow

AWKWARD_INTS = [0, 1, -1, 2**53 - 1, 2**53, 2**53 + 1, -(2**53), 2**63 - 1, 2**63, -(2**63), 2**64]
AWKWARD_FLOATS = [0.0, -0.0, 1.0, 0.1, 1e21, 1e-7, 5e-324, math.inf, -math.inf]


def pure(value: Expr) -> Pure:
    return Pure(result=Record(fields={"y": value}))


def roundtrip(node: Pure) -> Pure:
    decoded = codec.decode(codec.encode(node))
    assert isinstance(decoded, Pure)
    return decoded


@pytest.mark.parametrize("number", AWKWARD_INTS)
def test_whole_numbers_survive(number: int) -> None:
    result = roundtrip(pure(IntLit(value=number))).result
    assert isinstance(result, Record)
    literal = result.fields["y"]
    assert isinstance(literal, IntLit)
    assert literal.number == number
    assert type(literal.number) is int


@pytest.mark.parametrize("number", AWKWARD_FLOATS)
def test_floats_survive(number: float) -> None:
    result = roundtrip(pure(FloatLit(value=number))).result
    assert isinstance(result, Record)
    literal = result.fields["y"]
    assert isinstance(literal, FloatLit)
    assert literal.number == number
    assert math.copysign(1, literal.number) == math.copysign(1, number)


def test_nan_survives() -> None:
    node = pure(FloatLit(value=math.nan))
    assert same(node, roundtrip(node))


def test_one_is_neither_a_float_nor_true() -> None:
    hashes = {
        content_hash(pure(literal))
        for literal in (IntLit(value=1), FloatLit(value=1), BoolLit(value=True))
    }
    assert len(hashes) == 3


def test_minus_zero_is_not_zero() -> None:
    assert not same(pure(FloatLit(value=0.0)), pure(FloatLit(value=-0.0)))


def test_a_default_written_out_changes_nothing() -> None:
    plain = Command(arguments=(Argument(value=Input(name="x")),))
    spelled = Command(arguments=(Argument(value=Input(name="x"), rendering=Rendering()),))
    assert same(plain, spelled)
    assert b"rendering" not in codec.encode(spelled)


def test_a_whole_number_in_a_float_field_is_that_float() -> None:
    one = Retry(attempts=IntLit(value=2), delay=1)
    assert canonical_bytes(one) == canonical_bytes(Retry(attempts=IntLit(value=2), delay=1.0))


def test_the_order_of_a_map_changes_nothing_and_that_of_a_list_does() -> None:
    a, b = IntLit(value=1), IntLit(value=2)
    assert same(Record(fields={"a": a, "b": b}), Record(fields={"b": b, "a": a}))
    x, y = InputPort(id="x", type=IntType()), InputPort(id="y", type=FloatType())
    assert not same(Workflow(inputs=(x, y)), Workflow(inputs=(y, x)))


def test_keys_are_in_the_order_of_utf16_code_units() -> None:
    # RFC 8785 section 3.2.3: the astral character sorts before U+FB33 there.
    assert plain_bytes({"\U0001f600": 1, "\ufb33": 2}) == '{"\U0001f600":1,"\ufb33":2}'.encode()


def test_texts_are_written_as_rfc_8785_does() -> None:
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f"
    assert plain_bytes(text) == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical_bytes(StringLit(value="\ud800"))


@pytest.mark.parametrize("text", ["1.0", "0x10", "", "-", "1" * 401, "\u0661"])
def test_a_text_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "int_lit", "value": text}, IntLit)


def test_the_hash_names_its_version_and_algorithm() -> None:
    assert content_hash(pure(IntLit(value=1))).startswith("fairwf1:sha256:")


def test_fields_that_hold_floats_say_so_in_their_annotation() -> None:
    for cls in every_struct():
        hints = get_type_hints(cls)
        for name in cls.__struct_fields__:
            assert _has_floats(cls, name) == _holds_floats(hints[name]), (cls, name)


def every_struct() -> Iterator[type[msgspec.Struct]]:
    todo: list[type[msgspec.Struct]] = [Node, Part]
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        yield cls
