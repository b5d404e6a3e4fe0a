"""What the JavaScript of an ExpressionTool returns, where it is written out as one object.

CWL v1.2 does not check the outputs of an ExpressionTool (Workflow v1.2.1, changelog), so a name
or a literal that does not fit is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fairwf.ir import types as ir
from fairwf.ir.origins import Span
from fairwf.ir.types_text import describe
from fairwf.report import Report
from fairwf.source import did_you_mean
from fairwf_cwl.interpolate import UnfinishedError, pieces
from fairwf_cwl.javascript import parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from fairwf_cwl.ports import Port

_LITERALS = {
    "string": "a text",
    "template_string": "a text",
    "true": "a truth value",
    "false": "a truth value",
    "null": "null",
    "array": "a list",
    "number": "a number",
}


def check_returned(text: str, span: Span, outputs: list[Port], report: Report) -> None:
    """Tell of outputs that the returned object lacks, does not know, or gives the wrong kind."""
    found = _object(text)
    if found is None:
        return
    ports = {port.id: port for port in outputs}
    for name in found:
        if name not in ports:
            report.add(
                "FWF2012",
                f"the expression returns {name!r:.60}, which is no output",
                span=span,
                hint=did_you_mean(name, ports) or f"outputs: {', '.join(ports) or 'none'}"[:300],
            )
    for port in outputs:
        wanted = port.ir_type
        if port.id not in found:
            if not _takes("null", "null", wanted):
                report.add(
                    "FWF2012",
                    f"the expression does not return the output {port.id!r:.60}",
                    span=span,
                    hint=f"it is {describe(wanted)}",
                )
            continue
        kind, value = found[port.id]
        if kind in _LITERALS and not _takes(kind, value, wanted):
            report.add(
                "FWF2012",
                f"the expression returns {_LITERALS[kind]} as {port.id!r:.60}, but"
                f" {describe(wanted)} is wanted",
                span=span,
            )


def _takes(kind: str, value: str, wanted: ir.Type) -> bool:
    match wanted:
        case ir.OptionalType(item=item):
            return kind == "null" or _takes(kind, value, item)
        case ir.UnionType(members=members):
            return any(_takes(kind, value, member) for member in members)
        case ir.AnyType():
            return kind != "null"
        case ir.NoneType():
            return kind == "null"
        case ir.BoolType():
            return kind in ("true", "false")
        case ir.StringType() | ir.EnumType():
            return kind in ("string", "template_string")
        case ir.FloatType():
            return kind == "number"
        case ir.IntType():
            return kind == "number" and not any(mark in value for mark in ".eE")
        case ir.ArrayType():
            return kind == "array"
        case _:
            return False


def _object(text: str) -> dict[str, tuple[str, str]] | None:
    """Return the kind and text of each member of the one object that is returned.

    None: the expression is something else, or has members whose names are computed.
    """
    try:
        parts = pieces(text)
    except UnfinishedError:
        return None
    if len(parts) != 1 or parts[0].kind == "text":
        return None
    form = "expression" if parts[0].kind == "paren" else "body"
    root, data, _ = parse(parts[0].text, form)
    if root.has_error:
        return None
    returned = list(_results(root, form))
    if len(returned) != 1 or returned[0].type != "object":
        return None
    found: dict[str, tuple[str, str]] = {}
    for member in returned[0].named_children:
        if member.type == "comment":
            continue
        name = _name(member, data)
        if name is None:
            return None
        value = member.child_by_field_name("value") or member
        found[name] = value.type, data[value.start_byte : value.end_byte].decode()
    return found


def _results(root: Node, form: str) -> Iterator[Node]:
    """Yield what an expression gives: itself, or what the function itself returns."""
    stack = list(root.named_children)
    inside = False
    while stack:
        node = stack.pop()
        if form == "expression" and node.type == "object":
            yield node
        elif node.type == "return_statement":
            yield from node.named_children[:1] or [node]
        elif node.type in ("function_expression", "function_declaration", "arrow_function"):
            if not inside and form == "body":
                inside = True
                stack.extend(node.named_children)
        elif form == "body" or node.type in ("expression_statement", "parenthesized_expression"):
            stack.extend(node.named_children)


def _name(member: Node, data: bytes) -> str | None:
    if member.type in ("shorthand_property_identifier", "shorthand_property"):
        return data[member.start_byte : member.end_byte].decode()
    if member.type != "pair":
        return None
    key = member.child_by_field_name("key")
    if key is None or key.type not in ("property_identifier", "string"):
        return None
    text = data[key.start_byte : key.end_byte].decode()
    if key.type == "property_identifier":
        return text
    return text[1:-1] if "\\" not in text else None
