"""Run the examples of a WDL specification and compare with the outputs that it states.

    python tests/conformance/wdl.py SPECIFICATION [--only NAME] [--jobs N] [--runner miniwdl]

SPECIFICATION is a checkout of https://github.com/openwdl/wdl (a branch such as wdl-1.1 or
wdl-1.2): ``SPEC.md`` holds the examples, ``tests/data`` the files that they read. Neither is part
of this repository. A task's container is not used.

Prints each example that is not equal with the reason, and ``N equal, N different, N refused``.
*Refused* is what ends with exit code 33. Files are compared by their last names.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_EXAMPLE = re.compile(
    r"<details>\s*<summary>\s*Example: (?P<name>\S+)\s*```wdl(?P<wdl>.*?)```\s*</summary>"
    r"(?P<rest>.*?)</details>",
    re.DOTALL,
)
_JSON = r"{}:\s*```json(?P<json>.*?)```"
TIME_LIMIT_S = 120


@dataclass
class Example:
    """One example: the document, its inputs, the outputs that it must give."""

    name: str
    wdl: str
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def fails(self) -> bool:
        """Whether it must fail (tests/README.md of the specification)."""
        return self.name.endswith(("_fail", "_fail_task")) or bool(self.config.get("fail"))

    @property
    def target(self) -> str | None:
        """The task that is meant, None for the workflow."""
        if "target" in self.config:
            return str(self.config["target"])
        if self.name.endswith("_task"):
            return None if re.search(r"^\s*workflow\s", self.wdl, re.MULTILINE) else ""
        return None


def examples(specification: Path) -> Iterator[Example]:
    """Yield the examples of a specification that are to be run."""
    text = (specification / "SPEC.md").read_text()
    for match in _EXAMPLE.finditer(text):
        name = match["name"].removesuffix(".wdl")
        example = Example(name, _undented(match["wdl"]))
        for key, title in (
            ("inputs", "Example input"),
            ("outputs", "Example output"),
            ("config", "Test config"),
        ):
            found = re.search(_JSON.format(title), match["rest"], re.DOTALL)
            if found is not None:
                # some examples have a comma too few or too many
                setattr(example, key, _json(found["json"]))
        yield example


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        text = re.sub(r'(["\d\]}a-z])(\s*\n\s*")', r"\1,\2", text)
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def _undented(text: str) -> str:
    lines = text.strip("\n").split("\n")
    blanks = min((len(x) - len(x.lstrip()) for x in lines if x.strip()), default=0)
    return "\n".join(line[blanks:] for line in lines) + "\n"


@dataclass
class Verdict:
    """What came of an example: ``equal``, ``different`` or ``refused``, and why."""

    name: str
    verdict: str
    reason: str = ""


def run(example: Example, folder: Path, runner: str) -> Verdict:
    """Run an example in a folder that holds all of them and their data."""
    job = folder / f"{example.name}.inputs.json"
    job.write_text(json.dumps(example.inputs))
    with tempfile.TemporaryDirectory() as place:
        command = _command(example, folder, job, Path(place), runner)
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=TIME_LIMIT_S, cwd=place
            )
        except subprocess.TimeoutExpired:
            return Verdict(example.name, "different", "takes too long")
    said = _reason(done.stderr)
    if done.returncode == 33:
        return Verdict(example.name, "refused", said)
    if example.fails:
        if done.returncode == 0:
            return Verdict(example.name, "different", "runs, and must fail")
        if runner == "fairwf" and done.returncode != 1:
            return Verdict(example.name, "different", f"a bug: {said}")
        return Verdict(example.name, "equal")
    if done.returncode != 0:
        return Verdict(example.name, "different", said)
    given = json.loads(done.stdout)
    given = given.get("outputs", given) if runner == "miniwdl" else given
    return _compared(example, given)


def _command(example: Example, folder: Path, job: Path, place: Path, runner: str) -> list[str]:
    document = str(folder / f"{example.name}.wdl")
    if runner == "miniwdl":
        task = ["--task", example.target] if example.target else []
        return ["miniwdl", "run", document, *task, "-i", str(job), "-d", str(place / "run")]
    if example.target:
        document += f"#{example.target}"
    fairwf = [sys.executable, "-m", "fairwf", "run", document, str(job)]
    return [*fairwf, "--quiet", "--container", "none", "--outdir", str(place / "out")]


def _reason(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if "error" in line.lower()]
    text = (lines or stderr.splitlines()[-1:] or [""])[0]
    return re.sub(r"^\S*?/([^/\s]+\.wdl)", r"\1", text)[:300]


def _compared(example: Example, given: dict[str, Any]) -> Verdict:
    left_out = example.config.get("exclude_output", [])
    left_out = [left_out] if isinstance(left_out, str) else left_out
    for key, wanted in example.outputs.items():
        bare = key.split(".", 1)[-1]
        if bare in left_out or key in left_out:
            continue
        named = {name.split(".", 1)[-1]: value for name, value in given.items()}
        if bare not in named:
            return Verdict(example.name, "different", f"there is no output {bare}")
        if not same(named[bare], wanted):
            found = json.dumps(named[bare])[:120]
            reason = f"{bare}: {found}, and must be {json.dumps(wanted)[:120]}"
            return Verdict(example.name, "different", reason)
    return Verdict(example.name, "equal")


def same(found: Any, wanted: Any) -> bool:
    """Tell whether two values of JSON are the same; paths by their last names."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = {key for one in (found, wanted) for key, item in one.items() if item is not None}
        return all(same(found.get(key), wanted.get(key)) for key in keys)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, (int, float)) and isinstance(found, (int, float)):
        return math.isclose(found, wanted, rel_tol=1e-6)
    if isinstance(wanted, str) and isinstance(found, str) and found.startswith("/"):
        return found == wanted or Path(found).name == Path(wanted).name
    return bool(found == wanted)


def main() -> int:
    """Run and print; 1 where one is different."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("specification", type=Path)
    parser.add_argument("--only", help="a regular expression for names")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--runner", choices=("fairwf", "miniwdl"), default="fairwf")
    given = parser.parse_args()
    specification: Path = given.specification
    if not (specification / "SPEC.md").is_file():
        print(f"{specification} holds no SPEC.md: give a checkout of openwdl/wdl")
        return 2
    found = list(examples(specification))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "examples")
        data = specification / "tests" / "data"
        shutil.copytree(data, folder) if data.is_dir() else folder.mkdir()
        for example in found:
            (folder / f"{example.name}.wdl").write_text(example.wdl)
        chosen = [
            example
            for example in found
            if not example.name.endswith("_resource")
            and (given.only is None or re.search(given.only, example.name))
        ]
        with ThreadPoolExecutor(given.jobs) as pool:
            verdicts = list(pool.map(lambda one: run(one, folder, given.runner), chosen))
    for verdict in verdicts:
        if verdict.verdict != "equal":
            print(f"{verdict.verdict:9} {verdict.name}: {verdict.reason}")
    counts = Counter(verdict.verdict for verdict in verdicts)
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("equal", "different", "refused")))
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
