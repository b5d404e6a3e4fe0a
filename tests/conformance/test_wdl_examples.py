"""The program that runs the examples of a WDL specification, on a specification of five."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import wdl

PROGRAM = Path(wdl.__file__)
EXAMPLES = {
    "adds": ("Int n", "Int x = n + 1", '{"adds.n": 1}', '{"adds.x": 2}'),
    "reads": ("File f", "String x = read_string(f)", '{"reads.f": "a.txt"}', '{"reads.x": "A"}'),
    "differs": ("Int n", "Int x = n + 1", '{"differs.n": 1}', '{"differs.x": 3}'),
    "refused": ("Object o", "Int x = 1", "{}", "{}"),
    "stops_fail": ("Array[Int] a = []", "Int x = a[0]", "{}", "{}"),
    "goes_fail": ("Int n = 1", "Int x = n", "{}", "{}"),
}


@pytest.fixture
def specification(tmp_path: Path) -> Path:
    """A folder like a checkout of openwdl/wdl."""
    (tmp_path / "tests" / "data").mkdir(parents=True)
    (tmp_path / "tests" / "data" / "a.txt").write_text("A\n")
    (tmp_path / "SPEC.md").write_text(
        "".join(
            f"<details>\n<summary>\nExample: {name}.wdl\n\n```wdl\nversion 1.2\n"
            f"workflow {name} {{\n  input {{ {given} }}\n  output {{ {made} }}\n}}\n```\n"
            f"</summary>\n<p>\nExample input:\n\n```json\n{inputs}\n```\n\n"
            f"Example output:\n\n```json\n{outputs}\n```\n</p>\n</details>\n\nA text between.\n\n"
            for name, (given, made, inputs, outputs) in EXAMPLES.items()
        )
    )
    return tmp_path


def said(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, PROGRAM, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_its_own_help_has_the_options_that_it_tells_of() -> None:
    options = set(re.findall(r"--\w+", wdl.__doc__ or ""))
    assert options == set(re.findall(r"--\w+", said("--help").stdout)) - {"--help"}


def test_each_example_is_judged(specification: Path) -> None:
    done = said(specification, "--jobs", "2")
    *told, counts = done.stdout.splitlines()
    assert done.stderr == ""
    assert counts == "3 equal, 2 different, 1 refused"
    assert done.returncode == 1
    assert [line.split()[:2] for line in told] == [
        ["different", "differs:"],
        ["refused", "refused:"],
        ["different", "goes_fail:"],
    ]
    assert "x: 2, and must be 3" in told[0]
    assert "FWF1403" in told[1]
    assert "runs, and must fail" in told[2]


def test_some_alone_are_run(specification: Path) -> None:
    done = said(specification, "--only", "adds|reads")
    assert (done.stdout, done.returncode) == ("2 equal, 0 different, 0 refused\n", 0)


def test_a_folder_that_is_no_specification_is_told(tmp_path: Path) -> None:
    done = said(tmp_path)
    assert done.returncode == 2
    assert "holds no SPEC.md" in done.stdout
