"""Texts with expressions to the IR (CWL v1.2, "Expressions" and "Parameter references").

A parameter reference becomes references, attributes and indexes; a text around expressions becomes
a template; other JavaScript stays :class:`Opaque` with every name that it sees bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Literal

from fairwf.ir.expressions import (
    Binding,
    BoolLit,
    Expr,
    IntLit,
    NoneLit,
    Opaque,
    Record,
    StringLit,
)
from fairwf.ir.joining import joined
from fairwf.ir.origins import Origins, Span
from fairwf.ir.walk import walk
from fairwf.report import Report
from fairwf_cwl import javascript
from fairwf_cwl.bindings import Bound, Names
from fairwf_cwl.interpolate import Piece, UnfinishedError, has_expression, pieces
from fairwf_cwl.located import Texts, located
from fairwf_cwl.mistyped import in_javascript, in_reference
from fairwf_cwl.references import access, split

_BROKEN_HINT = (
    "no JavaScript engine can run it; if '$(' or '${' is meant for a shell, write '\\$(' or '\\${'"
)


class ExpressionReader:
    """Reads expressions; faults go to the report, every node gets its origin."""

    def __init__(self, report: Report, origins: Origins, texts: Texts | None = None) -> None:
        self.report = report
        self.texts: Texts = {} if texts is None else texts
        self.origins = origins
        self.javascript_read = 0
        self._checked: set[tuple[str, Span]] = set()

    def read(self, text: str, span: Span, names: Names, *, strip: bool = True) -> Expr:
        """Return what a text of the document says: a literal, a template, or an expression."""
        expression = self._read(text, span, names, strip)
        return self.place(expression, span)

    def place(self, expression: Expr, span: Span) -> Expr:
        """Give every node of the expression that has no origin this one."""
        for _, node in walk(expression):
            if node not in self.origins:
                self.origins.set(node, span)
        return expression

    def check_libraries(self, texts: Sequence[tuple[str, Span]]) -> None:
        """Tell of definitions of ``expressionLib`` that are no JavaScript, each once."""
        for text, span in texts:
            found = javascript.uses(text, "program")
            if found.broken is not None and (text, span) not in self._checked:
                self._broken(text, found.broken, span, "library")
            self._checked.add((text, span))

    def _broken(self, text: str, offset: int, span: Span, what: str) -> None:
        before = text.encode("utf-8", "surrogatepass")[:offset]
        lines = before.decode("utf-8", "replace").split("\n")
        rest = text[len("\n".join(lines)) :].strip()
        place = f"line {len(lines)}, column {len(lines[-1]) + 1} of the {what}"
        self.report.add(
            "FWF1108",
            f"this is no JavaScript, near {rest!r:.40} ({place})",
            span=span,
            hint=_BROKEN_HINT if what == "expression" else "no JavaScript engine can run it",
        )

    def _read(self, text: str, span: Span, names: Names, strip: bool) -> Expr:
        if not has_expression(text):
            return StringLit(value=text)
        try:
            parts = pieces(text, strip=strip, old_escapes=names.old_escapes)
        except UnfinishedError as error:
            self.report.add(
                "FWF1108",
                f"the expression {text[error.offset :]!r:.40} does not end",
                span=span,
                hint="close its bracket, or write \\$( for the characters themselves",
            )
            return StringLit(value=text)
        if not parts:
            return StringLit(value="")
        if len(parts) == 1:
            return self._piece(parts[0], span, names)
        return joined(*(self._piece(part, span, names) for part in parts))

    def _piece(self, piece: Piece, span: Span, names: Names) -> Expr:
        if piece.kind == "text":
            return StringLit(value=piece.text)
        if piece.kind == "paren":
            found = self._reference(piece.text, names)
            if found is not None:
                return found
        return self._opaque(piece, span, names)

    # --- parameter references ---------------------------------------------------------------

    def _reference(self, text: str, names: Names) -> Expr | None:
        if names.javascript and (literal := _literal(text.strip())) is not None:
            return literal
        parts = split(text.strip() if names.javascript else text)
        if parts is None:
            return None
        symbol, segments = parts
        if symbol == "null" and not segments:
            return NoneLit()
        if symbol == "inputs":
            if not segments:
                return Record(fields={name: bound.make() for name, bound in names.inputs.items()})
            found = names.inputs.get(str(segments.pop(0)))
        elif symbol == "runtime":
            if not segments:
                return Record(fields={name: one.make() for name, one in _runtime(names)})
            found = names.runtime_of(str(segments.pop(0)))
        elif symbol == "self":
            found = names.self
            if found is None:
                return None if segments else NoneLit()
        else:
            return None
        if found is None:
            return None
        expression, type_ = found.make(), found.type
        for segment in segments:
            step = access(expression, type_, segment, names.javascript)
            if step is None:
                return None
            expression, type_ = step
        return expression

    def locate(self, span: Span, piece: Piece, offset: int | None = None) -> Span:
        """Return where a piece of a text stands, or the place ``offset`` octets inside it."""
        text = self.texts.get(span.file)
        return span if text is None else located(text, span, piece, offset)

    # --- JavaScript -------------------------------------------------------------------------

    def _opaque(self, piece: Piece, span: Span, names: Names) -> Expr:
        form: Literal["expression", "body"] = "expression" if piece.kind == "paren" else "body"
        if not names.javascript:
            shown = f"$({piece.text})" if piece.kind == "paren" else f"${{{piece.text}}}"
            self._warn_no_javascript(shown, split(piece.text), self.locate(span, piece), names)
            return Opaque(language="cwl", text=shown)
        self._mistyped(piece, form, span, names)
        if names.typed:
            from fairwf_cwl.translate import Untranslated, translate

            with suppress(Untranslated):
                return translate(piece.text, form, names)
        self.javascript_read += 1
        found = javascript.uses(piece.text, form)
        if found.broken is not None:
            place = self.locate(span, piece, found.broken)
            self._broken(piece.text, found.broken, place, "expression")
        used = javascript.Uses()
        used.add(found)
        for library in names.libraries:
            used.add(javascript.uses(library, "program"))
        return Opaque(
            language="javascript", text=piece.text, form=form, bindings=_bindings(used, names)
        )

    def _mistyped(self, piece: Piece, form: str, span: Span, names: Names) -> None:
        if any(root in library for library in names.libraries for root in javascript.ROOTS):
            return  # a library may add members
        for missing in in_javascript(piece.text, form, names):
            self.report.add(
                "FWF2012",
                f"{missing.shown!r:.80} is not there: it is undefined when this is evaluated",
                span=self.locate(span, piece, missing.offset),
                hint=missing.hint,
            )

    def _warn_no_javascript(
        self, shown: str, parts: tuple[str, list[str | int]] | None, span: Span, names: Names
    ) -> None:
        if parts is None:
            message = f"{shown!r:.60} is no parameter reference"
            hint = "list InlineJavascriptRequirement in requirements"
        else:
            message = f"{shown!r:.60} refers to something that is not there"
            missing = in_reference(*parts, names)
            hint = missing.hint if missing else f"inputs: {', '.join(names.inputs) or 'none'}"
        self.report.add("FWF2012", message, span=span, hint=hint)


_INTEGER = re.compile(r"0|[1-9][0-9]{0,14}")
_QUOTED = re.compile(r"""'[^'\\\n]*'|"[^"\\\n]*\"""")


