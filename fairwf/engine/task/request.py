"""What one task is asked to do, how it is started, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from fairwf.engine.confidential import Secrets
from fairwf.engine.containers import ContainerEngine, ContainerPolicy, Images
from fairwf.engine.software import Software
from fairwf.engine.task.view import View
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.environment import Environment
from fairwf.ir.origins import Origins
from fairwf.ir.resources import Resources
from fairwf.ir.values import Value
from fairwf.ir.workflow import Command, Script
from fairwf.report import InvalidError, Report


def _images(engine: ContainerEngine) -> Images:
    return Images(engine, Path.cwd(), allow_network=False)


class TaskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One execution of one program.

    ``inputs`` are complete (:func:`fairwf.engine.task.complete_inputs`). ``resources`` and
    ``environment`` are what counts: the step's where it has one, else the process's; None: the
    process's. Four absolute paths of folders: ``folder`` must be empty or missing and becomes the
    task's working folder; ``tmp`` is its TMPDIR, and is there; ``staged`` receives inputs that must
    be renamed or laid beside each other, ``logs`` captured output and the text of a script; both
    are made only when there is something for them. ``inputs`` hold the placeholders of ``secrets``.
    ``cores`` may be a fraction; the expression ``runtime.cores`` sees it rounded up. ``libraries``:
    empty for those of the process. ``programs_here`` is False where the task runs on a machine that
    has other programs; ``pairs`` are folders of this machine and what such a task sees in place of
    them. ``number`` counts the attempts of the task in its run, and ``digest`` says
    what was asked of it.
    """

    id: str
    process: Command | Script
    inputs: Mapping[str, Value]
    folder: str
    tmp: str
    staged: str
    logs: str
    digest: str = ""
    number: int = 1
    attempt: int = 1
    keys: Mapping[str, Value] = {}
    libraries: Sequence[ExpressionLibrary] = ()
    resources: Resources | None = None
    environment: Environment | None = None
    cores: float = 1
    ram_mib: float = 1024
    tmp_mib: float = 1024
    out_mib: float = 1024
    container: ContainerPolicy = "auto"
    programs_here: bool = True
    pairs: tuple[tuple[str, str], ...] = ()
    secrets: Secrets = msgspec.field(default_factory=Secrets)
    images: Callable[[ContainerEngine], Images] = _images
    software: Software = msgspec.field(default_factory=Software)
    origins: Origins = msgspec.field(default_factory=Origins)


class PreparedTask(msgspec.Struct, frozen=True):
    """A task that is ready to start.

    What all tasks have comes first, and may be given by position: a keyword takes longer the more
    fields come before its own.

    ``argv[0]`` is an absolute path; ``command`` is the command line as the document says it (for
    the record). ``stdout`` and ``stderr`` are files to create, in the folder where the process
    declares them (``declared``), else logs. ``inputs`` are the values as the task's expressions
    see them (files have ``path``), ``runtime`` likewise; ``staged`` is what was put into the
    folder. ``warnings`` holds findings to pass on. In a container, ``view`` says how the task sees
    paths, ``stop`` is the command that ends it by force, and ``image`` what it runs in,
    whose digest is ``image_digest``. ``gpus`` is how many it may use, ``request`` what
    was asked.
    """

    task_id: str
    argv: tuple[str, ...]
    command: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    stdin: str | None
    stdout: str
    stderr: str
    inputs: Mapping[str, Value] = {}
    runtime: Mapping[str, Value] = {}
    warnings: Report = msgspec.field(default_factory=Report)
    view: View = msgspec.field(default_factory=View)
    request: TaskRequest | None = None
    stdout_declared: bool = False
    stderr_declared: bool = False
    time_limit_s: float | None = None
    staged: Sequence[Value] = ()
    stop: tuple[str, ...] = ()
    image: str | None = None
    image_digest: str | None = None
    gpus: int = 0

    def streams(self, declared: bool) -> list[str]:
        """Return which of stdout and stderr are outputs (``declared``), or are mere logs."""
        told = (("stdout", self.stdout_declared), ("stderr", self.stderr_declared))
        return [name for name, is_output in told if is_output is declared]

    def program(self) -> dict[str, Any]:
        """Return what starts the program, as plain values for another process."""
        return {
            "argv": list(self.argv),
            "env": dict(self.env),
            "cwd": self.cwd,
            "stdin": self.stdin,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "limit": self.time_limit_s,
            "stop": list(self.stop),
        }


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """How a process ended.

    ``exit_code`` is 128 + number for one that a signal ended, 127 for one that could not be started
    (``error`` says why). ``started`` and ``ended`` are seconds since 1970 (UTC); CPU seconds and
    memory (KiB) are those of the process and its waited-for children. ``logged`` tells whether it
    wrote anything that is a mere log; None: nobody looked. ``host`` is the machine, None for this
    one. ``lost`` says why nobody knows how it ended: what it ran in is gone; it may be run
    ``again``.
    """

    task_id: str
    exit_code: int
    started: float
    ended: float
    cpu_user_s: float | None = None
    cpu_system_s: float | None = None
    max_rss_kib: int | None = None
    timed_out: bool = False
    cancelled: bool = False
    error: str | None = None
    signal: int | None = None
    logged: bool | None = None
    host: str | None = None
    lost: str | None = None
    again: bool = False


class TaskFailed(InvalidError):  # noqa: N818 - what happened to the task, not a bug
    """A task did not succeed. ``temporary``: the exit code says that another try may help."""

    def __init__(
        self, report: Report, exit_code: int | None = None, temporary: bool = False
    ) -> None:
        super().__init__(report)
        self.task_exit_code = exit_code
        self.temporary = temporary
