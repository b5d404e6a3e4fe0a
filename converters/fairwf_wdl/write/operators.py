"""How WDL says numbers, truth values and what may be missing (specification 1.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fairwf.ir.expressions import (
    Call,
    Expr,
    FloatLit,
    IntLit,
    Runtime,
)
from fairwf.ir.types import ArrayType, FloatType, IntType, Type
from fairwf_wdl.units import UNITS
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import arguments, bare
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.strings import literal
from fairwf_wdl.write.types import (
    BOOL,
    FILE,
    FLOAT,
    INT,
    STRING,
    is_optional,
    item_of,
    optional,
    required,
)

if TYPE_CHECKING:
    from fairwf_wdl.write.expressions import Sayer

Speaker = Callable[["Sayer", Call, Type | None], Said]

_MEMORY = Call(function="multiply", args=(Runtime(name="ram"), IntLit(value=1024 * 1024)))
_ATTEMPT = (Runtime(name="attempt"), IntLit(value=1))


def is_float(type_: Type | None) -> bool:
    """Tell whether values of a type are floats."""
    return isinstance(required(type_), FloatType)


def _numbers(sayer: Sayer, nodes: Sequence[Expr]) -> tuple[list[Said], Type]:
    """Numbers for an operator, and the type of what it gives: one float makes it a float."""
    said = [sayer.number(one) for one in nodes]
    if any(is_float(one.type) for one in said):
        return said, FLOAT
    if any(bare(one, FLOAT) is not one for one in nodes):
        return [Said(f"{said[0].operand} * 1.0", FLOAT, 1), *said[1:]], FLOAT
    return said, INT


def _arithmetic(sign: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        if sign == "-" and node.args == _ATTEMPT and sayer.version != "1.1":
            return Said("task.attempt", INT)
        said, type_ = _numbers(sayer, node.args)
        return Said(f" {sign} ".join(one.operand for one in said), type_, 1)

    return say


def _divide(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    measured = _measured(sayer, node)
    if measured is not None:
        return measured
    left, right = (sayer.number(one) for one in node.args)
    if not is_float(left.type) and not is_float(right.type):
        left = Said(f"{left.operand} * 1.0", FLOAT, 1)
    return Said(f"{left.operand} / {right.operand}", FLOAT, 1)


def _measured(sayer: Sayer, node: Call) -> Said | None:
    """``size`` in a unit."""
    size = arguments(node.args[0], "to_float", 1)
    of = arguments(size[0], "size", 1) if size is not None else None
    if of is None or not isinstance(node.args[1], FloatLit):
        return None
    units = {float(size): unit for unit, size in reversed(UNITS.items())}
    unit = units.get(float(node.args[1].number))
    if unit is None:
        return None
    return Said(f"size({sayer.say(of[0]).text}, {literal(unit)})", FLOAT)


def _divide_int(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    left, right = (sayer.say(one, INT) for one in node.args)
    return Said(f"{left.operand} / {right.operand}", INT, 1)


def _negate(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.number(node.args[0])
    return Said(f"0 - {said.operand}", said.type, 1)


def _absolute(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.number(node.args[0])
    return Said(f"max({said.text}, 0 - {said.operand})", said.type)


def _extreme(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        said, type_ = _numbers(sayer, node.args)
        text = said[-1].text
        for one in reversed(said[:-1]):
            text = f"{name}({one.text}, {text})"
        return Said(text, type_)

    return say


def _rounded(name: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        return Said(f"{name}({sayer.say(node.args[0], FLOAT).text})", INT)

    return say


def _whole(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    if node.args[0] == _MEMORY and sayer.version != "1.1":
        return Said("task.memory", INT)
    read = _read_text(node.args[0])
    if read is not None:
        return Said(f"read_int({sayer.say(read, FILE).text})", INT)
    said = sayer.say(node.args[0])
    kind = required(said.type)
    if isinstance(kind, IntType):
        return said
    if isinstance(kind, FloatType):
        text = f"if {said.operand} < 0.0 then ceil({said.text}) else floor({said.text})"
        return Said(text, INT, 2)
    if isinstance(wanted, IntType) and kind == STRING:
        return Said(said.text, INT, said.level)
    raise CannotSayError("WDL makes no whole number of a text here", node)


def _float(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    read = _read_text(node.args[0])
    if read is not None:
        return Said(f"read_float({sayer.say(read, FILE).text})", FLOAT)
    if node.args[0] == Runtime(name="cores") and sayer.version != "1.1":
        return Said("task.cpu", FLOAT)
    of = arguments(node.args[0], "size", 1)
    if of is not None:
        return Said(f"size({sayer.say(of[0]).text})", FLOAT)
    said = sayer.say(node.args[0])
    if is_float(said.type):
        return said
    if isinstance(required(said.type), IntType):
        return Said(f"{said.operand} * 1.0", FLOAT, 1)
    raise CannotSayError("WDL makes no number of a text here", node)


def _truth(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    read = _read_text(node.args[0])
    if read is not None:
        return Said(f"read_boolean({sayer.say(read, FILE).text})", BOOL)
    said = sayer.say(node.args[0])
    if required(said.type) == BOOL:
        return said
    if required(said.type) == STRING:
        return Said(f'sub({said.text}, "^[Tt][Rr][Uu][Ee]$", "") == ""', BOOL, 1)
    raise CannotSayError("WDL makes no truth value of this", node)


def _read_text(node: Expr) -> Expr | None:
    trimmed = arguments(node, "trim", 1)
    of = arguments(trimmed[0], "read_text", 1) if trimmed is not None else None
    return of[0] if of is not None else None


def _compared(sign: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        left, right = (sayer.compared(one) for one in node.args)
        if sign not in ("==", "!="):
            left, right = sayer.known(left), sayer.known(right)
        return Said(f"{left.operand} {sign} {right.operand}", BOOL, 1)

    return say


def _logic(sign: str, empty: str) -> Speaker:
    def say(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
        if not node.args:
            return Said(empty, BOOL)
        said = [sayer.say(one, BOOL) for one in node.args]
        if len(said) == 1:
            return said[0]
        return Said(f" {sign} ".join(one.operand for one in said), BOOL, 1)

    return say


def _not(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"!{sayer.say(node.args[0], BOOL).operand}", BOOL, 1)


def _defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    return Said(f"defined({sayer.say(node.args[0]).text})", BOOL)


def _default(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    left, right = node.args
    said = sayer.say(left, optional(wanted) if wanted is not None else None)
    if said.type is not None and not is_optional(said.type):
        return said
    inner = required(said.type) or required(wanted)
    other = sayer.say(right, inner)
    return Said(f"select_first([{said.text}, {other.text}])", inner or other.type)


def _first_defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    (of,) = node.args
    items = ArrayType(items=optional(wanted)) if wanted is not None else None  # type: ignore[arg-type]
    said = sayer.say(of, items)
    item = item_of(said.type)
    return Said(f"select_first({said.text})", required(item) or required(wanted))


def _all_defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = sayer.say(node.args[0])
    item = required(item_of(said.type))
    return Said(f"select_all({said.text})", ArrayType(items=item) if item is not None else None)


def _only_defined(sayer: Sayer, node: Call, wanted: Type | None) -> Said:
    said = _all_defined(sayer, node, wanted)
    return Said(f"{said.text}{_single(said.text)}", item_of(said.type))


def _single(text: str) -> str:
    """The index of the only item, which fails where there are more, or none."""
    return f"[if length({text}) == 1 then 0 else length({text})]"


OPERATORS: dict[str, tuple[str, Speaker]] = {
    "add": ("1.1", _arithmetic("+")),
    "subtract": ("1.1", _arithmetic("-")),
    "multiply": ("1.1", _arithmetic("*")),
    "divide": ("1.1", _divide),
    "divide_int": ("1.1", _divide_int),
    "modulo": ("1.1", _arithmetic("%")),
    "power": ("1.2", _arithmetic("**")),
    "negate": ("1.1", _negate),
    "absolute": ("1.1", _absolute),
    "floor": ("1.1", _rounded("floor")),
    "ceil": ("1.1", _rounded("ceil")),
    "round": ("1.1", _rounded("round")),
    "truncate": ("1.1", _whole),
    "min": ("1.1", _extreme("min")),
    "max": ("1.1", _extreme("max")),
    "equal": ("1.1", _compared("==")),
    "not_equal": ("1.1", _compared("!=")),
    "less": ("1.1", _compared("<")),
    "less_equal": ("1.1", _compared("<=")),
    "greater": ("1.1", _compared(">")),
    "greater_equal": ("1.1", _compared(">=")),
    "and": ("1.1", _logic("&&", "true")),
    "or": ("1.1", _logic("||", "false")),
    "not": ("1.1", _not),
    "defined": ("1.1", _defined),
    "default": ("1.1", _default),
    "first_defined": ("1.1", _first_defined),
    "only_defined": ("1.1", _only_defined),
    "all_defined": ("1.1", _all_defined),
    "to_int": ("1.1", _whole),
    "to_float": ("1.1", _float),
    "to_bool": ("1.1", _truth),
}
"""The version since which each function can be said, and how."""
