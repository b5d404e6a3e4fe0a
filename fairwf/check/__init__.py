"""Checks: what is wrong with a document, found without running it.

All faults are told at once, each with its source position and, where one can be guessed, a hint.
The sets can be chosen by name: names, links, types, outputs, files, cycles, and those of
:mod:`fairwf.check.rules`, which run only where they are named: what they find is no reason not to
run or convert a document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from fairwf.check.assignability import Fit, assignable, fit
from fairwf.check.companions import check_companions
from fairwf.check.cycles import check_cycles
from fairwf.check.findings import Findings
from fairwf.check.infer import infer
from fairwf.check.instances import check_instance
from fairwf.check.links import check_links
from fairwf.check.names import check_names
from fairwf.check.outputs import check_outputs
from fairwf.check.rules import RULES
from fairwf.check.scope import Scope
from fairwf.check.tree import Tree
from fairwf.check.types import check_types
from fairwf.document import Document
from fairwf.ir.instance import Instance
from fairwf.ir.types_text import type_names
from fairwf.ir.workflow import Process
from fairwf.report import Report

__all__ = ["RULES", "SETS", "Fit", "Scope", "Tree", "assignable", "check", "fit", "infer"]

SETS: Mapping[str, Callable[[Process, Findings], None]] = {
    "names": check_names,
    "links": check_links,
    "types": check_types,
    "outputs": check_outputs,
    "files": check_companions,
    "cycles": check_cycles,
}
"""The sets of checks by name, in the order in which they run."""


def check(
    document: Document,
    report: Report,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
) -> Report:
    """Add what is wrong with ``document`` to ``report`` and return it.

    ``select`` limits the checks to these sets, or adds sets of rules; ``ignore`` leaves some out;
    names that are no set of this module (``syntax`` is the reader's) are passed over. An instance
    has one set of its own, which counts as ``links``, and its cycles.
    """
    wanted = set(SETS) if select is None else set(select)
    wanted -= set(ignore)
    chosen = {name: run for name, run in {**SETS, **RULES}.items() if name in wanted}
    tree = Tree(document.workflow, document.origins)
    findings = Findings(tree, report, _folder(document))
    if isinstance(document.workflow, Instance):
        if "links" in chosen or "cycles" in chosen:
            check_instance(document.workflow, findings)
        return report
    with type_names(document.type_names):
        for run in chosen.values():
            run(document.workflow, findings)
    return report


def _folder(document: Document) -> Path | None:
    """Return the folder that relative locations in a document count from."""
    file = document.file or document.source
    return None if file in (None, "-") else Path(str(file).split("#", 1)[0]).resolve().parent
