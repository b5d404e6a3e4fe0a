"""Averages what the sites have learned, each by its number of points. Prints JSON.

``python3 average.py WEIGHTS POINTS BEFORE``: ``change`` is how far the weights moved.
"""

import json
import sys

weights, points, before = map(json.loads, sys.argv[1:])
total = sum(points)
mean = [
    sum(w[k] * n for w, n in zip(weights, points, strict=True)) / total for k in range(len(before))
]
change = max(abs(a - b) for a, b in zip(mean, before, strict=True))
print(json.dumps({"weights": mean, "change": change}))
