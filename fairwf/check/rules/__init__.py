"""Rules: what is allowed and yet likely to be a mistake, to harm, or to break elsewhere.

A rule sees the IR alone, so that a workflow gets the same findings in every format. Each has a
module and a code of its own; `fairwf explain` shows a wrong and a right example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairwf.check.findings import Findings
from fairwf.check.rules.containers import check_containers
from fairwf.check.rules.paths import check_paths
from fairwf.check.rules.reachability import check_reachability
from fairwf.check.rules.references import check_references
from fairwf.check.rules.secrets import check_secrets
from fairwf.check.rules.shell import check_shell
from fairwf.check.rules.unused import check_unused
from fairwf.ir.workflow import Process

__all__ = ["RULES"]

RULES: Mapping[str, Callable[[Process, Findings], None]] = {
    "references": check_references,
    "reachability": check_reachability,
    "unused": check_unused,
    "shell": check_shell,
    "containers": check_containers,
    "paths": check_paths,
    "secrets": check_secrets,
}
"""The sets of rules by name, in the order in which they run."""
