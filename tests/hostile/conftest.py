"""Hostile documents meet the command line as a user would call it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Fairwf, Said, fairwf

__all__ = ["Fairwf", "Said", "fairwf"]

SECRET = "the-secret-of-somebody-else"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside of the repository that hostile documents lie in."""
    path = tmp_path / "secret.yml"
    path.write_text(f"class: {SECRET}\ndoc: {SECRET}\n")
    return path


@pytest.fixture
def repository_of_a_stranger(tmp_path: Path) -> Path:
    """A repository, and a folder in it: the folder of hostile documents."""
    folder = tmp_path / "repository" / "workflows"
    folder.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    return folder
