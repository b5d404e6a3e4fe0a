"""What the rest of a workflow needs of its scatters and conditionals, and how each is said."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from WDL import Expr as Syntax
from WDL import Tree
from WDL import Type as Types

Referee = Tree.Decl | Tree.Call | Tree.Gather


class Needed:
    """The names that are used outside of the section that makes them, by section."""

    def __init__(self, workflow: Tree.Workflow) -> None:
        self._names: dict[int, dict[str, Referee]] = {}
        for node in descend(workflow):
            if isinstance(node, Syntax.Ident) and isinstance(node.referee, Tree.Gather):
                self._add(str(node.name), node.referee)
        if workflow.outputs is None:
            for binding in workflow.effective_outputs:
                if isinstance(binding.info, Tree.Gather):
                    self._add(str(binding.name), binding.info)

    def _add(self, name: str, gather: Tree.Gather) -> None:
        inner: Any = gather
        while isinstance(inner, Tree.Gather):
            self._names.setdefault(id(inner.section), {})[name] = inner.referee
            inner = inner.referee

    def of(self, section: Tree.WorkflowSection) -> dict[str, Referee]:
        """Return what the section has to give: the node by its name."""
        return self._names.get(id(section), {})


def type_of(referee: Referee, name: str) -> Types.Base:
    """Return the type of what a name stands for inside of its section."""
    if isinstance(referee, Tree.Decl):
        return referee.type
    if isinstance(referee, Tree.Call):
        found = {one.name: one.value for one in referee.effective_outputs}
        return found[name]
    inner = type_of(referee.referee, name)
    if isinstance(referee.section, Tree.Scatter):
        over = referee.section.expr.type
        return Types.Array(inner, nonempty=isinstance(over, Types.Array) and over.nonempty)
    return inner.copy(optional=True)


def descend(node: Any) -> Iterator[Any]:
    """Yield every node of a workflow, sections before what is in them."""
    todo = [node]
    while todo:
        one = todo.pop()
        yield one
        todo.extend(reversed(list(one.children)))


def before(decl: Tree.Decl, known: Collection[int]) -> list[Tree.Decl]:
    """Return what a declaration is computed from, first things first, itself last.

    ``known`` are the identities of the declarations to look at. A long chain of them so takes no
    more stack than a short one.
    """
    order: list[Tree.Decl] = []
    done: set[int] = set()
    stack: list[tuple[Tree.Decl, bool]] = [(decl, False)]
    while stack:
        one, seen = stack.pop()
        if seen:
            order.append(one)
        elif id(one) not in done:
            done.add(id(one))
            stack.append((one, True))
            for node in [] if one.expr is None else descend(one.expr):
                referee = node.referee if isinstance(node, Syntax.Ident) else None
                if isinstance(referee, Tree.Decl) and id(referee) in known:
                    stack.append((referee, False))
    return order


def calls(nodes: list[Tree.WorkflowNode]) -> list[Tree.Call]:
    """Return all calls, also those of sections inside."""
    found: list[Tree.Call] = []
    for node in nodes:
        if isinstance(node, Tree.Call):
            found.append(node)
        elif isinstance(node, Tree.WorkflowSection):
            found.extend(calls(node.body))
    return found


def single(
    section: Tree.WorkflowSection, needed: Needed
) -> tuple[list[Tree.WorkflowSection], Tree.Call] | None:
    """Return the only call of a section, if one step can say the section: a scatter, conditions."""
    chain = [section]
    while True:
        last = chain[-1]
        rest = [node for node in last.body if not isinstance(node, Tree.Decl)]
        names = needed.of(last)
        if len(rest) != 1 or any(isinstance(one, Tree.Decl) for one in names.values()):
            return None
        (only,) = rest
        if isinstance(only, Tree.Call):
            return chain, only
        if not isinstance(only, Tree.Conditional):
            return None
        chain.append(only)
