"""What the executions of a step were given or gave under one name, and the type of all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fairwf.ir.expressions import Array, BoolLit, Directory, Expr, File, FloatLit, IntLit, NoneLit
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    DirectoryType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    StringType,
    Type,
    UnionType,
)


@dataclass
class Side:
    """What the executions of a step gave or got under one name."""

    kinds: set[str] = field(default_factory=set)
    many: bool = False
    values: list[Expr] = field(default_factory=list)

    def see(self, value: Expr) -> None:
        """Take in a value."""
        self.values.append(value)
        if isinstance(value, Array):
            self.many = True
            self.kinds.update(kind_of(item) for item in value.items)
        elif not isinstance(value, NoneLit):
            self.kinds.add(kind_of(value))

    def type(self, executions: int) -> Type:
        """Return the type of all values of the step's executions together."""
        item = any_of(self.kinds) if self.kinds else FileType()
        whole: Type = ArrayType(items=item) if self.many or executions > 1 else item
        return whole if self.values_everywhere(executions) else OptionalType(item=whole)

    def values_everywhere(self, executions: int) -> bool:
        """True where every execution has a value."""
        return len(self.values) == executions and not any(
            isinstance(value, NoneLit) for value in self.values
        )


_TYPES: Mapping[str, Type] = {
    "bool": BoolType(),
    "directory": DirectoryType(),
    "file": FileType(),
    "float": FloatType(),
    "int": IntType(),
    "text": StringType(),
}


def kind_of(value: Expr) -> str:
    """Return the kind of a value that is no array."""
    kinds: dict[type, str] = {
        File: "file",
        Directory: "directory",
        BoolLit: "bool",
        IntLit: "int",
        FloatLit: "float",
    }
    return kinds.get(type(value), "text")


def any_of(kinds: Iterable[str]) -> Type:
    """Return the type of values of these kinds."""
    found = tuple(_TYPES[kind] for kind in sorted(set(kinds)))
    return found[0] if len(found) == 1 else UnionType(members=found)
