"""Loops of steps: every input of the step is state, and what the rounds make of it.

CWL says a loop as ``loop`` of a step (v1.3) or as the requirement ``cwltool:Loop`` (v1.2): the
inputs of the step are what the first round is given, an entry of ``loop`` what the next one is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.expressions import (
    Array,
    BodyOutput,
    Call,
    Each,
    Expr,
    Input,
    Local,
    NoneLit,
    Opaque,
    Output,
    State,
    StepInput,
    Template,
)
from fairwf.ir.names import fresh
from fairwf.ir.rewriting import map_children
from fairwf.ir.walk import nodes, walk
from fairwf.ir.workflow import Loop, Step
from fairwf_cwl.write.javascript_text import CannotSayError, Naming, member
from fairwf_cwl.write.links import link
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.yaml_text import Inline

AFTER_NEWEST = "v1.3"
"""The first version that has loops of its own."""


def looping(step: Step, first_output: Callable[[str], str]) -> Step:
    """Return a step that loops with its inputs as state, as a CWL document has them.

    ``first_output`` gives an output of an earlier step that it waits for.

    Raises:
        CannotSayError: CWL has no such loop.
    """
    loop = step.loop
    assert loop is not None
    if step.scatter is not None:
        raise CannotSayError("a step of CWL cannot both scatter and loop", step.scatter)
    if loop.max is not None or loop.test != "before":
        raise CannotSayError("a loop of CWL ends by its test before a round", loop)
    if step.when is not None and loop.outputs == "all":
        raise CannotSayError("a loop of CWL that collects all rounds has no condition", step.when)
    state, following, until = dict(loop.state), dict(loop.next), loop.until
    state, following, until, inputs = _named_like_inputs(step, state, following, until)
    if step.when is not None:
        name = fresh("wanted", state)
        state[name] = _with(step.when, lambda node: _at_start(node, inputs, loop.state))
        wanted = Call(function="not", args=(State(name=name),))
        until = Call(function="or", args=(wanted, until))
    for earlier in step.after:
        name = fresh(f"after_{earlier}", state)
        state[name] = Output(step=earlier, port=first_output(earlier))
    outer = [one for value in (*following.values(), until) for one in _outer(value)]
    held = {canonical_bytes(one): one for one in outer}
    if held:
        names: dict[bytes, str] = {}
        for key, one in held.items():
            names[key] = fresh(getattr(one, "name", getattr(one, "port", "value")), state)
            state[names[key]] = one

        def kept(node: msgspec.Struct) -> msgspec.Struct | None:
            name = names.get(canonical_bytes(node)) if isinstance(node, (Input, Output)) else None
            return None if name is None else State(name=name)

        following = {name: _with(value, kept) for name, value in following.items()}
        until = _with(until, kept)
    if not (isinstance(until, Call) and until.function == "not" and len(until.args) == 1):
        going = Call(function="not", args=(until,))
        until = Call(function="not", args=(going,))
    changed = msgspec.structs.replace(loop, state=state, next=following, until=until)
    if _same_names(step, loop, state, following) and until is loop.until:
        return step
    return msgspec.structs.replace(
        step,
        loop=changed,
        when=None,
        after=(),
        inputs={name: State(name=name) for name in step.inputs},
    )


def _same_names(
    step: Step, loop: Loop, state: Mapping[str, Expr], following: Mapping[str, Expr]
) -> bool:
    simple = all(isinstance(v, State) and v.name == name for name, v in step.inputs.items())
    return (
        simple
        and step.when is None
        and not step.after
        and (
            list(state.items()) == list(loop.state.items())
            and list(following.items()) == list(loop.next.items())
        )
    )


def _named_like_inputs(
    step: Step, state: dict[str, Expr], following: dict[str, Expr], until: Expr
) -> tuple[dict[str, Expr], dict[str, Expr], Expr, Mapping[str, Expr]]:
    """Give the state that an input is the input's name; what is computed becomes state itself."""
    names: dict[str, str] = {}
    taken = {*state, *step.inputs}
    for name, value in step.inputs.items():
        if isinstance(value, State) and value.name not in names and value.name in state:
            names[value.name] = name
    for name in state:
        if name not in names:
            names[name] = fresh(name, taken) if name in step.inputs else name
            taken.add(names[name])

    def renamed(node: msgspec.Struct) -> msgspec.Struct | None:
        return (
            State(name=names[node.name]) if isinstance(node, State) and node.name in names else None
        )

    if any(old != new for old, new in names.items()):
        state = {names[name]: value for name, value in state.items()}
        following = {names[name]: _with(value, renamed) for name, value in following.items()}
        until = _with(until, renamed)
    inputs = {name: _with(value, renamed) for name, value in step.inputs.items()}
    start, then = dict(state), dict(following)
    for name, value in inputs.items():
        if isinstance(value, State) and value.name == name:
            continue
        state[name] = _with(value, lambda node: _of(node, start))
        if any(node.name in then for node in nodes(value, State)):
            following[name] = _with(value, lambda node: _of(node, then))
    return state, following, until, inputs


