"""Software that tasks ask for, taken from environment modules and conda environments."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fairwf.engine.software import Software
from fairwf.ir.environment import Conda, Environment, Package
from fairwf.report import Report


def package(name: str, *versions: str, required: bool = True) -> Environment:
    return Environment(
        packages=(Package(name=name, versions=versions),), packages_required=required
    )


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of module files for the real Environment Modules; skipped where they are not."""
    if shutil.which("modulecmd") is None:
        pytest.skip("needs Debian's environment-modules")
    folder = tmp_path / "modulefiles"
    for version in ("0.6", "0.7"):
        place = folder / "bwa" / version
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(
            f"#%Module\nprepend-path PATH /opt/bwa-{version}/bin\nsetenv BWA {{a b;$(x)}}\n"
        )
    (folder / "samtools").write_text("#%Module\nprepend-path PATH /opt/samtools/bin\n")
    monkeypatch.setenv("MODULEPATH", str(folder))
    for name in ("LMOD_CMD", "MODULES_CMD", "LOADEDMODULES", "_LMFILES_"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def conda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A conda environment, as conda keeps it, and a program that lists it as conda does."""
    prefix = tmp_path / "envs" / "mapping"
    records = prefix / "conda-meta"
    records.mkdir(parents=True)
    (records / "minimap2-2.24-h7132678_1.json").write_text("{}")
    (records / "history").write_text("")
    programs = tmp_path / "bin"
    programs.mkdir()
    listed = json.dumps({"envs": [str(prefix)]})
    (programs / "conda").write_text(f"#!/bin/sh\necho '{listed}'\n")
    (programs / "conda").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return prefix


def test_a_module_of_the_wanted_version_is_loaded(modules: Path) -> None:
    report = Report()
    variables = Software().provide(package("bwa", "0.5", "0.6"), report)
    assert variables["PATH"].startswith("/opt/bwa-0.6/bin:")
    assert variables["BWA"] == "a b;$(x)"
    assert list(report) == []


def test_modules_add_up(modules: Path) -> None:
    both = Environment(modules=("bwa/0.7", "samtools"))
    path = Software().provide(both, Report())["PATH"]
    assert {"/opt/bwa-0.7/bin", "/opt/samtools/bin"} <= set(path.split(":"))


@pytest.mark.parametrize("name", ["bwa", "nothing", "-h", "$(touch x)", "bwa;touch x"])
def test_a_version_or_name_that_is_not_there_is_told(
    modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    report = Report()
    assert Software().provide(package(name, "9.9"), report) == {}
    assert [(found.code, found.severity) for found in report] == [("FWF4021", "warning")]
    assert not (tmp_path / "x").exists()


def test_a_package_of_a_conda_environment_is_found(conda: Path) -> None:
    report = Report()
    variables = Software().provide(package("minimap2", "2.24"), report)
    assert variables["PATH"].startswith(f"{conda}/bin:")
    assert variables["CONDA_PREFIX"] == str(conda)
    assert list(report) == []
    assert Software().provide(package("minimap2", "2.25"), report) == {}
    assert [found.code for found in report] == ["FWF4021"]


@pytest.mark.parametrize(
    "wanted", [Conda(name="mapping"), Conda(packages=("bioconda::minimap2=2.24",))]
)
def test_a_conda_environment_is_found_by_name_and_by_what_it_holds(
    conda: Path, wanted: Conda
) -> None:
    variables = Software().provide(Environment(conda=wanted), Report())
    assert variables["CONDA_PREFIX"] == str(conda)


def test_advice_that_cannot_be_followed_is_a_note_and_none_where_the_program_is_here() -> None:
    report = Report()
    Software().provide(package("no-such-program", required=False), report)
    assert [found.severity for found in report] == ["note"]
    report = Report()
    Software().provide(package("sh", required=False), report)
    assert list(report) == []
