"""Wheel and sdist hold what they should, and the wheel works in an empty environment elsewhere.

The environment holds the wheel and links to the distributions that fairwf declares as its
dependencies, taken from the environment of the tests: so no network is needed, and a dependency
that is used but not declared is found missing.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("packaging")


def run(*words: str | Path, cwd: Path, timeout: float = 300) -> str:
    """Run a program without the paths of this checkout; its stdout."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    result = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**env, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert result.returncode == 0, (
        f"{words}: exit {result.returncode}\n{result.stdout}{result.stderr}"
    )
    return result.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


def runtime_dependencies() -> list[importlib.metadata.Distribution]:
    """fairwf's declared dependencies without extras, and theirs."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = ["fairwf"]
    while waiting:
        distribution = importlib.metadata.distribution(waiting.pop())
        for requirement in distribution.requires or ():
            name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
            if ";" not in requirement and name.lower() not in found:
                found[name.lower()] = importlib.metadata.distribution(name)
                waiting.append(name)
    return list(found.values())


@pytest.fixture(scope="module")
def environment(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel and its declared dependencies alone."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder / "venv", symlinks=True, with_pip=False)
    python = folder / "venv/bin/python"
    (wheel,) = distributions.glob("*.whl")
    run(
        *(sys.executable, "-m", "pip", "--python", python, "install"),
        *("--quiet", "--no-index", "--no-deps", "--ignore-installed", wheel),
        cwd=folder,
    )
    site = Path(
        run(
            python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
        ).strip()
    )
    for distribution in runtime_dependencies():
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
            if top != "__pycache__":
                (site / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())
    return python.parent


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder outside the checkout with the quickstart example in it."""
    shutil.copytree(ROOT / "examples/quickstart", tmp_path / "quickstart")
    return tmp_path


def test_the_wheel_holds_packages_converters_and_schemas(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"fairwf/__init__.py", "fairwf/py.typed", "fairwf_cwl/__init__.py"} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "fairwf_templates/screening/workflow.ir.yml" in names
    published = {
        path.relative_to(ROOT / "schemas").as_posix() for path in ROOT.glob("schemas/**/*.json*")
    }
    assert published, "no schemas"
    assert published <= {name.removeprefix("fairwf_schemas/") for name in names}
    assert not {name.partition("/")[0] for name in names} & {
        "tests",
        "converters",
        "schemas",
        "tools",
    }


def test_the_wheel_holds_every_file_of_the_packages(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for root in (ROOT, ROOT / "converters"):
        sources = [
            p for folder in root.glob("fairwf*") if folder.is_dir() for p in folder.rglob("*")
        ]
        wanted = {p.relative_to(root).as_posix() for p in sources if p.is_file()}
        wanted = {name for name in wanted if "__pycache__" not in name}
        assert wanted <= names


def test_the_sdist_can_be_built_and_tested_from(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "Makefile",
        "tests/conftest.py",
        "mkdocs.yml",
    }
    assert wanted | {"docs/index.md", "CITATION.cff", "tools/make_venv.sh"} <= names


def test_the_package_comes_from_the_wheel(environment: Path, elsewhere: Path) -> None:
    where = "import fairwf, fairwf_cwl, importlib.resources as r;"
    where += "print(fairwf.__file__, fairwf_cwl.__file__, r.files('fairwf_schemas')._paths[0])"
    for path in run(environment / "python", "-c", where, cwd=elsewhere).split():
        assert Path(path).is_relative_to(environment.parent), path


def test_formats_are_found(environment: Path, elsewhere: Path) -> None:
    listed = run(environment / "fairwf", "formats", cwd=elsewhere)
    for name in ("ir", "cwl", "wfformat"):
        assert re.search(rf"\b{name}\b", listed), listed


def test_convert_and_run_work(environment: Path, elsewhere: Path) -> None:
    fairwf, main = environment / "fairwf", "quickstart/main.cwl"
    run(fairwf, "validate", main, cwd=elsewhere)
    run(fairwf, "convert", main, "--to", "ir", "-o", "main.ir.json", cwd=elsewhere)
    assert json.loads((elsewhere / "main.ir.json").read_text())["fairwf_ir"] == "1"
    said = run(
        fairwf, "run", main, "quickstart/job.yml", "--outdir", "out", "--quiet", cwd=elsewhere
    )
    assert json.loads(said)
    assert any((elsewhere / "out").iterdir())