def _of(node: msgspec.Struct, values: Mapping[str, Expr]) -> msgspec.Struct | None:
    return values.get(node.name) if isinstance(node, State) else None


def _at_start(
    node: msgspec.Struct, inputs: Mapping[str, Expr], state: Mapping[str, Expr]
) -> msgspec.Struct | None:
    if isinstance(node, StepInput):
        value = inputs.get(node.name, NoneLit())
        return _with(value, lambda inner: _of(inner, state))
    return _of(node, state)


def _with(value: Expr, replacement: Callable[[msgspec.Struct], msgspec.Struct | None]) -> Expr:
    """Return an expression with references replaced, every node of it new."""

    def change(node: msgspec.Struct) -> msgspec.Struct:
        new = replacement(node)
        if new is not None:
            return new
        return map_children(node, change)

    result: Expr = change(value)  # type: ignore[assignment]
    return result


def _outer(value: Expr) -> Iterator[Expr]:
    yield from (node for _, node in walk(value) if isinstance(node, (Input, Output)))


def going(loop: Loop) -> Expr:
    """Return the condition for another round of a loop in normal form."""
    assert isinstance(loop.until, Call), "the test of a loop was put into normal form"
    return loop.until.args[0]


# --- entries of ``loop`` ----------------------------------------------------------------------


def base_of(value: Expr) -> Expr | None:
    """Return what is ``self`` in the valueFrom of a next value: the outputs that it sees."""
    for part in value.parts if isinstance(value, Template) else (value,):
        if isinstance(part, Opaque):
            for binding in part.bindings:
                if binding.path == ("self",) and not isinstance(binding.value, NoneLit):
                    return binding.value
    seen: dict[str, BodyOutput] = {}
    for _, node in walk(value):
        if isinstance(node, BodyOutput):
            seen.setdefault(node.port, node)
    found = list(seen.values())
    if len(found) > 1:
        return Array(items=tuple(BodyOutput(port=one.port) for one in found))
    return found[0] if found else None


def naming_of_next(value: Expr) -> Naming:
    """Return the names that a next value sees."""
    table: dict[bytes, str] = {}
    base = base_of(value)
    if isinstance(base, Array):
        for index, item in enumerate(base.items):
            table.setdefault(canonical_bytes(item), f"self[{index}]")
    if base is not None:
        table[canonical_bytes(base)] = "self"

    def naming(node: Expr) -> str | None:
        named = state_name(node)
        return named if named is not None else table.get(canonical_bytes(node))

    return naming


def state_name(node: Expr) -> str | None:
    """Return the name of a part of the state."""
    return member("inputs", node.name) if isinstance(node, State) else None


def entry_of(value: Expr, text: str | None) -> dict[str, Any]:
    """Return an entry of ``loop``: the link of a next value, or its valueFrom.

    Raises:
        CannotSayError: what it computes with cannot be named in a document.
    """
    whole = None if text is not None else _link(value)
    if whole is not None:
        return whole
    base = base_of(value)
    entry = _link(base) if base is not None else {}
    if entry is None:
        raise CannotSayError("the next state of a loop cannot be written", value)
    return {**entry, "valueFrom": text or ""}


def is_link(value: Expr) -> bool:
    """Tell whether a next value is said without valueFrom."""
    return _link(value) is not None


def _link(value: Expr) -> dict[str, Any] | None:
    if any(isinstance(node, (State, Each, Local, Input, Output)) for _, node in walk(value)):
        return None
    plain = _with(
        value, lambda node: Input(name=node.port) if isinstance(node, BodyOutput) else None
    )
    found = link(plain, Values())
    if found is None:
        return None
    return {"outputSource" if key == "source" else key: item for key, item in found.items()}


# --- the two syntaxes -------------------------------------------------------------------------


def as_written(tree: dict[str, Any], version: str) -> None:
    """Put ``when``, ``loop`` and ``outputMethod`` of a step as a version says them.

    Before v1.3 that is the requirement of cwltool.
    """
    source = "outputSource" if version >= AFTER_NEWEST else "loopSource"
    loop = {
        name: Inline({source if key == "outputSource" else key: v for key, v in entry.items()})
        for name, entry in tree["loop"].items()
    }
    tree["loop"] = {
        name: entry[source] if list(entry) == [source] and _plain(entry[source]) else entry
        for name, entry in loop.items()
    }
    every = tree["outputMethod"] == "all_iterations"
    if version >= AFTER_NEWEST:
        if not every:
            del tree["outputMethod"]
        return
    body: dict[str, Any] = {"loopWhen": tree.pop("when"), "loop": tree.pop("loop")}
    if tree.pop("outputMethod") == "all_iterations":
        body["outputMethod"] = "all"
    tree["requirements"] = {"cwltool:Loop": body}


def entries_of(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of the loop of a step as it is written, each as an object."""
    said = tree.get("loop")
    if said is None:
        said = tree.get("requirements", {}).get("cwltool:Loop", {}).get("loop", {})
    return [e if isinstance(e, dict) else {"outputSource": e} for e in said.values()]


def _plain(source: Any) -> bool:
    return isinstance(source, str) or (isinstance(source, list) and len(source) > 1)
