"""What a task needs: ``runtime``, ``requirements`` (1.2, "Requirements Section")."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from WDL import Expr as Syntax
from WDL import Type as Types

from fairwf.ir.environment import Container
from fairwf.ir.expressions import Expr, FloatLit, StringLit, Template
from fairwf.ir.resources import Amount, ExitCodes, Gpu, Resources, Retry
from fairwf_wdl.build import call
from fairwf_wdl.expressions import Translator
from fairwf_wdl.library import UNITS
from fairwf_wdl.metadata import plain

MIB = 1024 * 1024
GIB = 1024 * MIB
_SIZE = re.compile(r"\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[KMGT]?i?B?)\s*")
_LOCAL_DISK = re.compile(r"local-disk\s+(?P<gib>[0-9]+)\s+\w+")
_UNIT_AFTER = re.compile(r"\s*(?P<unit>[KMGT]?i?B?)\s*")


@dataclass
class Needs:
    """What the IR has a place for; ``rest`` are the other attributes as JSON or their text."""

    container: Container | None = None
    resources: Resources = field(default_factory=Resources)
    retry: Retry | None = None
    exit_codes: ExitCodes = field(default_factory=ExitCodes)
    rest: dict[str, Any] = field(default_factory=dict)


def needs(attributes: dict[str, Syntax.Base], translator: Translator) -> Needs:
    """Return what a task needs; attributes without a place in the IR are kept as they are said."""
    found = Needs()
    amounts: dict[str, Any] = {}
    for name, node in attributes.items():
        if name in ("container", "docker"):
            found.container = _container(node, translator)
        elif name == "cpu":
            amounts["cores"] = Amount(min=translator.expression(node, Types.Float()))
        elif name in ("memory", "disks"):
            bytes_ = _bytes(node, translator, 1 if name == "memory" else GIB)
            if bytes_ is None:
                found.rest[name] = plain(node)
            else:
                place = "memory" if name == "memory" else "out_space"
                mib = call("divide", bytes_, FloatLit(value=float(MIB)))
                amounts[place] = Amount(min=_folded(mib))
        elif name == "gpu" and isinstance(node, Syntax.Boolean):
            if node.value:
                amounts["gpu"] = Gpu(count=Amount(min=FloatLit(value=1.0)))
        elif name in ("maxRetries", "max_retries"):
            found.retry = Retry(attempts=translator.expression(node, Types.Int()))
        elif name in ("returnCodes", "return_codes") and (codes := _codes(node)) is not None:
            found.exit_codes = codes
        else:
            found.rest[name] = plain(node)
    found.resources = Resources(**amounts)
    return found


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


def _bytes(node: Syntax.Base, translator: Translator, unit: int) -> Expr | None:
    """Return an amount in bytes: a number of units, or a text such as ``4 GiB``."""
    if isinstance(node.type, (Types.Int, Types.Float)):
        number = translator.expression(node, Types.Float())
        return _folded(call("multiply", number, FloatLit(value=float(unit))))
    if not isinstance(node.type, Types.String):
        return None
    value = translator.value(node)
    if isinstance(value, StringLit):
        local = _LOCAL_DISK.fullmatch(value.value.strip())
        if local is not None:
            return FloatLit(value=float(local["gib"]) * GIB)
        match = _SIZE.fullmatch(value.value)
        if match is None:
            return None
        known = UNITS.get(match["unit"], unit if not match["unit"] else 0)
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
