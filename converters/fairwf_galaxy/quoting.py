"""Values that stand alone between single quotes of a shell command: they are quoted values.

So a path with a quote in it is one word here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fairwf.ir.command import Placeholder, ScriptPart, Text

Plain = Callable[[Placeholder], Placeholder | None]
"""Returns the quoted value that stands for one between quotes; None where it has to stay."""


def quoted(parts: Sequence[ScriptPart], protect: Plain) -> list[ScriptPart]:
    """Return the parts of a script, values between single quotes as quoted values."""
    result: list[ScriptPart] = []
    state, opened = "", False
    for index, part in enumerate(parts):
        if isinstance(part, Text):
            text = part.text[1:] if opened else part.text
            state, opened = shell_state(part.text, state), False
            if state == "'" and text.endswith("'") and _closed(parts, index + 2):
                value = parts[index + 1]
                opened = isinstance(value, Placeholder) and protect(value) is not None
                text = text[:-1] if opened else text
            if text:
                result.append(Text(text=text))
        elif opened and isinstance(part, Placeholder):
            result.append(protect(part) or part)
        else:
            result.append(part)
    return result


def _closed(parts: Sequence[ScriptPart], index: int) -> bool:
    after = parts[index] if index < len(parts) else None
    return isinstance(after, Text) and after.text.startswith("'")


def shell_state(text: str, state: str) -> str:
    """Return the quote that is open behind a text, empty for none; ``state`` is that before it."""
    index = 0
    while index < len(text):
        here = text[index]
        if here == "\\" and state != "'":
            index += 1
        elif state:
            state = "" if here == state else state
        elif here in "\"'":
            state = here
        index += 1
    return state
