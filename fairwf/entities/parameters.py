"""Formal parameters: what a workflow or tool takes and gives (Bioschemas FormalParameter 1.0).

``additionalType`` follows Workflow Run Crate 0.5, "Mapping of CWL types".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fairwf.entities.identifiers import ref, refs
from fairwf.ir.canonical import to_plain
from fairwf.ir.expressions import Expr, StringLit
from fairwf.ir.iris import is_iri
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    BytesType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    OptionalType,
    RecordType,
    StreamType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.values import NotLiteralError, Value, from_literal

CONFORMS_TO = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"

_NAMES: dict[type, str] = {
    BoolType: "Boolean",
    IntType: "Integer",
    FloatType: "Float",
    StringType: "Text",
    EnumType: "Text",
    BytesType: "Text",
    DirectoryType: "Dataset",
    RecordType: "PropertyValue",
    MapType: "PropertyValue",
}
_PROPERTY_VALUES = frozenset({"PropertyValue", "Boolean", "Integer", "Float", "Text"})


@dataclass(eq=False)
class Parameter:
    """A port as an entity; ``examples`` and ``kinds`` are what the run gave it.

    ``given`` is True once a value other than none was seen; ``absent`` once none was.
    """

    id: str
    port: InputPort | OutputPort
    kinds: set[str] = field(default_factory=set)
    examples: dict[str, None] = field(default_factory=dict)
    given: bool = False
    absent: bool = False

    @property
    def name(self) -> str:
        """The port's id."""
        return self.port.id

    def entity(self) -> dict[str, Any]:
        """Return the entity."""
        port = self.port
        default = port.default if isinstance(port, InputPort) else None
        return {
            "@type": "FormalParameter",
            "@id": self.id,
            "conformsTo": ref(CONFORMS_TO),
            "name": port.id,
            "alternateName": port.label if port.label != port.id else None,
            "description": port.doc,
            "additionalType": self._additional_types(),
            "encodingFormat": [ref(iri) for iri in self.formats()],
            "valueRequired": _required(port),
            "multipleValues": True if _multiple(port.type) else None,
            "defaultValue": _default(default),
            "workExample": refs(self.examples),
        }

    def formats(self) -> list[str]:
        """Return the IRIs of the formats that the port accepts or gives."""
        stated = [f.value for f in self.port.format if isinstance(f, StringLit)]
        return [iri for iri in stated if is_iri(iri)]

    def _additional_types(self) -> list[str]:
        """Return the declared types; where the run gave examples, those that the examples are of.

        The profile wants every type of a parameter to fit every example.
        """
        declared = list(dict.fromkeys(_declared(self.port.type, bool(self.port.secondary))))
        if not self.kinds:
            return declared or ["DataType"]
        properties = [name for name in declared if name in _PROPERTY_VALUES] or ["PropertyValue"]
        kinds = sorted(self.kinds - {"PropertyValue"})
        return [*(properties if "PropertyValue" in self.kinds else []), *kinds]

    @property
    def takes_files(self) -> bool:
        """True where the declared type has room for files or folders."""
        declared = _declared(self.port.type, bool(self.port.secondary))
        return not _PROPERTY_VALUES.issuperset(declared)


def _declared(type_: Type, secondary: bool) -> list[str]:
    match type_:
        case FileType():
            return ["Collection" if secondary else "File"]
        case ArrayType() | StreamType():
            return _declared(type_.items, secondary)
        case OptionalType():
            return _declared(type_.item, secondary)
        case UnionType():
            return [name for member in type_.members for name in _declared(member, secondary)]
        case _:
            name = _NAMES.get(type(type_))
            return [name] if name else []


def _required(port: InputPort | OutputPort) -> bool | None:
    if not isinstance(port, InputPort):
        return None
    return port.default is None and not _optional(port.type)


def _optional(type_: Type) -> bool:
    if isinstance(type_, UnionType):
        return any(_optional(member) for member in type_.members)
    return isinstance(type_, (OptionalType, NoneType))


def _multiple(type_: Type) -> bool:
    match type_:
        case ArrayType() | StreamType():
            return True
        case OptionalType():
            return _multiple(type_.item)
        case UnionType():
            return any(_multiple(member) for member in type_.members)
        case _:
            return False


def _default(expression: Expr | None) -> Any:
    """Return a default as a JSON scalar or JSON text; None where it is computed or names a file."""
    if expression is None:
        return None
    try:
        return scalar(from_literal(expression))
    except NotLiteralError:
        return None


def scalar(value: Value) -> Any:
    """Return a value as a JSON scalar, or as JSON text where it has parts.

    Files appear as their names. None stays None; numbers that JSON cannot write become text.
    """
    import json
    import math

    from fairwf.ir.expressions import Directory, File

    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, bytes):
        return to_plain(value)
    if isinstance(value, (File, Directory)):
        return value.basename or (value.location or "").rpartition("/")[2] or None
    plain = _plain(value)
    return json.dumps(plain, ensure_ascii=False, sort_keys=isinstance(plain, dict))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return scalar(value)
