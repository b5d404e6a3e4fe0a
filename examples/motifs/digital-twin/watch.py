"""Looks at what the twin says while it says it: when was the tank cool enough? Prints JSON."""

import json
import sys
from pathlib import Path

limit = float(sys.argv[2])
cool = None
with Path(sys.argv[1]).open() as states:
    for line in states:
        state = json.loads(line)
        if cool is None and state["temperature"] + 3 * state["spread"] < limit:
            cool = state["reading"]
print(json.dumps({"cool_at": cool}))
