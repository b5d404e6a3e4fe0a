"""Forms of expressions that WDL has in silence: conversions between types, values used twice.

The reader says each conversion; where a declaration or parameter wants the type anyway, the writer
leaves it out again.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fairwf.ir.expressions import (
    Array,
    Attr,
    Call,
    Each,
    Expr,
    If,
    Index,
    IntLit,
    Local,
    NoneLit,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.rewriting import map_children
from fairwf.ir.types import (
    ArrayType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    RecordType,
    StringType,
    Type,
)
from fairwf.ir.walk import children
from fairwf_wdl.write.types import is_optional, required

_TO_TEXT = frozenset({"file_path", "to_string"})


def is_call(node: object, function: str, arguments: int | None = None) -> bool:
    """Tell whether an expression is a call of a standard function."""
    return (
        isinstance(node, Call)
        and node.function == function
        and (arguments is None or len(node.args) == arguments)
    )


def arguments(node: Expr, function: str, count: int | None = None) -> tuple[Expr, ...] | None:
    """Return the arguments of a call of this function, None for any other expression."""
    if isinstance(node, Call) and is_call(node, function, count):
        return node.args
    return None


def replaced(node: Expr, old: Expr, new: Expr) -> Expr:
    """Return an expression with a part replaced wherever it stands."""

    def visit(at: msgspec.Struct) -> msgspec.Struct:
        if at == old:
            return new
        if isinstance(at, Each) and isinstance(old, Local) and at.name == old.name:
            return msgspec.structs.replace(at, over=visit(at.over))
        return map_children(at, visit)

    return visit(node)  # type: ignore[return-value]


def uses(node: msgspec.Struct, part: Expr) -> int:
    """Return how often a part stands in an expression."""
    return sum(uses(child, part) for _, child in children(node)) + (node == part)


def let(node: Expr) -> Expr:
    """Return an expression in which a value that is bound to be used twice stands twice."""
    of = arguments(node, "first", 1)
    if of is None or not isinstance(of[0], Each) or of[0].where is not None:
        return node
    each = of[0]
    if not isinstance(each.over, Array) or len(each.over.items) != 1:
        return node
    return let(replaced(each.body, Local(name=each.name), each.over.items[0]))


def unwrapped(node: Expr) -> Expr:
    """Return what a choice of one is: ``select_first([x])`` is x where it is not none."""
    of = arguments(node, "first_defined", 1)
    if of is not None and isinstance(of[0], Array) and len(of[0].items) == 1:
        return of[0].items[0]
    return node


def bare(node: Expr, wanted: Type | None) -> Expr:
    """Return an expression without the conversion to the type that is wanted."""
    node = let(node)
    inner = _bare(node, required(wanted), is_optional(wanted))
    return node if inner is None else inner


def _bare(node: Expr, wanted: Type | None, may_lack: bool) -> Expr | None:
    if wanted is None:
        return None
    if isinstance(node, If):
        return _guarded(node, wanted)
    of = arguments(node, "if_exists", 1)
    if of is not None and may_lack:
        return bare(of[0], wanted)
    match wanted:
        case FloatType():
            return _argument(node, "to_float")
        case IntType():
            return None
        case FileType():
            return _argument(node, "to_file")
        case DirectoryType():
            return _argument(node, "to_directory")
        case StringType() | EnumType():
            return _of_text(node)
        case ArrayType() if isinstance(node, Each) and node.where is None:
            same = bare(node.body, wanted.items) == Local(name=node.name)
            return node.over if same else None
        case RecordType() if isinstance(node, Record):
            return _of_record(node, wanted)
        case MapType():
            return _of_map(node, wanted)
    return None


def _argument(node: Expr, function: str) -> Expr | None:
    of = arguments(node, function, 1)
    return of[0] if of is not None and not _spoken(of[0]) else None


def _spoken(node: Expr) -> bool:
    """Tell whether WDL has a function of its own for a number of this: ``read_float``, ``size``."""
    trimmed = arguments(node, "trim", 1)
    reads = trimmed is not None and is_call(trimmed[0], "read_text")
    return reads or isinstance(node, Runtime) or is_call(node, "size")


def _of_text(node: Expr) -> Expr | None:
    if isinstance(node, Attr) and node.name == "path":
        return node.of
    if isinstance(node, Call) and node.function in _TO_TEXT:
        return node.args[0]
    if isinstance(node, Call) and node.function == "fixed_text":
        return node.args[0] if node.args[1:] == (IntLit(value=6),) else None
    return None


def _guarded(node: If, wanted: Type) -> Expr | None:
    test = arguments(node.test, "defined", 1)
    if test is None or not isinstance(node.otherwise, NoneLit):
        return None
    then = bare(node.then, wanted)
    return test[0] if then == test[0] and then != node.then else None


def _of_record(node: Record, wanted: RecordType) -> Expr | None:
    types = {field.name: field.type for field in wanted.fields}
    if list(node.fields) != list(types):
        return None
    whole: Expr | None = None
    for name, value in node.fields.items():
        of = _member(bare(value, types[name]), name)
        if of is None or (whole is not None and of != whole):
            return None
        whole = of
    return whole


def _member(node: Expr, name: str) -> Expr | None:
    """Return the record of which a value is the member with this name, one that may lack, too."""
    if isinstance(node, Attr):
        return node.of if node.name == name else None
    of = arguments(node, "get", 2)
    return of[0] if of is not None and of[1] == StringLit(value=name) else None


def _of_map(node: Expr, wanted: MapType) -> Expr | None:
    of = arguments(node, "as_map", 1)
    if of is None or not isinstance(of[0], Each) or of[0].where is not None:
        return None
    each = of[0]
    entries = arguments(each.over, "entries", 1)
    if entries is None or not isinstance(each.body, Array) or len(each.body.items) != 2:
        return None
    key, value = each.body.items
    entry = Local(name=each.name)
    same = key == at(entry, 0) and bare(value, wanted.values) == at(entry, 1)
    return entries[0] if same else None


def unpathed(node: Expr) -> Expr:
    """Return a value whose files are no texts of their paths, which JSON makes of them anyway."""
    node = let(node)
    if isinstance(node, Attr) and node.name == "path":
        return node.of
    of = arguments(node, "file_path", 1)
    if of is not None:
        return of[0]
    if isinstance(node, If):
        test = arguments(node.test, "defined", 1)
        same = isinstance(node.otherwise, NoneLit) and test is not None
        return test[0] if same and test and unpathed(node.then) == test[0] else node
    if isinstance(node, Each) and node.where is None:
        return node.over if unpathed(node.body) == Local(name=node.name) else node
    if isinstance(node, Array):
        return Array(items=tuple(unpathed(one) for one in node.items))
    if isinstance(node, Record) and node.fields:
        members = {name: unpathed(value) for name, value in node.fields.items()}
        wholes = [
            one.of if isinstance(one, Attr) and one.name == name else None
            for name, one in members.items()
        ]
        first = wholes[0]
        if first is not None and all(one == first for one in wholes):
            return first
        return Record(fields=members)
    pairs = arguments(node, "as_map", 1)
    if pairs is not None and isinstance(pairs[0], Each):
        return _unpathed_map(node, pairs[0])
    return node


def _unpathed_map(node: Expr, each: Each) -> Expr:
    entries = arguments(each.over, "entries", 1)
    entry = Local(name=each.name)
    items = each.body.items if isinstance(each.body, Array) else ()
    if entries is None or len(items) != 2 or each.where is not None:
        return node
    same = items[0] == at(entry, 0) and unpathed(items[1]) == at(entry, 1)
    return entries[0] if same else node


def at(of: Expr, index: int) -> Index:
    """Return an item of an array."""
    return Index(of=of, by=IntLit(value=index))


def template_parts(node: Expr) -> Iterator[Expr]:
    """Yield the parts of a text."""
    if isinstance(node, Template):
        for part in node.parts:
            yield from template_parts(part)
    elif isinstance(node, Call) and node.function == "concat":
        for part in node.args:
            yield from template_parts(part)
    else:
        yield node


def affixed(node: Each) -> tuple[Expr | None, Expr | None] | None:
    """Return the texts before and after each item of an array, if an each writes no more."""
    if node.where is not None or not isinstance(node.body, Template):
        return None
    item = Local(name=node.name)
    parts = list(node.body.parts)
    places = [n for n, part in enumerate(parts) if uses(part, item)]
    if len(places) != 1 or bare(parts[places[0]], StringType()) != item:
        return None
    before, after = parts[: places[0]], parts[places[0] + 1 :]
    if before and after:
        marks = {part.value for part in (*before, *after) if isinstance(part, StringLit)}
        if len(before) != 1 or len(after) != 1 or marks not in ({'"'}, {"'"}):
            return None
    return _whole(before), _whole(after)


def _whole(parts: list[Expr]) -> Expr | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Template(parts=tuple(parts))


def paired(node: Each) -> Call | None:
    """Return the zip or cross whose pairs of items become pairs of WDL."""
    if node.where is not None or not isinstance(node.over, Call):
        return None
    item = Local(name=node.name)
    pair = Record(fields={"left": at(item, 0), "right": at(item, 1)})
    return node.over if node.over.function in ("zip", "cross") and node.body == pair else None


def written_lines(content: Expr) -> Expr | None:
    """Return the lines of a text that ends each of them."""
    joined = arguments(content, "join", 2)
    if joined is None or joined[1] != StringLit(value="") or not isinstance(joined[0], Each):
        return None
    each = joined[0]
    if each.where is not None or not isinstance(each.body, Template):
        return None
    *line, end = each.body.parts
    if end != StringLit(value="\n") or not line:
        return None
    body = line[0] if len(line) == 1 else Template(parts=tuple(line))
    if body == Local(name=each.name):
        return each.over
    return msgspec.structs.replace(each, body=body)


def joined_rows(lines: Expr) -> Expr | None:
    """Return the rows of lines whose fields a tabulator separates."""
    if not isinstance(lines, Each) or lines.where is not None:
        return None
    of = arguments(lines.body, "join", 2)
    if of is None or of[1] != StringLit(value="\t"):
        return None
    if of[0] == Local(name=lines.name):
        return lines.over
    return msgspec.structs.replace(lines, body=of[0])


def unordered(node: Expr) -> Expr:
    """Return a value whose maps are no arrays of entries, which they are to be compared."""
    node = let(node)
    if not isinstance(node, Each) or node.where is not None:
        return node
    item = Local(name=node.name)
    entries = arguments(node.over, "entries", 1)
    if entries is not None and isinstance(node.body, Array) and len(node.body.items) == 2:
        key, value = node.body.items
        if key == at(item, 0) and unordered(value) == at(item, 1):
            return entries[0]
    return node.over if unordered(node.body) == item else node
