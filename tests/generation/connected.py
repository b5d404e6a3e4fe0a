"""Workflows of programs and named tools, joined by plain links: what editors of workflows draw.

All that stands around that is drawn too: documentation, metadata, environments, keys of others.
"""

from hypothesis import strategies as st

from fairwf.ir.command import Argument, Placeholder, Rendering, StagedItem, Text, Words
from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Call,
    Expr,
    FloatLit,
    Input,
    IntLit,
    Local,
    Opaque,
    Output,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import Glob, InputPort, OutputPort, SecondaryFile, Stderr, Stdout
from fairwf.ir.resources import Retry
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    RecordField,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.workflow import Command, Operation, Over, Process, Scatter, Script, Step, Workflow
from tests.generation.expressions import copy
from tests.generation.flows import anew
from tests.generation.processes import FOREIGN, IRIS, environments, metadata, resources
from tests.generation.values import any_ids, plain_ids, texts

Known = list[tuple[Expr, Type]]


def _types() -> list[Type]:
    pair = tuple(RecordField(name=n, type=FileType()) for n in ("forward", "reverse"))
    return [
        FileType(),
        FileType(),
        ArrayType(items=FileType()),
        OptionalType(item=FileType()),
        RecordType(fields=pair),
        StringType(),
        OptionalType(item=StringType()),
        IntType(),
        FloatType(),
        BoolType(),
        OptionalType(item=EnumType(symbols=("a", "b"))),
    ]


def _literal(type_: Type) -> Expr | None:
    found = {
        StringType: lambda: StringLit(value="it's"),
        IntType: lambda: IntLit(value=3),
        FloatType: lambda: FloatLit(value=0.5),
        BoolType: lambda: BoolLit(value=True),
    }.get(type(type_))
    return found() if found is not None else None


@st.composite
def _port(draw: st.DrawFn, name: str, type_: Type) -> InputPort:
    rich = isinstance(type_, FileType) and draw(st.booleans())
    return InputPort(
        id=name,
        type=type_,
        default=_literal(type_) if draw(st.booleans()) else None,
        label=draw(st.none() | texts),
        doc=draw(st.none() | texts),
        secondary=(SecondaryFile(pattern=StringLit(value=".idx")),) if rich else (),
        format=(StringLit(value=draw(IRIS)),) if rich else (),
        streamable=rich,
        load_contents=rich and draw(st.booleans()),
        secret=isinstance(type_, StringType) and draw(st.booleans()),
        extensions=FOREIGN if rich and draw(st.booleans()) else {},
    )


@st.composite
def _ports(draw: st.DrawFn, least: int = 0) -> tuple[InputPort, ...]:
    names = draw(st.lists(any_ids, min_size=least, max_size=3, unique=True))
    found = []
    for number, name in enumerate(names):
        type_ = FileType() if number < least else draw(st.sampled_from(_types()))
        found.append(draw(_port(name, type_)))
    return tuple(found)


@st.composite
def connected(draw: st.DrawFn, depth: int = 1) -> Workflow:
    """Draw a workflow that the checks find no error in."""
    inputs = draw(_ports(1))
    known: Known = [(Input(name=port.id), port.type) for port in inputs]
    steps: list[Step] = []
    for name in draw(st.lists(any_ids, min_size=1, max_size=2, unique=True)):
        step, given = draw(_step(name, known, depth))
        steps.append(step)
        known += given
    made = [pair for pair in known if isinstance(pair[0], Output)]
    outputs = [
        OutputPort(
            id=name,
            type=type_,
            value=copy(value),
            label=draw(st.none() | texts),
            doc=draw(st.none() | texts),
        )
        for name in draw(st.lists(any_ids, max_size=2, unique=True))
        for value, type_ in [draw(st.sampled_from(made or known))]
    ]
    return anew(
        Workflow(
            id=draw(st.just("") | plain_ids),
            label=draw(st.none() | texts),
            doc=draw(st.none() | texts),
            inputs=inputs,
            outputs=tuple(outputs),
            steps=tuple(steps),
            metadata=draw(metadata()),
            extensions=FOREIGN if draw(st.booleans()) else {},
        )
    )


