"""Values followed without running: what is known of them, and which tasks and files they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Directory,
    Each,
    Expr,
    File,
    If,
    Index,
    Input,
    Key,
    Local,
    Output,
    Record,
    State,
    StepInput,
    Template,
)
from fairwf.ir.values import NotLiteralError, from_literal
from fairwf.ir.walk import children

MOST_ITEMS = 1_000_000
"""Arrays of more items are taken as unknown."""


class _Unknown:
    """The value of what only running tells."""


UNKNOWN = _Unknown()

_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "less": lambda a, b: a < b,
    "greater": lambda a, b: a > b,
    "equal": lambda a, b: type(a) is type(b) and a == b,
    "not": lambda a: not a,
    "concat": lambda *parts: "".join(parts),
    "defined": lambda a: a is not None,
}


@dataclass(frozen=True)
class Traced:
    """A value as far as it is known, with the tasks and files (by index) that it comes from.

    ``items`` are those of an array, ``fields`` those of a record, where they are known one by one.
    """

    value: object = UNKNOWN
    tasks: frozenset[int] = frozenset()
    files: frozenset[int] = frozenset()
    items: tuple[Traced, ...] | None = None
    fields: Mapping[str, Traced] | None = None

    @property
    def known(self) -> bool:
        """True where the value is known."""
        return not isinstance(self.value, _Unknown)


@dataclass(frozen=True)
class Surroundings:
    """What references stand for: by input name, (step, port), and local name."""

    inputs: Mapping[str, Traced]
    outputs: Mapping[tuple[str, str], Traced] = field(default_factory=dict)
    locals: Mapping[str, Traced] = field(default_factory=dict)
    step_inputs: Mapping[str, Traced] = field(default_factory=dict)

    def bound(self, names: Mapping[str, Traced]) -> Surroundings:
        """Return the surroundings with more local names."""
        return replace(self, locals={**self.locals, **names})


def gathered(parts: Iterable[Traced], value: object = UNKNOWN) -> Traced:
    """Return a value that comes from everything that the parts come from."""
    tasks: set[int] = set()
    files: set[int] = set()
    for part in parts:
        tasks |= part.tasks
        files |= part.files
    return Traced(value, frozenset(tasks), frozenset(files))


def array_of(items: Iterable[Traced]) -> Traced:
    """Return the array of these items."""
    listed = tuple(items)
    whole = gathered(listed)
    value = [item.value for item in listed] if all(item.known for item in listed) else UNKNOWN
    return Traced(value, whole.tasks, whole.files, listed)


def of_value(value: object, file: Callable[[File | Directory], int]) -> Traced:
    """Return a known value; ``file`` gives the index of a file in it."""
    if isinstance(value, (File, Directory)):
        return Traced(value, files=frozenset({file(value)}))
    if isinstance(value, (list, tuple)):
        return array_of(of_value(item, file) for item in value)
    if isinstance(value, Mapping):
        fields = {str(name): of_value(item, file) for name, item in value.items()}
        whole = gathered(fields.values())
        return Traced(value, whole.tasks, whole.files, None, fields)
    return Traced(value)


def trace(node: Expr, around: Surroundings, file: Callable[[File | Directory], int]) -> Traced:
    """Return what is known of an expression's value."""
    try:
        return of_value(from_literal(node), file)
    except NotLiteralError:
        pass
    match node:
        case Input(name=name):
            return around.inputs.get(name, Traced())
        case Output(step=step, port=port):
            return around.outputs.get((step, port), Traced())
        case Local(name=name):
            return around.locals.get(name, Traced())
        case StepInput(name=name):
            return around.step_inputs.get(name, Traced())
        case Key() | State():
            return Traced()
        case Array(items=items):
            return array_of(trace(item, around, file) for item in items)
        case Record(fields=fields):
            known = {name: trace(value, around, file) for name, value in fields.items()}
            whole = gathered(known.values())
            return Traced(UNKNOWN, whole.tasks, whole.files, None, known)
        case Attr():
            return _attribute(node, trace(node.of, around, file))
        case Index():
            of, by = trace(node.of, around, file), trace(node.by, around, file)
            inside, at = of.items or (), by.value
            if isinstance(at, int) and 0 <= at < len(inside):
                return inside[at]
            if of.fields is not None and isinstance(by.value, str) and by.value in of.fields:
                return of.fields[by.value]
            return gathered([of, by])
        case Each():
            return _each(node, around, file)
        case If():
            test = trace(node.test, around, file)
            if isinstance(test.value, bool):
                return trace(node.then if test.value else node.otherwise, around, file)
        case Call():
            return _call(node, [trace(arg, around, file) for arg in node.args])
        case Template():
            parts = [trace(part, around, file) for part in node.parts]
            texts = [part.value for part in parts]
            if all(isinstance(text, str) for text in texts):
                return gathered(parts, "".join(str(text) for text in texts))
            return gathered(parts)
    inside_of = [child for _, child in children(node)]
    return gathered(trace(child, around, file) for child in _expressions(inside_of))


def _expressions(found: Iterable[msgspec.Struct]) -> Iterable[Expr]:
    for child in found:
        value = getattr(child, "value", None)
        if isinstance(child, Expr.__args__):  # type: ignore[attr-defined]
            yield child
        elif isinstance(value, Expr.__args__):  # type: ignore[attr-defined]
            yield value


def _attribute(node: Attr, of: Traced) -> Traced:
    if of.fields is not None and node.name in of.fields:
        return of.fields[node.name]
    if isinstance(of.value, (File, Directory)):
        value = getattr(of.value, node.name, None)
        return Traced(value if isinstance(value, str) else UNKNOWN, of.tasks, of.files)
    return Traced(UNKNOWN, of.tasks, of.files)


def _each(node: Each, around: Surroundings, file: Callable[[File | Directory], int]) -> Traced:
    over = trace(node.over, around, file)
    if over.items is None or node.where is not None:
        item = Traced(UNKNOWN, over.tasks, over.files)
        return gathered([over, trace(node.body, around.bound({node.name: item}), file)])
    return array_of(trace(node.body, around.bound({node.name: item}), file) for item in over.items)


def _call(node: Call, args: list[Traced]) -> Traced:
    name = node.function
    if name in ("to_stream", "collect") and args:
        return args[0]
    if name in ("concat_arrays", "merge_flattened", "mix"):
        if all(arg.items is not None or arg.known for arg in args):
            return array_of(item for arg in args for item in (arg.items or (arg,)))
        return gathered(args)
    if name == "flatten" and args[0].items is not None:
        rows = [row.items for row in args[0].items]
        if all(row is not None for row in rows):
            return array_of(item for row in rows for item in row or ())
    if name == "range" and isinstance(args[0].value, int) and args[0].value <= MOST_ITEMS:
        return array_of(Traced(number) for number in range(args[0].value))
    if name == "length" and args[0].items is not None:
        return gathered(args, len(args[0].items))
    if name == "default" and args[0].known:
        return args[1] if args[0].value is None else args[0]
    if name in _FUNCTIONS and all(arg.known for arg in args):
        try:
            return gathered(args, _FUNCTIONS[name](*[arg.value for arg in args]))
        except TypeError:
            return gathered(args)
    return gathered(args)
