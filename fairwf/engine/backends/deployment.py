"""A deployment file: what a site wants to know of jobs, and what it has on its nodes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from fairwf.ir.codec import Root
from fairwf.report import InvalidError, Report
from fairwf.source import SourceError, did_you_mean, load_structured, plain, span_of

_TIME = re.compile(r"(?:(\d+)-)?(\d+):([0-5]?\d):([0-5]?\d)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")


Mover = Literal["shared", "local", "rsync"]


class SiteSettings(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One of several places where the tasks of a run go.

    Attributes:
        backend: ``local``, ``psij:`` and the name of a scheduler, or ``parsl:`` and a label.
        jobs: what is said to that backend: queue, walltime, set-up.
        host: the machine, as ssh is told: ``host`` or ``user@host``. This one when None.
        root: the folder for the files of runs there, where it does not see the run directory.
        mover: how files come there: ``shared`` (they need not), ``local`` (copied on this
            machine), ``rsync`` (over ssh).
        ssh: the program for connections, with its options.
        rsync: the program that moves files, with more options, as ``--bwlimit=20m``.
        keep_mib: files from this size on stay there until they are read elsewhere, in MiB.
        cores: how many cores its tasks may use together; all that it has when None.
        memory_mib: how much memory, in MiB; all that it has when None.
    """

    backend: str = "local"
    jobs: Deployment | None = None
    host: str | None = None
    root: str | None = None
    mover: Mover = "shared"
    ssh: tuple[str, ...] = ("ssh",)
    rsync: tuple[str, ...] = ("rsync",)
    keep_mib: float = 1
    cores: float | None = None
    memory_mib: float | None = None

    @property
    def apart(self) -> bool:
        """Whether a program of our own runs the tasks there: elsewhere, or in another folder."""
        return self.mover != "shared" or self.host is not None


