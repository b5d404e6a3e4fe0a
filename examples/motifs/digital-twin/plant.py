"""The plant: a tank that cools, whose thermometer is read again and again; a reading a line."""

import math
import sys
import time

readings, pause = int(sys.argv[1]), float(sys.argv[2])
for number in range(readings):
    true = 20 + 60 * math.exp(-0.05 * number)
    print(true + 0.8 * math.sin(12.9898 * number), flush=True)
    time.sleep(pause)
