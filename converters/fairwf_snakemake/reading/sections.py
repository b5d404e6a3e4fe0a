"""The sections of a rule: what stands after ``input:``, ``output:`` and ``params:``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fairwf.ir.expressions import (
    Array,
    Binding,
    Each,
    Expr,
    Key,
    Opaque,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf_snakemake.reading.definitions import Definition
from fairwf_snakemake.reading.expressions import (
    WILDCARDS,
    NotTranslatedError,
    Scope,
    Translator,
)
from fairwf_snakemake.snakefile.nodes import Directive
from fairwf_snakemake.snakefile.static import (
    FLAGS,
    Function,
    Members,
    NotStaticError,
)


@dataclass
class Item:
    """One item of a section. ``value`` is a path, an array of paths, or a parameter's value.

    ``why`` says what it depends on where the IR cannot say it (``value`` is opaque then).
    """

    name: str | None
    value: Expr
    node: ast.expr
    flags: Mapping[str, Any] = field(default_factory=dict)
    why: str | None = None

    @property
    def many(self) -> bool:
        """True where the value may be several paths."""
        return not isinstance(self.value, (StringLit, Template)) or isinstance(
            self.value, (Array, Each)
        )


class NotKnownError(Exception):
    """The outputs of a rule are not known before the workflow runs."""

    def __init__(self, message: str, node: ast.AST) -> None:
        super().__init__(message)
        self.message = message
        self.node = node


def arguments(directive: Directive) -> Iterator[tuple[str | None, ast.expr]]:
    """Yield the arguments with their names; those of ``**x`` are called ``**``, of ``*x`` ``*``."""
    assert directive.call is not None
    for each in directive.call.args:
        yield ("*", each.value) if isinstance(each, ast.Starred) else (None, each)
    for keyword in directive.call.keywords:
        yield keyword.arg or "**", keyword.value


def outputs(
    translator: Translator, definition: Definition, directive: Directive
) -> Iterator[tuple[str | None, str, Mapping[str, Any], ast.expr, bool]]:
    """Yield name, pattern, flags, Python and whether it is one of several, of each output.

    Raises:
        NotKnownError: a pattern is not known.
    """
    for name, node in arguments(directive):
        try:
            value = translator.evaluator.value(node, definition.names)
        except NotStaticError as error:
            raise NotKnownError(error.message, error.node or node) from None
        if isinstance(value, (Members,)):
            value = list(value.values.values())
        pairs: list[tuple[str | None, Any]]
        if name == "**" or (name is None and isinstance(value, dict)):
            pairs = [(str(k), v) for k, v in dict(value).items()]
        else:
            pairs = [(None if name == "*" else name, value)]
        for key, each in pairs:
            several = isinstance(each, (list, tuple, set))
            for one in each if several else [each]:
                if isinstance(one, (Function,)) or one is None or isinstance(one, (int, float)):
                    raise NotKnownError("an output that is no path", node)
                yield key, str(one), getattr(one, "flags", {}), node, several


def items(
    translator: Translator, definition: Definition, directive: Directive, scope: Scope
) -> list[Item]:
    """Return the items of a section, each translated or opaque."""
    found: list[Item] = []
    for name, node in arguments(directive):
        flags: dict[str, Any] = {}
        bare = _bare(node, flags)
        try:
            value = _value(translator, definition, bare, scope)
        except (NotTranslatedError, NotStaticError) as error:
            why = depends(definition, bare, error)
            found.append(Item(_plain(name), opaque(bare, scope), node, flags, why))
            continue
        if isinstance(value, dict) and _plain(name) is not None:
            value = Record(fields=value)
        if name in ("*", "**") or isinstance(value, dict):
            inner = value if isinstance(value, dict) else {}
            if isinstance(value, Array):
                inner = {f"#{i}": one for i, one in enumerate(value.items)}
            elif not isinstance(value, dict):
                inner = {"#": value}
            for key, each in inner.items():
                found.append(Item(None if key.startswith("#") else key, each, node, flags))
            continue
        found.append(Item(name, value, node, flags))
    return found


def _plain(name: str | None) -> str | None:
    return None if name in ("*", "**") else name


def _bare(node: ast.expr, flags: dict[str, Any]) -> ast.expr:
    """Return a path without its flags, which are added to ``flags``."""
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in FLAGS
        and node.args
        and node.func.id != "unpack"
    ):
        flags[node.func.id] = True
        node = node.args[0]
    return node


def _value(
    translator: Translator, definition: Definition, node: ast.expr, scope: Scope
) -> Expr | dict[str, Expr]:
    unpacked = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "unpack"
        and len(node.args) == 1
    )
    inner = node.args[0] if unpacked and isinstance(node, ast.Call) else node
    known = None
    if isinstance(inner, (ast.Name, ast.Lambda)):
        try:
            known = translator.evaluator.value(inner, definition.names)
        except NotStaticError:
            known = None
    if isinstance(known, Function):
        expression = applied(translator, known, scope, inner)
    elif isinstance(known, dict):
        return {str(k): translator.literal(v, inner, scope) for k, v in known.items()}
    else:
        expression = translator.expr(inner, scope)
    fields = getattr(expression, "fields", None)
    if fields is not None:
        return dict(fields)
    if unpacked:
        raise NotTranslatedError("what is unpacked is no map of known names", inner)
    return expression


def applied(translator: Translator, function: Function, scope: Scope, node: ast.AST) -> Expr:
    """Return what a function of the job gives: its parameters are what Snakemake hands to it."""
    bound: dict[str, Expr | str] = {}
    for index, name in enumerate(function.parameters):
        if index == 0:
            bound[name] = WILDCARDS
        elif name == "attempt":
            bound[name] = Runtime(name="attempt")
        elif name == "threads":
            bound[name] = Runtime(name="cores")
    return translator.applied(function, bound, scope, node)


def depends(definition: Definition, node: ast.expr, error: Any) -> str:
    """Say what a piece of Python depends on."""
    why = getattr(error, "message", str(error))
    if isinstance(node, ast.Name) and isinstance(definition.names.get(node.id), Function):
        function = definition.names[node.id]
        line = getattr(function.node, "lineno", 0)
        return f"dynamic: depends on function {node.id} at line {line} ({why})"
    if isinstance(node, ast.Lambda):
        return f"dynamic: depends on a lambda at line {node.lineno} ({why})"
    return f"dynamic: depends on {ast.unparse(node):.80} at line {node.lineno} ({why})"


def opaque(node: ast.expr, scope: Scope) -> Opaque:
    """Return a piece of Python as it is, with the wildcards as the names that it sees."""
    bindings = tuple(
        Binding(path=("wildcards", key), value=Key(name=key)) for key in sorted(scope.keys)
    )
    return Opaque(language="python", text=ast.unparse(node), bindings=bindings)
