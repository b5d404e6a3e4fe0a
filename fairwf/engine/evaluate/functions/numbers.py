"""Arithmetic. Whole numbers stay whole and exact; floats are IEEE 754."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from fairwf.engine.evaluate.bounds import MAX_BITS, bounded
from fairwf.engine.evaluate.errors import FunctionError
from fairwf.engine.evaluate.texts import describe

Number = int | float

MAX_DIGITS = 100
"""How many digits after the point a text may have."""

_INT = re.compile(r"[+-]?[0-9]{1,400}", re.ASCII)
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_NAMED = {
    "NaN": math.nan,
    "nan": math.nan,
    "Infinity": math.inf,
    "inf": math.inf,
    "-Infinity": -math.inf,
    "-inf": -math.inf,
}


def _checked(number: Number) -> Number:
    return bounded(number) if isinstance(number, int) else number


def _add(a: Number, b: Number) -> Number:
    return _checked(a + b)


def _subtract(a: Number, b: Number) -> Number:
    return _checked(a - b)


def _multiply(a: Number, b: Number) -> Number:
    return _checked(a * b)


def _divide(a: Number, b: Number) -> float:
    if b == 0:
        raise FunctionError("division by zero")
    return a / b


def _divide_int(a: int, b: int) -> int:
    if b == 0:
        raise FunctionError("division by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _modulo(a: int, b: int) -> int:
    if b == 0:
        raise FunctionError("division by zero")
    remainder = abs(a) % abs(b)
    return -remainder if a < 0 else remainder


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if abs(base) > 1 and exponent * (base.bit_length() - 1) > MAX_BITS:
            raise FunctionError(f"the whole number has more than {MAX_BITS} bits")
        return bounded(base**exponent)
    try:
        result = math.pow(base, exponent)
    except ValueError:
        raise FunctionError(f"{base!r} to the power of {exponent!r} is no real number") from None
    return result


def _whole(number: Number, rounding: Callable[[Number], int]) -> int:
    if isinstance(number, int):
        return number
    if not math.isfinite(number):
        raise FunctionError(f"{describe(number)} has no whole part")
    return rounding(number)


def _half_up(number: Number) -> int:
    below = math.floor(number)
    return below + 1 if number - below >= 0.5 else below


def _floor(number: Number) -> int:
    return _whole(number, math.floor)


def _ceiling(number: Number) -> int:
    return _whole(number, math.ceil)


def _round(number: Number) -> int:
    return _whole(number, _half_up)


def _truncate(number: Number) -> int:
    return _whole(number, math.trunc)


def _extreme(choose: Callable[[Sequence[Number]], Number], *numbers: Number) -> Number:
    if not numbers:
        raise FunctionError("there are no numbers to choose from: the list is empty")
    for number in numbers:
        if number != number:
            return number
    return choose(numbers)


def _sum(numbers: Sequence[Number]) -> Number:
    return _checked(sum(numbers))


def _to_int(value: Any) -> int:
    if isinstance(value, str) and _INT.fullmatch(value):
        return int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _truncate(value)
    raise FunctionError(f"{describe(value)} is no whole number")


def _to_float(value: Any) -> float:
    if isinstance(value, str):
        if value in _NAMED:
            return _NAMED[value]
        if len(value) <= 1000 and _FLOAT.fullmatch(value):
            return float(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise FunctionError(f"{describe(value)} is no number")


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise FunctionError(f"expected true or false, found {describe(value)}")


def _fixed_text(number: Number, digits: int) -> str:
    if not 0 <= digits <= MAX_DIGITS:
        raise FunctionError(f"a number is written with 0 to {MAX_DIGITS} digits, not {digits}")
    if isinstance(number, int):
        return f"{number}.{'0' * digits}" if digits else str(number)
    return f"{number:.{digits}f}"


TABLE: dict[str, Callable[..., Any]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "divide_int": _divide_int,
    "modulo": _modulo,
    "power": _power,
    "negate": lambda number: -number,
    "absolute": abs,
    "floor": _floor,
    "ceil": _ceiling,
    "round": _round,
    "truncate": _truncate,
    "min": lambda *numbers: _extreme(min, *numbers),
    "max": lambda *numbers: _extreme(max, *numbers),
    "sum": _sum,
    "to_int": _to_int,
    "to_float": _to_float,
    "to_bool": _to_bool,
    "fixed_text": _fixed_text,
}
"""Implementations by name."""
