"""Values that a crate shows to everybody though they look secret, and variables left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fairwf.crates.retrospective import Execution
from fairwf.ir.expressions import StringLit
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import Command, Script
from fairwf.report import Report
from fairwf.trace.run import Run

_NAMES = re.compile(
    r"(?:^|[_.-])(?:passwd|password|passphrase|secret|credentials?|"
    r"(?:api|secret|access|private)_?key|(?:auth|access|api|bearer|secret)_?token)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HIDDEN = "(secret"
"""What the values of secret inputs begin with in the record of a run."""


def tell_secrets(run: Run, report: Report) -> None:
    """Tell of inputs of a run that are named like secrets, and are texts in clear.

    The message does not show the value.
    """
    for name, value in run.inputs.items():
        texts = [node.value for node in nodes(value, StringLit)]
        clear = [text for text in texts if text and not text.startswith(_HIDDEN)]
        if clear and _NAMES.search(_CAMEL.sub("_", name.rpartition("/")[2])):
            report.add(
                "FWF5025",
                f"the input {name!r:.80} is named like a secret, and the crate shows its value",
                file=run.folder,
                hint=f"state it in the workflow, cwltool:Secrets: {{secrets: [{name:.80}]}}, "
                "run again and package that run; change a secret that was given on",
            )


def tell_variables(executions: Iterable[Execution], report: Report, folder: str | None) -> None:
    """Tell of variables that documents compute and whose values the run did not record."""
    left: dict[str, None] = {}
    for execution in executions:
        process = execution.tool.process
        if execution.task is not None and isinstance(process, (Command, Script)):
            for name, value in process.environment.variables.items():
                if not isinstance(value, StringLit) and name not in execution.task.environment:
                    left[name] = None
    if left:
        report.add(
            "FWF5026",
            f"{', '.join(left):.200}: the run does not hold the values of these variables, so "
            "`environment` of its actions leaves them out",
            file=folder,
        )
