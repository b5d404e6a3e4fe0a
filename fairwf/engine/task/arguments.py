"""Values as words of a command line (CWL v1.2 "CommandLineBinding", "Input binding")."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from fairwf.engine.evaluate import Bindings, FunctionError, Inner
from fairwf.engine.evaluate.texts import decimal_text, describe, json_text
from fairwf.engine.task.faults import Computing, failed
from fairwf.engine.task.fit import fits
from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import Directory, Expr, File, Input, StringLit
from fairwf.ir.values import Value


class Word(NamedTuple):
    """One word; ``quote`` of False leaves shell characters alone where a shell reads it."""

    text: str
    quote: bool = True


def argument_text(value: Value) -> str:
    """Return one value as a word: paths of files, numbers in decimals without exponent.

    Raises:
        FunctionError: it has no text, or one that no program can be given.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, (File, Directory)):
        if value.path is None:
            raise FunctionError(f"{describe(value)} has no path here")
        text = value.path
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        text = decimal_text(value)
    elif isinstance(value, bytes):
        raise FunctionError("bytes cannot stand on a command line")
    else:
        text = json_text(value)
    if "\0" in text:
        raise FunctionError("a word of a command line cannot hold a NUL character")
    return text


def words_of(arguments: Sequence[Argument], computing: Computing) -> list[Word]:
    """Return the words of arguments in order: by position first, then as they stand.

    Raises:
        TaskFailed: FWF4002 a value, a rendering or a position has no usable value.
    """
    placed: list[tuple[int, int, list[Word]]] = []
    computed = False
    for number, argument in enumerate(arguments):
        if argument.position is None and argument.rendering == _AS_IT_IS:
            word = _plain_word(argument.value, computing)
            if word is not None:
                placed.append((0, number, [word]))
                continue
        what = f"argument {number}" if number else "the program"
        value = computing.value(argument.value, what)
        position = 0
        if argument.position is not None:
            computed = True
            position = _position(argument, value, computing, what)
        try:
            words = _render(value, argument.rendering, computing, what)
        except FunctionError as fault:
            message, nodes = f"{what}: {fault.message}", (argument, argument.value)
            raise failed("FWF4002", message, computing.origins, *nodes, hint=fault.hint) from fault
        placed.append((position, number, words))
    if computed:
        placed.sort(key=_ORDER)
    return [word for _, _, words in placed for word in words]


_ORDER = itemgetter(0, 1)
_AS_IT_IS = Rendering()


def _plain_word(expression: Expr, computing: Computing) -> Word | None:
    """Return the word that a literal text, or an input that is a text, stands for."""
    text: object = None
    if type(expression) is StringLit:
        text = expression.value
    elif type(expression) is Input and isinstance(computing.scope, Bindings):
        text = computing.scope.inputs.get(expression.name)
        if type(text) is int:
            return Word(str(text))
    return Word(text) if isinstance(text, str) and "\0" not in text else None


def _position(argument: Argument, value: Value, computing: Computing, what: str) -> int:
    assert argument.position is not None
    scope = Inner(computing.scope, {"self": value})
    position = computing.value(argument.position, f"{what}, position", scope)
    if position is None:
        return 0
    if isinstance(position, bool) or not isinstance(position, int):
        message = f"{what}: a position is a whole number, not {describe(position)}"
        raise failed("FWF4002", message, computing.origins, argument.position, argument)
    return position


def _render(value: Value, how: Rendering, computing: Computing, what: str) -> list[Word]:
    if value is None:
        return []
    if how.value is not None:
        scope = Inner(computing.scope, {"self": value})
        value = computing.value(how.value, f"{what}, its value", scope)
    for case in how.cases:
        if fits(value, case.type):
            return _render(value, case.rendering, computing, what)
    if value is None or value is False:
        return []
    prefix = [] if how.prefix is None else [Word(how.prefix, how.quote)]
    if isinstance(value, str):
        return _joined(argument_text(value), how, prefix)
    if value is True:
        return prefix
    if isinstance(value, (list, tuple)):
        return _render_array(value, how, prefix, computing, what)
    if isinstance(value, Mapping):
        members = prefix
        for field in how.fields:
            inner = f"{what}, member {field.name!r}"
            members = members + _render(value.get(field.name), field.rendering, computing, inner)
        return members
    return _joined(argument_text(value), how, prefix)


def _joined(text: str, how: Rendering, prefix: list[Word]) -> list[Word]:
    if how.prefix is not None and not how.separate:
        return [Word(how.prefix + text, how.quote)]
    return [*prefix, Word(text, how.quote)]


def _render_array(
    items: Sequence[Value], how: Rendering, prefix: list[Word], computing: Computing, what: str
) -> list[Word]:
    if not items:
        return []
    if how.item_separator is not None:
        return _joined(how.item_separator.join(map(argument_text, items)), how, prefix)
    each = how.items if how.items is not None else Rendering(quote=how.quote)
    words = list(prefix)
    for number, item in enumerate(items, start=1):
        words += _render(item, each, computing, f"{what}, item {number}")
    return words


def shell_line(words: Sequence[Word]) -> str:
    """Return the words as a shell reads them, those to be quoted quoted."""
    return " ".join(shlex.quote(word.text) if word.quote else word.text for word in words)
