"""Steps over demanded keys become scatters, where all keys can be known before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from fairwf.features import Feature, is_literal
from fairwf.ir.canonical import canonical_bytes, same
from fairwf.ir.codec import Root
from fairwf.ir.expressions import (
    Array,
    Each,
    Expr,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    Output,
    Record,
)
from fairwf.ir.names import fresh
from fairwf.ir.walk import children
from fairwf.ir.workflow import Demand, Over, Scatter, Step, Workflow
from fairwf.lower.context import Context
from fairwf.lower.substitution import is_process, over_workflows, references, substitute
from fairwf.report import Fate


@dataclass(frozen=True)
class DemandToScatter:
    """A step over one key becomes a dot scatter over the keys that the workflow asks for.

    Known keys are those of ``each x over D: step[x]``, with one domain D that is an input or a
    literal, in all places; and keys that are literals or computed from inputs alone. A step asked
    for in another way stays; of one that nothing asks for, no item is left.
    """

    name: str = "demand_to_scatter"
    removes: Feature = Feature.DEMAND
    adds: frozenset[Feature] = frozenset(
        {
            Feature.SCATTER,
            Feature.SCATTER_DOT,
            Feature.SCATTER_EXPRESSION,
            Feature.LINK_EXPRESSION,
            Feature.OUTPUT_EXPRESSION,
        }
    )
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with scatters in place of demands whose keys are known."""

        def visit(at: Workflow, definitions: object) -> Workflow:
            changed = True
            while changed:
                changed = False
                for step in at.steps:
                    if isinstance(step.scatter, Demand) and len(step.scatter.keys) == 1:
                        new = _convert(at, step, step.scatter, context)
                        if new is not None:
                            at, changed = new, True
                            break
            return at

        return over_workflows(workflow, visit, context)


@dataclass
class _Asked:
    """How a step is asked for: the domains, the literal keys, and what is neither."""

    domains: list[Expr]
    keys: list[Expr]
    unknown: int = 0


def _convert(at: Workflow, step: Step, demand: Demand, context: Context) -> Workflow | None:
    key = demand.keys[0]
    if step.produces:
        return None
    asked = _Asked([], [])
    for other in at.steps:
        domains = _item_domains(other)
        for _, child in children(other):
            if not is_process(child):
                _collect(child, step.id, key.name, domains, asked)
    for port in at.outputs:
        _collect(port, step.id, key.name, {}, asked)
    domain = _domain(asked)
    if domain is None:
        return None
    local = fresh(key.name, _locals(step))

    def keyed(node: msgspec.Struct) -> msgspec.Struct | None:
        return Local(name=local) if isinstance(node, Key) and node.name == key.name else None

    over = Over(name=local, value=context.copy(domain))
    context.told("rewritten", demand, f"the keys {key.name!r} are known: a scatter over them")
    scatter = context.made(Scatter(over=(over,)), demand)
    made = context.replace(substitute(step, keyed, context), scatter=scatter)
    asking = _Asking(step.id, key.name, asked.keys, context)
    steps = [asking.step(made if one is step else one) for one in at.steps]
    outputs = tuple(substitute(port, asking.replacement({}), context) for port in at.outputs)
    return context.replace(at, steps=tuple(steps), outputs=outputs)


def _item_domains(step: Step) -> dict[str, Expr]:
    """Return the domain of each local that a dot scatter binds."""
    if isinstance(step.scatter, Scatter) and step.scatter.mode == "dot":
        return {over.name: over.value for over in step.scatter.over}
    return {}


def _locals(step: Step) -> set[str]:
    found: set[str] = set()
    stack: list[msgspec.Struct] = [c for _, c in children(step) if not is_process(c)]
    while stack:
        node = stack.pop()
        if isinstance(node, (Each, Over)):
            found.add(node.name)
        stack.extend(child for _, child in children(node))
    return found


def _key_asked(node: msgspec.Struct, step: str, key: str) -> Expr | None:
    """Return the key expression of ``step.port[key]``; None for any other node."""
    if not isinstance(node, Index) or not isinstance(node.of, Output) or node.of.step != step:
        return None
    if isinstance(node.by, Record):
        return node.by.fields.get(key)
    return node.by


def _collect(
    node: msgspec.Struct, step: str, key: str, domains: dict[str, Expr], asked: _Asked
) -> None:
    by = _key_asked(node, step, key)
    if by is not None:
        if isinstance(by, Local) and by.name in domains:
            asked.domains.append(domains[by.name])
        elif is_literal(by) or all(isinstance(ref, Input) for ref in references(by)):
            if not any(same(by, other) for other in asked.keys):
                asked.keys.append(by)
        else:
            asked.unknown += 1
        return
    if isinstance(node, Output) and node.step == step:
        asked.unknown += 1
    inner = domains
    if isinstance(node, Each):
        inner = {**domains, node.name: node.over}
        if node.where is not None or not isinstance(node.body, Index):
            inner.pop(node.name)  # positions of the results would not be those of the domain
    for _, child in children(node):
        if not is_process(child):
            _collect(child, step, key, inner, asked)


def _domain(asked: _Asked) -> Expr | None:
    if asked.unknown or (asked.domains and asked.keys):
        return None
    if not asked.domains:  # without keys: nothing asks, so nothing runs
        return Array(items=tuple(asked.keys))
    first = asked.domains[0]
    static = isinstance(first, Input) or is_literal(first)
    return first if static and all(same(first, other) for other in asked.domains) else None


@dataclass
class _Asking:
    """Rewrites the places that ask for a step which is now a scatter."""

    step_id: str
    key: str
    keys: Sequence[Expr]
    context: Context

    def replacement(self, items: dict[str, Expr]) -> _Replacement:
        return _Replacement(self, items, {})

    def step(self, step: Step) -> Step:
        """Return a step that takes items in place of asking for keys."""
        asking = self.replacement(_item_domains(step))
        asking.taken = _locals(step)
        new = substitute(step, asking, self.context)
        if not asking.over or not isinstance(new.scatter, Scatter):
            return new
        more = [
            Over(name=name, value=Output(step=self.step_id, port=port))
            for port, name in asking.over.items()
        ]
        scatter = self.context.replace(new.scatter, over=(*new.scatter.over, *more))
        return self.context.replace(new, scatter=scatter)


class _Replacement:
    def __init__(self, asking: _Asking, items: dict[str, Expr], over: dict[str, str]) -> None:
        self.asking, self.items, self.over = asking, items, over
        self.taken: set[str] = set()

    def __call__(self, node: msgspec.Struct) -> msgspec.Struct | None:
        asking = self.asking
        if isinstance(node, Each) and node.where is None:
            by = _key_asked(node.body, asking.step_id, asking.key)
            if isinstance(by, Local) and by.name == node.name and isinstance(node.body, Index):
                self._told(node)
                return node.body.of
        by = _key_asked(node, asking.step_id, asking.key)
        if by is None or not isinstance(node, Index) or not isinstance(node.of, Output):
            return None
        if isinstance(by, Local) and by.name in self.items:
            port = node.of.port
            if port not in self.over:
                self.over[port] = fresh(f"{asking.step_id}_{port}", self.taken)
                self.taken.add(self.over[port])
            self._told(node)
            return Local(name=self.over[port])
        places = [canonical_bytes(key) for key in asking.keys]
        self._told(node)
        number = IntLit(value=places.index(canonical_bytes(by)))
        return asking.context.replace(node, by=number)

    def _told(self, node: msgspec.Struct) -> None:
        step = self.asking.step_id
        self.asking.context.told("rewritten", node, f"the key asked of {step!r} is a place in it")
