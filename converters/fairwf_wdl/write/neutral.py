"""Neutral expressions as JavaScript, where WDL has none for them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from fairwf.ir.expressions import (
    Array,
    Attr,
    Binding,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Output,
    Record,
    Runtime,
    StepInput,
    StringLit,
    Template,
)

_INFIX = {"and": "&&", "or": "||"}
_ORDER = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
_ARITHMETIC = {"add": "+", "subtract": "-", "multiply": "*"}
"""Operators of numbers, which are refused when they run where JavaScript has no exact ones."""
_AS_METHODS = {
    "join": "join",
    "split": "split",
    "reverse": "slice().reverse",
    "upper": "toUpperCase",
    "lower": "toLowerCase",
    "starts_with": "startsWith",
    "ends_with": "endsWith",
    "contains_text": "includes",
    "flatten": "flat",
}
"""Functions of neutral expressions that are methods of their first argument. None computes with
numbers."""


def as_javascript(node: Expr) -> Opaque | None:
    """Return a neutral expression as JavaScript, None where this says too little."""
    if isinstance(node, Opaque):
        return node if node.language == "javascript" else None
    bindings: list[Binding] = []
    try:
        text = _Neutral(bindings).say(node)
    except _TooMuchError:
        return None
    return Opaque(language="javascript", text=text, bindings=tuple(bindings))


class _TooMuchError(Exception):
    """JavaScript is not written for this."""


class _Neutral:
    def __init__(self, bindings: list[Binding]) -> None:
        self.bindings = bindings
        self.items: dict[str, str] = {}

    def _bound(self, root: str, name: str, value: Expr) -> str:
        path = (root, name) if name else (root,)
        if not any(one.path == path for one in self.bindings):
            self.bindings.append(Binding(path=path, value=value))
        return f"{root}[{json.dumps(name)}]" if name else root

    def say(self, node: Expr) -> str:
        match node:
            case NoneLit():
                return "null"
            case BoolLit():
                return "true" if node.value else "false"
            case IntLit() | FloatLit():
                return str(node.number)
            case StringLit():
                return json.dumps(node.value)
            case Input():
                return self._bound("inputs", node.name, node)
            case Local() if node.name in self.items:
                return self.items[node.name]
            case Local(name="self"):
                return self._bound("self", "", node)
            case Output() | StepInput() | Local():
                name = f"{getattr(node, 'step', '')}/{getattr(node, 'port', '')}"
                return self._bound("runtime", getattr(node, "name", name), node)
            case Runtime():
                return self._bound("runtime", node.name, node)
            case Attr():
                return f"at({self.say(node.of)}, {json.dumps(node.name)})"
            case Index():
                return f"at({self.say(node.of)}, {self.say(node.by)})"
            case Array():
                return f"[{self._all(node.items)}]"
            case Record():
                members = (f"{json.dumps(k)}: {self.say(v)}" for k, v in node.fields.items())
                return f"{{{', '.join(members)}}}"
            case If():
                parts = (self.say(one) for one in (node.test, node.then, node.otherwise))
                test, then, otherwise = parts
                return f"({test} ? {then} : {otherwise})"
            case Template():
                return f"[{self._all(node.parts)}].map(dumped).join('')"
            case Opaque(language="javascript"):
                self.bindings += [one for one in node.bindings if one not in self.bindings]
                if node.form == "expression":
                    return f"({node.text}\n)"
                return f"(() => {{{node.text}\n}})()"
            case Each():
                return self._each(node)
            case Call():
                return self._call(node)
        raise _TooMuchError

    def _all(self, nodes: Iterable[Expr]) -> str:
        return ", ".join(self.say(one) for one in nodes)

    def _each(self, node: Each) -> str:
        over = self.say(node.over)
        name = f"item{len(self.items) + 1}"
        before, self.items = self.items, {**self.items, node.name: name}
        chosen = f".filter({name} => {self.say(node.where)})" if node.where is not None else ""
        said = f"{over}{chosen}.map({name} => {self.say(node.body)})"
        self.items = before
        return said

    def _call(self, node: Call) -> str:
        args = [self.say(arg) for arg in node.args]
        if node.function in _INFIX:
            return f"({f' {_INFIX[node.function]} '.join(args)})"
        if node.function in _ORDER:
            return f"(order({args[0]}, {args[1]}) {_ORDER[node.function]} 0)"
        if node.function in _ARITHMETIC:
            return f"exact(exact({args[0]}) {_ARITHMETIC[node.function]} exact({args[1]}))"
        if node.function in _AS_METHODS:
            return f"{args[0]}.{_AS_METHODS[node.function]}({', '.join(args[1:])})"
        match node.function:
            case "equal":
                return f"same({args[0]}, {args[1]})"
            case "not_equal":
                return f"(!same({args[0]}, {args[1]}))"
            case "literal_file":
                return f"{{class: 'File', basename: {args[0]}, contents: {args[1]}}}"
            case "not":
                return f"(!{args[0]})"
            case "defined":
                return f"({args[0]} != null)"
            case "get":
                return f"(({args[0]} ?? {{}})[{args[1]}] ?? null)"
            case "length":
                return f"{args[0]}.length"
            case "first":
                return f"at({args[0]}, 0)"
            case "last":
                return f"at({args[0]}.slice(-1), 0)"
            case "first_defined":
                return f"{args[0]}.find(x => x != null)"
            case "to_string":
                return f"String({args[0]})"
            case "sum":
                return f"sum({args[0]})"
            case "concat_arrays" | "merge_flattened":
                return f"[].concat({', '.join(args)})"
            case "default":
                return f"({args[0]} ?? {args[1]})"
            case "all_defined":
                return f"{args[0]}.filter(x => x != null)"
            case "keys" | "values":
                return f"Object.{node.function}({args[0]})"
            case "load_contents" | "load_listing":
                return args[0]
        raise _TooMuchError
