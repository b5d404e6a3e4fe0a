"""Workflows that really run: computed steps and small POSIX tools, with values for their inputs."""

import msgspec
from hypothesis import strategies as st

from fairwf.ir.command import Argument, Placeholder, Rendering, Text, Words
from fairwf.ir.expressions import (
    Array,
    BodyOutput,
    Call,
    Each,
    Expr,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    Output,
    Record,
    State,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort, OutputPort, Stdout
from fairwf.ir.types import ArrayType, FileType, IntType, StringType
from fairwf.ir.values import Value
from fairwf.ir.workflow import (
    Command,
    Demand,
    DemandKey,
    Loop,
    Over,
    Pure,
    Scatter,
    Script,
    Step,
    Workflow,
)
from tests.generation.flows import anew

NUMBERS = ArrayType(items=IntType())


def call(function: str, *args: Expr) -> Call:
    """Return a call."""
    return Call(function=function, args=args)


def double() -> Pure:
    """Return a computation: twice the number, and a text of it."""
    number = call("multiply", Input(name="n"), IntLit(value=2))
    text = Template(parts=(StringLit(value="n="), Input(name="n")))
    return Pure(
        id="double",
        inputs=(InputPort(id="n", type=IntType()),),
        outputs=(
            OutputPort(id="number", type=IntType()),
            OutputPort(id="text", type=StringType()),
        ),
        result=Record(fields={"number": number, "text": text}),
    )


def echo() -> Command:
    """Return a tool that writes a text into a file."""
    return Command(
        id="echo",
        inputs=(InputPort(id="text", type=StringType()),),
        outputs=(OutputPort(id="file", type=FileType(), collect=Stdout()),),
        arguments=(
            Argument(value=StringLit(value="printf")),
            Argument(value=StringLit(value="%s\\n")),
            Argument(value=Input(name="text")),
        ),
        stdout=StringLit(value="out.txt"),
    )


def cat() -> Command:
    """Return a tool that writes files one after the other."""
    files = InputPort(id="files", type=ArrayType(items=FileType()))
    return Command(
        id="cat",
        inputs=(files,),
        outputs=(OutputPort(id="file", type=FileType(), collect=Stdout()),),
        arguments=(
            Argument(value=StringLit(value="cat")),
            Argument(value=Input(name="files"), rendering=Rendering(items=Rendering())),
        ),
        stdout=StringLit(value="all.txt"),
    )


def script(delivery: str) -> Script:
    """Return a shell script that writes a number, a file's text and a word with a prefix."""
    inputs = (
        InputPort(id="n", type=IntType()),
        InputPort(id="text", type=StringType()),
        InputPort(id="file", type=FileType()),
    )
    quoted = Placeholder(value=Input(name="text"), quote="shell")
    words = Words(arguments=(Argument(value=Input(name="n"), rendering=Rendering(prefix="-n")),))
    pipe = Text(text="\ncat ")
    path = Placeholder(value=Input(name="file"), quote="shell")
    return Script(
        id="script",
        inputs=inputs,
        outputs=(OutputPort(id="file", type=FileType(), collect=Stdout()),),
        interpreter=("/bin/sh",) if delivery == "file" else ("/bin/sh", "-c"),
        delivery=delivery,  # type: ignore[arg-type]
        body=(Text(text="printf '%s|' "), quoted, Text(text=" "), words, pipe, path),
        stdout=StringLit(value="said.txt"),
    )


@st.composite
def runnable(draw: st.DrawFn, tools: bool = True) -> tuple[Workflow, dict[str, Value]]:
    """Draw a workflow that runs, and values for its inputs.

    It has an input ``numbers``, and some of: a scatter of each mode, a condition, a subworkflow,
    computed links and outputs, order, loops, demanded keys, a stream; with ``tools``
    also programs and a script.
    """
    numbers = draw(st.lists(st.integers(-9, 9), min_size=1, max_size=3, unique=True))
    steps: list[Step] = []
    outputs: list[OutputPort] = []
    styles = draw(st.sets(st.sampled_from(sorted(_STYLES)), min_size=1, max_size=3))
    for style in sorted(styles):
        _STYLES[style](steps, outputs)
    if tools and draw(st.booleans()):
        _tools(steps, outputs)
        if draw(st.booleans()):
            _script(steps, outputs, draw(st.sampled_from(["argument", "file"])))
    if len(steps) > 1 and draw(st.booleans()):
        last = steps[-1]
        if not isinstance(steps[0].scatter, Demand) and not last.after:
            steps[-1] = msgspec.structs.replace(last, after=(steps[0].id,))
    ports = (InputPort(id="numbers", type=NUMBERS),)
    workflow = Workflow(id="run", inputs=ports, steps=tuple(steps), outputs=tuple(outputs))
    return anew(workflow), {"numbers": list(numbers)}


def _numbers() -> Input:
    return Input(name="numbers")


def _out(outputs: list[OutputPort], name: str, depth: int, value: Expr) -> None:
    type_: IntType | ArrayType = IntType()
    for _ in range(depth):
        type_ = ArrayType(items=type_)
    outputs.append(OutputPort(id=name, type=type_, value=value))


def _dot(steps: list[Step], outputs: list[OutputPort]) -> None:
    scatter = Scatter(over=(Over(name="n", value=_numbers()),))
    steps.append(Step(id="dot", run=double(), inputs={"n": Local(name="n")}, scatter=scatter))
    _out(outputs, "dot", 1, Output(step="dot", port="number"))


def _pairs(mode: str) -> Scatter:
    two = (Over(name="a", value=_numbers()), Over(name="b", value=_numbers()))
    return Scatter(over=two, mode=mode)  # type: ignore[arg-type]


def _flat(steps: list[Step], outputs: list[OutputPort]) -> None:
    both = call("add", Local(name="a"), call("multiply", Local(name="b"), IntLit(value=100)))
    scatter = _pairs("flat_crossproduct")
    steps.append(Step(id="flat", run=double(), inputs={"n": both}, scatter=scatter))
    _out(outputs, "flat", 1, Output(step="flat", port="number"))


def _nested(steps: list[Step], outputs: list[OutputPort]) -> None:
    both = call("subtract", Local(name="a"), Local(name="b"))
    scatter = _pairs("nested_crossproduct")
    steps.append(Step(id="nested", run=double(), inputs={"n": both}, scatter=scatter))
    _out(outputs, "nested", 2, Output(step="nested", port="number"))


def _condition(steps: list[Step], outputs: list[OutputPort]) -> None:
    first = call("first", _numbers())
    when = call("greater", call("first", _numbers()), IntLit(value=0))
    steps.append(Step(id="positive", run=double(), inputs={"n": first}, when=when))
    value = call("default", Output(step="positive", port="number"), IntLit(value=-1))
    _out(outputs, "positive", 0, value)


def _inner(steps: list[Step], outputs: list[OutputPort]) -> None:
    body = Workflow(
        inputs=(InputPort(id="n", type=IntType(), default=IntLit(value=5)),),
        steps=(Step(id="dot", run=double(), inputs={"n": Input(name="n")}),),
        outputs=(OutputPort(id="o", type=IntType(), value=Output(step="dot", port="number")),),
    )
    steps.append(Step(id="inner", run=body, inputs={"n": call("last", _numbers())}))
    _out(outputs, "inner", 0, Output(step="inner", port="o"))


def _loop(steps: list[Step], outputs: list[OutputPort]) -> None:
    loop = Loop(
        state={"s": IntLit(value=1)},
        next={"s": call("add", State(name="s"), State(name="s"))},
        until=call("greater", State(name="s"), IntLit(value=5)),
        max=IntLit(value=4),
        on_max="stop",
    )
    steps.append(Step(id="loop", run=double(), inputs={"n": State(name="s")}, loop=loop))
    _out(outputs, "loop", 0, Output(step="loop", port="number"))


def _rounds(steps: list[Step], outputs: list[OutputPort]) -> None:
    loop = Loop(
        state={"s": call("first", _numbers())},
        next={"s": call("add", BodyOutput(port="number"), IntLit(value=1))},
        until=call("greater", State(name="s"), IntLit(value=9)),
        test="before",
        max=IntLit(value=3),
        on_max="stop",
        outputs="all",
    )
    when = call("less", State(name="s"), IntLit(value=5))
    steps.append(
        Step(id="rounds", run=double(), inputs={"n": State(name="s")}, loop=loop, when=when)
    )
    value = call("default", Output(step="rounds", port="number"), Array(items=()))
    _out(outputs, "rounds", 1, value)


def _demand(steps: list[Step], outputs: list[OutputPort]) -> None:
    demand = Demand(keys=(DemandKey(name="k", type=IntType()),))
    steps.append(Step(id="rule", run=double(), inputs={"n": Key(name="k")}, scatter=demand))
    asked = Index(of=Output(step="rule", port="number"), by=Record(fields={"k": Local(name="x")}))
    _out(outputs, "rule", 1, Each(name="x", over=_numbers(), body=asked))


def _stream(steps: list[Step], outputs: list[OutputPort]) -> None:
    over = Over(name="item", value=call("to_stream", _numbers()))
    scatter = Scatter(over=(over,), mode="stream")
    steps.append(Step(id="flow", run=double(), inputs={"n": Local(name="item")}, scatter=scatter))
    _out(outputs, "flow", 1, call("collect", Output(step="flow", port="number")))


def _computed(steps: list[Step], outputs: list[OutputPort]) -> None:
    many = call("greater", call("length", _numbers()), IntLit(value=1))
    value = If(test=many, then=call("sum", _numbers()), otherwise=IntLit(value=0))
    steps.append(Step(id="total", run=double(), inputs={"n": value}))
    both = Array(items=(Output(step="total", port="number"), call("sum", _numbers())))
    _out(outputs, "total", 1, both)


def _tools(steps: list[Step], outputs: list[OutputPort]) -> None:
    text = call("to_string", Local(name="n"))
    scatter = Scatter(over=(Over(name="n", value=_numbers()),))
    steps.append(Step(id="echo", run=echo(), inputs={"text": text}, scatter=scatter))
    steps.append(Step(id="cat", run=cat(), inputs={"files": Output(step="echo", port="file")}))
    outputs.append(OutputPort(id="file", type=FileType(), value=Output(step="cat", port="file")))


def _script(steps: list[Step], outputs: list[OutputPort], delivery: str) -> None:
    text = Template(parts=(StringLit(value="it's $HOME "), Local(name="n")))
    inputs = {"n": Local(name="n"), "text": text, "file": Output(step="cat", port="file")}
    scatter = Scatter(over=(Over(name="n", value=_numbers()),))
    steps.append(Step(id="script", run=script(delivery), inputs=inputs, scatter=scatter))
    type_ = ArrayType(items=FileType())
    outputs.append(OutputPort(id="said", type=type_, value=Output(step="script", port="file")))


_STYLES = {
    "dot": _dot,
    "flat": _flat,
    "nested": _nested,
    "condition": _condition,
    "inner": _inner,
    "loop": _loop,
    "rounds": _rounds,
    "demand": _demand,
    "stream": _stream,
    "computed": _computed,
}
