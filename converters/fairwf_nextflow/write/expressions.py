"""Neutral expressions as Groovy of the strict syntax."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

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
    IntLit,
    Local,
    NoneLit,
    Opaque,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    BoolType,
    DirectoryType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    MapType,
    OptionalType,
    RecordType,
    StringType,
    Type,
    UnionType,
)
from fairwf.ir.walk import walk
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.parameters import located
from fairwf_nextflow.write.snippets import groovy_of
from fairwf_nextflow.write.strings import Hole, Piece, literal, quoted

_NAME = re.compile(r"[A-Za-z_]\w*")
FILE_MEMBERS = frozenset({"basename", "nameroot", "nameext", "path", "location", "size", "dirname"})


class Said(NamedTuple):
    """An expression in Groovy.

    ``kind`` is what anybody sees from the text alone: ``str``, ``int``, ``float``, ``bool``,
    ``list``, ``map``, ``path`` or ``any``. ``type`` is what the document says. ``level`` is 0 for
    names, literals and calls, 1 for operators.
    """

    text: str
    kind: str = "any"
    type: Type | None = None
    level: int = 0

    @property
    def operand(self) -> str:
        """The text where an operator stands beside it."""
        return self.text if self.level == 0 else f"({self.text})"


Leaf = Callable[[Expr], "Said | None"]


def required(type_: Type | None) -> Type | None:
    """Return a type without none."""
    return type_.item if isinstance(type_, OptionalType) else type_


def is_optional(type_: Type | None) -> bool:
    """Tell whether a type says that a value may be none: of what is only any, the text tells."""
    return isinstance(type_, OptionalType) and not isinstance(type_.item, AnyType)


def is_path(type_: Type | None) -> bool:
    """Tell whether values of a type are files or folders, or lists of them."""
    type_ = required(type_)
    if isinstance(type_, UnionType):
        return bool(type_.members) and all(is_path(one) for one in type_.members)
    if isinstance(type_, ArrayType):
        return is_path(type_.items)
    return isinstance(type_, (FileType, DirectoryType))


def holds_paths(type_: Type) -> bool:
    """Tell whether values of a type hold files or folders, and something else."""
    inside = any(isinstance(one, (FileType, DirectoryType)) for _, one in walk(type_))
    return inside and not is_path(type_)


def kind_of(type_: Type | None) -> str:
    """Return the kind of a type's values."""
    type_ = required(type_)
    for types, kind in (
        ((StringType, EnumType), "str"),
        ((IntType,), "int"),
        ((FloatType,), "float"),
        ((BoolType,), "bool"),
        ((FileType, DirectoryType), "path"),
        ((ArrayType,), "list"),
        ((RecordType, MapType), "map"),
    ):
        if isinstance(type_, types):
            return kind
    return "any"


