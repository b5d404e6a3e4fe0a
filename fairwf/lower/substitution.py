"""References inside expressions: found, replaced, and the trees around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeGuard, TypeVar

import msgspec

from fairwf.check.sites import Definitions
from fairwf.ir.codec import Root
from fairwf.ir.expressions import Each, Expr, Local, Reference
from fairwf.ir.rewriting import map_children
from fairwf.ir.walk import children
from fairwf.ir.workflow import Process, ProcessRef, Step, Workflow
from fairwf.lower.context import Context

REFERENCES: tuple[type[msgspec.Struct], ...] = Reference.__args__  # type: ignore[attr-defined]

S = TypeVar("S", bound=msgspec.Struct)
Replacement = Callable[[msgspec.Struct], msgspec.Struct | None]


def references(node: msgspec.Struct, bound: frozenset[str] = frozenset()) -> Iterator[Expr]:
    """Yield the references in a tree that are not bound inside it, in order.

    Processes inside have names of their own, so they are passed over.
    """
    if is_reference(node):
        if not (isinstance(node, Local) and node.name in bound):
            yield node
        return
    for key, child in children(node):
        if not is_process(child):
            inner = bound
            if isinstance(node, Each) and key != "over":
                inner = bound | {node.name}
            yield from references(child, inner)


def substitute(node: S, replacement: Replacement, context: Context) -> S:
    """Return the tree with nodes replaced by what the function gives; None keeps a node.

    Outer nodes are asked first, and what replaces one is not looked into. Names bound by an each
    inside are never asked for. Processes inside are left alone.
    """

    def visit(at: msgspec.Struct, bound: frozenset[str]) -> msgspec.Struct:
        if is_process(at) and at is not node:
            return at
        if not (isinstance(at, Local) and at.name in bound):
            new = replacement(at)
            if new is not None:
                context.origins.inherit(new, at)
                return new
        if isinstance(at, Each):
            inner = bound | {at.name}
            over = visit(at.over, bound)
            rest = map_children(
                at, lambda child: child if child is at.over else visit(child, inner)
            )
            if over is at.over and rest is at:
                return at
            return context.replace(at, over=over, body=rest.body, where=rest.where)
        return map_children(at, lambda child: visit(child, bound), context.origins)

    return visit(node, frozenset())  # type: ignore[return-value]


def is_reference(node: msgspec.Struct) -> TypeGuard[Expr]:
    """Tell whether a node names a value."""
    return isinstance(node, REFERENCES)


def is_process(node: object) -> bool:
    """Tell whether a node is a process or a reference to one."""
    return isinstance(node, (Workflow, ProcessRef)) or (hasattr(node, "intent"))


def with_steps(workflow: Workflow, steps: tuple[Step, ...], context: Context) -> Workflow:
    """Return the workflow with other steps; itself where they are the same."""
    if all(a is b for a, b in zip(steps, workflow.steps, strict=True)):
        return workflow
    return context.replace(workflow, steps=steps)


def over_steps(
    root: Root, function: Callable[[Workflow, Step, Definitions], Step], context: Context
) -> Root:
    """Return the document with ``function`` applied to each step of each workflow."""

    def visit(at: Workflow, definitions: Definitions) -> Workflow:
        return with_steps(at, tuple(function(at, s, definitions) for s in at.steps), context)

    return over_workflows(root, visit, context)


def over_workflows(
    root: Root,
    function: Callable[[Workflow, Definitions], Workflow],
    context: Context,
    known: Mapping[str, Process] | None = None,
) -> Root:
    """Return the document with ``function`` applied to each workflow, inner ones first.

    It is given the workflow and all processes that references in it can name.
    """
    if not isinstance(root, Workflow):
        return root
    inner = {**(known or {}), **root.processes}
    processes = {
        name: over_workflows(process, function, context, inner)
        for name, process in root.processes.items()
    }

    def visit(run: Process | ProcessRef) -> Root | ProcessRef:
        if isinstance(run, ProcessRef):
            return run
        return over_workflows(run, function, context, inner)

    steps = []
    for step in root.steps:
        handlers = tuple(
            h if h.run is None or (new := visit(h.run)) is h.run else context.replace(h, run=new)
            for h in step.handlers
        )
        changes: dict[str, object] = {}
        run = visit(step.run)
        if run is not step.run:
            changes["run"] = run
        if any(a is not b for a, b in zip(handlers, step.handlers, strict=True)):
            changes["handlers"] = handlers
        steps.append(context.replace(step, **changes) if changes else step)
    changes = {}
    if any(processes[name] is not root.processes[name] for name in processes):
        changes["processes"] = processes
    if any(a is not b for a, b in zip(steps, root.steps, strict=True)):
        changes["steps"] = tuple(steps)
    whole = context.replace(root, **changes) if changes else root
    return function(whole, {**(known or {}), **whole.processes})