@st.composite
def _step(draw: st.DrawFn, name: str, known: Known, depth: int) -> tuple[Step, Known]:
    inner = depth > 0 and draw(st.integers(0, 3)) == 0
    process: Process = draw(connected(depth - 1)) if inner else draw(_tasks())
    lists = [pair for pair in known if _is_list(pair[1])]
    links: dict[str, Expr] = {}
    over: list[Over] = []
    for port in process.inputs:
        if isinstance(port.type, FileType) and lists and not over and draw(st.booleans()):
            over.append(Over(name="item", value=copy(draw(st.sampled_from(lists))[0])))
            links[port.id] = Local(name="item")
            continue
        fitting = [value for value, type_ in known if type_ == port.type]
        files = [value for value, type_ in known if isinstance(type_, FileType)]
        literal = _literal(port.type)
        if fitting and draw(st.integers(0, 3)):
            links[port.id] = copy(draw(st.sampled_from(fitting)))
        elif _is_list(port.type) and files:
            links[port.id] = Array(items=tuple(copy(each) for each in files[:2]))
        elif literal is not None:
            links[port.id] = literal
        elif fitting:
            links[port.id] = copy(fitting[0])
        elif isinstance(port.type, RecordType):
            text = Opaque(language="javascript", text="null", gives=port.type)
            links[port.id] = text
    flags = [value for value, type_ in known if isinstance(type_, BoolType)]
    when = copy(draw(st.sampled_from(flags))) if flags and draw(st.booleans()) else None
    if when is not None and draw(st.booleans()):
        when = Call(function="not", args=(when,))
    step = Step(
        id=name,
        run=process,
        inputs=links,
        scatter=Scatter(over=tuple(over)) if over else None,
        when=when,
        label=draw(st.none() | texts),
        doc=draw(st.none() | texts),
        extensions=FOREIGN if draw(st.booleans()) else {},
    )
    given: Known = []
    for out in process.outputs:
        type_: Type = out.type
        if when is not None and not isinstance(type_, OptionalType):
            type_ = OptionalType(item=type_)
        given.append((Output(step=name, port=out.id), ArrayType(items=type_) if over else type_))
    return step, given


def _is_list(type_: Type) -> bool:
    return isinstance(type_, ArrayType) and isinstance(type_.items, FileType)


@st.composite
def _tasks(draw: st.DrawFn) -> Process:
    inputs = draw(_ports())
    names = draw(st.lists(any_ids, min_size=1, max_size=2, unique=True))
    common = {
        "id": draw(st.just("") | plain_ids),
        "label": draw(st.none() | texts),
        "doc": draw(st.none() | texts),
        "intent": ("http://edamontology.org/operation_0292",) if draw(st.booleans()) else (),
        "metadata": draw(metadata()),
        "extensions": FOREIGN if draw(st.booleans()) else {},
        "inputs": inputs,
    }
    if draw(st.integers(0, 2)) == 0:
        outputs = tuple(OutputPort(id=each, type=FileType()) for each in names)
        tool = draw(st.sampled_from(["Cut1", "toolshed.g2.bx.psu.edu/repos/iuc/x/x/1.0+galaxy0"]))
        return Operation(outputs=outputs, implementation=tool, **common)
    common |= {
        "outputs": tuple(draw(_output(each)) for each in names),
        "stdout": draw(st.none() | st.just(StringLit(value="out.txt"))),
        "stderr": draw(st.none() | st.just(StringLit(value="err.txt"))),
        "environment": draw(environments([(Input(name=p.id), p.type) for p in inputs])),
        "resources": draw(resources()),
        "retry": Retry(attempts=IntLit(value=3)) if draw(st.booleans()) else None,
        "staging": (StagedItem(value=StringLit(value="$(x)\\"), name=StringLit(value="in.txt")),)
        if draw(st.booleans())
        else (),
    }
    arguments = tuple(draw(_argument(port)) for port in inputs if not _is_record(port))
    if draw(st.booleans()):
        program = Argument(value=StringLit(value=draw(st.sampled_from(["true", "a b", "$(x)"]))))
        return Command(arguments=(program, *arguments), **common)
    body = (
        Text(text=draw(texts)),
        Placeholder(value=draw(st.sampled_from(["outdir", "cores"])
                               .map(lambda name: Runtime(name=name)))),
        Text(text=draw(st.sampled_from([" ", "\\", "${HOME}", "`$(date)`", "'"]))),
        Words(arguments=arguments),
    )  # fmt: skip
    interpreter = draw(st.sampled_from([("/bin/sh",), ("bash", "-eu"), ("python3",)]))
    return Script(body=body, interpreter=interpreter, delivery="file", **common)


def _is_record(port: InputPort) -> bool:
    return isinstance(port.type, RecordType)


@st.composite
def _argument(draw: st.DrawFn, port: InputPort) -> Argument:
    prefix, separate = draw(st.sampled_from([(None, True), ("-x", True), ("--x=", False)]))
    many = isinstance(port.type, ArrayType)
    separator = draw(st.none() | st.just(",")) if many else None
    value: Expr = Input(name=port.id)
    if isinstance(port.type, StringType) and draw(st.booleans()):
        value = Template(parts=(StringLit(value="a'b"), value))
    how = Rendering(prefix=prefix, separate=separate, item_separator=separator)
    return Argument(value=value, rendering=how)


@st.composite
def _output(draw: st.DrawFn, name: str) -> OutputPort:
    kind = draw(st.sampled_from(["stdout", "stderr", "name", "glob", "many"]))
    type_: Type = ArrayType(items=FileType()) if kind == "many" else FileType()
    pattern = {"name": "it's.txt", "glob": "*.txt", "many": "parts/*.b?d"}.get(kind)
    collect: Stdout | Stderr | Glob = Stdout() if kind == "stdout" else Stderr()
    if pattern is not None:
        collect = Glob(patterns=(StringLit(value=pattern),))
    return OutputPort(
        id=name,
        type=type_,
        collect=collect,
        label=draw(st.none() | texts),
        doc=draw(st.none() | texts),
        format=(StringLit(value=draw(IRIS)),) if draw(st.booleans()) else (),
    )
