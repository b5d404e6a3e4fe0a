"""Validate the published CWL documents and compare with what the reference runner said of them.

    python tests/conformance/accepted.py [--corpora FOLDER]

``ACCEPTED.tsv`` in the folder of published documents holds the reference runner's verdicts.
Prints how many agree and each that does not, with our first error or the reason why we are right.
Ends with 1 where one disagrees that :data:`DISAGREEMENTS` does not list, or the reverse.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fairwf
from fairwf.report import FairwfError, Report

ROOT = Path(__file__).resolve().parents[2]

_SUITE = "cwl/common-workflow-language__cwl-v1"
_GUIDE = "cwl/common-workflow-language__user_guide/src/_includes/cwl/expressions"
_LEARNING = "cwl/yuandou168__DecentralizedFL-CWL/CWL_Workflow"
_LIBRARY = "the published copy lacks the JavaScript file that it includes; neither is wrong"
_LIMIT = (
    "invalid: negative time limits are an error (CommandLineTool v1.2, ToolTimeLimit); the suite "
    "wants it to fail, the reference runner says so only when it runs"
)
_BLANKS = (
    "valid: YAML 1.2 (8.1.1.1) forbids leading empty lines of a block text only where they hold "
    "more blanks than its first line; the reference runner's YAML parser counts them wrongly"
)
_WHEN = (
    "invalid: 'when' gives an int, and it is an error if it is anything but true or false "
    "(Workflow v1.2, WorkflowStep); the suite wants it to fail, the reference runner says so "
    "only when it runs"
)

DISAGREEMENTS = {
    f"{_SUITE}.1/tests/template-tool.cwl": _LIBRARY,
    f"{_SUITE}.2/tests/template-tool.cwl": _LIBRARY,
    f"{_GUIDE}/hello-world-expressionlib.cwl": _LIBRARY,
    f"{_GUIDE}/hello-world-expressionlib-external.cwl": _LIBRARY,
    f"{_SUITE}.2/tests/conditionals/cond-wf-012.cwl": _WHEN,
    f"{_SUITE}.2/tests/conditionals/cond-wf-012_nojs.cwl": _WHEN,
    f"{_SUITE}.1/tests/timelimit2.cwl": _LIMIT,
    f"{_SUITE}.2/tests/timelimit2.cwl": _LIMIT,
    "cwl/common-workflow-library__bio-cwl-tools/tb-profiler/tb-profiler-profile.cwl": (
        "valid: SoftwareRequirement is part of CWL; the reference runner does not support it as a "
        "requirement unless it was started with a resolver"
    ),
    "cwl/datirium__workflows/workflows/hopach.cwl": (
        "valid: a value of an enum is a string (Process v1.2, EnumSchema), so it may go where a "
        "string is wanted"
    ),
    f"{_LEARNING}/aggregate_decentralized.cwl": _BLANKS,
    f"{_LEARNING}/decentralizedFL.cwl": _BLANKS,
    f"{_LEARNING}/get_weights_single.cwl": _BLANKS,
    f"{_LEARNING}/initialize_decentralized.cwl": _BLANKS,
}
"""The documents of which we say something else than the reference runner, and why."""


@dataclass(frozen=True)
class Verdict:
    """What both say of a document; ``errors`` are ours, warnings and notes are left out."""

    path: str
    reference: bool
    report: Report

    @property
    def accepted(self) -> bool:
        """Whether we accept it."""
        return self.report.ok

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.accepted == self.reference


def verdicts(corpora: Path) -> Iterator[Verdict]:
    """Validate every CWL document that ``ACCEPTED.tsv`` lists."""
    with (corpora / "ACCEPTED.tsv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if row["format"] == "cwl"]
    for row in rows:
        report = Report()
        try:
            fairwf.load(corpora / row["path"], "cwl", report=report)
        except FairwfError as error:
            if error.report is not report:
                report.extend(error.report)
        yield Verdict(row["path"], row["reference_accepts"] == "True", report)


def main() -> int:
    """Print the agreement and every disagreement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    parser.add_argument("--corpora", type=Path, default=corpora)
    options = parser.parse_args()
    if not (options.corpora / "ACCEPTED.tsv").is_file():
        print(f"no ACCEPTED.tsv in {options.corpora}: name its folder with --corpora")
        return 3
    found = list(verdicts(options.corpora))
    apart = {verdict.path: verdict for verdict in found if not verdict.agrees}
    read = sum(verdict.accepted for verdict in found if verdict.reference)
    refused = sum(not verdict.accepted for verdict in found if not verdict.reference)
    accepting = sum(verdict.reference for verdict in found)
    print(f"{len(found) - len(apart)} of {len(found)} agree with the reference runner")
    print(f"  read: {read} of {accepting} that it accepts")
    print(f"  refused: {refused} of {len(found) - accepting} that it refuses")
    for path, verdict in apart.items():
        ours = "read" if verdict.accepted else f"refused: {verdict.report.errors[0]}"
        print(f"{path}\n  {ours}\n  {DISAGREEMENTS.get(path, 'NOT LISTED')}")
    gone = [path for path in DISAGREEMENTS if path not in apart]
    for path in gone:
        print(f"{path}\n  agrees now, but is listed")
    return 1 if gone or any(path not in DISAGREEMENTS for path in apart) else 0


if __name__ == "__main__":
    sys.exit(main())
