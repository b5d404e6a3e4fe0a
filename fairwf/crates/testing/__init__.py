"""Tests of a workflow: found beside it, packaged with it, described (Workflow Testing RO-Crate)."""

from fairwf.crates.testing.found import Definition, FoundTests, find_tests
from fairwf.crates.testing.suites import Suite, packaged_tests

__all__ = ["Definition", "FoundTests", "Suite", "find_tests", "packaged_tests"]
