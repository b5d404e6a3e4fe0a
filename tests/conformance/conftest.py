"""The script beside these tests, as a module."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def load() -> ModuleType:
    """Return ``cwl.py``."""
    path = Path(__file__).with_name("cwl.py")
    spec = importlib.util.spec_from_file_location("conformance_cwl", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["conformance_cwl"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def conformance() -> ModuleType:
    """The script that runs the suites."""
    return load()
