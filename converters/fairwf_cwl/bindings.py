"""What the names in CWL's expressions stand for (CWL v1.2, "Expressions")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from fairwf.ir import types as ir
from fairwf.ir.expressions import Expr, Local, Runtime

RuntimeName = Literal["outdir", "tmpdir", "cores", "ram", "outdirSize", "tmpdirSize", "exitCode"]
RUNTIME_NAMES: Mapping[str, RuntimeName] = {
    "outdir": "outdir",
    "tmpdir": "tmpdir",
    "cores": "cores",
    "ram": "ram",
    "outdirSize": "outdirSize",
    "tmpdirSize": "tmpdirSize",
    "exitCode": "exitCode",
}


@dataclass(frozen=True)
class Bound:
    """What a name stands for: a maker of fresh nodes, and the type if it is known.

    ``parts`` are the items of an array that is made of several values.
    """

    make: Callable[[], Expr]
    type: ir.Type | None = None
    parts: tuple[Bound, ...] = ()


def self_of(type_: ir.Type | None = None) -> Bound:
    """Return the binding of ``self`` to the local of that name."""
    return Bound(lambda: Local(name="self"), type_)


@dataclass(frozen=True)
class Names:
    """The names that an expression sees, and the language that it may use.

    ``runtime`` holds the names of ``runtime`` that are there; ``self`` of None is ``null``.
    ``typed``: values have the types of their names for certain.
    """

    inputs: Mapping[str, Bound] = field(default_factory=dict)
    self: Bound | None = None
    runtime: tuple[str, ...] = ()
    javascript: bool = False
    libraries: tuple[str, ...] = ()
    typed: bool = True
    old_escapes: bool = False

    def with_self(self, bound: Bound | None) -> Names:
        """Return the same names with another ``self``."""
        return replace(self, self=bound)


def runtime_of(name: str) -> Bound:
    """Return the binding of a name of ``runtime``."""
    type_ = ir.StringType() if name in ("outdir", "tmpdir") else ir.FloatType()
    return Bound(lambda: Runtime(name=RUNTIME_NAMES[name]), type_)
