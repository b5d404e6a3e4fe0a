"""Function bodies: ``var``, assignments, ``if`` and ``return``, as one expression.

A local name stands for its expression. What comes after an ``if`` is translated for both of its
branches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairwf.ir.expressions import NoneLit
from fairwf_cwl.translate.conditions import condition
from fairwf_cwl.translate.kinds import known
from fairwf_cwl.translate.operators import operate
from fairwf_cwl.translate.scope import Here, Untranslated, Value
from fairwf_cwl.translate.syntax import field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from fairwf_cwl.translate.values import Translator

MOST_STATEMENTS = 64
_GIVEN = frozenset(["inputs", "self", "runtime", "undefined", "Math", "String", "parseInt"])


def body(work: Translator, block: Node, here: Here) -> Value:
    """Return what a function body returns; undefined where it ends without.

    Raises:
        Untranslated: it does something else.
    """
    names = _declared(work, block)
    if names & (here.names.keys() | _GIVEN):
        raise Untranslated("it gives a name another meaning")
    for name in names:  # where a path gives it no value
        here = here.with_name(name, Value(NoneLit(), known("undefined")))
    return _Body(work, frozenset(names)).run(_statements(block), here)


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
        if node.type == "lexical_declaration" and not outermost:
            raise Untranslated("a name that a block makes for itself")
        if node.type == "variable_declarator":
            names.add(work.source(field(node, "name")))
        todo += [(child, False) for child in node.named_children]
    return names


def _statements(block: Node) -> list[Node]:
    return [one for one in block.named_children if one.type not in ("comment", "empty_statement")]


class _Body:
    def __init__(self, work: Translator, own: frozenset[str]) -> None:
        self.work = work
        self.own = own
        self.count = 0

    def run(self, statements: Sequence[Node], here: Here) -> Value:
        """Return what these statements return, one after the other."""
        if not statements:
            return Value(NoneLit(), known("undefined"))
        self.count += 1
        if self.count > MOST_STATEMENTS:
            raise Untranslated("it is too long")
        first, rest = statements[0], statements[1:]
        if first.type == "return_statement":
            given = [one for one in first.named_children if one.type != "comment"]
            if not given:
                return Value(NoneLit(), known("undefined"))
            return self.work.value(given[0], here)
        if first.type == "if_statement":
            return self.choose(first, rest, here)
        if first.type == "statement_block":
            return self.run([*_statements(first), *rest], here)
        if first.type in ("variable_declaration", "lexical_declaration"):
            return self.run(rest, self.declare(first, here))
        if first.type == "expression_statement":
            return self.run(rest, self.assign(first, here))
        raise Untranslated(f"it has a {first.type.replace('_', ' ')}")

    def choose(self, node: Node, rest: Sequence[Node], here: Here) -> Value:
        """Translate ``if`` with what comes after it."""
        test = condition(self.work, field(node, "condition"), here)
        then = [field(node, "consequence"), *rest]
        clause = node.child_by_field_name("alternative")
        other = [*_statements(clause), *rest] if clause is not None else list(rest)
        one = self.run(then, here.knowing(test.then))
        two = self.run(other, here.knowing(test.otherwise))
        return self.work.choice(test, one, two)

    def declare(self, node: Node, here: Here) -> Here:
        """Translate ``var x = ...``."""
        for one in node.named_children:
            if one.type != "variable_declarator":
                continue
            name = field(one, "name")
            value = one.child_by_field_name("value")
            if name.type != "identifier":
                raise Untranslated("it takes values apart")
            found = Value(NoneLit(), known("undefined"))
            if value is not None:
                found = self.work.value(value, here)
            here = self.named(self.work.source(name), found, here)
        return here

    def assign(self, node: Node, here: Here) -> Here:
        """Translate ``x = ...`` and ``x += ...``."""
        inside = node.named_children[0] if node.named_children else node
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
            operator = self.work.source(field(inside, "operator"))
            value = operate(operator.removesuffix("="), here.names[name], value)
        return self.named(name, value, here)

    def named(self, name: str, value: Value, here: Here) -> Here:
        """Let a name stand for a value, which must not throw: it may stand where it is not used."""
        if not value.known.total:
            raise Untranslated("it may throw before the value is needed")
        return here.with_name(name, value)
