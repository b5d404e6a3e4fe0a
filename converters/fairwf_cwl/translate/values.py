"""Expressions of JavaScript as nodes of the IR, with what is known of their values."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    IntLit,
    Local,
    NoneLit,
    Record,
    StringLit,
)
from fairwf.ir.walk import walk
from fairwf_cwl import javascript
from fairwf_cwl.translate.kinds import (
    ABSENT,
    EXACT,
    MAYBE_TEXT,
    NUMBERS,
    OBJECTS,
    SCALARS,
    TEXT,
    TRUTH,
    Known,
    crosses,
    joined,
    known,
    of_type,
    whole,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from fairwf_cwl.expressions import Names

MOST_NODES = 400
MOST_ITEMS = 2**40
"""Items of an array, cores, mebibytes: no machine has more."""
MOST_BYTES = 2**50
"""Bytes of a file."""
# A library's own functions run only where they are called; what it does to the names that CWL binds
# is undone when they are bound.
_CHANGED_BUILT_INS = re.compile(
    r"prototype|__proto__|defineProperty|\b(?:Math|parseInt|String|Array|Object)\s*=[^=]"
    r"|function\s+(?:parseInt|String)\b|\bMath\s*[.\[][^=(;]*=[^=]|globalThis|\beval\b"
)
_HARMLESS = re.compile(
    r"\bObject\.prototype\.(?:toString|hasOwnProperty)\.call\("
    r"|\b(\w+)\.prototype\.(\w+)\s*=\s*\1\.prototype\.\2\s*\|\|"  # for old engines only
)
_PLAIN_PATTERN = re.compile(r"[^\\^$.*+?()[\]{}|/]+")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")


class Untranslated(Exception):  # noqa: N818 - an outcome, not an error
    """A text stays JavaScript; the message says what stands in the way, in few words."""


class Value(NamedTuple):
    """An expression and what is known of its value."""

    expr: Expr
    known: Known


@dataclass(frozen=True)
class Here:
    """Local names, and the expressions that are known not to be none at this place."""

    names: Mapping[str, Value]
    there: frozenset[str] = frozenset()

    def with_name(self, name: str, value: Value) -> Here:
        """Return the same with one more name."""
        return replace(self, names={**self.names, name: value})

    def knowing(self, there: frozenset[str]) -> Here:
        """Return the same with more that is known to be there."""
        return replace(self, there=self.there | there)


class Test(NamedTuple):
    """A condition; what is known to be there where it holds, and where it does not."""

    expr: Expr
    then: frozenset[str] = frozenset()
    otherwise: frozenset[str] = frozenset()
    total: bool = True


class Translator:
    """Translates the texts of one place."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.data = b""
        self.taken = {
            node.name
            for bound in (*names.inputs.values(), *([names.self] if names.self else []))
            for _, node in walk(bound.make())
            if isinstance(node, Local)
        }

    def text(self, text: str, form: str) -> Expr:
        """Return what a text means."""
        libraries = (_HARMLESS.sub("", library) for library in self.names.libraries)
        if any(map(_CHANGED_BUILT_INS.search, libraries)):
            raise Untranslated("a library may change what JavaScript brings")
        root, self.data, _ = javascript.parse(text, form)
        if root.has_error:
            raise Untranslated("it does not parse")
        inner = _only(_only(root))
        if form == "expression":
            value = self.value(_only(inner), Here({}))
        else:
            from fairwf_cwl.translate.bodies import body

            value = body(self, _field(_only(inner), "body"), Here({}))
        if not crosses(value.known) and not _is_fraction(value.expr):
            raise Untranslated("its result may be a number that JavaScript changes, or anything")
        if sum(1 for _ in walk(value.expr)) > MOST_NODES:
            raise Untranslated("it would be too long")
        return value.expr

    def source(self, node: Node) -> str:
        """Return the text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8")

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Node, here: Here) -> Value:
        """Return the value of an expression."""
        method = _VALUES.get(node.type)
        if method is None:
            raise Untranslated(f"it has a {node.type.replace('_', ' ')}")
        found: Value = method(self, node, here)
        if found.known.kinds & ABSENT and repr(found.expr) in here.there:
            return Value(found.expr, found.known.present())
        return found

    def _inside(self, node: Node, here: Here) -> Value:
        return self.value(_only(node), here)

    def _text(self, node: Node, here: Here) -> Value:
        return Value(StringLit(value=self.string(node)), TEXT)

    def string(self, node: Node) -> str:
        """Return the value of a string literal."""
        parts = []
        for part in node.named_children:
            text = self.source(part)
            if part.type == "escape_sequence":
                text = _escape(text)
            parts.append(text)
        return "".join(parts)

    def _number(self, node: Node, here: Here) -> Value:
        text = self.source(node)
        if not _NUMBER.match(text) or (text[0] == "0" and text[1:2].isdigit()):
            raise Untranslated("it has a number in an uncommon form")
        number = float(text)
        if number.is_integer():
            if number > EXACT:
                raise Untranslated("it has a number that JavaScript rounds")
            return Value(IntLit(value=int(number)), whole(number, number))
        return Value(FloatLit(value=number), Known(frozenset({"float"}), most=number, least=number))

    def _constant(self, node: Node, here: Here) -> Value:
        return {
            "true": Value(BoolLit(value=True), TRUTH),
            "false": Value(BoolLit(value=False), TRUTH),
            "null": Value(NoneLit(), known("none")),
            "undefined": Value(NoneLit(), known("undefined")),
        }[node.type]

    def _identifier(self, node: Node, here: Here) -> Value:
        name = self.source(node)
        if name in here.names:
            return here.names[name]
        if name == "self":
            bound = self.names.self
            if bound is None:
                return Value(NoneLit(), known("none"))
            return Value(bound.make(), of_type(bound.type))
        raise Untranslated(f"it uses {name!r:.30} as a whole" if name == "inputs" else "a library")

    def _member(self, node: Node, here: Here) -> Value:
        if node.type == "subscript_expression":
            index = _field(node, "index")
            if index.type != "string":
                return self._item(node, index, here)
            name = self.string(index)
        else:
            if _has_optional_chain(node):
                raise Untranslated("it has an optional chain")
            name = self.source(_field(node, "property"))
        of = _field(node, "object")
        if of.type == "identifier" and self.source(of) not in here.names:
            root = self.source(of)
            if root == "inputs":
                bound = self.names.inputs.get(name)
                if bound is None:
                    raise Untranslated("it uses an input that is not there")
                return Value(bound.make(), of_type(bound.type))
            if root == "runtime":
                return self._runtime(name)
        return self.attribute(self.value(of, here), name)

    def _runtime(self, name: str) -> Value:
        from fairwf_cwl.expressions import _runtime

        if name not in self.names.runtime:
            raise Untranslated("it uses a part of runtime that is not there")
        kind = TEXT if name in ("outdir", "tmpdir") else whole(MOST_ITEMS, 0)
        return Value(_runtime(name).make(), kind)

    def attribute(self, of: Value, name: str) -> Value:
        """Return a member of a value."""
        what, total = of.known, of.known.total and not of.known.may(*ABSENT)
        there = what.present()
        if there.only("array") and name == "length":
            return Value(Call(function="length", args=(of.expr,)), whole(MOST_ITEMS, 0, total))
        if there.only("record") and name in there.fields:
            found = there.fields[name]
            return Value(Attr(of=of.expr, name=name), found if total else found.partial())
        if there.only("file", "directory") and name == "class":
            return Value(Attr(of=of.expr, name=name), replace(TEXT, total=total))
        attribute = _FILE.get(name) if there.only("file") else None
        if name == "size" and there.only("file") and self.names.runtime:
            attribute = whole(MOST_BYTES, 0)  # the engine gives each input and output its size
        if attribute is None:
            raise Untranslated(f"it asks for the member {name!r:.30} of {_kinds(there)}")
        if not self.names.runtime and attribute is TEXT:
            attribute = MAYBE_TEXT
        return Value(Attr(of=of.expr, name=name), replace(attribute, total=total))

    def _item(self, node: Node, index: Node, here: Here) -> Value:
        of, at = self.value(_field(node, "object"), here), self.value(index, here)
        if not isinstance(at.expr, IntLit) or not of.known.present().only("array"):
            raise Untranslated("it takes an item by a computed index, or of no array")
        item = of.known.item or known("any")
        total = of.known.total and not of.known.may(*ABSENT)
        if at.expr.number == 0 and of.known.filled and total:
            return Value(Index(of=of.expr, by=at.expr), item)
        if not total:
            raise Untranslated("it takes an item of what may be absent")
        kinds = item.kinds | {"undefined"}
        return Value(Call(function="get", args=(of.expr, at.expr)), replace(item, kinds=kinds))

    def _ternary(self, node: Node, here: Here) -> Value:
        test = self.test(_field(node, "condition"), here)
        then = self.value(_field(node, "consequence"), here.knowing(test.then))
        other = self.value(_field(node, "alternative"), here.knowing(test.otherwise))
        return self.choice(test, then, other)

    def choice(self, test: Test, then: Value, other: Value) -> Value:
        """Return the one value where a test holds, else the other."""
        one = joined([then.known, other.known])
        expr = If(test=test.expr, then=then.expr, otherwise=other.expr)
        return Value(expr, one if test.total else one.partial())

    def _array(self, node: Node, here: Here) -> Value:
        parts = node.named_children
        tokens = [child.type for child in node.children if child.type != "comment"]
        holes = any(a in ("[", ",") and b == "," for a, b in itertools.pairwise(tokens))
        if holes or any(part.type == "spread_element" for part in parts):
            raise Untranslated("it has a spread or an array with holes")
        items = [self.value(part, here) for part in parts]
        item = joined([one.known for one in items]) if items else known()
        expr = Array(items=tuple(one.expr for one in items))
        total = all(one.known.total for one in items)
        return Value(expr, Known(frozenset({"array"}), item=item, filled=bool(items), total=total))

    def _object(self, node: Node, here: Here) -> Value:
        fields: dict[str, Value] = {}
        for part in node.named_children:
            if part.type != "pair":
                raise Untranslated("it has an object of an uncommon form")
            key = _field(part, "key")
            if key.type not in ("property_identifier", "string"):
                raise Untranslated("it has an object of an uncommon form")
            name = self.string(key) if key.type == "string" else self.source(key)
            if name in fields or name in ("class", "__proto__") or name.isdigit():
                raise Untranslated("it makes a file, or has an object of an uncommon form")
            value = self.value(_field(part, "value"), here)
            if value.known.may("undefined"):
                raise Untranslated("a member of an object may be undefined")
            fields[name] = value
        expr = Record(fields={name: value.expr for name, value in fields.items()})
        total = all(value.known.total for value in fields.values())
        kinds = {name: value.known for name, value in fields.items()}
        if not fields:
            raise Untranslated("it has an empty object")
        return Value(expr, Known(frozenset({"record"}), fields=kinds, total=total))

    # --- operators ------------------------------------------------------------------------------

    def _unary(self, node: Node, here: Here) -> Value:
        operator = self.source(_field(node, "operator"))
        if operator == "!":
            return self._as_value(self.test(node, here))
        argument = self.value(_field(node, "argument"), here)
        if operator == "-" and isinstance(argument.expr, IntLit) and argument.expr.number:
            number = -argument.expr.number
            return Value(IntLit(value=number), whole(-number, number))
        raise Untranslated(f"it has the operator {operator}")

    def _as_value(self, test: Test) -> Value:
        return Value(test.expr, replace(TRUTH, total=test.total))

    def _binary(self, node: Node, here: Here) -> Value:
        operator = self.source(_field(node, "operator"))
        if operator in ("&&", "||"):
            left = self.value(_field(node, "left"), here)
            test = self.test(_field(node, "left"), here)
            more = test.then if operator == "&&" else test.otherwise
            right = self.value(_field(node, "right"), here.knowing(more))
            if left.known.only("bool") and right.known.only("bool"):
                return self._as_value(self.test(node, here))
            if operator == "&&":
                return self.choice(test, right, left)
            return self.choice(test, Value(left.expr, left.known.present()), right)
        if operator in _COMPARISONS:
            return self._as_value(self.test(node, here))
        left = self.value(_field(node, "left"), here)
        right = self.value(_field(node, "right"), here)
        return self.operate(operator, left, right)

    def operate(self, operator: str, left: Value, right: Value) -> Value:
        """Return what an arithmetic operator makes of two values."""
        a, b = left.known, right.known
        if operator == "+" and (a.only("text") or b.only("text")):
            return self.joined_text([left, right])
        total = a.total and b.total
        if not (a.only(*NUMBERS) and b.only(*NUMBERS)):
            raise Untranslated(f"{_kinds(a)} {operator} {_kinds(b)}")
        both = (left.expr, right.expr)
        kinds = a.kinds | b.kinds
        if a.only("float") or b.only("float"):
            kinds = frozenset({"float"})
        if operator in ("+", "-"):
            name = "add" if operator == "+" else "subtract"
            least = a.least + b.least if operator == "+" else a.least - b.most
            made = Known(kinds, most=a.most + b.most, least=least, total=total)
        elif operator == "*":
            name = "multiply"
            least = a.least * b.least if min(a.least, b.least) >= 0 else -a.most * b.most
            made = Known(kinds, most=a.most * b.most, least=least, total=total)
        elif operator == "/" and _nonzero(right.expr):
            name = "divide"
            most = a.most / abs(right.expr.number)  # type: ignore[union-attr]
            made = Known(frozenset({"float"}), most=most, least=-most, total=total)
        elif operator == "%" and _nonzero(right.expr) and kinds == {"int"} and a.exact:
            name = "modulo"
            least = 0 if a.least >= 0 else -b.most
            made = whole(b.most, least, total)
        else:
            raise Untranslated(f"it has the operator {operator} with what may be 0, or another one")
        if not (a.exact and b.exact and made.exact):
            raise Untranslated("its numbers may be greater than JavaScript's exact ones")
        return Value(Call(function=name, args=both), made)

    def joined_text(self, values: list[Value]) -> Value:
        """Return the texts of values one after the other."""
        from fairwf_cwl.expressions import joined

        for value in values:
            if not value.known.only(*SCALARS) or not value.known.exact:
                raise Untranslated(f"{_kinds(value.known)} as a text")
        total = all(value.known.total for value in values)
        return Value(joined([value.expr for value in values]), replace(TEXT, total=total))

    def _template(self, node: Node, here: Here) -> Value:
        values: list[Value] = [Value(StringLit(value=""), TEXT)]
        for part in node.named_children:
            if part.type == "template_substitution":
                values.append(self.value(_only(part), here))
            elif part.type == "string_fragment":
                text = self.source(part)
                if "\r" in text:
                    raise Untranslated("a text with an uncommon line end")
                values.append(Value(StringLit(value=text), TEXT))
            else:
                text = _escape(self.source(part))
                values.append(Value(StringLit(value=text), TEXT))
        return self.joined_text(values)

    # --- conditions -----------------------------------------------------------------------------

    def test(self, node: Node, here: Here) -> Test:
        """Return whether a value counts as true."""
        if node.type == "parenthesized_expression":
            return self.test(_only(node), here)
        if node.type == "unary_expression" and self.source(_field(node, "operator")) == "!":
            inner = self.test(_field(node, "argument"), here)
            return Test(negated(inner.expr), inner.otherwise, inner.then, inner.total)
        if node.type == "binary_expression":
            operator = self.source(_field(node, "operator"))
            if operator in ("&&", "||"):
                return self._both(node, operator, here)
            if operator in _COMPARISONS:
                left = self.value(_field(node, "left"), here)
                right = self.value(_field(node, "right"), here)
                return self.compare(operator, left, right)
        return self.truth(self.value(node, here))

    def _both(self, node: Node, operator: str, here: Here) -> Test:
        left = self.test(_field(node, "left"), here)
        more = left.then if operator == "&&" else left.otherwise
        right = self.test(_field(node, "right"), here.knowing(more))
        total = left.total and right.total
        if operator == "&&":
            expr = Call(function="and", args=(left.expr, right.expr))
            return Test(expr, left.then | right.then, frozenset(), total)
        expr = Call(function="or", args=(left.expr, right.expr))
        return Test(expr, frozenset(), left.otherwise | right.otherwise, total)

    def truth(self, value: Value) -> Test:
        """Return whether a value counts as true (ECMA-262 "ToBoolean")."""
        what, expr, total = value.known, value.expr, value.known.total
        there = what.kinds - ABSENT
        key = frozenset({repr(expr)})
        if not there:
            return Test(BoolLit(value=False), total=total)
        parts: list[Expr] = []
        if what.kinds & ABSENT:
            parts.append(Call(function="defined", args=(expr,)))
        if there <= {"bool"}:
            parts.append(expr)
        elif there <= {"text"}:
            parts.append(Call(function="not_equal", args=(expr, StringLit(value=""))))
        elif there <= NUMBERS:
            parts.append(Call(function="not_equal", args=(expr, IntLit(value=0))))
        elif not there <= OBJECTS:
            raise Untranslated(f"{_kinds(what)} as a condition")
        if not parts:
            return Test(BoolLit(value=True), total=total)
        test = parts[0] if len(parts) == 1 else Call(function="and", args=tuple(parts))
        return Test(test, key, total=total)

    def compare(self, operator: str, left: Value, right: Value) -> Test:
        """Return the outcome of a comparison."""
        if isinstance(left.expr, NoneLit) and not isinstance(right.expr, NoneLit):
            left, right = right, left
        a, b = left.known, right.known
        total = a.total and b.total
        if operator in ("<", ">", "<=", ">="):
            if not (a.only(*NUMBERS) and b.only(*NUMBERS) and a.exact and b.exact):
                raise Untranslated(f"{_kinds(a)} {operator} {_kinds(b)}")
            return Test(Call(function=_ORDER[operator], args=(left.expr, right.expr)), total=total)
        positive = operator in ("==", "===")
        if isinstance(right.expr, NoneLit):
            other = "undefined" if b.only("none") else "none"
            if operator in ("===", "!==") and a.may(other):
                raise Untranslated("it tells null from undefined")
            key = frozenset({repr(left.expr)})
            present = Call(function="defined", args=(left.expr,))
            if positive:
                return Test(negated(present), frozenset(), key, total)
            return Test(present, key, frozenset(), total)
        if not (a.only(*SCALARS, "undefined") and b.only(*SCALARS, "undefined")):
            raise Untranslated(f"{_kinds(a)} {operator} {_kinds(b)}")
        if not (a.exact and b.exact) or (a.may(*ABSENT) and b.may(*ABSENT)):
            raise Untranslated("it compares two values that may both be absent, or great numbers")
        kinds = {"number" if kind in NUMBERS else kind for kind in (a.kinds | b.kinds) - ABSENT}
        if operator in ("==", "!=") and len(kinds) > 1:
            raise Untranslated(f"{_kinds(a)} {operator} {_kinds(b)}, of different kinds")
        same = Call(function="equal" if positive else "not_equal", args=(left.expr, right.expr))
        literal = isinstance(right.expr, (StringLit, IntLit, BoolLit))
        key = frozenset({repr(left.expr)}) if literal else frozenset[str]()
        return Test(same, key if positive else frozenset(), frozenset() if positive else key, total)

    # --- calls ----------------------------------------------------------------------------------

    def _call(self, node: Node, here: Here) -> Value:
        from fairwf_cwl.translate.methods import call

        return call(self, node, here)

    def function(self, node: Node, here: Here, item: Known) -> tuple[str, Here, Node]:
        """Return the parameter of a function of one parameter, its place, and its body."""
        if node.type not in ("function_expression", "arrow_function"):
            raise Untranslated("a function by its name")
        given = node.child_by_field_name("parameter") or node.child_by_field_name("parameters")
        if given is not None and given.type == "formal_parameters":
            given = _only(given)
        if given is None or given.type != "identifier":
            raise Untranslated("a function of several parameters")
        name = self.source(given)
        bound = {
            inside.name
            for value in here.names.values()
            for _, inside in walk(value.expr)
            if isinstance(inside, Local)
        }
        if name in ("inputs", "self", "runtime", "undefined") or name in self.taken | bound:
            raise Untranslated("a function whose parameter hides another name")
        inner = here.with_name(name, Value(Local(name=name), item))
        return name, inner, _field(node, "body")

    def applied(self, node: Node, here: Here, item: Known) -> tuple[str, Value]:
        """Return the parameter of a function, and what it gives."""
        from fairwf_cwl.translate.bodies import body

        name, inner, inside = self.function(node, here, item)
        if inside.type == "statement_block":
            return name, body(self, inside, inner)
        return name, self.value(inside, inner)

    def each(self, over: Value, name: str, result: Value, where: Expr | None = None) -> Value:
        """Return an array made item by item."""
        expr = Each(name=name, over=over.expr, body=result.expr, where=where)
        total = over.known.total and result.known.total
        filled = over.known.filled and where is None
        made = Known(frozenset({"array"}), item=result.known, filled=filled, total=total)
        return Value(expr, made)


def negated(test: Expr) -> Expr:
    """Return the opposite of a condition, without two negations in a row."""
    if isinstance(test, Call) and test.function == "not":
        return test.args[0]
    if isinstance(test, BoolLit):
        return BoolLit(value=not test.value)
    opposite = {"equal": "not_equal", "not_equal": "equal"}
    if isinstance(test, Call) and test.function in opposite:
        return Call(function=opposite[test.function], args=test.args)
    return Call(function="not", args=(test,))


def _escape(text: str) -> str:
    if text in _ESCAPES:
        return _ESCAPES[text]
    if re.match(r"\\u[0-9a-fA-F]{4}\Z", text) and not text[2:].lower().startswith("d"):
        return str(json.loads(f'"{text}"'))
    raise Untranslated("a text with an uncommon escape")


_ESCAPES = {
    "\\b": "\b",
    "\\f": "\f",
    "\\n": "\n",
    "\\t": "\t",
    "\\r": "\r",
    "\\\\": "\\",
    "\\'": "'",
    '\\"': '"',
    "\\`": "`",
    "\\/": "/",
    "\\$": "$",
}
_FILE = {
    "basename": TEXT,
    "nameroot": TEXT,
    "nameext": TEXT,
    "location": MAYBE_TEXT,
    "path": MAYBE_TEXT,
    "dirname": MAYBE_TEXT,
    "contents": MAYBE_TEXT,
    "checksum": MAYBE_TEXT,
    "format": MAYBE_TEXT,
}
_ORDER = {"<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal"}
_COMPARISONS = frozenset({"==", "!=", "===", "!==", *_ORDER})

_VALUES = {
    "parenthesized_expression": Translator._inside,
    "string": Translator._text,
    "number": Translator._number,
    "true": Translator._constant,
    "false": Translator._constant,
    "null": Translator._constant,
    "undefined": Translator._constant,
    "identifier": Translator._identifier,
    "member_expression": Translator._member,
    "subscript_expression": Translator._member,
    "ternary_expression": Translator._ternary,
    "array": Translator._array,
    "object": Translator._object,
    "unary_expression": Translator._unary,
    "binary_expression": Translator._binary,
    "template_string": Translator._template,
    "call_expression": Translator._call,
}


def _only(node: Node) -> Node:
    inside = [child for child in node.named_children if child.type != "comment"]
    if len(inside) != 1:
        raise Untranslated("it has an uncommon form")
    return inside[0]


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise Untranslated("it has an uncommon form")
    return found


def _has_optional_chain(node: Node) -> bool:
    return any(child.type == "optional_chain" for child in node.children)


def _nonzero(expr: Expr) -> bool:
    return isinstance(expr, (IntLit, FloatLit)) and expr.number != 0


def _is_fraction(expr: Expr) -> bool:
    return isinstance(expr, FloatLit) and math.isfinite(expr.number)


def _kinds(what: Known) -> str:
    if what.may("any"):
        return "something of an unknown type"
    return " or ".join(sorted(what.kinds)) or "nothing"
