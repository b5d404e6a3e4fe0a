"""Texts of scripts: their indentation, interpreter, ``!{...}`` and templates."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from fairwf.ir.command import ScriptPart, Text
from fairwf.ir.expressions import Expr, If, StringLit, Template
from fairwf_nextflow.grammar.source_text import Text as SourceText
from fairwf_nextflow.grammar.statements import Parser
from fairwf_nextflow.grammar.tokens import embedded, template_token
from fairwf_nextflow.grammar.tree import Expression, Str

BASH = ("/bin/bash", "-ue")
_FIRST = re.compile(r"\s*#!\s*([^\n]+)\n")


def dedented(expr: Expr) -> Expr:
    """Return a script's text without the blanks that all its lines begin with."""
    if isinstance(expr, If):
        then, otherwise = dedented(expr.then), dedented(expr.otherwise)
        return msgspec.structs.replace(expr, then=then, otherwise=otherwise)
    if not isinstance(expr, (StringLit, Template)):
        return expr
    parts = list(expr.parts) if isinstance(expr, Template) else [expr]
    shown = "".join(p.value if isinstance(p, StringLit) else "\1" for p in parts)
    lines = shown.split("\n")
    least = min((len(x) - len(x.lstrip(" \t")) for x in lines if x.strip()), default=0)
    made: list[Expr] = []
    fresh = True
    for part in parts:
        if not isinstance(part, StringLit):
            made.append(part)
            fresh = False
            continue
        pieces = part.value.split("\n")
        out = []
        for number, piece in enumerate(pieces):
            begins = fresh if number == 0 else True
            out.append(
                piece[min(least, len(piece) - len(piece.lstrip(" \t"))) :] if begins else piece
            )
        fresh = len(pieces) > 1 and not pieces[-1].strip()
        made.append(StringLit(value="\n".join(out)))
    if made and isinstance(made[0], StringLit):
        made[0] = StringLit(value=made[0].value.removeprefix("\n"))
    if made and isinstance(made[-1], StringLit):
        made[-1] = StringLit(value=made[-1].value.rstrip() + "\n")
    else:
        made.append(StringLit(value="\n"))
    return made[0] if len(made) == 1 else Template(parts=tuple(made))


def interpreter_of(body: tuple[ScriptPart, ...]) -> tuple[tuple[str, ...], tuple[ScriptPart, ...]]:
    """Return what a script is run by: what its first line says, else bash."""
    if body and isinstance(body[0], Text):
        found = _FIRST.match(body[0].text)
        if found is not None:
            words = found[1].split()
            if words and len(words) < 8:
                return tuple(words), (Text(text=body[0].text[found.end() :]), *body[1:])
    return BASH, body


def placeholders(source: SourceText, node: Str) -> Iterator[str | Expression]:
    """Yield the texts and expressions of a text in which ``!{...}`` is interpolated."""
    whole = node.plain or ""
    raw_at = node.start
    done = 0
    while (start := whole.find("!{", done)) >= 0:
        raw_at = source.text.find("!{", raw_at, node.end)
        if raw_at < 0:
            break
        tokens, end = embedded(source, raw_at + 2)
        parser = Parser(source, tokens)
        value = parser.expression()
        yield whole[done:start]
        yield value
        done = start + (end - raw_at)
        raw_at = end
    yield whole[done:]


def template_text(source: SourceText) -> Str:
    """Return a file's text with what is interpolated."""
    token = template_token(source)
    return Parser(source, [token, token._replace(kind="end")]).string()
