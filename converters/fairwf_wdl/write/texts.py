"""Texts: templates and placeholders (specification 1.2, "Expression Placeholders")."""

from __future__ import annotations

from abc import ABC, abstractmethod

from fairwf.ir.expressions import (
    Call,
    Expr,
    If,
    NoneLit,
    StringLit,
    Template,
)
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    FloatType,
    MapType,
    RecordType,
    Type,
    UnionType,
)
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.functions import (
    STRINGS,
)
from fairwf_wdl.write.patterns import (
    arguments,
    bare,
    let,
    template_parts,
    unwrapped,
)
from fairwf_wdl.write.places import Place
from fairwf_wdl.write.said import Said
from fairwf_wdl.write.strings import Hole, Piece, literal, quoted
from fairwf_wdl.write.types import (
    PATHS,
    STRING,
    is_optional,
    item_of,
    required,
)


class Texts(ABC):
    """Says texts; what stands in them is said by :class:`~fairwf_wdl.write.expressions.Sayer`."""

    place: Place
    _sure: list[Expr]
    _holes: int
    """How many placeholders stand around what is said."""

    @abstractmethod
    def say(self, node: Expr, wanted: Type | None = None) -> Said:
        """Return an expression."""

    @abstractmethod
    def known(self, said: Said) -> Said:
        """Return a value that is not none."""

    def placed(self, node: Expr) -> Said:
        """Return an expression that stands in a placeholder."""
        self._holes += 1
        try:
            return self.say(node)
        finally:
            self._holes -= 1

    def text(self, node: Expr) -> Said:
        """Return the text of a value as a template writes it."""
        inner = bare(node, STRING)
        if isinstance(inner, (Template, StringLit)):
            return Said(quoted(self.pieces(inner)), STRING)
        if isinstance(inner, Call) and inner.function == "concat":
            return Said(quoted(self.pieces(inner)), STRING)
        if inner is node and isinstance(node, Call):
            raise CannotSayError("WDL does not write this text of a number", node)
        said = self.say(inner)
        if required(said.type) == STRING and not is_optional(said.type):
            return said
        return Said(quoted([self.hole(node)]), STRING)

    def pieces(self, node: Expr) -> list[Piece]:
        """Return the pieces of a text: as they are, and placeholders."""
        found: list[Piece] = []
        for part in template_parts(let(node)):
            found.extend([part.value] if isinstance(part, StringLit) else [self.hole(part)])
        return found or [""]

    def hole(self, node: Expr) -> Hole:
        """Return the placeholder that writes a value as a template does."""
        node = let(node)
        if isinstance(node, If):
            optional_ = self._optional_hole(node) or self.added(node)
            if optional_ is not None:
                return optional_
        inner = let(bare(node, STRING))
        if isinstance(inner, If) and inner is not node:
            optional_ = self._optional_hole(inner)
            if optional_ is not None:
                return optional_
        said = self.placed(inner)
        self._refuse_untexted(node, inner, said)
        if is_optional(said.type) and inner in self._sure:
            return Hole(self.known(said).text)
        if is_optional(said.type):
            return Hole(f'default="null" {said.operand}')
        return Hole(said.text)

    def _optional_hole(self, node: If) -> Hole | None:
        """What is written where it is not none, else a fixed text or nothing."""
        test = arguments(node.test, "defined", 1)
        if test is None or not isinstance(node.otherwise, StringLit):
            return None
        if isinstance(let(node.then), If):
            return None
        then = unwrapped(bare(node.then, STRING))
        if then != test[0]:
            return None
        said = self.say(then)
        if not is_optional(said.type):
            return None
        self._refuse_untexted(node.then, then, said)
        if node.otherwise.value:
            return Hole(f"default={literal(node.otherwise.value)} {said.operand}")
        return Hole(said.text)

    def added(self, node: If) -> Hole | None:
        """Return ``"--option " + x``, which writes nothing where x is none."""
        test = arguments(node.test, "defined", 1)
        nothing = isinstance(node.otherwise, NoneLit) or node.otherwise == StringLit(value="")
        if test is None or not nothing or not isinstance(node.then, Template):
            return None
        if len(node.then.parts) != 2:
            return None
        texts = [bare(part, STRING) for part in node.then.parts]
        of = self.say(test[0])
        if texts.count(test[0]) != 1 or not is_optional(of.type):
            return None
        for part, inner in zip(node.then.parts, texts, strict=True):
            if inner == test[0]:
                self._refuse_untexted(part, inner, of)
        said = [of if one == test[0] else self.say(one, STRING) for one in texts]
        return Hole(" + ".join(one.operand for one in said))

    def _refuse_untexted(self, node: Expr, inner: Expr, said: Said) -> None:
        kind = required(said.type)
        converted = inner is not node
        if isinstance(kind, FloatType) and not converted:
            self.place.tell("FWF3003", "WDL writes a float with six digits after the point", node)
        elif isinstance(kind, PATHS) and not converted:
            raise CannotSayError("WDL writes the path of a file, not the file as JSON", node)
        elif isinstance(kind, (ArrayType, RecordType, MapType, AnyType, UnionType)):
            raise CannotSayError("WDL writes no arrays, records or maps into a text", node)

    def texts(self, node: Expr) -> Said:
        """Return an array whose items become texts."""
        inner = bare(node, STRINGS)
        said = self.known(self.say(inner))
        item = item_of(said.type)
        if inner is node and isinstance(required(item), FloatType):
            self.place.tell("FWF3003", "WDL writes a float with six digits after the point", node)
        if inner is node and isinstance(required(item), PATHS):
            raise CannotSayError("WDL writes the path of a file, not the file as JSON", node)
        if is_optional(item):
            raise CannotSayError("WDL joins no items that may be none", node)
        return said
