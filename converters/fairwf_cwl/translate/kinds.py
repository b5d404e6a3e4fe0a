"""What is known of a JavaScript value before it is there: its possible kinds, and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fairwf.ir import types as ir

EXACT = 2**53 - 1
"""Whole numbers up to here are exact in JavaScript."""

IS_ARRAY = "\0is_array"
"""Whether a value is an array: no function of the IR, a choice by it may be one."""
OBJECTS = frozenset({"file", "directory", "array", "record"})
ABSENT = frozenset({"none", "undefined"})
NUMBERS = frozenset({"int", "float"})
SCALARS = frozenset({"none", "bool", "int", "float", "text"})


@dataclass(frozen=True)
class Known:
    """What is known of a value.

    ``kinds`` holds all that it may be; ``undefined`` is a value that the IR says as none. ``most``
    bounds numbers in magnitude. ``total``: JavaScript always gives a value, it never throws.
    ``filled``: an array of one item or more; ``parts`` are its items where each is known.
    ``least``: a number is not below it. ``texts``: a text is one of them, where there are some.
    """

    kinds: frozenset[str]
    item: Known | None = None
    fields: Mapping[str, Known] = field(default_factory=dict)
    most: float = float("inf")
    total: bool = True
    filled: bool = False
    parts: tuple[Known, ...] = ()
    least: float = float("-inf")
    texts: frozenset[str] = frozenset()

    def only(self, *kinds: str) -> bool:
        """Tell whether the value is certainly one of these kinds."""
        return self.kinds <= frozenset(kinds)

    def may(self, *kinds: str) -> bool:
        """Tell whether the value may be of one of these kinds."""
        return bool(self.kinds & frozenset(kinds))

    def present(self) -> Known:
        """The same of a value that is there."""
        return replace(self, kinds=self.kinds - ABSENT)

    def partial(self) -> Known:
        """The same of a computation that may throw."""
        return replace(self, total=False)

    @property
    def exact(self) -> bool:
        """Whether JavaScript has the very number (a float is one in both)."""
        return not self.may("int") or self.most <= EXACT


def known(*kinds: str, total: bool = True) -> Known:
    """Return what is known of a value of these kinds, numbers excepted."""
    return Known(frozenset(kinds), total=total)


def whole(most: float, least: float | None = None, total: bool = True) -> Known:
    """Return what is known of a whole number."""
    return Known(
        frozenset({"int"}), most=most, least=-most if least is None else least, total=total
    )


TEXT = known("text")
TRUTH = known("bool")
MAYBE_TEXT = known("text", "undefined")
FILE = known("file")
ANYTHING = known("any")


def of_type(type_: ir.Type | None) -> Known:
    """Return what is known of a value of a type."""
    if isinstance(type_, ir.OptionalType):
        inner = of_type(type_.item)
        return replace(inner, kinds=inner.kinds | {"none"})
    if isinstance(type_, ir.UnionType):
        return joined([of_type(member) for member in type_.members])
    if isinstance(type_, ir.ArrayType):
        return Known(frozenset({"array"}), item=of_type(type_.items), filled=type_.nonempty)
    if isinstance(type_, ir.RecordType):
        fields = {one.name: of_type(one.type) for one in type_.fields}
        return Known(frozenset({"record"}), fields=fields) if "class" not in fields else ANYTHING
    if isinstance(type_, ir.EnumType):
        return replace(TEXT, texts=frozenset(type_.symbols))
    if isinstance(type_, ir.IntType):
        return whole(2**31 if type_.bits == 32 else 2**63)
    return known(_SIMPLE.get(type(type_), "any"))


_SIMPLE: dict[type, str] = {
    ir.NoneType: "none",
    ir.BoolType: "bool",
    ir.FloatType: "float",
    ir.StringType: "text",
    ir.FileType: "file",
    ir.DirectoryType: "directory",
}


def joined(parts: list[Known]) -> Known:
    """Return what is known of a value that is one of several."""
    if not parts:
        return ANYTHING
    items = [part.item for part in parts if part.may("array")]
    records = [part for part in parts if part.may("record")]
    numbers = [part for part in parts if part.may("int", "float")]
    inside = [one for one in items if one is not None]
    item = joined(inside) if inside and len(inside) == len(items) else None
    return Known(
        frozenset().union(*(part.kinds for part in parts)),
        item=item,
        fields=records[0].fields if len(records) == 1 else {},
        most=max((part.most for part in numbers), default=float("inf")),
        least=min((part.least for part in numbers), default=float("-inf")),
        total=all(part.total for part in parts),
        filled=all(part.filled for part in parts if part.may("array")) and bool(items),
    )


def crosses(value: Known) -> bool:
    """Tell whether a value is the same when it has been through JavaScript.

    A float without fraction comes back as a whole number, and a great whole number rounded.
    """
    if value.may("any", "float") or not value.exact:
        return False
    if value.may("array") and (value.item is None or not crosses(value.item)):
        return False
    if not value.may("record"):
        return True
    return bool(value.fields) and all(crosses(one) for one in value.fields.values())


def in_words(what: Known) -> str:
    """Return what is known of a value as words of a message."""
    if what.may("any"):
        return "something of an unknown type"
    return " or ".join(sorted(what.kinds)) or "nothing"
