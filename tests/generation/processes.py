"""Processes of every kind with all that they can say."""

from hypothesis import strategies as st

from fairwf.ir.command import (
    Argument,
    ExpressionLibrary,
    Placeholder,
    Rendering,
    StagedItem,
    Text,
    Words,
)
from fairwf.ir.environment import Conda, Container, Environment, Package
from fairwf.ir.expressions import Expr, Input, IntLit, Local, Record, Runtime, StringLit
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.ports import Evaluated, Glob, InputPort, OutputPort, SecondaryFile, Stdout
from fairwf.ir.resources import Amount, ExitCodes, Gpu, Resources, Retry
from fairwf.ir.types import FileType, IntType, StringType, Type
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script
from tests.generation.expressions import Available, expressions
from tests.generation.values import any_ids, plain_ids, texts, typed_values

BASIC: tuple[type[Type], ...] = (IntType, StringType, FileType)
IRIS = st.sampled_from(["http://edamontology.org/format_1930", "https://example.org/x"])
FOREIGN = {"other": {"https://example.org/key": [1, "x", None]}}


@st.composite
def input_ports(
    draw: st.DrawFn, ids: st.SearchStrategy[str], bytes_too: bool = True
) -> tuple[InputPort, ...]:
    """Draw the inputs of a process: one of each basic type or fewer, and one of any type."""
    names = draw(st.lists(ids, max_size=4, unique=True))
    ports = []
    for place, name in enumerate(names):
        if place < len(BASIC):
            type_, default = BASIC[place](), None
            if draw(st.booleans()):
                default = draw(expressions([], type_, 0))
        else:
            type_, value = draw(typed_values(bytes_too=bytes_too))
            default = value if draw(st.booleans()) else None
        is_file = isinstance(type_, FileType)
        rich = is_file and draw(st.booleans())
        ports.append(
            InputPort(
                id=name,
                type=type_,
                default=default,
                label=draw(st.none() | texts),
                secondary=(SecondaryFile(pattern=StringLit(value=".idx")),) if rich else (),
                format=(StringLit(value=draw(IRIS)),) if rich else (),
                streamable=rich,
                secret=not is_file and draw(st.booleans()),
                load_contents=rich and draw(st.booleans()),
                extensions=FOREIGN if draw(st.booleans()) and rich else {},
            )
        )
    return tuple(ports)


def seen(ports: tuple[InputPort, ...]) -> Available:
    """Return what expressions inside a process can refer to."""
    return [(Input(name=port.id), port.type) for port in ports]


@st.composite
def output_types(draw: st.DrawFn, ids: st.SearchStrategy[str]) -> dict[str, Type]:
    names = draw(st.lists(ids, min_size=1, max_size=2, unique=True))
    return {name: draw(st.sampled_from(BASIC))() for name in names}


@st.composite
def environments(draw: st.DrawFn, available: Available) -> Environment:
    """Draw an environment, empty or with some of everything."""
    if draw(st.booleans()):
        return Environment()
    container = Container(image=StringLit(value="debian:12"), digest="sha256:" + "0" * 64)
    return Environment(
        container=container if draw(st.booleans()) else None,
        packages=(Package(name="bwa", versions=("0.7.17",)),) if draw(st.booleans()) else (),
        conda=Conda(channels=("bioconda",), packages=("samtools=1.9",))
        if draw(st.booleans())
        else None,
        modules=("gcc/12.2",) if draw(st.booleans()) else (),
        spack=("hdf5@1.14",) if draw(st.booleans()) else (),
        variables={"LC_ALL": draw(expressions(available, StringType(), 0))},
    )


@st.composite
def resources(draw: st.DrawFn) -> Resources:
    """Draw resources, none or some of everything."""
    if draw(st.booleans()):
        return Resources()

    def amount(low: int) -> Amount | None:
        return Amount(min=IntLit(value=draw(st.integers(low, 9)))) if draw(st.booleans()) else None

    def number() -> Expr | None:
        return IntLit(value=draw(st.integers(1, 9))) if draw(st.booleans()) else None

    return Resources(
        cores=amount(1),
        memory=amount(1),
        tmp_space=amount(1),
        time=number(),
        gpu=Gpu(count=Amount(min=IntLit(value=1))) if draw(st.booleans()) else None,
        ranks=number(),
        licenses={"solver": 1} if draw(st.booleans()) else {},
        read_volume=number(),
        shared_memory=number(),
    )


