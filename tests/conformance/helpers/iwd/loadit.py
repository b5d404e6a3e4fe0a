"""Print class and basename of the object in a JSON file."""

import json
import sys
from pathlib import Path

found = json.loads(Path(sys.argv[1]).read_text())
sys.stdout.write(json.dumps({key: found[key] for key in ("basename", "class")}))
