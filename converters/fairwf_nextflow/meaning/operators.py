"""Operators between values, and what Groovy takes for true."""

from __future__ import annotations

from fairwf.ir.expressions import Array, Each, Expr, Local
from fairwf.ir.types import BoolType, IntType
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning.build import (
    TRUTH,
    at,
    call,
    javascript,
    known,
    literal,
    template,
    text,
)
from fairwf_nextflow.meaning.symbols import Kind, UntranslatedError, Value

_COMPARES = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
_NUMBERS = ("int", "float", "memory", "duration")
_ARITHMETIC = {"-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
JS_ORDER = "((a, b) => a < b ? -1 : a > b ? 1 : 0)(a, b)"
JS_TYPES = {
    "List": "Array.isArray(v)",
    "Collection": "Array.isArray(v)",
    "ArrayList": "Array.isArray(v)",
    "Path": "v !== null && typeof v === 'object' && Boolean(v['class'])",
    "String": "typeof v === 'string'",
    "CharSequence": "typeof v === 'string'",
    "GString": "typeof v === 'string'",
    "Map": "v !== null && typeof v === 'object' && !Array.isArray(v) && !v['class']",
    "Boolean": "typeof v === 'boolean'",
    "Integer": "Number.isInteger(v)",
    "Number": "typeof v === 'number'",
}
JS_LESS_TEXT = (
    "Array.isArray(v) ? v.filter(x => x !== p)"
    " : (i => i < 0 ? v : v.slice(0, i) + v.slice(i + String(p).length))(v.indexOf(p))"
)
JS_LESS_PATTERN = "String(v).replace(new RegExp(p), () => '')"
JS_LESS_ENTRIES = (
    "Object.fromEntries(Object.entries(a).filter(([k, x]) =>"
    " !(k in b) || JSON.stringify(b[k]) !== JSON.stringify(x)))"
)
_TRUE = ("map", "path")


def truth(value: Value) -> Expr:
    """Return whether Groovy takes a value for true."""
    plain, raw = known(value.expr)
    if plain:
        return literal(bool(raw))
    if isinstance(value.expr, Array):
        return literal(bool(value.expr.items))
    if value.kind == "bool":
        return value.expr
    if value.kind == "string":
        return call("not_equal", value.expr, text(""))
    if value.kind in _NUMBERS:
        return call("not_equal", value.expr, literal(0))
    if value.kind == "path":
        return call("defined", value.expr)
    return javascript(TRUTH, BoolType(), v=value.expr)


def same_kind(*kinds: Kind) -> Kind:
    """Return the kind of what is of one of these."""
    found = {kind for kind in kinds if kind != "none"}
    if len(found) == 1:
        return found.pop()
    lists = found and all(isinstance(kind, tuple) or kind == "list" for kind in found)
    return "list" if lists else "any"


def binary(node: tree.Binary, left: Value, right: Value, text_of: object = None) -> Value:
    """Return what an operator gives.

    Raises:
        UntranslatedError: the kinds do not say what it means.
    """
    operator = node.operator
    if operator == "&&":
        return Value(call("and", truth(left), truth(right)), "bool")
    if operator == "||":
        return Value(call("or", truth(left), truth(right)), "bool")
    if operator in ("==", "==="):
        return Value(call("equal", left.expr, right.expr), "bool")
    if operator in ("!=", "!=="):
        return Value(call("not_equal", left.expr, right.expr), "bool")
    if operator in _COMPARES:
        left, right = _of_one_unit(left, right)
        return Value(call(_COMPARES[operator], left.expr, right.expr), "bool")
    if operator == "<=>":
        return Value(javascript(JS_ORDER, IntType(), a=left.expr, b=right.expr), "int")
    if operator in ("in", "!in"):
        found = call("contains", _array(right), left.expr)
        return Value(found if operator == "in" else call("not", found), "bool")
    if operator in ("=~", "==~"):
        whole = operator == "==~"
        code = "new RegExp('^(?:' + p + ')$').test(v)" if whole else "new RegExp(p).test(v)"
        return Value(javascript(code, BoolType(), v=left.expr, p=right.expr), "bool")
    if operator == "+":
        return _plus(node, left, right)
    if operator in _ARITHMETIC:
        return _arithmetic(node, left, right)
    if operator == "%":
        return Value(call("modulo", left.expr, right.expr), "int")
    raise UntranslatedError(node, f"the operator {operator!r} has no counterpart")


def _of_one_unit(left: Value, right: Value) -> tuple[Value, Value]:
    """Return both sides of a comparison in MiB, where one is an amount and one counts bytes."""
    mib = literal(2.0**-20)
    if left.kind == "memory" and right.kind == "int":
        return left, Value(call("multiply", right.expr, mib), "memory")
    if right.kind == "memory" and left.kind == "int":
        return Value(call("multiply", left.expr, mib), "memory"), right
    return left, right


def _array(value: Value) -> Expr:
    return call("merge_flattened", value.expr) if value.kind == "paths" else value.expr


def is_list(kind: Kind) -> bool:
    """Tell whether values of a kind are lists."""
    return isinstance(kind, tuple) or kind in ("list", "paths")


def _plus(node: tree.Binary, left: Value, right: Value) -> Value:
    if left.kind == "string" or (right.kind == "string" and not is_list(left.kind)):
        return Value(template(left.expr, right.expr), "string")
    if left.kind == "map" or (right.kind == "map" and left.kind == "any"):
        return Value(call("merge", left.expr, right.expr), "map")
    if is_list(left.kind) or (is_list(right.kind) and left.kind == "any"):
        more = right.expr if is_list(right.kind) else Array(items=(right.expr,))
        both = isinstance(left.kind, tuple) and isinstance(right.kind, tuple)
        kind: Kind = (*left.kind, *right.kind) if both else "list"
        return Value(call("concat_arrays", left.expr, more), kind)
    if left.kind in _NUMBERS or right.kind in _NUMBERS:
        kind = left.kind if left.kind in _NUMBERS else right.kind
        return Value(call("add", left.expr, right.expr), kind)
    raise UntranslatedError(node, "whether '+' adds or joins depends on values")


def _arithmetic(node: tree.Binary, left: Value, right: Value) -> Value:
    if node.operator == "-" and (found := _minus(node, left, right)) is not None:
        return found
    if left.kind == "string" and node.operator == "*":
        return Value(call("repeat", left.expr, right.expr), "string")
    kind: Kind = "float" if node.operator == "/" else "int"
    for side in (left.kind, right.kind):
        if side in ("memory", "duration"):
            kind = side
        elif side == "float" and kind == "int":
            kind = "float"
    return Value(call(_ARITHMETIC[node.operator], left.expr, right.expr), kind)


def _minus(node: tree.Binary, left: Value, right: Value) -> Value | None:
    """Return what ``-`` gives of a list, map or text; None where it subtracts numbers."""
    kinds = left.kind, right.kind
    if is_list(left.kind) or (left.kind == "any" and (is_list(right.kind) or right.kind == "none")):
        one = Local(name="_minus")
        taken = right.expr if is_list(right.kind) else Array(items=(right.expr,))
        keep = call("not", call("contains", taken, one))
        return Value(Each(name="_minus", over=left.expr, body=one, where=keep), "list")
    if kinds in (("map", "map"), ("map", "any"), ("any", "map")):
        return Value(javascript(JS_LESS_ENTRIES, a=left.expr, b=right.expr), "map")
    if "string" in kinds and left.kind in ("string", "any"):
        pattern = isinstance(node.right, tree.Unary) and node.right.operator == "~"
        code = JS_LESS_PATTERN if pattern else JS_LESS_TEXT
        kind: Kind = "string" if pattern else left.kind
        return Value(javascript(code, v=left.expr, p=right.expr), kind)
    return None


def instance_of(node: tree.Binary, left: Value, type_: str) -> Value:
    """Return whether a value is of a type.

    Raises:
        UntranslatedError: the type is unknown.
    """
    short = type_.rsplit(".", 1)[-1]
    if left.kind == "path" and short in ("Path", "List", "Collection"):
        test: Expr = literal(short == "Path")
    elif short in JS_TYPES:
        test = javascript(f"(v => {JS_TYPES[short]})(v)", BoolType(), v=left.expr)
    else:
        raise UntranslatedError(node, f"whether a value is a {short} cannot be asked")
    return Value(call("not", test) if node.operator.startswith("!") else test, "bool")


def cast(node: tree.Binary, left: Value, type_: str) -> Value:
    """Return a value as another type.

    Raises:
        UntranslatedError: the type is unknown.
    """
    short = type_.rsplit(".", 1)[-1]
    if short in ("Integer", "int", "Long", "long"):
        return Value(call("to_int", left.expr), "int")
    if short in ("Float", "Double", "float", "double", "BigDecimal"):
        return Value(call("to_float", left.expr), "float")
    if short in ("String", "GString"):
        return Value(left.expr if left.kind == "string" else call("to_string", left.expr), "string")
    if short in ("List", "ArrayList", "Set", "Collection") and is_list(left.kind):
        return left
    if short in ("List", "ArrayList", "Collection") and left.kind == "any":
        return Value(left.expr, "list")
    if short in ("Path", "String", "Map") and left.kind == "any":
        return Value(left.expr, {"Path": "path", "Map": "map"}.get(short, "string"))
    if short == "Boolean":
        return Value(truth(left), "bool")
    if (short == "Map" and left.kind == "map") or short in ("Path", "def", "Object"):
        return left
    raise UntranslatedError(node, f"values cannot be made a {short}")


def item(node: tree.Node, of: Value, by: Value) -> Value:
    """Return an item or member."""
    plain, index = known(by.expr)
    if of.kind in ("path", "paths"):
        return Value(
            at(call("merge_flattened", of.expr), index)
            if plain and isinstance(index, int) and index >= 0
            else call("get", call("merge_flattened", of.expr), by.expr),
            "path",
        )
    if plain and isinstance(index, int) and not isinstance(index, bool):
        if index == -1:
            return Value(call("last", of.expr))
        if isinstance(of.kind, tuple) and 0 <= index < len(of.kind):
            return Value(at(of.expr, index), of.kind[index])
        if index >= 0 and (is_list(of.kind) or of.kind == "any"):
            return Value(call("get", of.expr, by.expr))
        raise UntranslatedError(node, "an index that counts from the end")
    return Value(call("get", of.expr, by.expr))
