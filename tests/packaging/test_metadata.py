"""What is said in several files is said alike, and a new converter is named everywhere."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairwf.formats import converters
from fairwf.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
CONVERTERS = sorted(path.parent.name for path in ROOT.glob("converters/fairwf_*/__init__.py"))


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_version_is_the_same_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    codemeta = json.loads((ROOT / "codemeta.json").read_text())
    assert {citation["version"], codemeta["version"]} == {VERSION}


def test_codemeta_lists_the_dependencies(pyproject: dict[str, Any]) -> None:
    named = [re.split(r"[<>=!~\[; ]", entry)[0] for entry in pyproject["project"]["dependencies"]]
    codemeta = json.loads((ROOT / "codemeta.json").read_text())
    assert codemeta["softwareRequirements"] == named


def test_every_dependency_is_explained(pyproject: dict[str, Any]) -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    extras = pyproject["project"]["optional-dependencies"]
    entries = [
        *pyproject["project"]["dependencies"],
        *(e for extra in extras.values() for e in extra),
    ]
    names = {re.split(r"[<>=!~\[; ]", entry)[0] for entry in entries} - {"fairwf"}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_there_are_converters() -> None:
    assert CONVERTERS


@pytest.mark.parametrize("package", CONVERTERS)
def test_a_converter_is_found_by_its_folder_alone(package: str) -> None:
    names = {converter.name for converter in converters().values()}
    assert package.removeprefix("fairwf_") in names


def test_the_licence_is_apache_2_to_the_letter() -> None:
    digest = hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def test_what_is_installed_fits_together() -> None:
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stdout


def test_the_budget_adds_up() -> None:
    rows = re.findall(
        r"^\| (.+?) \| ([\d.]+) \|$", (ROOT / "tests/BUDGET.md").read_text(), re.MULTILINE
    )
    assert len(rows) > 5
    assert sum(float(minutes) for _, minutes in rows) == 25
