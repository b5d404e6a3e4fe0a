"""What stands in the ``in`` of a step: links, and the inputs that valueFrom and ``when`` need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairwf.ir.canonical import canonical_bytes, same
from fairwf.ir.expressions import (
    Call,
    Directory,
    Each,
    Expr,
    File,
    If,
    Input,
    Local,
    NoneLit,
    Opaque,
    Output,
    StepInput,
    Template,
)
from fairwf.ir.names import fresh
from fairwf.ir.walk import children, walk
from fairwf.ir.workflow import ProcessRef, Scatter, Step
from fairwf_cwl.write.javascript_text import CannotSayError, Naming, member
from fairwf_cwl.write.links import link, loaded, merged
from fairwf_cwl.write.values import Values

_VALUES = Values()
"""What is only looked at is not moved."""


@dataclass
class Plan:
    """What stands in a step's ``in``: the link of each input, and its valueFrom if any."""

    links: dict[str, Expr] = field(default_factory=dict)
    seen: dict[str, Expr] = field(default_factory=dict)
    values: dict[str, Expr] = field(default_factory=dict)
    when: Expr | None = None
    handed: dict[str, Expr] = field(default_factory=dict)


def plan_of(step: Step) -> Plan:
    """Return what stands in the ``in`` of a step.

    Raises:
        CannotSayError: it scatters over what is no link.
    """
    if isinstance(step.run, ProcessRef):
        raise CannotSayError("a reference to a shared process was not resolved", step)
    plan = Plan(when=step.when)
    over = {part.name: part.value for part in over_of(step)}
    wanted, handed = _wanted(step)
    for name, value in over.items():
        if link(value, _VALUES) is None:
            raise CannotSayError("CWL scatters over links only", value)
        plan.links[name] = value
        plan.seen[name] = Local(name=name)
    ports = ports_of(step)
    items = {name: Local(name=name) for name in over if name not in ports}
    plan.handed = {**items, **handed, **step.inputs}
    for name, value in wanted.items():
        if name in over:
            if loaded(value)[1] and same(loaded(value)[0], Local(name=name)):
                plan.seen[name] = value
        elif link(value, _VALUES) is not None:
            plan.links[name] = plan.seen[name] = value
    for name, value in plan.handed.items():
        if name in over:
            inner, fields = loaded(value)
            if fields and same(inner, Local(name=name)):
                plan.seen[name] = value
        elif name not in plan.links and link(value, _VALUES) is not None:
            plan.links[name] = plan.seen[name] = value
    _loaded_items(plan, over)
    plan.handed.update({name: plan.seen[name] for name in items if name not in step.inputs})
    for name, value in plan.handed.items():
        if name not in plan.seen or not same(plan.seen[name], value):
            plan.values[name] = value
            _bases(plan, step, name, value)
    if step.when is not None:
        _conditions(plan, step, step.when)
    for name in plan.handed:
        plan.links.setdefault(name, NoneLit())
        plan.seen.setdefault(name, NoneLit())
    return plan


def _loaded_items(plan: Plan, over: Mapping[str, Expr]) -> None:
    """Let the items of a scatter whose contents are used inside a value be loaded."""
    for value in (*plan.handed.values(), *([plan.when] if plan.when is not None else [])):
        for _, node in walk(value):
            inner, fields = loaded(node) if isinstance(node, (Call, If, Each)) else (node, {})
            if not fields or not isinstance(inner, Local) or inner.name not in over:
                continue
            if same(plan.seen[inner.name], inner):
                plan.seen[inner.name] = node  # type: ignore[assignment]


def _bases(plan: Plan, step: Step, name: str, value: Expr) -> None:
    """Give every link inside a computed value a name: ``self``, or an input beside it."""
    for part in _parts(value, plan):
        if any(same(part, seen) for seen in plan.seen.values()):
            continue
        free = name not in plan.links
        into = name if free else _fresh(plan, step, part)
        plan.links[into] = plan.seen[into] = part


def _conditions(plan: Plan, step: Step, when: Expr) -> None:
    for part in _parts(when, plan, handed=True):
        if isinstance(part, StepInput):
            continue
        ports = ports_of(step)
        alone = link(part, _VALUES) is None  # then it is named as it is handed over
        if any(same(part, v) for n, v in plan.handed.items() if alone or n not in ports):
            continue
        into = _fresh(plan, step, part)
        plan.links[into] = plan.seen[into] = part
        plan.handed[into] = part


