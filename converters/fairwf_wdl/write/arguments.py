"""Command lines of the IR as words of bash (fairwf.ir.command, "Rendering")."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import Attr, Expr, Input, Local, NoneLit, Opaque, Runtime, StringLit
from fairwf.ir.types import (
    ArrayType,
    BoolType,
    FloatType,
    IntType,
    NoneType,
    RecordType,
    StringType,
    Type,
)
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import bare, let, replaced, template_parts
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.shell import (
    Expansion,
    ShellPiece,
    as_expression,
    escaped,
    marked,
    protected,
    word,
)
from fairwf_wdl.write.strings import Hole, Piece, literal
from fairwf_wdl.write.types import PATHS, STRING, is_optional, required

_MARK = "\x01"
"""Stands between items until each is quoted."""
_EXPANSIONS = {"outdir": "$PWD", "tmpdir": "${TMPDIR:-/tmp}"}


class Words:
    """Says the arguments of one task."""

    def __init__(self, sayer: Sayer) -> None:
        self.sayer = sayer

    def line(self, arguments: Sequence[Argument]) -> list[Piece]:
        """Return arguments joined with blanks."""
        pieces: list[Piece] = []
        for argument in arguments:
            if argument.position is not None:
                raise CannotSayError("WDL cannot compute the place of an argument", argument)
            said = self.argument(argument.value, argument.rendering, argument)
            if said:
                pieces.extend([" ", *said] if pieces else said)
        return pieces

    def argument(self, value: Expr, rendering: Rendering, at: msgspec.Struct) -> list[Piece]:
        """Return the words of a value, none at all where it gives none for sure."""
        if rendering.value is not None:
            computed = replaced(rendering.value, Local(name="self"), value)
            rest = msgspec.structs.replace(rendering, value=None)
            test = self._test(value)
            if test is None:
                return []
            inner = self.argument(computed, rest, at)
            if not test or not inner:
                return inner
            return [Hole(f'if {test} then {as_expression(inner)} else ""')]
        try:
            if isinstance(let(value), Opaque):
                return self._computed(let(value), rendering, at)
            return self._said(value, rendering, at)
        except CannotSayError as error:
            try:
                return self._computed(value, rendering, at)
            except CannotSayError:
                raise error from None

    def _test(self, value: Expr) -> str | None:
        """Return what says that a value is there: nothing for one that always is, None for none."""
        value = let(value)
        if isinstance(value, NoneLit):
            return None
        if not isinstance(value, (Input, Attr)):
            return ""
        said = self.sayer.say(value)
        if isinstance(required(said.type), NoneType):
            return None
        return f"defined({said.text})" if is_optional(said.type) else ""

    def _computed(self, value: Expr, rendering: Rendering, at: msgspec.Struct) -> list[Piece]:
        words = self.sayer.place.shell_words(value, rendering) if rendering.quote else None
        if words is None:
            raise CannotSayError("WDL computes no argument that a shell reads", at)
        return words

    def _said(self, value: Expr, rendering: Rendering, at: msgspec.Struct) -> list[Piece]:
        pieces = self.shell_pieces(value)
        if pieces is not None:
            return self._prefixed(rendering, [pieces], rendering.quote)
        said = self.sayer.say(bare(let(value), STRING))
        kind = required(said.type)
        if isinstance(kind, NoneType):
            return []
        if kind is None or rendering.cases:
            raise CannotSayError("it is not known how this value becomes an argument", at)
        if is_optional(said.type):
            inner = self._rendered(self.sayer.known(said), kind, value, rendering, at)
            test = f"defined({said.text})"
            return [Hole(f'if {test} then {as_expression(inner)} else ""')] if inner else []
        return self._rendered(said, kind, value, rendering, at)

    def _rendered(
        self, said: Said, kind: Type, value: Expr, rendering: Rendering, at: msgspec.Struct
    ) -> list[Piece]:
        if isinstance(kind, BoolType):
            if rendering.prefix is None:
                return []
            flag = literal("".join(str(one) for one in word([rendering.prefix])))
            return [Hole(f'if {said.text} then {flag} else ""')]
        if isinstance(kind, RecordType):
            return self._record(kind, value, rendering, at)
        if isinstance(kind, ArrayType):
            return self._array(said, kind, rendering, at)
        return self._prefixed(
            rendering, [[self.one(said, kind, value, rendering.quote)]], rendering.quote
        )

    def one(self, said: Said, kind: Type, at: msgspec.Struct, quote: bool = True) -> Hole:
        """Return the placeholder of a value inside of quotation marks, if there are any."""
        if isinstance(kind, FloatType):
            self.sayer.place.tell(
                "FWF3003", "WDL writes a float with six digits after the point", at
            )
        if isinstance(kind, (IntType, FloatType)):
            return Hole(said.text)
        if not isinstance(kind, (StringType, *PATHS)) and kind.__class__.__name__ != "EnumType":
            raise CannotSayError("WDL has no argument for a value of this type", at)
        return escaped(said.text) if quote else Hole(said.text)

    def _prefixed(
        self, rendering: Rendering, words: Iterable[list[ShellPiece]], quote: bool
    ) -> list[Piece]:
        found: list[Piece] = []
        for pieces in words:
            if rendering.prefix and not rendering.separate:
                pieces = [rendering.prefix, *pieces]
            elif rendering.prefix is not None and rendering.separate:
                found.extend([*word([rendering.prefix]), " "])
            found.extend(word(pieces) if quote else _unquoted(pieces))
        return found

    def _record(
        self, kind: RecordType, value: Expr, rendering: Rendering, at: msgspec.Struct
    ) -> list[Piece]:
        found: list[Piece] = []
        if rendering.prefix is not None:
            found.extend(word([rendering.prefix]))
        for field in rendering.fields:
            said = self.argument(Attr(of=value, name=field.name), field.rendering, at)
            if said:
                found.extend([" ", *said] if found else said)
        return found

    def _array(
        self, said: Said, kind: ArrayType, rendering: Rendering, at: msgspec.Struct
    ) -> list[Piece]:
        item = required(kind.items)
        if item is None or is_optional(kind.items):
            raise CannotSayError("WDL has no argument for items that may be none", at)
        if rendering.item_separator is not None:
            joined = f"sep({literal(rendering.item_separator)}, {said.text})"
            self.one(said, item, at)
            inner = self._prefixed(
                rendering, [[escaped(joined) if rendering.quote else Hole(joined)]], rendering.quote
            )
        else:
            inner = self._items(said, item, rendering, at)
        if not inner or kind.nonempty:
            return inner
        return [Hole(f'if length({said.text}) > 0 then {as_expression(inner)} else ""')]

    def _items(
        self, said: Said, item: Type, rendering: Rendering, at: msgspec.Struct
    ) -> list[Piece]:
        of = rendering.items or Rendering(quote=rendering.quote)
        if of.value is not None or of.items is not None or of.fields or of.cases:
            raise CannotSayError("WDL computes no argument for each item of an array", at)
        self.one(said, item, at)
        before = "".join(map(str, word([of.prefix]))) if of.prefix is not None else ""
        found: list[Piece] = []
        if rendering.prefix is not None:
            found.extend([*word([rendering.prefix]), " "])
        gap = f" {before} " if of.prefix is not None and of.separate else " "
        lead = f"{before} " if of.prefix is not None and of.separate else ""
        glued = (of.prefix or "").replace("'", "'\\''") if not of.separate else ""
        if isinstance(item, (IntType, FloatType)) and not glued:
            return [*found, lead, Hole(f"sep({literal(gap)}, {said.text})")]
        if not of.quote or not rendering.quote:
            return [*found, f"{lead}{glued}", Hole(f"sep({literal(gap + glued)}, {said.text})")]
        between = literal(f"'{gap}'{glued}")
        joined = protected(f"sep({literal(_MARK)}, {said.text})")
        return [*found, f"{lead}'{glued}", Hole(f"sub({joined}, {literal(_MARK)}, {between})"), "'"]

    def shell_pieces(self, value: Expr) -> list[ShellPiece] | None:
        """Return the pieces of a text that is written out, None for any other value."""
        staged = self.sayer.place.staged_at(value)
        if staged is not None:
            return [Expansion("$PWD"), "/", *self._name(staged)]
        parts = list(template_parts(let(value)))
        if parts == [let(value)] and isinstance(parts[0], Opaque):
            whole = self.sayer.place.shell_text(parts[0])
            return [whole] if whole is not None else None
        written = len(parts) > 1 or isinstance(parts[0] if parts else None, (StringLit, Runtime))
        if not written and value.__class__.__name__ != "Template":
            return None
        pieces: list[ShellPiece] = []
        for part in parts:
            expansion = self.expansion(part)
            staged = self.sayer.place.staged_at(part)
            if staged is not None:
                pieces += [Expansion("$PWD"), "/", *self._name(staged)]
            elif isinstance(part, StringLit):
                pieces.append(part.value)
            elif expansion is not None:
                pieces.append(expansion)
            elif isinstance(part, Opaque):
                text_ = self.sayer.place.shell_text(part)
                if text_ is None:
                    raise CannotSayError("WDL computes this by no program here", part)
                pieces.append(text_)
            else:
                hole = self.sayer.hole(part)
                said = (
                    self.sayer.say(bare(part, STRING))
                    if not hole.text.startswith("default=")
                    else None
                )
                number = said is not None and isinstance(required(said.type), (IntType, BoolType))
                text = (
                    as_expression([hole]) if said is None or said.text != hole.text else hole.text
                )
                pieces.append(hole if number else escaped(text))
        return pieces

    def _name(self, node: Expr) -> list[ShellPiece]:
        pieces = self.shell_pieces(node)
        return pieces if pieces is not None else [escaped(self.sayer.say(node, STRING).text)]

    def expansion(self, node: Expr) -> Expansion | None:
        """Return the variable of the shell for what the engine gives a running task."""
        if isinstance(node, Runtime) and node.name in _EXPANSIONS:
            return Expansion(_EXPANSIONS[node.name])
        return None


def _unquoted(pieces: Iterable[ShellPiece]) -> list[Piece]:
    return [marked(piece) if isinstance(piece, Expansion) else piece for piece in pieces]
