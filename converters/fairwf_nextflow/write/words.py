"""Arguments of a command as words of the shell (fairwf.ir.command, "Rendering")."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import (
    Attr,
    BoolLit,
    Expr,
    FloatLit,
    IntLit,
    Local,
    NoneLit,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    FloatType,
    IntType,
    RecordType,
    Type,
    UnionType,
)
from fairwf_nextflow.meaning.substitution import substituted
from fairwf_nextflow.write.expressions import Said, Sayer, is_optional, is_path, required
from fairwf_nextflow.write.failures import CannotSayError
from fairwf_nextflow.write.functions import present
from fairwf_nextflow.write.strings import Hole, Piece, literal, quoted

EXPANSIONS = {"outdir": '"$PWD"', "tmpdir": '"${TMPDIR:-/tmp}"'}
SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")


class Words:
    """Says the arguments of one task."""

    def __init__(self, sayer: Sayer) -> None:
        self.sayer = sayer

    def line(self, arguments: Sequence[Argument]) -> list[Piece]:
        """Return arguments joined with blanks."""
        pieces: list[Piece] = []
        for argument in arguments:
            if argument.position is not None:
                raise CannotSayError("Nextflow cannot compute the place of an argument", argument)
            said = self.argument(argument.value, argument.rendering)
            if said:
                pieces.extend([" ", *said] if pieces else said)
        return pieces

    def argument(self, value: Expr, rendering: Rendering) -> list[Piece]:
        """Return the words of a value, none at all where it gives none for sure."""
        if rendering.value is not None:
            value = substituted(rendering.value, {"self": value})
            return self.argument(value, _plain(rendering))
        if isinstance(value, NoneLit):
            return []
        fixed = self.fixed(value, rendering.quote)
        if fixed is not None:
            return self._prefixed(rendering, fixed)
        said = self.sayer.say(value)
        type_ = said.type
        if is_optional(type_):
            inner = self._of(value, said, required(type_), rendering)
            if not inner:
                return []
            return [Hole(f"{present(self.sayer, value).operand} ? {quoted(inner)} : ''")]
        return self._of(value, said, type_, rendering)

    def word(self, value: Expr) -> list[Piece]:
        """Return a text as one word."""
        fixed = self.fixed(value, True)
        if fixed is not None:
            return fixed
        return [self._one(self.sayer.say(value), value, True)]

    def fixed(self, value: Expr, quote: bool) -> list[Piece] | None:
        """Return the word of a text that is written out, None for any other value."""
        match value:
            case StringLit(value=text):
                return [_word(text) if quote else text]
            case IntLit() | FloatLit():
                return [str(value.number)]
            case Runtime(name=name) if name in EXPANSIONS:
                return [EXPANSIONS[name] if quote else EXPANSIONS[name].strip('"')]
            case Template(parts=parts):
                found: list[Piece] = []
                for part in parts:
                    inner = self.fixed(part, quote)
                    if inner is None:
                        inner = [self._one(self.sayer.say(part), part, quote)]
                    found += inner
                return found
        return None

    def _of(self, value: Expr, said: Said, type_: Type | None, rendering: Rendering) -> list[Piece]:
        if isinstance(value, BoolLit) or isinstance(type_, BoolType) or said.kind == "bool":
            if rendering.prefix is None:
                return []
            test = self.sayer.test(value).operand
            return [Hole(f"{test} ? {literal(_word(rendering.prefix))} : ''")]
        if isinstance(type_, RecordType):
            return self._record(value, rendering)
        if isinstance(type_, ArrayType):
            return self._array(value, said, type_, rendering)
        one: list[Piece] = [self._one(said, value, rendering.quote)]
        return self._prefixed(rendering, one)

    def _one(self, said: Said, value: Expr, quote: bool) -> Hole:
        """Return the placeholder of one value."""
        type_ = required(said.type)
        shown = self.sayer.text_of(value)
        if shown is not None:
            return Hole(shown)
        if isinstance(type_, (IntType, FloatType, BoolType)) or said.kind in ("int", "float"):
            return Hole(said.text)
        if isinstance(type_, (RecordType, ArrayType, UnionType)) and not is_path(type_):
            raise CannotSayError("it is not known how this value becomes an argument", value)
        if said.kind == "path" or is_path(type_):
            return Hole(said.text)
        return Hole(f"quoted({said.text})" if quote else said.text)

    def _prefixed(self, rendering: Rendering, word: list[Piece]) -> list[Piece]:
        if rendering.prefix is None:
            return word
        prefix = _word(rendering.prefix) if rendering.quote else rendering.prefix
        return [f"{prefix} " if rendering.separate else prefix, *word]

    def _record(self, value: Expr, rendering: Rendering) -> list[Piece]:
        found: list[Piece] = [] if rendering.prefix is None else [_word(rendering.prefix)]
        for field in rendering.fields:
            said = self.argument(Attr(of=value, name=field.name), field.rendering)
            if said:
                found.extend([" ", *said] if found else said)
        return found

    def _array(
        self, value: Expr, said: Said, type_: ArrayType, rendering: Rendering
    ) -> list[Piece]:
        text = self.sayer.listed(value)
        name, before = self.sayer.bind("\0item", type_.items)
        item = Local(name="\0item")
        if rendering.item_separator is not None:
            shown = self.sayer.text_of(item) or name
            inner = literal(rendering.item_separator)
            whole = f'{text}.collect {{ {name} -> "${{{shown}}}" }}.join({inner})'
            word: list[Piece] = [Hole(f"quoted({whole})" if rendering.quote else whole)]
        else:
            of = rendering.items or Rendering(quote=rendering.quote)
            one = self.argument(item, of)
            word = [Hole(f"{text}.collect {{ {name} -> {quoted(one)} }}.join(' ')")] if one else []
        self.sayer.locals = before
        if not word and rendering.prefix is None:
            return []
        made = self._prefixed(rendering, word)
        if type_.nonempty or (rendering.prefix is None and rendering.item_separator is None):
            return made
        return [Hole(f"{text}.size() > 0 ? {quoted(made)} : ''")]


def _plain(rendering: Rendering) -> Rendering:
    import msgspec

    return msgspec.structs.replace(rendering, value=None)


def _word(text: str) -> str:
    return text if SAFE.fullmatch(text) else shlex.quote(text)