def _parts(value: Expr, plan: Plan, handed: bool = False) -> Iterator[Expr]:
    """Yield the largest links inside a value, but those that opaque texts name."""
    known = plan.handed.values() if handed else plan.seen.values()
    stack: list[Any] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Opaque) and _named_by_cwl(node, plan):
            continue
        if any(node is not value and same(node, seen) for seen in known):
            yield node
            continue
        if isinstance(node, (Input, Output, Local, StepInput, File, Directory)) or (
            not isinstance(node, Opaque)
            and (loaded(node)[1] or _joins(node))
            and link(node, _VALUES) is not None
        ):
            if not isinstance(node, Local) or node.name in plan.links:
                yield node
            continue
        stack.extend(reversed([child for _, child in children(node)]))


def _fresh(plan: Plan, step: Step, part: Expr) -> str:
    refs = [n for _, n in walk(part) if isinstance(n, (Input, Output, Local))]
    first = refs[0] if refs else None
    base = first.port if isinstance(first, Output) else getattr(first, "name", "value")
    return fresh(base, {*plan.links, *plan.handed, *ports_of(step)})


def _joins(node: Expr) -> bool:
    """Tell whether a link has several sources."""
    found = merged(node)
    return found is not None and isinstance(found["source"], list)


def over_of(step: Step) -> tuple[Any, ...]:
    """Return what a step scatters over.

    Raises:
        CannotSayError: CWL has no such scatter.
    """
    if step.scatter is None:
        return ()
    if not isinstance(step.scatter, Scatter) or step.scatter.mode == "stream":
        raise CannotSayError("CWL has no such scatter", step.scatter)
    return step.scatter.over


def ports_of(step: Step) -> set[str]:
    """Return the names of the inputs of what a step runs."""
    return set() if isinstance(step.run, ProcessRef) else {port.id for port in step.run.inputs}


def _named_by_cwl(node: Opaque, plan: Plan) -> bool:
    """Tell whether the names of an opaque text mean here what it takes them for."""

    def means(path: tuple[str, ...], value: Expr) -> bool:
        if path[:1] == ("inputs",) and len(path) == 2 and link(value, Values()) is None:
            seen = plan.seen.get(path[1])
            return seen is not None and same(seen, value)
        return path[:1] in (("inputs",), ("self",), ("runtime",))

    return node.language == "javascript" and all(means(b.path, b.value) for b in node.bindings)


def _direct(expression: Expr) -> Iterator[Opaque]:
    """Yield the opaque texts that an expression is written with, not those inside bindings."""
    parts = expression.parts if isinstance(expression, Template) else (expression,)
    for part in parts:
        if isinstance(part, Opaque):
            yield part


def _wanted(step: Step) -> tuple[dict[str, Expr], dict[str, Expr]]:
    """Return what opaque texts want inputs to be: before valueFrom, and for ``when`` after."""
    seen: dict[str, Expr] = {}
    handed: dict[str, Expr] = {}
    ports = ports_of(step)
    todo = dict(step.inputs)
    for opaque in _direct(step.when) if step.when is not None else ():
        for binding in opaque.bindings:
            if binding.path[:1] == ("inputs",) and len(binding.path) == 2:
                name = binding.path[1]
                if name not in ports:
                    handed[name] = todo[name] = binding.value
    for own, expression in todo.items():
        for opaque in _direct(expression):
            for binding in opaque.bindings:
                if binding.path == ("self",) and own not in seen:
                    seen[own] = binding.value
                elif binding.path[:1] == ("inputs",) and len(binding.path) == 2:
                    seen.setdefault(binding.path[1], binding.value)
    return seen, handed


def _is_named(expression: Expr) -> bool:
    kinds = (Input, Output, Local, File, Directory)
    return any(isinstance(n, kinds) for _, n in walk(expression))


def naming_of(plan: Plan, own: str) -> Naming:
    """Return the names that the value of an input sees; ``own`` is its name."""
    table: dict[bytes, str] = {}
    for name, expression in plan.seen.items():
        if _is_named(expression):
            table.setdefault(canonical_bytes(expression), member("inputs", name))
    if own in plan.seen and _is_named(plan.seen[own]):
        table[canonical_bytes(plan.seen[own])] = "self"
    return lambda node: table.get(canonical_bytes(node))


def when_naming(plan: Plan, ports: set[str]) -> Naming:
    """Return the names that the condition sees."""
    table: dict[bytes, str] = {}
    # An input beside those of the process first: one of them would be read as a StepInput.
    for name, expression in sorted(plan.handed.items(), key=lambda row: row[0] in ports):
        if _is_named(expression):
            table.setdefault(canonical_bytes(expression), member("inputs", name))

    def naming(node: Expr) -> str | None:
        if isinstance(node, StepInput):
            return member("inputs", node.name)
        return table.get(canonical_bytes(node))

    return naming
