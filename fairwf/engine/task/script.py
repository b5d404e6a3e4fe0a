"""The text of a script, and how its interpreter gets it."""

from __future__ import annotations

import shlex

from fairwf.engine.evaluate import FunctionError
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.arguments import argument_text, shell_line, words_of
from fairwf.engine.task.faults import Computing, attempt
from fairwf.ir.command import Placeholder, Text, Words
from fairwf.ir.values import Value
from fairwf.ir.workflow import Script


def script_text(script: Script, computing: Computing) -> str:
    """Return the script's body with every value written into it.

    Raises:
        TaskFailed: FWF4002 a value is missing or cannot be written.
    """
    pieces: list[str] = []
    for part in script.body:
        if isinstance(part, Text):
            pieces.append(part.text)
        elif isinstance(part, Words):
            pieces.append(shell_line(words_of(part.arguments, computing)))
        else:
            value = computing.value(part.value, "a placeholder")
            if value is None and part.default is not None:
                value = computing.value(part.default, "the default of a placeholder")
            pieces.append(
                attempt(
                    lambda value=value, part=part: _placeholder(value, part),  # type: ignore[misc]
                    "FWF4002",
                    "a placeholder",
                    computing.origins,
                    part,
                    part.value,
                )
            )
    return "".join(pieces)


def _placeholder(value: Value, how: Placeholder) -> str:
    if isinstance(value, (list, tuple)):
        if how.separator is None:
            raise FunctionError(f"{describe(value)} needs a separator to be written")
        return how.separator.join(_one(item, how) for item in value)
    if isinstance(value, bool) and how.when_true is not None and how.when_false is not None:
        return how.when_true if value else how.when_false
    return _one(value, how)


def _one(value: Value, how: Placeholder) -> str:
    if value is None:
        return ""
    text = argument_text(value)
    return shlex.quote(text) if how.quote == "shell" else text
