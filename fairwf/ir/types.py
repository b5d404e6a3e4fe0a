"""Types of values: what a port, a link or an expression carries.

Sources: CWL v1.2 "Data types"; WDL 1.2 "Types"; Nextflow channels (``stream``); Snakemake
wildcards (``keyed``).
"""

from __future__ import annotations

from typing import Literal, Union

from fairwf.ir.base import Node, Part


class NoneType(Node, frozen=True, kw_only=True, tag="none"):
    """The type of the one value ``none``: CWL ``null``, WDL ``None``."""


class BoolType(Node, frozen=True, kw_only=True, tag="bool"):
    """True or false."""


class IntType(Node, frozen=True, kw_only=True, tag="int"):
    """A whole number. ``bits=32`` is CWL's ``int``; 64 is CWL's ``long`` and WDL's ``Int``."""

    bits: Literal[32, 64] = 64


class FloatType(Node, frozen=True, kw_only=True, tag="float"):
    """An IEEE 754 number. ``bits=32`` is CWL's ``float``; 64 is ``double`` and WDL's ``Float``."""

    bits: Literal[32, 64] = 64


class StringType(Node, frozen=True, kw_only=True, tag="string"):
    """Unicode text."""


class BytesType(Node, frozen=True, kw_only=True, tag="bytes"):
    """Uninterpreted octets."""


class FileType(Node, frozen=True, kw_only=True, tag="File"):
    """A file with its attributes and secondary files (CWL v1.2 "File")."""


class DirectoryType(Node, frozen=True, kw_only=True, tag="Directory"):
    """A folder with its listing (CWL v1.2 "Directory")."""


class AnyType(Node, frozen=True, kw_only=True, tag="any"):
    """Any value but ``none`` (CWL ``Any``)."""


class EnumType(Node, frozen=True, kw_only=True, tag="enum"):
    """One of a fixed list of texts."""

    symbols: tuple[str, ...]
    name: str | None = None


class ArrayType(Node, frozen=True, kw_only=True, tag="array"):
    """An ordered collection whose length is known when it is ready."""

    items: Type
    nonempty: bool = False


class MapType(Node, frozen=True, kw_only=True, tag="map"):
    """Values by key (WDL ``Map[K, V]``)."""

    keys: Type
    values: Type


class StreamType(Node, frozen=True, kw_only=True, tag="stream"):
    """A collection that arrives item by item and may be endless (Nextflow channels)."""

    items: Type


class KeyedType(Node, frozen=True, kw_only=True, tag="keyed"):
    """A memoised function of a key: what a rule over demanded keys gives (Snakemake).

    Only ``index`` applies: it has no domain, so it cannot be iterated, collected or waited for.
    """

    keys: tuple[RecordField, ...]
    value: Type


class RecordField(Part, frozen=True, kw_only=True):
    """A named member of a record."""

    name: str
    type: Type
    label: str | None = None
    doc: str | None = None


class RecordType(Node, frozen=True, kw_only=True, tag="record"):
    """Named members in an order (CWL records, WDL structs, pairs and objects)."""

    fields: tuple[RecordField, ...]
    name: str | None = None


class OptionalType(Node, frozen=True, kw_only=True, tag="optional"):
    """``item`` or ``none``."""

    item: Type


class UnionType(Node, frozen=True, kw_only=True, tag="union"):
    """One of several types (CWL unions)."""

    members: tuple[Type, ...]


Type = Union[
    NoneType,
    BoolType,
    IntType,
    FloatType,
    StringType,
    BytesType,
    FileType,
    DirectoryType,
    AnyType,
    EnumType,
    ArrayType,
    MapType,
    StreamType,
    KeyedType,
    RecordType,
    OptionalType,
    UnionType,
]
"""Any type of the IR."""
