"""WDL's functions on maps (specification 1.2, "Map Functions"); keys are texts at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from WDL import Expr as Syntax
from WDL import Type as Types

from fairwf.ir.expressions import Array, Expr
from fairwf_wdl.build import at, call, each, if_defined, member, pair, text, used
from fairwf_wdl.coercion import members_of
from fairwf_wdl.types import PATHS

if TYPE_CHECKING:
    from fairwf_wdl.expressions import Function, Translator


def has_map(type_: Types.Base) -> bool:
    """Tell whether values of a type may hold maps."""
    return isinstance(type_, Types.Map) or any(map(has_map, type_.parameters))


def has_path_keys(type_: Types.Base) -> bool:
    """Tell whether values of a type may hold maps whose keys are files or directories."""
    if isinstance(type_, Types.Map) and isinstance(type_.item_type[0], PATHS):
        return True
    return any(map(has_path_keys, type_.parameters))


def ordered(translator: Translator, value: Expr, type_: Types.Base) -> Expr:
    """Return a value whose maps are arrays of their entries, since their order counts in WDL."""
    context = translator.context
    if not has_map(type_):
        return value
    if type_.optional:
        inner = type_.copy(optional=False)
        return if_defined(context, value, lambda one: ordered(translator, one, inner))
    if isinstance(type_, Types.Array):
        item = type_.item_type
        return each(context, value, lambda one: ordered(translator, one, item))
    if isinstance(type_, Types.Map):
        values = type_.item_type[1]
        return each(
            context,
            call("entries", value),
            lambda one: Array(items=(at(one, 0), ordered(translator, at(one, 1), values))),
        )
    if isinstance(type_, Types.Pair):
        members = {"left": type_.left_type, "right": type_.right_type}
    else:
        members = members_of(type_) or {}

    def record(known: Expr) -> Expr:
        return Array(
            items=tuple(
                ordered(translator, member(known, name), of) for name, of in members.items()
            )
        )

    return used(context, value, record)


def key(translator: Translator, node: Syntax.Base, of: Types.Map) -> Expr:
    """Return the text that stands for a key of a map."""
    type_ = _key_type(translator, node, of)
    return translator.coercion.text(translator.expression(node, type_), type_)


def _key_type(translator: Translator, node: Syntax.Base, of: Types.Map) -> Types.Base:
    """The type of a map's keys, which stand as texts."""
    type_: Types.Base = of.item_type[0]
    if type_.optional:
        raise translator.context.unsupported(f"a map with keys of the type {type_}", node)
    return type_


def _keys(translator: Translator, node: Syntax.Apply) -> Expr:
    (whole,) = node.arguments
    members = members_of(whole.type)
    if members is not None:
        return Array(items=tuple(map(text, members)))
    if not isinstance(whole.type, Types.Map):
        return call("keys", translator.value(whole))
    type_ = _key_type(translator, whole, whole.type)
    found = call("keys", translator.value(whole))
    if isinstance(type_, Types.String):
        return found
    return each(translator.context, found, lambda key: translator.coercion.key_of(key, type_))


def _contains_key(translator: Translator, node: Syntax.Apply) -> Expr:
    whole, by = node.arguments
    if isinstance(by.type, Types.Array):
        raise translator.context.unsupported("contains_key() with a path of keys", node)
    if isinstance(whole.type, Types.Map):
        return call(
            "contains", call("keys", translator.value(whole)), key(translator, by, whole.type)
        )
    members = members_of(whole.type)
    if members is not None:
        return call("contains", Array(items=tuple(map(text, members))), translator.text(by))
    return call("contains", call("keys", translator.value(whole)), translator.text(by))


def _as_pairs(translator: Translator, node: Syntax.Apply) -> Expr:
    (whole,) = node.arguments
    assert isinstance(whole.type, Types.Map)
    type_ = _key_type(translator, whole, whole.type)

    def one(entry: Expr) -> Expr:
        return pair(translator.coercion.key_of(at(entry, 0), type_), at(entry, 1))

    return each(translator.context, call("entries", translator.value(whole)), one)


def _keyed_pairs(translator: Translator, node: Syntax.Apply) -> Expr:
    (pairs,) = node.arguments
    assert isinstance(pairs.type, Types.Array)
    assert isinstance(pairs.type.item_type, Types.Pair)
    assert isinstance(node.type, Types.Map)
    _key_type(translator, pairs, node.type)
    key = pairs.type.item_type.left_type

    def one(both: Expr) -> Expr:
        left = translator.coercion.text(member(both, "left"), key)
        return Array(items=(left, member(both, "right")))

    return each(translator.context, translator.value(pairs), one)


def _as_map(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("as_map", _keyed_pairs(translator, node))


def _collected(translator: Translator, node: Syntax.Apply) -> Expr:
    return call("as_map", call("group_by_key", _keyed_pairs(translator, node)))


MAPS: dict[str, Function] = {
    "as_pairs": _as_pairs,
    "as_map": _as_map,
    "collect_by_key": _collected,
    "keys": _keys,
    "contains_key": _contains_key,
}
"""What each of these functions becomes."""
