"""The twin: follows the plant by a Kalman filter. Prints JSON, one state a line.

``python3 twin.py READINGS``: the temperature above the surroundings goes down by a known factor
from one reading to the next; how warm the tank was when it began is not known.
"""

import json
import math
import sys
from pathlib import Path

FACTOR, SURROUNDINGS, NOISE = math.exp(-0.05), 20.0, 0.8**2 / 2
excess, variance = 0.0, 1e6
with Path(sys.argv[1]).open() as readings:
    for number, line in enumerate(readings):
        if number:
            excess, variance = FACTOR * excess, FACTOR**2 * variance
        gain = variance / (variance + NOISE)
        excess += gain * (float(line) - SURROUNDINGS - excess)
        variance *= 1 - gain
        print(
            json.dumps(
                {
                    "reading": number,
                    "temperature": SURROUNDINGS + excess,
                    "spread": math.sqrt(variance),
                }
            ),
            flush=True,
        )
