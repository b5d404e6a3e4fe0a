"""Run a CWL conformance suite through ``cwltest --tool fairwf -- run`` and print the count.

    python tests/conformance/cwl.py [--suite v1.3|v1.2|v1.1|v1.0] [--folder FOLDER] [--through ir]
        [--container none|podman|...] [--warm] [--sample N] [--tests ID,ID] [--minimum N]

The suite is copied, and helper programs that it lacks (published documents come without programs)
are taken from ``helpers/``. Tests that need a container are not run without one (``--container
none``, the default), and those that ask a public web page only with ``--network``. ``--through
ir`` writes each document as IR first, in another folder, and
runs that. What failed is what cwltest prints: its JUnit file counts a test that had to fail and
printed an output object as passed. What is unsupported stands in the JUnit file alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
HELPERS = Path(__file__).resolve().parent / "helpers"
THROUGH_IR = Path(__file__).resolve().parent / "through_ir.sh"
WARM = Path(__file__).resolve().parent / "warm.py"


@dataclass(frozen=True)
class Suite:
    """A published suite: its folder in the corpora, its list, the folder of its documents there.

    ``need_container`` names the tests that mean something only with a container engine,
    ``need_network`` those that ask a public web page.
    """

    folder: str
    tests: str
    documents: str
    need_container: frozenset[str]
    need_network: frozenset[str] = frozenset({"networkaccess"})


_EVERYWHERE = frozenset(
    [
        "stdout_redirect_shortcut_docker",
        "stdout_redirect_mediumcut_docker",
        "initial_workdir_output",
        "filesarray_secondaryfiles",
        "dockeroutputdir",
        "docker_entrypoint",
    ]
)

_SINCE_V1_2 = _EVERYWHERE | {
    "stdin_shorcut",
    "networkaccess",
    "networkaccess_disabled",
    "glob_outside_outputs_fails",
    "cwloutput_nolimit",
    "iwd-passthrough2",
    "iwd-container-entryname1",
    "iwdr_dir_literal_real_file",
}

SUITES = {
    "v1.3": Suite(
        "cwl/common-workflow-language__cwl-v1.3",
        "conformance_tests.yaml",
        "tests",
        _SINCE_V1_2,
    ),
    "v1.2": Suite(
        "cwl/common-workflow-language__cwl-v1.2",
        "conformance_tests.yaml",
        "tests",
        _SINCE_V1_2,
    ),
    "v1.1": Suite(
        "cwl/common-workflow-language__cwl-v1.1",
        "conformance_tests.yaml",
        "tests",
        _EVERYWHERE
        | {
            "stdin_shorcut",
            "networkaccess",
            "networkaccess_disabled",
            "fail_glob_outside_output_dir",
        },
    ),
    "v1.0": Suite(
        "cwl/common-workflow-language__common-workflow-language/v1.0",
        "conformance_test_v1.0.yaml",
        "v1.0",
        _EVERYWHERE,
        frozenset(),
    ),
}
"""The suites by the version of CWL that they test."""

ARCHIVED = {"hello.txt": "Hello world!\n", "goodbye.txt": "Goodybe, see you later!\n"}
"""What the suites' ``hello.tar`` holds."""

_VERDICT = re.compile(r"^Test (?P<number>\d+) (?P<what>failed|unsupported|timed out)", re.M)
_STARTED = re.compile(r"^Test \[(?P<number>\d+)/(?P<all>\d+)\] (?P<id>[^:\s]+):", re.M)


@dataclass(frozen=True)
class Score:
    """The ids of a suite's tests by verdict; ``not_run`` lack a container engine or a network."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    unsupported: tuple[str, ...]
    not_run: tuple[str, ...]
    output: str

    def __str__(self) -> str:
        counts = len(self.passed), len(self.failed), len(self.unsupported)
        text = "{} passed, {} failed, {} unsupported".format(*counts)
        return text + f", {len(self.not_run)} not run" * bool(self.not_run)


def prepare(suite: Suite, source: Path, folder: Path) -> Path:
    """Copy a suite into ``folder`` with helper programs; return its list of tests."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    documents = folder / suite.documents
    for helper in HELPERS.rglob("*"):
        target = documents / helper.relative_to(HELPERS)
        if helper.is_file() and "__pycache__" not in helper.parts and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(helper, target)
    again = documents / "subdirsecondaries" / "index.py"
    if not again.exists():
        shutil.copyfile(HELPERS / "index.py", again)
    archive = documents / "hello.tar"
    if not archive.exists():
        with tarfile.open(archive, "w") as tar:
            for name, text in ARCHIVED.items():
                info = tarfile.TarInfo(name)
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
    return folder / suite.tests


def listed(tests: Path, environment: dict[str, str] | None = None) -> dict[str, str]:
    """Return the numbers of a suite's tests by id."""
    command = [sys.executable, "-m", "cwltest", "--test", str(tests), "-l"]
    done = subprocess.run(
        command, env=environment or dict(os.environ), capture_output=True, text=True, check=True
    )
    return {name: number for number, name in re.findall(r"^\[(\d+)\] ([^:\s]+)", done.stdout, re.M)}


