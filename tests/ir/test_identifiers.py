"""ORCID iDs, ROR ids and DOIs are told from what only looks like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.ir.identifiers import doi_of, orcid_of, ror_of, wrong_check_digit


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("http://orcid.org/0000-0002-1694-233x/", "0000-0002-1694-233X"),
        ("0000-0002-1694-2330", None),
        ("0000-0000-0000-0001", None),
        ("0000-0002-1825-\N{ARABIC-INDIC DIGIT ZERO}097", None),
        ("https://example.org/0000-0002-1825-0097", None),
    ],
)
def test_orcid_ids(text: str, found: str | None) -> None:
    assert orcid_of(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("01ggx4157", "01ggx4157"),
        ("https://ror.org/00k4n6c32/", "00k4n6c32"),
        ("https://ror.org/00k4n6c33", None),
        ("https://ror.org/0", None),
    ],
)
def test_ror_ids(text: str, found: str | None) -> None:
    assert ror_of(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.1000/182", "10.1000/182"),
        ("doi:10.1000/182", "10.1000/182"),
        ("https://dx.doi.org/10.1000/182", "10.1000/182"),
        ("10.1002/(SICI)1097(1998)49:8<693::AID-ASI4>3.0.CO;2-O",) * 2,
        ("11.1000/182", None),
        ("10.1000/", None),
    ],
)
def test_dois(text: str, found: str | None) -> None:
    assert doi_of(text) == found


def test_a_wrong_check_digit_is_told_from_another_form() -> None:
    assert wrong_check_digit("https://orcid.org/0000-0002-1825-0098") == "ORCID"
    assert wrong_check_digit("https://ror.org/00k4n6c33") == "ROR"
    assert wrong_check_digit("https://orcid.org/0000-0002-1825-0097") is None
    assert wrong_check_digit("#ada") is None


@given(st.from_regex(r"(\d{4}-){3}\d{3}[\dX]|0[a-z0-9]{6}\d\d|.*"))
def test_any_text_is_read(text: str) -> None:
    for read in (orcid_of, ror_of, doi_of, wrong_check_digit):
        assert read(text) is None or isinstance(read(text), str)
