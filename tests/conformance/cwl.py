"""Run the CWL conformance suite through ``cwltest --tool fairwf -- run`` and print the count.

    python tests/conformance/cwl.py [--suite FOLDER] [--sample N] [--tests ID,ID] [--minimum N]

The suite is the folder that holds ``conformance_tests.yaml``. It is copied, and helper programs
that it lacks (published documents come without programs) are taken from ``helpers/``. No container
is used: tests that need one are listed apart and never counted as passed.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HELPERS = Path(__file__).resolve().parent / "helpers"
DEFAULT = "cwl/common-workflow-language__cwl-v1.2"

NEED_CONTAINER = frozenset(
    [
        "stdout_redirect_shortcut_docker",
        "stdout_redirect_mediumcut_docker",
        "initial_workdir_output",
        "filesarray_secondaryfiles",
        "dockeroutputdir",
        "docker_entrypoint",
        "stdin_shorcut",
        "networkaccess",
        "networkaccess_disabled",
        "glob_outside_outputs_fails",
        "cwloutput_nolimit",
        "iwd-passthrough2",
        "iwd-container-entryname1",
        "iwdr_dir_literal_real_file",
    ]
)
"""Tests of the v1.2 suite that mean something only with a container engine."""

ARCHIVED = {"hello.txt": "Hello world!\n", "goodbye.txt": "Goodybe, see you later!\n"}
"""What the suite's ``hello.tar`` holds."""

_VERDICT = re.compile(r"^Test (?P<number>\d+) (?P<what>failed|unsupported|timed out)", re.M)
_STARTED = re.compile(r"^Test \[(?P<number>\d+)/(?P<all>\d+)\] (?P<id>[^:\s]+):", re.M)


@dataclass(frozen=True)
class Score:
    """The ids of a suite's tests by verdict."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    unsupported: tuple[str, ...]


def prepare(suite: Path, folder: Path) -> Path:
    """Copy a suite into ``folder`` with helper programs; return its list of tests."""
    shutil.copytree(suite, folder, dirs_exist_ok=True)
    for helper in HELPERS.rglob("*"):
        target = folder / "tests" / helper.relative_to(HELPERS)
        if helper.is_file() and "__pycache__" not in helper.parts and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(helper, target)
    again = folder / "tests" / "subdirsecondaries" / "index.py"
    if not again.exists():
        shutil.copyfile(HELPERS / "index.py", again)
    archive = folder / "tests" / "hello.tar"
    if not archive.exists():
        with tarfile.open(archive, "w") as tar:
            for name, text in (
                ("hello.txt", "Hello world!\n"),
                ("goodbye.txt", "Goodybe, see you later!\n"),
            ):
                info = tarfile.TarInfo(name)
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
    return folder / "conformance_tests.yaml"


def listed(tests: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return the numbers of a suite's tests by id."""
    command = [sys.executable, "-m", "cwltest", "--test", str(tests), "-l"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return {name: number for number, name in re.findall(r"^\[(\d+)\] ([^:\s]+)", done.stdout, re.M)}


def run(suite: Path, chosen: list[str] | None = None, jobs: int = 2, timeout: int = 60) -> Score:
    """Run a suite, or only the tests chosen; return the verdicts."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
        folder = Path(scratch) / "suite"
        tests = prepare(suite, folder)
        programs = Path(scratch) / "bin"
        programs.mkdir()
        (programs / "python").symlink_to(sys.executable)
        tool = programs / "fairwf"
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fairwf "$@"\n')
        tool.chmod(0o755)
        search = f"{programs}{os.pathsep}{os.environ['PATH']}"
        modules = os.pathsep.join([str(ROOT), str(ROOT / "converters")])
        environment = os.environ | {"PATH": search, "PYTHONPATH": modules, "TMPDIR": scratch}
        numbers = listed(tests, environment)
        selected = [i for i in numbers if chosen is None or i in chosen]
        command = [
            sys.executable, "-m", "cwltest", "--test", str(tests), "--tool", str(tool),
            "-j", str(jobs), "--timeout", str(timeout),
            "-n", ",".join(numbers[i] for i in selected), "--", "run", "--container=none",
        ]  # fmt: skip
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
    return _score(done.stdout + done.stderr, selected)


def _score(output: str, selected: list[str]) -> Score:
    names = {m["number"]: m["id"] for m in _STARTED.finditer(output)}
    verdicts = {names.get(m["number"], m["number"]): m["what"] for m in _VERDICT.finditer(output)}
    if not names:
        raise RuntimeError(f"cwltest ran no test:\n{output[-2000:]}")
    return Score(
        passed=tuple(i for i in selected if i not in verdicts),
        failed=tuple(i for i in selected if verdicts.get(i, "unsupported") != "unsupported"),
        unsupported=tuple(i for i in selected if verdicts.get(i) == "unsupported"),
    )


def main() -> int:
    """Print the count; return 1 when fewer tests pass than --minimum says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    parser.add_argument("--suite", type=Path, default=corpora / DEFAULT)
    parser.add_argument("--tests", help="ids, separated by commas")
    parser.add_argument("--sample", type=int, help="so many tests, drawn with a seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minimum", type=int, default=0)
    options = parser.parse_args()
    if not (options.suite / "conformance_tests.yaml").is_file():
        print(f"no conformance suite in {options.suite}: name its folder with --suite")
        return 3
    chosen = options.tests.split(",") if options.tests else None
    if options.sample:
        chosen = sample(options.suite, options.sample, options.seed)
    score = run(options.suite, chosen, options.jobs)
    for title, ids in (("failed", score.failed), ("unsupported", score.unsupported)):
        need = [i for i in ids if i in NEED_CONTAINER]
        print(f"{title} ({len(ids)}):", *[i for i in ids if i not in need])
        if need:
            print("  of tests that need a container:", *need)
    counts = len(score.passed), len(score.failed), len(score.unsupported)
    print("{} passed, {} failed, {} unsupported".format(*counts))
    return 0 if counts[0] >= options.minimum else 1


def sample(suite: Path, number: int, seed: int) -> list[str]:
    """Return ids of tests that need no container, drawn with a seed."""
    ids = listed(suite / "conformance_tests.yaml", dict(os.environ))
    return random.Random(seed).sample([i for i in ids if i not in NEED_CONTAINER], number)


if __name__ == "__main__":
    sys.exit(main())
