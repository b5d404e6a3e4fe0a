"""What roc-validator says of a crate that was made from a trace of another engine."""

from pathlib import Path

import pytest

PROVENANCE = "provenance-run-crate-0.5"


def assert_conformant(
    crate: Path, name: str, *, recommended: int, profile: str = PROVENANCE
) -> None:
    """Print the three counts; every REQUIRED check must hold, and so many RECOMMENDED ones."""
    pytest.importorskip("rocrate_validator")
    from fairwf.crates.oracle import SEVERITIES, judge

    found = judge(crate)
    held = {s: found.total[s] - len(found.failed(s)) for s in SEVERITIES}
    print(f"{name}: " + ", ".join(f"{s} {held[s]} of {found.total[s]}" for s in SEVERITIES))
    assert found.profile == profile
    assert not found.failed("REQUIRED")
    assert held["RECOMMENDED"] >= recommended, found.failed("RECOMMENDED")
