"""Functions of ``expressionLib``: what one gives stands in place of the call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from fairwf.ir.expressions import NoneLit
from fairwf_cwl import javascript
from fairwf_cwl.translate.bodies import body
from fairwf_cwl.translate.kinds import known
from fairwf_cwl.translate.scope import Here, Untranslated, Value
from fairwf_cwl.translate.syntax import field, too_deep

if TYPE_CHECKING:
    from tree_sitter import Node

    from fairwf_cwl.translate.values import Translator

MOST_NESTED = 8
"""Calls inside what is called."""
MOST_CALLS = 200
"""Calls of one text, with those inside what they call."""
_NAMING = ("function_declaration", "generator_function_declaration", "variable_declarator")
_INSIDE = "inside a function"
_ASSIGNMENT = "assignment_expression"
_FUNCTIONS = ("function_declaration", "function_expression", "arrow_function")


class Function(NamedTuple):
    """A function of a library: its node, and the text that the node is of."""

    node: Node
    data: bytes


def called(work: Translator, call: Node, arguments: list[Node], here: Here) -> Value:
    """Return what a function of a library gives.

    One that gives ``self`` another value is called last, so that nothing sees it.

    Raises:
        Untranslated: there is none, or what it does stays JavaScript.
    """
    name = work.source(field(call, "function"))
    function = _functions(work.names.libraries).get(name)
    if function is None:
        raise Untranslated("it calls a function of a library")
    if work.nested >= MOST_NESTED:
        raise Untranslated("it calls functions of libraries that call others")
    if next(work.calls) > MOST_CALLS:
        raise Untranslated("it is too long")
    values = [work.value(one, here) for one in arguments]
    if not all(value.known.total for value in values):
        raise Untranslated("it may throw before the value is needed")
    inner = work.of_library(function.data, _is_last(call))
    parameters = _parameters(inner, function.node)
    missing = [Value(NoneLit(), known("undefined"))] * len(parameters)
    own = dict(zip(parameters, [*values, *missing], strict=False))
    if "self" in here.names:
        own["self"] = here.names["self"]
    elif "self" in _assigned(function.node, function.data):
        own["self"] = work.self_here()
    if "self" in own and not inner.last:
        raise Untranslated("it gives self another value")
    inside = field(function.node, "body")
    if inside.type != "statement_block":
        return inner.value(inside, Here(own, here.there))
    return body(inner, inside, Here(own, here.there), frozenset(own))


def _assigned(node: Node, data: bytes) -> set[str]:
    return {name for name, how in _named(node, data) if how == _ASSIGNMENT}


def _is_last(call: Node) -> bool:
    """Tell whether a text or function ends with a call."""
    at = call.parent
    while at is not None and at.type == "parenthesized_expression":
        at = at.parent
    if at is not None and at.type == "expression_statement":
        return at.parent is not None and at.parent.type == "program"
    if at is None or at.type != "return_statement":
        return False
    functions = 0
    while at is not None:
        functions += at.type in _FUNCTIONS
        at = at.parent
    return functions == 1


def _parameters(work: Translator, function: Node) -> list[str]:
    one = function.child_by_field_name("parameter")
    several = function.child_by_field_name("parameters")
    inside = [one] if one is not None else several.named_children if several is not None else []
    parts = [part for part in inside if part.type != "comment"]
    names = [work.source(part) for part in parts]
    plain = all(part.type == "identifier" for part in parts) and len({*names}) == len(names)
    if not plain or {*names} & {"inputs", "self", "runtime", "undefined", "arguments"}:
        raise Untranslated("a function of an uncommon form")
    return names


@lru_cache(maxsize=64)
def _functions(libraries: tuple[str, ...]) -> Mapping[str, Function]:
    """Return the functions that libraries define once and for all, by name."""
    found: dict[str, Function] = {}
    given: list[str] = []
    for text in libraries:
        root, data, _ = javascript.parse(text, "program")
        if root.has_error or too_deep(root):
            return {}
        for name, node in _defined(root, data):
            found[name] = Function(node, data)
        given += [name for name, how in _named(root, data) if how != _INSIDE]
    return {name: function for name, function in found.items() if given.count(name) == 1}


def _defined(root: Node, data: bytes) -> Iterator[tuple[str, Node]]:
    for statement in root.named_children:
        if statement.type == "function_declaration":
            yield _text(statement.child_by_field_name("name"), data), statement
        elif statement.type in ("variable_declaration", "lexical_declaration"):
            for part in statement.named_children:
                value = part.child_by_field_name("value")
                if value is not None and part.type == "variable_declarator" and _is_function(value):
                    yield _text(part.child_by_field_name("name"), data), value
        elif statement.type == "expression_statement" and statement.named_children:
            inside = statement.named_children[0]
            value = inside.child_by_field_name("right")
            if value is not None and inside.type == _ASSIGNMENT and _is_function(value):
                yield _text(inside.child_by_field_name("left"), data), value


def _is_function(node: Node) -> bool:
    if node.type not in _FUNCTIONS or node.child_by_field_name("name"):
        return False
    return not any(child.type == "async" for child in node.children)


def _named(root: Node, data: bytes) -> Iterator[tuple[str, str]]:
    """Yield every name that is declared or assigned anywhere, as often as it is, and by what."""
    stack = [(root, True)]
    while stack:
        node, outermost = stack.pop()
        if node.type in _NAMING:
            how = node.type if outermost else _INSIDE
            yield _text(node.child_by_field_name("name"), data), how
        elif node.type in (_ASSIGNMENT, "augmented_assignment_expression"):
            yield _text(node.child_by_field_name("left"), data), _ASSIGNMENT
        elif node.type == "update_expression":
            yield _text(node.child_by_field_name("argument"), data), node.type
        outermost = outermost and node.type not in _FUNCTIONS
        stack.extend((child, outermost) for child in node.children)


def _text(node: Node | None, data: bytes) -> str:
    return "" if node is None else data[node.start_byte : node.end_byte].decode("utf-8", "replace")