def run(
    version: str,
    source: Path,
    chosen: list[str] | None = None,
    *,
    jobs: int = 2,
    timeout: int = 120,
    container: str = "none",
    through_ir: bool = False,
    network: bool = False,
    warm: bool = False,
) -> Score:
    """Run the suite of a version that lies in ``source``, or only the tests chosen.

    ``warm``: each call is a fork of a process that has imported everything, which costs less.
    """
    suite = SUITES[version]
    with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
        folder = Path(scratch) / "suite"
        tests = prepare(suite, source, folder)
        programs = Path(scratch) / "bin"
        programs.mkdir()
        (programs / "python").symlink_to(sys.executable)
        fairwf = programs / "fairwf"
        search = f"{programs}{os.pathsep}{os.environ['PATH']}"
        modules = os.pathsep.join([str(ROOT), str(ROOT / "converters")])
        environment = os.environ | {"PATH": search, "PYTHONPATH": modules, "TMPDIR": scratch}
        numbers = listed(tests, environment)
        selected = [i for i in numbers if chosen is None or i in chosen]
        lacking = suite.need_container if container == "none" else frozenset()
        lacking |= frozenset() if network else suite.need_network
        not_run = [i for i in selected if i in lacking]
        selected = [i for i in selected if i not in not_run]
        junit = Path(scratch) / "verdicts.xml"
        command = [
            sys.executable, "-m", "cwltest", "--test", str(tests),
            "--tool", str(THROUGH_IR if through_ir else fairwf),
            "-j", str(jobs), "--timeout", str(timeout), "--junit-xml", str(junit),
            "-n", ",".join(numbers[i] for i in selected), "--", "run", f"--container={container}",
        ]  # fmt: skip
        with called(fairwf, environment, warm):
            done = subprocess.run(
                command, env=environment, cwd=folder, capture_output=True, text=True, check=False
            )
        output = done.stdout + done.stderr
        if not junit.exists():
            raise RuntimeError(f"cwltest wrote no verdicts:\n{output[-2000:]}")
        cases = list(ElementTree.parse(junit).iter("testcase"))
    skipped = [case.find("skipped") is not None for case in cases]
    return _score(output, selected, skipped, not_run)


@contextmanager
def called(program: Path, environment: dict[str, str], warm: bool) -> Iterator[None]:
    """Make a program that calls fairwf: in a new process, or in a fork of a warm one."""
    if not warm:
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fairwf "$@"\n')
        program.chmod(0o755)
        yield
        return
    with served("fairwf", program, environment):
        yield


@contextmanager
def served(name: str, program: Path, environment: dict[str, str]) -> Iterator[None]:
    """Make a program that calls a warm one: ours, or the reference runner."""
    spec = importlib.util.spec_from_file_location("conformance_warm", WARM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    socket = program.with_suffix(".socket")
    module.client(socket, program)
    command = [sys.executable, str(WARM), str(socket), name]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        if server.stdout.readline() != b"ready\n":
            raise RuntimeError("the warm process did not start")
        try:
            yield
        finally:
            server.terminate()
            socket.unlink(missing_ok=True)


def _score(output: str, selected: list[str], skipped: list[bool], not_run: list[str]) -> Score:
    names = {m["number"]: m["id"] for m in _STARTED.finditer(output)}
    verdicts = {names.get(m["number"], m["number"]): m["what"] for m in _VERDICT.finditer(output)}
    verdicts |= {i: "unsupported" for i, skip in zip(selected, skipped, strict=True) if skip}
    if len(names) != len(selected):
        raise RuntimeError(f"cwltest ran {len(names)} of {len(selected)}:\n{output[-2000:]}")
    return Score(
        passed=tuple(i for i in selected if i not in verdicts),
        failed=tuple(i for i in selected if verdicts.get(i, "unsupported") != "unsupported"),
        unsupported=tuple(i for i in selected if verdicts.get(i) == "unsupported"),
        not_run=tuple(not_run),
        output=output,
    )


def main() -> int:
    """Print the count; return 1 when fewer tests pass than --minimum says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--suite", choices=SUITES, default="v1.2")
    parser.add_argument("--folder", type=Path, help="where the suite lies")
    parser.add_argument("--through", choices=["ir"], help="write each document as IR first")
    parser.add_argument("--container", default="none", help="as `fairwf run --container`")
    parser.add_argument("--warm", action="store_true", help="fork a warm process for each call")
    parser.add_argument("--network", action="store_true", help="also tests that need one")
    parser.add_argument("--tests", help="ids, separated by commas")
    parser.add_argument("--sample", type=int, help="so many tests, drawn with a seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minimum", type=int, default=0)
    parser.add_argument("--verbose", action="store_true", help="print what cwltest prints")
    options = parser.parse_args()
    suite = SUITES[options.suite]
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    source = options.folder or corpora / suite.folder
    if not (source / suite.tests).is_file():
        print(f"no CWL {options.suite} conformance suite in {source}: name its folder (--folder)")
        return 3
    chosen = options.tests.split(",") if options.tests else None
    if options.sample:
        chosen = sample(options.suite, source, options.sample, options.seed)
    score = run(
        options.suite,
        source,
        chosen,
        jobs=options.jobs,
        container=options.container,
        through_ir=options.through == "ir",
        network=options.network,
        warm=options.warm,
    )
    if options.verbose:
        print(score.output)
    for title in ("failed", "unsupported", "not_run"):
        ids = getattr(score, title)
        if ids:
            print(f"{title.replace('_', ' ')} ({len(ids)}):", *ids)
    print(score)
    return 0 if len(score.passed) >= options.minimum else 1


def sample(version: str, source: Path, number: int, seed: int) -> list[str]:
    """Return ids of tests that need no container, drawn with a seed."""
    suite = SUITES[version]
    ids = [i for i in listed(source / suite.tests) if i not in suite.need_container]
    return random.Random(seed).sample(ids, number)


if __name__ == "__main__":
    sys.exit(main())
