"""Functions that are given to ``map`` and ``filter``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairwf.ir.expressions import Each, Local
from fairwf_cwl.translate.bodies import body
from fairwf_cwl.translate.conditions import truth
from fairwf_cwl.translate.kinds import Known
from fairwf_cwl.translate.renaming import renamed
from fairwf_cwl.translate.scope import Here, Untranslated, Value
from fairwf_cwl.translate.syntax import field, only

if TYPE_CHECKING:
    from tree_sitter import Node

    from fairwf_cwl.translate.values import Translator


def mapped(work: Translator, over: Value, function: Node, here: Here, item: Known) -> Value:
    """Return ``over.map(function)``; ``item`` is what is known of each item.

    Raises:
        Untranslated: it is no function of one parameter that gives one expression.
    """
    name, own, result = _applied(work, function, here, item)
    total = over.known.total and result.known.total
    made = Known(frozenset({"array"}), item=result.known, filled=over.known.filled, total=total)
    return Value(Each(name=name, over=over.expr, body=renamed(result.expr, own, name)), made)


def filtered(work: Translator, over: Value, function: Node, here: Here, item: Known) -> Value:
    """Return ``over.filter(function)``.

    Raises:
        Untranslated: as above.
    """
    name, own, result = _applied(work, function, here, item)
    test = truth(result)
    if repr(Local(name=own)) in test.then:
        item = item.present()
    total = over.known.total and test.total
    made = Known(frozenset({"array"}), item=item, total=total)
    where = renamed(test.expr, own, name)
    return Value(Each(name=name, over=over.expr, body=Local(name=name), where=where), made)


def _applied(work: Translator, node: Node, here: Here, item: Known) -> tuple[str, str, Value]:
    """Return the parameter's name, the name that stands for it meanwhile, and what is given."""
    if node.type not in ("function_expression", "arrow_function"):
        raise Untranslated("a function by its name")
    if node.child_by_field_name("name") or any(child.type == "async" for child in node.children):
        raise Untranslated("a function of an uncommon form")
    given = node.child_by_field_name("parameter") or node.child_by_field_name("parameters")
    if given is not None and given.type == "formal_parameters":
        given = only(given)
    if given is None or given.type != "identifier":
        raise Untranslated("a function of several parameters")
    name = work.source(given)
    if name in ("inputs", "self", "runtime", "undefined"):
        raise Untranslated("a function whose parameter hides another name")
    own = f"\0{next(work.parameters)}"
    inner = here.with_name(name, Value(Local(name=own), item))
    inside = field(node, "body")
    if inside.type == "statement_block":
        return name, own, body(work, inside, inner)
    return name, own, work.value(inside, inner)
