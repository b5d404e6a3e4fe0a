"""Function bodies: ``var``, assignments, ``if``, loops and ``return``, as one expression.

A local name stands for its expression. What comes after an ``if`` that returns is translated for
both of its branches; after another, a name that it changed is a choice.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from fairwf.ir.expressions import NoneLit
from fairwf_cwl.translate.conditions import condition
from fairwf_cwl.translate.kinds import ABSENT, known
from fairwf_cwl.translate.operators import operate
from fairwf_cwl.translate.repeats import pushed, repeated
from fairwf_cwl.translate.scope import Here, Untranslated, Value
from fairwf_cwl.translate.syntax import field, inside_of, statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fairwf_cwl.translate.values import Translator

MOST_STATEMENTS = 64
_GIVEN = frozenset(
    ["inputs", "self", "runtime", "undefined", "Math", "String", "parseInt", "Array"]
)
_LOOPS = ("for_statement", "for_in_statement")


def body(
    work: Translator, block: Node, here: Here, parameters: frozenset[str] = frozenset()
) -> Value:
    """Return what a function body returns; undefined where it ends without.

    ``parameters`` are names that it may give another value.

    Raises:
        Untranslated: it does something else.
    """
    names = _declared(work, block)
    if names & (here.names.keys() | _GIVEN):
        raise Untranslated("it gives a name another meaning")
    for name in names:  # where a path gives it no value
        here = here.with_name(name, Value(NoneLit(), known("undefined")))
    return Body(work, block, parameters | names).run(statements(block), here)


def _declared(work: Translator, block: Node) -> set[str]:
    """Return the names that a function makes itself."""
    names: set[str] = set()
    todo = [(one, True) for one in block.named_children]
    while todo:
        node, outermost = todo.pop()
        if node.type in ("function_expression", "arrow_function"):
            continue
        if node.type == "class_declaration" or (node.type == "function_declaration"):
            raise Untranslated(f"it has a {node.type.replace('_', ' ')}")
        counts = node.parent is not None and node.parent.type == "for_statement"
        if node.type == "lexical_declaration" and not (outermost or counts):
            raise Untranslated("a name that a block makes for itself")
        if node.type == "variable_declarator":
            names.add(work.source(field(node, "name")))
        todo += [(child, False) for child in node.named_children]
    return names


class Body:
    """Translates the statements of one function; ``own`` are the names that it may change."""

    def __init__(self, work: Translator, block: Node, own: frozenset[str]) -> None:
        self.work = work
        self.block = block
        self.own = own
        self.count = 0

    def run(self, todo: Sequence[Node], here: Here) -> Value:
        """Return what these statements return, one after the other."""
        if not todo:
            return Value(NoneLit(), known("undefined"))
        self._counted()
        first, rest = todo[0], todo[1:]
        if first.type == "return_statement":
            given = [one for one in first.named_children if one.type != "comment"]
            if not given:
                return Value(NoneLit(), known("undefined"))
            return self.work.value(given[0], here)
        if first.type == "if_statement":
            return self.choose(first, rest, here)
        if first.type == "statement_block":
            return self.run([*statements(first), *rest], here)
        return self.run(rest, self.effect(first, here))

    def _counted(self) -> None:
        self.count += 1
        if self.count > MOST_STATEMENTS:
            raise Untranslated("it is too long")

    def effect(self, node: Node, here: Here) -> Here:
        """Return the names after a statement that returns nothing."""
        self._counted()
        if node.type in ("variable_declaration", "lexical_declaration"):
            return self.declare(node, here)
        if node.type == "expression_statement":
            return self.assign(node, here)
        if node.type == "statement_block":
            for one in statements(node):
                here = self.effect(one, here)
            return here
        if node.type == "if_statement":
            return self.merge(node, here)
        if node.type in _LOOPS:
            return repeated(self, node, here)
        raise Untranslated(f"it has a {node.type.replace('_', ' ')}")

    def choose(self, node: Node, rest: Sequence[Node], here: Here) -> Value:
        """Translate ``if`` with what comes after it."""
        if not inside_of(node, "return_statement"):
            # where it fails, each branch may know more of its names than both together
            with suppress(Untranslated):
                return self.run(rest, self.merge(node, here))
        test = condition(self.work, field(node, "condition"), here)
        then = [field(node, "consequence"), *rest]
        clause = node.child_by_field_name("alternative")
        other = [*statements(clause), *rest] if clause is not None else list(rest)
        one = self.run(then, here.knowing(test.then))
        two = self.run(other, here.knowing(test.otherwise))
        return self.work.choice(test, one, two)

    def merge(self, node: Node, here: Here) -> Here:
        """Return the names after an ``if`` that returns nothing: what it changed is a choice."""
        test = condition(self.work, field(node, "condition"), here)
        clause = node.child_by_field_name("alternative")
        one = two = here
        one = self.effect(field(node, "consequence"), here.knowing(test.then))
        for part in statements(clause) if clause is not None else ():
            two = self.effect(part, two.knowing(test.otherwise))
        two = two.knowing(test.otherwise)
        after = here
        for name in self.own:
            then, other = one.names.get(name), two.names.get(name)
            if then is None or other is None:
                after = after.without(name)
            elif then.expr is not other.expr:
                chosen = self.work.choice(test, _narrowed(then, one), _narrowed(other, two))
                after = self.named(name, chosen, after)
        return after

    def declare(self, node: Node, here: Here) -> Here:
        """Translate ``var x = ...``."""
        for one in node.named_children:
            if one.type != "variable_declarator":
                continue
            name = field(one, "name")
            value = one.child_by_field_name("value")
            if name.type != "identifier":
                raise Untranslated("it takes values apart")
            if value is not None:
                found = self.work.value(value, here)
                here = self.named(self.work.source(name), found, here)
        return here

    def assign(self, node: Node, here: Here) -> Here:
        """Translate ``x = ...``, ``x += ...``, ``x.push(...)`` and ``y.forEach(...)``."""
        inside = node.named_children[0] if node.named_children else node
        if inside.type == "call_expression":
            found = pushed(self, inside, here)
            return repeated(self, inside, here) if found is None else found
        if inside.type not in ("assignment_expression", "augmented_assignment_expression"):
            if inside.type == "string":
                return here  # a directive, or nothing
            raise Untranslated(f"it has a {inside.type.replace('_', ' ')} as a statement")
        left = field(inside, "left")
        name = self.work.source(left)
        if left.type != "identifier" or name not in self.own:
            raise Untranslated("it changes an object, or a name that it did not make")
        value = self.work.value(field(inside, "right"), here)
        if inside.type == "augmented_assignment_expression":
            if name not in here.names:
                raise Untranslated("a round of a loop uses what those before it made")
            operator = self.work.source(field(inside, "operator"))
            value = operate(operator.removesuffix("="), here.names[name], value)
        return self.named(name, value, here)

    def named(self, name: str, value: Value, here: Here) -> Here:
        """Let a name stand for a value, which must not throw: it may stand where it is not used."""
        if not value.known.total:
            raise Untranslated("it may throw before the value is needed")
        return here.with_name(name, value.short())


def _narrowed(value: Value, here: Here) -> Value:
    if value.known.kinds & ABSENT and repr(value.expr) in here.there:
        return Value(value.expr, value.known.present())
    return value
