"""POSIX extended regular expressions: leftmost, longest, and never slow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.regular import compiled


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a|ab", "xabc", ["ab"]),
        ("(a|ab)(c|bcd)", "abcd", ["abcd"]),
        ("x*", "axxb", ["", "xx", ""]),
        ("^a", "aa", ["a"]),
        ("a$", "aa", ["a"]),
        ("^$", "", [""]),
        ("^|b", "ab", ["", "b"]),
        ("[]a]+", "b]a", ["]a"]),
        ("[^]a]", "]ab", ["b"]),
        ("[a-c-]+", "x-b", ["-b"]),
        ("[[:digit:][:upper:]]+", "a1B", ["1B"]),
        ("a{2}", "aaaaa", ["aa", "aa"]),
        ("a{2,}", "aaaaa", ["aaaaa"]),
        ("(ab){0,1}c", "ababc", ["abc"]),
        ("a.c", "a\nc", ["a\nc"]),
        (r"\.bam$", "x.bam", [".bam"]),
        (r"\d+\s\w", "a 12 b", ["12 b"]),
        (r"[\d_]+", "a1_2", ["1_2"]),
        ("", "ab", ["", "", ""]),
        ("()", "a", ["", ""]),
        ("日+", "a日日", ["日日"]),
    ],
)
def test_matches(pattern: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in compiled(pattern).all_matches(text)] == found


@pytest.mark.parametrize(
    "pattern",
    [
        *["(", ")", "a)", "[", "[a", "[b-a]", "*a", "a|*", "a{2", "a{3,2}", "a{999}", "a{1e}"],
        *["[[:no:]]", "\\", r"\b", "(?=a)", "(" * 1000, "a" * 20_000, "((a{200}){200}){200}"],
    ],
)
def test_malformed_or_huge_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(FunctionError):
        compiled(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a*)*b", "a" * 2000),
        ("(a|a)*$", "a" * 2000 + "b"),
        ("(a|aa)+$", "a" * 1000 + "b"),
        ("(.*)(.*)(.*)(.*)[^a]", "a" * 1000),
    ],
)
def test_patterns_that_explode_elsewhere_end_here(pattern: str, text: str) -> None:
    for start, end in compiled(pattern).all_matches(text):
        assert 0 <= start <= end <= len(text)


def test_what_takes_too_long_is_refused() -> None:
    with pytest.raises(FunctionError, match="takes too long"):
        compiled("(a|b|c|d|e)*f").occurs_in("abcde" * 20_000)


SIMPLE = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", "."]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        inner.map(lambda p: f"({p})*"),
        inner.map(lambda p: f"({p})?"),
        inner.map(lambda p: f"({p})+"),
        inner.map(lambda p: f"({p}){{1,2}}"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(SIMPLE, st.text("abc", max_size=8))
def test_agrees_with_python_on_where_a_match_is(pattern: str, text: str) -> None:
    """Python finds another length, but the same first place, and the same whole matches."""
    ours, theirs = compiled(pattern).first_match(text), re.search(pattern, text)
    assert (ours is None) == (theirs is None)
    if ours is not None and theirs is not None:
        assert ours[0] == theirs.start()
        assert ours[1] >= theirs.end()
    assert compiled(pattern).matches_whole(text) == bool(re.fullmatch(pattern, text))
