"""What names of a workflow mean in a Snakefile: configuration, outputs of rules, wildcards.

Inputs of subworkflows are what their steps are given, wherever they are used; outputs of rules are
files, which hold a value as JSON where they are not the value themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from msgspec.structs import replace

from fairwf.ir.expressions import Call, Expr, Input, Local, Output, Runtime, StepInput, StringLit
from fairwf.ir.ports import InputPort, SecondaryFile
from fairwf.ir.types import ArrayType, DirectoryType, FileType, OptionalType, Type
from fairwf.ir.workflow import Step
from fairwf_snakemake.writing.expressions import identifier, python
from fairwf_snakemake.writing.failures import CannotSayError
from fairwf_snakemake.writing.rules import Needs, Rule


class Look(Protocol):
    """How files of other rules, and of the configuration, are reached from a place."""

    def path(self, ref: Ref, gathered: Sequence[Level], renamed: Mapping[str, str]) -> str:
        """Return Python for the path of an output, or for those of all items of levels."""

    def configured(self, name: str, text: str, kind: str | None) -> None:
        """Depend on the files in a value of the configuration."""


@dataclass(frozen=True, eq=False)
class Level:
    """A wildcard, the function that gives its values, and how many there are."""

    wildcard: str
    items: str
    count: Callable[[Look], str]


@dataclass(frozen=True, eq=False)
class Ref:
    """An output of a rule: ``kind`` is ``File``, ``Directory``, or ``value`` for one in JSON."""

    rule: Rule
    output: str
    pattern: str
    levels: tuple[Level, ...]
    kind: str


@dataclass(frozen=True, eq=False)
class Term:
    """An expression and what its names mean."""

    node: Expr
    frame: Frame


@dataclass(frozen=True, eq=False)
class Made:
    """What a step gives: refs or terms by port; ``own`` are the levels of its scatter."""

    ports: Mapping[str, Ref | Term]
    own: tuple[Level, ...] = ()
    nested: bool = False
    all_refs: tuple[Ref, ...] = ()
    condition: Condition | None = None


Condition = Callable[[Look], str]


@dataclass(eq=False)
class Flow:
    """A workflow at its place: ``given`` are its inputs, None for the configuration."""

    path: tuple[str, ...]
    levels: tuple[Level, ...]
    ports: Mapping[str, InputPort]
    given: Mapping[str, Term] | None
    condition: Condition | None = None
    after: tuple[Ref, ...] = ()
    made: dict[str, Made] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Frame:
    """A flow and the names that a scatter binds in it: the term, and the level it runs over."""

    flow: Flow
    locals: Mapping[str, tuple[Term, Level]] = field(default_factory=dict)
    step: Step | None = None


def kind_of(type_: Type) -> str | None:
    """Return File or Directory where all texts in a value of the type are paths of those."""
    if isinstance(type_, OptionalType):
        return kind_of(type_.item)
    if isinstance(type_, ArrayType):
        return kind_of(type_.items)
    if isinstance(type_, FileType):
        return "File"
    return "Directory" if isinstance(type_, DirectoryType) else None


def patterns_of(secondary: Sequence[SecondaryFile]) -> list[str]:
    """Return the patterns of secondary files, which have to be plain texts."""
    found = []
    for one in secondary:
        if not isinstance(one.pattern, StringLit):
            text = "a name of a secondary file that is computed cannot be said in a Snakefile"
            raise CannotSayError(text, one, "say it as a pattern: a suffix, ^ for each extension")
        found.append(one.pattern.value)
    return found


def value(term: Term, look: Look) -> str:
    """Return Python for the value of a term."""
    return python(term.node, _Place(term.frame, look))


def condition_of(step: Step, frame: Frame, outer: Condition | None) -> Condition | None:
    """Return when a step runs: its own condition, and that of the workflow around."""
    if step.when is None:
        return outer
    own = Term(step.when, frame)

    def both(look: Look) -> str:
        said = value(own, look)
        return f"({outer(look)} and {said})" if outer is not None else said

    return both


def count(term: Term, look: Look) -> str:
    """Return Python for the number of items, without looking into them where that is possible."""
    node, flow = term.node, term.frame.flow
    if isinstance(node, Output):
        made = flow.made[node.step]
        port = made.ports.get(node.port)
        if len(made.own) == 1 and isinstance(look, EarlyLook):
            return f"len({made.own[0].items}(wildcards))"
        if not made.own and isinstance(port, Term) and made.condition is None:
            return count(port, look)
    handed = _handed(node, flow)
    if handed is not None:
        return count(handed, look)
    configured = _of_user(node, flow)
    if configured is not None:
        return f"len({_configured(configured)})"
    return f"len({value(term, look)})"


def item(term: Term, look: Look, wildcard: str) -> str:
    """Return Python for the item of a collection that a wildcard numbers."""
    node, flow = term.node, term.frame.flow
    if isinstance(node, Output):
        made = flow.made[node.step]
        port = made.ports.get(node.port)
        if len(made.own) == 1 and isinstance(port, Ref):
            return _read(port, look.path(port, (), {made.own[0].wildcard: wildcard}))
        if not made.own and isinstance(port, Term) and made.condition is None:
            return item(port, look, wildcard)
    handed = _handed(node, flow)
    if handed is not None:
        return item(handed, look, wildcard)
    configured = _of_user(node, flow)
    if configured is not None:
        text = f"{_configured(configured)}[int(wildcards.{wildcard})]"
        text = _of_configuration(configured, text, look)
        return furnished(_plain(configured), text, look, term.frame)
    return f"{value(term, look)}[int(wildcards.{wildcard})]"


def _of_user(node: Expr, flow: Flow) -> InputPort | None:
    """Return the port whose value stands in the configuration as it is: none with a default."""
    if not isinstance(node, Input) or flow.given is not None:
        return None
    port = flow.ports.get(node.name)
    return port if port is not None and port.default is None else None


def _handed(node: Expr, flow: Flow) -> Term | None:
    """Return what a subworkflow's input is, where its port adds nothing to it."""
    if not isinstance(node, Input) or flow.given is None or _furnished(flow.ports.get(node.name)):
        return None
    return flow.given.get(node.name)


