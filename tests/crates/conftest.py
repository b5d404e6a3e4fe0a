"""A crate of the example run, made once."""

from pathlib import Path

import pytest

from fairwf.crates import package_run
from fairwf.trace import Run
from tests.crates.example_run import example_run


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A completed run; its files lie in a folder of their own."""
    return example_run(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="session")
def example_crate(example: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run's crate."""
    folder = tmp_path_factory.mktemp("crates") / "crate"
    package_run(example, folder)
    return folder
