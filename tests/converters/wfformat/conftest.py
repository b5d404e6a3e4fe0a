"""The published schemas and instances, and reading and writing in memory."""

import json
from pathlib import Path
from typing import Any

import pytest

INSTANCES = "wfformat/wfcommons__WfInstances"
SCHEMAS = "wfformat/wfcommons__WfFormat"


@pytest.fixture(scope="session")
def schemas(corpora: Path) -> dict[str, Any]:
    """The published JSON Schemas by version; "newest" is the one without a version in its name."""
    folder = corpora / SCHEMAS
    found = {
        version: json.loads((folder / f"wfcommons-schema-v{version}.json").read_bytes())
        for version in ("1.3", "1.4", "1.5")
    }
    found["newest"] = json.loads((folder / "wfcommons-schema.json").read_bytes())
    return found


@pytest.fixture(scope="session")
def schema_file(corpora: Path) -> Path:
    return corpora / SCHEMAS / "wfcommons-schema-v1.5.json"


@pytest.fixture(scope="session")
def instances(corpora: Path) -> list[Path]:
    found = sorted((corpora / INSTANCES).rglob("*.json"))
    assert len(found) >= 16
    return found
