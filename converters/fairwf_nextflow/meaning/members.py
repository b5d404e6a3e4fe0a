"""Properties and methods of values that need no closure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fairwf.ir.expressions import Array, Attr, Call, Each, Expr, Local
from fairwf.ir.types import ArrayType, IntType, StringType
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning.build import call, javascript, known, literal, template, text
from fairwf_nextflow.meaning.operators import is_list, truth
from fairwf_nextflow.meaning.symbols import NOTHING, UntranslatedError, Value

_MEMORY = {"B": 2**-20, "KB": 2**-10, "MB": 1.0, "GB": 2.0**10, "TB": 2.0**20, "PB": 2.0**30}
_TIME = {
    "ms": 0.001, "millis": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0,
    "hours": 3600.0, "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip
_TO_MEMORY = {
    "giga": 2**-10, "toGiga": 2**-10, "mega": 1.0, "toMega": 1.0, "kilo": 2**10, "toKilo": 2**10,
    "bytes": 2**20, "toBytes": 2**20,
}  # fmt: skip
_TO_TIME = {
    "toSeconds": 1.0, "seconds": 1.0, "toMinutes": 1 / 60, "minutes": 1 / 60, "toHours": 1 / 3600,
    "hours": 1 / 3600, "toMillis": 1000.0, "millis": 1000.0,
}  # fmt: skip
_PATH = {
    "name": "name", "getName": "name", "fileName": "name", "getFileName": "name",
    "baseName": "base", "getBaseName": "base", "simpleName": "simple", "getSimpleName": "simple",
    "extension": "extension", "getExtension": "extension", "parent": "parent",
    "getParent": "parent", "text": "text", "getText": "text",
}  # fmt: skip
PATH_MEMBERS = frozenset(_PATH)
JS_NAME = (
    "(v => typeof v === 'object' && v !== null && v['class'] ? v.basename"
    " : typeof v === 'object' && v !== null && 'name' in v ? v.name : null)(v)"
)
JS_SIZE = (
    "(v => Array.isArray(v) || typeof v === 'string' ? v.length : v['class'] ? v.size"
    " : Object.keys(v).length)(v)"
)
JS_DEEP = (
    "(function f(v) { return v.reduce((a, x) => a.concat(Array.isArray(x) ? f(x) : [x]), []) })(v)"
)
JS_REVERSED = "Array.isArray(v) ? [...v].reverse() : [...v].reverse().join('')"
JS_REGULAR = "v.replace(new RegExp(p, 'g'), r)"
JS_FIRST = "v.replace(new RegExp(p), r)"


def scaled(value: Expr, factor: float) -> Expr:
    """Return a number times a factor, whole where both are."""
    plain, raw = known(value)
    if plain and isinstance(raw, (int, float)):
        result = raw * factor
        return literal(int(result) if result == int(result) else result)
    if factor == 1:
        return value
    return call("multiply", value, literal(int(factor) if factor == int(factor) else factor))


def file_member(of: Expr, what: str) -> Value:
    """Return what a path says of itself, as Nextflow names it."""
    base: Expr = Attr(of=of, name="basename")
    match what:
        case "name":
            return Value(base, "string")
        case "base":
            return Value(Attr(of=of, name="nameroot"), "string")
        case "simple":
            first = call("get", call("split", base, text(".")), literal(0))
            return Value(first, "string")
        case "extension":
            return Value(
                call("replace_match", Attr(of=of, name="nameext"), text("^[.]"), text("")), "string"
            )
        case "parent":
            return Value(call("dirname", of), "string")
        case _:
            return Value(call("read_text", of), "string")


def member(node: tree.Node, of: Value, name: str) -> Value:
    """Return a property.

    Raises:
        UntranslatedError: it has no counterpart.
    """
    if of.kind in ("int", "float") and name in _MEMORY:
        return Value(scaled(of.expr, _MEMORY[name]), "memory")
    if of.kind in ("int", "float") and name in _TIME:
        return Value(scaled(of.expr, _TIME[name]), "duration")
    if of.kind == "memory" and name in _TO_MEMORY:
        return Value(call("truncate", scaled(of.expr, _TO_MEMORY[name])), "int")
    if of.kind == "duration" and name in _TO_TIME:
        return Value(call("truncate", scaled(of.expr, _TO_TIME[name])), "int")
    if of.kind == "path" and name in _PATH:
        return file_member(of.expr, _PATH[name])
    if of.kind == "paths" and name in _PATH:
        return file_member(call("first", call("merge_flattened", of.expr)), _PATH[name])
    if of.kind == "any" and name == "name":
        return Value(javascript(JS_NAME, v=of.expr), "string")
    if of.kind == "any" and name in _PATH:
        return file_member(of.expr, _PATH[name])
    if name == "size" and is_list(of.kind):
        return Value(call("length", of.expr), "int")
    if of.kind in ("map", "any", "none"):
        return NOTHING if of.kind == "none" else Value(call("get", of.expr, text(name)))
    raise UntranslatedError(node, f"the property {name!r} has no counterpart")


Method = Callable[[Value, Sequence[Value]], Value]


def _string(function: str) -> Method:
    def method(of: Value, args: Sequence[Value]) -> Value:
        return Value(call(function, of.expr, *(arg.expr for arg in args)), "string")

    return method


def _bool(function: str) -> Method:
    def method(of: Value, args: Sequence[Value]) -> Value:
        return Value(call(function, of.expr, *(arg.expr for arg in args)), "bool")

    return method


def _list(function: str) -> Method:
    def method(of: Value, args: Sequence[Value]) -> Value:
        return Value(call(function, listed(of), *(arg.expr for arg in args)), "list")

    return method


LISTS = ("merge_flattened", "concat_arrays", "slice", "all_defined", "flatten")
"""Functions that give lists whatever they get."""


def listed(value: Value) -> Expr:
    """Return a value as an array, a text as its characters."""
    if value.kind == "string":
        return javascript("[...v]", ArrayType(items=StringType()), v=value.expr)
    if value.kind not in ("path", "paths") or isinstance(value.expr, (Array, Each)):
        return value.expr
    done = isinstance(value.expr, Call) and value.expr.function in LISTS
    return value.expr if done else call("merge_flattened", value.expr)


def _tokenize(of: Value, args: Sequence[Value]) -> Value:
    by = args[0].expr if args else text(" ")
    name = "_token"
    whole = call("split", of.expr, by)
    kept = call("not_equal", Local(name=name), text(""))
    return Value(Each(name=name, over=whole, body=Local(name=name), where=kept), "list")


def _split(of: Value, args: Sequence[Value]) -> Value:
    if not args:
        return _tokenize(of, args)
    plain, by = known(args[0].expr)
    if plain and isinstance(by, str) and not set(by) & set("\\[](){}.*+?^$|"):
        return Value(call("split", of.expr, args[0].expr), "list")
    code = "v.split(new RegExp(p))"
    return Value(javascript(code, ArrayType(items=StringType()), v=of.expr, p=args[0].expr), "list")


def _replaced(code: str) -> Method:
    def method(of: Value, args: Sequence[Value]) -> Value:
        p, r = args[0].expr, args[1].expr
        return Value(javascript(code, StringType(), v=of.expr, p=p, r=r), "string")

    return method


def _size(of: Value, args: Sequence[Value]) -> Value:
    if of.kind == "path":
        return Value(call("size", of.expr), "int")
    if isinstance(of.expr, Call) and of.expr.function in LISTS:
        return Value(call("length", of.expr), "int")
    if of.kind in ("paths", "any"):
        # of one file its bytes, of several their number
        return Value(javascript(JS_SIZE, IntType(), v=of.expr), "int")
    return Value(call("length", of.expr), "int")


def _contains(of: Value, args: Sequence[Value]) -> Value:
    if is_list(of.kind):
        return Value(call("contains", of.expr, args[0].expr), "bool")
    if of.kind == "string":
        return Value(call("contains_text", of.expr, args[0].expr), "bool")
    return Value(javascript("v.includes(x)", v=of.expr, x=args[0].expr), "bool")


def _join(of: Value, args: Sequence[Value]) -> Value:
    by = args[0].expr if args else text("")
    return Value(call("join", listed(of), by), "string")


def _text(of: Value, args: Sequence[Value]) -> Value:
    if of.kind == "string":
        return of
    if of.kind == "path":
        return Value(call("file_path", of.expr), "string")
    return Value(call("to_string", of.expr), "string")


def _number(function: str, kind: str) -> Method:
    def method(of: Value, args: Sequence[Value]) -> Value:
        return Value(call(function, of.expr), kind)

    return method


def _first(of: Value, args: Sequence[Value]) -> Value:
    kind = (
        "path"
        if of.kind in ("path", "paths")
        else of.kind[0]
        if isinstance(of.kind, tuple) and of.kind
        else "any"
    )
    return Value(call("first", listed(of)), kind)


def _take(of: Value, args: Sequence[Value]) -> Value:
    upto = call("min", args[0].expr, call("length", listed(of)))
    if of.kind == "string":
        return Value(call("substring", of.expr, literal(0), upto), "string")
    return Value(call("slice", listed(of), literal(0), upto), "list")


def _drop(of: Value, args: Sequence[Value]) -> Value:
    if of.kind == "string":
        return Value(call("substring", of.expr, args[0].expr, literal(None)), "string")
    return Value(call("slice", listed(of), args[0].expr, literal(None)), "list")


def _flatten(of: Value, args: Sequence[Value]) -> Value:
    files = isinstance(of.kind, tuple) and all(kind in ("path", "paths") for kind in of.kind)
    if files and isinstance(of.expr, Array):
        return Value(call("merge_flattened", *of.expr.items), "paths")
    return Value(javascript(JS_DEEP, v=listed(of)), "list")


def _reverse(of: Value, args: Sequence[Value]) -> Value:
    if of.kind == "string":
        return Value(javascript(JS_REVERSED, StringType(), v=of.expr), "string")
    if of.kind == "any":
        return Value(javascript(JS_REVERSED, v=of.expr))
    return Value(call("reverse", listed(of)), "list")


def _with_index(of: Value, args: Sequence[Value]) -> Value:
    whole = listed(of)
    return Value(call("zip", whole, call("range", call("length", whole))), "list")


def _empty(of: Value, args: Sequence[Value]) -> Value:
    return Value(call("not", truth(of)), "bool")


def _sum(of: Value, args: Sequence[Value]) -> Value:
    return Value(call("sum", listed(of)), "int")


def _get(of: Value, args: Sequence[Value]) -> Value:
    if len(args) == 2:
        return Value(call("default", call("get", of.expr, args[0].expr), args[1].expr))
    kind = "string" if of.kind == "list" else "any"
    return Value(call("get", listed(of), args[0].expr), kind if kind == "any" else "any")


def _indent(of: Value, args: Sequence[Value]) -> Value:
    plain, raw = known(of.expr)
    if plain and isinstance(raw, str):
        lines = raw.split("\n")
        least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        return Value(text("\n".join(line[least:] for line in lines)), "string")
    code = (
        "(v => { const l = v.split('\\n'); const n = Math.min(...l.filter(x => x.trim())"
        ".map(x => x.length - x.trimStart().length)); return l.map(x => x.slice(n)).join('\\n') })(v)"
    )
    return Value(javascript(code, StringType(), v=of.expr), "string")


def _matches(of: Value, args: Sequence[Value]) -> Value:
    code = "new RegExp('^(?:' + p + ')$').test(v)"
    return Value(javascript(code, v=of.expr, p=args[0].expr), "bool")


def _same(of: Value, args: Sequence[Value]) -> Value:
    return of


def _sub_map(of: Value, args: Sequence[Value]) -> Value:
    code = "Object.fromEntries(Object.entries(m).filter(([k]) => (Array.isArray(k0[0]) ? k0[0] : k0).includes(k)))"
    keys = [arg.expr for arg in args]
    return Value(javascript(code, m=of.expr, k0=Array(items=tuple(keys))), "map")


def _unit(of: Value, args: Sequence[Value]) -> Value:
    plain, unit = known(args[0].expr) if args else (False, None)
    if of.kind == "memory" and plain and unit in _MEMORY:
        return Value(scaled(of.expr, 1 / _MEMORY[str(unit)]), "int")
    return Value(of.expr, of.kind)


METHODS: Mapping[str, Method] = {
    "toString": _text, "tokenize": _tokenize, "split": _split, "replace": _string("replace"),
    "replaceAll": _replaced(JS_REGULAR), "replaceFirst": _replaced(JS_FIRST),
    "startsWith": _bool("starts_with"), "endsWith": _bool("ends_with"), "contains": _contains,
    "toLowerCase": _string("lower"), "toUpperCase": _string("upper"), "trim": _string("trim"),
    "strip": _string("trim"), "size": _size, "length": _size, "join": _join, "first": _first,
    "head": _first, "last": lambda of, args: Value(call("last", listed(of))), "get": _get,
    "getAt": _get, "flatten": _flatten, "reverse": _reverse, "unique": _list("unique"),
    "sort": _list("sort"), "sum": _sum, "toInteger": _number("to_int", "int"),
    "toLong": _number("to_int", "int"), "intValue": _number("to_int", "int"),
    "toFloat": _number("to_float", "float"), "toDouble": _number("to_float", "float"),
    "toBoolean": _number("to_bool", "bool"), "keySet": lambda of, args: Value(call("keys", of.expr), "list"),
    "values": lambda of, args: Value(call("values", of.expr), "list"),
    "containsKey": lambda of, args: Value(call("has_key", of.expr, args[0].expr), "bool"),
    "clone": _same, "asType": _same, "toList": _same, "stripIndent": _indent, "take": _take,
    "drop": _drop, "isEmpty": _empty, "withIndex": _with_index, "matches": _matches,
    "substring": lambda of, args: Value(
        call("substring", of.expr, args[0].expr, args[1].expr if len(args) > 1 else literal(None)), "string"),
    "indexOf": lambda of, args: Value(call("index_of", of.expr, args[0].expr), "int"),
    "plus": lambda of, args: Value(call("merge", of.expr, args[0].expr), "map"),
    "concat": lambda of, args: Value(template(of.expr, args[0].expr), "string"),
    "readLines": lambda of, args: Value(call("read_lines", of.expr), "list"),
    "intdiv": lambda of, args: Value(call("divide_int", of.expr, args[0].expr), "int"),
    "padLeft": lambda of, args: Value(
        call("pad_left", call("to_string", of.expr), args[0].expr, args[1].expr if len(args) > 1 else text(" ")),
        "string"),
    "subMap": _sub_map, "toUnit": _unit, "transpose": _list("transpose"),
    "abs": lambda of, args: Value(call("absolute", of.expr), of.kind),
    "toAbsolutePath": _same, "toUriString": _text, "toRealPath": _same, "collate": _list("chunk"),
    "max": lambda of, args: Value(javascript("Math.max(...v)", v=listed(of)), "int"),
    "min": lambda of, args: Value(javascript("Math.min(...v)", v=listed(of)), "int"),
}  # fmt: skip


def method(node: tree.Node, of: Value, name: str, args: Sequence[Value]) -> Value:
    """Return what a method gives.

    Raises:
        UntranslatedError: it has no counterpart.
    """
    if of.kind in ("memory", "duration") and name in {**_TO_MEMORY, **_TO_TIME}:
        return member(node, of, name)
    if name in _PATH and name.startswith("get") and of.kind in ("path", "paths", "any"):
        return member(node, of, name)
    if (name == "sort" and args) or name not in METHODS:
        raise UntranslatedError(node, f"the method {name!r} has no counterpart")
    try:
        return METHODS[name](of, args)
    except IndexError:
        raise UntranslatedError(node, f"the method {name!r} lacks an argument") from None
