"""The script that a job runs, and the name that it has."""

from __future__ import annotations

import hashlib
import re
import shlex
from base64 import b32encode

from fairwf.engine.backends.bundles.scheduler import Listed
from fairwf.engine.backends.deployment import Deployment


def job_script(deployment: Deployment, held: bool) -> str:
    """Return what a shell does in a job: ``$1`` is the folder of the bundle, ``$2`` the worker.

    What the set-up commands change in the environment, the worker finds out by what was there
    before. ``held``: standard input is a pipe, and the worker must not outlive its other end.
    """
    lines = ["#!/bin/sh", "exec 3<&0"] if held else ["#!/bin/sh"]
    lines.append('exec >>"$1/output" 2>&1 </dev/null')
    if deployment.setup:
        lines.append('env -0 >"$1/environment"')
    for command in deployment.setup:
        failed = shlex.quote(f"the set-up command failed: {' '.join(command.split())}")
        lines += ["{", command, f"}} || {{ echo {failed}; exit 1; }}"]
    lifeline = " 3" if held else ""
    lines.append(f'exec {shlex.quote(deployment.python)} "$2" "$1"{lifeline}')
    return "\n".join(lines) + "\n"


class JobNames:
    """Names of jobs by the run and the number of the bundle: 15 characters, as old PBS wants it."""

    def __init__(self, run_id: str) -> None:
        digest = b32encode(hashlib.sha256(run_id.encode()).digest()).decode().lower()
        self._run = f"fw{digest[:8]}"
        self._number = re.compile(rf"{self._run}-(\d+)")
        self.pattern = f"{self._run}-*"
        """What the names of all jobs of the run match, for a person."""

    def of(self, number: int) -> str:
        """Return the name of the job of a bundle."""
        return f"{self._run}-{number}"

    def number(self, listed: Listed) -> int:
        """Return the number of the bundle whose job this is; 0 for the job of somebody else."""
        match = self._number.search(listed.name)
        return int(match[1]) if match else 0

    def by_number(self, listed: list[Listed]) -> dict[int, Listed]:
        """Return the jobs of the run by the numbers of their bundles."""
        return {number: one for one in listed if (number := self.number(one))}
