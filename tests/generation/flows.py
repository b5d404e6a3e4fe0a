"""Workflows of any style that pass the checks."""

from collections.abc import Mapping
from typing import Literal

from hypothesis import strategies as st

from fairwf.check.sites import output_types as types_of_outputs
from fairwf.ir import codec
from fairwf.ir.expressions import (
    Array,
    BodyOutput,
    BoolLit,
    Call,
    Expr,
    Index,
    IntLit,
    Key,
    Local,
    Output,
    Record,
    State,
    StringLit,
)
from fairwf.ir.instance import Files, Instance, Machine, Ragged, Tasks
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, IntType, KeyedType, StringType, Type
from fairwf.ir.workflow import (
    Approval,
    Demand,
    DemandKey,
    Handler,
    Loop,
    Over,
    Process,
    ProcessRef,
    Scatter,
    Step,
    WaitDuration,
    WaitEvent,
    WaitUntil,
    Workflow,
)
from tests.generation.expressions import Available, bools, copy, expressions
from tests.generation.processes import BASIC, FOREIGN, input_ports, metadata, seen, tasks
from tests.generation.values import any_ids, plain_ids, texts

Size = Literal["small", "large"]
STYLES = ("once", "scatter", "demand", "loop")
_STEPS = {"small": 2, "large": 6}


@st.composite
def workflows(
    draw: st.DrawFn,
    size: Size = "small",
    ids: st.SearchStrategy[str] = any_ids,
    depth: int = 1,
    styles: tuple[str, ...] = STYLES,
    bytes_too: bool = True,
) -> Workflow:
    """Draw a workflow that the checks find no error in: steps of every kind, every expression.

    ``styles`` limits how steps run, ``bytes_too`` of False leaves out bytes, for targets that
    lack them without a way round.
    """
    inputs = draw(input_ports(ids, bytes_too))
    names = draw(st.lists(ids, min_size=1, max_size=_STEPS[size], unique=True))
    definitions: dict[str, Process] = {}
    if draw(st.booleans()):
        definitions[draw(plain_ids)] = draw(tasks(ids, bytes_too))
    available: list[tuple[Expr, Type]] = list(seen(inputs))
    steps: list[Step] = []
    for name in names:
        step = draw(_step(name, steps, available, definitions, ids, depth, styles, bytes_too))
        steps.append(step)
        for port, type_ in types_of_outputs(step, definitions).items():
            available.append((Output(step=name, port=port), type_))
    chosen = [pair for pair in available if isinstance(pair[0], Output)]
    outputs = []
    for name in draw(st.lists(ids, max_size=3, unique=True)):
        if chosen and draw(st.booleans()):
            value, type_ = draw(st.sampled_from(chosen))
            if not isinstance(type_, KeyedType):
                outputs.append(OutputPort(id=name, type=type_, value=copy(value)))
                continue
        type_ = draw(st.sampled_from(BASIC))()
        outputs.append(OutputPort(id=name, type=type_, value=draw(expressions(available, type_))))
    made = Workflow(
        id=draw(st.just("") | plain_ids),
        label=draw(st.none() | texts),
        doc=draw(st.none() | texts),
        inputs=inputs,
        outputs=tuple(outputs),
        steps=tuple(steps),
        processes=definitions,
        metadata=draw(metadata()),
        extensions=FOREIGN if draw(st.booleans()) else {},
    )
    return anew(made)


def anew(root: Workflow) -> Workflow:
    """Return the document as a reader makes it: no node stands in two places."""
    made = codec.decode(codec.encode(root))
    assert isinstance(made, Workflow)
    return made


@st.composite
def _step(
    draw: st.DrawFn,
    name: str,
    earlier: list[Step],
    available: Available,
    definitions: Mapping[str, Process],
    ids: st.SearchStrategy[str],
    depth: int,
    styles: tuple[str, ...],
    bytes_too: bool,
) -> Step:
    run: Process | ProcessRef
    if definitions and draw(st.booleans()):
        reference = draw(st.sampled_from(sorted(definitions)))
        run, process = ProcessRef(name=reference), definitions[reference]
    elif depth > 0 and draw(st.integers(0, 4)) == 0:
        run = process = draw(workflows("small", ids, depth - 1, styles, bytes_too))
    else:
        run = process = draw(tasks(ids, bytes_too))
    inside = list(available)
    style = draw(st.sampled_from(("once", *styles)))
    scatter: Scatter | Demand | None = None
    loop = None
    if style == "scatter":
        scatter, items = draw(_scatter(available))
        inside += items
    elif style == "demand":
        key = draw(plain_ids)
        where = draw(st.none() | st.just("[a-z]+"))
        scatter = Demand(keys=(DemandKey(name=key, type=StringType(), where=where),))
        inside.append((Key(name=key), StringType()))
    elif style == "loop":
        loop, items = draw(_loop(process, available))
        inside += items
    links = {port.id: value for port in process.inputs if (value := draw(_link(port, inside)))}
    complete = [s.id for s in earlier if not isinstance(s.scatter, Demand)]
    after = draw(st.lists(st.sampled_from(complete), max_size=1)) if complete else []
    rich = draw(st.booleans())
    when = draw(st.none() | bools(inside))
    handler = Handler(event=draw(st.sampled_from(["failure", "timeout", "any"])), then="fail")
    return Step(
        id=name,
        run=run,
        inputs=links,
        scatter=scatter,
        when=when,
        loop=loop,
        after=tuple(after),
        handlers=(handler,) if rich else (),
        approval=Approval(prompt=StringLit(value="Go on?"), who=("owner",)) if rich else None,
        wait=draw(st.none() | _waits()) if rich else None,
        label=draw(st.none() | texts),
        extensions=FOREIGN if rich else {},
    )


