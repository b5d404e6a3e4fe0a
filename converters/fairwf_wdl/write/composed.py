"""Arrays, records and maps that are written out (specification 1.2, "Types")."""

from __future__ import annotations

from collections.abc import Iterable

from fairwf.ir.expressions import Array, Expr, NoneLit, Record
from fairwf.ir.types import (
    ArrayType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    RecordField,
    RecordType,
    Type,
)
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import bare
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.types import (
    FLOAT,
    STRING,
    is_optional,
    is_pair,
    item_of,
    member_names,
    optional,
    required,
)
from fairwf_wdl.write.wrapping import Wrapping


class Composed(Wrapping):
    """Says values that are made of others."""

    def array(self, node: Array, wanted: Type | None) -> Said:
        """Return an array of what is written out."""
        item = item_of(wanted)
        said = [self.say(one, item) for one in node.items]
        if item is None:
            item = self.common(said)
        nonempty = bool(node.items)
        type_ = ArrayType(items=item, nonempty=nonempty) if item is not None else None
        return Said(f"[{', '.join(one.text for one in said)}]", type_)

    def common(self, said: Iterable[Said]) -> Type | None:
        """Return the type that values have together, None where it is not known."""
        types = [one.type for one in said]
        if not types or any(type_ is None for type_ in types):
            return None
        inner = [required(type_) for type_ in types if not isinstance(type_, NoneType)]
        if not inner:
            return None
        first = inner[0]
        if any(isinstance(one, FloatType) for one in inner) and isinstance(first, IntType):
            first = FLOAT
        return optional(first) if any(map(is_optional, types)) else first

    def record(self, node: Record, wanted: Type | None) -> Said:
        """Return a struct, pair or map of what is written out."""
        kind = required(wanted)
        if isinstance(kind, MapType):
            pairs = (
                f"{literal(key)}: {self.say(value, kind.values).text}"
                for key, value in node.fields.items()
            )
            return Said(f"{{{', '.join(pairs)}}}", kind)
        if not isinstance(kind, RecordType):
            kind = self._record_type(node)
        types = {field.name: field.type for field in kind.fields}
        strange = [name for name in node.fields if name not in types]
        if strange:
            raise CannotSayError(f"the record has no member {strange[0]!r:.60}", node)
        said = {
            name: self.say(node.fields.get(name, NoneLit()), type_).text
            for name, type_ in types.items()
        }
        if is_pair(kind):
            return Said(f"({said['left']}, {said['right']})", kind)
        names = member_names(kind)
        members = ", ".join(f"{names[name]}: {text}" for name, text in said.items())
        return Said(f"{self.place.structs.struct(kind)} {{ {members} }}", kind)

    def _record_type(self, node: Record) -> RecordType:
        fields = []
        for name, value in node.fields.items():
            type_ = self.say(value).type
            if type_ is None or isinstance(type_, NoneType):
                raise CannotSayError("the type of this member of a record is not known", value)
            fields.append(RecordField(name=name, type=type_))
        if not fields:
            raise CannotSayError("WDL has no record without members", node)
        return RecordType(fields=tuple(fields))

    def map_of(self, node: Expr, wanted: Type | None) -> Said | None:
        """Return a map of entries that are written out."""
        kind = required(wanted)
        if not isinstance(node, Array) or not all(
            isinstance(one, Array) and len(one.items) == 2 for one in node.items
        ):
            return None
        pairs = [one.items for one in node.items if isinstance(one, Array)]
        if not isinstance(kind, MapType):
            if not pairs:
                return None
            key, value = self.say(bare(pairs[0][0], STRING)).type, self.say(pairs[0][1]).type
            kind = MapType(keys=key, values=value) if key and value else None
        if kind is None:
            return None
        said = [
            f"{self.say(bare(key, STRING), kind.keys).text}: {self.say(value, kind.values).text}"
            for key, value in pairs
        ]
        return Said(f"{{{', '.join(said)}}}", kind)
