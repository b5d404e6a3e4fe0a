"""Hold the import contracts of pyproject.toml, for the converters that are there (``make lint``).

In a contract ``@converters`` stands for every package of the ``converters`` root, so that a new
format needs no entry.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def converters() -> list[str]:
    """Return the names of the converter packages, sorted."""
    return sorted(path.parent.name for path in (ROOT / "converters").glob("fairwf_*/__init__.py"))


def _line(key: str, value: Any) -> str:
    if isinstance(value, list):
        items = [
            name for item in value for name in (converters() if item == "@converters" else [item])
        ]
        return "\n".join([f"{key} =", *(f"    {item}" for item in items)])
    return f"{key} = {value}"


def configuration() -> str:
    """Return the contracts as import-linter's own file."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["importlinter"]
    contracts = settings.pop("contracts")
    lines = ["[importlinter]", *(_line(key, value) for key, value in settings.items())]
    for number, contract in enumerate(contracts):
        lines += [f"[importlinter:contract:{number}]"]
        lines += [_line(key, value) for key, value in contract.items()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run import-linter; return its exit code."""
    with tempfile.NamedTemporaryFile("w", suffix=".ini", encoding="utf-8") as file:
        file.write(configuration())
        file.flush()
        program = Path(sys.executable).with_name("lint-imports")
        command = [str(program), "--no-cache", "--config", file.name]
        search = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "converters")])}
        done = subprocess.run(  # the program stands beside this interpreter
            command, env=os.environ | search, check=False, capture_output=True, text=True
        )
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
