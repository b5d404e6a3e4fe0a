"""Conditional steps: ``when``, an expression in JavaScript over the step's inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fairwf.ir.expressions import Binding, Expr, NoneLit, Opaque

CONDITION = "when"
"""The connection that Galaxy's editor makes for a condition."""

_WHOLE = re.compile(r"\s*\$\((?P<text>.*)\)\s*\Z", re.DOTALL)
_INPUT = re.compile(r"inputs\.(?P<name>[A-Za-z_]\w*)\Z")


def condition(text: str, links: Mapping[str, Expr]) -> Expr:
    """Return the condition of a step; a single input is the value that it is connected to."""
    whole = _WHOLE.match(text)
    inside = whole["text"].strip() if whole else text
    single = _INPUT.match(inside)
    if single is not None and single["name"] in links:
        return _copy(links[single["name"]])
    names = [name for name in links if re.search(rf"\b{re.escape(name)}\b", inside)]
    bindings = tuple(Binding(path=("inputs", name), value=_copy(links[name])) for name in names)
    if single is not None:
        bindings = (Binding(path=("inputs", single["name"]), value=NoneLit()),)
    return Opaque(language="javascript", text=inside, bindings=bindings)


def _copy(expression: Expr) -> Expr:
    from msgspec.structs import replace

    return replace(expression)
