"""The documents of a submit folder: abstract workflow, what the planner knew, states of jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairwf.formats import read_file
from fairwf.report import InvalidError, Report
from fairwf.source import Limits, SourceError, load_structured, plain
from fairwf.trace.numbers import whole
from fairwf_pegasus.detect import BRAINDUMP, JOBSTATE

_STATE = re.compile(r"(\d+) (\S+) ([A-Z_]+)(?: (\S+))?(?: (\S+))?")
_DAGMAN = re.compile(r"(\d+) INTERNAL \*\*\* DAGMAN_(STARTED|FINISHED) (\S+) \*\*\*")
_MOST_PARTS = 50
_STATUS = re.compile(r"-?\d{1,9}")
_KINDS = ("input", "output", "checkpoint")
_LIMITS = Limits(bytes=64 * 1024 * 1024)


@dataclass(frozen=True)
class Use:
    """A file that a job takes or gives."""

    lfn: str
    output: bool


@dataclass(frozen=True)
class AbstractJob:
    """A job of the abstract workflow; ``kind`` is ``job`` or that of a workflow inside."""

    id: str
    name: str
    kind: str
    arguments: tuple[str, ...]
    uses: tuple[Use, ...]


@dataclass
class AbstractWorkflow:
    """The abstract workflow (``workflow.yml``): its jobs by id, and which waits for which."""

    name: str | None = None
    file: str | None = None
    version: str | None = None
    creator: str | None = None
    jobs: dict[str, AbstractJob] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class States:
    """What ``jobstate.log`` tells: times in seconds since 1970, by job and number of its start."""

    started: float | None = None
    ended: float | None = None
    status: int | None = None
    jobs: dict[str, list[JobState]] = field(default_factory=dict)


@dataclass
class JobState:
    """One start of a job."""

    started: float | None = None
    ended: float | None = None
    exit_code: int | None = None
    failed: bool | None = None
    site: str | None = None


def structured(path: Path) -> Any:
    """Return a YAML or JSON file as plain values.

    Raises:
        InvalidError: it is none, or too large.
    """
    try:
        return plain(load_structured(read_file(path), str(path), _LIMITS))
    except SourceError as error:
        raise InvalidError.of("FWF1802", error.message, span=error.span) from None


def braindump(folder: Path) -> dict[str, str]:
    """Return what the planner wrote of the run: texts by key."""
    first, second = (folder / name for name in BRAINDUMP)
    if first.is_file():
        found = structured(first)
        known = found.items() if isinstance(found, dict) else ()
        return {str(k): str(v) for k, v in known if isinstance(v, (str, int, float))}
    if second.is_file():
        lines = read_file(second).decode("utf-8", "replace").splitlines()
        pairs = (line.split(None, 1) for line in lines)
        return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}
    return {}


def abstract_workflow(folder: Path, named: str | None, report: Report) -> AbstractWorkflow:
    """Return the abstract workflow, a copy of which Pegasus 5 keeps in the submit folder."""
    name = (named or "").rpartition("/")[2]
    places = [folder / name] if name else []
    places += [folder / "workflow.yml", *sorted(folder.glob("*.yml"))]
    for path in dict.fromkeys(places):
        if not path.is_file() or path.name in BRAINDUMP or path.suffix not in (".yml", ".yaml"):
            continue
        try:
            found = structured(path)
        except InvalidError as error:
            report.add("FWF1803", error.report.errors[0].message, file=str(path))
            continue
        if isinstance(found, dict) and "pegasus" in found and isinstance(found.get("jobs"), list):
            return _abstract(found, path)
    return AbstractWorkflow()


def _abstract(found: Mapping[str, Any], path: Path) -> AbstractWorkflow:
    about = found.get("x-pegasus")
    creator = about.get("createdBy") if isinstance(about, dict) else None
    whole = AbstractWorkflow(
        _text(found.get("name")), str(path), str(found.get("pegasus")), _text(creator)
    )
    for job in found["jobs"]:
        if not isinstance(job, dict) or not isinstance(job.get("id"), str):
            continue
        parts = (job.get("namespace"), job.get("name") or job.get("file"), job.get("version"))
        arguments = job.get("arguments")
        whole.jobs[job["id"]] = AbstractJob(
            job["id"],
            "::".join(str(part) for part in parts if part),
            _text(job.get("type")) or "job",
            tuple(map(str, arguments)) if isinstance(arguments, list) else (),
            tuple(_uses(job.get("uses"))),
        )
    edges = found.get("jobDependencies")
    for edge in edges if isinstance(edges, list) else ():
        children = edge.get("children") if isinstance(edge, dict) else None
        for child in children if isinstance(children, list) else ():
            whole.parents.setdefault(str(child), []).append(str(edge.get("id")))
    return whole


def _uses(found: Any) -> list[Use]:
    uses = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        Use(each["lfn"], each.get("type") == "output")
        for each in uses
        if isinstance(each.get("lfn"), str) and each.get("type") in _KINDS
    ]


def states(folder: Path) -> States:
    """Return what ``jobstate.log`` tells; nothing where there is none."""
    told = States()
    path = folder / JOBSTATE
    if not path.is_file() or path.is_symlink():
        return told
    for line in read_file(path).decode("utf-8", "replace").splitlines():
        dagman = _DAGMAN.match(line)
        if dagman is not None:
            if dagman[2] == "STARTED":
                told.started = told.started or float(dagman[1])
                told.ended = told.status = None
            else:
                told.ended = float(dagman[1])
                signed = _STATUS.fullmatch(dagman[3])
                told.status = int(signed[0]) if signed is not None else None
        elif (match := _STATE.match(line)) is not None and match[2] != "INTERNAL":
            _note(told, match)
    return told


def starts(told: States, identifiers: Iterable[str]) -> dict[str, list[JobState]]:
    """Return the starts of each job of the abstract workflow.

    The name of a job that ran ends in the id of that job, behind an underscore; ids may have some
    of their own, so the longest that is known counts.
    """
    known = set(identifiers)
    found: dict[str, list[JobState]] = {}
    for name, states_of in told.jobs.items():
        parts = name.split("_")[-_MOST_PARTS:]
        ends = [name, *("_".join(parts[number:]) for number in range(1, len(parts)))]
        identifier = next((end for end in ends if end in known), None)
        if identifier is not None:
            found.setdefault(identifier, []).extend(states_of)
    return found


def _note(told: States, match: re.Match[str]) -> None:
    when, event, value = float(match[1]), match[3], match[4]
    known = told.jobs.setdefault(match[2], [])
    if event == "SUBMIT" or not known:
        known.append(JobState())
    state = known[-1]
    state.site = match[5] if match[5] not in (None, "-") else state.site
    if event == "EXECUTE":
        state.started = when
    elif event == "JOB_TERMINATED":
        state.ended = when
    elif event in ("JOB_SUCCESS", "JOB_FAILURE", "POST_SCRIPT_FAILURE"):
        state.failed = event != "JOB_SUCCESS"
        if event != "POST_SCRIPT_FAILURE" and (code := whole(value, 9)) is not None:
            state.exit_code = code


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
