"""Short ways to write small workflows in the tests of the engine."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fairwf.ir.command import Placeholder, Text
from fairwf.ir.expressions import (
    Array,
    BodyOutput,
    Call,
    Expr,
    Index,
    Input,
    Key,
    Local,
    Output,
    Record,
    State,
    StepInput,
    StringLit,
    Template,
)
from fairwf.ir.ports import Evaluated, Glob, InputPort, OutputPort, Stdout
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    StringType,
    Type,
)
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Over, Process, Pure, Scatter, Script, Step, Workflow

_TYPES: dict[str, Any] = {
    "int": IntType,
    "float": FloatType,
    "string": StringType,
    "bool": BoolType,
    "File": FileType,
    "any": AnyType,
}


def typed(text: str) -> Type:
    """A type: `int`, `File[]`, `string?`."""
    if text.endswith("?"):
        return OptionalType(item=typed(text[:-1]))
    if text.endswith("[]"):
        return ArrayType(items=typed(text[:-2]))
    return _TYPES[text]()


def ref(text: str) -> Expr:
    """A reference: `x` an input, `step.port` an output, `$x` a local, `{k}` a key, `@s` a state,
    `^p` an output of the loop's body, `?x` an input of the step."""
    marks = {"$": Local, "@": State, "?": StepInput}
    if text[0] in marks:
        return marks[text[0]](name=text[1:])
    if text[0] == "^":
        return BodyOutput(port=text[1:])
    if text[0] == "{":
        return Key(name=text[1:-1])
    if "." in text:
        step, port = text.split(".")
        return Output(step=step, port=port)
    return Input(name=text)


def expr(value: Any) -> Expr:
    """A reference from text, a literal from any other value; expressions stay."""
    if isinstance(value, str):
        return ref(value)
    if isinstance(value, list):
        return Array(items=tuple(expr(item) for item in value))
    if isinstance(value, dict):
        return Record(fields={name: expr(item) for name, item in value.items()})
    if isinstance(value, (bool, int, float)) or value is None:
        return to_literal(value)
    return value


def text(value: str) -> Expr:
    return StringLit(value=value)


def call(function: str, *args: Any) -> Expr:
    return Call(function=function, args=tuple(expr(arg) for arg in args))


def at(of: Any, **key: Any) -> Expr:
    return Index(of=expr(of), by=expr(key))


def template(*parts: Any) -> Expr:
    return Template(parts=tuple(text(p) if isinstance(p, str) else expr(p) for p in parts))


def script(body: str, inputs: Mapping[str, str] | None = None, **more: Any) -> Script:
    """A shell script; `{name}` is an input, quoted. Its output `out` is a text: standard output.

    With `out="File"` it is that file; with `globs={port: pattern}` files by name.
    """
    kind = more.pop("out", "string")
    globs: Mapping[str, str] = more.pop("globs", {})
    parts: list[Any] = []
    for number, piece in enumerate(re.split(r"\{(\w+)\}", body)):
        if number % 2:
            parts.append(Placeholder(value=Input(name=piece), quote="shell", separator=" "))
        elif piece:
            parts.append(Text(text=piece))
    return Script(
        inputs=ports(inputs or {}),
        outputs=(
            *([_out(kind)] if kind else []),
            *(
                OutputPort(id=port, type=FileType(), collect=Glob(patterns=(text(pattern),)))
                for port, pattern in globs.items()
            ),
        ),
        stdout=text("out.txt"),
        body=tuple(parts),
        **more,
    )


def _out(kind: str) -> OutputPort:
    if kind == "File":
        return OutputPort(id="out", type=FileType(), collect=Stdout())
    whole = Call(function="read_text", args=(Index(of=Local(name="self"), by=to_literal(0)),))
    value: Expr = Call(function="trim", args=(whole,))
    if kind == "int":
        value = Call(function="to_int", args=(value,))
    return OutputPort(
        id="out",
        type=typed(kind),
        collect=Glob(patterns=(text("out.txt"),), evaluate=value),
    )


def pure(inputs: Mapping[str, str], **outputs: tuple[str, Any]) -> Pure:
    """A computed step: `pure({"x": "int"}, y=("int", call("add", "x", 1)))`."""
    return Pure(
        inputs=ports(inputs),
        outputs=tuple(OutputPort(id=name, type=typed(kind)) for name, (kind, _) in outputs.items()),
        result=Record(fields={name: expr(value) for name, (_, value) in outputs.items()}),
    )


def ports(inputs: Mapping[str, str]) -> tuple[InputPort, ...]:
    return tuple(InputPort(id=name, type=typed(kind)) for name, kind in inputs.items())


def step(name: str, run: Process, inputs: Mapping[str, Any] | None = None, **more: Any) -> Step:
    return Step(
        id=name,
        run=run,
        inputs={port: expr(value) for port, value in (inputs or {}).items()},
        **more,
    )


def over(mode: str = "dot", **names: Any) -> Scatter:
    return Scatter(
        over=tuple(Over(name=name, value=expr(value)) for name, value in names.items()),
        mode=mode,  # type: ignore[arg-type]
    )


def workflow(
    steps: Sequence[Step],
    outputs: Mapping[str, tuple[str, Any]],
    inputs: Mapping[str, str] | None = None,
    **more: Any,
) -> Workflow:
    return Workflow(
        inputs=ports(inputs or {}),
        steps=tuple(steps),
        outputs=tuple(
            OutputPort(id=name, type=typed(kind), value=expr(value))
            for name, (kind, value) in outputs.items()
        ),
        **more,
    )


__all__ = [
    "Evaluated",
    "at",
    "call",
    "expr",
    "over",
    "ports",
    "pure",
    "ref",
    "script",
    "step",
    "template",
    "text",
    "typed",
    "workflow",
]
