"""Types, expressions and processes in a few words, for people."""

from __future__ import annotations

from fairwf.ir import expressions as ex
from fairwf.ir import types as ty
from fairwf.ir.command import Placeholder, Text
from fairwf.ir.expressions import Expr
from fairwf.ir.types import Type
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Workflow

LONGEST = 400


def type_text(kind: Type) -> str:
    """Return a type as text: ``File[]``, ``int?``, ``{sample: string}``."""
    if isinstance(kind, ty.ArrayType):
        return f"{_atom(kind.items)}[]"
    if isinstance(kind, ty.OptionalType):
        return f"{_atom(kind.item)}?"
    if isinstance(kind, ty.StreamType):
        return f"stream of {type_text(kind.items)}"
    if isinstance(kind, ty.MapType):
        return f"map of {type_text(kind.keys)} to {type_text(kind.values)}"
    if isinstance(kind, ty.KeyedType):
        keys = ", ".join(field.name for field in kind.keys)
        return f"{type_text(kind.value)} by {keys}"
    if isinstance(kind, ty.RecordType):
        return kind.name or "{" + ", ".join(field.name for field in kind.fields) + "}"
    if isinstance(kind, ty.EnumType):
        return kind.name or " | ".join(kind.symbols[:6]) + (" …" if len(kind.symbols) > 6 else "")
    if isinstance(kind, ty.UnionType):
        return " | ".join(type_text(member) for member in kind.members)
    return str(type(kind).__struct_config__.tag)


def _atom(kind: Type) -> str:
    text = type_text(kind)
    return f"({text})" if " " in text else text


def expression_text(node: Expr) -> str:
    """Return an expression as text, cut where it is very long."""
    text = _text(node, 0)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _text(node: Expr, depth: int) -> str:
    if depth > 12:
        return "…"
    simple = _leaf(node)
    if simple is not None:
        return simple

    def inner(child: Expr) -> str:
        return _text(child, depth + 1)

    if isinstance(node, ex.Attr):
        return f"{inner(node.of)}.{node.name}"
    if isinstance(node, ex.Index):
        return f"{inner(node.of)}[{inner(node.by)}]"
    if isinstance(node, ex.Call):
        return f"{node.function}({', '.join(inner(arg) for arg in node.args)})"
    if isinstance(node, ex.If):
        return f"if {inner(node.test)} then {inner(node.then)} else {inner(node.otherwise)}"
    if isinstance(node, ex.Array):
        return f"[{', '.join(inner(item) for item in node.items)}]"
    if isinstance(node, ex.Record):
        return "{" + ", ".join(f"{k}: {inner(v)}" for k, v in node.fields.items()) + "}"
    if isinstance(node, ex.Template):
        return " & ".join(inner(part) for part in node.parts)
    if isinstance(node, ex.Each):
        where = f" if {inner(node.where)}" if node.where is not None else ""
        return f"[{inner(node.body)} for {node.name} in {inner(node.over)}{where}]"
    return type(node).__name__


def _leaf(node: Expr) -> str | None:
    if isinstance(node, ex.Output):
        return f"{node.step}.{node.port}"
    if isinstance(node, (ex.Input, ex.StepInput, ex.Local, ex.Key, ex.State)):
        return node.name
    if isinstance(node, ex.BodyOutput):
        return f"body.{node.port}"
    if isinstance(node, ex.Runtime):
        return f"runtime.{node.name}"
    if isinstance(node, ex.NoneLit):
        return "none"
    if isinstance(node, ex.BoolLit):
        return "true" if node.value else "false"
    if isinstance(node, (ex.IntLit, ex.FloatLit)):
        return str(node.value)
    if isinstance(node, ex.StringLit):
        return repr(node.value)
    if isinstance(node, ex.BytesLit):
        return f"{len(node.value)} bytes"
    if isinstance(node, (ex.File, ex.Directory)):
        return node.basename or node.location or node.path or "file"
    if isinstance(node, ex.Opaque):
        return f"{node.language}: {node.text.strip()}"
    return None


def process_text(process: Process) -> str:
    """Return what a process does in a few words: its label, else its program."""
    if process.label:
        return process.label
    if isinstance(process, Command):
        words = []
        for argument in process.arguments[:3]:
            if not isinstance(argument.value, ex.StringLit) or argument.rendering.prefix:
                break
            words.append(argument.value.value)
        return " ".join(words) or process.id or "command"
    if isinstance(process, Script):
        return process.id or f"{process.interpreter[0].rsplit('/', 1)[-1]} script"
    if isinstance(process, Workflow):
        return process.id
    if isinstance(process, Operation):
        return process.implementation or process.id or "abstract operation"
    return process.id or "expression"


def program_text(process: Process) -> str | None:
    """Return the command line or script of a process, with expressions in braces."""
    if isinstance(process, Command):
        words = []
        for argument in process.arguments:
            prefix = f"{argument.rendering.prefix} " if argument.rendering.prefix else ""
            value = argument.value
            text = value.value if isinstance(value, ex.StringLit) else f"{{{_text(value, 0)}}}"
            words.append(prefix + text)
        return " ".join(words)[: LONGEST * 3]
    if isinstance(process, Script):
        parts = []
        for part in process.body:
            if isinstance(part, Text):
                parts.append(part.text)
            elif isinstance(part, Placeholder):
                parts.append(f"{{{_text(part.value, 0)}}}")
            else:
                parts.extend(f"{{{_text(argument.value, 0)}}} " for argument in part.arguments)
        return "".join(parts)[: LONGEST * 5]
    if isinstance(process, Pure):
        return expression_text(process.result)
    return None
