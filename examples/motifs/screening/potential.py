"""A toy of a binding pocket: a ligand has the energy U(x) = s (x^4 - 2 x^2) + q x at a place x.

``python3 potential.py dock|refine|polish LIGAND`` prints the lowest energy found, as JSON. Each
stage is more exact and costs more than the one before: 5 points, 401 points, Newton's method.
"""

import json
import sys


def ligand(number: int) -> tuple[float, float]:
    """Return the two parameters of a ligand, from a small generator of random numbers."""
    state = 2 * number + 1
    drawn = []
    for _ in range(8):
        state = (1103515245 * state + 12345) % 2**31
        drawn.append(state / 2**31)
    return 0.5 + drawn[6], 4 * drawn[7] - 2


def lowest(s: float, q: float, points: int) -> tuple[float, float]:
    """Return the least of the energies at so many points of [-2, 2], and where."""
    xs = [-2 + 4 * i / (points - 1) for i in range(points)]
    return min((s * (x**4 - 2 * x**2) + q * x, x) for x in xs)


def polished(s: float, q: float, x: float) -> float:
    """Return the energy of the minimum near x."""
    for _ in range(50):
        x -= (s * (4 * x**3 - 4 * x) + q) / (s * (12 * x**2 - 4))
    return s * (x**4 - 2 * x**2) + q * x


stage, number = sys.argv[1], int(sys.argv[2])
s, q = ligand(number)
if stage == "dock":
    energy = lowest(s, q, 5)[0]
elif stage == "refine":
    energy = lowest(s, q, 401)[0]
else:
    energy = polished(s, q, lowest(s, q, 401)[1])
print(json.dumps({"found": {"ligand": number, "energy": energy}}))
