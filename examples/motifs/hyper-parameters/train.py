"""Fits a cubic to noisy points by gradient descent, at one rate of learning. Prints JSON.

``python3 train.py RATE EPOCHS GOAL``: ends when the loss is within GOAL of the least one, or after
so many epochs.
"""

import json
import math
import sys

rate, epochs, goal = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
xs = [-1 + 2 * i / 40 for i in range(41)]
ys = [0.5 - x + 2 * x**3 + 0.1 * math.sin(37 * i) for i, x in enumerate(xs)]
# Legendre's polynomials, for which the descent is quick.
rows = [(1.0, x, (3 * x**2 - 1) / 2, (5 * x**3 - 3 * x) / 2) for x in xs]
weights = [0.0] * 4
loss = math.inf
slopes = [math.inf] * 4
done = 0
while done < epochs:
    done += 1
    guesses = [sum(w * r for w, r in zip(weights, row, strict=True)) for row in rows]
    errors = [guess - y for guess, y in zip(guesses, ys, strict=True)]
    loss = sum(e * e for e in errors) / len(errors)
    columns = list(zip(*rows, strict=True))
    slopes = [
        2 * sum(e * r for e, r in zip(errors, column, strict=True)) / len(rows)
        for column in columns
    ]
    weights = [w - rate * g for w, g in zip(weights, slopes, strict=True)]
    if max(map(abs, slopes)) < goal or not loss < 1e6:
        break
trial = {
    "rate": rate,
    "loss": loss,
    "epochs": done,
    "reached": loss < 1e6 and max(map(abs, slopes)) < goal,
    "weights": weights,
}
print(json.dumps({"trial": trial}))
