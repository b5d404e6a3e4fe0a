"""How long is waited between tries."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwf.publish.http.patience import Patience, retry_after


def waits(patience: Patience, slept: list[float]) -> list[float]:
    while patience.wait():
        pass
    return slept


def test_pauses_grow_up_to_a_limit_and_are_never_the_same() -> None:
    slept: list[float] = []
    patience = Patience(200, first=1, most=16, sleep=slept.append)
    waits(patience, slept)
    assert sum(slept) <= 200
    for number, pause in enumerate(slept):
        ceiling = min(16, 2**number)
        assert ceiling / 2 <= pause <= ceiling
    assert len(set(slept)) == len(slept)


def test_an_answer_renews_it() -> None:
    slept: list[float] = []
    patience = Patience(3, first=1, sleep=slept.append)
    waits(patience, slept)
    first = len(slept)
    patience.renew()
    waits(patience, slept)
    assert len(slept) > first


def test_what_the_server_asks_for_is_waited() -> None:
    slept: list[float] = []
    patience = Patience(60, first=1, sleep=slept.append)
    delay = patience.next(asked=20)
    assert delay is not None and 20 <= delay < 21
    assert patience.next(asked=61) is None
    assert slept == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        (None, None),
        ("soon", None),
        ("", None),
        ("\N{SUPERSCRIPT TWO}", None),
        ("\N{ARABIC-INDIC DIGIT TWO}", None),
        ("9" * 400, 1e9),
        ("Fri, 27 Nov 2026 10:00:00 +99999999999999", None),
    ],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


@given(st.text() | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]\d+"))
def test_any_retry_after_is_read(value: str) -> None:
    found = retry_after(value)
    assert found is None or 0 <= found < float("inf")


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    found = retry_after(later)
    assert found is not None and 80 < found <= 90
    past = format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)
    assert retry_after(past) == 0
