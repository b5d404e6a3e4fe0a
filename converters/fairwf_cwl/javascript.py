"""Which names a JavaScript text uses: ``inputs.x``, ``self``, ``runtime.cores``.

Parsed with tree-sitter. A parameter of a function hides the name of its own; a name that a text
binds otherwise (``var self``) counts as used, which only makes the text see more than it needs.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

ROOTS = ("inputs", "self", "runtime")
_FUNCTIONS = frozenset(
    {"function_expression", "function_declaration", "arrow_function", "method_definition"}
)


class Uses(msgspec.Struct):
    """Names used: members by root, roots used as a whole; ``broken``: a syntax error's octet."""

    members: dict[str, list[str]] = msgspec.field(
        default_factory=lambda: {root: [] for root in ROOTS}
    )
    whole: set[str] = msgspec.field(default_factory=set)
    broken: int | None = None

    def add(self, other: Uses) -> None:
        """Take over another text's names."""
        for root in ROOTS:
            known = self.members[root]
            known.extend(name for name in other.members[root] if name not in known)
        self.whole |= other.whole


@cache
def _parser() -> Parser:
    import tree_sitter_javascript
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_javascript.language()))


def parse(text: str, form: str) -> tuple[Node, bytes, int]:
    """Return the syntax tree of an expression, function body or program, its text, the offset."""
    before, after = {"expression": ("(", "\n)"), "body": ("(function(){", "\n})")}.get(
        form, ("", "")
    )
    data = (before + text + after).encode("utf-8", "surrogatepass")
    return _parser().parse(data).root_node, data, len(before)


@cache
def uses(text: str, form: str) -> Uses:
    """Return the names that a text uses; ``form`` is expression, body or program."""
    root, data, lead = parse(text, form)
    found = Uses()
    # the grammar knows no comments of old web pages, which engines still do (ECMA-262, B.1.1)
    if root.has_error and "<!--" not in text and "-->" not in text:
        found.broken = _error_offset(root, lead)
    stack: list[tuple[Node, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, hidden = stack.pop()
        if node.type in _FUNCTIONS:
            hidden |= _parameters(node, data)
        if node.type in ("identifier", "shorthand_property_identifier"):
            name = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
            if name in ROOTS and name not in hidden:
                member = _member(node, data) if node.type == "identifier" else None
                if member is None:
                    found.whole.add(name)
                elif member not in found.members[name]:
                    found.members[name].append(member)
        stack.extend((child, hidden) for child in reversed(node.children))
    return found


def _parameters(function: Node, data: bytes) -> frozenset[str]:
    parts = [function.child_by_field_name("parameter")]
    several = function.child_by_field_name("parameters")
    parts.extend(several.children if several is not None else ())
    found = [part for part in parts if part is not None and part.type == "identifier"]
    return frozenset(data[p.start_byte : p.end_byte].decode("utf-8", "replace") for p in found)


def _member(node: Node, data: bytes) -> str | None:
    parent = node.parent
    if parent is None:
        return None
    holder = parent.child_by_field_name("object")
    if holder is None or holder.start_byte != node.start_byte or holder.end_byte != node.end_byte:
        return None
    if parent.type == "member_expression":
        name = parent.child_by_field_name("property")
        return data[name.start_byte : name.end_byte].decode() if name is not None else None
    if parent.type == "subscript_expression":
        index = parent.child_by_field_name("index")
        if index is not None and index.type == "string":
            parts = [child for child in index.children if child.is_named]
            if all(child.type == "string_fragment" for child in parts):
                return b"".join(data[c.start_byte : c.end_byte] for c in parts).decode()
            return _escaped(data[index.start_byte : index.end_byte].decode("utf-8", "replace"))
    return None


def _escaped(text: str) -> str | None:
    """Return what a text with escapes says that JSON has too; None for any other."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def _error_offset(root: Node, lead: int) -> int | None:
    """Return where the first syntax error is.

    Templates are left out: a tag may take any escape (``String.raw`\\u` ``), which the grammar does
    not know.
    """
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type == "ERROR" or node.is_missing:
            return max(0, node.start_byte - lead)
        if node.type != "template_string":
            stack.extend(reversed([child for child in node.children if child.has_error]))
    return None
