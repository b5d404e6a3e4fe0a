"""The type of an expression in its scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from fairwf.check.assignability import assignable, without_none
from fairwf.check.scope import Scope
from fairwf.check.signatures import accepts, apply, arity, join
from fairwf.ir.expressions import (
    Array,
    Attr,
    BodyOutput,
    BoolLit,
    BytesLit,
    Call,
    Directory,
    Each,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Opaque,
    Output,
    Record,
    Runtime,
    State,
    StepInput,
    StringLit,
    Template,
)
from fairwf.ir.functions import FUNCTIONS
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    BytesType,
    DirectoryType,
    FileType,
    FloatType,
    IntType,
    KeyedType,
    MapType,
    NoneType,
    OptionalType,
    RecordField,
    RecordType,
    StreamType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.types_text import describe
from fairwf.source import did_you_mean

Listener = Callable[[str, msgspec.Struct, str, str | None], None]
"""Called with a code, the node, what is wrong, and a hint."""

FILE_ATTRIBUTES: Mapping[str, Type] = {
    "location": StringType(),
    "path": StringType(),
    "basename": StringType(),
    "dirname": StringType(),
    "nameroot": StringType(),
    "nameext": StringType(),
    "size": IntType(bits=32),
    "checksum": OptionalType(item=StringType()),
    "format": OptionalType(item=StringType()),
    "contents": OptionalType(item=StringType()),
    "class": StringType(),
}


def infer(expression: Expr, scope: Scope, listener: Listener | None = None) -> Type:
    """Return the type of ``expression``; ``any`` where nothing is known.

    The listener hears of wrong calls, members and uses of keyed collections inside. Names that do
    not resolve are ``any`` without a word (:mod:`fairwf.check.names` tells of them).
    """
    return _Inference(listener or _silent).of(expression, scope)


def _silent(code: str, node: msgspec.Struct, message: str, hint: str | None) -> None:
    """Hear nothing."""


class _Inference:
    def __init__(self, listener: Listener) -> None:
        self.tell = listener

    def of(self, node: Expr, scope: Scope, keyed: bool = False) -> Type:
        found = self._of(node, scope)
        if isinstance(found, KeyedType) and not keyed:
            keys = ", ".join(key.name for key in found.keys)
            self.tell(
                "FWF2013",
                node,
                f"{describe(found)} has no items of its own: only an index by key gives a value",
                f"ask for one key with an index by a record of {keys}, or for many with an each",
            )
            return AnyType()
        return found

    def _of(self, node: Expr, scope: Scope) -> Type:
        match node:
            case NoneLit():
                return NoneType()
            case BoolLit():
                return BoolType()
            case IntLit():
                return IntType(bits=32 if -(2**31) <= node.number < 2**31 else 64)
            case FloatLit():
                return FloatType()
            case StringLit():
                return StringType()
            case BytesLit():
                return BytesType()
            case File():
                return FileType()
            case Directory():
                return DirectoryType()
            case Attr():
                return self._attribute(node, self.of(node.of, scope))
            case Index():
                return self._index(node, scope)
            case Call():
                return self._call(node, scope)
            case If():
                self._want(node.test, scope, BoolType(), "the test of an if")
                return join([self.of(node.then, scope), self.of(node.otherwise, scope)])
            case Array():
                items = [self.of(item, scope) for item in node.items]
                return ArrayType(items=join(items) if items else UnionType(members=()))
            case Record():
                fields = [
                    RecordField(name=name, type=self.of(value, scope))
                    for name, value in node.fields.items()
                ]
                return RecordType(fields=tuple(fields))
            case Template():
                for part in node.parts:
                    self.of(part, scope)
                return StringType()
            case Each():
                return self._each(node, scope)
            case Opaque():
                for binding in node.bindings:
                    self.of(binding.value, scope)
                return node.gives or AnyType()
            case _:
                return reference_type(node, scope)

    def _want(self, node: Expr, scope: Scope, wanted: Type, what: str) -> None:
        given = self.of(node, scope)
        if not assignable(given, wanted):
            text = f"{what} is {describe(given)}, but {describe(wanted)} is wanted"
            self.tell("FWF2003", node, text, None)

    def _attribute(self, node: Attr, of: Type) -> Type:
        given = without_none(of)
        if isinstance(given, RecordType):
            fields = {field.name: field.type for field in given.fields}
            if node.name in fields:
                return fields[node.name]
            hint = did_you_mean(node.name, fields)
            self.tell("FWF2003", node, f"{describe(given)} has no member {node.name!r}", hint)
            return AnyType()
        if isinstance(given, MapType):
            return given.values
        if isinstance(given, (FileType, DirectoryType)):
            loaded = isinstance(node.of, Call) and node.of.function == "load_contents"
            if loaded and node.name == "contents":
                return StringType()
            return self._file_attribute(node, given)
        if isinstance(given, ArrayType) and node.name == "length":
            return IntType(bits=32)
        if not isinstance(given, (AnyType, UnionType)):
            text = f"{describe(given)} has no members, so no {node.name!r}"
            self.tell("FWF2003", node, text, None)
        return AnyType()

    def _file_attribute(self, node: Attr, given: FileType | DirectoryType) -> Type:
        if node.name in FILE_ATTRIBUTES:
            return FILE_ATTRIBUTES[node.name]
        if node.name in ("secondary", "secondaryFiles", "listing"):
            return ArrayType(items=UnionType(members=(FileType(), DirectoryType())))
        known = [*FILE_ATTRIBUTES, "secondary", "listing"]
        hint = did_you_mean(node.name, known)
        self.tell("FWF2003", node, f"a {describe(given)} has no attribute {node.name!r}", hint)
        return AnyType()

    def _index(self, node: Index, scope: Scope) -> Type:
        of = without_none(self.of(node.of, scope, keyed=True))
        by = self.of(node.by, scope)
        match of:
            case KeyedType():
                self._key(node, of, by)
                return of.value
            case ArrayType():
                wanted: Type = IntType()
                found: Type = of.items
            case MapType():
                # The keys of a value are texts, whatever they stand for.
                texts = isinstance(by, StringType)
                wanted, found = StringType() if texts else of.keys, of.values
            case RecordType():
                wanted, found = StringType(), join([field.type for field in of.fields])
            case AnyType() | UnionType():
                return AnyType()
            case _:
                self.tell("FWF2003", node, f"{describe(of)} has no items to index", None)
                return AnyType()
        if not assignable(by, wanted):
            text = f"the index is {describe(by)}, but {describe(of)} takes {describe(wanted)}"
            self.tell("FWF2003", node.by, text, None)
        return found

    def _key(self, node: Index, of: KeyedType, by: Type) -> None:
        wanted = RecordType(fields=of.keys)
        if len(of.keys) == 1 and not isinstance(without_none(by), (RecordType, MapType)):
            wanted_alone = of.keys[0].type
            if assignable(by, wanted_alone):
                return
        if not assignable(by, wanted):
            text = f"the key is {describe(by)}, but {describe(wanted)} is wanted"
            self.tell("FWF2013", node.by, text, None)

    def _call(self, node: Call, scope: Scope) -> Type:
        given = [self.of(argument, scope) for argument in node.args]
        if node.function not in FUNCTIONS:
            hint = did_you_mean(node.function, FUNCTIONS)
            self.tell("FWF2008", node, f"no standard function {node.function!r}", hint)
            return AnyType()
        if not accepts(node.function, len(given)):
            wanted = arity(node.function)
            text = f"{node.function} takes {wanted} argument(s), {len(given)} given"
            self.tell("FWF2008", node, text, FUNCTIONS[node.function].doc)
            return AnyType()
        if node.function == "default":
            return join([without_none(given[0]), given[1]])
        if node.function == "merge_flattened":
            return ArrayType(items=join([_flattened(of) for of in given]))
        if node.function in ("first_defined", "only_defined", "all_defined"):
            given = [_items_defined(given[0])]
        result, wrong = apply(node.function, given)
        for mismatch in wrong:
            text = (
                f"argument {mismatch.argument + 1} of {node.function} is "
                f"{describe(given[mismatch.argument])}, but {mismatch.wanted} is wanted"
            )
            self.tell("FWF2003", node.args[mismatch.argument], text, None)
        return result

    def _each(self, node: Each, scope: Scope) -> Type:
        over = without_none(self.of(node.over, scope))
        items = items_of(over)
        if items is None:
            self.tell("FWF2003", node.over, f"{describe(over)} has no items to go through", None)
            items = AnyType()
        inside = scope.with_locals({node.name: items})
        if node.where is not None:
            self._want(node.where, inside, BoolType(), "the condition of an each")
        body = self.of(node.body, inside)
        return StreamType(items=body) if isinstance(over, StreamType) else ArrayType(items=body)


def items_of(collection: Type) -> Type | None:
    """Return the type of a collection's items; None for what is no collection."""
    match without_none(collection):
        case ArrayType(items=items) | StreamType(items=items):
            return items
        case AnyType():
            return AnyType()
        case UnionType(members=members):
            inside = [items for items in map(items_of, members) if items is not None]
            return join(inside) if inside else None
        case _:
            return None


