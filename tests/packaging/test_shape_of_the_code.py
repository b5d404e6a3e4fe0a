"""House rules about modules that no linter knows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    p for root in ("fairwf", "converters", "tools") for p in (ROOT / root).rglob("*.py")
)
MOST_LINES = 600
ONE_FILE = {"fairwf/engine/backends/bundles/worker.py": 700}
"""What is copied to other machines, alone."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_short_and_named_for_its_concept(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    most = ONE_FILE.get(path.relative_to(ROOT).as_posix(), MOST_LINES)
    assert len(path.read_text().splitlines()) <= most


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_exception_to_a_linter_has_its_reason(path: Path) -> None:
    """As in `# noqa: S311 -- seeded on purpose`."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.search(r"# noqa\b", line):
            assert re.search(r"# noqa: [A-Z0-9, ]+ ?(--?|—|#|:) ?\w", line), (
                f"{path}:{number}: {line.strip()}"
            )


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
