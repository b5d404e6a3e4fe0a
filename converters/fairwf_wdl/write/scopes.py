"""The bodies of workflows: blocks of lines, and the names that are known in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import (
    Call,
    Each,
    Expr,
    Input,
    Local,
    Opaque,
    Output,
    StepInput,
    StringLit,
)
from fairwf.ir.types import ArrayType, Type
from fairwf_wdl.write.computing import of_javascript
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.names import Names, identifier
from fairwf_wdl.write.places import Place, Telling
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.tasks import writing
from fairwf_wdl.write.types import BOOL, Structs, is_optional, item_of, optional, required

OPEN = "\0"
"""Begins the text of an input that a call leaves open, which has no name of its own."""


class Helpers(Protocol):
    """Tasks beside those of the document."""

    def computing(
        self, node: Opaque, wanted: Type, sayer: Sayer, libraries: Sequence[ExpressionLibrary]
    ) -> tuple[str, Mapping[str, str]]:
        """Return the name of a task that computes a value, and what its call hands it."""
        ...


class Scope(Place):
    """The names in a block. Blocks inside see them, and have more."""

    def __init__(
        self,
        version: str,
        structs: Structs,
        tell: Telling,
        names: Names,
        around: Scope | None = None,
    ) -> None:
        super().__init__(version, structs, tell)
        self.names = names
        self.around = around
        self.lines: list[str] = []
        self.inputs: dict[str, Said] = {}
        self.outputs: dict[tuple[str, str], Said] = {}
        self.locals: dict[str, Said] = {}
        self.given: Mapping[str, Expr] | None = None
        self.variables: set[str] = around.variables if around is not None else set()
        self.loads: dict[str, tuple[bool, str | None]] = {}
        self.libraries: Sequence[ExpressionLibrary] = around.libraries if around else ()
        self.helpers: Helpers | None = around.helpers if around else None
        self._declared: dict[tuple[str, str], str] = {}

    @property
    def sayer(self) -> Sayer:
        """What says the expressions here."""
        return Sayer(self)

    def inside(self) -> Scope:
        """Return the scope of a block inside."""
        inner = Scope(self.version, self.structs, self.tell, self.names, self)
        inner.inputs, inner.outputs = self.inputs, self.outputs
        inner.loads, inner.libraries, inner.helpers = self.loads, self.libraries, self.helpers
        inner.locals, inner.given = dict(self.locals), self.given
        return inner

    def alone(self) -> Scope:
        """Return the scope, writing into the same block, of a process with names of its own."""
        inner = Scope(self.version, self.structs, self.tell, self.names, self.around)
        inner.lines, inner._declared = self.lines, self._declared
        inner.variables = self.variables
        inner.libraries, inner.helpers = self.libraries, self.helpers
        return inner

    def lookup(self, node: Expr) -> Said:
        """Return what a reference names."""
        found: Said | None = None
        if isinstance(node, Input):
            found = self.inputs.get(node.name)
        elif isinstance(node, Output):
            found = self.outputs.get((node.step, node.port))
        elif isinstance(node, Local):
            found = self.locals.get(node.name)
        elif isinstance(node, StepInput) and self.given is not None:
            value = self.given.get(node.name)
            return Said("None") if value is None else self.sayer.say(value)
        return found if found is not None else super().lookup(node)

    def loading(self, node: Expr) -> tuple[bool, str | None]:
        """Tell what an input loads of its files and folders."""
        none = (False, None)
        return self.loads.get(node.name, none) if isinstance(node, Input) else none

    def computed(self, node: Expr, wanted: Type | None) -> Said:
        """Return what a task gives that runs JavaScript."""
        if self.helpers is None or wanted is None:
            raise CannotSayError("the type of this value is not known", node)
        text = of_javascript(node)
        target, given = self.helpers.computing(text, wanted, self.sayer, self.libraries)
        lines = [f"    {name} = {said}" for name, said in given.items()]
        key = (target, "\n".join(lines))
        if key not in self._declared:
            name = self.names.claim(target)
            self._declared[key] = f"{name}.value"
            head = f"call {target}" + (f" as {name}" if name != target else "")
            self.lines.append(f"{head} {{" if lines else head)
            if lines:
                self.lines += ["  input:", *(f"{line}," for line in lines[:-1]), lines[-1], "}"]
            told = "JavaScript is computed by Node, in a task of its own"
            self.tell("FWF3002", told, node)
        return Said(self._declared[key], wanted)

    def variable(self, wanted: str) -> str:
        """Return the name of a scatter's variable, which may serve others again."""
        name = first = identifier(wanted.lstrip("_"), "item")
        if not name[0].isalpha() or wanted[:1] == "_":
            name = first = "item" if wanted.lstrip("_").isdigit() else first
        used = {said.text.split(".")[0] for said in self.locals.values()}
        number = 1
        while name in used or (name in self.names.taken and name not in self.variables):
            number += 1
            name = f"{first}_{number}"
        self.names.taken.add(name)
        self.variables.add(name)
        return name

    def declare(self, wanted: str, said: Said, type_: Type | None = None) -> Said:
        """Declare a name for a value; the same value has one name in a block."""
        kind = type_ or said.type
        if kind is None:
            raise CannotSayError("the type of this value is not known", Local(name=wanted))
        type_text = self.structs.type_text(kind)
        if (type_text, said.text) not in self._declared:
            self.define(self.names.claim(wanted, "value"), type_text, said.text)
        return Said(self._declared[type_text, said.text], kind)

    def define(self, name: str, type_text: str, text: str) -> None:
        """Declare a name."""
        self._declared[type_text, text] = name
        self.lines.append(f"{type_text} {name} = {text}")

    @contextmanager
    def block(self, head: str) -> Iterator[Scope]:
        """Open a block inside, whose lines are added to those here."""
        inner = self.inside()
        yield inner
        self.lines.append(f"{head} {{")
        self.lines.extend("  " + line for line in inner.lines)
        self.lines.append("}")

    def repeated(self, node: Each) -> Said:
        """Return the array of what a scatter with a declaration gives."""
        over = self.over(node.over)
        variable = self.variable(node.name)
        with self.block(f"scatter ({variable} in {over.text})") as inner:
            inner.locals[node.name] = Said(variable, item_of(over.type))
            if node.where is None:
                item = self._body(inner, node)
            else:
                test = inner.sayer.say(node.where, BOOL)
                with inner.block(f"if ({test.text})") as chosen:
                    item = self._body(chosen, node)
                if is_optional(item.type):
                    raise CannotSayError("WDL drops values that are none here", node)
        kind = required(over.type)
        nonempty = isinstance(kind, ArrayType) and kind.nonempty and node.where is None
        assert item.type is not None
        type_ = ArrayType(items=item.type, nonempty=nonempty)
        text = item.text if node.where is None else f"select_all({item.text})"
        return Said(text, type_)

    def over(self, node: Expr, scattered: bool = False) -> Said:
        """Return an array to go through."""
        said = self.sayer.say(node)
        if said.type is None:
            raise CannotSayError("the type of this array is not known", node)
        if is_optional(said.type) and not scattered:
            return Said(f"select_first([{said.text}, []])", required(said.type))
        return self.sayer.known(said)

    def _body(self, inner: Scope, node: Each) -> Said:
        said = inner.sayer.say(node.body)
        if said.type is None:
            raise CannotSayError("the type of this value is not known", node.body)
        return inner.declare("value", said)

    def written(self, content: Expr, name: StringLit | None, node: Call) -> Said:
        """Return the function of WDL that writes a text into a file."""
        found = writing(self.sayer, content, name.value if name is not None else "")
        if found is None:
            raise CannotSayError("WDL writes no file with this text", node)
        return found


Wrap = Callable[[Type], Type]


def wrapped(type_: Type, wraps: list[ArrayType | None]) -> Type:
    """Return the type outside of sections: a scatter makes an array, a condition an optional."""
    for wrap in reversed(wraps):
        if wrap is None:
            type_ = optional(type_) or type_
        else:
            type_ = ArrayType(items=type_, nonempty=wrap.nonempty)
    return type_