def _furnished(port: InputPort | None) -> bool:
    """Tell whether a port adds something to what it is given."""
    return port is not None and bool(
        port.default is not None
        or port.secondary
        or port.load_contents
        or port.load_listing not in (None, "none")
    )


def _configured(port: InputPort) -> str:
    optional = isinstance(port.type, OptionalType)
    return f"config.get({port.id!r})" if optional else f"config[{port.id!r}]"


def _of_configuration(port: InputPort, text: str, look: Look) -> str:
    kind = kind_of(port.type)
    look.configured(port.id, text, kind)
    if kind is None:
        scalar = not _may_hold_files(port.type)
        return text if scalar else f"files.given({text})"
    patterns = patterns_of(port.secondary)
    return f"files.given({text}, {kind!r}{f', {patterns!r}' if patterns else ''})"


def _may_hold_files(type_: Type) -> bool:
    if isinstance(type_, (ArrayType,)):
        return _may_hold_files(type_.items)
    if isinstance(type_, OptionalType):
        return _may_hold_files(type_.item)
    tag = type_.__struct_config__.tag
    return tag in ("record", "map", "any", "union", "File", "Directory")


def furnished(port: InputPort, text: str, look: Look, frame: Frame) -> str:
    """Return Python for what a port makes of what it is given."""
    if port.default is not None:
        text = f"std.default({text}, lambda: {value(Term(port.default, frame), look)})"
    if port.secondary:
        text = f"files.beside({text}, {patterns_of(port.secondary)!r})"
    if port.load_contents:
        text = f"files.with_contents({text})"
    if port.load_listing not in (None, "none"):
        text = f"files.with_listing({text}, {port.load_listing!r})"
    return text


def _read(ref: Ref, path: str) -> str:
    if ref.kind == "value":
        return f"files.load({path})"
    return f"files.at({path})" if ref.kind == "File" else f"files.at({path}, {ref.kind!r})"


