"""YAML 1.2 core schema with positions; hostile texts end in a SourceError."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.source import (
    Limits,
    SourceError,
    did_you_mean,
    like_file,
    load_structured,
    load_yaml,
    plain,
    span_of,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("012", 12),
        ("0o14", 12),
        ("0xff", 255),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("12:30", "12:30"),
        ("2026-11-24", "2026-11-24"),
        ("~", None),
        ("True", True),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
        ("1_000", "1_000"),
        ("<<", "<<"),
        ("=", "="),
        ("- ", [None]),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("\u0661", "\u0661"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    result = load_yaml(text, "x")
    assert result == value
    assert isinstance(result, type(value))
    assert isinstance(result, bool) is isinstance(value, bool)


def test_numbers_that_json_has_not_become_texts() -> None:
    assert plain(load_yaml("[.inf, -.inf, .nan, 1.5]", "x")) == ["inf", "-inf", "nan", 1.5]


def test_positions_count_from_one() -> None:
    tree = load_yaml("a: 1\nb:\n- x\n- {c: y}\n", "f.yml")
    assert tree.key_span("b")[:3] == ("f.yml", 2, 1)
    assert tree["b"].item_span(1)[1:3] == (4, 3)
    assert span_of(tree, ("b", 1, "c"))[1:] == (4, 7, 4, 8)  # type: ignore[index]
    assert span_of(tree, ("b", 1, "missing"))[1:3] == (4, 3)  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: [1\nb: 2\n", "broken YAML", 2),
        ("a: 1\na: 2\n", "stands twice", 2),
        ("? [a]\n: 1\n", "key must be a text", 1),
        ("a: !!python/object:os.system x\n", "tag", 1),
        ("a: *b\n", "broken YAML", 1),
        ("a: &a [*a]\n", "refers to what it stands in", 1),
        ("", "empty", 1),
        ("# only a comment\n", "empty", 1),
        ("a: 1\n---\nb: 2\n", "broken YAML", 2),
        ("a: !!int x", "does not fit its tag", 1),
        ("[" * 1000 + "]" * 1000, "nested deeper", 1),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, message: str, line: int) -> None:
    with pytest.raises(SourceError, match=message) as error:
        load_yaml(text, "x")
    assert error.value.span.line == line


def test_aliases_cannot_multiply_a_document() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    with pytest.raises(SourceError, match="more than 10000 values"):
        load_yaml("l0: &l0 [x]\n" + levels, "x", Limits(nodes=10_000))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x00\x01\x02", b"a: \x07", bytes(range(256))])
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match="not a text"):
        load_structured(data, "x")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert load_structured(b"\xef\xbb\xbfa: 1", "x") == {"a": 1}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(JSON)
def test_every_json_text_is_read_as_json_reads_it(value: Any) -> None:
    text = json.dumps(value)
    result = plain(load_yaml(text, "x"))
    assert json.dumps(result) == text


@given(st.binary(max_size=200))
def test_any_octets_give_a_value_or_a_source_error(data: bytes) -> None:
    try:
        load_structured(data, "x")
    except SourceError as error:
        assert error.span.line >= 1


@pytest.mark.parametrize(
    ("data", "file", "place", "message"),
    [
        (b'{"a": 1 "b": 2}', "x.json", (1, 12), "broken JSON: "),
        (b"[1,2", "x.json", (1, 5), "the text ends too early"),
        (b"a: {b: c\n\n", "x.yml", (1, 9), "the text ends too early"),
        (b"a: [\nb: }", "x.yml", (2, 4), "broken YAML: "),
        ("a: ü\nb: é".encode() + b"\xe9", "x.yml", (2, 5), "0xe9 at offset 11"),
    ],
)
def test_what_is_broken_is_shown_where_it_stands(
    data: bytes, file: str, place: tuple[int, int], message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        load_structured(data, file)
    assert (caught.value.span.line, caught.value.span.column) == place
    assert message in caught.value.message


def test_a_text_of_another_encoding_is_no_binary_file() -> None:
    for data, hint in ((b"caf\xe9", "iconv -f latin1"), (b"\0\xff", "binary")):
        with pytest.raises(SourceError) as caught:
            load_structured(data, "x")
        assert hint in (caught.value.hint or "")


def test_a_long_name_is_near_only_to_what_is_like_it() -> None:
    assert did_you_mean("underscore.js", ["subdirsecondaries"]) is None
    assert did_you_mean("ScaterFeatureRequirment", ["ScatterFeatureRequirement"])
    assert did_you_mean("stepps", ["steps"])


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ('a: !!python/object/apply:os.system ["id"]', 4),
        ("a: !!python/name:os.system x", 4),
        ("a: !!set {x}", 4),
        ("- !mine {a: 1}", 3),
        ("!mine [1]", 1),
    ],
)
def test_a_tag_beyond_the_core_schema_is_an_error_where_it_stands(text: str, column: int) -> None:
    with pytest.raises(SourceError, match="tag") as caught:
        load_yaml(text, "x")
    assert (caught.value.span.line, caught.value.span.column) == (1, column)


@pytest.mark.parametrize("text", ["a: !!map {b: 1}", "a: !!seq [1]", "a: ! [1]", "!!map {a: 1}"])
def test_tags_of_the_core_schema_change_nothing(text: str) -> None:
    assert load_yaml(text, "x") == load_yaml(
        text.replace("!!map ", "").replace("!!seq ", "").replace("! ", ""), "x"
    )


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ('a: 1\nb: "open\nc: 2\nd: 3\n', (2, 4), "close the quote"),
        ("a:\n\tb: 1\n", (2, 1), "spaces"),
        ("a:\n    b: 1\n  c: 1\n", (3, 3), "alike"),
        ("a: {b: 1\nc: 2\n", (2, 2), "not closed"),
        ("a: b: c\n", (1, 5), "quote"),
        ("a: @b\n", (1, 4), "quote"),
    ],
)
def test_the_usual_slips_are_told_where_they_are_with_what_to_do(
    text: str, place: tuple[int, int], advice: str
) -> None:
    with pytest.raises(SourceError) as caught:
        load_yaml(text, "x")
    assert (caught.value.span.line, caught.value.span.column) == place
    assert advice in (caught.value.hint or "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_text_in_another_encoding_is_told_with_its_name(encoding: str) -> None:
    data = (
        "\ufeffa: 1".encode(encoding) if encoding == "utf-16-be" else b"" + "a: 1".encode(encoding)
    )
    with pytest.raises(SourceError, match=encoding[:6].upper()) as caught:
        load_structured(data, "x")
    assert "iconv" in (caught.value.hint or "")


def test_a_file_is_like_another_by_more_than_its_ending() -> None:
    assert like_file("nosuch.cwl", ["sub.cwl", "tool.cwl"]) is None
    assert like_file("toool.cwl", ["sub.cwl", "tool.cwl"]) == "did you mean 'tool.cwl'?"
    assert like_file("main.clw", ["main.cwl"]) == "did you mean 'main.cwl'?"