class Deployment(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What jobs are like. Times are seconds, or texts as ``90s``, ``2h``, ``1-12:00:00``.

    Attributes:
        queue: the queue or partition; the scheduler's default when None.
        account: who pays.
        reservation: an advance reservation.
        walltime: how long a job may run.
        cores: the cores of a job; tasks run beside each other on them. A task that wants more gets
            a job with as many.
        memory_mib: the memory of a job, in MiB; not asked for when None. A task that wants more
            gets a job with as much.
        max_jobs: how many jobs may wait or run at once.
        bundle_size: most tasks of a job.
        bundle_time: how long the tasks of a job may run together, by estimate.
        guess: how long a task is thought to run before one of its kind has.
        setup: commands of a shell that a job begins with, as ``module load gcc``.
        shell: the shell that runs ``setup``.
        python: the Python (3.6 or later) that runs the worker on a node.
        scratch: a folder of the nodes' own disks, where each task gets its folder of temporary
            files; in the run directory when None.
        inherit_environment: whether jobs get the variables of the engine.
        attributes: what else is said to the scheduler, as ``slurm.constraint: haswell``.
        launcher: how PSI/J starts the worker.
        query_interval: how often the scheduler is asked for the state of all jobs.
        look_interval: how often reports of workers are read.
        linger: how long ready tasks are gathered before they are submitted.
        grace: how long a job may be neither listed nor heard of before it counts as lost.
        lost_retries: how often a task is run again whose job was lost.
        parsl: the Python file with the configuration of Parsl that ``parsl:LABEL`` is in. It is
            run as a program; a relative path counts from the deployment file.
        sites: several places, by name; all else but the next two is then said in each of them.
        steps: which site runs the steps that a pattern names; the first that fits counts.
        default: the site of all other steps; the first of them when None.

    What is None, and no text, is what suits the backend.
    """

    queue: str | None = None
    account: str | None = None
    reservation: str | None = None
    walltime: float | str = 3600
    cores: int = 1
    memory_mib: float | None = None
    max_jobs: int | None = None
    bundle_size: int = 500
    bundle_time: float | str | None = None
    guess: float | str | None = None
    setup: tuple[str, ...] = ()
    shell: tuple[str, ...] = ("/bin/bash", "-l")
    python: str = "python3"
    scratch: str | None = None
    inherit_environment: bool = False
    attributes: dict[str, str | int | float] = {}
    launcher: str = "single"
    query_interval: float | str | None = None
    look_interval: float | str | None = None
    linger: float | str | None = None
    grace: float | str = 30
    lost_retries: int = 2
    parsl: str | None = None
    sites: dict[str, SiteSettings] = {}
    steps: dict[str, str] = {}
    default: str | None = None

    def seconds(self, name: str) -> float:
        """Return a time of the deployment in seconds."""
        value = getattr(self, name)
        return _seconds(_OF_JOBS[name] if value is None else value)

    @property
    def most_jobs(self) -> int:
        """How many jobs may wait or run at once."""
        return int(_OF_JOBS["max_jobs"]) if self.max_jobs is None else self.max_jobs

    def for_pilots(self) -> Deployment:
        """Return the same with what suits pilots where nothing was said: no queue to wait in."""
        unsaid = {name: n for name, n in _OF_PILOTS.items() if getattr(self, name) is None}
        return msgspec.structs.replace(self, walltime=LONGEST_S, **unsaid)


_OF_JOBS = {
    "max_jobs": 20,
    "bundle_time": 1800.0,
    "guess": 60.0,
    "query_interval": 15.0,
    "look_interval": 1.0,
    "linger": 1.0,
}
"""What suits jobs of a batch scheduler, which take seconds to minutes to start."""
_OF_PILOTS = {
    "bundle_time": 2.0,
    "guess": 1.0,
    "query_interval": 0.5,
    "look_interval": 0.2,
    "linger": 0.1,
}
"""What suits pilots, which start a bundle within milliseconds."""
OF_SITES = ("sites", "steps", "default")
"""The settings of a deployment file that names several sites."""
LONGEST_S = 366 * 86400.0
"""The longest time, in seconds: no job runs for more than a year, and no scheduler takes more."""
_TIMES = ("walltime", "bundle_time", "guess", "query_interval", "look_interval", "linger", "grace")
_LEAST = {
    "cores": 1,
    "max_jobs": 1,
    "bundle_size": 1,
    "lost_retries": 0,
    "memory_mib": 1,
    "walltime": 1,
    "bundle_time": 0.1,
    "guess": 0.001,
    "query_interval": 0.5,
    "look_interval": 0.02,
    "linger": 0,
    "grace": 1,
}
_MOST = {
    "cores": 2**20,
    "max_jobs": 2**20,
    "bundle_size": 2**20,
    "lost_retries": 2**20,
    "memory_mib": 2**30,
    **dict.fromkeys(_TIMES, LONGEST_S),
}


def _seconds(value: float | str) -> float:
    if not isinstance(value, str):
        return float(value)
    text = value.strip().lower()
    if match := _SPAN.fullmatch(text):
        return float(match[1]) * _UNITS[match[2]]
    if match := _TIME.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    raise ValueError(f"{value!r:.40} is no time; write 90s, 30m, 2h, 1-12:00:00, or seconds")


def read_deployment(path: Path, workflow: Root | None = None) -> Deployment:
    """Return what a deployment file (YAML or JSON) says, or a Python file with Parsl's own.

    ``workflow`` is the one to run, in which the steps are that the file binds to sites.

    Raises:
        InvalidError: FWF4042, it cannot be read, or says something that makes no sense.
    """
    report = Report()
    if path.suffix == ".py":
        if not path.is_file():
            raise InvalidError.of("FWF4042", "there is no such file", file=str(path))
        return Deployment(parsl=os.path.abspath(path))
    try:
        root = load_structured(path.read_bytes(), str(path))
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise InvalidError.of("FWF4042", why, file=str(path)) from None
    except SourceError as error:
        raise InvalidError.of("FWF4042", error.message, span=error.span, hint=error.hint) from None
    if not isinstance(root, dict):
        raise InvalidError.of("FWF4042", "is no map of settings", file=str(path))
    if "sites" in root:
        from fairwf.engine.backends.sites.reading import read_sites

        return read_sites(root, path, workflow)
    made = settings_in(root, path, report)
    if made is None or report.errors:
        raise InvalidError(report)
    return made


def settings_in(root: Mapping[str, Any], path: Path, report: Report) -> Deployment | None:
    """Return what a map of settings says; None where something in it makes no sense.

    Findings go to ``report``: FWF4042, each with its place.
    """
    known = [name for name in Deployment.__struct_fields__ if name not in OF_SITES]
    before = len(report.errors)
    refuse_unknown(root, known, path, report)
    for name in known:
        if name in root and (fault := _fault(name, plain(root[name]))):
            span = span_of(root, (name,))
            report.add("FWF4042", f"{name}: {fault}", span=span, file=str(path))
    if len(report.errors) > before:
        return None
    made = msgspec.convert(plain(root), Deployment)
    if made.parsl is None:
        return made
    program = os.path.abspath(path.parent / made.parsl)
    if not os.path.isfile(program):
        span = span_of(root, ("parsl",))
        report.add("FWF4042", f"parsl: there is no file {program}", span=span)
        return None
    return msgspec.structs.replace(made, parsl=program)


def refuse_unknown(
    root: Mapping[str, Any], known: Sequence[str], path: Path, report: Report
) -> None:
    """Report each name in a map of settings that there is no setting of."""
    for name in root:
        if name not in known:
            hint = did_you_mean(name, known) or f"known: {', '.join(known)}"
            where = root.key_span(name) if hasattr(root, "key_span") else None
            text = f"there is no setting {name!r:.60}"
            if name in OF_SITES:
                text, hint = f"{name!r} goes with `sites`", "name the sites that there are"
            report.add("FWF4042", text, span=where, hint=hint, file=str(path))


def fault_of(deployment: Deployment) -> str | None:
    """Return what makes no sense in a deployment that no file was read for, None if all does."""
    for name in Deployment.__struct_fields__:
        if name not in OF_SITES and (fault := _fault(name, getattr(deployment, name))):
            return f"{name}: {fault}"
    for name, site in deployment.sites.items():
        if site.jobs is not None and (fault := fault_of(site.jobs)):
            return f"sites: {name}: {fault}"
    return None


def _fault(name: str, value: object) -> str | None:
    try:
        made = msgspec.convert({name: value}, Deployment)
        number = getattr(made, name)
        if name in _TIMES and number is not None:
            number = made.seconds(name)
    except msgspec.ValidationError as error:
        return str(error).split(" - at")[0].lower()
    except ValueError as error:
        return str(error)
    if name in _LEAST and isinstance(number, (int, float)) and not number >= _LEAST[name]:
        return f"must be from {_LEAST[name]:g} on, not {number:g}"
    if name in _MOST and isinstance(number, (int, float)) and number > _MOST[name]:
        if name in _TIMES:
            return f"{value!r:.40} is longer than a year ({LONGEST_S:.0f} seconds, or 366d)"
        return f"must be {_MOST[name]} at most, not {value!r:.40}"
    if name == "shell" and not number:
        return "names no program"
    if name == "scratch" and number is not None and not str(number).startswith("/"):
        return f"{value!r:.60} is no absolute path"
    texts = [number] if isinstance(number, str) else [*number] if isinstance(number, tuple) else []
    if isinstance(number, dict):
        texts = [str(part) for item in number.items() for part in item]
        if bad := [key for key in number if not re.fullmatch(r"[A-Za-z]+\.[A-Za-z][\w-]*", key)]:
            return f"{bad[0]!r:.40} is not SCHEDULER.OPTION, as slurm.constraint"
    if name != "setup" and any("\n" in text or "\0" in text for text in texts):
        return "holds a line break"
    return None
