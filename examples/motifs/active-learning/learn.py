"""Trains a model on all samples and selects the angles that are simulated next.

``python3 learn.py SAMPLES``: a Gaussian process with a squared exponential kernel. Selected are
the angle that may be lowest (mean less two standard deviations) and the one that is known least.
Printed as JSON: the best sample, how much lower another angle may be (``gain``), and what is
selected.
"""

import json
import math
import sys

LENGTH, NOISE = 0.5, 1e-8
GRID = [-2 + 4 * i / 200 for i in range(201)]


def kernel(a: float, b: float) -> float:
    """Return how much two angles have to do with each other."""
    return math.exp(-((a - b) ** 2) / (2 * LENGTH**2))


def cholesky(matrix: list[list[float]]) -> list[list[float]]:
    """Return the lower triangle whose product with its own transpose is the matrix."""
    n = len(matrix)
    low = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(low[i][k] * low[j][k] for k in range(j))
            low[i][j] = math.sqrt(rest) if i == j else rest / low[j][j]
    return low


def forward(low: list[list[float]], right: list[float]) -> list[float]:
    """Return the solution of equations in triangular form."""
    out: list[float] = []
    for i, row in enumerate(low):
        out.append((right[i] - sum(row[k] * out[k] for k in range(i))) / row[i])
    return out


samples = {one["angle"]: one["energy"] for one in json.loads(sys.argv[1])}
angles = sorted(samples)
mean = sum(samples.values()) / len(samples)
low = cholesky([[kernel(a, b) + (NOISE if a == b else 0) for b in angles] for a in angles])
weights = forward(low, [samples[a] - mean for a in angles])
guesses = []
for x in GRID:
    part = forward(low, [kernel(x, a) for a in angles])
    guess = mean + sum(p * w for p, w in zip(part, weights, strict=True))
    spread = math.sqrt(max(0.0, 1 + NOISE - sum(p * p for p in part)))
    guesses.append((guess - 2 * spread, spread, x))
best = min(angles, key=lambda angle: samples[angle])
least = min(guesses)
widest = max((spread, x) for _, spread, x in guesses)
print(
    json.dumps(
        {
            "best": {"angle": best, "energy": samples[best]},
            "gain": samples[best] - least[0],
            "selected": sorted({least[2], widest[1]}),
        }
    )
)
