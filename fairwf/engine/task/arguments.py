"""Values as words of a command line (CWL v1.2 "CommandLineBinding", "Input binding")."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from operator import itemgetter

import msgspec

from fairwf.engine.evaluate import Bindings, FunctionError, Inner
from fairwf.engine.evaluate.texts import decimal_text, describe, json_text
from fairwf.engine.task.faults import Computing, failed
from fairwf.engine.task.fit import fits
from fairwf.ir.command import Argument, Rendering
from fairwf.ir.expressions import Directory, File, Input, StringLit
from fairwf.ir.values import Value


class Word(msgspec.Struct, frozen=True):
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


class CommandLine:
    """The words of arguments in order: by position first, then as they stand.

    What is the same for all tasks of a process is looked at once.
    """

    def __init__(self, arguments: Sequence[Argument]) -> None:
        self._arguments = [(each, _plain(each)) for each in arguments]
        self._ordered = any(each.position is not None for each in arguments)
        plain = [part for _, part in self._arguments]
        self._is_plain = None not in plain
        self._texts = [part.text if isinstance(part, Word) else "" for part in plain]
        self._names = [(n, part) for n, part in enumerate(plain) if isinstance(part, str)]

    def texts(self, inputs: Mapping[str, object]) -> tuple[str, ...] | None:
        """Return the words where each is a literal text, or an input as it stands; else None."""
        if not self._is_plain:
            return None
        texts = self._texts.copy()
        for number, name in self._names:
            word = _word_of(inputs.get(name))
            if word is None:
                return None
            texts[number] = word.text
        return tuple(texts)

    def line(self, computing: Computing) -> tuple[str, ...]:
        """Return the texts of the words for one task; raises as :meth:`words`."""
        scope = computing.scope
        texts = self.texts(scope.inputs) if isinstance(scope, Bindings) else None
        return tuple([word.text for word in self.words(computing)]) if texts is None else texts

    def words(self, computing: Computing) -> list[Word]:
        """Return the words for one task.

        Raises:
            TaskFailed: FWF4002 a value, a rendering or a position has no usable value.
        """
        inputs = computing.scope.inputs if isinstance(computing.scope, Bindings) else {}
        words: list[Word] = []
        placed: list[tuple[int, int, list[Word]]] = []
        for number, (argument, plain) in enumerate(self._arguments):
            if type(plain) is str:
                plain = _word_of(inputs.get(plain))
            if type(plain) is Word:
                position, own = 0, [plain]
            else:
                position, own = _placed(argument, number, computing)
            if self._ordered:
                placed.append((position, number, own))
            else:
                words += own
        if self._ordered:
            placed.sort(key=_ORDER)
            words = [word for _, _, own in placed for word in own]
        return words


def words_of(arguments: Sequence[Argument], computing: Computing) -> list[Word]:
    """Return the words of arguments, as :meth:`CommandLine.words`."""
    return CommandLine(arguments).words(computing)


_ORDER = itemgetter(0, 1)
_AS_IT_IS = Rendering()


def _plain(argument: Argument) -> Word | str | None:
    """Return the word of a literal text, or the name of an input that is to stand as it is."""
    if argument.position is not None or argument.rendering != _AS_IT_IS:
        return None
    if type(argument.value) is StringLit:
        return _word_of(argument.value.value)
    return argument.value.name if type(argument.value) is Input else None


def _word_of(value: object) -> Word | None:
    """Return the word of a text or a whole number; None where it has to be looked at closer."""
    if type(value) is int:
        return Word(str(value))
    return Word(value) if type(value) is str and "\0" not in value else None


def _placed(argument: Argument, number: int, computing: Computing) -> tuple[int, list[Word]]:
    """Return the position of an argument, and its words."""
    what = f"argument {number}" if number else "the program"
    value = computing.value(argument.value, what)
    position = 0
    if argument.position is not None:
        position = _position(argument, value, computing, what)
    try:
        return position, _render(value, argument.rendering, computing, what)
    except FunctionError as fault:
        message, nodes = f"{what}: {fault.message}", (argument, argument.value)
        raise failed("FWF4002", message, computing.origins, *nodes, hint=fault.hint) from fault


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
