"""How much the ranking depends on the three weights.

Each weight is multiplied by its own factor, log-uniform in [0.5, 2]; the ranking under the drawn
weights is compared with the published one by Kendall's tau-b (ties counted).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from fairwf.fair.indicator import PRINCIPLES, WEIGHTS
from fairwf.fair.score import Scorecard


@dataclass(frozen=True)
class Stability:
    """Kendall's tau over all draws."""

    ranked: int
    draws: int
    median: float
    fifth_percentile: float


def score(card: Scorecard, weights: dict[str, float]) -> float:
    """Return a card's score under other weights, of what is known."""
    letters = []
    for letter in PRINCIPLES:
        groups: dict[str, list[tuple[float, int]]] = {}
        for finding in card.findings:
            if finding.principle.startswith(letter) and finding.outcome.level is not None:
                pair = (weights[finding.priority], finding.outcome.level)
                groups.setdefault(finding.principle, []).append(pair)
        means = [sum(w * n for w, n in g) / (3 * sum(w for w, _ in g)) for g in groups.values()]
        if means:
            letters.append(sum(means) / len(means))
    return 100 * sum(letters) / len(letters) if letters else 0.0


def kendall(a: Sequence[float], b: Sequence[float]) -> float:
    """Return Kendall's tau-b of two rankings."""
    agreeing = ties_a = ties_b = 0
    pairs = len(a) * (len(a) - 1) // 2
    for i in range(len(a)):
        for j in range(i):
            x, y = round(a[i] - a[j], 9), round(b[i] - b[j], 9)
            ties_a += x == 0
            ties_b += y == 0
            agreeing += (x * y > 0) - (x * y < 0)
    return agreeing / math.sqrt((pairs - ties_a) * (pairs - ties_b))


def measure(cards: Sequence[Scorecard], draws: int = 1000, seed: int = 20261127) -> Stability:
    """Return how stable the ranking of some scorecards is."""
    draw = random.Random(seed)
    published = [score(card, {name: float(w) for name, w in WEIGHTS.items()}) for card in cards]
    taus = []
    for _ in range(draws):
        weights = {
            name: weight * math.exp(draw.uniform(math.log(0.5), math.log(2)))
            for name, weight in WEIGHTS.items()
        }
        taus.append(kendall(published, [score(card, weights) for card in cards]))
    return Stability(len(cards), draws, median(taus), quantiles(taus, n=20)[0])
