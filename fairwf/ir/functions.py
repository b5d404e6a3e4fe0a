"""The standard functions: one table of typed signatures with executable examples.

A function's meaning is its own, not that of any language: arithmetic on whole numbers and on
floats has different names, so that JavaScript's numbers and WDL's integers keep their meaning.
Evaluation is the engine's (``fairwf.engine.evaluate``); converters map names to their language.
Types in signatures are written as text, ``T`` and ``U`` stand for any type, ``?`` for optional,
``...`` after a parameter for any number of arguments.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Example(NamedTuple):
    """An application and its result, both as plain Python values."""

    args: tuple[Any, ...]
    result: Any


class Function(NamedTuple):
    """A standard function: name, parameter types, result type, meaning, examples.

    ``lazy`` functions do not evaluate all arguments; ``reads`` ones look into files.
    """

    name: str
    parameters: tuple[str, ...]
    result: str
    doc: str
    examples: tuple[Example, ...] = ()
    lazy: bool = False
    reads: bool = False


class Fails(NamedTuple):
    """As an example's result: evaluation fails, with this in the message."""

    message: str


def _f(
    signature: str,
    doc: str,
    *examples: tuple[tuple[Any, ...], Any],
    lazy: bool = False,
    reads: bool = False,
) -> Function:
    head, result = signature.split(" -> ")
    name, rest = head.split("(", 1)
    parameters = _split(rest[:-1])
    return Function(
        name, parameters, result, doc, tuple(Example(*e) for e in examples), lazy, reads
    )


def _split(text: str) -> tuple[str, ...]:
    parts, level, part = [], 0, ""
    for character in text:
        level += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and level == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += character
    return (*parts, part.strip()) if part.strip() else tuple(parts)