@st.composite
def tasks(
    draw: st.DrawFn, ids: st.SearchStrategy[str] = any_ids, bytes_too: bool = True
) -> Process:
    """Draw a Command, Script, Operation or Pure process."""
    inputs = draw(input_ports(ids, bytes_too))
    types = draw(output_types(ids))
    available = seen(inputs)
    common = {
        "id": draw(st.just("") | plain_ids),
        "label": draw(st.none() | texts),
        "doc": draw(st.none() | texts),
        "intent": ("http://edamontology.org/operation_0292",) if draw(st.booleans()) else (),
        "metadata": draw(metadata()),
        "extensions": FOREIGN if draw(st.booleans()) else {},
        "inputs": inputs,
    }
    kind = draw(st.sampled_from(["command", "script", "pure", "operation"]))
    if kind == "operation":
        outputs = tuple(OutputPort(id=n, type=t) for n, t in types.items())
        return Operation(outputs=outputs, implementation=draw(st.none() | texts), **common)
    if kind == "pure":
        outputs = tuple(OutputPort(id=n, type=t) for n, t in types.items())
        fields = {name: draw(expressions(available, t, 2)) for name, t in types.items()}
        return Pure(outputs=outputs, result=Record(fields=fields), **common)
    inside = [*available, (Runtime(name="outdir"), StringType())]
    common |= {
        "outputs": tuple(draw(_output(n, t, inside)) for n, t in types.items()),
        "stdout": StringLit(value="out.txt"),
        "stderr": draw(st.none() | st.just(StringLit(value="err.txt"))),
        "staging": (StagedItem(value=StringLit(value="x"), name=StringLit(value="in.txt")),)
        if draw(st.booleans())
        else (),
        "environment": draw(environments(available)),
        "resources": draw(resources()),
        "retry": Retry(attempts=IntLit(value=3), delay=1.0) if draw(st.booleans()) else None,
        "exit_codes": ExitCodes(success=(0, 3)) if draw(st.booleans()) else ExitCodes(),
        "network": draw(st.sampled_from(["none", "outgoing"])),
        "cacheable": draw(st.booleans()),
        "in_place": draw(st.booleans()),
        "seed": draw(st.none() | st.just(IntLit(value=7))),
        "libraries": (ExpressionLibrary(language="javascript", text="var a = 1;"),)
        if draw(st.booleans())
        else (),
    }
    arguments = tuple(draw(st.lists(_argument(inside), max_size=3)))
    if kind == "command":
        program = Argument(value=StringLit(value="true"))
        return Command(arguments=(program, *arguments), **common)
    body = (
        Text(text=draw(texts)),
        Placeholder(value=draw(expressions(inside, StringType(), 1))),
        *([Words(arguments=arguments)] if draw(st.booleans()) else []),
    )
    delivery = draw(st.sampled_from(["argument", "file"]))
    return Script(body=body, delivery=delivery, interpreter=("/bin/sh",), **common)


@st.composite
def metadata(draw: st.DrawFn) -> Metadata | None:
    """Draw metadata or none."""
    if draw(st.booleans()):
        return None
    person = Agent(name="A. Nyone", id="https://orcid.org/0000-0002-1825-0097")
    return Metadata(license="CC0-1.0", creators=(person,), keywords=(draw(texts),))


@st.composite
def _argument(draw: st.DrawFn, available: Available) -> Argument:
    value = draw(expressions(available, draw(st.sampled_from(BASIC))(), 1))
    rendering = draw(
        st.sampled_from(
            [
                Rendering(),
                Rendering(prefix="-x"),
                Rendering(prefix="--x=", separate=False),
                Rendering(value=Local(name="self")),
            ]
        )
    )
    fresh = Rendering(
        prefix=rendering.prefix,
        separate=rendering.separate,
        value=Local(name="self") if rendering.value is not None else None,
    )
    return Argument(value=value, rendering=fresh)


@st.composite
def _output(draw: st.DrawFn, name: str, type_: Type, available: Available) -> OutputPort:
    if not isinstance(type_, FileType):
        value = draw(expressions(available, type_, 1))
        return OutputPort(id=name, type=type_, collect=Evaluated(value=value))
    if draw(st.booleans()):
        return OutputPort(id=name, type=type_, collect=Stdout())
    glob = Glob(patterns=(StringLit(value="*.txt"),), load_contents=draw(st.booleans()))
    return OutputPort(id=name, type=type_, collect=glob, format=(StringLit(value=draw(IRIS)),))
