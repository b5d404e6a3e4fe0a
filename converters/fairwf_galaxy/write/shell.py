"""Command lines and scripts as ``shell_command``: words in quotes, values in JavaScript.

What the engine does with an argument (CWL v1.2 "CommandLineBinding") is done there by the shell and
by JavaScript; :mod:`fairwf_galaxy.user_tools` reads it again.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence

from fairwf.ir.command import Argument, Placeholder, Rendering, Text, Words
from fairwf.ir.expressions import (
    BoolLit,
    Expr,
    IntLit,
    Local,
    NoneLit,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.ports import InputPort
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    EnumType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    StringType,
    Type,
)
from fairwf.ir.types_text import describe
from fairwf.ir.workflow import Script
from fairwf_galaxy.interpolation import Piece
from fairwf_galaxy.user_tools import QUOTED
from fairwf_galaxy.write.failures import CannotSayError
from fairwf_galaxy.write.javascript import input_names, javascript
from fairwf_galaxy.write.kinds import kind_of

_RUNTIME = {
    "outdir": '"$PWD"',
    "tmpdir": '"${TMPDIR:-/tmp}"',
    "cores": '"${GALAXY_SLOTS:-1}"',
    "ram": '"${GALAXY_MEMORY_MB:-1024}"',
}
"""What Galaxy's jobs have in their environment."""
_NUMBERS = (IntType, FloatType)
_TEXTS = (StringType, EnumType)
_AS_IT_IS = Rendering()


class ShellWriter:
    """Writes values of one process; ``names`` are what JavaScript calls its inputs."""

    def __init__(self, ports: Sequence[InputPort], names: Mapping[str, str]) -> None:
        self.ports = {port.id: port for port in ports}
        self.named = input_names(names, self.ports)

    # --- lines ------------------------------------------------------------------------------

    def line(self, arguments: Iterable[Argument]) -> list[Piece]:
        """Return arguments with blanks between them.

        Raises:
            CannotSayError: one has no form in Galaxy.
        """
        found: list[Piece] = []
        for argument in arguments:
            if argument.position is not None:
                raise CannotSayError("Galaxy has no computed positions", argument.position)
            words = self._argument(argument.value, argument.rendering)
            if words:
                found += [Piece(" "), *words] if found else words
        return found

    def script(self, script: Script) -> list[Piece]:
        """Return the body of a script.

        Raises:
            CannotSayError: a part has no form in Galaxy.
        """
        found: list[Piece] = []
        for part in script.body:
            if isinstance(part, Text):
                found.append(Piece(part.text))
            elif isinstance(part, Words):
                found += self.line(part.arguments)
            else:
                found += self._placeholder(part)
        return found

    def content(self, value: Expr) -> list[Piece]:
        """Return a text as the content of a file.

        Raises:
            CannotSayError: it has no form in Galaxy.
        """
        if isinstance(value, StringLit):
            return [Piece(value.value)]
        if isinstance(value, Template):
            return [piece for part in value.parts for piece in self.content(part)]
        self._scalar(self._type(value), value)
        return [Piece(self._text(value), True)]

    # --- values -----------------------------------------------------------------------------

    def word(self, value: Expr) -> list[Piece]:
        """Return a value that is there as one word.

        Raises:
            CannotSayError: it has no form in Galaxy.
        """
        match value:
            case StringLit():
                return [Piece(shlex.quote(value.value))]
            case IntLit():
                return [Piece(str(value.number))]
            case Runtime():
                if value.name not in _RUNTIME:
                    raise CannotSayError(f"Galaxy's jobs do not know {value.name!r}", value)
                return [Piece(_RUNTIME[value.name])]
            case Template():
                whole = [piece for part in value.parts for piece in self._part(part)]
                return whole or [Piece("''")]
        type_ = self._type(value)
        self._scalar(type_, value)
        if isinstance(type_, _NUMBERS):
            return [Piece(self._javascript(value), True)]
        inner = self._text(value)
        protected = inner if isinstance(type_, FileType) else inner + QUOTED
        return [Piece("'"), Piece(protected, True), Piece("'")]

    def _part(self, value: Expr) -> list[Piece]:
        return [] if isinstance(value, StringLit) and not value.value else self.word(value)

    def _text(self, value: Expr) -> str:
        """Return the JavaScript that gives the text of a value."""
        type_ = self._type(value)
        return _texted(self._javascript(value), type_)

    def _javascript(self, value: Expr) -> str:
        return javascript(value, self.named)

    def _type(self, value: Expr) -> Type:
        type_ = kind_of(value, self.ports)
        if type_ is None:
            raise CannotSayError(
                "Galaxy is told the type of what stands in a command, and this one is not known",
                value,
            )
        return type_

    def _scalar(self, type_: Type, value: Expr) -> None:
        if not isinstance(type_, (*_TEXTS, *_NUMBERS, FileType)):
            raise CannotSayError(
                f"a value of the type {describe(type_)} has no one form in a command of Galaxy's",
                value,
            )

    # --- arguments --------------------------------------------------------------------------

    def _argument(self, value: Expr, how: Rendering) -> list[Piece]:
        _renderable(how)
        type_ = self._type(value)
        if isinstance(value, NoneLit) or (isinstance(value, BoolLit) and not value.value):
            return []
        if isinstance(value, BoolLit):
            return [] if how.prefix is None else [Piece(_quoted(how.prefix, how))]
        if isinstance(type_, (OptionalType, ArrayType, BoolType)):
            text = _words(self._javascript(value), type_, how, value)
            return [] if text == '""' else [Piece(text, True)]
        words = self.word(value) if how.quote else self._unquoted(value)
        if how.prefix is None:
            return words
        prefix = _quoted(how.prefix, how)
        return [Piece(f"{prefix} " if how.separate else prefix), *words]

    def _unquoted(self, value: Expr) -> list[Piece]:
        if isinstance(value, StringLit):
            return [Piece(value.value)]
        self._scalar(self._type(value), value)
        return [Piece(self._text(value), True)]

    def _placeholder(self, part: Placeholder) -> list[Piece]:
        value, type_ = part.value, self._type(part.value)
        if isinstance(value, Runtime) and part.quote == "none":
            return [Piece(self.word(value)[0].text.strip('"'))]
        how = Rendering(item_separator=part.separator, quote=part.quote == "shell")
        if isinstance(type_, BoolType) and part.when_true is not None:
            yes, no = json.dumps(part.when_true), json.dumps(part.when_false or "")
            return [Piece(f"{self._javascript(value)} ? {yes} : {no}", True)]
        if isinstance(type_, OptionalType):
            other = '""'
            if part.default is not None:
                other = _texted(self._javascript(part.default), self._type(part.default))
                other = _protected(other, how)
            inner = type_.item
            if isinstance(inner, (ArrayType, BoolType)):
                raise CannotSayError("this placeholder has no form in Galaxy", part)
            name = self._javascript(value)
            said = _protected(_texted(name, inner), how)
            return [Piece(f"{name} === null ? {other} : {said}", True)]
        if isinstance(type_, ArrayType):
            return [Piece(_words(self._javascript(value), type_, how, value), True)]
        if isinstance(type_, BoolType):
            return [Piece(self._javascript(value), True)]
        return self.word(value) if how.quote else self._unquoted(value)


