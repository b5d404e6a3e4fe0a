"""Expressions of the IR as JavaScript."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator

from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Directory,
    Each,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Record,
    Runtime,
    StepInput,
    StringLit,
    Template,
)
from fairwf_cwl.write.javascript_definitions import DEFINITIONS
from fairwf_cwl.write.javascript_functions import INLINE, REGULAR
from fairwf_cwl.write.javascript_regular import javascript_pattern

NAMEABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_CALLED = re.compile(r"\bfw_[a-z_]+")
_RESERVED = frozenset(
    [
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "var",
        "void",
        "while",
        "with",
        "yield",
        "await",
        "eval",
        "arguments",
        "undefined",
        "NaN",
        "Infinity",
        "inputs",
        "self",
        "runtime",
        "Math",
        "JSON",
        "Array",
        "Object",
        "String",
        "Number",
    ]
)
LARGEST = 2**53
_LARGEST_LONG = 2**63 - 1024
"""The largest whole number of 64 bits that JavaScript has."""


class CannotSayError(ValueError):
    """CWL has no way to write this; ``node`` is the smallest part at fault, ``hint`` advice."""

    def __init__(self, message: str, node: object, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.hint = hint


Naming = Callable[[Expr], str | None]
"""Gives the JavaScript text of a reference; None where it knows none."""


def quote(text: str) -> str:
    """Return a text as a JavaScript string that is safe in any YAML and in ES5."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def member(of: str, name: str) -> str:
    """Return the JavaScript of a member."""
    return f"{of}.{name}" if NAMEABLE.match(name) else f"{of}[{quote(name)}]"


def tool_name(node: Expr) -> str | None:
    """Return the name of a reference inside a tool."""
    if isinstance(node, Input):
        return member("inputs", node.name)
    if isinstance(node, StepInput):
        return member("inputs", node.name)
    if isinstance(node, Local) and node.name == "self":
        return "self"
    if isinstance(node, Runtime) and node.name != "attempt":
        return f"runtime.{node.name}"
    return None


Rounded = Callable[[IntLit, int], None]
"""Told of a whole number that JavaScript lacks, and of the nearest one that stands for it."""


def javascript(expression: Expr, naming: Naming = tool_name, rounded: Rounded | None = None) -> str:
    """Return the expression as JavaScript.

    Raises:
        CannotSayError: a part of it means nothing in JavaScript inside CWL, or is a number that
            JavaScript lacks and ``rounded`` is None.
    """
    code = _Emitter(naming, rounded).text(expression)
    return code[1:-1] if isinstance(expression, Record) and code.startswith("({") else code


def definitions_for(*texts: str) -> tuple[str, ...]:
    """Return the definitions that texts of ours call, directly or not, by name."""
    wanted: set[str] = set()
    todo = list(texts)
    while todo:
        for name in _CALLED.findall(todo.pop()):
            if name in DEFINITIONS and name not in wanted:
                wanted.add(name)
                todo.append(DEFINITIONS[name])
    return tuple(DEFINITIONS[name] for name in sorted(wanted))


