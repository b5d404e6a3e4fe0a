"""Values put into the structs that stand for several types, and taken out of them."""

from __future__ import annotations

from fairwf.ir.alternatives import takes
from fairwf.ir.enclosing import enclosed, is_enclosed
from fairwf.ir.expressions import Expr, NoneLit
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    FileType,
    FloatType,
    IntType,
    NoneType,
    OptionalType,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.values import NotLiteralError, Value, from_literal
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.several import alike, member_for, several
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.texts import Texts
from fairwf_wdl.write.types import is_optional, required

_ONE_FILE = '{"class": "File", "file": 0}'


class Wrapping(Texts):
    """Says values of several types."""

    def fitted(self, said: Said, wanted: Type) -> Said:
        """Return a value that is known where the type wants one."""
        if is_optional(said.type) and not is_optional(wanted):
            said = self.known(said)
        return said._replace(type=wanted)

    def one_of_several(self, node: Expr, wanted: Type) -> Said:
        """Return a value as the struct of the types that are wanted."""
        record = several(wanted)
        assert record is not None
        if isinstance(node, NoneLit):
            return Said("None", wanted)
        try:
            value = from_literal(node)
        except NotLiteralError:
            return self._wrapped(node, wanted, record)
        return Said(self._literal(value, node, record), wanted)

    def _literal(self, value: Value, node: Expr, record: RecordType) -> str:
        if is_enclosed(record):
            try:
                text, files = enclosed(value)
            except TypeError as error:
                raise CannotSayError(f"WDL has {error}", node) from None
            said = ", ".join(self.say(file).text for file in files)
            return self._enclosing(literal(text), f"[{said}]")
        for field in record.fields:
            kind = required(field.type)
            assert kind is not None
            if takes(kind, value):
                return self._given(record, field.name, self.say(node, kind).text)
        raise CannotSayError("none of the types takes this value", node)

    def _wrapped(self, node: Expr, wanted: Type, record: RecordType) -> Said:
        try:
            said = self.say(node)
        except CannotSayError as error:
            try:
                return self.place.computed(node, wanted)
            except CannotSayError:
                raise error from None
        if several(said.type) == record:
            return self.fitted(said, wanted)
        if isinstance(said.type, NoneType):
            return Said("None", wanted)
        text = self._put(self.known(said).text, said.type, record)
        if text is None:
            return self.place.computed(node, wanted)
        if is_optional(said.type) and is_optional(wanted):
            return Said(f"if defined({said.text}) then {text} else None", wanted, 2)
        return Said(text, wanted)

    def _put(self, text: str, type_: Type | None, record: RecordType) -> str | None:
        kind = required(type_)
        if kind is None:
            return None
        if not is_enclosed(record):
            field = member_for(record, kind)
            return self._given(record, field.name, text) if field is not None else None
        if isinstance(kind, FileType):
            return self._enclosing(literal(_ONE_FILE), f"[{text}]")
        if _plain(kind):
            return self._enclosing(f"read_string(write_json({text}))", "[]")
        return None

    def _enclosing(self, json: str, files: str) -> str:
        name = self.place.structs.several()
        return f"{name} {{ json: {json}, files: {files} }}"

    def _given(self, record: RecordType, name: str, text: str) -> str:
        members = (
            f"{field.name}: {text if field.name == name else 'None'}" for field in record.fields
        )
        return f"{self.place.structs.struct(record)} {{ {', '.join(members)} }}"

    def of_several(self, said: Said, node: Expr, wanted: Type) -> Said:
        """Return a value of several types as the only type that is wanted."""
        record, kind = several(said.type), required(wanted)
        assert record is not None
        field = member_for(record, kind) if kind is not None and not is_enclosed(record) else None
        if field is None:
            return self.place.computed(node, wanted)
        member = f"{self.known(said).operand}.{field.name}"
        if not is_optional(wanted):
            return Said(f"select_first([{member}])", wanted)
        if not is_optional(said.type):
            return Said(member, wanted)
        return Said(f"if defined({said.text}) then {member} else None", wanted, 2)


def _plain(type_: Type) -> bool:
    """Tell whether JSON says all of a value of a type."""
    if isinstance(type_, (ArrayType, OptionalType)):
        return _plain(type_.items if isinstance(type_, ArrayType) else type_.item)
    return isinstance(alike(type_), (BoolType, IntType, FloatType, StringType))
