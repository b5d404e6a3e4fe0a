"""Features: what a workflow uses, and what a target can say.

A feature is something that a format or engine either has or lacks. The planner
(:mod:`fairwf.lower`) removes what the target lacks. Each member's docstring says which nodes use
it; :func:`features_of` finds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from fairwf.ir.command import Placeholder, StagedItem
from fairwf.ir.environment import Conda, Container, Environment, Package
from fairwf.ir.expressions import (
    Array,
    BodyOutput,
    BytesLit,
    Call,
    Directory,
    Expr,
    File,
    Input,
    Local,
    Opaque,
    Output,
    Runtime,
    State,
    StringLit,
)
from fairwf.ir.functions import FUNCTIONS
from fairwf.ir.instance import Instance
from fairwf.ir.metadata import Metadata
from fairwf.ir.ports import FieldFiles, InputPort, OutputPort, SecondaryFile
from fairwf.ir.resources import Amount, ExitCodes, Gpu, Resources, Retry
from fairwf.ir.types import (
    BytesType,
    DirectoryType,
    EnumType,
    KeyedType,
    MapType,
    RecordType,
    StreamType,
    UnionType,
)
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.walk import children, walk
from fairwf.ir.workflow import (
    Approval,
    Command,
    Demand,
    Handler,
    Loop,
    Operation,
    Process,
    ProcessRef,
    Pure,
    Scatter,
    Script,
    Step,
    WaitDuration,
    WaitEvent,
    WaitUntil,
    Workflow,
)


class Feature(StrEnum):
    """One thing that not every format or engine has. In the order in which they are removed."""

    # kinds of process
    COMMAND = "command"
    """A Command."""
    SCRIPT = "script"
    """A Script."""
    PURE = "pure"
    """A Pure process."""
    OPERATION = "operation"
    """An Operation: the document cannot run."""
    GENERATOR = "generator"
    """An Operation whose process is made while the workflow runs."""
    WORKFLOW = "workflow"
    """A Workflow, outermost or inside."""
    SUBWORKFLOW = "subworkflow"
    """A Step or Handler that runs a Workflow."""
    INSTANCE = "instance"
    """An Instance. It uses nothing else but METADATA, DOCUMENTATION and FOREIGN_KEYS."""
    # control
    CANCEL = "cancel"
    """A step's ``cancel``."""
    DEMAND = "demand"
    """A Demand, or a keyed type."""
    STREAM = "stream"
    """A stream type, a Scatter of mode stream, or a call of to_stream, take or mix."""
    SCATTERED_LOOP = "scattered_loop"
    """A Step that loops for each item of a Scatter."""
    LOOP = "loop"
    """A Loop that has a limit, is tested after its rounds, or whose test sees what a round made."""
    WHILE = "while_loop"
    """Any other Loop: only its state says, before each round, whether there is one."""
    SCATTER_NESTED = "scatter_nested_crossproduct"
    """A Scatter of this mode over two collections or more."""
    SCATTER_FLAT = "scatter_flat_crossproduct"
    """A Scatter of this mode over two collections or more."""
    SCATTER_DOT = "scatter_dot"
    """A Scatter of mode dot over two collections or more."""
    SCATTER = "scatter"
    """A Scatter over arrays, of any mode."""
    CONDITION = "condition"
    """A step's ``when``."""
    HANDLER = "handler"
    """A Handler."""
    APPROVAL = "approval"
    """An Approval."""
    WAIT = "wait"
    """A step's ``wait``."""
    ORDER = "order"
    """A Step with ``after``."""
    # expressions
    OUTPUT_EXPRESSION = "output_expression"
    """A workflow output that is computed: neither a plain reference (Input, Output), nor MERGE
    nor PICK_VALUE."""
    SCATTER_EXPRESSION = "scatter_expression"
    """A value that a step scatters over and that is computed, as LINK_EXPRESSION is."""
    LINK_EXPRESSION = "link_expression"
    """A value in a step's or handler's ``in`` that is computed: neither a plain reference (also
    Local, State), nor a literal, nor LINK_DEFAULT, MERGE or PICK_VALUE."""
    LINK_DEFAULT = "link_default"
    """A value in ``in`` that is ``default(reference, literal)`` (CWL v1.2 step input default)."""
    MERGE = "merge"
    """A link or workflow output that is an Array, or merge_flattened, of plain references only
    (CWL v1.2 ``linkMerge``)."""
    PICK_VALUE = "pick_value"
    """A link or workflow output that is first_defined, only_defined or all_defined of a plain
    reference or of MERGE (CWL v1.2 ``pickValue``)."""
    FILE_READING = "file_reading"
    """A Call of read_text, read_lines, read_json or read_tsv."""
    ARGUMENT_EXPRESSION = "argument_expression"
    """An expression of a task that is computed: an argument, standard stream or variable that is
    neither a literal nor an Input or Runtime, or any rendering with a value."""
    OPAQUE = "opaque"
    """An Opaque text; its language is judged by :attr:`Capabilities.languages`."""
    # values
    RECORD = "record"
    """A record type."""
    UNION = "union"
    """A union type."""
    MAP = "map"
    """A map type."""
    BYTES = "bytes"
    """A bytes type or literal."""
    ENUM = "enum"
    """An enum type."""
    DIRECTORY = "directory"
    """A Directory type or literal."""
    SECONDARY_FILES = "secondary_files"
    """A port's SecondaryFile, or a File with ``secondary``."""
    FILE_FORMAT = "file_format"
    """A port's format, or a File with one."""
    FILE_LITERAL = "file_literal"
    """A File with ``contents`` and without a location, or a Directory of a listing alone."""
    DEFAULT = "default"
    """An InputPort with a default."""
    STREAMABLE = "streamable"
    """A port that is streamable."""
    SECRET = "secret"  # noqa: S105 -- a feature, not a password
    """An InputPort that is secret."""
    # tasks
    STAGING = "staging"
    """A StagedItem."""
    STANDARD_STREAMS = "standard_streams"
    """A task's stdin, stdout or stderr."""
    OUTPUTS_FILE = "outputs_file"
    """A task with ``outputs_file``."""
    IN_PLACE = "in_place"
    """A task with ``in_place``."""
    EXIT_CODES = "exit_codes"
    """ExitCodes other than the usual."""
    RETRY = "retry"
    """A Retry of a task or step."""
    SEED = "seed"
    """A task's ``seed``."""
    NETWORK = "network"
    """A task whose ``network`` is not "none"."""
    CACHEABLE = "cacheable"
    """A task whose ``cacheable`` is not True."""
    STEP_OVERRIDE = "step_override"
    """A step's own resources, environment or retry."""
    # environment and resources
    CONTAINER = "container"
    """A Container."""
    CONDA = "conda"
    """A Conda environment."""
    MODULES = "modules"
    """An Environment with ``modules``."""
    SPACK = "spack"
    """An Environment with ``spack``."""
    PACKAGES = "packages"
    """A Package."""
    VARIABLES = "variables"
    """An Environment with ``variables``."""
    RESOURCES = "resources"
    """Amounts of cores, memory or space in Resources."""
    RESOURCE_EXPRESSION = "resource_expression"
    """An amount that is no literal."""
    TIME_LIMIT = "time_limit"
    """Resources with ``time``."""
    GPU = "gpu"
    """A Gpu."""
    MPI = "mpi"
    """Resources with ``nodes`` or ``ranks``."""
    VOLUME = "volume"
    """Resources with ``read_volume`` or ``written_volume``."""
    SHARED_MEMORY = "shared_memory"
    """Resources with ``shared_memory``."""
    LICENSES = "licenses"
    """Resources with ``licenses``."""
    # description
    DOCUMENTATION = "documentation"
    """A label or doc of a process, port or step."""
    METADATA = "metadata"
    """A Metadata."""
    INTENT = "intent"
    """A process with ``intent``."""
    FOREIGN_KEYS = "foreign_keys"
    """A node with ``extensions``; a target that has the feature carries those of any format, other
    targets those of :attr:`Capabilities.extensions`."""


