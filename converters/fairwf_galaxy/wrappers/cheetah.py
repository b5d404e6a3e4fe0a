"""Templates of Cheetah, as far as wrappers mostly use it: ``$name``, ``#if``, ``#for``, ``#set``.

Expressions are parsed with Python's own parser and never executed.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

from fairwf_galaxy.wrappers.failures import WrapperError


class Plain(NamedTuple):
    """Text as it stands."""

    text: str


class Put(NamedTuple):
    """The text of an expression."""

    expression: ast.expr


class Choice(NamedTuple):
    """``#if``: the first branch whose test holds; the last may have none."""

    branches: list[tuple[ast.expr | None, list[Node]]]


class Loop(NamedTuple):
    """``#for``."""

    names: list[str]
    over: ast.expr
    body: list[Node]


class Assign(NamedTuple):
    """``#set``."""

    name: str
    value: ast.expr


Node = Plain | Put | Choice | Loop | Assign

_DIRECTIVE = re.compile(
    r"#\s?(?P<word>end\s+if|end\s+for|else\s+if|elif|else|if|unless|for|set|import|from|def|end\s+def|"
    r"while|end\s+while|raw|end\s+raw|silent|echo|include|extends|try|except|end\s+try|assert|del|"
    r"break|continue|pass|call|filter|slurp|return|stop|attr|block|compiler-settings)\b"
)
_NAME = re.compile(r"\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
_MOST = 200_000


def template(text: str) -> list[Node]:
    """Return the parts of a template.

    Raises:
        WrapperError: it uses a directive or expression that is not evaluated.
    """
    if len(text) > _MOST:
        raise WrapperError("the command is longer than 200,000 characters")
    parser = _Parser(_tokens(text))
    body = parser.body(())
    if parser.left:
        raise WrapperError(f"the command has a stray '#{parser.left[0].word}'")
    return body


class _Token(NamedTuple):
    word: str
    rest: str


def _tokens(text: str) -> list[_Token]:
    """Return directives, and texts (of an empty ``word``) between them."""
    found: list[_Token] = []
    plain: list[str] = []
    index = 0
    while index < len(text):
        here = text[index]
        if here == "\\" and text[index + 1 : index + 2] in ("$", "#"):
            plain.append(text[index : index + 2])
            index += 2
            continue
        if text.startswith("##", index) and (index == 0 or text[index - 1] != "$"):
            end = text.find("\n", index)
            end = len(text) if end < 0 else end
            before = "".join(plain)
            if not before.rpartition("\n")[2].strip():
                plain, end = [before[: before.rfind("\n") + 1]], end + 1
            index = end
            continue
        match = _DIRECTIVE.match(text, index) if here == "#" else None
        if match is None:
            plain.append(here)
            index += 1
            continue
        rest, index = _rest(text, match.end())
        before = "".join(plain)
        alone = not before.rpartition("\n")[2].strip()
        if alone and (index >= len(text) or text[index] == "\n"):
            before, index = before[: before.rfind("\n") + 1], index + 1
        if before:
            found.append(_Token("", before))
        plain = []
        found.append(_Token(" ".join(match["word"].split()), rest.strip()))
    if plain:
        found.append(_Token("", "".join(plain)))
    return found


def _rest(text: str, index: int) -> tuple[str, int]:
    """Return what a directive says to the end of its line, or to a ``#``, and where it ends."""
    start, quote = index, ""
    while index < len(text) and text[index] != "\n":
        here = text[index]
        if quote:
            quote = "" if here == quote else quote
        elif here in "\"'":
            quote = here
        elif here == "#":
            return text[start:index], index + 1
        index += 1
    return text[start:index], index


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.left = tokens
        self.depth = 0

    def body(self, ends: tuple[str, ...]) -> list[Node]:
        self.depth += 1
        if self.depth > 40:
            raise WrapperError("the command is nested too deeply")
        found: list[Node] = []
        while self.left and self.left[0].word not in ends:
            token = self.left[0]
            if token.word in ("end if", "end for", "else", "elif", "else if"):
                break
            self.left = self.left[1:]
            if not token.word:
                found += _texts(token.rest)
            elif token.word in ("if", "unless"):
                found.append(self._choice(token))
            elif token.word == "for":
                found.append(self._loop(token))
            elif token.word == "set":
                found.append(_assign(token))
            elif token.word == "echo":
                found.append(Put(expression(token.rest)))
            elif token.word != "pass":
                raise WrapperError(f"the command uses '#{token.word}'")
        self.depth -= 1
        return found

    def _choice(self, token: _Token) -> Choice:
        branches: list[tuple[ast.expr | None, list[Node]]] = []
        test: ast.expr | None = expression(token.rest.removesuffix(":"))
        if token.word == "unless":
            assert test is not None
            test = ast.UnaryOp(op=ast.Not(), operand=test)
        while True:
            branches.append((test, self.body(("end if", "else", "elif", "else if"))))
            if not self.left:
                raise WrapperError("an '#if' of the command has no '#end if'")
            word, rest = self.left[0]
            self.left = self.left[1:]
            if word == "end if":
                return Choice(branches)
            if word not in ("else", "elif", "else if") or test is None:
                raise WrapperError(f"the command has a stray '#{word}'")
            if word == "else" and rest.startswith("if "):
                word, rest = "elif", rest[3:]
            test = None if word == "else" else expression(rest.removesuffix(":"))

    def _loop(self, token: _Token) -> Loop:
        names, found, over = token.rest.removesuffix(":").partition(" in ")
        variables = [name.strip().lstrip("$") for name in names.strip("() ").split(",")]
        if not found or not all(name.isidentifier() for name in variables):
            raise WrapperError(f"the command has a loop that is not understood: {token.rest!r:.60}")
        body = self.body(("end for",))
        if not self.left:
            raise WrapperError("a '#for' of the command has no '#end for'")
        self.left = self.left[1:]
        return Loop(variables, expression(over), body)


def _assign(token: _Token) -> Assign:
    name, found, value = token.rest.partition("=")
    name = name.strip().removeprefix("global ").lstrip("$")
    if not found or not name.isidentifier() or value.startswith("="):
        raise WrapperError(f"the command has a '#set' that is not understood: {token.rest!r:.60}")
    return Assign(name, expression(value))


def _texts(text: str) -> list[Node]:
    """Return a text with its placeholders."""
    found: list[Node] = []
    plain: list[str] = []
    index = 0
    while index < len(text):
        here = text[index]
        if here == "\\" and text[index + 1 : index + 2] in ("$", "#"):
            plain.append(text[index + 1])
            index += 2
            continue
        if here != "$":
            plain.append(here)
            index += 1
            continue
        match = _NAME.match(text, index)
        if match is not None:
            if text[match.end() : match.end() + 1] in ("(", "["):
                what = text[index : match.end() + 20]
                raise WrapperError(f"the command calls or indexes in a text: {what!r:.60}")
            source, index = match[1], match.end()
        elif text.startswith("${", index):
            end = text.find("}", index)
            if end < 0:
                raise WrapperError("a '${' of the command does not end")
            source, index = text[index + 2 : end], end + 1
        elif text[index + 1 : index + 2] in ("(", "["):
            raise WrapperError(f"the command has {text[index : index + 20]!r}")
        else:
            plain.append(here)
            index += 1
            continue
        if plain:
            found.append(Plain("".join(plain)))
            plain = []
        found.append(Put(expression(source)))
    if plain:
        found.append(Plain("".join(plain)))
    return found


def expression(source: str) -> ast.expr:
    """Return the tree of an expression; names may have a ``$`` before them.

    Raises:
        WrapperError: it is no expression of Python.
    """
    bare, quote = [], ""
    for here in re.sub(r"\$\{([^{}]*)\}", r"\1", source):
        if quote:
            quote = "" if here == quote else quote
            if here == "$":
                raise WrapperError(f"a text with a name in it: {source.strip()!r:.80}")
        elif here in "\"'":
            quote = here
        elif here == "$":
            continue
        bare.append(here)
    text = "".join(bare).strip()
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise WrapperError(
            f"an expression that is not understood: {source.strip()!r:.80}"
        ) from None