def _waits() -> st.SearchStrategy[WaitDuration | WaitUntil | WaitEvent]:
    return st.sampled_from([0, 1, 2]).map(
        lambda kind: (
            WaitDuration(seconds=IntLit(value=1)),
            WaitUntil(time=StringLit(value="2030-01-01T00:00:00Z")),
            WaitEvent(name=StringLit(value="go")),
        )[kind]
    )


@st.composite
def _scatter(draw: st.DrawFn, available: Available) -> tuple[Scatter, Available]:
    mode = draw(st.sampled_from(["dot", "flat_crossproduct", "nested_crossproduct"]))
    names = draw(st.lists(plain_ids, min_size=1, max_size=2, unique=True))
    arrays = [
        (e, t) for e, t in available if isinstance(t, ArrayType) and isinstance(t.items, BASIC)
    ]
    over, items = [], []
    long = draw(st.integers(1, 2))  # items of a dot scatter are as many of each
    least, most = (long, long) if mode == "dot" else (1, 2)
    for name in names:
        if arrays and draw(st.booleans()):
            value, of = draw(st.sampled_from(arrays))
            assert isinstance(of, ArrayType)
            over.append(Over(name=name, value=copy(value)))
            items.append((Local(name=name), of.items))
        else:
            type_ = draw(st.sampled_from(BASIC))()
            row = draw(st.lists(expressions(available, type_, 0), min_size=least, max_size=most))
            over.append(Over(name=name, value=Array(items=tuple(row))))
            items.append((Local(name=name), type_))
    return Scatter(over=tuple(over), mode=mode), items


@st.composite
def _loop(draw: st.DrawFn, process: Process, available: Available) -> tuple[Loop, Available]:
    name = draw(plain_ids)
    test = draw(st.sampled_from(["before", "after"]))
    step: Expr = Call(function="add", args=(State(name=name), IntLit(value=1)))
    numbers = [p.id for p in process.outputs if isinstance(p.type, IntType)]
    if numbers and draw(st.booleans()):
        step = BodyOutput(port=numbers[0])
    limit = Call(function="greater", args=(State(name=name), IntLit(value=2)))
    loop = Loop(
        state={name: draw(expressions(available, IntType(), 0))},
        next={name: step},
        until=limit if draw(st.booleans()) else BoolLit(value=True),
        test=test,
        max=IntLit(value=draw(st.integers(1, 3))),
        on_max=draw(st.sampled_from(["fail", "stop"])),
        outputs=draw(st.sampled_from(["last", "all"])),
    )
    return loop, [(State(name=name), IntType())]


@st.composite
def _link(draw: st.DrawFn, port: InputPort, available: Available) -> Expr | None:
    if port.default is not None and draw(st.booleans()):
        return None
    if isinstance(port.type, BASIC):
        asked = [(e, t) for e, t in available if isinstance(t, KeyedType)]
        fitting = [(e, t) for e, t in asked if type(t.value) is type(port.type)]
        if fitting and draw(st.booleans()):
            value, of = draw(st.sampled_from(fitting))
            assert isinstance(of, KeyedType)
            key = Record(fields={of.keys[0].name: draw(expressions(available, StringType(), 0))})
            return Index(of=copy(value), by=key)
        same = [e for e, t in available if type(t) is type(port.type)]
        if same and draw(st.booleans()):
            return copy(draw(st.sampled_from(same)))
        return draw(expressions([p for p in available if p not in asked], port.type, 1))
    same = [e for e, t in available if t == port.type]
    if same:
        return copy(same[0])
    return copy(port.default) if port.default is not None else _any_of(port.type)


def _any_of(type_: Type) -> Expr:
    from fairwf.ir.expressions import Opaque

    return Opaque(language="javascript", text="x", gives=type_)


@st.composite
def instances(draw: st.DrawFn, most: int = 5) -> Instance:
    """Draw a sound instance: tasks whose parents come before them, files, machines."""
    ids = draw(st.lists(any_ids, min_size=1, max_size=most, unique=True))
    files = draw(st.lists(any_ids, max_size=most, unique=True))
    count = len(ids)

    def rows(limit: int, upto: bool = False) -> Ragged:
        found = []
        for row in range(count):
            top = min(limit, row) if upto else limit
            drawn = st.lists(st.integers(0, top - 1), max_size=2, unique=True)
            found.append(draw(drawn) if top else [])
        return Ragged.of(found)

    machines = (Machine(name="m", cores=2),) if draw(st.booleans()) else ()
    times = draw(st.lists(st.floats(0, 1e6), min_size=count, max_size=count))
    return Instance(
        id=draw(plain_ids),
        tasks=Tasks(
            id=ids,
            name=draw(st.just([]) | st.just(list(ids))),
            process=["p"] * count,
            parents=rows(count, upto=True),
            inputs=rows(len(files)),
            outputs=Ragged.of([[]] * count),
            runtime_s=list(times) if draw(st.booleans()) else [],
            machines=rows(1) if machines else Ragged(offsets=[0], values=[]),
        ),
        files=Files(id=files, size=[0] * len(files) if draw(st.booleans()) else []),
        machines=machines,
    )
