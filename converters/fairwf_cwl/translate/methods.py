"""Methods and functions of JavaScript that the standard functions have, too."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from fairwf.ir.canonical import same
from fairwf.ir.expressions import Array, BoolLit, Call, Expr, IntLit, StringLit
from fairwf_cwl.translate.callbacks import filtered, mapped
from fairwf_cwl.translate.kinds import (
    ABSENT,
    EXACT,
    IS_ARRAY,
    NUMBERS,
    SCALARS,
    TEXT,
    Known,
    joined,
    whole,
)
from fairwf_cwl.translate.library import called
from fairwf_cwl.translate.operators import joined_text
from fairwf_cwl.translate.scope import Here, Untranslated, Value
from fairwf_cwl.translate.syntax import field, has_optional_chain

if TYPE_CHECKING:
    from tree_sitter import Node

    from fairwf_cwl.translate.values import Translator

_PLAIN_PATTERN = re.compile(r"(?:[^\\^$.*+?()[\]{}|/]|\\[.\-_/])+\Z")
_WHOLE = re.compile(r"-?[1-9][0-9]{0,14}\Z|0\Z")
_ROUNDING = {"ceil": "ceil", "floor": "floor"}
_TEXT_TESTS = {"startsWith": "starts_with", "endsWith": "ends_with", "includes": "contains_text"}


def call(work: Translator, node: Node, here: Here) -> Value:
    """Return the value of a call.

    Raises:
        Untranslated: nothing is known to do the same.
    """
    callee, given = field(node, "function"), field(node, "arguments")
    if given.type != "arguments" or has_optional_chain(node):
        raise Untranslated("it has a call of an uncommon form")
    arguments = [child for child in given.named_children if child.type != "comment"]
    if callee.type == "identifier":
        return _function(work, node, arguments, here)
    if callee.type != "member_expression" or has_optional_chain(callee):
        raise Untranslated("it calls what it computes")
    of, name = field(callee, "object"), work.source(field(callee, "property"))
    if of.type == "identifier" and work.source(of) == "Math" and "Math" not in here.names:
        return _math(work, name, [work.value(one, here) for one in arguments])
    if of.type == "identifier" and work.source(of) == "Array" and name == "isArray":
        return _is_array([work.value(one, here) for one in arguments])
    whole_ = work.value(of, here)
    if name == "pop" and of.type != "call_expression":
        raise Untranslated("it changes an array")
    if whole_.known.present().only("text"):
        return _of_text(work, whole_, name, arguments, here)
    if whole_.known.present().only("array"):
        return _of_array(work, whole_, name, arguments, here)
    if name == "toString" and not arguments and whole_.known.only("int", "float", "bool"):
        return joined_text([whole_])
    raise Untranslated(f"it calls the method {name!r:.30}")


def _function(work: Translator, node: Node, arguments: list[Node], here: Here) -> Value:
    name = work.source(field(node, "function"))
    if name in here.names:
        raise Untranslated("it calls what it computes")
    if name not in ("parseInt", "String"):
        return called(work, node, arguments, here)
    values = [work.value(one, here) for one in arguments]
    if name == "String" and len(values) == 1:
        return joined_text(values)
    tens = len(values) == 1 or (
        len(values) == 2 and isinstance(values[1].expr, IntLit) and values[1].expr.number == 10
    )
    if name == "parseInt" and tens and values[0].known.only("int") and values[0].known.exact:
        return Value(values[0].expr, values[0].known)
    if name == "parseInt" and tens and _is_number(values[0].known):
        numbers = [int(one) for one in values[0].known.texts]
        made = whole(max(map(abs, numbers)), min(numbers), values[0].known.total)
        return Value(Call(function="to_int", args=(values[0].expr,)), made)
    raise Untranslated(f"it calls {name} of a text, which may be no number")


def _is_number(what: Known) -> bool:
    """Tell whether a value is a symbol of an enum of whole numbers."""
    return what.only("text") and bool(what.texts) and all(map(_WHOLE.match, what.texts))


def _is_array(values: list[Value]) -> Value:
    """Translate ``Array.isArray``; where types do not tell, a choice may still say it."""
    if len(values) != 1 or values[0].known.may("any"):
        raise Untranslated("whether something of an unknown type is an array")
    [one] = values
    truth = Known(frozenset({"bool"}), total=one.known.total)
    if one.known.total and (one.known.only("array") or not one.known.may("array")):
        return Value(BoolLit(value=one.known.may("array")), truth)
    return Value(Call(function=IS_ARRAY, args=(one.expr,)), truth)


def _math(work: Translator, name: str, values: list[Value]) -> Value:
    if not values or not all(one.known.only(*NUMBERS) and one.known.exact for one in values):
        raise Untranslated(f"it calls Math.{name:.20} of what may be no number")
    total = all(one.known.total for one in values)
    most = max(one.known.most for one in values)
    exprs = tuple(one.expr for one in values)
    if name in _ROUNDING and len(values) == 1 and most < EXACT:
        made = whole(most + 1, values[0].known.least - 1, total)
        return Value(Call(function=_ROUNDING[name], args=exprs), made)
    if name in ("max", "min"):
        one = joined([value.known for value in values])
        choose = max if name == "max" else min
        return Value(
            Call(function=name, args=exprs),
            replace(one, least=choose(value.known.least for value in values)),
        )
    if name == "abs" and len(values) == 1:
        return Value(Call(function="absolute", args=exprs), replace(values[0].known, least=0))
    raise Untranslated(f"it calls Math.{name:.20}")


def _of_text(work: Translator, of: Value, name: str, arguments: list[Node], here: Here) -> Value:
    total = of.known.total and not of.known.may(*ABSENT)
    if name == "replace" and len(arguments) == 2:
        return _replace(work, of, arguments, here, total)
    values = [work.value(one, here) for one in arguments]
    texts = all(one.known.only("text") for one in values)
    total = total and all(one.known.total for one in values)
    exprs = (of.expr, *(one.expr for one in values))
    if name == "toString" and not values:
        return of if total else Value(of.expr, of.known.partial())
    if name == "split" and len(values) == 1 and _filled_text(values[0].expr):
        made = Known(frozenset({"array"}), item=TEXT, filled=True, total=total)
        return Value(Call(function="split", args=exprs), made)
    if name in _TEXT_TESTS and len(values) == 1 and texts:
        truth = Known(frozenset({"bool"}), total=total)
        return Value(Call(function=_TEXT_TESTS[name], args=exprs), truth)
    if name == "concat" and values and total:
        return joined_text([of, *values])
    raise Untranslated(f"it calls the method {name!r:.30} of a text")


def _filled_text(expr: Expr) -> bool:
    return isinstance(expr, StringLit) and bool(expr.value)


def _replace(work: Translator, of: Value, arguments: list[Node], here: Here, total: bool) -> Value:
    pattern, by = arguments
    if pattern.type != "regex" or by.type != "string":
        raise Untranslated("it replaces the first only, or by a computed text")
    text, flags = pattern.child_by_field_name("pattern"), pattern.child_by_field_name("flags")
    found = work.source(text) if text is not None else ""
    if flags is None or work.source(flags) != "g" or not _PLAIN_PATTERN.match(found):
        raise Untranslated("it replaces what a regular expression finds")
    new = work.string(by)
    if "$" in new:
        raise Untranslated("it replaces by a text that refers to what was found")
    old = re.sub(r"\\(.)", r"\1", found)
    args = (of.expr, StringLit(value=old), StringLit(value=new))
    return Value(Call(function="replace", args=args), replace(TEXT, total=total))


def _of_array(work: Translator, of: Value, name: str, arguments: list[Node], here: Here) -> Value:
    total = of.known.total and not of.known.may(*ABSENT)
    item = of.known.item
    if item is None:
        raise Untranslated("it uses items of an unknown type")
    present = Value(of.expr, replace(of.known.present(), total=total))
    if name == "map" and len(arguments) == 1:
        return mapped(work, present, arguments[0], here, item)
    if name == "filter" and len(arguments) == 1:
        return filtered(work, present, arguments[0], here, item)
    values = [work.value(one, here) for one in arguments]
    total = total and all(one.known.total for one in values)
    if name == "join" and len(values) <= 1:
        return _join(work, present, values, total)
    if name == "concat" and len(values) == 1 and total:
        return _concat(present, values[0])
    if name == "includes" and len(values) == 1 and total:
        scalar = all(one.only(*SCALARS) and one.exact for one in (item, values[0].known))
        if scalar and not item.may("float") and not values[0].known.may("float"):
            args = (of.expr, values[0].expr)
            return Value(Call(function="contains", args=args), Known(frozenset({"bool"})))
    made = isinstance(of.expr, Call) and of.known.filled and not of.known.may(*ABSENT)
    if name == "pop" and not values and made:
        return Value(Call(function="last", args=(of.expr,)), item if total else item.partial())
    if name == "flat" and not values and item.only("array") and item.item is not None:
        flat = Known(frozenset({"array"}), item=item.item, total=total)
        return Value(Call(function="flatten", args=(of.expr,)), flat)
    if name == "slice" and not of.known.may(*ABSENT):
        return _slice(present, values)
    raise Untranslated(f"it calls the method {name!r:.30} of an array")


def _join(work: Translator, of: Value, values: list[Value], total: bool) -> Value:
    item = of.known.item
    assert item is not None
    separator = values[0] if values else Value(StringLit(value=","), TEXT)
    if not item.only("text", "int", "float", "bool") or not item.exact:
        raise Untranslated("it joins items that may be no texts")
    if not separator.known.only("text"):
        raise Untranslated("it joins with what may be no text")
    args = (of.expr, separator.expr)
    return Value(Call(function="join", args=args), replace(TEXT, total=total))


def _concat(of: Value, more: Value) -> Value:
    assert of.known.item is not None
    if isinstance(of.expr, Array) and not of.expr.items and more.known.may("array"):
        return _merged(more)
    if more.known.only("array") and more.known.item is not None:
        item = joined([of.known.item, more.known.item])
        filled = of.known.filled or more.known.filled
        made = Known(frozenset({"array"}), item=item, filled=filled)
        return Value(Call(function="concat_arrays", args=(of.expr, more.expr)), made)
    if more.known.may("array", "any", "undefined"):
        raise Untranslated("it adds to an array what may be an array or not")
    item = joined([of.known.item, more.known])
    made = Known(frozenset({"array"}), item=item, filled=True)
    return Value(Call(function="append", args=(of.expr, more.expr)), made)


def _merged(value: Value) -> Value:
    """Translate ``[].concat(x)`` where ``x`` is an array or an item."""
    what = value.known
    if what.may("any", *ABSENT) or what.item is None:
        raise Untranslated("it adds to an array what may be an array or not")
    if what.only("array"):
        return value
    item = joined([what.item, replace(what, kinds=what.kinds - {"array"})])
    made = Known(frozenset({"array"}), item=item)
    return Value(Call(function="merge_flattened", args=(value.expr,)), made)


def _slice(of: Value, values: list[Value]) -> Value:
    """Translate ``slice`` with bounds that are not negative, or negative in a filled array."""
    bounds = [one.expr.number if isinstance(one.expr, IntLit) else None for one in values]
    made = replace(of.known, filled=False)
    if len(bounds) == 1 and bounds[0] == -1 and of.known.filled:
        last = Array(items=(Call(function="last", args=(of.expr,)),))
        return Value(last, replace(made, filled=True))
    if len(bounds) == 2 and bounds[1] == -1 and of.known.filled:
        values = [values[0], Value(_before_last(of.expr), whole(EXACT, 0))]
    elif len(values) == 2 and bounds[1] is None:
        if not (of.known.filled and same(values[1].expr, _before_last(of.expr))):
            raise Untranslated("it takes a part of an array by computed bounds")
    elif not 1 <= len(values) <= 2 or any(bound is None or bound < 0 for bound in bounds):
        raise Untranslated("it takes a part of an array by negative or computed bounds")
    if not values[0].known.least >= 0:
        raise Untranslated("it takes a part of an array by negative or computed bounds")
    return Value(Call(function="slice", args=(of.expr, *(one.expr for one in values))), made)


def _before_last(array: Expr) -> Expr:
    return Call(function="subtract", args=(Call(function="length", args=(array,)), IntLit(value=1)))
