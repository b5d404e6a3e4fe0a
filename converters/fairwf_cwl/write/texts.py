r"""Expressions as the texts of a CWL document: parameter references, templates, JavaScript.

Nothing is written that the reader would take for something else: each text is read again, and an
expression whose text reads differently has to be made JavaScript first (:meth:`Texts.normal`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Attr,
    BoolLit,
    Call,
    Expr,
    FloatLit,
    If,
    Index,
    IntLit,
    NoneLit,
    Opaque,
    Record,
    StringLit,
    Template,
)
from fairwf.ir.origins import Origins, Span
from fairwf.report import Report
from fairwf_cwl.bindings import Names
from fairwf_cwl.expressions import ExpressionReader
from fairwf_cwl.interpolate import UnfinishedError, has_expression, pieces
from fairwf_cwl.write.idiom import idiom, script
from fairwf_cwl.write.javascript_text import (
    CannotSayError,
    Naming,
    Rounded,
    definitions_for,
    javascript,
    tool_name,
)
from fairwf_cwl.write.places import Place

_DOT = re.compile(r"\w+\Z")
_NOWHERE = Span("-", 1, 1, 1, 1)
_OPENING = re.compile(r"\$([({])")


class Texts:
    """Writes the expressions of one place, where ``javascript`` says if that is in force.

    ``rounded`` is told of numbers that JavaScript lacks; without it they cannot be said.
    """

    def __init__(
        self, javascript: bool, libraries: tuple[str, ...] = (), rounded: Rounded | None = None
    ) -> None:
        self.javascript = javascript
        self.libraries = libraries
        self.rounded = rounded

    def names(self, names: Names) -> Names:
        """Return the names as the reader has them here."""
        return replace(names, javascript=self.javascript, libraries=self.libraries)

    def read(self, text: str, names: Names, strip: bool = True) -> Expr:
        """Return what the reader makes of a text here."""
        reader = ExpressionReader(Report(), Origins())
        return reader.read(text, _NOWHERE, self.names(names), strip=strip)

    def simple(
        self, expression: Expr, names: Names, naming: Naming = tool_name, strip: bool = True
    ) -> str | None:
        """Return the text that reads back as this expression, None where there is none."""
        for form in (text_of, *FORMS) if self.javascript else (text_of,):
            text = form(expression, naming)
            if text is not None and same(self.read(text, names, strip), expression):
                return text
        return None

    def write(self, expression: Expr, place: Place) -> str:
        """Return the text of an expression in normal form.

        Raises:
            CannotSayError: it is not in normal form.
        """
        text = self.at(expression, place)
        if text is None:
            raise CannotSayError("this expression cannot be written in CWL", expression)
        return text

    def at(self, expression: Expr, place: Place) -> str | None:
        """Return the text that reads back as this expression at a place, None without one."""
        text = self.simple(expression, place.names, strip=place.strip)
        if text is None or not place.computed or not isinstance(expression, StringLit):
            return text
        text = script(expression, tool_name) if self.javascript else None
        found = self.read(text, place.names, place.strip) if text is not None else None
        return text if found is not None and same(found, expression) else None

    def normal(
        self, expression: Expr, place: Place, need: Callable[[tuple[str, ...]], None]
    ) -> Expr:
        """Return an expression of the same meaning that CWL can write, itself if possible.

        ``need`` is told the definitions that the JavaScript in it calls.

        Raises:
            CannotSayError: there is none.
        """
        if self.at(expression, place) is not None:
            return expression
        if isinstance(expression, Template):
            parts = tuple(self._part(part, place, need) for part in expression.parts)
            changed = Template(parts=parts)
            if self.at(changed, place) is not None:
                return changed
        return self._whole(expression, place, need)

    def _part(self, part: Expr, place: Place, need: Callable[[tuple[str, ...]], None]) -> Expr:
        if isinstance(part, StringLit) or self.simple(part, place.names) is not None:
            return part
        return self._whole(part, Place(place.names), need)

    def _whole(
        self, expression: Expr, place: Place, need: Callable[[tuple[str, ...]], None]
    ) -> Expr:
        code = javascript(expression, rounded=self.rounded)
        if not self.javascript:
            raise CannotSayError("this expression needs JavaScript", expression)
        need(definitions_for(code))
        result = self.read(wrapped(code, expression), place.names, place.strip)
        if self.at(result, place) is None:
            raise CannotSayError("this expression cannot be written in CWL", expression)
        return result


def wrapped(code: str, node: Expr) -> str:
    """Return JavaScript as ``$(...)``, or as ``${...}`` where brackets in it end the former early.

    Raises:
        CannotSayError: both end early, as a regular expression can make them.
    """
    for text in (f"$({code})", f"${{return ({code}\n);}}"):
        with suppress(UnfinishedError):
            found = pieces(text)
            if len(found) == 1 and found[0].kind != "text":
                return text
    raise CannotSayError(
        "CWL cannot tell where this JavaScript ends",
        node,
        "write the brackets in its texts and regular expressions as \\x28 or \\x7b",
    )


def interpolated(expression: Expr, naming: Naming) -> str | None:
    """Return a text around expressions of JavaScript, None where it is not that.

    The reference runner writes a float there in its own way, not as JavaScript does.
    """
    parts = expression.parts if isinstance(expression, Template) else ()
    floats = any(map(_may_be_float, parts))
    return text_of(expression, naming, idiom) if parts and not floats else None


def _long(expression: Expr, naming: Naming) -> str | None:
    return script(expression, naming, short=False)


def _pieces(expression: Expr, naming: Naming) -> str | None:
    return text_of(expression, naming, idiom)


FORMS = (interpolated, script, _long, _pieces)
"""The texts that may say an expression where JavaScript is in force, the best first."""


def _may_be_float(part: Expr) -> bool:
    if isinstance(part, If):
        return _may_be_float(part.then) or _may_be_float(part.otherwise)
    return isinstance(part, Call) and part.function in _ARITHMETIC


_ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "max", "min", "absolute"})
Code = Callable[[Expr, Naming], str | None]


def text_of(expression: Expr, naming: Naming, code: Code | None = None) -> str | None:
    """Return the text that may say an expression; whether it does, reading it again tells.

    ``code`` gives the JavaScript of parts that are no references.
    """
    if isinstance(expression, StringLit):
        return _escaped(expression.value) if has_expression(expression.value) else expression.value
    if isinstance(expression, Template):
        parts = []
        for part in expression.parts:
            piece = (
                _escaped(part.value) if isinstance(part, StringLit) else _piece(part, naming, code)
            )
            if piece is None:
                return None
            parts.append(piece)
        return "".join(parts)
    return _piece(expression, naming)


def _escaped(text: str) -> str:
    return _OPENING.sub(r"\\$\1", text.replace("\\", "\\\\"))


def _piece(expression: Expr, naming: Naming, inside: Code | None = None) -> str | None:
    if isinstance(expression, Opaque):
        if expression.language == "cwl":
            return expression.text
        if expression.language != "javascript":
            return None
        text = expression.text
        return f"$({text})" if expression.form == "expression" else f"${{{text}}}"
    code = reference_text(expression, naming) or _literal(expression)
    if code is None and inside is not None:
        code = inside(expression, naming)
    return None if code is None else f"$({code})"


def _literal(expression: Expr) -> str | None:
    """Return a literal that stands alone; JavaScript alone has it, which reading it tells."""
    if isinstance(expression, BoolLit):
        return "true" if expression.value else "false"
    return str(expression.number) if isinstance(expression, (IntLit, FloatLit)) else None


def reference_text(expression: Expr, naming: Naming) -> str | None:
    """Return an expression as a parameter reference without ``$(`` and ``)``, or None."""
    named = naming(expression)
    if named is not None:
        return named
    if isinstance(expression, NoneLit):
        return "null"
    if isinstance(expression, Record):
        return "runtime" if "outdir" in expression.fields else "inputs"
    if isinstance(expression, Attr):
        name = "secondaryFiles" if expression.name == "secondary" else expression.name
        of = reference_text(expression.of, naming)
        return None if of is None else of + _segment(name)
    if isinstance(expression, Index):
        return _indexed(expression.of, expression.by, naming)
    if isinstance(expression, Call):
        if expression.function == "get" and len(expression.args) == 2:
            return _indexed(expression.args[0], expression.args[1], naming)
        if expression.function == "length" and len(expression.args) == 1:
            of = reference_text(expression.args[0], naming)
            return None if of is None else f"{of}.length"
    return None


def _indexed(of: Expr, by: Expr, naming: Naming) -> str | None:
    text = reference_text(of, naming)
    if text is None or not isinstance(by, IntLit) or by.number < 0:
        return None
    return f"{text}[{by.number}]"


def _segment(name: str) -> str:
    if _DOT.match(name) and name.isascii():
        return f".{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{quoted}']"
