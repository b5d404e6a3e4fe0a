"""What the names in CWL's expressions stand for (CWL v1.2, "Expressions")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

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

DEVICES = "cudaDeviceCount"
"""The number of GPUs, which cwltool adds to ``runtime`` where CUDARequirement is in force."""


class Bound(msgspec.Struct, frozen=True):
    """What a name stands for: a maker of fresh nodes, and the type if it is known.

    ``parts`` are the items of an array that is made of several values.
    """

    make: Callable[[], Expr]
    type: ir.Type | None = None
    parts: tuple[Bound, ...] = ()


def self_of(type_: ir.Type | None = None) -> Bound:
    """Return the binding of ``self`` to the local of that name."""
    return Bound(lambda: Local(name="self"), type_)


class Names(msgspec.Struct, frozen=True):
    """The names that an expression sees, and the language that it may use.

    ``runtime`` holds the names of ``runtime`` that are there, ``devices`` makes what cwltool adds
    as :data:`DEVICES`; ``self`` of None is ``null``. ``typed``: values have the types of their
    names for certain.
    """

    inputs: Mapping[str, Bound] = msgspec.field(default_factory=dict)
    self: Bound | None = None
    runtime: tuple[str, ...] = ()
    devices: Callable[[], Expr] | None = None
    javascript: bool = False
    libraries: tuple[str, ...] = ()
    typed: bool = True
    old_escapes: bool = False

    def with_self(self, bound: Bound | None) -> Names:
        """Return the same names with another ``self``."""
        return replace(self, self=bound)

    @property
    def runtime_names(self) -> tuple[str, ...]:
        """The members of ``runtime``."""
        return (*self.runtime, DEVICES) if self.devices is not None else self.runtime

    def runtime_of(self, name: str) -> Bound | None:
        """Return the binding of a member of ``runtime``, if it is there."""
        if name == DEVICES and self.devices is not None:
            return Bound(self.devices, ir.FloatType())
        return _runtime(name) if name in self.runtime else None


def _runtime(name: str) -> Bound:
    """Return the binding of a name of ``runtime``."""
    type_ = ir.StringType() if name in ("outdir", "tmpdir") else ir.FloatType()
    return Bound(lambda: Runtime(name=RUNTIME_NAMES[name]), type_)