def _renderable(how: Rendering) -> None:
    plain = how.value is None or (isinstance(how.value, Local) and how.value.name == "self")
    if not plain:
        raise CannotSayError("Galaxy has no rendering that is computed", how.value or how)
    if how.fields or how.cases:
        raise CannotSayError("Galaxy has no rendering by members or types", how)
    if how.items is not None:
        _renderable(how.items)


def _quoted(text: str, how: Rendering) -> str:
    return shlex.quote(text) if how.quote else text


def _texted(text: str, type_: Type) -> str:
    """Return the JavaScript of a text, given that of a value."""
    if isinstance(type_, FileType):
        return f"{text}.path"
    return f"String({text})" if isinstance(type_, _NUMBERS) else text


def _protected(text: str, how: Rendering) -> str:
    """Return the JavaScript of a text that the shell reads as one word."""
    return f'''"'" + {text}{QUOTED} + "'"''' if how.quote else text


def _words(name: str, type_: Type, how: Rendering, node: Expr) -> str:
    """Return the JavaScript of the words of a value, which may be none or an array."""
    if isinstance(type_, OptionalType):
        inner = _words(name, type_.item, how, node)
        return f'{name} === null ? "" : {inner}'
    prefix = "" if how.prefix is None else _quoted(how.prefix, how)
    if isinstance(type_, BoolType):
        return f'{name} ? {json.dumps(prefix)} : ""' if prefix else '""'
    if prefix and how.separate:
        prefix += " "
    before = f"{json.dumps(prefix)} + " if prefix else ""
    if not isinstance(type_, ArrayType):
        if not isinstance(type_, (*_TEXTS, *_NUMBERS, FileType)):
            raise CannotSayError(f"{describe(type_)} has no form in a command of Galaxy's", node)
        return before + _protected(_texted(name, type_), how)
    item = type_.items
    if how.item_separator is not None:
        if not isinstance(item, (*_TEXTS, *_NUMBERS, FileType)):
            raise CannotSayError(f"{describe(type_)} has no form in a command of Galaxy's", node)
        each = _mapped(name, _texted("item", item)) if not isinstance(item, _TEXTS) else name
        said = _protected(f"{each}.join({json.dumps(how.item_separator)})", how)
        return f'{name}.length === 0 ? "" : {before}{said}'
    inner = _words("item", item, how.items or Rendering(quote=how.quote), node)
    said = f'{_mapped(name, inner)}.join(" ")'
    return f'{name}.length === 0 ? "" : {before}{said}' if before else said


def _mapped(name: str, inner: str) -> str:
    return f"{name}.map(function (item) {{ return {inner}; }})"
