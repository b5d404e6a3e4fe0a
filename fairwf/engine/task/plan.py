"""What the tasks of one process have in common, looked at once."""

from __future__ import annotations

from collections.abc import Iterator

from fairwf.engine.task.arguments import CommandLine
from fairwf.engine.task.request import TaskRequest
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Opaque
from fairwf.ir.ports import Collect, CollectRecord, Stderr, Stdout
from fairwf.ir.resources import Resources
from fairwf.ir.workflow import Command, Script

_MOST = 64


class Plan:
    """What has to be done to prepare a task of a process.

    ``words`` is the command line (None: a script's), ``opaque`` are the opaque texts in it, where
    no container changes what they see. ``stdout`` and ``stderr`` tell whether the process asks for
    a file of that stream, ``software`` whether there is software to look for. ``resources`` and
    ``environment`` are those that count.
    ``bare`` is the command line where that and its folders are all that a task needs.
    """

    __slots__ = (
        "bare",
        "environment",
        "opaque",
        "process",
        "resources",
        "software",
        "stderr",
        "stdout",
        "words",
    )

    def __init__(
        self, process: Command | Script, resources: Resources, environment: Environment
    ) -> None:
        self.process = process
        self.resources = resources
        self.environment = environment
        self.words = CommandLine(process.arguments) if isinstance(process, Command) else None
        arguments = process.arguments if isinstance(process, Command) else ()
        texts = [one.value for one in arguments if isinstance(one.value, Opaque)]
        self.opaque = texts if environment.container is None else []
        collected = {type(one) for one in _collects(process)}
        self.stdout = process.stdout is not None or Stdout in collected
        self.stderr = process.stderr is not None or Stderr in collected
        self.software = bool(
            environment.packages or environment.modules or environment.conda or environment.spack
        )
        more = (
            self.software,
            self.stdout,
            self.stderr,
            process.stdin is not None,
            process.staging,
            environment.container is not None,
            environment.variables,
            resources.gpu is not None,
            resources.ranks is not None,
            resources.time is not None,
        )
        self.bare = None if any(more) else self.words


_PLANS: dict[tuple[int, int, int], Plan] = {}
"""Of the last tasks, by the identities of what their plans hold."""


def plan_of(request: TaskRequest) -> Plan:
    """Return the plan of a request; tasks that share their process have the same."""
    process = request.process
    resources = request.resources or process.resources
    environment = request.environment or process.environment
    key = id(process), id(resources), id(environment)
    plan = _PLANS.get(key)
    if plan is None:
        if len(_PLANS) == _MOST:
            _PLANS.clear()
        plan = _PLANS[key] = Plan(process, resources, environment)
    return plan


def _collects(process: Command | Script) -> Iterator[Collect]:
    todo = [port.collect for port in process.outputs if port.collect is not None]
    while todo:
        one = todo.pop()
        yield one
        if isinstance(one, CollectRecord):
            todo += one.fields.values()
