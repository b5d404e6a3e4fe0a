"""Write an output object larger than 64 KiB."""

import json
from pathlib import Path

names = [f"example_input_file{number}.txt" for number in range(1, 10000)]
Path("cwl.output.json").write_text(json.dumps({"filelist": names, "bigstring": "\n".join(names)}))