def _literal(text: str) -> Expr | None:
    """Return the literal that a JavaScript text is, if it is one that needs no JavaScript."""
    if text in ("true", "false"):
        return BoolLit(value=text == "true")
    if _INTEGER.fullmatch(text):
        return IntLit(value=int(text))
    if _QUOTED.fullmatch(text):
        return StringLit(value=text[1:-1])
    return None


def _runtime(names: Names, wanted: Sequence[str] | None = None) -> Iterator[tuple[str, Bound]]:
    for name in names.runtime_names if wanted is None else wanted:
        bound = names.runtime_of(name)
        if bound is not None:
            yield name, bound


def _bindings(used: javascript.Uses, names: Names) -> tuple[Binding, ...]:
    bindings: list[Binding] = []
    members = list(names.inputs) if "inputs" in used.whole else used.members["inputs"]
    known = [name for name in members if name in names.inputs]
    bindings += [Binding(path=("inputs", name), value=names.inputs[name].make()) for name in known]
    if not known and ("inputs" in used.whole or used.members["inputs"]):
        bindings.append(Binding(path=("inputs",), value=Record()))
    if "self" in used.whole or used.members["self"]:
        value = names.self.make() if names.self is not None else NoneLit()
        bindings.append(Binding(path=("self",), value=value))
    every = "runtime" in used.whole
    there = [
        Binding(path=("runtime", name), value=bound.make())
        for name, bound in _runtime(names, None if every else used.members["runtime"])
    ]
    bindings += there
    if not there and ("runtime" in used.whole or used.members["runtime"]):
        bindings.append(Binding(path=("runtime",), value=Record()))
    return tuple(bindings)
