"""Types of the IR as WDL writes them, and the structs that they need (1.2, "Types")."""

from __future__ import annotations

import msgspec

from fairwf.ir.enclosing import ENCLOSED
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    OptionalType,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.names import Names, claimed
from fairwf_wdl.write.several import several

STRING, INT, FLOAT, BOOL = StringType(), IntType(), FloatType(), BoolType()
FILE, DIRECTORY = FileType(), DirectoryType()
PATHS = (FileType, DirectoryType)


def required(type_: Type | None) -> Type | None:
    """Return the type of what is not none."""
    while isinstance(type_, OptionalType):
        type_ = type_.item
    if isinstance(type_, UnionType):
        return _without_none(type_)
    return type_


def is_optional(type_: Type | None) -> bool:
    """Tell whether a value of a type may be none."""
    if isinstance(type_, UnionType):
        return any(isinstance(one, NoneType) for one in type_.members)
    return isinstance(type_, (OptionalType, NoneType))


def optional(type_: Type | None) -> Type | None:
    """Return the type of what may be none."""
    return type_ if type_ is None or is_optional(type_) else OptionalType(item=type_)


def _without_none(type_: UnionType) -> Type:
    rest = tuple(one for one in type_.members if not isinstance(one, NoneType))
    if len(rest) == len(type_.members):
        return type_
    return rest[0] if len(rest) == 1 else msgspec.structs.replace(type_, members=rest)


def item_of(type_: Type | None) -> Type | None:
    """Return the type of the items of an array, if it is one."""
    type_ = required(type_)
    return type_.items if isinstance(type_, ArrayType) else None


def is_pair(type_: Type | None) -> bool:
    """Tell whether a record is WDL's pair."""
    return (
        isinstance(type_, RecordType)
        and type_.name is None
        and [field.name for field in type_.fields] == ["left", "right"]
    )


def member_names(type_: RecordType) -> dict[str, str]:
    """Return the name in WDL of each member of a struct."""
    if is_pair(type_):
        return {"left": "left", "right": "right"}
    return claimed((field.name for field in type_.fields), Names(), "member")


class Structs:
    """The structs of one document, by what they hold. ``names`` are those of its whole scope."""

    def __init__(self, names: Names, directories: bool) -> None:
        self.names = names
        self.directories = directories
        self.texts: dict[str, str] = {}
        self._known: dict[tuple[str | None, str], str] = {}

    def type_text(self, type_: Type) -> str:
        """Return a type as WDL writes it.

        Raises:
            CannotSayError: WDL has no such type.
        """
        inner: Type | None = several(type_) or required(type_)
        if isinstance(inner, UnionType):
            inner = inner.members[0]
        if inner is None or isinstance(inner, (AnyType, UnionType)):
            raise CannotSayError(
                "WDL has no type for values of several types",
                type_,
                "give the value one type, or one that may be none",
            )
        if isinstance(inner, NoneType):
            return "String?"  # of a value that always is none
        text = self._required(inner)
        return f"{text}?" if is_optional(type_) else text

    def _required(self, type_: Type) -> str:
        match type_:
            case BoolType():
                return "Boolean"
            case IntType():
                return "Int"
            case FloatType():
                return "Float"
            case StringType() | EnumType():
                return "String"
            case FileType():
                return "File"
            case DirectoryType():
                if self.directories:
                    return "Directory"
                raise CannotSayError("WDL has directories since 1.2", type_, "write WDL 1.2")
            case ArrayType():
                return f"Array[{self.type_text(type_.items)}]" + ("+" if type_.nonempty else "")
            case MapType():
                return f"Map[{self.type_text(type_.keys)}, {self.type_text(type_.values)}]"
            case RecordType():
                return self._record(type_)
        raise CannotSayError("WDL has no such type", type_)

    def _record(self, type_: RecordType) -> str:
        if is_pair(type_):
            left, right = (self.type_text(field.type) for field in type_.fields)
            return f"Pair[{left}, {right}]"
        return self.struct(type_)

    def struct(self, type_: RecordType) -> str:
        """Return the name of the struct for a record."""
        if not type_.fields:
            raise CannotSayError("WDL's structs have at least one member", type_)
        names = member_names(type_)
        lines = [f"  {self.type_text(f.type)} {names[f.name]}\n" for f in type_.fields]
        body = "".join(lines)
        key = (type_.name, body)
        if key not in self._known:
            wanted = type_.name or "".join(n[:1].upper() + n[1:] for n in names.values())[:40]
            self._known[key] = self.names.claim(wanted, "Record")
            self.texts[self._known[key]] = body
        return self._known[key]

    def several(self) -> str:
        """Return the name of the struct for values of any type."""
        return self.struct(ENCLOSED)

    def text(self) -> str:
        """Return the definitions."""
        parts = []
        for name, body in self.texts.items():
            parts.append(f"struct {name} {{\n{body}}}\n")
        return "\n".join(parts)
