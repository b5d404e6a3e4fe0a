"""The signatures of the standard functions as patterns that types are matched with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from fairwf.check.assignability import Fit, assignable, fit, without_none
from fairwf.ir.functions import FUNCTIONS
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    DirectoryType,
    FileType,
    FloatType,
    IntType,
    MapType,
    NoneType,
    OptionalType,
    RecordType,
    StreamType,
    StringType,
    Type,
    UnionType,
)

_BASE: dict[str, Callable[[], Type]] = {
    "bool": BoolType,
    "string": StringType,
    "File": FileType,
    "Directory": DirectoryType,
    "any": AnyType,
}
_VARIABLES = frozenset({"T", "U", "K", "V", "number"})


class Pattern(NamedTuple):
    """A type with variables: ``head`` is a base type, a variable or a constructor."""

    head: str
    parts: tuple[Pattern, ...] = ()


class Signature(NamedTuple):
    """Parameters and result; ``variadic``: the last parameter stands for one or more."""

    parameters: tuple[Pattern, ...]
    result: Pattern
    variadic: bool
    fewest: int


class Mismatch(NamedTuple):
    """An argument that never fits its parameter."""

    argument: int
    wanted: str


@cache
def signature(name: str) -> Signature:
    """Return the parsed signature of a standard function.

    Raises:
        KeyError: there is no such function.
    """
    function = FUNCTIONS[name]
    texts = function.parameters
    variadic = bool(texts) and texts[-1].endswith("...")
    parameters = tuple(parse(text.removesuffix("...")) for text in texts)
    fewest = len(parameters)
    while not variadic and fewest and parameters[fewest - 1].head == "optional" and fewest > 1:
        fewest -= 1
    return Signature(parameters, parse(function.result), variadic, fewest)


def arity(name: str) -> str:
    """Return how many arguments a function takes, as text: ``2``, ``2 or 3``, ``at least 1``."""
    found = signature(name)
    most = len(found.parameters)
    if found.variadic:
        return f"at least {most}"
    return str(most) if found.fewest == most else f"{found.fewest} or {most}"


def accepts(name: str, count: int) -> bool:
    """Tell whether a function takes so many arguments."""
    found = signature(name)
    if found.variadic:
        return count >= len(found.parameters)
    return found.fewest <= count <= len(found.parameters)


def parse(text: str) -> Pattern:
    """Return the pattern of a type in a signature: ``array[T?]``, ``map[K, V]``, ``number``."""
    text = text.strip()
    if text.endswith("?"):
        return Pattern("optional", (parse(text[:-1]),))
    if text.endswith("]"):
        head, inside = text[:-1].split("[", 1)
        return Pattern(head, tuple(parse(part) for part in _split(inside)))
    return Pattern(text)


def _split(text: str) -> list[str]:
    parts, level = [""], 0
    for character in text:
        level += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and level == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def apply(name: str, arguments: Sequence[Type]) -> tuple[Type, list[Mismatch]]:
    """Return the type of a call, and the arguments that can never fit.

    The number of arguments must be acceptable.
    """
    found = signature(name)
    bound: dict[str, list[Type]] = {}
    wrong = []
    for index, given in enumerate(arguments):
        pattern = found.parameters[min(index, len(found.parameters) - 1)]
        if not _match(pattern, given, bound):
            wrong.append(Mismatch(index, FUNCTIONS[name].parameters[_parameter(found, index)]))
    return _build(found.result, bound), wrong


def _parameter(found: Signature, index: int) -> int:
    return min(index, len(found.parameters) - 1)


def _match(pattern: Pattern, given: Type, bound: dict[str, list[Type]]) -> bool:
    if isinstance(given, AnyType):
        return True
    if isinstance(given, UnionType):
        matches = [_match(pattern, member, bound) for member in given.members]
        return not matches or any(matches)
    if isinstance(given, OptionalType) and pattern.head not in ("any", "optional", "T", "U"):
        return _match(pattern, given.item, bound)
    match pattern.head:
        case "number":
            if isinstance(given, (IntType, FloatType)):
                bound.setdefault("number", []).append(given)
                return True
            return False
        case "T" | "U" | "K" | "V":
            bound.setdefault(pattern.head, []).append(given)
            return True
        case "any":
            return True
        case "optional":
            return _match(pattern.parts[0], without_none(given), bound)
        case "array":
            return isinstance(given, ArrayType) and _match(pattern.parts[0], given.items, bound)
        case "stream":
            return isinstance(given, (StreamType, ArrayType)) and _match(
                pattern.parts[0], given.items, bound
            )
        case "map":
            return _match_map(pattern, given, bound)
        case "int":
            return isinstance(given, IntType)
        case "float":
            return isinstance(given, (IntType, FloatType))
        case "File" if isinstance(given, (StringType, DirectoryType)):
            return True  # names are taken of paths and folders as well
        case head:
            return assignable(given, _BASE[head]())


def _match_map(pattern: Pattern, given: Type, bound: dict[str, list[Type]]) -> bool:
    if isinstance(given, MapType):
        keys = _match(pattern.parts[0], given.keys, bound)
        return keys and _match(pattern.parts[1], given.values, bound)
    if isinstance(given, RecordType):
        bound.setdefault("K", []).append(StringType())
        matches = [_match(pattern.parts[1], field.type, bound) for field in given.fields]
        return all(matches)
    return False


def _build(pattern: Pattern, bound: dict[str, list[Type]]) -> Type:
    match pattern.head:
        case "T" | "U" | "K" | "V" | "number":
            return join(bound.get(pattern.head, []))
        case "optional":
            inner = _build(pattern.parts[0], bound)
            return inner if isinstance(inner, OptionalType) else OptionalType(item=inner)
        case "array":
            return ArrayType(items=_build(pattern.parts[0], bound))
        case "stream":
            return StreamType(items=_build(pattern.parts[0], bound))
        case "map":
            keys, values = (_build(part, bound) for part in pattern.parts)
            return MapType(keys=keys, values=values)
        case "int":
            return IntType(bits=32)  # says nothing of its width, so it fits both
        case "float":
            return FloatType()
        case head:
            return _BASE[head]()


def join(types: Sequence[Type]) -> Type:
    """Return the narrowest type that takes the values of all; ``any`` for no types."""
    kept: list[Type] = []
    for type_ in types:
        if isinstance(type_, AnyType):
            return AnyType()
        if any(fit(type_, other) is Fit.ALWAYS for other in kept):
            continue
        kept = [other for other in kept if fit(other, type_) is not Fit.ALWAYS]
        kept.append(type_)
    some = [other for other in kept if not isinstance(other, NoneType)]
    if not some:
        return kept[0] if kept else AnyType()
    found = some[0] if len(some) == 1 else UnionType(members=tuple(some))
    if len(some) == len(kept) or isinstance(found, OptionalType):
        return found
    return OptionalType(item=found)
