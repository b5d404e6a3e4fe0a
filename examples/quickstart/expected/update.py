"""Write `outputs.json` and `SHA256SUMS` from a run of cwltool. Run it when the workflow changes.

    python examples/quickstart/expected/update.py

Locations are dropped from the output object, since they differ between machines.
"""

import json
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DROPPED = {"location", "path"}


def portable(value: Any) -> Any:
    """The value without what depends on the machine."""
    if isinstance(value, dict):
        return {key: portable(item) for key, item in value.items() if key not in DROPPED}
    if isinstance(value, list):
        return [portable(item) for item in value]
    return value


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [  # noqa: S607
                "cwltool",
                "--no-container",
                "--quiet",
                "--outdir",
                folder,
                "main.cwl",
                "job.yml",
            ],
            cwd=HERE.parent,
            check=True,
            stdout=subprocess.PIPE,
        )
        text = json.dumps(portable(json.loads(done.stdout)), indent=2, sort_keys=True)
        (HERE / "outputs.json").write_text(text + "\n", encoding="utf-8")
        sums = [
            f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(Path(folder).iterdir())
        ]
        (HERE / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


if __name__ == "__main__":
    main()
