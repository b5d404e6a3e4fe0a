"""WDL's operators and standard library (specification 1.2, "Standard Library")."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from WDL import Expr as Syntax
from WDL import Type as Types

from fairwf.ir.expressions import Array, Expr, FloatLit, Index, IntLit, NoneLit
from fairwf.ir.joining import joined
from fairwf_wdl.build import at, call, each, if_defined, member, pair, text, used
from fairwf_wdl.coercion import members_of
from fairwf_wdl.files import FILES
from fairwf_wdl.maps import MAPS, has_map, key, ordered
from fairwf_wdl.types import PATHS
from fairwf_wdl.units import UNITS

if TYPE_CHECKING:
    from fairwf_wdl.expressions import Function, Translator


def _number(translator: Translator, node: Syntax.Base, type_: Types.Base) -> Expr:
    return translator.expression(node, type_ if isinstance(type_, Types.Float) else None)


def _arithmetic(name: str) -> Function:
    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        return call(name, *(_number(translator, one, node.type) for one in node.arguments))

    return translate


def _divided(translator: Translator, node: Syntax.Apply) -> Expr:
    name = "divide" if isinstance(node.type, Types.Float) else "divide_int"
    return _arithmetic(name)(translator, node)


def _added(translator: Translator, node: Syntax.Apply) -> Expr:
    if not isinstance(node.type, Types.String):
        return _arithmetic("add")(translator, node)
    if not any(one.type.optional for one in node.arguments):
        return joined(*(translator.text(one) for one in node.arguments))
    # In a placeholder, a text and none are none together (1.2, "Concatenation of Optional Values").
    left, right = node.arguments

    def one(side: Syntax.Base, rest: Callable[[Expr], Expr]) -> Expr:
        value, type_ = translator.value(side), side.type
        inner = type_.copy(optional=False)
        if not type_.optional:
            return rest(translator.coercion.text(value, type_))
        return if_defined(
            translator.context, value, lambda known: rest(translator.coercion.text(known, inner))
        )

    return one(left, lambda before: one(right, lambda after: joined(before, after)))


def _values(name: str) -> Function:
    """A function that means the same here and there."""

    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        return call(name, *map(translator.value, node.arguments))

    return translate


def _compared(name: str) -> Function:
    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        left, right = node.arguments
        if isinstance(left.type, PATHS) or isinstance(right.type, PATHS):
            return call(name, *(_optional_text(translator, one) for one in node.arguments))
        if name in ("equal", "not_equal") and any(has_map(one.type) for one in node.arguments):
            sides = (ordered(translator, translator.value(one), one.type) for one in node.arguments)
            return call(name, *sides)
        floats = any(isinstance(one.type, Types.Float) for one in node.arguments)
        wanted = Types.Float(optional=True) if floats else None
        return call(name, *(translator.expression(one, wanted) for one in node.arguments))

    return translate


def _optional_text(translator: Translator, node: Syntax.Base) -> Expr:
    return translator.expression(node, Types.String(optional=node.type.optional))


def _texts(name: str) -> Function:
    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        return call(name, *map(translator.text, node.arguments))

    return translate


def _at(translator: Translator, node: Syntax.Apply) -> Expr:
    whole, by = node.arguments
    if isinstance(whole.type, Types.Map):
        return Index(of=translator.value(whole), by=key(translator, by, whole.type))
    wanted = Types.Int() if isinstance(whole.type, Types.Array) else None
    return Index(of=translator.value(whole), by=translator.expression(by, wanted))


def _negated(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("not", translator.value(node.arguments[0]))


def _select_first(translator: Translator, node: Syntax.Apply) -> Expr:
    found = translator.value(node.arguments[0])
    if len(node.arguments) == 2:
        found = call("append", found, translator.expression(node.arguments[1], node.type))
    return call("first_defined", found)


def _paired(name: str) -> Function:
    """``zip`` and ``cross``: pairs are records in WDL."""

    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        found = call(name, *map(translator.value, node.arguments))
        return each(translator.context, found, lambda both: pair(at(both, 0), at(both, 1)))

    return translate


def _unzip(translator: Translator, node: Syntax.Apply) -> Expr:
    def both(pairs: Expr) -> Expr:
        return pair(
            each(translator.context, pairs, lambda one: member(one, "left")),
            each(translator.context, pairs, lambda one: member(one, "right")),
        )

    return used(translator.context, translator.value(node.arguments[0]), both)


def _around(translator: Translator, items: Syntax.Base, before: Expr, after: Expr) -> Expr:
    type_ = items.type
    assert isinstance(type_, Types.Array)

    def one(item: Expr) -> Expr:
        return joined(before, translator.coercion.text(item, type_.item_type), after)

    return each(translator.context, translator.value(items), one)


def _prefix(translator: Translator, node: Syntax.Apply) -> Expr:
    fix, items = node.arguments
    return used(
        translator.context,
        translator.text(fix),
        lambda before: _around(translator, items, before, text("")),
    )


def _suffix(translator: Translator, node: Syntax.Apply) -> Expr:
    fix, items = node.arguments
    return used(
        translator.context,
        translator.text(fix),
        lambda after: _around(translator, items, text(""), after),
    )


def _quoted(mark: str) -> Function:
    return lambda translator, node: _around(translator, node.arguments[0], text(mark), text(mark))


def _sep(translator: Translator, node: Syntax.Apply) -> Expr:
    between, items = node.arguments
    assert isinstance(items.type, Types.Array)
    made = translator.texts(items.type.item_type)(translator.value(items))
    return call("join", made, translator.text(between))


def _contains(translator: Translator, node: Syntax.Apply) -> Expr:
    items, one = node.arguments
    assert isinstance(items.type, Types.Array)
    type_ = items.type.item_type
    if isinstance(type_, PATHS):
        raise translator.context.unsupported("contains() of files", node)
    wanted = type_.copy(optional=True) if one.type.optional else type_
    if isinstance(one, Syntax.Null):
        return call("contains", translator.value(items), NoneLit())
    return call("contains", translator.value(items), translator.expression(one, wanted))


def _basename(translator: Translator, node: Syntax.Apply) -> Expr:
    path = node.arguments[0]
    is_path = isinstance(path.type, PATHS)
    name = call("basename", translator.value(path) if is_path else translator.text(path))
    if len(node.arguments) == 1:
        return name
    ending = node.arguments[1]
    value = translator.expression(ending, Types.String(optional=ending.type.optional))
    if ending.type.optional:
        value = call("default", value, text(""))
    return call("strip_suffix", name, value)


def _join_paths(translator: Translator, node: Syntax.Apply) -> Expr:
    parts: list[Expr] = []
    for one in node.arguments:
        if isinstance(one.type, Types.Array):
            assert isinstance(one.type.item_type, Types.Base)
            items = translator.texts(one.type.item_type)(translator.value(one))
            parts.append(items)
        else:
            parts.append(Array(items=(translator.text(one),)))
    whole = parts[0] if len(parts) == 1 else call("concat_arrays", *parts)
    if isinstance(whole, Array) or all(isinstance(part, Array) for part in parts):
        items_ = [item for part in parts if isinstance(part, Array) for item in part.items]
        whole = Array(items=tuple(items_))
    bare = each(translator.context, whole, lambda one: call("strip_suffix", one, text("/")))
    return call("join", bare, text("/"))


def _size(translator: Translator, node: Syntax.Apply) -> Expr:
    measured = node.arguments[0]
    type_: Types.Base = measured.type
    if isinstance(type_, Types.String):
        type_ = Types.File(optional=type_.optional)
    elif isinstance(type_, Types.Array) and isinstance(type_.item_type, Types.String):
        type_ = Types.Array(Types.File(optional=type_.item_type.optional))
    value = translator.expression(measured, type_)
    size = call("to_float", _bytes(translator, value, type_))
    if len(node.arguments) == 1:
        return size
    unit = node.arguments[1]
    literal = unit.literal
    if literal is None or str(literal.value) not in UNITS:
        raise translator.context.unsupported("size() with a computed or unknown unit", node)
    return call("divide", size, FloatLit(value=float(UNITS[str(literal.value)])))


def _bytes(translator: Translator, value: Expr, type_: Types.Base) -> Expr:
    """Return the bytes of all files in a value, whatever else is in it."""
    if _only_files(type_):
        return call("size", value)
    if type_.optional:
        inner = type_.copy(optional=False)
        size = if_defined(translator.context, value, lambda one: _bytes(translator, one, inner))
        return call("default", size, IntLit(value=0))
    if isinstance(type_, Types.Array):
        item = type_.item_type
        return call("sum", each(translator.context, value, lambda x: _bytes(translator, x, item)))
    if isinstance(type_, Types.Map):
        of = Types.Array(type_.item_type[1])
        return _bytes(translator, call("values", value), of)
    if isinstance(type_, Types.Pair):
        members = {"left": type_.left_type, "right": type_.right_type}
    else:
        members = members_of(type_) or {}

    def parts(whole: Expr) -> Expr:
        sizes = (
            _bytes(translator, member(whole, name), of)
            for name, of in members.items()
            if _holds_files(of)
        )
        return call("sum", Array(items=tuple(sizes)))

    return used(translator.context, value, parts)


def _holds_files(type_: Types.Base) -> bool:
    if isinstance(type_, PATHS):
        return True
    if isinstance(type_, Types.Map):  # keys are texts
        return _holds_files(type_.item_type[1])
    return any(map(_holds_files, type_.parameters))


def _only_files(type_: Types.Base) -> bool:
    while isinstance(type_, Types.Array):
        type_ = type_.item_type
    return isinstance(type_, PATHS)


def _length(translator: Translator, node: Syntax.Apply) -> Expr:
    (whole,) = node.arguments
    members = members_of(whole.type)
    if members is not None:
        return IntLit(value=len(members))
    return call("length", translator.value(whole))


def _find(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("find_match", *map(translator.text, node.arguments))


def _floats(name: str) -> Function:
    def translate(translator: Translator, node: Syntax.Apply) -> Expr:
        return call(name, *(translator.expression(one, Types.Float()) for one in node.arguments))

    return translate


LIBRARY: dict[str, Function] = {
    "_add": _added,
    "_interpolation_add": _added,
    "_sub": _arithmetic("subtract"),
    "_mul": _arithmetic("multiply"),
    "_div": _divided,
    "_rem": _arithmetic("modulo"),
    "_pow": _arithmetic("power"),
    "_land": _values("and"),
    "_lor": _values("or"),
    "_negate": _negated,
    "_eqeq": _compared("equal"),
    "_neq": _compared("not_equal"),
    "_lt": _compared("less"),
    "_lte": _compared("less_equal"),
    "_gt": _compared("greater"),
    "_gte": _compared("greater_equal"),
    "_at": _at,
    "floor": _floats("floor"),
    "ceil": _floats("ceil"),
    "round": _floats("round"),
    "min": _arithmetic("min"),
    "max": _arithmetic("max"),
    "find": _find,
    "matches": _texts("matches"),
    "sub": _texts("replace_match"),
    "basename": _basename,
    "join_paths": _join_paths,
    "size": _size,
    "prefix": _prefix,
    "suffix": _suffix,
    "quote": _quoted('"'),
    "squote": _quoted("'"),
    "sep": _sep,
    "length": _length,
    "range": _values("range"),
    "transpose": _values("transpose"),
    "flatten": _values("flatten"),
    "chunk": _values("chunk"),
    "contains": _contains,
    "zip": _paired("zip"),
    "cross": _paired("cross"),
    "unzip": _unzip,
    "select_first": _select_first,
    "select_all": _values("all_defined"),
    "defined": _values("defined"),
    "values": _values("values"),
    **MAPS,
    **FILES,
}
"""What each operator and function of WDL becomes, by miniwdl's name for it."""