class Capabilities(msgspec.Struct, frozen=True):
    """What a target can say.

    ``functions`` are the standard functions it has; ``languages`` those whose opaque text it takes
    (None: of any); ``extensions`` the formats whose foreign keys it carries, where it cannot carry
    those of all.
    """

    features: frozenset[Feature]
    functions: frozenset[str] = frozenset(FUNCTIONS)
    languages: frozenset[str] | None = frozenset()
    extensions: frozenset[str] = frozenset()

    def lacking(self, found: Usage) -> dict[Feature, list[msgspec.Struct]]:
        """Return the features that a document uses and the target lacks, with their nodes."""
        lacking = {f: nodes for f, nodes in found.features.items() if f not in self.features}
        if Feature.FOREIGN_KEYS in lacking:
            nodes = lacking.pop(Feature.FOREIGN_KEYS)
            if strange := [node for node in nodes if self.strange(node)]:
                lacking[Feature.FOREIGN_KEYS] = strange
        return lacking

    def takes(self, language: str) -> bool:
        """Tell whether the target takes opaque text in a language."""
        return self.languages is None or language in self.languages

    def strange(self, node: msgspec.Struct) -> list[str]:
        """Return the formats whose keys a node has and the target cannot carry."""
        if Feature.FOREIGN_KEYS in self.features:
            return []
        return [name for name in getattr(node, "extensions", {}) if name not in self.extensions]


