"""What a task needs: ``runtime``, ``requirements`` (1.2, "Requirements Section")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from WDL import Expr as Syntax
from WDL import Type as Types

from fairwf.ir.environment import Container
from fairwf.ir.expressions import Expr, FloatLit, If, Index, Record, StringLit, Template
from fairwf.ir.resources import Amount, ExitCodes, Gpu, Resources, Retry
from fairwf_wdl.build import call, text, used
from fairwf_wdl.expressions import Translator
from fairwf_wdl.metadata import plain
from fairwf_wdl.units import MIB, UNITS

GIB = 1024 * MIB
_SIZE = re.compile(r"\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[KMGT]?i?B?)\s*")
_LOCAL_DISK = re.compile(r"local-disk\s+(?P<gib>[0-9]+)\s+\w+")
_BEFORE_GIB = re.compile(r"\s*local-disk\s+")
_AFTER_GIB = re.compile(r"\s+\w+\s*")
_UNIT_AFTER = re.compile(r"\s*(?P<unit>[KMGT]?i?B?)\s*")
_HINTS = {
    "memory": "a number of bytes, or a text such as 4 GiB",
    "disks": "a number of GiB, or a text such as 10 GiB or local-disk 10 SSD",
}


@dataclass
class Needs:
    """What the IR has a place for; ``rest`` are the other attributes as JSON or their text."""

    container: Container | None = None
    resources: Resources = field(default_factory=Resources)
    retry: Retry | None = None
    exit_codes: ExitCodes = field(default_factory=ExitCodes)
    rest: dict[str, Any] = field(default_factory=dict)


def needs(attributes: dict[str, Syntax.Base], translator: Translator) -> Needs:
    """Return what a task needs; attributes without a place in the IR are kept as they are said.

    One that has a place, and cannot be understood, is told (FWF1409).
    """
    found = Needs()

    def keep(name: str, node: Syntax.Base, hint: str | None = None) -> None:
        found.rest[name] = _kept(node)
        if hint is not None:
            translator.context.report.add(
                "FWF1409",
                f"{name} is kept, and counts for nothing: {node!s:.60}",
                span=translator.context.span(node),
                hint=hint,
            )

    amounts: dict[str, Any] = {}
    for name, node in attributes.items():
        if name in ("container", "docker"):
            found.container = _container(node, translator)
        elif name == "cpu":
            amounts["cores"] = Amount(min=translator.expression(node, Types.Float()))
        elif name in ("memory", "disks"):
            bytes_ = _bytes(node, translator, name)
            if bytes_ is None:
                keep(name, node, _HINTS[name])
            else:
                place = "memory" if name == "memory" else "out_space"
                mib = call("divide", bytes_, FloatLit(value=float(MIB)))
                amounts[place] = Amount(min=_folded(mib))
        elif name == "gpu":
            if not isinstance(node.type, Types.Boolean):
                keep(name, node, "true or false")
            elif not isinstance(node, Syntax.Boolean):
                test = translator.expression(node, Types.Boolean())
                count = If(test=test, then=FloatLit(value=1.0), otherwise=FloatLit(value=0.0))
                amounts["gpu"] = Gpu(count=Amount(min=count))
            elif node.value:
                amounts["gpu"] = Gpu(count=Amount(min=FloatLit(value=1.0)))
        elif name in ("maxRetries", "max_retries"):
            found.retry = Retry(attempts=translator.expression(node, Types.Int()))
        elif name in ("returnCodes", "return_codes"):
            codes = _codes(node)
            if codes is None:
                keep(name, node, 'whole numbers as they are, or "*"')
            else:
                found.exit_codes = codes
        else:
            keep(name, node)
    found.resources = Resources(**amounts)
    return found


def _kept(node: Syntax.Base) -> Any:
    """Return a value as JSON, or the text of an expression under a name of its own."""
    known = node.literal is not None or isinstance(node, Syntax.Array)
    return plain(node) if known else {"expression": str(node)}


def _container(node: Syntax.Base, translator: Translator) -> Container | None:
    """The images of a task. They are advice: a task runs without where no engine is."""
    if isinstance(node.type, Types.Array):
        if not isinstance(node, Syntax.Array):
            raise translator.context.unsupported("a computed list of containers", node)
        images = tuple(map(translator.text, node.items))
    else:
        images = (translator.text(node),)
    named = [one for one in images if not (isinstance(one, StringLit) and one.value == "*")]
    if not named:
        return None
    return translator.context.place(
        Container(image=named[0], alternatives=tuple(named[1:]), required=False), node
    )


def _bytes(node: Syntax.Base, translator: Translator, name: str) -> Expr | None:
    """Return an amount in bytes: a number of bytes or GiB, or a text such as ``4 GiB``."""
    if isinstance(node.type, (Types.Int, Types.Float)):
        number = translator.expression(node, Types.Float())
        unit = 1 if name == "memory" else GIB
        return _folded(call("multiply", number, FloatLit(value=float(unit))))
    if not isinstance(node.type, Types.String):
        return None
    value = translator.value(node)
    return _memory(value, translator) if name == "memory" else _disks(value)


def _memory(value: Expr, translator: Translator) -> Expr | None:
    """Return the bytes that a text tells, which may not be known yet."""
    known = _sized(value, 1, lambda inner: _memory(inner, translator))
    if known is not None or isinstance(value, StringLit):
        return known
    units = {unit: FloatLit(value=float(size)) for unit, size in {"": 1, **UNITS}.items()}

    def computed(written: Expr) -> Expr:
        number = call("replace_match", written, text("[^0-9.]"), text(""))
        unit = call("replace_match", written, text("[0-9. ]"), text(""))
        return call("multiply", call("to_float", number), Index(of=Record(fields=units), by=unit))

    return used(translator.context, value, computed)


def _disks(value: Expr) -> Expr | None:
    """Return the bytes of one disk: ``10 GiB``, or ``local-disk 10 SSD``."""
    if isinstance(value, StringLit):
        local = _LOCAL_DISK.fullmatch(value.value.strip())
        if local is not None:
            return FloatLit(value=float(local["gib"]) * GIB)
    if isinstance(value, Template) and len(value.parts) == 3:
        before, gib, after = value.parts
        if _is_text(before, _BEFORE_GIB) and _is_text(after, _AFTER_GIB):
            number = call("to_float", Template(parts=(gib,)))
            return call("multiply", number, FloatLit(value=float(GIB)))
    return _sized(value, GIB, _disks)


def _is_text(part: Expr, pattern: re.Pattern[str]) -> bool:
    return isinstance(part, StringLit) and pattern.fullmatch(part.value) is not None


def _sized(value: Expr, bare: int, again: Callable[[Expr], Expr | None]) -> Expr | None:
    """Return the bytes of a number with its unit, or of a choice (``again`` for each side).

    ``bare`` is the unit of a number without one.
    """
    if isinstance(value, If):
        then, otherwise = again(value.then), again(value.otherwise)
        if then is None or otherwise is None:
            return None
        return If(test=value.test, then=then, otherwise=otherwise)
    if isinstance(value, StringLit):
        match = _SIZE.fullmatch(value.value)
        if match is None:
            return None
        known = UNITS.get(match["unit"], bare if not match["unit"] else 0)
        return FloatLit(value=float(match["number"]) * known) if known else None
    if isinstance(value, Template) and isinstance(value.parts[-1], StringLit):
        after = _UNIT_AFTER.fullmatch(value.parts[-1].value)
        known = UNITS.get(after["unit"], 0) if after is not None else 0
        if known:
            number = call("to_float", Template(parts=value.parts[:-1]))
            return call("multiply", number, FloatLit(value=float(known)))
    return None


def _folded(value: Expr) -> Expr:
    """Return the product or quotient of two known numbers."""
    args = getattr(value, "args", ())
    if not all(isinstance(one, FloatLit) for one in args):
        return value
    left, right = (float(one.number) for one in args)
    function = getattr(value, "function", "")
    return FloatLit(value=left * right if function == "multiply" else left / right)


def _codes(node: Syntax.Base) -> ExitCodes | None:
    said = plain(node)
    if said == "*":
        return ExitCodes(success=tuple(range(256)))
    codes = said if isinstance(said, list) else [said]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in codes):
        return None
    return ExitCodes(success=tuple(codes), permanent_failure=() if 0 in codes else (0,))
