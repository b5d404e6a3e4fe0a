"""How much light a coated glass reflects, by transfer matrices. Prints JSON.

``python3 simulate.py [INDEX, THICKNESS] WAVELENGTHS``: one layer on glass of index 1.52; lengths in
nanometres.
"""

import cmath
import json
import math
import sys

GLASS = 1.52
index, thickness = json.loads(sys.argv[1])
spectrum = []
for wavelength in json.loads(sys.argv[2]):
    phase = 2 * math.pi * index * thickness / wavelength
    b = cmath.cos(phase) + 1j * cmath.sin(phase) / index * GLASS
    c = 1j * index * cmath.sin(phase) + cmath.cos(phase) * GLASS
    spectrum.append(abs((b - c) / (b + c)) ** 2)
print(json.dumps({"spectrum": spectrum}))
