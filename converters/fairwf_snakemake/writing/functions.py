"""Standard functions in Python: operators, what Python has, and calls of the emitted modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Texts = Sequence[str]


def _operator(sign: str) -> Callable[[Texts], str]:
    return lambda args: f"({f' {sign} '.join(args)})"


def _form(text: str) -> Callable[[Texts], str]:
    return lambda args: text.format(*args)


def _calls(name: str) -> Callable[[Texts], str]:
    return lambda args: f"{name}({', '.join(args)})"


_STD = (
    "divide divide_int modulo power first_defined only_defined all_defined index_of split first"
    " last defined concat_arrays merge_flattened unique contains transpose as_map merge get"
    " group_by_key to_int to_bool fixed_text basename nameroot nameext dirname size"
    " escape_pattern equal"
)
_FILES = "read_text read_lines read_tsv secondary if_exists"

SAID: dict[str, Callable[[Texts], str]] = {
    **{name: _calls(f"std.{name}") for name in _STD.split()},
    **{name: _calls(f"files.{name}") for name in _FILES.split()},
    "add": _operator("+"),
    "subtract": _operator("-"),
    "multiply": _operator("*"),
    "less": _operator("<"),
    "less_equal": _operator("<="),
    "greater": _operator(">"),
    "greater_equal": _operator(">="),
    "and": lambda args: f"all(_one() for _one in [{', '.join(f'lambda: {a}' for a in args)}])",
    "or": lambda args: f"any(_one() for _one in [{', '.join(f'lambda: {a}' for a in args)}])",
    "not": _form("(not {0})"),
    "not_equal": _form("(not std.equal({0}, {1}))"),
    "negate": _form("(-{0})"),
    "absolute": _calls("abs"),
    "floor": _calls("std.math.floor"),
    "ceil": _calls("std.math.ceil"),
    "round": _calls("std.nearest"),
    "truncate": _calls("std.math.trunc"),
    "min": lambda args: f"min([{', '.join(args)}])",
    "max": lambda args: f"max([{', '.join(args)}])",
    "sum": _calls("sum"),
    "default": _form("std.default({0}, lambda: {1})"),
    "concat": lambda args: f"''.join([{', '.join(args)}])",
    "join": _form("{1}.join(map(std.text, {0}))"),
    "replace": _form("{0}.replace({1}, {2})"),
    "substring": _calls("std.part"),
    "slice": _calls("std.part"),
    "upper": _form("{0}.upper()"),
    "lower": _form("{0}.lower()"),
    "trim": _form("{0}.strip()"),
    "starts_with": _form("{0}.startswith({1})"),
    "ends_with": _form("{0}.endswith({1})"),
    "contains_text": _form("({1} in {0})"),
    "pad_left": _form("{0}.rjust({1}, {2})"),
    "repeat": _form("({0} * {1})"),
    "to_string": _calls("std.text"),
    "to_float": _calls("float"),
    "parse_json": _calls("std.json.loads"),
    "to_json": _calls("std.json_text"),
    "length": _calls("len"),
    "range": _form("list(range({0}))"),
    "range_step": _form("list(range({0}, {1}, {2}))"),
    "append": _form("[*{0}, {1}]"),
    "flatten": _form("std.concat_arrays(*{0})"),
    "reverse": _form("{0}[::-1]"),
    "sort": _calls("sorted"),
    "zip": _calls("std.pairs"),
    "unzip": _form("[list(_one) for _one in zip(*{0})]"),
    "cross": _form("[[_x, _y] for _x in {0} for _y in {1}]"),
    "chunk": _form("[_x[_i:_i + _n] for _x, _n in [({0}, {1})] for _i in range(0, len(_x), _n)]"),
    "prefix_each": _form("[{0} + std.text(_one) for _one in {1}]"),
    "suffix_each": _form("[std.text(_one) + {0} for _one in {1}]"),
    "keys": _form("list({0})"),
    "values": _form("list({0}.values())"),
    "entries": _form("[[_key, _one] for _key, _one in {0}.items()]"),
    "has_key": _form("({0}.get({1}) is not None)"),
    "collect": _form("{0}"),
    "strip_suffix": _form("{0}.removesuffix({1})"),
    "load_contents": _calls("files.with_contents"),
    "load_listing": _calls("files.with_listing"),
    "read_json": _form("std.json.loads(files.read_text({0}))"),
    "file_path": _calls("std.path_of"),
    "literal_file": _calls("files.literal"),
}
"""How each function that a Snakefile can compute is said."""
