"""Finding expressions in a text (CWL v1.2, "Expressions": ``$(...)``, ``${...}``, escapes)."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Piece(NamedTuple):
    """A part of a text: plain text, ``$(inner)`` or ``${inner}``; ``offset`` is where it begins."""

    kind: Literal["text", "paren", "brace"]
    text: str
    offset: int = 0


class UnfinishedError(ValueError):
    """An expression begins and does not end."""

    def __init__(self, offset: int) -> None:
        super().__init__("the expression that begins here does not end")
        self.offset = offset


_CLOSING = {"(": ")", "{": "}", "[": "]"}


def has_expression(text: str) -> bool:
    """Tell whether CWL looks for expressions in the text at all."""
    return "$(" in text or "${" in text


def pieces(text: str, *, strip: bool = True, old_escapes: bool = False) -> list[Piece]:
    r"""Return the parts of a text in which CWL looks for expressions.

    Blanks around the whole are dropped where ``strip`` is set. ``\$(`` and ``\${`` are texts
    without the backslash and ``\\`` is one backslash; ``old_escapes`` is how v1.0 and v1.1 read
    them: a backslash is dropped and the next character kept.

    Raises:
        UnfinishedError: an expression does not end.
    """
    lead = len(text) - len(text.lstrip()) if strip else 0
    body = text.strip() if strip else text
    result: list[Piece] = []
    plain: list[str] = []
    index = 0

    def flush() -> None:
        if plain:
            result.append(Piece("text", "".join(plain)))
            plain.clear()

    while index < len(body):
        here = body[index]
        after = body[index + 1 : index + 2]
        if here == "\\" and after:
            if old_escapes:
                plain.append(after)
                index += 2
            elif after == "$" and body[index + 2 : index + 3] in ("(", "{"):
                plain.append(body[index + 1 : index + 3])
                index += 3
            else:
                plain.append("\\" if after == "\\" else here + after)
                index += 2
        elif here == "$" and after in ("(", "{"):
            end = _end(body, index + 1)
            if end is None:
                raise UnfinishedError(lead + index)
            flush()
            kind: Literal["paren", "brace"] = "paren" if after == "(" else "brace"
            result.append(Piece(kind, body[index + 2 : end], lead + index))
            index = end + 1
        else:
            plain.append(here)
            index += 1
    flush()
    return result


def _end(text: str, start: int) -> int | None:
    """Return where the bracket at ``start`` closes, past strings and comments of JavaScript."""
    opening, closing = text[start], _CLOSING[text[start]]
    level, index = 0, start
    while index < len(text):
        here = text[index]
        if here in "'\"`":
            index = _after_string(text, index)
            continue
        if opening == "{" and text.startswith(("//", "/*"), index) and _comment(text, index):
            end = text.find("\n" if text[index + 1] == "/" else "*/", index + 2)
            if end < 0:
                return None
            index = end + 1
            continue
        if here == opening:
            level += 1
        elif here == closing:
            level -= 1
            if level == 0:
                return index
        index += 1
    return None


def _comment(text: str, index: int) -> bool:
    before = text[:index].rstrip(" \t")[-1:]
    return before in ("", "\n", ";", "{", "}", ")", ",") or text[index - 1] in " \t"


def _after_string(text: str, index: int) -> int:
    quote, index = text[index], index + 1
    while index < len(text) and text[index] != quote:
        index += 2 if text[index] == "\\" else 1
    return index + 1
