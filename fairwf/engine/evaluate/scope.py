"""Scopes: what references mean in the place where an expression is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from fairwf.engine.evaluate.collections import RuntimeValue
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.ir.expressions import (
    BodyOutput,
    Input,
    Key,
    Local,
    Output,
    Reference,
    Runtime,
    State,
    StepInput,
)
from fairwf.source import did_you_mean


class Scope(Protocol):
    """Gives references their values."""

    @property
    def confined(self) -> bool:
        """Whether who takes a value checks where its files lie, so that any may be named."""
        ...

    def resolve(self, reference: Reference) -> RuntimeValue:
        """Return what the reference names.

        Raises:
            NotReady: it has no value yet.
            FunctionError: it names nothing here.
        """
        ...

    def demand_path(self, path: str) -> RuntimeValue:
        """Return the file at a path, made by the rule whose pattern matches.

        Raises:
            NotReady: the rule has not made it yet.
            FunctionError: no rule makes it.
        """
        ...

    def readable(self, value: RuntimeValue) -> RuntimeValue:
        """Return a value whose files lie where a function that reads them finds them."""
        ...


class Inner:
    """A scope around which names are bound (``each``, ``self``)."""

    def __init__(self, outer: Scope, names: Mapping[str, RuntimeValue]) -> None:
        self._outer = outer
        self._names = names

    @property
    def confined(self) -> bool:
        """Ask the outer scope."""
        return self._outer.confined

    def resolve(self, reference: Reference) -> RuntimeValue:
        """Return a bound name's value, else what the outer scope says."""
        if isinstance(reference, Local) and reference.name in self._names:
            return self._names[reference.name]
        return self._outer.resolve(reference)

    def demand_path(self, path: str) -> RuntimeValue:
        """Ask the outer scope."""
        return self._outer.demand_path(path)

    def readable(self, value: RuntimeValue) -> RuntimeValue:
        """Ask the outer scope."""
        return self._outer.readable(value)


class Bindings(msgspec.Struct, frozen=True, kw_only=True):
    """A scope of known values: the inside of a task, or a step whose values are all there.

    ``on_host`` tells where on this machine the files of a value lie that the task names otherwise.
    """

    inputs: Mapping[str, RuntimeValue] = {}
    locals: Mapping[str, RuntimeValue] = {}
    runtime: Mapping[str, RuntimeValue] = {}
    keys: Mapping[str, RuntimeValue] = {}
    state: Mapping[str, RuntimeValue] = {}
    step_inputs: Mapping[str, RuntimeValue] = {}
    body: Mapping[str, RuntimeValue] = {}
    on_host: Callable[[RuntimeValue], RuntimeValue] | None = None
    confined: bool = False

    def binding(self, /, **names: RuntimeValue) -> Bindings:
        """Return the scope with local names bound: ``scope.binding(self=files)``."""
        return msgspec.structs.replace(self, locals={**self.locals, **names})

    def resolve(self, reference: Reference) -> RuntimeValue:
        """Return the value bound under the reference's name.

        Raises:
            FunctionError: nothing of that kind and name is bound.
        """
        if isinstance(reference, Output):
            raise FunctionError(f"there is no step output '{reference.step}/{reference.port}' here")
        table, what = _TABLES[type(reference)]
        names: Mapping[str, RuntimeValue] = getattr(self, table)
        name = reference.port if isinstance(reference, BodyOutput) else reference.name
        try:
            return names[name]
        except KeyError:
            hint = did_you_mean(name, names)
        raise FunctionError(f"there is no {what} {name!r} here", hint)

    def demand_path(self, path: str) -> RuntimeValue:
        """Refuse: no rules are known here.

        Raises:
            FunctionError: always.
        """
        raise FunctionError(f"no rule makes {path!r} here")

    def readable(self, value: RuntimeValue) -> RuntimeValue:
        """Return the value with its files where they lie on this machine."""
        return value if self.on_host is None else self.on_host(value)


_TABLES: dict[type[Reference], tuple[str, str]] = {
    Input: ("inputs", "input"),
    Local: ("locals", "local"),
    Runtime: ("runtime", "runtime value"),
    Key: ("keys", "key"),
    State: ("state", "state"),
    StepInput: ("step_inputs", "step input"),
    BodyOutput: ("body", "output of the loop's body"),
}
"""Of each kind of reference, the field that holds what it may name, and what that is called."""
