"""Processes and steps: what is computed, and how the pieces hang together.

Five kinds of process stand in each other's place: :class:`Command`, :class:`Script`,
:class:`Pure`, :class:`Workflow` and the abstract :class:`Operation`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Union

import msgspec

from fairwf.ir.base import Extensions, Node, Part
from fairwf.ir.command import Argument, ExpressionLibrary, ScriptPart, StagedItem
from fairwf.ir.environment import Environment
from fairwf.ir.expressions import Expr
from fairwf.ir.metadata import Metadata
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.resources import ExitCodes, NetworkAccess, Resources, Retry
from fairwf.ir.types import Type


class _Process(Node, frozen=True, kw_only=True):
    """What every process has: an id, ports, documentation.

    ``id`` is unique in its scope and may be empty for a process that nobody names. ``intent`` are
    IRIs of what it does (EDAM operations). ``libraries`` serve the opaque expressions inside.
    """

    id: str = ""
    label: str | None = None
    doc: str | None = None
    inputs: tuple[InputPort, ...] = ()
    outputs: tuple[OutputPort, ...] = ()
    intent: tuple[str, ...] = ()
    metadata: Metadata | None = None
    libraries: tuple[ExpressionLibrary, ...] = ()
    extensions: Extensions = {}


class _Task(_Process, frozen=True, kw_only=True):
    """What every process that starts a program has.

    ``stdin`` is a file's path, ``stdout`` and ``stderr`` are names of files in the task's folder.
    ``outputs_file`` names a JSON file that, when the task wrote it, holds the output object
    (CWL ``cwl.output.json``). ``cacheable`` of False: never reuse a result. ``in_place``: writable
    inputs are changed where they lie. ``seed`` makes randomness reproducible.
    """

    stdin: Expr | None = None
    stdout: Expr | None = None
    stderr: Expr | None = None
    staging: tuple[StagedItem, ...] = ()
    environment: Environment = Environment()
    resources: Resources = Resources()
    retry: Retry | None = None
    exit_codes: ExitCodes = ExitCodes()
    network: NetworkAccess | Expr = "none"
    cacheable: bool | Expr = True
    in_place: bool = False
    outputs_file: str | None = None
    seed: Expr | None = None


class Command(_Task, frozen=True, kw_only=True, tag="command"):
    """A program with its arguments, started without a shell (CWL "CommandLineTool")."""

    arguments: tuple[Argument, ...] = ()


class Script(_Task, frozen=True, kw_only=True, tag="script"):
    """A text for an interpreter (WDL ``command``, Snakemake ``shell``, a CWL tool with a shell).

    ``interpreter`` is a command; ``delivery`` says whether it gets the text as its last argument or
    as a file.
    """

    interpreter: tuple[str, ...] = ("/bin/sh",)
    delivery: Literal["argument", "file"] = "file"
    body: tuple[ScriptPart, ...] = ()


class Pure(_Process, frozen=True, kw_only=True, tag="pure"):
    """A computation without a program: ``result`` gives a record of the outputs by name."""

    result: Expr


class Generator(Part, frozen=True, kw_only=True):
    """How a process is made while the workflow runs (cwltool's ProcessGenerator).

    ``run`` gets the inputs that it has ports for. Its output ``process`` is a file that holds a
    document; its output ``arguments``, if it gives one, a record of the inputs of that process,
    which else gets the inputs that ``run`` did not.
    """

    run: Process | ProcessRef
    process: str
    arguments: str | None = None


class Operation(_Process, frozen=True, kw_only=True, tag="operation"):
    """The shape of a step that cannot run yet (CWL v1.2 "Operation"; a Galaxy tool by its id).

    With a ``generator``, it can: what that makes has these inputs and outputs.
    """

    implementation: str | None = None
    generator: Generator | None = None


class Workflow(_Process, frozen=True, kw_only=True, tag="workflow"):
    """Steps joined by expressions. ``processes`` are definitions that several steps share."""

    steps: tuple[Step, ...] = ()
    processes: Mapping[str, Process] = {}


class ProcessRef(Node, frozen=True, kw_only=True, tag="ref"):
    """A process of an enclosing workflow's ``processes``, by its key."""

    name: str


class Over(Part, frozen=True, kw_only=True):
    """``name`` is bound to each item of ``value``."""

    name: str
    value: Expr


class Scatter(Node, frozen=True, kw_only=True, tag="scatter"):
    """The step runs for each item.

    ``dot`` takes items of equal index, ``flat_crossproduct`` all combinations in one array,
    ``nested_crossproduct`` in nested arrays (CWL v1.2 ``scatterMethod``), ``stream`` items as they
    arrive. Cardinality is kept: a skipped item is none in its place.
    """

    over: tuple[Over, ...]
    mode: Literal["dot", "flat_crossproduct", "nested_crossproduct", "stream"] = "dot"


class Demand(Node, frozen=True, kw_only=True, tag="demand"):
    """The step runs for each key that somebody asks for (Snakemake rules).

    ``where`` holds a regular expression (POSIX extended) for the text of a key, which must match in
    full; ``priority`` decides between rules whose patterns match the same path.
    """

    keys: tuple[DemandKey, ...]
    priority: int = 0


class DemandKey(Part, frozen=True, kw_only=True):
    """A key, its type, and the pattern that its text must match."""

    name: str
    type: Type
    where: str | None = None


class Loop(Part, frozen=True, kw_only=True):
    """The step runs again and again.

    ``state`` gives the first values; ``next`` computes the state of the next round from the state
    and the body's outputs; ``until`` ends the loop, tested before or after each round. After
    ``max`` rounds the loop fails or stops. ``outputs`` are the last round's, or arrays of all
    rounds'. A loop of no round gives none (or empty arrays).
    """

    state: Mapping[str, Expr]
    next: Mapping[str, Expr]
    until: Expr
    test: Literal["before", "after"] = "after"
    max: Expr | None = None
    on_max: Literal["fail", "stop"] = "fail"
    outputs: Literal["last", "all"] = "last"


class Handler(Part, frozen=True, kw_only=True):
    """What happens when the step fails or takes too long.

    ``run`` is a process with inputs ``in``; with ``continue`` its outputs stand for the step's.
    """

    event: Literal["failure", "timeout", "any"]
    run: Process | ProcessRef | None = None
    inputs: Mapping[str, Expr] = msgspec.field(name="in", default_factory=dict)
    then: Literal["continue", "fail"] = "fail"


class Approval(Part, frozen=True, kw_only=True):
    """The step waits until a person says yes. ``who`` names the roles or persons that may."""

    prompt: Expr
    who: tuple[str, ...] = ()


class WaitDuration(Node, frozen=True, kw_only=True, tag="duration"):
    """Wait so many seconds once the step is ready."""

    seconds: Expr


class WaitUntil(Node, frozen=True, kw_only=True, tag="until"):
    """Wait until a time (ISO 8601 text)."""

    time: Expr


class WaitEvent(Node, frozen=True, kw_only=True, tag="event"):
    """Wait until an event of this name arrives from outside."""

    name: Expr


Wait = Union[WaitDuration, WaitUntil, WaitEvent]
"""What a step waits for beyond its data."""


class Step(Part, frozen=True, kw_only=True):
    """One use of a process in a workflow.

    ``in`` gives each input port of the process an expression, evaluated per item of the scatter.
    ``after`` orders without data. ``when`` skips: all outputs are none, and where it does not see
    ``step_input``, ``in`` is not evaluated. ``cancel`` ends what runs, each item of a scatter for
    itself, as soon as it is true: all outputs are none then. It is looked at again when a stream
    that it sees by ``so_far`` has grown. ``produces`` gives, for a
    step over demanded keys, the path pattern of an output. ``resources``, ``environment`` and
    ``retry`` override what the process says.
    """

    id: str
    run: Process | ProcessRef
    inputs: Mapping[str, Expr] = msgspec.field(name="in", default_factory=dict)
    scatter: Scatter | Demand | None = None
    when: Expr | None = None
    cancel: Expr | None = None
    loop: Loop | None = None
    after: tuple[str, ...] = ()
    handlers: tuple[Handler, ...] = ()
    approval: Approval | None = None
    wait: Wait | None = None
    produces: Mapping[str, Expr] = {}
    resources: Resources | None = None
    environment: Environment | None = None
    retry: Retry | None = None
    label: str | None = None
    doc: str | None = None
    extensions: Extensions = {}


Process = Union[Command, Script, Pure, Operation, Workflow]
"""Anything that a step can run."""