_TABLE = (
    # whole numbers and floats
    _f("add(number, number) -> number", "Sum; whole if both are.", ((1, 2), 3), ((1, 0.5), 1.5)),
    _f("subtract(number, number) -> number", "Difference.", ((5, 7), -2)),
    _f("multiply(number, number) -> number", "Product.", ((3, 4), 12)),
    _f("divide(number, number) -> float", "Quotient as a float.", ((7, 2), 3.5), ((1, 0), Fails("by zero"))),
    _f("divide_int(int, int) -> int", "Quotient, towards zero (WDL).", ((7, 2), 3), ((-7, 2), -3)),
    _f("modulo(int, int) -> int", "Remainder with the sign of the first (WDL, JavaScript).", ((7, 3), 1), ((-7, 3), -1)),
    _f("power(number, number) -> number", "Power; whole for whole numbers with exponent from 0.", ((2, 10), 1024)),
    _f("negate(number) -> number", "The opposite.", ((3,), -3)),
    _f("absolute(number) -> number", "Distance from zero.", ((-3,), 3)),
    _f("floor(number) -> int", "Greatest whole number not above.", ((1.5,), 1), ((-1.5,), -2)),
    _f("ceil(number) -> int", "Least whole number not below.", ((1.2,), 2)),
    _f("round(number) -> int", "Nearest whole number, halves up (WDL, JavaScript).", ((1.5,), 2), ((-1.5,), -1)),
    _f("truncate(number) -> int", "Whole part, towards zero.", ((-1.7,), -1)),
    _f("min(number...) -> number", "Least.", ((3, 1, 2), 1)),
    _f("max(number...) -> number", "Greatest.", ((3, 1, 2), 3)),
    _f("sum(array[number]) -> number", "Sum of all; 0 for none.", (([1, 2, 3],), 6), (([],), 0)),
    # comparison and logic
    _f("equal(T, U) -> bool", "Same value; 1 equals 1.0, nothing else of different types is equal.", ((1, 1.0), True), (("1", 1), False), (([1], [1]), True)),
    _f("not_equal(T, U) -> bool", "Not the same value.", ((1, 2), True)),
    _f("less(T, T) -> bool", "Order of numbers, or of texts by code point.", ((1, 2), True), (("a", "b"), True)),
    _f("less_equal(T, T) -> bool", "Order.", ((2, 2), True)),
    _f("greater(T, T) -> bool", "Order.", ((2, 1), True)),
    _f("greater_equal(T, T) -> bool", "Order.", ((2, 2), True)),
    _f("and(bool...) -> bool", "All true; stops at the first false.", ((True, False), False), lazy=True),
    _f("or(bool...) -> bool", "One true; stops at the first.", ((False, True), True), lazy=True),
    _f("not(bool) -> bool", "The opposite.", ((True,), False)),
    # absence
    _f("defined(T?) -> bool", "Not none.", ((None,), False), ((0,), True)),
    _f("default(T?, T) -> T", "The first unless it is none.", ((None, 3), 3), ((1, 3), 1), lazy=True),
    _f("first_defined(array[T?]) -> T", "First that is not none (CWL first_non_null).", (([None, 2, 3],), 2), (([None],), Fails("none"))),
    _f("only_defined(array[T?]) -> T", "The one that is not none (CWL the_only_non_null).", (([None, 2],), 2), (([1, 2],), Fails("more than one"))),
    _f("all_defined(array[T?]) -> array[T]", "Those that are not none (CWL all_non_null).", (([None, 2, 3],), [2, 3])),
    # texts
    _f("concat(string...) -> string", "Texts one after the other.", (("a", "b"), "ab")),
    _f("join(array[T], string) -> string", "Texts of the items with a separator between.", ((["a", "b"], ","), "a,b"), (([], ","), "")),
    _f("split(string, string) -> array[string]", "Pieces between separators; an empty one splits by character.", (("a,b", ","), ["a", "b"])),
    _f("replace(string, string, string) -> string", "All occurrences of the second by the third.", (("aXbX", "X", "-"), "a-b-")),
    _f("replace_match(string, string, string) -> string", "All matches of a regular expression (POSIX extended) by a text.", (("a1b22", "[0-9]+", "#"), "a#b#")),
    _f("matches(string, string) -> bool", "A regular expression (POSIX extended) matches somewhere.", (("ab12", "[0-9]"), True)),
    _f("find_match(string, string) -> string?", "The first match of a regular expression, or none.", (("ab12", "[0-9]+"), "12"), (("ab", "[0-9]+"), None)),
    _f("substring(string, int, int?) -> string", "From an offset up to (not with) another.", (("abcd", 1, 3), "bc"), (("abcd", 2, None), "cd")),
    _f("index_of(string, string) -> int", "Offset of the first occurrence, -1 without one.", (("abc", "c"), 2), (("abc", "z"), -1)),
    _f("upper(string) -> string", "Capital letters.", (("aB",), "AB")),
    _f("lower(string) -> string", "Small letters.", (("aB",), "ab")),
    _f("trim(string) -> string", "Without blanks at both ends.", ((" a ",), "a")),
    _f("starts_with(string, string) -> bool", "Begins with.", (("abc", "ab"), True)),
    _f("ends_with(string, string) -> bool", "Ends with.", (("abc", "bc"), True)),
    _f("contains_text(string, string) -> bool", "Has as a part.", (("abc", "b"), True)),
    _f("pad_left(string, int, string) -> string", "Filled at the left up to a length.", (("7", 3, "0"), "007")),
    _f("repeat(string, int) -> string", "So many times.", (("ab", 2), "abab")),
    _f("to_string(T) -> string", "Text of a value as a template writes it.", ((1,), "1"), ((True,), "true"), ((0.5,), "0.5")),
    _f("to_int(T) -> int", "Whole number of a text or number (towards zero).", (("12",), 12), ((1.9,), 1), (("x",), Fails("whole number"))),
    _f("to_bool(T) -> bool", "Truth value of itself or of the text true or false, in capitals or not.", (("True",), True), ((False,), False), (("yes",), Fails("true or false"))),
    _f("fixed_text(number, int) -> string", "Decimals with so many digits after the point, rounded as IEEE 754 does.", ((1, 2), "1.00"), ((-0.26, 1), "-0.3"), ((2.5, 0), "2")),
    _f("to_float(T) -> float", "Float of a text or number.", (("1.5",), 1.5), ((2,), 2.0)),
    _f("parse_json(string) -> any", "The value that a JSON text holds.", (('{"a": [1]}',), {"a": [1]}), (("{",), Fails("JSON"))),
    _f("to_json(T) -> string", "JSON text of a value, without blanks.", (({"a": [1, None]},), '{"a":[1,null]}')),
    # collections
    _f("length(T) -> int", "Number of items, members or characters.", (([1, 2],), 2), (("abc",), 3)),
    _f("range(int) -> array[int]", "0 up to (not with) a number.", ((3,), [0, 1, 2])),
    _f("range_step(int, int, int) -> array[int]", "From a start up to (not with) an end by steps.", ((1, 7, 2), [1, 3, 5])),
    _f("first(array[T]) -> T", "First item.", (([1, 2],), 1), (([],), Fails("empty"))),
    _f("last(array[T]) -> T", "Last item.", (([1, 2],), 2)),
    _f("slice(array[T], int, int?) -> array[T]", "Items from an index up to (not with) another.", (([1, 2, 3], 1, None), [2, 3])),
    _f("append(array[T], T) -> array[T]", "With one more item.", (([1], 2), [1, 2])),
    _f("concat_arrays(array[T]...) -> array[T]", "Arrays one after the other.", (([1], [2, 3]), [1, 2, 3])),
    _f("flatten(array[array[T]]) -> array[T]", "Items of the items.", (([[1], [2, 3]],), [1, 2, 3])),
    _f("merge_flattened(any...) -> array[any]", "Items of arguments that are arrays, and the others (CWL linkMerge).", (([1, 2], 3), [1, 2, 3])),
    _f("reverse(array[T]) -> array[T]", "In the opposite order.", (([1, 2],), [2, 1])),
    _f("sort(array[T]) -> array[T]", "In order of numbers or of texts by code point.", (([3, 1, 2],), [1, 2, 3])),
    _f("unique(array[T]) -> array[T]", "Each value once, at its first place.", (([1, 2, 1],), [1, 2])),
    _f("contains(array[T], T) -> bool", "One item equals.", (([1, 2], 2), True)),
    _f("zip(array[T], array[U]) -> array[array[any]]", "Pairs by index; lengths must be equal.", (([1, 2], ["a", "b"]), [[1, "a"], [2, "b"]]), (([1], []), Fails("length"))),
    _f("unzip(array[array[any]]) -> array[array[any]]", "First items and second items of pairs.", (([[1, "a"], [2, "b"]],), [[1, 2], ["a", "b"]])),
    _f("cross(array[T], array[U]) -> array[array[any]]", "All pairs.", (([1, 2], ["a"]), [[1, "a"], [2, "a"]])),
    _f("transpose(array[array[T]]) -> array[array[T]]", "Rows to columns.", (([[1, 2], [3, 4]],), [[1, 3], [2, 4]])),
    _f("chunk(array[T], int) -> array[array[T]]", "Arrays of a length (the last may be shorter).", (([1, 2, 3], 2), [[1, 2], [3]])),
    _f("prefix_each(string, array[T]) -> array[string]", "Each item's text with a text before it.", (("-", [1, 2]), ["-1", "-2"])),
    _f("suffix_each(string, array[T]) -> array[string]", "Each item's text with a text after it.", ((".x", ["a"]), ["a.x"])),
    _f("keys(map[K, V]) -> array[K]", "Keys in their order.", (({"a": 1},), ["a"])),
    _f("values(map[K, V]) -> array[V]", "Values in the order of keys.", (({"a": 1},), [1])),
    _f("entries(map[K, V]) -> array[array[any]]", "Pairs of key and value.", (({"a": 1},), [["a", 1]])),
    _f("as_map(array[array[any]]) -> map[K, V]", "A map of pairs; a key twice fails.", (([["a", 1]],), {"a": 1})),
    _f("merge(map[K, V]...) -> map[K, V]", "Members of all, later ones first in right.", (({"a": 1}, {"a": 2, "b": 3}), {"a": 2, "b": 3})),
    _f("has_key(map[K, V], K) -> bool", "The key is there and its value is not none.", (({"a": 1}, "b"), False)),
    _f("get(any?, K) -> any?", "A member or item, or none where there is none.", (({"a": 1}, "b"), None), (([1], 0), 1), ((None, "a"), None)),
    _f("group_by_key(array[array[any]]) -> array[array[any]]", "Pairs of each first item and the array of its second items.", (([["a", 1], ["b", 2], ["a", 3]],), [["a", [1, 3]], ["b", [2]]])),
    # streams
    _f("to_stream(array[T]) -> stream[T]", "A stream of an array's items."),
    _f("collect(stream[T]) -> array[T]", "All items in the order of their lineage, when the stream is closed. Of an array: itself.", (([1, 2],), [1, 2])),
    _f("so_far(stream[T]) -> array[T]", "The items that have arrived by now, in the order of their lineage. For what decides while others run: a step's cancel.", (([1, 2],), [1, 2])),
    _f("take(stream[T], int) -> stream[T]", "The first items; then it closes.", (([1, 2, 3], 2), [1, 2])),
    _f("mix(stream[T]...) -> stream[T]", "Items of all streams.", (([1], [2]), [1, 2])),
    # files
    _f("basename(File) -> string", "Last part of a file's or path's name.", (("/a/b.txt",), "b.txt")),
    _f("nameroot(File) -> string", "Basename without its last extension.", (("/a/b.tar.gz",), "b.tar")),
    _f("nameext(File) -> string", "Last extension with its dot.", (("/a/b.tar.gz",), ".gz")),
    _f("dirname(File) -> string", "Path without its last part.", (("/a/b.txt",), "/a")),
    _f("strip_suffix(string, string) -> string", "Without an ending, if it has it (WDL basename).", (("a.bam", ".bam"), "a"), (("a.bam", ".sam"), "a.bam")),
    _f("size(T) -> int", "Bytes of a file, a folder, or of all in an array; none is 0.", ((None,), 0), reads=True),
    _f("load_contents(File) -> File", "The file with its text as contents; more than 64 KiB fails (CWL v1.2 loadContents).", reads=True),
    _f("load_listing(Directory, string) -> Directory", "The folder with its listing: shallow or deep (CWL loadListing).", reads=True),
    _f("read_text(File) -> string", "The whole text.", reads=True),
    _f("read_lines(File) -> array[string]", "Lines without their ends.", reads=True),
    _f("read_json(File) -> any", "The value that the JSON text holds.", reads=True),
    _f("read_tsv(File) -> array[array[string]]", "Fields of lines, by tabulator.", reads=True),
    _f("escape_pattern(string) -> string", "A pattern for names of files that matches this text alone.", (("a[1]*.txt",), "a[[]1][*].txt"), (("a.txt",), "a.txt")),
    _f("file_path(File) -> string", "Where a file or folder lies: its path, or the location of one that lies elsewhere.", (("/a/b.txt",), "/a/b.txt")),
    _f("to_file(string) -> File", "The file at a path; inside of a task, a relative one counts from its folder."),
    _f("to_directory(string) -> Directory", "The folder at a path, as for to_file."),
    _f("if_exists(T?) -> T?", "The file or folder, or none where nothing lies there.", ((None,), None), reads=True),
    _f("literal_file(string, string) -> File", "A file of this name and text."),
    _f("secondary(File, string) -> File?", "The secondary file whose name ends so, or none."),
    # demanded keys
    _f("demand_path(string) -> File", "The file at a path, made by the rule whose pattern matches."),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for function in _TABLE}
"""Every standard function by name."""
