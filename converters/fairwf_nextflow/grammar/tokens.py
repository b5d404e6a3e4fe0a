"""Tokens of Nextflow's Groovy. A string that interpolates holds the tokens of its expressions.

A line's end is no token: each token says whether one comes before it. Inside round and square
brackets none counts.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, Union

from fairwf_nextflow.grammar.source_text import MAX_NESTING, Text

Kind = Literal["name", "int", "float", "string", "op", "end"]


class Token(NamedTuple):
    """A token. ``line`` of True: a line ends before it; ``apart``: a blank stands before it.

    ``parts`` of a string are its texts and the tokens of its expressions; ``quote`` is how it
    begins.
    """

    kind: Kind
    text: str
    start: int
    end: int
    line: bool = False
    apart: bool = False
    parts: tuple[StringPart, ...] = ()
    quote: str = ""


StringPart = Union[str, list[Token]]

_OPERATORS = (
    ">>>=", "...", "..<", "<=>", "==~", "===", "!==", "**=", "<<=", ">>=", ">>>", "?.", "*.", "..",
    "->", "=~", "==", "!=", "<=", ">=", "&&", "||", "?:", "++", "--", "+=", "-=", "*=", "/=", "%=",
    "?=", "|=", "&=", "^=", "**", "<<", ">>", "::", ".&", ".@", "+", "-", "*", "/", "%", "=", "<",
    ">", "!", "~", "?", ":", ".", ",", ";", "&", "|", "^", "(", ")", "[", "]", "{", "}", "@",
)  # fmt: skip
_OPERATOR = re.compile("|".join(re.escape(text) for text in _OPERATORS))
_BLANK = re.compile(r"(?:[ \t\r\f\ufeff\u00a0]++|\\\r?\n)++")
_COMMENT = re.compile(r"//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/")
_NAME = re.compile(r"[^\W\d]\w*+")
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F_]++[lLiIgG]?|0[bB][01_]++[lLiIgG]?"
    r"|\d[\d_]*+(?:\.\d[\d_]*+)?(?:[eE][+-]?\d++)?(?:[lLiIgGfFdD](?!\w))?"
)
_EMBEDDED = re.compile(r"[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " "}
_BEFORE_SLASHY = frozenset({"return", "in", "case", "else", "assert", "throw", "instanceof", "as"})
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def tokens(text: Text) -> list[Token]:
    """Return the tokens of a text; the last is of kind ``end``.

    Raises:
        InvalidError: FWF1601 something is no token or not closed; FWF1009 it is nested too deeply.
    """
    start = 0
    if text.text.startswith("#!"):
        start = text.text.find("\n")
        start = len(text.text) if start < 0 else start
    return _Lexer(text).run(start)


class _Lexer:
    def __init__(self, text: Text) -> None:
        self.source = text
        self.text = text.text
        self.at = 0
        self.depth = 0

    def run(self, start: int, inside: bool = False) -> list[Token]:
        """Return the tokens from an offset, up to the brace that closes what ``inside`` began."""
        self.at = start
        found: list[Token] = []
        open_: list[tuple[str, int]] = []
        size = len(self.text)
        while True:
            line, apart = self._blank()
            if open_ and open_[-1][0] in "([":
                line = False
            if self.at >= size:
                if inside:
                    self.source.fail(start - 2, start, "the expression in a text is not closed")
                if open_:
                    what, where = open_[-1]
                    message = f"{what!r} is not closed"
                    hint = f"close it with {_CLOSING[what]!r}"
                    self.source.fail(where, where + 1, message, hint)
                found.append(Token("end", "", size, size, True))
                return found
            token = self._token(found[-1] if found else None, line, apart)
            if token.kind == "op" and token.text in "()[]{}":
                if token.text in _CLOSING:
                    open_.append((token.text, token.start))
                    self.depth += 1
                    if self.depth > MAX_NESTING:
                        self.source.too_deep(token.start)
                elif not open_ and inside and token.text == "}":
                    found.append(Token("end", "", token.start, token.start, True))
                    return found
                elif not open_ or _CLOSING[open_[-1][0]] != token.text:
                    if not open_:
                        self._refuse_headless(found)
                    opened = f" what {open_[-1][0]!r} opened" if open_ else " anything"
                    self.source.fail(
                        token.start, token.end, f"{token.text!r} does not close{opened}"
                    )
                else:
                    open_.pop()
                    self.depth -= 1
            found.append(token)

    def _refuse_headless(self, found: list[Token]) -> None:
        """A brace too many is most often one that a process or workflow lacks at its beginning."""
        for index, token in enumerate(found):
            if token.text not in ("process", "workflow") or not (token.line or index == 0):
                continue
            after = found[index + 1 : index + 3]
            if after and after[0].kind == "name" and not after[0].line:
                after = after[1:]
            if not after or (after[0].line and after[0].text != "{"):
                message = f"the {token.text} does not begin with '{{'"
                hint = "add the '{' that the last '}' closes"
                self.source.fail(token.start, token.end, message, hint)

    def _blank(self) -> tuple[bool, bool]:
        start, line = self.at, False
        while True:
            if self.text.startswith("\n", self.at):
                line = True
                self.at += 1
            elif (found := _BLANK.match(self.text, self.at)) is not None:
                self.at = found.end()
            elif (found := _COMMENT.match(self.text, self.at)) is not None:
                line = line or "\n" in found[0]
                self.at = found.end()
            elif self.text.startswith("/*", self.at):
                self.source.fail(self.at, self.at + 2, "the comment is not closed", "add '*/'")
            else:
                return line, self.at > start

    def _token(self, before: Token | None, line: bool, apart: bool) -> Token:
        start = self.at
        head = self.text[start]
        if head in "\"'":
            return self._string(line, apart)
        if head == "/" and _slashy(before):
            return self._slashy(start + 1, "/", line, apart)
        if head == "$" and self.text.startswith("$/", start):
            return self._slashy(start + 2, "$/", line, apart)
        if (found := _NUMBER.match(self.text, start)) is not None:
            self.at = found.end()
            whole = found[0]
            hexadecimal = whole[:2].lower() in ("0x", "0b")
            broken = not hexadecimal and (set(whole) & set(".eEfFdD"))
            return Token("float" if broken else "int", whole, start, self.at, line, apart)
        if head == "$" and (found := _NAME.match(self.text, start + 1)) is not None:
            self.at = found.end()
            return Token("name", self.text[start : self.at], start, self.at, line, apart)
        if (found := _NAME.match(self.text, start)) is not None:
            self.at = found.end()
            return Token("name", found[0], start, self.at, line, apart)
        if (found := _OPERATOR.match(self.text, start)) is not None:
            self.at = found.end()
            return Token("op", found[0], start, self.at, line, apart)
        return self.source.fail(start, start + 1, f"{head!r} means nothing here")

    # --- strings

    def _string(self, line: bool, apart: bool) -> Token:
        start = self.at
        quote = self.text[start]
        if self.text.startswith(quote * 3, start):
            quote *= 3
        return self._quoted(start, start + len(quote), quote, line, apart)

    def _quoted(self, start: int, at: int, quote: str, line: bool, apart: bool) -> Token:
        text = self.text
        parts: list[StringPart] = []
        piece: list[str] = []
        live = quote[0] == '"'
        stops = re.compile(
            r"[\\" + quote[0] + ("$" if live else "") + ("" if len(quote) > 1 else "\n") + "]"
        )
        while True:
            found = stops.search(text, at)
            if found is None:
                self.source.fail(
                    start, start + len(quote), "the text is not closed", f"close it with {quote}"
                )
            piece.append(text[at : found.start()])
            at, mark = found.start(), found[0]
            if mark == "\n":
                hint = f"close it with {quote}, or write {quote * 3} for a text of several lines"
                self.source.fail(start, at, "the text does not end on its line", hint)
            if mark == "\\":
                what, at = self._escape(at + 1)
                piece.append(what)
            elif mark == "$":
                inner = self._interpolation(at)
                if inner is None:
                    piece.append("$")
                    at += 1
                else:
                    parts += ["".join(piece), inner]
                    piece, at = [], self.at
            elif text.startswith(quote, at):
                self.at = at + len(quote)
                parts.append("".join(piece))
                return Token("string", "", start, self.at, line, apart, tuple(parts), quote)
            else:
                piece.append(mark)
                at += 1

    def _escape(self, at: int) -> tuple[str, int]:
        mark = self.text[at : at + 1]
        if mark == "\n":
            return "", at + 1
        if mark == "u" and re.fullmatch(r"[0-9a-fA-F]{4}", self.text[at + 1 : at + 5]):
            code = int(self.text[at + 1 : at + 5], 16)
            return ("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)), at + 5
        if mark in _ESCAPES:
            return _ESCAPES[mark], at + 1
        if mark in ("\\", "'", '"', "$", "/", "`"):
            return mark, at + 1
        return "\\" + mark, at + 1

    def _slashy(self, at: int, quote: str, line: bool, apart: bool) -> Token:
        start, text = self.at, self.text
        parts: list[StringPart] = []
        piece: list[str] = []
        ends = "/" if quote == "/" else "/$"
        while True:
            if at >= len(text):
                self.source.fail(
                    start, start + 1, "the text is not closed", f"close it with {ends}"
                )
            if quote == "/" and text.startswith("\\/", at):
                piece.append("/")
                at += 2
            elif quote == "$/" and text[at : at + 2] in ("$$", "$/"):
                piece.append(text[at + 1])
                at += 2
            elif text.startswith(ends, at):
                self.at = at + len(ends)
                parts.append("".join(piece))
                return Token("string", "", start, self.at, line, apart, tuple(parts), quote)
            elif text[at] == "$" and (inner := self._interpolation(at)) is not None:
                parts += ["".join(piece), inner]
                piece, at = [], self.at
            else:
                piece.append(text[at])
                at += 1

    def template(self) -> Token:
        """Return the whole text as one that interpolates."""
        text, at = self.text, 0
        parts: list[StringPart] = []
        piece: list[str] = []
        while at < len(text):
            if text.startswith("\\$", at):
                piece.append("$")
                at += 2
            elif text[at] == "$" and (inner := self._interpolation(at)) is not None:
                parts += ["".join(piece), inner]
                piece, at = [], self.at
            else:
                piece.append(text[at])
                at += 1
        parts.append("".join(piece))
        return Token("string", "", 0, len(text), False, False, tuple(parts), '"')

    def _interpolation(self, at: int) -> list[Token] | None:
        """Return the tokens of ``${...}`` or ``$name.name``; :attr:`at` is then behind it."""
        if self.text.startswith("${", at):
            self.depth += 1
            if self.depth > MAX_NESTING:
                self.source.too_deep(at)
            inner = self.run(at + 2, inside=True)
            self.depth -= 1
            return inner
        found = _EMBEDDED.match(self.text, at + 1)
        if found is None:
            return None
        inner = []
        for word in re.finditer(r"\w+|\.", found[0]):
            start, end = found.start() + word.start(), found.start() + word.end()
            inner.append(Token("op" if word[0] == "." else "name", word[0], start, end))
        inner.append(Token("end", "", found.end(), found.end(), True))
        self.at = found.end()
        return inner


def _slashy(before: Token | None) -> bool:
    """Tell whether a slash begins a text, and does not divide."""
    if before is None:
        return True
    if before.kind == "op":
        return before.text not in (")", "]", "}", "++", "--")
    return before.kind == "name" and before.text in _BEFORE_SLASHY


def embedded(text: Text, at: int) -> tuple[list[Token], int]:
    """Return the tokens from an offset up to the brace that closes them, and what is behind it."""
    lexer = _Lexer(text)
    found = lexer.run(at, inside=True)
    return found, lexer.at


def template_token(text: Text) -> Token:
    """Return a whole file as one text with interpolations; only ``$`` is escaped in it."""
    return _Lexer(text).template()
