"""WDL's types (specification 1.2, "Types") as types of the IR.

A pair is a record of ``left`` and ``right`` without a name, a struct a record with one. The keys of
maps are texts at run time, whatever their type.
"""

from __future__ import annotations

from WDL import Type as Types

from fairwf.ir import types as ir

PATHS = (Types.File, Types.Directory)


def ir_type(type_: Types.Base) -> ir.Type:
    """Return the type of the IR."""
    found = _required(type_)
    return (
        ir.OptionalType(item=found)
        if type_.optional and not isinstance(type_, Types.Any)
        else found
    )


def _required(type_: Types.Base) -> ir.Type:
    match type_:
        case Types.Boolean():
            return ir.BoolType()
        case Types.Int():
            return ir.IntType()
        case Types.Float():
            return ir.FloatType()
        case Types.File():
            return ir.FileType()
        case Types.Directory():
            return ir.DirectoryType()
        case Types.String():
            return ir.StringType()
        case Types.Array():
            return ir.ArrayType(items=ir_type(type_.item_type), nonempty=type_.nonempty)
        case Types.Map():
            keys, values = type_.item_type
            return ir.MapType(keys=ir_type(keys), values=ir_type(values))
        case Types.Pair():
            return ir.RecordType(
                fields=(
                    ir.RecordField(name="left", type=ir_type(type_.left_type)),
                    ir.RecordField(name="right", type=ir_type(type_.right_type)),
                )
            )
        case Types.StructInstance():
            return ir.RecordType(name=str(type_.type_name), fields=_fields(type_.members or {}))
        case Types.Object():
            return ir.RecordType(fields=_fields(type_.members))
        case _:
            return ir.OptionalType(item=ir.AnyType())


def _fields(members: dict[str, Types.Base]) -> tuple[ir.RecordField, ...]:
    return tuple(ir.RecordField(name=str(name), type=ir_type(of)) for name, of in members.items())
