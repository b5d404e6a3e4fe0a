"""The functions of WDL that read, write and find files (1.2, "File Functions")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from WDL import Expr as Syntax
from WDL import Type as Types

from fairwf.ir.expressions import Array, Expr, IntLit
from fairwf.ir.joining import joined
from fairwf.report import InvalidError
from fairwf_wdl.build import at, call, each, member, text, used
from fairwf_wdl.coercion import members_of
from fairwf_wdl.types import PATHS

if TYPE_CHECKING:
    from fairwf_wdl.expressions import Function, Translator


_FILE = Types.File()


def _file(translator: Translator, node: Syntax.Apply) -> Expr:
    return translator.expression(node.arguments[0], _FILE)


def _reads(name: str) -> Function:
    return lambda translator, node: call(name, _file(translator, node))


def _read_string(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("strip_suffix", call("read_text", _file(translator, node)), text("\n"))


def _read_value(name: str) -> Function:
    """A number or truth value, the text of the whole file but for blanks around it."""

    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        return call(name, call("trim", call("read_text", _file(translator, node))))

    return translate


def _read_map(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("as_map", call("read_tsv", _file(translator, node)))


def _objects(translator: Translator, table: Expr) -> Expr:
    """Return the rows of a table as maps by the names in its first row."""

    def rows(known: Expr) -> Expr:
        names = at(known, 0)
        return each(
            translator.context,
            call("slice", known, IntLit(value=1)),
            lambda row: call("as_map", call("zip", names, row)),
        )

    return used(translator.context, table, rows)


def _read_objects(translator: Translator, node: Syntax.Apply) -> Expr:
    return _objects(translator, call("read_tsv", _file(translator, node)))


def _read_object(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("only_defined", _read_objects(translator, node))


def _read_tsv(translator: Translator, node: Syntax.Apply) -> Expr:
    table = call("read_tsv", _file(translator, node))
    if len(node.arguments) == 1:
        return table
    if len(node.arguments) == 2:
        return _objects(translator, table)
    header = node.arguments[1].literal
    if header is None:
        raise translator.context.unsupported("read_tsv() with a computed header flag", node)
    names = translator.expression(node.arguments[2], Types.Array(Types.String()))
    rows = call("slice", table, IntLit(value=1)) if header.value else table

    def named(known: Expr) -> Expr:
        return each(translator.context, rows, lambda row: call("as_map", call("zip", known, row)))

    return used(translator.context, names, named)


def _lines(translator: Translator, items: Expr) -> Expr:
    """Return texts, each with the end of a line."""
    return call(
        "join", each(translator.context, items, lambda one: joined(one, text("\n"))), text("")
    )


def _write_lines(translator: Translator, node: Syntax.Apply) -> Expr:
    lines = translator.expression(node.arguments[0], Types.Array(Types.String()))
    return translator.written(".txt", _lines(translator, lines), node)


def _write_tsv(translator: Translator, node: Syntax.Apply) -> Expr:
    rows = node.arguments[0]
    assert isinstance(rows.type, Types.Array)
    members = members_of(rows.type.item_type)
    header: Expr | None = None
    if members is None:
        table = translator.expression(rows, Types.Array(Types.Array(Types.String())))
    else:
        table = each(
            translator.context,
            translator.value(rows),
            lambda row: _row(translator, row, members),
        )
    if len(node.arguments) > 1:
        flag = node.arguments[1].literal
        if flag is None:
            raise translator.context.unsupported("write_tsv() with a computed header flag", node)
        if flag.value and len(node.arguments) == 3:
            header = translator.expression(node.arguments[2], Types.Array(Types.String()))
        elif flag.value and members is not None:
            header = Array(items=tuple(map(text, members)))
    if header is not None:
        table = call("concat_arrays", Array(items=(header,)), table)
    lines = each(translator.context, table, lambda row: call("join", row, text("\t")))
    return translator.written(".tsv", _lines(translator, lines), node)


def _row(translator: Translator, row: Expr, members: dict[str, Types.Base]) -> Expr:
    return Array(
        items=tuple(
            translator.coercion.to(member(row, name), type_, Types.String())
            for name, type_ in members.items()
        )
    )


def _write_map(translator: Translator, node: Syntax.Apply) -> Expr:
    given = node.arguments[0]
    wanted = Types.Map((Types.String(), Types.String()))
    pairs = call("entries", translator.expression(given, wanted))
    lines = each(translator.context, pairs, lambda entry: call("join", entry, text("\t")))
    return translator.written(".tsv", _lines(translator, lines), node)


def _write_json(translator: Translator, node: Syntax.Apply) -> Expr:
    given = node.arguments[0]
    if _has_other_keys(given.type):
        message = "JSON has no maps whose keys are not texts"
        raise InvalidError.of("FWF1401", message, span=translator.context.span(given))
    value = plain(translator, translator.value(given), given.type)
    return translator.written(".json", call("to_json", value), node)


def _has_other_keys(type_: Types.Base) -> bool:
    if isinstance(type_, Types.Map) and not isinstance(type_.item_type[0], Types.String):
        return True
    return any(map(_has_other_keys, type_.parameters))


def plain(translator: Translator, value: Expr, type_: Types.Base) -> Expr:
    """Return a value as JSON has it: files are their paths."""
    return translator.coercion.to(value, type_, _without_files(type_))


def _without_files(type_: Types.Base) -> Types.Base:
    optional = type_.optional
    if isinstance(type_, PATHS):
        return Types.String(optional=optional)
    if isinstance(type_, Types.Array):
        return Types.Array(_without_files(type_.item_type), optional=optional)
    if isinstance(type_, Types.Map):
        keys, values = type_.item_type
        return Types.Map((keys, _without_files(values)), optional=optional)
    if isinstance(type_, Types.Pair):
        return Types.Pair(
            _without_files(type_.left_type), _without_files(type_.right_type), optional=optional
        )
    members = members_of(type_)
    if members is not None:
        changed = Types.StructInstance("", optional=optional)
        changed.members = {name: _without_files(one) for name, one in members.items()}
        return changed
    return type_


def _stream(which: str) -> Function:
    return lambda translator, node: translator.surroundings.stream(which, node)


def _glob(translator: Translator, node: Syntax.Apply) -> Expr:
    return translator.surroundings.glob(translator.text(node.arguments[0]), node)


FILES: dict[str, Function] = {
    "stdout": _stream("stdout"),
    "stderr": _stream("stderr"),
    "glob": _glob,
    "read_string": _read_string,
    "read_int": _read_value("to_int"),
    "read_float": _read_value("to_float"),
    "read_boolean": _read_value("to_bool"),
    "read_lines": _reads("read_lines"),
    "read_tsv": _read_tsv,
    "read_map": _read_map,
    "read_json": _reads("read_json"),
    "read_object": _read_object,
    "read_objects": _read_objects,
    "write_lines": _write_lines,
    "write_tsv": _write_tsv,
    "write_map": _write_map,
    "write_json": _write_json,
}
"""What each of these functions becomes."""