class Usage(msgspec.Struct, frozen=True):
    """What a document uses: the nodes that use each feature, function and language."""

    features: dict[Feature, list[msgspec.Struct]] = msgspec.field(default_factory=dict)
    functions: dict[str, list[msgspec.Struct]] = msgspec.field(default_factory=dict)
    languages: dict[str, list[msgspec.Struct]] = msgspec.field(default_factory=dict)


def features_of(root: Process | Instance) -> dict[Feature, list[msgspec.Struct]]:
    """Return the features that a document uses, each with its nodes in the order of the walk."""
    return usage(root).features


def usage(root: Process | Instance) -> Usage:
    """Return the features, standard functions and opaque languages that a document uses."""
    found = Usage()
    stack: list[tuple[msgspec.Struct, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, workflows = stack.pop()
        if isinstance(node, Workflow):
            names = {n for n, p in node.processes.items() if isinstance(p, Workflow)}
            workflows = (workflows - node.processes.keys()) | names
        for feature in _features(node, workflows):
            found.features.setdefault(feature, []).append(node)
        for feature, part in _links(node):
            found.features.setdefault(feature, []).append(part)
        if isinstance(node, Call):
            found.functions.setdefault(node.function, []).append(node)
        elif isinstance(node, Opaque):
            found.languages.setdefault(node.language, []).append(node)
        if isinstance(node, Opaque):
            inside: list[msgspec.Struct] = list(node.bindings)
        else:
            inside = [child for _, child in children(node)]
        if isinstance(node, Instance):
            inside = [node.metadata] if node.metadata is not None else []
        stack.extend((child, workflows) for child in reversed(inside))
    return found


_KINDS: dict[type[msgspec.Struct], Feature] = {
    Command: Feature.COMMAND,
    Script: Feature.SCRIPT,
    Pure: Feature.PURE,
    Operation: Feature.OPERATION,
    Workflow: Feature.WORKFLOW,
    Instance: Feature.INSTANCE,
    Demand: Feature.DEMAND,
    KeyedType: Feature.DEMAND,
    StreamType: Feature.STREAM,
    Handler: Feature.HANDLER,
    Approval: Feature.APPROVAL,
    WaitDuration: Feature.WAIT,
    WaitUntil: Feature.WAIT,
    WaitEvent: Feature.WAIT,
    Opaque: Feature.OPAQUE,
    RecordType: Feature.RECORD,
    UnionType: Feature.UNION,
    MapType: Feature.MAP,
    BytesType: Feature.BYTES,
    BytesLit: Feature.BYTES,
    EnumType: Feature.ENUM,
    DirectoryType: Feature.DIRECTORY,
    Directory: Feature.DIRECTORY,
    SecondaryFile: Feature.SECONDARY_FILES,
    StagedItem: Feature.STAGING,
    Retry: Feature.RETRY,
    Container: Feature.CONTAINER,
    Conda: Feature.CONDA,
    Package: Feature.PACKAGES,
    Gpu: Feature.GPU,
    Metadata: Feature.METADATA,
}


def _loop(loop: Loop) -> Feature:
    simple = loop.test == "before" and loop.max is None
    if simple and not any(isinstance(node, BodyOutput) for _, node in walk(loop.until)):
        return Feature.WHILE
    return Feature.LOOP


_STREAM_FUNCTIONS = frozenset({"to_stream", "take", "mix"})
READING = frozenset({"read_text", "read_lines", "read_json", "read_tsv"})
"""Functions of the text in a file."""


def _features(node: msgspec.Struct, workflows: frozenset[str]) -> Iterator[Feature]:
    kind = _KINDS.get(type(node))
    if kind is not None:
        yield kind
    if getattr(node, "extensions", None):
        yield Feature.FOREIGN_KEYS
    if getattr(node, "label", None) is not None or getattr(node, "doc", None) is not None:
        yield Feature.DOCUMENTATION
    match node:
        case Loop():
            yield _loop(node)
        case Scatter():
            yield from _scatter(node)
        case Step():
            yield from _step(node, workflows)
        case Handler(run=run):
            if _runs_workflow(run, workflows):
                yield Feature.SUBWORKFLOW
        case Call() if node.function in _STREAM_FUNCTIONS:
            yield Feature.STREAM
        case Call() if node.function in READING:
            yield Feature.FILE_READING
        case Command() | Script():
            yield from _task(node)
        case Operation() if node.generator is not None:
            yield Feature.GENERATOR
        case Environment():
            for name in ("modules", "spack", "variables"):
                if getattr(node, name):
                    yield Feature(name)
        case Resources():
            yield from _resources(node)
        case ExitCodes(success=success, temporary_failure=temporary, permanent_failure=permanent):
            if success or temporary or permanent:
                yield Feature.EXIT_CODES
        case File():
            if node.secondary:
                yield Feature.SECONDARY_FILES
            if node.format is not None:
                yield Feature.FILE_FORMAT
            if node.contents is not None and node.location is None:
                yield Feature.FILE_LITERAL
        case Directory(location=None, listing=listing) if listing is not None:
            yield Feature.FILE_LITERAL
        case InputPort() | OutputPort() | FieldFiles():
            if node.format:
                yield Feature.FILE_FORMAT
            if node.streamable:
                yield Feature.STREAMABLE
            if isinstance(node, InputPort) and node.default is not None:
                yield Feature.DEFAULT
            if isinstance(node, InputPort) and node.secret:
                yield Feature.SECRET
    if isinstance(node, (Command, Script, Pure, Operation, Workflow)) and node.intent:
        yield Feature.INTENT


def _scatter(node: Scatter) -> Iterator[Feature]:
    if node.mode == "stream":
        yield Feature.STREAM
        return
    yield Feature.SCATTER
    if len(node.over) > 1:
        name = "scatter_dot" if node.mode == "dot" else f"scatter_{node.mode}"
        yield Feature(name)


def _step(node: Step, workflows: frozenset[str]) -> Iterator[Feature]:
    if node.loop is not None and isinstance(node.scatter, Scatter):
        yield Feature.SCATTERED_LOOP
    if _runs_workflow(node.run, workflows):
        yield Feature.SUBWORKFLOW
    if node.when is not None:
        yield Feature.CONDITION
    if node.cancel is not None:
        yield Feature.CANCEL
    if node.after:
        yield Feature.ORDER
    if any(part is not None for part in (node.resources, node.environment, node.retry)):
        yield Feature.STEP_OVERRIDE


def _runs_workflow(run: object, workflows: frozenset[str]) -> bool:
    if isinstance(run, ProcessRef):
        return run.name in workflows
    return isinstance(run, Workflow)


def _task(node: Command | Script) -> Iterator[Feature]:
    if any(part is not None for part in (node.stdin, node.stdout, node.stderr)):
        yield Feature.STANDARD_STREAMS
    if node.outputs_file is not None:
        yield Feature.OUTPUTS_FILE
    if node.in_place:
        yield Feature.IN_PLACE
    if node.seed is not None:
        yield Feature.SEED
    if node.network != "none":
        yield Feature.NETWORK
    if node.cacheable is not True:
        yield Feature.CACHEABLE


def _resources(node: Resources) -> Iterator[Feature]:
    amounts = [node.cores, node.memory, node.tmp_space, node.out_space]
    if any(amount is not None for amount in amounts):
        yield Feature.RESOURCES
    for feature, parts in (
        (Feature.TIME_LIMIT, [node.time]),
        (Feature.MPI, [node.nodes, node.ranks]),
        (Feature.VOLUME, [node.read_volume, node.written_volume]),
        (Feature.SHARED_MEMORY, [node.shared_memory]),
    ):
        if any(part is not None for part in parts):
            yield feature
    if node.licenses:
        yield Feature.LICENSES


def _links(node: msgspec.Struct) -> Iterator[tuple[Feature, msgspec.Struct]]:
    """Yield the expressions directly in a node whose form is a feature."""
    match node:
        case Step() | Handler():
            for value in node.inputs.values():
                feature = link_form(value)
                if feature is not None:
                    yield feature, value
            if isinstance(node, Step) and isinstance(node.scatter, Scatter):
                for over in node.scatter.over:
                    feature = over_form(over.value)
                    if feature is not None:
                        yield feature, over.value
        case Workflow():
            for port in node.outputs:
                feature = output_form(port.value) if port.value is not None else None
                if feature is not None and port.value is not None:
                    yield feature, port.value
        case Command() | Script():
            yield from _computed(node)
        case Amount() | Resources():
            for _, child in children(node):
                if not isinstance(child, (Amount, Gpu)) and not is_literal(child):
                    yield Feature.RESOURCE_EXPRESSION, child


def _computed(node: Command | Script) -> Iterator[tuple[Feature, msgspec.Struct]]:
    values: list[Expr | None] = [node.stdin, node.stdout, node.stderr]
    values.extend(node.environment.variables.values())
    if isinstance(node, Command):
        values.extend(argument.value for argument in node.arguments)
        values.extend(argument.rendering.value for argument in node.arguments)
        values.extend(argument.position for argument in node.arguments)
    else:
        values.extend(part.value for part in node.body if isinstance(part, Placeholder))
    for value in values:
        plain = value is None or isinstance(value, (Input, Runtime)) or is_literal(value)
        if value is not None and not plain:
            yield Feature.ARGUMENT_EXPRESSION, value


def is_literal(node: msgspec.Struct) -> bool:
    """Tell whether an expression is a literal, also an array or record of literals."""
    try:
        from_literal(node)  # type: ignore[arg-type]
    except NotLiteralError:
        return False
    return True


def is_reference(node: Expr) -> bool:
    """Tell whether an expression only names a value: an Input, Output, Local or State."""
    return isinstance(node, (Input, Output, Local, State))


def link_form(value: Expr) -> Feature | None:
    """Return the feature that the form of a link is; None for a plain reference or a literal."""
    if is_reference(value) or is_literal(value):
        return None
    if isinstance(value, Call) and value.function == "default":
        of, otherwise = value.args if len(value.args) == 2 else (StringLit(value=""), value)
        if is_literal(otherwise) and (is_reference(of) or _gathered(of) is not None):
            return Feature.LINK_DEFAULT
    return _gathered(value) or Feature.LINK_EXPRESSION


def over_form(value: Expr) -> Feature | None:
    """Return the feature that the form of a scattered value is; None for a reference or literal."""
    form = link_form(value)
    return Feature.SCATTER_EXPRESSION if form is Feature.LINK_EXPRESSION else form


def output_form(value: Expr) -> Feature | None:
    """Return the feature that the form of a workflow output is; None for a plain reference."""
    if isinstance(value, (Input, Output)):
        return None
    return _gathered(value) or Feature.OUTPUT_EXPRESSION


def _gathered(value: Expr) -> Feature | None:
    if _merged(value):
        return Feature.MERGE
    pick = isinstance(value, Call) and value.function in (
        "first_defined",
        "only_defined",
        "all_defined",
    )
    if pick and isinstance(value, Call) and len(value.args) == 1:
        of = value.args[0]
        if isinstance(of, (Input, Output)) or _merged(of):
            return Feature.PICK_VALUE
    return None


def _merged(value: Expr) -> bool:
    if isinstance(value, Array):
        parts = value.items
    elif isinstance(value, Call) and value.function == "merge_flattened":
        parts = value.args
    else:
        return False
    return bool(parts) and all(isinstance(part, (Input, Output)) for part in parts)
