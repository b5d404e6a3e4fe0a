"""Expressions of JavaScript as nodes of the IR, with what is known of their values."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Expr,
    FloatLit,
    If,
    Index,
    IntLit,
    NoneLit,
    Record,
    Runtime,
    StringLit,
)
from fairwf.ir.walk import nodes
from fairwf_cwl import javascript
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.translate.bodies import body
from fairwf_cwl.translate.choices import flattened
from fairwf_cwl.translate.conditions import COMPARISONS, condition
from fairwf_cwl.translate.kinds import (
    ABSENT,
    EXACT,
    IS_ARRAY,
    MAYBE_TEXT,
    TEXT,
    TRUTH,
    Known,
    crosses,
    in_words,
    joined,
    known,
    of_type,
    whole,
)
from fairwf_cwl.translate.methods import call
from fairwf_cwl.translate.operators import joined_text, operate
from fairwf_cwl.translate.scope import MOST_VALUES, Here, Test, Untranslated, Value
from fairwf_cwl.translate.syntax import field, has_optional_chain, only, too_deep, unescaped

if TYPE_CHECKING:
    from tree_sitter import Node


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
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")


class Translator:
    """Translates the texts of one place."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.data = b""
        self.parameters = itertools.count(1)
        self.calls = itertools.count(1)
        self.values = itertools.count(1)
        self.nested = 0
        self.last = True

    def of_library(self, data: bytes, last: bool) -> Translator:
        """Return a translator of a library's text; ``last``: nothing comes after what is called."""
        inner = Translator(self.names)
        inner.last = self.last and last
        inner.data, inner.nested = data, self.nested + 1
        inner.parameters, inner.calls, inner.values = self.parameters, self.calls, self.values
        return inner

    def text(self, text: str, form: str) -> Expr:
        """Return what a text means."""
        if _changes_built_ins(self.names.libraries):
            raise Untranslated("a library may change what JavaScript brings")
        root, self.data, _ = javascript.parse(text, form)
        if root.has_error:
            raise Untranslated("it does not parse")
        if too_deep(root):
            raise Untranslated("it nests too deep")
        inner = only(only(root))
        if form == "expression":
            value = self.value(only(inner), Here({}))
        else:
            value = body(self, field(only(inner), "body"), Here({}))
        if not crosses(value.known) and not _is_fraction(value.expr):
            raise Untranslated("its result may be a number that JavaScript changes, or anything")
        if any(call.function == IS_ARRAY for call in nodes(value.short().expr, Call)):
            raise Untranslated("it asks whether something is an array")
        return value.expr

    def source(self, node: Node) -> str:
        """Return the text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8")

    # --- values ---------------------------------------------------------------------------------

    def value(self, node: Node, here: Here) -> Value:
        """Return the value of an expression."""
        if next(self.values) > MOST_VALUES:
            raise Untranslated("it takes too long")
        method = _VALUES.get(node.type)
        if method is None:
            raise Untranslated(f"it has a {node.type.replace('_', ' ')}")
        found: Value = method(self, node, here)
        if node.type in _GROWING:  # parts of it may stand twice, and so on inside of them
            found.short()
        if found.known.kinds & ABSENT and repr(found.expr) in here.there:
            return Value(found.expr, found.known.present())
        return found

    def _inside(self, node: Node, here: Here) -> Value:
        return self.value(only(node), here)

    def _text(self, node: Node, here: Here) -> Value:
        return Value(StringLit(value=self.string(node)), TEXT)

    def string(self, node: Node) -> str:
        """Return the value of a string literal."""
        parts = []
        for part in node.named_children:
            text = self.source(part)
            if part.type == "escape_sequence":
                text = unescaped(text)
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
            return self.self_here()
        raise Untranslated(f"it uses {name!r:.30} as a whole" if name == "inputs" else "a library")

    def self_here(self) -> Value:
        """Return the value of ``self``."""
        bound = self.names.self
        return Value(NoneLit(), known("none")) if bound is None else _bound(bound)

    def _member(self, node: Node, here: Here) -> Value:
        if node.type == "subscript_expression":
            index = field(node, "index")
            if index.type != "string":
                return self._item(node, index, here)
            name = self.string(index)
        else:
            if has_optional_chain(node):
                raise Untranslated("it has an optional chain")
            name = self.source(field(node, "property"))
        of = field(node, "object")
        if of.type == "identifier" and self.source(of) not in here.names:
            root = self.source(of)
            if root == "inputs":
                bound = self.names.inputs.get(name)
                if bound is None:
                    raise Untranslated("it uses an input that is not there")
                return _bound(bound)
            if root == "runtime":
                return self._runtime(name)
        return self.attribute(self.value(of, here), name)

    def _runtime(self, name: str) -> Value:
        bound = self.names.runtime_of(name)
        if bound is None:
            raise Untranslated("it uses a part of runtime that is not there")
        made = bound.make()
        if not isinstance(made, (Runtime, IntLit)):
            raise Untranslated("it uses a number of GPUs that is computed")
        kind = TEXT if name in ("outdir", "tmpdir") else whole(MOST_ITEMS, 0)
        return Value(made, kind)

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
        attribute = None
        if there.only("file"):
            attribute = _FILE.get(name)
        elif there.only("file", "directory"):
            attribute = _EITHER.get(name)
        if attribute is None:
            raise Untranslated(f"it asks for the member {name!r:.30} of {in_words(there)}")
        return Value(Attr(of=of.expr, name=name), replace(attribute, total=total))

    def _item(self, node: Node, index: Node, here: Here) -> Value:
        key = self.source(field(node, "object")), self.source(index)
        if key in here.items:
            return here.items[key]
        of, at = self.value(field(node, "object"), here), self.value(index, here)
        if not isinstance(at.expr, IntLit) or not of.known.present().only("array"):
            raise Untranslated("it takes an item by a computed index, or of no array")
        if of.known.may(*ABSENT):
            raise Untranslated("it takes an item of what may be absent")
        number, total = int(at.expr.number), of.known.total
        if 0 <= number < len(of.known.parts):
            found, made = of.known.parts[number], Call(function="get", args=(of.expr, at.expr))
            return Value(made, found if total else found.partial())
        item = of.known.item or known("any")
        item = item if total else item.partial()
        if number == 0 and isinstance(of.expr, Array) and len(of.expr.items) == 1:
            return Value(of.expr.items[0], item)
        if number == 0 and of.known.filled:
            return Value(Index(of=of.expr, by=at.expr), item)
        kinds = item.kinds | {"undefined"}
        return Value(Call(function="get", args=(of.expr, at.expr)), replace(item, kinds=kinds))

    def _ternary(self, node: Node, here: Here) -> Value:
        test = condition(self, field(node, "condition"), here)
        then = self.value(field(node, "consequence"), here.knowing(test.then))
        other = self.value(field(node, "alternative"), here.knowing(test.otherwise))
        return self.choice(test, then, other)

    def choice(self, test: Test, then: Value, other: Value) -> Value:
        """Return the one value where a test holds, else the other."""
        flat = flattened(test, then, other)
        if flat is not None:
            return flat
        one = joined([then.known, other.known])
        expr = If(test=test.expr, then=then.expr, otherwise=other.expr)
        return Value(expr, one if test.total else one.partial())

    def _array(self, node: Node, here: Here) -> Value:
        inside = [one for one in node.named_children if one.type != "comment"]
        tokens = [child.type for child in node.children if child.type != "comment"]
        holes = any(a in ("[", ",") and b == "," for a, b in itertools.pairwise(tokens))
        if holes or any(part.type == "spread_element" for part in inside):
            raise Untranslated("it has a spread or an array with holes")
        items = [self.value(part, here) for part in inside]
        item = joined([one.known for one in items]) if items else known()
        expr = Array(items=tuple(one.expr for one in items))
        total = all(one.known.total for one in items)
        array = Known(frozenset({"array"}), item=item, filled=bool(items), total=total)
        return Value(expr, array)

    def _object(self, node: Node, here: Here) -> Value:
        fields: dict[str, Value] = {}
        for part in node.named_children:
            if part.type == "comment":
                continue
            if part.type != "pair":
                raise Untranslated("it has an object of an uncommon form")
            key = field(part, "key")
            if key.type not in ("property_identifier", "string"):
                raise Untranslated("it has an object of an uncommon form")
            name = self.string(key) if key.type == "string" else self.source(key)
            if name in fields or name in ("class", "__proto__") or name.isdigit():
                raise Untranslated("it makes a file, or has an object of an uncommon form")
            value = self.value(field(part, "value"), here)
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
        operator = self.source(field(node, "operator"))
        if operator == "!":
            return self._as_value(condition(self, node, here))
        argument = self.value(field(node, "argument"), here)
        if operator == "-" and isinstance(argument.expr, IntLit) and argument.expr.number:
            number = -argument.expr.number
            return Value(IntLit(value=number), whole(-number, number))
        raise Untranslated(f"it has the operator {operator}")

    def _as_value(self, test: Test) -> Value:
        return Value(test.expr, replace(TRUTH, total=test.total))

    def _binary(self, node: Node, here: Here) -> Value:
        operator = self.source(field(node, "operator"))
        if operator in ("&&", "||"):
            left = self.value(field(node, "left"), here)
            test = condition(self, field(node, "left"), here)
            more = test.then if operator == "&&" else test.otherwise
            right = self.value(field(node, "right"), here.knowing(more))
            if left.known.only("bool") and right.known.only("bool"):
                return self._as_value(condition(self, node, here))
            if operator == "&&":
                return self.choice(test, right, left)
            return self.choice(test, Value(left.expr, left.known.present()), right)
        if operator in COMPARISONS:
            return self._as_value(condition(self, node, here))
        left = self.value(field(node, "left"), here)
        right = self.value(field(node, "right"), here)
        return operate(operator, left, right)

    def _template(self, node: Node, here: Here) -> Value:
        values: list[Value] = [Value(StringLit(value=""), TEXT)]
        for part in node.named_children:
            if part.type == "template_substitution":
                values.append(self.value(only(part), here))
            elif part.type == "string_fragment":
                text = self.source(part)
                if "\r" in text:
                    raise Untranslated("a text with an uncommon line end")
                values.append(Value(StringLit(value=text), TEXT))
            else:
                text = unescaped(self.source(part))
                values.append(Value(StringLit(value=text), TEXT))
        return joined_text(values)

    # --- calls ----------------------------------------------------------------------------------

    def _call(self, node: Node, here: Here) -> Value:

        return call(self, node, here)


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
    # The engine gives each input and output its size.
    "size": whole(MOST_BYTES, 0),
}
_EITHER = {name: _FILE[name] for name in ("basename", "location", "path")}
"""What folders have, too."""
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
_GROWING = ("ternary_expression", "binary_expression", "call_expression")


def _bound(bound: Bound) -> Value:
    kinds = of_type(bound.type)
    if bound.parts:
        parts = tuple(_bound(part).known for part in bound.parts)
        kinds = Known(frozenset({"array"}), item=joined([*parts]), filled=True, parts=parts)
    return Value(bound.make(), kinds)


@lru_cache(maxsize=64)
def _changes_built_ins(libraries: tuple[str, ...]) -> bool:
    return any(_CHANGED_BUILT_INS.search(_HARMLESS.sub("", text)) for text in libraries)


def _is_fraction(expr: Expr) -> bool:
    return isinstance(expr, FloatLit) and math.isfinite(expr.number)
