"""Numbers of traces: what is none is None, and nothing raises."""

import pytest

from fairwf.trace.numbers import finite, whole


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), (12, 12), (0, 0), ("²", None), ("٣", None), ("9" * 5000, None), (-1, None),
     ("--5", None), ("1.5", None), (True, None), (None, None), (10**30, None)],
)  # fmt: skip
def test_whole_numbers(value: object, number: int | None) -> None:
    assert whole(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), (1.5, 1.5), (float("inf"), None), (float("nan"), None), (10**400, None),
     ("1", None), (True, None), (b"1", None)],
)  # fmt: skip
def test_finite_numbers(value: object, number: float | None) -> None:
    assert finite(value) == number
