"""Checks arguments against the signatures of the table of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from fairwf.engine.evaluate.collections import KeyedValue, StreamValue
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.texts import describe
from fairwf.ir.expressions import Directory, File
from fairwf.ir.functions import Function

Test = Callable[[Any], bool]

_PATHS = frozenset({"basename", "nameroot", "nameext", "dirname", "file_path"})


def check_arguments(function: Function, values: Sequence[Any]) -> None:
    """Refuse arguments that do not fit the function's signature.

    A trailing optional parameter may be left out: the function sees none.

    Raises:
        FunctionError: too many, too few, or one of the wrong type.
    """
    parameters = function.parameters
    endless = bool(parameters) and parameters[-1].endswith("...")
    least = sum(1 for one in parameters if not one.endswith(("...", "?")))
    if len(values) < least or (not endless and len(values) > len(parameters)):
        wanted = f"{least} or more" if endless else f"{len(parameters)}"
        raise FunctionError(f"{function.name!r} takes {wanted} arguments, not {len(values)}")
    for number, value in enumerate(values):
        parameter = parameters[min(number, len(parameters) - 1)].removesuffix("...")
        if parameter == "File" and function.name in _PATHS and _is_path(value):
            continue
        if not _test(parameter)(value):
            raise FunctionError(
                f"argument {number + 1} of {function.name!r} must be {_words(parameter)}, "
                f"not {describe(value)}"
            )


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, Directory))


def _is_array(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _anything(value: Any) -> bool:
    return not isinstance(value, KeyedValue)


_SIMPLE: dict[str, Test] = {
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "float": lambda v: isinstance(v, float),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, bool),
    "string": lambda v: isinstance(v, str),
    "File": lambda v: isinstance(v, File),
    "Directory": lambda v: isinstance(v, Directory),
    **dict.fromkeys(("T", "U", "K", "V", "any"), _anything),
}


@cache
def _test(parameter: str) -> Test:
    if parameter.endswith("?"):
        inner = _test(parameter[:-1])
        return lambda value: value is None or inner(value)
    if parameter.startswith("array["):
        of = _test(parameter[6:-1])
        return lambda value: _is_array(value) and all(of(item) for item in value)
    if parameter.startswith("stream["):
        return lambda value: isinstance(value, StreamValue) or _is_array(value)
    if parameter.startswith("map["):
        return lambda value: isinstance(value, Mapping)
    return _SIMPLE[parameter]


@cache
def _words(parameter: str) -> str:
    if parameter.endswith("?"):
        return f"{_words(parameter[:-1])} or none"
    if parameter.startswith("array["):
        inner = parameter[6:-1]
        plural = {"number": "numbers", "string": "texts", "int": "whole numbers"}.get(inner)
        if inner.startswith("array["):
            plural = "arrays"
        return f"an array of {plural}" if plural else "an array"
    if parameter.startswith(("stream[", "map[")):
        return "a stream or array" if parameter.startswith("stream[") else "a map or record"
    names = {
        "int": "a whole number",
        "float": "a float",
        "number": "a number",
        "bool": "true or false",
        "string": "a text",
        "File": "a file",
        "Directory": "a folder",
    }
    return names.get(parameter, "a value")
