"""Pieces of JavaScript that the reader makes of Groovy, as the Groovy that they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fairwf.ir.expressions import Expr, Opaque
from fairwf_nextflow.meaning.build import TRUTH
from fairwf_nextflow.meaning.members import JS_DEEP, JS_FIRST, JS_NAME, JS_REGULAR, JS_SIZE
from fairwf_nextflow.meaning.operators import JS_ORDER, JS_TYPES
from fairwf_nextflow.write.failures import CannotSayError

if TYPE_CHECKING:
    from fairwf_nextflow.write.expressions import Said, Sayer


def groovy_of(sayer: Sayer, node: Opaque) -> Said:
    """Return a piece of another language.

    Raises:
        CannotSayError: it is none that the reader makes.
    """
    values = {binding.path[0]: binding.value for binding in node.bindings if binding.path}
    made = _SNIPPETS.get(node.text) if node.language == "javascript" else None
    if made is None or set(values) != set(made[0]):
        raise CannotSayError(
            f"Nextflow takes no expressions in {node.language}: {_shown(node.text)!r:.80}",
            node,
            "write it with standard functions, or as a step of its own",
        )
    return made[1](sayer, *(values[name] for name in made[0]))


def _shown(text: str) -> str:
    return " ".join(text.split())


def _said(text: str, kind: str, level: int = 0) -> Said:
    from fairwf_nextflow.write.expressions import Said

    return Said(text, kind, level=level)


def _truth(sayer: Sayer, v: Expr) -> Said:
    return _said(f"({sayer.say(v).operand} as Boolean)", "bool")


def _matches(whole: bool) -> Callable[[Sayer, Expr, Expr], Said]:
    mark = "==~" if whole else "=~"

    def say(sayer: Sayer, v: Expr, p: Expr) -> Said:
        text = f"{sayer.say(v).operand} {mark} {sayer.say(p).operand}"
        return _said(text, "bool", 1)

    return say


def _method(name: str, kind: str) -> Callable[..., Said]:
    def say(sayer: Sayer, v: Expr, *rest: Expr) -> Said:
        given = ", ".join(sayer.say(one).text for one in rest)
        return _said(f"{sayer.say(v).operand}.{name}({given})", kind)

    return say


def _of_type(short: str) -> Callable[[Sayer, Expr], Said]:
    def say(sayer: Sayer, v: Expr) -> Said:
        return _said(f"{sayer.say(v).operand} instanceof {short}", "bool", 1)

    return say


def _deep(sayer: Sayer, v: Expr) -> Said:
    return _said(f"{sayer.listed(v)}.flatten()", "list")


def _name(sayer: Sayer, v: Expr) -> Said:
    return _said(f"{sayer.say(v).operand}.name", "str")


def _order(sayer: Sayer, a: Expr, b: Expr) -> Said:
    return _said(f"{sayer.say(a).operand} <=> {sayer.say(b).operand}", "int", 1)


_SNIPPETS: Mapping[str, tuple[tuple[str, ...], Callable[..., Said]]] = {
    TRUTH: (("v",), _truth),
    JS_ORDER: (("a", "b"), _order),
    JS_NAME: (("v",), _name),
    JS_DEEP: (("v",), _deep),
    JS_SIZE: (("v",), _method("size", "int")),
    JS_REGULAR: (("v", "p", "r"), _method("replaceAll", "str")),
    JS_FIRST: (("v", "p", "r"), _method("replaceFirst", "str")),
    "new RegExp('^(?:' + p + ')$').test(v)": (("v", "p"), _matches(True)),
    "new RegExp(p).test(v)": (("v", "p"), _matches(False)),
    "Math.max(...v)": (("v",), _method("max", "int")),
    "Math.min(...v)": (("v",), _method("min", "int")),
    **{
        f"(v => {code})(v)": (("v",), _of_type(short))
        for short, code in reversed(list(JS_TYPES.items()))
    },
}
