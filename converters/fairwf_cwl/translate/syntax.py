"""Nodes of JavaScript's syntax trees."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from fairwf_cwl.translate.scope import Untranslated

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_DEPTH = 100
"""Levels of a syntax tree that is translated."""


def only(node: Node) -> Node:
    """Return the one node inside, comments apart."""
    inside = [child for child in node.named_children if child.type != "comment"]
    if len(inside) != 1:
        raise Untranslated("it has an uncommon form")
    return inside[0]


def field(node: Node, name: str) -> Node:
    """Return a part of a node by its name in the grammar."""
    found = node.child_by_field_name(name)
    if found is None:
        raise Untranslated("it has an uncommon form")
    return found


def statements(block: Node) -> list[Node]:
    """Return the statements of a block, or the one that stands without."""
    if block.type not in ("statement_block", "else_clause"):
        return [block]
    return [one for one in block.named_children if one.type not in ("comment", "empty_statement")]


def inside_of(node: Node, *types: str) -> bool:
    """Tell whether a node holds one of these types, functions inside it apart."""
    stack = list(node.named_children)
    while stack:
        at = stack.pop()
        if at.type in types:
            return True
        if at.type not in ("function_expression", "arrow_function"):
            stack.extend(at.named_children)
    return False


def too_deep(root: Node) -> bool:
    """Tell whether nodes stand inside nodes deeper than people write, and recursion should go."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > MOST_DEPTH:
            return True
        stack.extend((child, depth + 1) for child in node.children)
    return False


def has_optional_chain(node: Node) -> bool:
    """Tell whether a member or call is skipped where its object is not there (``a?.b``)."""
    return any(child.type == "optional_chain" for child in node.children)


def unescaped(text: str) -> str:
    """Return the character that an escape sequence stands for."""
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
