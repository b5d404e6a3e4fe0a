"""Names that an expression uses and that are not there for certain.

JavaScript gives ``undefined`` for a member that does not exist, so a mistyped one fails only when
it runs, or not even then. Told is only what is certain: members of ``inputs`` and ``runtime`` by
name, and of values whose type is known. A text that asks whether a member is there, or that binds
one of these names otherwise, is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from fairwf.ir import types as ir
from fairwf.source import nearest
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.javascript import ROOTS, parse
from fairwf_cwl.references import FILE_ATTRIBUTES

if TYPE_CHECKING:
    from tree_sitter import Node

_OBJECT = frozenset(
    [
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
        "__proto__",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
    ]
)
_FILE = FILE_ATTRIBUTES | {"class", "secondaryFiles"}
_FOLDER = frozenset({"class", "location", "path", "basename", "listing"})
_ARRAY = frozenset(
    [
        "length",
        "at",
        "concat",
        "copyWithin",
        "entries",
        "every",
        "fill",
        "filter",
        "find",
        "findIndex",
        "findLast",
        "findLastIndex",
        "flat",
        "flatMap",
        "forEach",
        "includes",
        "indexOf",
        "join",
        "keys",
        "lastIndexOf",
        "map",
        "pop",
        "push",
        "reduce",
        "reduceRight",
        "reverse",
        "shift",
        "slice",
        "some",
        "sort",
        "splice",
        "toReversed",
        "toSorted",
        "toSpliced",
        "unshift",
        "values",
        "with",
    ]
)
_TEXT = frozenset(
    [
        "length",
        "anchor",
        "at",
        "big",
        "blink",
        "bold",
        "charAt",
        "charCodeAt",
        "codePointAt",
        "concat",
        "endsWith",
        "fixed",
        "fontcolor",
        "fontsize",
        "includes",
        "indexOf",
        "isWellFormed",
        "italics",
        "lastIndexOf",
        "link",
        "localeCompare",
        "match",
        "matchAll",
        "normalize",
        "padEnd",
        "padStart",
        "repeat",
        "replace",
        "replaceAll",
        "search",
        "slice",
        "small",
        "split",
        "startsWith",
        "strike",
        "sub",
        "substr",
        "substring",
        "sup",
        "toLocaleLowerCase",
        "toLocaleUpperCase",
        "toLowerCase",
        "toString",
        "toUpperCase",
        "toWellFormed",
        "trim",
        "trimEnd",
        "trimLeft",
        "trimRight",
        "trimStart",
        "valueOf",
    ]
)


_TEXT_HAS = "a text has"


class Missing(NamedTuple):
    """A name that is not there: as it is written, what it is looked for in, what was meant."""

    name: str
    shown: str
    of: str
    near: str | None
    known: tuple[str, ...]
    offset: int = 0

    @property
    def hint(self) -> str:
        """What to do."""
        if self.near is not None:
            return f"did you mean {self.near!r}?"
        return f"{self.of}: {', '.join(self.known[:12]) or 'none'}"


def in_reference(symbol: str, segments: list[str | int], names: Names) -> Missing | None:
    """Return the first name of a parameter reference that is not there; None where it is not known.

    A parameter reference names nothing by chance, so what is not near to anything counts as well.
    """
    if symbol not in ROOTS:
        return Missing(symbol, symbol, "names", nearest(symbol, ROOTS), ROOTS)
    found = _missing(symbol, [(segment, 0) for segment in segments], names, certain=False)
    if found is not None and found.of == _TEXT_HAS:  # its methods are JavaScript's
        of = f"{found.shown.rpartition('.')[0]} is a text, of which a reference can ask for"
        return found._replace(near=None, of=of, known=("length",))
    return found


def in_javascript(text: str, form: str, names: Names) -> Iterator[Missing]:
    """Yield each name of a JavaScript text that is not there for certain, once."""
    root, data, lead = parse(text, form)
    if root.has_error or _rebinds(root, data):
        return
    asked: set[tuple[str | int, ...]] = set()
    found: list[tuple[str, list[tuple[str | int, int]]]] = []
    for node in _nodes(root):
        if node.type == "identifier" and _text(node, data) in ROOTS:
            chain = list(_chain(node, data, lead))
            if not chain:
                continue
            keys = [key for key, _, _ in chain]
            asked.update(
                (_text(node, data), *keys[: place + 1])
                for place, (_, _, about) in enumerate(chain)
                if about
            )
            found.append((_text(node, data), [(key, offset) for key, offset, _ in chain]))
    told: set[tuple[str | int, ...]] = set()
    for symbol, segments in found:
        missing = _missing(symbol, segments, names, certain=True)
        if missing is None:
            continue
        length = next(i for i, (key, at) in enumerate(segments) if at == missing.offset)
        path = (symbol, *(key for key, _ in segments[: length + 1]))
        if path not in told and not any(path[: len(a)] == a for a in asked):
            told.add(path)
            yield missing


def _missing(
    symbol: str, segments: list[tuple[str | int, int]], names: Names, *, certain: bool
) -> Missing | None:
    if not segments:
        return None
    first, offset = segments[0]
    shown = f"{symbol}.{first}"
    bound: Bound | None
    if symbol == "inputs":
        bound = names.inputs.get(str(first))
        if bound is None:
            return _told(str(first), shown, "inputs", tuple(names.inputs), offset)
        segments = segments[1:]
    elif symbol == "runtime":
        if names.runtime and first not in names.runtime_names:
            return _told(str(first), shown, "runtime", names.runtime_names, offset)
        return None
    else:
        bound, shown = names.self, symbol
        if bound is None:
            return None
    type_ = bound.type
    for segment, place in segments:
        type_ = type_.item if isinstance(type_, ir.OptionalType) else type_
        inside = f"{shown}[{segment}]" if isinstance(segment, int) else f"{shown}.{segment}"
        if isinstance(segment, str):
            known, kind = _members(type_)
            if known and segment not in known and segment not in _OBJECT:
                missing = _told(segment, inside, kind, tuple(sorted(known)), place)
                # fields of other vocabularies in files and records are kept when it runs
                sure = missing.near is not None or isinstance(type_, ir.ArrayType)
                return missing if sure or not certain else None
        shown, type_ = inside, _inside(type_, segment)
    return None


def _told(name: str, shown: str, of: str, known: tuple[str, ...], offset: int) -> Missing:
    return Missing(name, shown, of, nearest(name, known), known, offset)


def _members(type_: ir.Type | None) -> tuple[Collection[str], str]:
    match type_:
        case ir.FileType():
            return _FILE, "a File has"
        case ir.DirectoryType():
            return _FOLDER, "a Directory has"
        case ir.ArrayType():
            return _ARRAY, "a list has"
        case ir.StringType() | ir.EnumType():
            return _TEXT, _TEXT_HAS
        case ir.RecordType():
            return [field.name for field in type_.fields], "the record has"
        case _:
            return (), ""


def _inside(type_: ir.Type | None, segment: str | int) -> ir.Type | None:
    if isinstance(type_, ir.ArrayType) and isinstance(segment, int):
        return type_.items
    if isinstance(type_, ir.RecordType):
        return next((f.type for f in type_.fields if f.name == segment), None)
    texts = ("location", "path", "basename", "dirname", "nameroot", "nameext", "contents")
    if isinstance(type_, ir.FileType) and segment in texts:
        return ir.StringType()
    if isinstance(type_, ir.FileType) and segment == "secondaryFiles":
        return ir.ArrayType(items=ir.AnyType())
    return None


# --- JavaScript ---------------------------------------------------------------------------------


def _nodes(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _text(node: Node, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


_BINDERS: Mapping[str, tuple[str, ...]] = {
    "variable_declarator": ("name",),
    "assignment_expression": ("left",),
    "augmented_assignment_expression": ("left",),
    "update_expression": ("argument",),
    "for_in_statement": ("left",),
    "function_declaration": ("name", "parameters"),
    "function_expression": ("name", "parameters"),
    "arrow_function": ("parameter", "parameters"),
    "method_definition": ("parameters",),
    "catch_clause": ("parameter",),
}


def _rebinds(root: Node, data: bytes) -> bool:
    """Tell whether a text binds or changes one of the names, or something inside their values."""
    for node in _nodes(root):
        for field in _BINDERS.get(node.type, ()):
            part = node.child_by_field_name(field)
            if part is not None and any(
                each.type in ("identifier", "shorthand_property_identifier_pattern")
                and _text(each, data) in ROOTS
                for each in _nodes(part)
            ):
                return True
        if node.type in ("with_statement", "unary_expression") and _text(node, data).startswith(
            ("with", "delete")
        ):
            return True
    return False


def _chain(node: Node, data: bytes, lead: int) -> Iterator[tuple[str | int, int, bool]]:
    """Yield the members taken one after the other, their offsets, and whether one is asked about.

    It ends before what is computed.
    """
    while True:
        parent = node.parent
        if parent is None or not _same(parent.child_by_field_name("object"), node):
            return
        if any(child.type == "optional_chain" for child in parent.children):
            yield "?", -1, True
            return
        key: str | int | None = None
        place = parent
        if parent.type == "member_expression":
            place = parent.child_by_field_name("property") or parent
            key = _text(place, data)
        elif parent.type == "subscript_expression":
            place = parent.child_by_field_name("index") or parent
            text = _text(place, data)
            if place.type == "number" and text.isdigit():
                key = int(text)
            elif place.type == "string" and "\\" not in text:
                key = text[1:-1]
        if key is None:
            return
        yield key, place.start_byte - lead, _asks(parent, data)
        node = parent


def _same(a: Node | None, b: Node) -> bool:
    return a is not None and (a.start_byte, a.end_byte) == (b.start_byte, b.end_byte)


_NOTHING = ("undefined", "null", "None")
_TESTS = frozenset({"if_statement", "ternary_expression", "while_statement", "do_statement"})


def _asks(node: Node, data: bytes) -> bool:
    """Tell whether a text asks if a value is there: a test of its truth, or against nothing."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        outer = parent.parent
        if outer is not None and outer.type in ("if_statement", "while_statement", "do_statement"):
            return True
        if outer is None or outer.type == "expression_statement":
            return False
        node, parent = parent, outer
    if parent is None:
        return False
    if parent.type == "unary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and _text(operator, data) in ("!", "typeof", "void")
    if parent.type in _TESTS or parent.type == "for_statement":
        return _same(parent.child_by_field_name("condition"), node)
    if parent.type != "binary_expression":
        return parent.type in ("arguments", "spread_element")  # a function may ask
    operator = parent.child_by_field_name("operator")
    sign = _text(operator, data) if operator is not None else ""
    if sign in ("&&", "||", "??", "in", "instanceof"):
        return True
    if sign not in ("==", "!=", "===", "!=="):
        return False
    sides = [parent.child_by_field_name(side) for side in ("left", "right")]
    other = next((side for side in sides if side is not None and not _same(side, node)), None)
    return other is None or not _is_plain(other, data)


def _is_plain(node: Node, data: bytes) -> bool:
    """Tell whether a value that is compared with is there for certain."""
    text = _text(node, data)
    return node.type in ("number", "true", "false") or (
        node.type == "string" and text[1:-1] not in (*_NOTHING, "")
    )
