"""WDL's way to say each standard function (specification 1.2, "Standard Library")."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Each,
    Expr,
    FloatLit,
    IntLit,
    Local,
    Runtime,
    StringLit,
)
from fairwf.ir.types import ArrayType, FloatType, IntType, MapType, RecordField, RecordType, Type
from fairwf_wdl.library import UNITS
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import arguments, at, bare
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.types import (
    BOOL,
    DIRECTORY,
    FILE,
    FLOAT,
    INT,
    PATHS,
    STRING,
    is_optional,
    item_of,
    optional,
    required,
)

if TYPE_CHECKING:
    from fairwf_wdl.write.expressions import Sayer

Speaker = Callable[["Sayer", Call, Type | None], Said]

STRINGS = ArrayType(items=STRING)
_MEMORY = Call(function="multiply", args=(Runtime(name="ram"), IntLit(value=1024 * 1024)))
_ATTEMPT = (Runtime(name="attempt"), IntLit(value=1))


def is_float(type_: Type | None) -> bool:
    """Tell whether values of a type are floats."""
    return isinstance(required(type_), FloatType)


def _numbers(sayer: Sayer, nodes: Sequence[Expr]) -> tuple[list[Said], Type]:
    """Numbers for an operator, and the type of what it gives: one float makes it a float."""
    said = [sayer.number(one) for one in nodes]
    if any(is_float(one.type) for one in said):
        return said, FLOAT
    if any(bare(one, FLOAT) is not one for one in nodes):
        return [Said(f"{said[0].operand} * 1.0", FLOAT, 1), *said[1:]], FLOAT
    return said, INT


def _arithmetic(sign: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        if sign == "-" and node.args == _ATTEMPT and sayer.version != "1.1":
            return Said("task.attempt", INT)
        said, type_ = _numbers(sayer, node.args)
        return Said(f" {sign} ".join(one.operand for one in said), type_, 1)

    return say


def _divide(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    measured = _measured(sayer, node)
    if measured is not None:
        return measured
    left, right = (sayer.number(one) for one in node.args)
    if not is_float(left.type) and not is_float(right.type):
        left = Said(f"{left.operand} * 1.0", FLOAT, 1)
    return Said(f"{left.operand} / {right.operand}", FLOAT, 1)


def _measured(sayer: Sayer, node: Call) -> Said | None:
    """``size`` in a unit."""
    size = arguments(node.args[0], "to_float", 1)
    of = arguments(size[0], "size", 1) if size is not None else None
    if of is None or not isinstance(node.args[1], FloatLit):
        return None
    units = {float(size): unit for unit, size in reversed(UNITS.items())}
    unit = units.get(float(node.args[1].number))
    if unit is None:
        return None
    return Said(f"size({sayer.say(of[0]).text}, {literal(unit)})", FLOAT)


def _divide_int(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    left, right = (sayer.say(one, INT) for one in node.args)
    return Said(f"{left.operand} / {right.operand}", INT, 1)


def _negate(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.number(node.args[0])
    return Said(f"0 - {said.operand}", said.type, 1)


def _absolute(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.number(node.args[0])
    return Said(f"max({said.text}, 0 - {said.operand})", said.type)


def _extreme(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        said, type_ = _numbers(sayer, node.args)
        text = said[-1].text
        for one in reversed(said[:-1]):
            text = f"{name}({one.text}, {text})"
        return Said(text, type_)

    return say


def _rounded(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        return Said(f"{name}({sayer.say(node.args[0], FLOAT).text})", INT)

    return say


def _whole(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    if node.args[0] == _MEMORY and sayer.version != "1.1":
        return Said("task.memory", INT)
    read = _read_text(node.args[0])
    if read is not None:
        return Said(f"read_int({sayer.say(read, FILE).text})", INT)
    said = sayer.say(node.args[0])
    kind = required(said.type)
    if isinstance(kind, IntType):
        return said
    if isinstance(kind, FloatType):
        text = f"if {said.operand} < 0.0 then ceil({said.text}) else floor({said.text})"
        return Said(text, INT, 2)
    if isinstance(wanted, IntType) and kind == STRING:
        return Said(said.text, INT, said.level)
    raise CannotSayError("WDL makes no whole number of a text here", node)


def _float(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    read = _read_text(node.args[0])
    if read is not None:
        return Said(f"read_float({sayer.say(read, FILE).text})", FLOAT)
    if node.args[0] == Runtime(name="cores") and sayer.version != "1.1":
        return Said("task.cpu", FLOAT)
    of = arguments(node.args[0], "size", 1)
    if of is not None:
        return Said(f"size({sayer.say(of[0]).text})", FLOAT)
    said = sayer.say(node.args[0])
    if is_float(said.type):
        return said
    if isinstance(required(said.type), IntType):
        return Said(f"{said.operand} * 1.0", FLOAT, 1)
    raise CannotSayError("WDL makes no number of a text here", node)


def _truth(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    read = _read_text(node.args[0])
    if read is not None:
        return Said(f"read_boolean({sayer.say(read, FILE).text})", BOOL)
    said = sayer.say(node.args[0])
    if required(said.type) == BOOL:
        return said
    if required(said.type) == STRING:
        return Said(f'sub({said.text}, "^[Tt][Rr][Uu][Ee]$", "") == ""', BOOL, 1)
    raise CannotSayError("WDL makes no truth value of this", node)


def _read_text(node: Expr) -> Expr | None:
    trimmed = arguments(node, "trim", 1)
    of = arguments(trimmed[0], "read_text", 1) if trimmed is not None else None
    return of[0] if of is not None else None


def _compared(sign: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        left, right = (sayer.compared(one) for one in node.args)
        if sign not in ("==", "!="):
            left, right = sayer.known(left), sayer.known(right)
        return Said(f"{left.operand} {sign} {right.operand}", BOOL, 1)

    return say


def _logic(sign: str, empty: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        if not node.args:
            return Said(empty, BOOL)
        said = [sayer.say(one, BOOL) for one in node.args]
        if len(said) == 1:
            return said[0]
        return Said(f" {sign} ".join(one.operand for one in said), BOOL, 1)

    return say


def _not(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"!{sayer.say(node.args[0], BOOL).operand}", BOOL, 1)


def _defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"defined({sayer.say(node.args[0]).text})", BOOL)


def _default(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    left, right = node.args
    said = sayer.say(left, optional(wanted) if wanted is not None else None)
    if said.type is not None and not is_optional(said.type):
        return said
    inner = required(said.type) or required(wanted)
    other = sayer.say(right, inner)
    return Said(f"select_first([{said.text}, {other.text}])", inner or other.type)


def _first_defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    (of,) = node.args
    items = ArrayType(items=optional(wanted)) if wanted is not None else None  # type: ignore[arg-type]
    said = sayer.say(of, items)
    item = item_of(said.type)
    return Said(f"select_first({said.text})", required(item) or required(wanted))


def _all_defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.say(node.args[0])
    item = required(item_of(said.type))
    return Said(f"select_all({said.text})", ArrayType(items=item) if item is not None else None)


def _only_defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = _all_defined(sayer, node, wanted)
    return Said(f"{said.text}{_single(said.text)}", item_of(said.type))


def _single(text: str) -> str:
    """The index of the only item, which fails where there are more, or none."""
    return f"[if length({text}) == 1 then 0 else length({text})]"


def _join(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    items, between = node.args
    return Said(f"sep({sayer.say(between, STRING).text}, {sayer.texts(items).text})", STRING)


_MAGIC = frozenset(".^$*+?()[]{}|\\")


def _escaped(text: str) -> str:
    """A regular expression (POSIX extended) that matches this text alone."""
    return "".join(
        f"[{c}]" if c in _MAGIC - {"^", "\\"} else f"\\{c}" if c in _MAGIC else c for c in text
    )


def _plain(node: Expr, what: str) -> str:
    if isinstance(node, StringLit):
        return node.value
    raise CannotSayError(f"WDL needs {what} as it is, not computed", node)


def _replace(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    text, old, new = node.args
    pattern = literal(_escaped(_plain(old, "the text to replace")))
    by = _plain(new, "the replacement")
    if re.search(r"\\[A-Za-z0-9\\]", by):
        raise CannotSayError("engines of WDL take a backslash in a replacement for an escape", new)
    return Said(f"sub({sayer.say(text, STRING).text}, {pattern}, {literal(by)})", STRING)


def _replace_match(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"sub({', '.join(sayer.say(one, STRING).text for one in node.args)})", STRING)


def _edge(before: str, after: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        part = _plain(node.args[1], "the text to look for")
        if not part:
            return Said("true", BOOL)
        said = sayer.say(node.args[0], STRING)
        pattern = literal(f"{before}{_escaped(part)}{after}")
        return Said(f'sub({said.text}, {pattern}, "") != {said.operand}', BOOL, 1)

    return say


def _strip_suffix(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    whole, end = node.args
    of = arguments(whole, "basename", 1)
    if of is not None:
        suffix = sayer.say(end, STRING).text
        return Said(f"basename({sayer.path(of[0]).text}, {suffix})", STRING)
    read = arguments(whole, "read_text", 1)
    if read is not None and end == StringLit(value="\n"):
        return Said(f"read_string({sayer.say(read[0], FILE).text})", STRING)
    pattern = literal(f"{_escaped(_plain(end, 'the ending'))}$")
    return Said(f'sub({sayer.say(whole, STRING).text}, {pattern}, "")', STRING)


def _trim(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.say(node.args[0], STRING)
    return Said(f'sub(sub({said.text}, "^[ \\t\\r\\n]+", ""), "[ \\t\\r\\n]+$", "")', STRING)


def _calls(name: str, result: Type, *parameters: Type | None) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        wants = [*parameters, *[None] * len(node.args)]
        said = [sayer.say(one, want) for one, want in zip(node.args, wants, strict=False)]
        return Said(f"{name}({', '.join(one.text for one in said)})", result)

    return say


def _length(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.known(sayer.say(node.args[0]))
    if sayer.version == "1.1" and not isinstance(required(said.type), ArrayType):
        raise CannotSayError("WDL measures arrays alone before 1.2", node, "write WDL 1.2")
    return Said(f"length({said.text})", INT)


def _first(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return sayer.say(at(node.args[0], 0), wanted)


def _last(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.known(sayer.say(node.args[0]))
    return Said(f"{said.operand}[length({said.text}) - 1]", item_of(said.type))


def _append(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    items, one = node.args
    said = sayer.known(sayer.say(items, wanted))
    more = sayer.say(one, item_of(said.type))
    return Said(f"flatten([{said.text}, [{more.text}]])", said.type)


def _concat_arrays(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    if not node.args:
        return Said("[]", wanted)
    said = [sayer.known(sayer.say(one, wanted)) for one in node.args]
    type_ = next((one.type for one in said if one.type is not None), wanted)
    return Said(f"flatten([{', '.join(one.text for one in said)}])", type_)


def _merge_flattened(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    parts, type_ = [], None
    for one in node.args:
        said = sayer.say(one)
        if said.type is None:
            raise CannotSayError("it is not known whether this is an array", one)
        array = isinstance(required(said.type), ArrayType)
        parts.append(sayer.known(said).text if array else f"[{said.text}]")
        item = item_of(said.type) if array else said.type
        type_ = item if type_ is None else type_
    return Said(f"flatten([{', '.join(parts)}])", ArrayType(items=type_) if type_ else None)


def _flatten(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    nested = ArrayType(items=wanted) if isinstance(wanted, ArrayType) else None
    said = sayer.known(sayer.say(node.args[0], nested))
    return Said(f"flatten({said.text})", item_of(said.type))


def _same_type(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        said = sayer.known(sayer.say(node.args[0]))
        return Said(f"{name}({said.text})", said.type)

    return say


def _chunk(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.known(sayer.say(node.args[0]))
    type_ = ArrayType(items=said.type) if said.type is not None else None
    return Said(f"chunk({said.text}, {sayer.say(node.args[1], INT).text})", type_)


def _contains(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    items, one = node.args
    keys = arguments(items, "keys", 1)
    if keys is not None:
        said = sayer.say(keys[0])
        if isinstance(required(said.type), MapType):
            return Said(f"contains_key({said.text}, {sayer.say(one, STRING).text})", BOOL)
    said = sayer.known(sayer.say(items))
    return Said(f"contains({said.text}, {sayer.say(one).text})", BOOL)


def _affix(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        fix, items = node.args
        return Said(f"{name}({sayer.say(fix, STRING).text}, {sayer.texts(items).text})", STRINGS)

    return say


def _of_map(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        said = sayer.known(sayer.say(node.args[0]))
        kind = required(said.type)
        if not isinstance(kind, MapType):
            raise CannotSayError("WDL lists the keys and values of maps alone", node)
        return Said(
            f"{name}({said.text})",
            ArrayType(items=kind.keys if name == "keys" else kind.values),
        )

    return say


def _as_map(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    (of,) = node.args
    table = arguments(of, "read_tsv", 1)
    if table is not None:
        text = f"read_map({sayer.say(table[0], FILE).text})"
        return Said(text, MapType(keys=STRING, values=STRING))
    grouped = arguments(of, "group_by_key", 1)
    pairs = grouped[0] if grouped is not None else of
    source = _pairs(pairs)
    if source is None:
        literal_map = sayer.map_of(of, wanted)
        if literal_map is not None:
            return literal_map
        raise CannotSayError("WDL makes maps of pairs alone", node)
    said = sayer.say(source)
    pair = item_of(said.type)
    type_: Type | None = None
    if isinstance(pair, RecordType):
        key, value = (field.type for field in pair.fields)
        type_ = MapType(keys=key, values=ArrayType(items=value) if grouped is not None else value)
    return Said(f"{'collect_by_key' if grouped is not None else 'as_map'}({said.text})", type_)


def _pairs(node: Expr) -> Expr | None:
    """The pairs of WDL of which an each makes arrays of key and value."""
    if not isinstance(node, Each) or not isinstance(node.body, Array):
        return None
    if node.where is not None or len(node.body.items) != 2:
        return None
    item = Local(name=node.name)
    key, value = node.body.items
    same = bare(key, STRING) == Attr(of=item, name="left")
    return node.over if same and value == Attr(of=item, name="right") else None


def pairs_of_entries(sayer: Sayer, node: Each) -> Said | None:
    """``as_pairs``: what an each over the entries of a map gives."""
    entries = arguments(node.over, "entries", 1)
    if entries is None or node.where is not None:
        return None
    fields = getattr(node.body, "fields", {})
    item = Local(name=node.name)
    if list(fields) != ["left", "right"] or fields["right"] != at(item, 1):
        return None
    said = sayer.say(entries[0])
    kind = required(said.type)
    if not isinstance(kind, MapType) or bare(fields["left"], kind.keys) != at(item, 0):
        return None
    pair = RecordType(
        fields=(
            RecordField(name="left", type=kind.keys),
            RecordField(name="right", type=kind.values),
        )
    )
    return Said(f"as_pairs({said.text})", ArrayType(items=pair))


def _basename(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"basename({sayer.path(node.args[0]).text})", STRING)


def nameroot(sayer: Sayer, of: Expr) -> Said:
    """The name of a file without its last extension."""
    name = f"basename({sayer.path(of).text})"
    text = f'if sub({name}, "^[.]+[^.]*$", "") == "" then {name} else sub({name}, "[.][^.]*$", "")'
    return Said(text, STRING, 2)


def nameext(sayer: Sayer, of: Expr) -> Said:
    """The last extension of the name of a file."""
    name = f"basename({sayer.path(of).text})"
    text = (
        f'if sub({name}, "^[.]*[^.]+.*[.]", "") == {name} then "" else sub({name}, "^.+[.]", ".")'
    )
    return Said(text, STRING, 2)


def _name_part(part: Callable[[Sayer, Expr], Said]) -> Speaker:
    return lambda sayer, node, wanted: part(sayer, node.args[0])


def dirname(sayer: Sayer, of: Expr) -> Said:
    """The folder of a file."""
    return Said(f'sub({sayer.path(of).text}, "/[^/]*$", "")', STRING)


def _size(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"floor(size({sayer.say(node.args[0]).text}))", INT)


def _read_json(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"read_json({sayer.say(node.args[0], FILE).text})", wanted)


def _if_exists(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    raise CannotSayError(
        "WDL looks for a file that may lack in an output of type File? alone", node
    )


def _to_string(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return sayer.text(node)


def _file(kind: Type) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        if isinstance(required(wanted), PATHS):
            return sayer.say(node.args[0], STRING)._replace(type=kind)
        return sayer.as_file(node, kind)

    return say


def _literal_file(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    name, content = node.args
    return sayer.written(content, name if isinstance(name, StringLit) else None, node)


def _has_key(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.say(node.args[0])
    return Said(f"contains_key({said.text}, {sayer.say(node.args[1], STRING).text})", BOOL)


def _get(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    whole, by = node.args
    said = sayer.say(whole)
    kind = required(said.type)
    if isinstance(kind, RecordType) and isinstance(by, StringLit):
        member = sayer.say(Attr(of=whole, name=by.value))
        if is_optional(member.type) and not is_optional(said.type):
            return member
    raise CannotSayError("WDL has no function that looks for a member that may lack", node)


_TABLE: dict[str, tuple[str, Speaker]] = {
    "add": ("1.1", _arithmetic("+")),
    "subtract": ("1.1", _arithmetic("-")),
    "multiply": ("1.1", _arithmetic("*")),
    "divide": ("1.1", _divide),
    "divide_int": ("1.1", _divide_int),
    "modulo": ("1.1", _arithmetic("%")),
    "power": ("1.2", _arithmetic("**")),
    "negate": ("1.1", _negate),
    "absolute": ("1.1", _absolute),
    "floor": ("1.1", _rounded("floor")),
    "ceil": ("1.1", _rounded("ceil")),
    "round": ("1.1", _rounded("round")),
    "truncate": ("1.1", _whole),
    "min": ("1.1", _extreme("min")),
    "max": ("1.1", _extreme("max")),
    "equal": ("1.1", _compared("==")),
    "not_equal": ("1.1", _compared("!=")),
    "less": ("1.1", _compared("<")),
    "less_equal": ("1.1", _compared("<=")),
    "greater": ("1.1", _compared(">")),
    "greater_equal": ("1.1", _compared(">=")),
    "and": ("1.1", _logic("&&", "true")),
    "or": ("1.1", _logic("||", "false")),
    "not": ("1.1", _not),
    "defined": ("1.1", _defined),
    "default": ("1.1", _default),
    "first_defined": ("1.1", _first_defined),
    "only_defined": ("1.1", _only_defined),
    "all_defined": ("1.1", _all_defined),
    "join": ("1.1", _join),
    "replace": ("1.1", _replace),
    "replace_match": ("1.1", _replace_match),
    "matches": ("1.2", _calls("matches", BOOL, STRING, STRING)),
    "find_match": ("1.2", _calls("find", optional(STRING) or STRING, STRING, STRING)),
    "starts_with": ("1.1", _edge("^", "")),
    "ends_with": ("1.1", _edge("", "$")),
    "contains_text": ("1.1", _edge("", "")),
    "strip_suffix": ("1.1", _strip_suffix),
    "trim": ("1.1", _trim),
    "to_string": ("1.1", _to_string),
    "fixed_text": ("1.1", _to_string),
    "file_path": ("1.1", _to_string),
    "to_int": ("1.1", _whole),
    "to_float": ("1.1", _float),
    "to_bool": ("1.1", _truth),
    "length": ("1.1", _length),
    "range": ("1.1", _calls("range", ArrayType(items=INT), INT)),
    "first": ("1.1", _first),
    "last": ("1.1", _last),
    "append": ("1.1", _append),
    "concat_arrays": ("1.1", _concat_arrays),
    "merge_flattened": ("1.1", _merge_flattened),
    "flatten": ("1.1", _flatten),
    "transpose": ("1.1", _same_type("transpose")),
    "chunk": ("1.2", _chunk),
    "contains": ("1.2", _contains),
    "prefix_each": ("1.1", _affix("prefix")),
    "suffix_each": ("1.1", _affix("suffix")),
    "keys": ("1.1", _of_map("keys")),
    "values": ("1.2", _of_map("values")),
    "as_map": ("1.1", _as_map),
    "has_key": ("1.2", _has_key),
    "get": ("1.1", _get),
    "basename": ("1.1", _basename),
    "nameroot": ("1.1", _name_part(nameroot)),
    "nameext": ("1.1", _name_part(nameext)),
    "dirname": ("1.1", _name_part(dirname)),
    "size": ("1.1", _size),
    "read_lines": ("1.1", _calls("read_lines", STRINGS, FILE)),
    "read_json": ("1.1", _read_json),
    "read_tsv": ("1.1", _calls("read_tsv", ArrayType(items=STRINGS), FILE)),
    "to_file": ("1.1", _file(FILE)),
    "to_directory": ("1.2", _file(DIRECTORY)),
    "if_exists": ("1.1", _if_exists),
    "literal_file": ("1.1", _literal_file),
}

SPEAKERS: dict[str, Speaker] = {name: speaker for name, (_, speaker) in _TABLE.items()}
"""How each function is said."""
FUNCTIONS: dict[str, str] = {name: since for name, (since, _) in _TABLE.items()}
"""The version of WDL since which each function can be said."""
STRUCTURAL = frozenset(
    {"concat", "zip", "unzip", "cross", "read_text", "entries", "group_by_key", "escape_pattern",
     "to_json", "slice", "load_contents"}
)  # fmt: skip
"""Functions that are said as part of others; where they stand alone they are refused."""