class _Place:
    """Where links, conditions and outputs of a workflow stand."""

    def __init__(self, frame: Frame, look: Look) -> None:
        self.frame = frame
        self.look = look

    def input(self, node: Input) -> str:
        flow = self.frame.flow
        port = flow.ports.get(node.name)
        if flow.given is None:
            if port is None:
                raise CannotSayError(f"there is no input {node.name!r:.60}", node)
            text = _of_configuration(port, _configured(port), self.look)
            return furnished(_plain(port), text, self.look, self.frame)
        text = value(flow.given[node.name], self.look) if node.name in flow.given else "None"
        return furnished(port, text, self.look, self.frame) if port is not None else text

    def output(self, node: Output) -> str:
        made = self.frame.flow.made.get(node.step)
        port = made.ports.get(node.port) if made is not None else None
        if made is None or port is None:
            return "None"
        if isinstance(port, Term):
            text = value(port, self.look)
            if made.condition is None:
                return text
            return f"({text} if {made.condition(self.look)} else None)"
        if not made.own:
            return _read(port, self.look.path(port, (), {}))
        paths = self.look.path(port, made.own, {})
        text = f"[{_read(port, 'path')} for path in {paths}]"
        if made.nested and len(made.own) > 1:
            lengths = ", ".join(level.count(self.look) for level in made.own)
            text = f"files.nested({text}, {lengths})"
        return text

    def local(self, node: Local) -> str:
        found = self.frame.locals.get(node.name)
        if found is None:
            raise CannotSayError(f"the name {node.name!r:.60} has no meaning here", node)
        term, level = found
        return item(term, self.look, level.wildcard)

    def runtime(self, node: Runtime) -> str:
        raise CannotSayError("only a task sees what the engine gives it", node)

    def other(self, node: Expr) -> str | None:
        step = self.frame.step
        if isinstance(node, StepInput) and step is not None and node.name in step.inputs:
            return value(Term(step.inputs[node.name], self.frame), self.look)
        return "None" if isinstance(node, StepInput) else None

    def call(self, node: Call, args: Sequence[str]) -> str | None:
        """Return a function that means something of its own here."""
        kinds = {"to_file": "File", "to_directory": "Directory"}
        return f"files.at({args[0]}, {kinds[node.function]!r})" if node.function in kinds else None


def _plain(port: InputPort) -> InputPort:
    """Return a port without what reading the configuration did; a default is not read there."""
    return port if port.default is not None else replace(port, secondary=())


class RuleLook:
    """From a rule: what it depends on are its inputs."""

    def __init__(self, needs: Needs) -> None:
        self.needs = needs

    def path(self, ref: Ref, gathered: Sequence[Level], renamed: Mapping[str, str]) -> str:
        """Return ``input.NAME``."""
        pattern = ref.pattern
        for old, new in renamed.items():
            pattern = pattern.replace(f"{{{old}}}", f"{{{new}}}")
        text = f'"{pattern}"'
        if gathered:
            own = {id(level) for level in gathered}
            outer = [level for level in ref.levels if id(level) not in own]
            values = [f"{o.wildcard}=wildcards.{o.wildcard}" for o in outer]
            values += [f"{g.wildcard}={g.items}(wildcards)" for g in gathered]
            text = f"lambda wildcards: expand({text}, {', '.join(values)})"
        name = ref.rule.name if ref.output in ("value", "file") else f"{ref.rule.name}_{ref.output}"
        return f"input.{self.needs.add(identifier(name, set()), text)}"

    def configured(self, name: str, text: str, kind: str | None) -> None:
        """Depend on files of the configuration."""
        if kind is not None:
            said = f"lambda wildcards: files.files_in({text}, {kind!r})"
            self.needs.add(identifier(name, set()), said)


class EarlyLook:
    """From a function that says how many items there are: rules that it sees are checkpoints."""

    def path(self, ref: Ref, gathered: Sequence[Level], renamed: Mapping[str, str]) -> str:
        """Return the path of an output once its rule has run."""
        ref.rule.checkpoint = True
        own = {id(level) for level in gathered}
        values = []
        for level in ref.levels:
            name = renamed.get(level.wildcard, level.wildcard)
            shown = name if id(level) in own else f"wildcards.{name}"
            values.append(f"{level.wildcard}={shown}")
        text = f"checkpoints.{ref.rule.name}.get({', '.join(values)}).output.{ref.output}"
        if not gathered:
            return text
        loops = "".join(f" for {g.wildcard} in {g.items}(wildcards)" for g in gathered)
        return f"[{text}{loops}]"

    def configured(self, name: str, text: str, kind: str | None) -> None:
        """Nothing waits for what is there before the workflow starts."""
