"""Proposes a better design from the spectra of one and of its neighbours (Gauss and Newton).

``python3 propose.py DESIGNS SPECTRA TARGET``: the first design and, for each parameter, one in
which that alone differs. Printed as JSON: the next design, and how far the first one is from the
target.
"""

import json
import sys

designs, spectra, target = map(json.loads, sys.argv[1:])
here, now = designs[0], spectra[0]
missing = [t - r for t, r in zip(target, now, strict=True)]
slopes = [
    [(a - b) / (there[k] - here[k]) for a, b in zip(seen, now, strict=True)]
    for k, (there, seen) in enumerate(zip(designs[1:], spectra[1:], strict=True))
]
(a, b), (_, d) = [[sum(p * q for p, q in zip(s, t, strict=True)) for t in slopes] for s in slopes]
e, f = [sum(p * q for p, q in zip(s, missing, strict=True)) for s in slopes]
det = a * d - b * b
step = [(d * e - b * f) / det, (a * f - b * e) / det]
most = max(abs(step[0]) / 0.05, abs(step[1]) / 10.0, 1.0)  # no further than the model holds
following = [p + s / most for p, s in zip(here, step, strict=True)]
print(json.dumps({"design": following, "error": max(map(abs, missing))}))
