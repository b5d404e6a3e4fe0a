"""The simulation that is dear: the energy of a chain at one angle. Prints JSON."""

import json
import math
import sys

angle = float(sys.argv[1])
energy = math.sin(3 * angle) + 0.3 * (angle - 0.5) ** 2
print(json.dumps({"sample": {"angle": angle, "energy": energy}}))
