"""Standard functions as operators and methods of Groovy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fairwf.ir.expressions import Array, Attr, Call, Expr, IntLit, NoneLit, Record, StringLit
from fairwf_nextflow.write.expressions import Said, Sayer, is_path, kind_of
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.strings import literal

Say = Callable[[Sayer, Call], Said]


def say_call(sayer: Sayer, node: Call) -> Said:
    """Return a call of a standard function.

    Raises:
        CannotSayError: Groovy has no short way to say it.
    """
    made = _TABLE.get(node.function)
    if made is None:
        raise CannotSayError(f"Nextflow has no counterpart of {node.function!r}", node)
    return made(sayer, node)


def present(sayer: Sayer, node: Expr) -> Said:
    """Return a test whether a value is there: an empty list stands for none in channels."""
    said = sayer.say(node)
    if said.kind in ("str", "int", "float", "bool", "map", "path"):
        return Said(f"{said.operand} != null", "bool", level=1)
    return Said(f"{said.operand} != null && {said.operand} != []", "bool", level=1)


def _infix(mark: str, kind: str = "bool") -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        one, two = (sayer.say(arg) for arg in node.args)
        return Said(f"{one.operand} {mark} {two.operand}", kind, level=1)

    return say


def _equal(mark: str) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        one, two = (sayer.say(arg) for arg in node.args)
        return Said(f"{one.operand} {mark} {two.operand}", "bool", level=1)

    return say


def _arithmetic(mark: str) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        one, two = (sayer.number(arg) for arg in node.args)
        kind = "float" if "float" in (one.kind, two.kind) or mark == "/" else "int"
        return Said(f"{one.operand} {mark} {two.operand}", kind, level=1)

    return say


def _logic(mark: str) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        if not node.args:
            return Said("true" if mark == "&&" else "false", "bool")
        parts = [sayer.test(arg) for arg in node.args]
        if len(parts) == 1:
            return parts[0]
        return Said(f" {mark} ".join(part.operand for part in parts), "bool", level=1)

    return say


def _list_method(name: str, kind: str = "any") -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        given = ", ".join(sayer.say(arg).text for arg in node.args[1:])
        return Said(f"{sayer.listed(node.args[0])}.{name}({given})", kind)

    return say


def _text_method(name: str, kind: str = "str", texts: bool = True) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        given = ", ".join(
            sayer.string(arg) if texts else sayer.say(arg).text
            for arg in node.args[1:]
            if not isinstance(arg, NoneLit)
        )
        return Said(f"{sayer.string(node.args[0])}.{name}({given})", kind)

    return say


def _cast(name: str, kind: str) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        return Said(f"({sayer.say(node.args[0]).operand} as {name})", kind)

    return say


def _not(sayer: Sayer, node: Call) -> Said:
    return Said(f"!{sayer.test(node.args[0]).operand}", "bool")


def _defined(sayer: Sayer, node: Call) -> Said:
    return present(sayer, node.args[0])


def _default(sayer: Sayer, node: Call) -> Said:
    one, two = (sayer.say(arg) for arg in node.args)
    test = present(sayer, node.args[0])
    kind = one.kind if one.kind == two.kind else "any"
    return Said(f"{test.operand} ? {one.operand} : {two.operand}", kind, one.type, 1)


def _negate(sayer: Sayer, node: Call) -> Said:
    said = sayer.number(node.args[0])
    return Said(f"-{said.operand}", said.kind, level=1)


def _length(sayer: Sayer, node: Call) -> Said:
    said = sayer.say(node.args[0])
    if said.kind == "str" or kind_of(said.type) == "str":
        return Said(f"{sayer.string(node.args[0])}.size()", "int")
    if is_path(said.type):  # of one file the size is that of what it holds
        return Said(f"[{said.text}].flatten().size()", "int")
    return Said(f"{sayer.listed(node.args[0])}.size()", "int")


def _range(sayer: Sayer, node: Call) -> Said:
    end = sayer.number(node.args[-2] if node.function == "range_step" else node.args[0])
    start = "0"
    if node.function == "range_step":
        if node.args[2] != IntLit(value=1):
            raise CannotSayError("Nextflow's ranges count by one", node)
        start = sayer.number(node.args[0]).operand
    return Said(f"({start}..<{end.operand})", "list")


def _slice(sayer: Sayer, node: Call) -> Said:
    of, start = sayer.listed(node.args[0]), sayer.number(node.args[1])
    if len(node.args) < 3 or isinstance(node.args[2], NoneLit):
        return Said(f"{of}.drop({start.text})", "list")
    return Said(f"{of}[{start.operand}..<{sayer.number(node.args[2]).operand}]", "list")


def _sum(sayer: Sayer, node: Call) -> Said:
    of = node.args[0]
    said = sayer.listed(of)
    first = of.args[0] if isinstance(of, Call) and of.function == "concat_arrays" else None
    if isinstance(first, Array) and first.items == (IntLit(value=0),):
        return Said(f"({said}).sum()", "int")
    if isinstance(of, Array) and of.items:
        return Said(f"{said}.sum()", "int")
    return Said(f"([0] + {said}).sum()", "int")


def _concat(sayer: Sayer, node: Call) -> Said:
    if not node.args:
        return Said("[]", "list")
    return Said(
        " + ".join(sayer.listed(arg) for arg in node.args), "list", level=len(node.args) > 1
    )


def _append(sayer: Sayer, node: Call) -> Said:
    return Said(f"{sayer.listed(node.args[0])} + [{sayer.say(node.args[1]).text}]", "list", level=1)


def _merge(sayer: Sayer, node: Call) -> Said:
    parts = [sayer.say(arg) for arg in node.args]
    if not parts or parts[0].kind != "map":
        parts.insert(0, Said("[:]", "map"))
    return Said(" + ".join(part.operand for part in parts), "map", level=1)


def _flatten(sayer: Sayer, node: Call) -> Said:
    whole = sayer.listed(node.args[0])
    name, before = sayer.bind("\0flat")
    sayer.locals = before
    return Said(f"{whole}.collectMany {{ {name} -> {name} }}", "list")


def _merge_flattened(sayer: Sayer, node: Call) -> Said:
    if len(node.args) == 1 and (said := sayer.say(node.args[0])).kind == "list":
        return said
    items = ", ".join(sayer.say(arg).text for arg in node.args)
    return Said(f"[{items}].flatten()", "list")


def _find(sayer: Sayer, node: Call) -> Said:
    whole = sayer.listed(node.args[0])
    name, before = sayer.bind("\0one")
    sayer.locals = before
    test = f"{name} != null && {name} != []"
    if node.function == "all_defined":
        return Said(f"{whole}.findAll {{ {name} -> {test} }}", "list")
    return Said(f"{whole}.find {{ {name} -> {test} }}")


def _get(sayer: Sayer, node: Call) -> Said:
    return sayer.item(node.args[0], node.args[1])


def _concat_texts(sayer: Sayer, node: Call) -> Said:
    from fairwf.ir.expressions import Template

    return sayer.say(Template(parts=node.args))


def _pairs(sayer: Sayer, node: Call) -> Said:
    return Said(f"[{', '.join(sayer.listed(arg) for arg in node.args)}].transpose()", "list")


def _transpose(sayer: Sayer, node: Call) -> Said:
    return Said(f"{sayer.listed(node.args[0])}.transpose()", "list")


def _extreme(sayer: Sayer, node: Call) -> Said:
    items = ", ".join(sayer.number(arg).text for arg in node.args)
    return Said(f"[{items}].{node.function}()", "int")


def _matches(sayer: Sayer, node: Call) -> Said:
    text, pattern = sayer.string(node.args[0]), sayer.say(node.args[1])
    return Said(f"{text} =~ {pattern.operand}", "bool", level=1)


def _replace_match(sayer: Sayer, node: Call) -> Said:
    of, pattern, by = node.args
    inside = isinstance(of, Attr) and of.name == "nameext"
    if inside and isinstance(of, Attr) and pattern == StringLit(value="^[.]"):
        return Said(f"{sayer.path(of.of)}.extension", "str")
    if not isinstance(by, StringLit) or "$" in by.value or "\\" in by.value:
        raise CannotSayError("Nextflow reads a computed replacement as a pattern", node)
    given = f"{sayer.say(pattern).text}, {literal(by.value)}"
    return Said(f"{sayer.string(of)}.replaceAll({given})", "str")


def _split(sayer: Sayer, node: Call) -> Said:
    by = node.args[1]
    if not isinstance(by, StringLit) or not by.value or set(by.value) & set("\\[](){}.*+?^$|"):
        raise CannotSayError("Nextflow splits by patterns; this separator is one", node)
    return Said(f"{sayer.string(node.args[0])}.split({literal(by.value)}, -1).toList()", "list")


def _file(member: str, kind: str) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        return Said(f"{sayer.path(node.args[0])}.{member}", kind)

    return say


def _attr(name: str) -> Say:
    return lambda sayer, node: sayer.say(Attr(of=node.args[0], name=name))


def _of_map(method: str) -> Say:
    def say(sayer: Sayer, node: Call) -> Said:
        return Said(f"{sayer.say(node.args[0]).operand}.{method}().toList()", "list")

    return say


def _same(sayer: Sayer, node: Call) -> Said:
    return sayer.say(node.args[0])


def _to_string(sayer: Sayer, node: Call) -> Said:
    return Said(f"{sayer.say(node.args[0]).operand}.toString()", "str")


def _to_file(sayer: Sayer, node: Call) -> Said:
    return Said(f"file({sayer.string(node.args[0])})", "path")


def _unzip(sayer: Sayer, node: Call) -> Said:
    if isinstance(node.args[0], Record):
        raise CannotSayError("a record has no pairs", node)
    return _transpose(sayer, node)


_TABLE: Mapping[str, Say] = {
    "add": _arithmetic("+"), "subtract": _arithmetic("-"), "multiply": _arithmetic("*"),
    "divide": _arithmetic("/"), "modulo": _arithmetic("%"), "power": _arithmetic("**"),
    "divide_int": lambda sayer, node: Said(
        f"{sayer.number(node.args[0]).operand}.intdiv({sayer.number(node.args[1]).text})", "int"),
    "negate": _negate, "absolute": lambda sayer, node: Said(
        f"{sayer.number(node.args[0]).operand}.abs()", "int"),
    "truncate": _cast("Integer", "int"), "to_int": _cast("Integer", "int"),
    "to_float": _cast("Double", "float"), "min": _extreme, "max": _extreme, "sum": _sum,
    "equal": _equal("=="), "not_equal": _equal("!="), "less": _infix("<"),
    "less_equal": _infix("<="), "greater": _infix(">"), "greater_equal": _infix(">="),
    "and": _logic("&&"), "or": _logic("||"), "not": _not, "defined": _defined,
    "default": _default, "first_defined": _find, "all_defined": _find,
    "concat": _concat_texts, "join": _list_method("join", "str"), "split": _split,
    "replace": _text_method("replace"), "replace_match": _replace_match, "matches": _matches,
    "substring": _text_method("substring", texts=False),
    "index_of": _text_method("indexOf", "int"), "upper": _text_method("toUpperCase"),
    "lower": _text_method("toLowerCase"), "trim": _text_method("trim"),
    "starts_with": _text_method("startsWith", "bool"),
    "ends_with": _text_method("endsWith", "bool"),
    "contains_text": _text_method("contains", "bool"),
    "pad_left": _text_method("padLeft", texts=False),
    "repeat": lambda sayer, node: Said(
        f"{sayer.string(node.args[0])} * {sayer.number(node.args[1]).operand}", "str", level=1),
    "to_string": _to_string, "length": _length, "range": _range, "range_step": _range,
    "first": _list_method("first"), "last": _list_method("last"), "slice": _slice,
    "append": _append, "concat_arrays": _concat, "flatten": _flatten,
    "merge_flattened": _merge_flattened, "reverse": _list_method("reverse", "list"),
    "sort": _list_method("sort", "list"), "unique": _list_method("unique", "list"),
    "contains": _list_method("contains", "bool"), "zip": _pairs, "unzip": _unzip,
    "transpose": _transpose, "chunk": _list_method("collate", "list"),
    "keys": _of_map("keySet"), "values": _of_map("values"), "merge": _merge, "get": _get,
    "has_key": lambda sayer, node: Said(
        f"{sayer.say(node.args[0]).operand}.containsKey({sayer.say(node.args[1]).text})", "bool"),
    "basename": _attr("basename"), "nameroot": _attr("nameroot"), "nameext": _attr("nameext"),
    "dirname": _attr("dirname"), "file_path": _attr("path"),
    "size": lambda sayer, node: Said(f"{sayer.path(node.args[0])}.size()", "int"),
    "read_text": _file("text", "str"), "read_lines": _file("readLines()", "list"),
    "to_file": _to_file, "load_contents": _same,
}  # fmt: skip
