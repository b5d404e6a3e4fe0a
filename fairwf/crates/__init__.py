"""RO-Crates: packaging workflows and runs, reading crates, checking them with the oracle."""

from __future__ import annotations

from fairwf.crates.conformance import check_crate
from fairwf.crates.options import PackageOptions
from fairwf.crates.package import package_run, package_workflow
from fairwf.crates.read import Crate, open_crate
from fairwf.crates.repackage import PackagedRuns, holds_runs, repackage
from fairwf.crates.target import check_target

__all__ = [
    "Crate",
    "PackageOptions",
    "PackagedRuns",
    "check_crate",
    "check_target",
    "holds_runs",
    "open_crate",
    "package_run",
    "package_workflow",
    "repackage",
]