def _flattened(of: Type) -> Type:
    """Return the type of what a value adds to a flattened merge: an array's items, or itself."""
    match of:
        case ArrayType(items=items):
            return items
        case OptionalType(item=item):
            return join([NoneType(), _flattened(item)])
        case UnionType(members=members):
            return join([_flattened(member) for member in members])
        case _:
            return of


def _items_defined(of: Type) -> Type:
    items = items_of(of)
    return of if items is None else ArrayType(items=without_none(items))


def reference_type(node: Expr, scope: Scope) -> Type:
    """Return the type of what a reference names, also of a keyed collection."""
    found: Type | None = None
    match node:
        case Input(name=name):
            found = (scope.inputs or {}).get(name)
        case Output(step=step, port=port):
            found = (scope.outputs or {}).get(step, {}).get(port)
        case StepInput(name=name):
            found = (scope.step_inputs or {}).get(name)
        case Local(name=name):
            found = scope.locals.get(name)
        case Key(name=name):
            found = (scope.keys or {}).get(name)
        case State(name=name):
            found = (scope.state or {}).get(name)
        case BodyOutput(port=port):
            found = (scope.body or {}).get(port)
        case Runtime(name=name) if scope.runtime:
            found = StringType() if name in ("outdir", "tmpdir") else _number(name)
    return found or AnyType()


def _number(name: str) -> Type:
    if name in ("exitCode", "attempt"):
        return IntType(bits=32)
    return UnionType(members=(IntType(bits=32), FloatType()))