class _Emitter:
    def __init__(self, naming: Naming, rounded: Rounded | None) -> None:
        self.naming = naming
        self.rounded = rounded
        self.locals: dict[str, str] = {}
        self.used: set[str] = set()

    def text(self, node: Expr) -> str:
        if isinstance(node, Local) and node.name in self.locals:
            return self.locals[node.name]
        named = self.naming(node)
        if named is not None:
            return named
        literal = self._number(node) if isinstance(node, IntLit) else _literal(node)
        if literal is not None:
            return literal
        if isinstance(node, Attr):
            name = "secondaryFiles" if node.name == "secondary" else node.name
            return f"fw_member({self.text(node.of)}, {quote(name)})"
        if isinstance(node, Index):
            return f"fw_item({self.text(node.of)}, {self.text(node.by)})"
        if isinstance(node, If):
            parts = map(self.text, (node.test, node.then, node.otherwise))
            return "({} ? {} : {})".format(*parts)
        if isinstance(node, Array):
            return f"[{', '.join(map(self.text, node.items))}]"
        if isinstance(node, Record):
            fields = (f"{quote(name)}: {self.text(item)}" for name, item in node.fields.items())
            return f"({{{', '.join(fields)}}})"
        if isinstance(node, Template):
            return f"[{', '.join(map(self._part, node.parts))}].join('')"
        if isinstance(node, Each):
            return self._each(node)
        if isinstance(node, Call):
            return self._call(node)
        if isinstance(node, Opaque):
            return self._opaque(node)
        raise CannotSayError(f"{_kind(node)} has no meaning in a CWL expression", node)

    def _number(self, node: IntLit) -> str:
        number = node.number
        if abs(number) >= LARGEST:
            if self.rounded is None:
                raise CannotSayError("JavaScript has no whole number of this size", node)
            number = max(-_LARGEST_LONG, min(_LARGEST_LONG, int(float(number))))
            self.rounded(node, number)
        return str(number) if number >= 0 else f"({number})"

    def _part(self, node: Expr) -> str:
        if isinstance(node, StringLit):
            return quote(node.value)
        if isinstance(node, IntLit):  # its text is exact, also where JavaScript lacks the number
            return quote(str(node.number))
        return f"fw_text({self.text(node)})"

    def _fresh(self, name: str) -> str:
        base = name if NAMEABLE.match(name) and name not in _RESERVED else "x"
        fresh, number = base, 2
        while fresh in self.used or fresh.startswith("fw_"):
            fresh, number = f"{base.removeprefix('fw_')}{number}", number + 1
        self.used.add(fresh)
        return fresh

    def _each(self, node: Each) -> str:
        over = self.text(node.over)
        outer = self.locals
        name = self._fresh(node.name)
        self.locals = {**outer, node.name: name}
        if node.where is not None:
            over += f".filter(function ({name}) {{ return {self.text(node.where)}; }})"
        body = self.text(node.body)
        self.locals = outer
        return f"{over}.map(function ({name}) {{ return {body}; }})"

    def _call(self, node: Call) -> str:
        if node.function in ("and", "or"):
            operator, neutral = (" && ", "true") if node.function == "and" else (" || ", "false")
            return f"({operator.join(map(self.text, node.args)) or neutral})"
        if node.function == "default":
            return self._default(node)
        if node.function == "to_string" and len(node.args) == 1:
            return self._part(node.args[0])
        template = INLINE.get(node.function)
        if template is None:
            raise CannotSayError(f"CWL has no expression for the function {node.function!r}", node)
        arguments = [self.text(argument) for argument in node.args]
        if node.function in REGULAR:
            arguments[1] = self._regular(node.args[1], node.function == "matches")
        simple = {"equal": "({0} === {1})", "not_equal": "({0} !== {1})"}
        if node.function in simple and any(isinstance(a, _SCALARS) for a in node.args):
            template = simple[node.function]
        return _HOLE.sub(lambda hole: _filled(hole[1], arguments), template)

    def _regular(self, node: Expr, anywhere: bool) -> str:
        if not isinstance(node, StringLit):
            raise CannotSayError("CWL computes no regular expressions of POSIX", node)
        found = javascript_pattern(node.value, anywhere)
        if found is None:
            told = "JavaScript might match this regular expression of POSIX in another way"
            raise CannotSayError(told, node)
        return quote(found)

    def _default(self, node: Call) -> str:
        value = self.text(node.args[0])
        if isinstance(node.args[0], (Input, StepInput, Local)):
            return f"({value} != null ? {value} : {self.text(node.args[1])})"
        name = self._fresh("x")
        other = self.text(node.args[1])
        return f"(function ({name}) {{ return {name} != null ? {name} : {other}; }})({value})"

    def _opaque(self, node: Opaque) -> str:
        """Write a text whose names may mean other things here, as a function of its names."""
        if node.language != "javascript":
            raise CannotSayError(f"CWL cannot evaluate {node.language}", node)
        tree: dict[str, object] = {}
        for binding in node.bindings:
            inside = tree
            for part in binding.path[:-1]:
                found = inside.setdefault(part, {})
                if not isinstance(found, dict):
                    raise CannotSayError("a name and a part of it are both bound", binding)
                inside = found
            inside[binding.path[-1]] = binding.value
        if any(root not in ("inputs", "self", "runtime") for root in tree):
            raise CannotSayError("the expression uses names that CWL does not bind", node)
        names = [name for name in ("inputs", "self", "runtime") if name in tree]
        values = [self._object(tree[name]) for name in names]
        body = f"return ({node.text}\n);" if node.form == "expression" else node.text
        return f"(function ({', '.join(names)}) {{ {body} }})({', '.join(values)})"

    def _object(self, tree: object) -> str:
        if isinstance(tree, dict):
            return "{" + ", ".join(f"{quote(k)}: {self._object(v)}" for k, v in tree.items()) + "}"
        return self.text(tree)  # type: ignore[arg-type]


def _filled(hole: str, arguments: list[str]) -> str:
    return ", ".join(arguments) if hole == "*" else arguments[int(hole)]


_HOLE = re.compile(r"\{([0-9*])\}")
_SCALARS = (StringLit, IntLit, FloatLit, BoolLit)


def _literal(node: Expr) -> str | None:
    if isinstance(node, NoneLit):
        return "null"
    if isinstance(node, BoolLit):
        return "true" if node.value else "false"
    if isinstance(node, StringLit):
        return quote(node.value)
    if isinstance(node, FloatLit):
        return _float(node.number)
    if isinstance(node, File) and node.contents is not None and same(node, _bare(node)):
        name = "" if node.basename is None else f', "basename": {quote(node.basename)}'
        return f'({{"class": "File"{name}, "contents": {quote(node.contents)}}})'
    if isinstance(node, (File, Directory)):
        raise CannotSayError("a file inside an expression cannot be written", node)
    return None


def _bare(file: File) -> File:
    return File(basename=file.basename, contents=file.contents)


def _float(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "(-Infinity)"
    return repr(number) if number >= 0 and math.copysign(1, number) > 0 else f"({number!r})"


def _kind(node: Expr) -> str:
    tag = type(node).__struct_config__.tag
    return f"the node {tag!r}" if tag else type(node).__name__


def references(node: Expr) -> Iterator[Expr]:
    """Yield every reference of an expression, those inside opaque texts too."""
    from fairwf.ir.expressions import BodyOutput, Key, Output, State
    from fairwf.ir.walk import walk

    kinds = (Input, Output, StepInput, Local, Key, State, BodyOutput, Runtime)
    for _, found in walk(node):
        if isinstance(found, kinds):
            yield found
