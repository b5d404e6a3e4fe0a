"""Report the arguments, by basename, as the output object."""

import json
import sys
from pathlib import Path

Path("cwl.output.json").write_text(json.dumps({"args": [Path(a).name for a in sys.argv[1:]]}))
