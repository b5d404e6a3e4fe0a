"""WDL's way to say each standard function (specification 1.2, "Standard Library")."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Each,
    Expr,
    IntLit,
    Local,
    StringLit,
)
from fairwf.ir.types import ArrayType, MapType, NoneType, RecordField, RecordType, Type
from fairwf_wdl.write import text_functions
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.operators import OPERATORS, Speaker
from fairwf_wdl.write.patterns import arguments, at, bare, let
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.several import several
from fairwf_wdl.write.types import (
    BOOL,
    DIRECTORY,
    FILE,
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


STRINGS = ArrayType(items=STRING)


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
        if several(item_of(wanted)) is not None:
            said = sayer.say(one, wanted if array else item_of(wanted))
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
    whole, by = let(node.args[0]), node.args[1]
    if isinstance(whole, Array) and isinstance(by, IntLit):
        if 0 <= by.number < len(whole.items):
            return sayer.say(whole.items[by.number], wanted)
        return Said("None", optional(wanted) or NoneType())
    said = sayer.say(whole)
    kind = required(said.type)
    if isinstance(kind, ArrayType) and isinstance(by, IntLit) and by.number < 0:
        return Said("None", optional(kind.items))
    if isinstance(kind, ArrayType) and isinstance(by, IntLit):
        items = sayer.known(said)
        text = f"if length({items.text}) > {by.number} then {items.operand}[{by.number}] else None"
        return Said(text, optional(kind.items), 2)
    if isinstance(kind, RecordType) and isinstance(by, StringLit):
        member = sayer.say(Attr(of=whole, name=by.value))
        if is_optional(member.type) and not is_optional(said.type):
            return member
    raise CannotSayError("WDL has no function that looks for a member that may lack", node)


_TABLE: dict[str, tuple[str, Speaker]] = {
    **OPERATORS,
    "join": ("1.1", text_functions.join),
    "replace": ("1.1", text_functions.replace),
    "replace_match": ("1.1", text_functions.replace_match),
    "matches": ("1.2", _calls("matches", BOOL, STRING, STRING)),
    "find_match": ("1.2", _calls("find", optional(STRING) or STRING, STRING, STRING)),
    "starts_with": ("1.1", text_functions.edge("^", "")),
    "ends_with": ("1.1", text_functions.edge("", "$")),
    "contains_text": ("1.1", text_functions.edge("", "")),
    "strip_suffix": ("1.1", text_functions.strip_suffix),
    "trim": ("1.1", text_functions.trim),
    "to_string": ("1.1", _to_string),
    "fixed_text": ("1.1", _to_string),
    "file_path": ("1.1", _to_string),
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
