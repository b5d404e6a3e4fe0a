"""What each scheduler says about all jobs of the user, in one query.

PSI/J 0.9.11 asks for states too, but takes a job that it does not find for COMPLETED, fails every
job after three queries without an answer, and cannot look for a name; so its polling is not used.
"""

from __future__ import annotations

import getpass
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fairwf.engine.backends.bundles.scheduler import Listed, State


@dataclass(frozen=True)
class Query:
    """How a scheduler is asked.

    ``command`` takes the ids of the jobs that matter, empty where they are not all known;
    ``parse`` gets standard output and raises ValueError where it is no answer. ``accepted`` are
    exit codes with an answer.
    """

    command: Callable[[Sequence[str]], list[str]]
    parse: Callable[[str], list[Listed]]
    accepted: frozenset[int] = frozenset({0})


_SLURM_QUEUED = frozenset(
    ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"]
)
_SLURM_ENDED: dict[str, str | None] = {
    "BOOT_FAIL": "its node did not start",
    "CANCELLED": "it was cancelled",
    "COMPLETED": None,
    "DEADLINE": "its deadline has passed",
    "FAILED": "it failed",
    "NODE_FAIL": "its node failed",
    "OUT_OF_MEMORY": "it ran out of memory",
    "PREEMPTED": "it was preempted",
    "REVOKED": "it was revoked",
    "SPECIAL_EXIT": "it is held with a special exit",
    "TIMEOUT": "it reached the time limit of the job",
}


def _slurm(text: str) -> list[Listed]:
    found = []
    for line in text.splitlines():
        job, state, name = line.split("|", 2)
        kind: State = "running"
        if state in _SLURM_QUEUED:
            kind = "queued"
        elif state in _SLURM_ENDED:
            kind = "ended"
        held = state == "SPECIAL_EXIT"
        found.append(Listed(job, name, kind, _SLURM_ENDED.get(state), held))
    return found


_GRID_ENGINE_RUNNING = frozenset("rtsST")
"""Suspended jobs too: by a person (s), with their queue (S), under load (T)."""


def _grid_engine(text: str) -> list[Listed]:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - the scheduler's own answer
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from None
    found = []
    for job in root.iter("job_list"):
        number, state = job.findtext("JB_job_number"), job.findtext("state") or ""
        if number is None:
            continue
        kind: State = "running" if _GRID_ENGINE_RUNNING & set(state) else "queued"
        reason, held = None, "E" in state
        if held:
            kind, reason = "ended", f"Grid Engine could not start it (state {state})"
        elif "d" in state:
            kind, reason = "ended", "it was deleted"
        found.append(Listed(number, job.findtext("JB_name") or "", kind, reason, held))
    return found


_PBS_RUNNING = frozenset("BERSU")
"""Suspended jobs too: by the scheduler (S), while their node is in use otherwise (U)."""
_PBS_SIGNALLED = {265: "it was killed", 271: "it was deleted, or reached the time limit of the job"}


def _pbs(text: str) -> list[Listed]:
    jobs = json.loads(text).get("Jobs", {}) if text.strip() else {}
    found = []
    for number, job in jobs.items():
        state, code = job.get("job_state", ""), job.get("Exit_status", 0)
        kind: State = "running" if state in _PBS_RUNNING else "queued"
        reason = None
        if state in ("F", "X"):
            kind = "ended"
            reason = _PBS_SIGNALLED.get(code, f"it ended with {code}" if code else None)
        found.append(Listed(number, job.get("Job_Name", ""), kind, reason))
    return found


_LSF_QUEUED = {"PEND", "PROV", "PSUSP", "WAIT"}


def _lsf(text: str) -> list[Listed]:
    found = []
    for job in json.loads(text)["RECORDS"]:
        if "ERROR" in job:
            continue
        state = job["STAT"]
        kind: State = "queued" if state in _LSF_QUEUED else "running"
        reason = None
        if state in ("DONE", "EXIT"):
            kind = "ended"
            why = job.get("EXIT_REASON") or job.get("KILL_REASON")
            reason = (why or "it ended with an error") if state == "EXIT" else None
        found.append(Listed(job["JOBID"], job.get("JOB_NAME", ""), kind, reason))
    return found


_COBALT_FIELD = re.compile(r"\s*(\w+)\s*:\s*(.*?)\s*\Z")


def _cobalt(text: str) -> list[Listed]:
    found, fields = [], dict[str, str]()
    for line in [*text.splitlines(), "JobID: "]:
        match = _COBALT_FIELD.match(line)
        if match is None:
            continue
        name, value = match[1].lower(), match[2]
        if name == "jobid":
            if fields.get("jobid"):
                state = fields.get("state", "")
                kind: State = "queued" if state in ("queued", "starting") else "running"
                if "hold" in state:
                    kind = "queued"
                found.append(Listed(fields["jobid"], fields.get("jobname", ""), kind))
            fields = {}
        fields[name] = value
    return found


QUERIES: dict[str, Query] = {
    "slurm": Query(
        lambda _: ["squeue", "--me", "--noheader", "--states=all", "--format=%i|%T|%j"], _slurm
    ),
    "sge": Query(lambda _: ["qstat", "-xml", "-u", getpass.getuser()], _grid_engine),
    # 35 and 153: some of the jobs are unknown, or are history already
    "pbs": Query(
        lambda ids: ["qstat", "-f", "-F", "json", "-x", *ids], _pbs, frozenset({0, 35, 153})
    ),
    "lsf": Query(
        lambda _: [
            "bjobs",
            "-a",
            "-json",
            "-o",
            "jobid stat exit_reason kill_reason job_name",
        ],
        _lsf,
    ),
    "cobalt": Query(
        lambda _: ["qstat", "-l", "--header=JobID:JobName:State", "-u", getpass.getuser()],
        _cobalt,
    ),
}
"""By the name of the scheduler."""
