"""Values of one type where another is wanted (specification 1.2, "Type Conversion")."""

from __future__ import annotations

from WDL import Type as Types

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Expr,
    FloatLit,
    IntLit,
    NoneLit,
    Record,
    StringLit,
)
from fairwf_wdl.build import Change, at, call, each, if_defined, member, opened, used
from fairwf_wdl.context import Context
from fairwf_wdl.types import PATHS


class Coercion:
    """Changes values as WDL does in silence.

    ``in_task``: the text of a file is the path that the task sees. ``may_lack`` says that a file
    that is optional and not there is none (outputs of tasks).
    """

    def __init__(self, context: Context, in_task: bool, may_lack: bool = False) -> None:
        self.context = context
        self.in_task = in_task
        self.may_lack = may_lack

    def to(self, value: Expr, given: Types.Base, wanted: Types.Base) -> Expr:
        """Return a value of the type ``given`` as one of the type ``wanted``."""
        if not self._differs(given, wanted):
            return value
        if given.optional and not isinstance(given, Types.Any):
            inner = given.copy(optional=False)
            if not self._differs(inner, wanted):
                return value
            return if_defined(self.context, value, lambda one: self.to(one, inner, wanted))
        if (
            wanted.optional
            and self.may_lack
            and isinstance(wanted, PATHS)
            and not isinstance(given, PATHS)
        ):
            found = self._required(value, given, wanted)
            return call("if_exists", found)
        if isinstance(given, Types.Any) and wanted.optional:
            inner = wanted.copy(optional=False)
            return if_defined(self.context, value, lambda one: self.to(one, given, inner))
        return self._required(value, given, wanted)

    def _differs(self, given: Types.Base, wanted: Types.Base) -> bool:
        """Tell whether the value of the IR changes, beside becoming optional or non-empty."""
        if isinstance(wanted, Types.Any):
            return False
        if isinstance(given, Types.Any):
            return (
                not isinstance(wanted, (Types.Boolean, Types.Int, Types.String))
                and not given.optional
            )
        if isinstance(wanted, Types.Array) and isinstance(given, Types.Array):
            return self._differs(given.item_type, wanted.item_type)
        if isinstance(wanted, Types.Map) and isinstance(given, Types.Map):
            return self._differs(given.item_type[1], wanted.item_type[1])
        if isinstance(wanted, Types.Pair) and isinstance(given, Types.Pair):
            return self._differs(given.left_type, wanted.left_type) or self._differs(
                given.right_type, wanted.right_type
            )
        members, others = members_of(wanted), members_of(given)
        if members is not None and others is not None:
            return list(members) != list(others) or any(
                self._differs(others[name], members[name]) for name in members
            )
        return type(given) is not type(wanted)

    def _required(self, value: Expr, given: Types.Base, wanted: Types.Base) -> Expr:
        if isinstance(given, Types.Any):
            return self._parsed(value, wanted)
        match wanted:
            case Types.Float() if isinstance(value, IntLit):
                return FloatLit(value=float(value.number))
            case Types.Float():
                return call("to_float", value)
            case Types.Int():
                return call("to_int", value)
            case Types.Boolean():
                return call("to_bool", value)
            case Types.String():
                return self.text(value, given)
            case Types.File():
                return call("to_file", self.text(value, given))
            case Types.Directory():
                return call("to_directory", self.text(value, given))
            case Types.Array() if isinstance(given, Types.Array):
                return self._items(
                    value, lambda one: self.to(one, given.item_type, wanted.item_type)
                )
            case Types.Array():
                return Array(items=(self.to(value, given, wanted.item_type),))
            case Types.Map():
                return self._map(value, given, wanted)
            case Types.Pair() if isinstance(given, Types.Pair):
                return self._pair(value, given, wanted)
        members = members_of(wanted)
        if members is not None:
            return self._record(value, given, members)
        return value

    def _items(self, value: Expr, change: Change) -> Expr:
        if isinstance(value, Array):
            return Array(items=tuple(map(change, value.items)))
        return each(self.context, value, change)

    def _pair(self, value: Expr, given: Types.Pair, wanted: Types.Pair) -> Expr:
        def change(one: Expr) -> Expr:
            return Record(
                fields={
                    "left": self.to(member(one, "left"), given.left_type, wanted.left_type),
                    "right": self.to(member(one, "right"), given.right_type, wanted.right_type),
                }
            )

        return opened(self.context, value, change)

    def _map(self, value: Expr, given: Types.Base, wanted: Types.Map) -> Expr:
        values = wanted.item_type[1]
        if isinstance(given, Types.Map):
            before = given.item_type[1]
            return self._values(value, lambda one: self.to(one, before, values))
        members = members_of(given) or {}

        def change(one: Expr) -> Expr:
            return Record(
                fields={
                    name: self.to(member(one, name), type_, values)
                    for name, type_ in members.items()
                }
            )

        return opened(self.context, value, change)

    def _values(self, value: Expr, change: Change) -> Expr:
        if isinstance(value, Record):
            return Record(fields={key: change(item) for key, item in value.fields.items()})
        pairs = each(
            self.context,
            call("entries", value),
            lambda entry: Array(items=(at(entry, 0), change(at(entry, 1)))),
        )
        return call("as_map", pairs)

    def _record(self, value: Expr, given: Types.Base, members: dict[str, Types.Base]) -> Expr:
        """A struct of another struct, an object or a map, of which members may be missing."""
        others = members_of(given)
        of_map = given.item_type[1] if isinstance(given, Types.Map) else None

        def change(one: Expr) -> Expr:
            fields: dict[str, Expr] = {}
            for name, type_ in members.items():
                before = of_map if others is None else others.get(name)
                if before is None or (of_map is not None and type_.optional):
                    found: Expr = call("get", one, StringLit(value=name))
                    before = (
                        Types.Any(optional=True) if before is None else before.copy(optional=True)
                    )
                    if others is not None:
                        found = NoneLit()
                else:
                    found = member(one, name)
                fields[name] = self.to(found, before, type_)
            return Record(fields=fields)

        return opened(self.context, value, change)

    def _parsed(self, value: Expr, wanted: Types.Base) -> Expr:
        """A value that was read as JSON, whose own type is known only at run time."""
        unknown = Types.Any()
        match wanted:
            case Types.Float():
                return call("to_float", value)
            case Types.File():
                return call("to_file", value)
            case Types.Directory():
                return call("to_directory", value)
            case Types.Array():
                return self._items(value, lambda one: self.to(one, unknown, wanted.item_type))
            case Types.Map():
                return self._values(value, lambda one: self.to(one, unknown, wanted.item_type[1]))
            case Types.Pair():
                both = Types.Pair(unknown, unknown)
                return self._pair(value, both, wanted)
        members = members_of(wanted)
        if members is None:
            return value

        def change(one: Expr) -> Expr:
            fields: dict[str, Expr] = {}
            for name, type_ in members.items():
                if type_.optional:
                    found: Expr = call("get", one, StringLit(value=name))
                else:
                    found = member(one, name)
                fields[name] = self.to(found, unknown, type_)
            return Record(fields=fields)

        return used(self.context, value, change)

    # --- texts

    def text(self, value: Expr, given: Types.Base) -> Expr:
        """Return the text of a value that is not none (specification 1.2, "Expression Placeholder
        Coercion")."""
        if isinstance(given, Types.String):
            return value
        if isinstance(given, PATHS):
            if isinstance(value, Call) and value.function in ("to_file", "to_directory"):
                return value.args[0]
            return Attr(of=value, name="path") if self.in_task else call("file_path", value)
        if isinstance(given, Types.Float):
            return call("fixed_text", value, IntLit(value=6))
        return call("to_string", value)

    def key_of(self, key: Expr, type_: Types.Base) -> Expr:
        """Return the key of a map that a text stands for."""
        return self.to(key, Types.String(), type_.copy(optional=False))


def members_of(type_: Types.Base) -> dict[str, Types.Base] | None:
    """Return the members of a struct or object, None for other types."""
    if not isinstance(type_, (Types.StructInstance, Types.Object)):
        return None
    return {str(name): of for name, of in (type_.members or {}).items()}
