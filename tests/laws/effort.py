"""How hard a law is tried: a fixed sample in the gate, many more documents in the long tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

ENOUGH = 200
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@dataclass(frozen=True)
class Effort:
    """A number of documents, and the seed that they are drawn from: the same ones each time."""

    examples: int
    seed: int = 0


def efforts(gate: int, *more: int) -> list[Any]:
    """Return the parameters of a test: ``gate`` documents, and ``long`` runs of other seeds."""
    runs = [pytest.param(Effort(gate), id=f"{gate}")]
    for number, examples in enumerate(more, start=1):
        name = f"{examples}-seed{number}"
        runs.append(pytest.param(Effort(examples, number), id=name, marks=pytest.mark.long))
    return runs


def hold(law: Callable[[Any], None], drawn: st.SearchStrategy[Any], effort: Effort) -> None:
    """Apply a law to documents; a failure shows the smallest that was found in a minute."""

    @seed(effort.seed)
    @settings(
        max_examples=effort.examples, suppress_health_check=SLOW, deadline=None, database=None
    )
    @given(drawn)
    def held(one: Any) -> None:
        law(one)

    held()


@dataclass
class Tally:
    """How many documents a target refused, and with which words."""

    drawn: int = 0
    refusals: list[str] = field(default_factory=list)

    def judge(self, known: tuple[str, ...], share: float) -> None:
        """Fail where a refusal is not a known one, or there are more of them than ``share``.

        The first documents drawn are small ones, so a share is judged of many alone.
        """
        strange = sorted({text for text in self.refusals if not text.startswith(known or ("\0",))})
        assert strange == [], f"refused, and nobody knew: {strange}"
        if not share:
            assert self.refusals == []
        elif self.drawn >= ENOUGH:
            refused = len(self.refusals)
            assert refused <= share * self.drawn, f"{refused} of {self.drawn} were refused"