class Sayer:
    """Says expressions; ``leaf`` says those that name a value."""

    def __init__(self, leaf: Leaf, text_of: Callable[[Expr], str | None] | None = None) -> None:
        self.leaf = leaf
        self.text_of = text_of or (lambda node: None)
        self.locals: dict[str, Said] = {}
        self.taken: frozenset[str] = frozenset()

    # --- wanted kinds

    def listed(self, node: Expr) -> str:
        """Return an expression whose value is a list."""
        said = self.say(node)
        return said.operand if said.kind == "list" else f"({said.operand} as List)"

    def number(self, node: Expr) -> Said:
        """Return an expression whose value is a number."""
        said = self.say(node)
        if said.kind in ("int", "float"):
            return said
        name, kind = ("Double", "float") if kind_of(said.type) == "float" else ("Integer", "int")
        return Said(f"({said.operand} as {name})", kind)

    def string(self, node: Expr) -> str:
        """Return an expression whose value is a text."""
        said = self.say(node)
        return said.operand if said.kind == "str" else f"{said.operand}.toString()"

    def path(self, node: Expr) -> str:
        """Return an expression whose value is a file or folder."""
        said = self.say(node)
        return said.operand if said.kind == "path" else f"({said.operand} as Path)"

    def test(self, node: Expr) -> Said:
        """Return an expression that is true or false."""
        said = self.say(node)
        return said if said.kind == "bool" else Said(f"{said.operand} == true", "bool", level=1)

    # --- any expression

    def say(self, node: Expr) -> Said:
        """Return an expression.

        Raises:
            CannotSayError: Groovy has no short way to say it.
        """
        found = self.leaf(node)
        if found is not None:
            return found
        match node:
            case NoneLit():
                return Said("null")
            case BoolLit(value=value):
                return Said("true" if value else "false", "bool")
            case IntLit():
                return Said(str(node.number), "int", level=int(node.number < 0))
            case FloatLit():
                return self._float(node)
            case StringLit(value=value):
                return Said(literal(value), "str")
            case File(location=str()) | Directory(location=str()):
                return Said(f"file({located(node)})", "path")
            case Local(name=name) if name in self.locals:
                return self.locals[name]
            case Array(items=items):
                return Said(f"[{', '.join(self.say(one).text for one in items)}]", "list")
            case Record(fields=fields):
                return self._record(fields)
            case Template():
                return Said(quoted(self.pieces(node)), "str")
            case If():
                return self._choice(node)
            case Each():
                return self._each(node)
            case Attr():
                return self._attr(node)
            case Index(of=of, by=by):
                return self.item(of, by)
            case Call():
                from fairwf_nextflow.write.functions import say_call

                return say_call(self, node)
            case Opaque():
                return groovy_of(self, node)
        raise CannotSayError("Nextflow's expressions cannot say this", node)

    def _float(self, node: FloatLit) -> Said:
        text = repr(node.number)
        if not re.fullmatch(r"-?\d+\.\d+(e[-+]?\d+)?", text):
            raise CannotSayError("this number cannot be written in Nextflow", node)
        return Said(text, "float", level=int(node.number < 0))

    def _record(self, fields: object) -> Said:
        assert isinstance(fields, dict)
        if not fields:
            return Said("[:]", "map")
        said = (f"{key_text(key)}: {self.say(value).text}" for key, value in fields.items())
        return Said(f"[{', '.join(said)}]", "map")

    def _choice(self, node: If) -> Said:
        test, then, otherwise = self.test(node.test), self.say(node.then), self.say(node.otherwise)
        kind = then.kind if then.kind == otherwise.kind else "any"
        text = f"{test.operand} ? {then.operand} : {otherwise.operand}"
        return Said(text, kind, then.type or otherwise.type, 1)

    def _each(self, node: Each) -> Said:
        over = self.say(node.over)
        text = over.operand if over.kind == "list" else f"({over.operand} as List)"
        type_ = required(over.type)
        name, before = self.bind(node.name, type_.items if isinstance(type_, ArrayType) else None)
        if node.where is not None:
            text += f".findAll {{ {name} -> {self.test(node.where).text} }}"
        if not (node.where is not None and node.body == Local(name=node.name)):
            text += f".collect {{ {name} -> {self.say(node.body).text} }}"
        self.locals = before
        return Said(text, "list")

    def bind(
        self, name: str, type_: Type | None = None, kind: str = "any"
    ) -> tuple[str, dict[str, Said]]:
        """Bind a local name to a variable; return this, and what was bound before."""
        before = self.locals
        taken = self.taken | {said.text for said in before.values()}
        variable = next(v for v in ("v", *(f"v{k}" for k in range(2, 999))) if v not in taken)
        self.locals = {**before, name: Said(variable, kind, type_)}
        return variable, before

    # --- members

    def item(self, of: Expr, by: Expr) -> Said:
        """Return an item of a list or a member of a map."""
        whole, key = self.say(of), self.say(by)
        type_ = required(whole.type)
        inner = type_.items if isinstance(type_, ArrayType) else None
        if isinstance(type_, RecordType) and isinstance(by, StringLit):
            inner = next((f.type for f in type_.fields if f.name == by.value), None)
            return _field(f"{whole.operand}[{key.text}]", inner)
        if isinstance(by, StringLit) and _NAME.fullmatch(by.value) and whole.kind == "any":
            return Said(f"{whole.operand}['{by.value}']", "any", inner)
        return Said(f"{whole.operand}[{key.text}]", "any", inner)

    def _attr(self, node: Attr) -> Said:
        whole = self.say(node.of)
        type_ = required(whole.type)
        if isinstance(type_, RecordType):
            inner = next((f.type for f in type_.fields if f.name == node.name), None)
            return _field(f"{whole.operand}[{literal(node.name)}]", inner)
        if isinstance(type_, MapType) or node.name not in FILE_MEMBERS:
            return Said(f"{whole.operand}[{literal(node.name)}]")
        file = self.path(node.of)
        match node.name:
            case "basename":
                return Said(f"{file}.name", "str")
            case "nameroot":
                return Said(f"{file}.baseName", "str")
            case "nameext":
                text = f"{file}.extension != '' ? \".${{{file}.extension}}\" : ''"
                return Said(text, "str", level=1)
            case "size":
                return Said(f"{file}.size()", "int")
            case "dirname":
                return Said(f"{file}.parent", "str")
        shown = self.text_of(node.of)
        return Said(quoted([Hole(shown if shown is not None else whole.text)]), "str")

    # --- texts

    def pieces(self, node: Expr) -> list[Piece]:
        """Return the pieces of a text."""
        parts = node.parts if isinstance(node, Template) else (node,)
        found: list[Piece] = []
        for part in parts:
            if isinstance(part, StringLit):
                found.append(part.value)
                continue
            if isinstance(part, Template):
                found += self.pieces(part)
                continue
            shown = self.text_of(part)
            found.append(Hole(shown if shown is not None else self.say(part).text))
        return found


def _field(text: str, type_: Type | None) -> Said:
    """Return a field of a record: in records of parameters, files are only texts."""
    if type_ is None or not is_path(type_):
        return Said(text, "any", type_)
    bare = required(type_)
    if isinstance(bare, ArrayType):
        made, kind = f"{text}.collect {{ one -> file(one) }}", "list"
    else:
        made, kind = f"file({text})", "path"
    if isinstance(type_, OptionalType):
        return Said(f"({text} != null ? {made} : null)", "any", type_)
    return Said(made, kind, type_)


def key_text(key: str) -> str:
    """Return a key of a map."""
    return key if _NAME.fullmatch(key) else literal(key)
