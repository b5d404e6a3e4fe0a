"""Defaults of workflow parameters, as values of the IR and as states have them."""

from __future__ import annotations

import re
from typing import Any

from fairwf.ir.types import (
    ArrayType,
    BoolType,
    EnumType,
    FloatType,
    IntType,
    StringType,
    Type,
)
from fairwf_galaxy.types import bare

_WHOLE = re.compile(r"[-+]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z")


def fitting(value: Any, type_: Type) -> tuple[bool, Any]:
    """Tell whether a default fits a type, and return it as that type has it.

    Galaxy keeps some numbers and truth values as texts.
    """
    wanted = bare(type_)
    match wanted:
        case ArrayType():
            items = value if isinstance(value, list) else [value]
            found = [fitting(item, wanted.items) for item in items]
            return all(fits for fits, _ in found), [item for _, item in found]
        case IntType():
            if isinstance(value, str) and _WHOLE.match(value.strip()):
                return True, int(value)
            return type(value) is int, value
        case FloatType():
            if isinstance(value, str) and _NUMBER.match(value.strip()):
                return True, float(value)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            return number, float(value) if number else value
        case BoolType():
            if value in ("true", "false"):
                return True, value == "true"
            return isinstance(value, bool), value
        case EnumType():
            return value in wanted.symbols, value
        case StringType():
            return isinstance(value, str), value
        case _:
            return False, value
