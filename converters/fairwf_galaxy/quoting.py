"""Values in a shell command, and the quotes around them: they become quoted values.

So a path with a quote or a blank in it is one word, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fairwf.ir.command import Placeholder, ScriptPart, Text

Plain = Callable[[Placeholder], Placeholder | None]
"""Returns the quoted value that stands for one; None where it has to stay."""

_SURE = frozenset("'\"(")
"""Within these a quote can be closed before a value and opened again behind it."""


def quoted(parts: Sequence[ScriptPart], protect: Plain) -> list[ScriptPart]:
    """Return the parts of a script, values as quoted values; quotes around them are interrupted.

    A value stays as it is where it is not sure how the shell reads it: in a comment, a document
    that stands in the script, a parameter expansion, behind a backslash.
    """
    result: list[ScriptPart] = []
    state = closed = ""
    opened = False
    for part in parts:
        if isinstance(part, Text):
            text = part.text
            if closed:
                text = text[1:] if text.startswith(closed) else closed + text
            before, state, closed = state, shell_state(part.text, state), ""
            opened = state[-1:] in ("'", '"') and shell_state(part.text[:-1], before) == state[:-1]
            if text:
                result.append(Text(text=text))
            continue
        value = protect(part) if isinstance(part, Placeholder) and set(state) <= _SURE else None
        quote = state[-1:].strip("(")
        if value is not None:
            if quote and not closed:
                _close(result, quote, opened)
            result.append(value)
            closed = quote
            continue
        if closed:
            result.append(Text(text=closed))
            closed = ""
        opened = False
        result.append(part)
    if closed:
        result.append(Text(text=closed))
    return result


def _close(result: list[ScriptPart], quote: str, opened: bool) -> None:
    """Close the quote that is open; where its sign is the last one, leave that out."""
    last = result[-1] if result else None
    if not isinstance(last, Text):
        result.append(Text(text=quote))
    elif not opened:
        result[-1] = Text(text=last.text + quote)
    elif last.text == quote:
        result.pop()
    else:
        result[-1] = Text(text=last.text[:-1])


def shell_state(text: str, state: str) -> str:
    """Return what is open behind a text, innermost last; ``state`` is that before it.

    ``'`` and ``"`` are quotes, ``(`` a subshell or substitution, ``{`` an expansion, ``$`` a quote
    with escapes, `````` ` `````` an older substitution, ``#`` a comment, ``<`` a document in the
    script, ``\\`` a sign that is escaped (POSIX.1-2017, XCU 2.2, 2.6, 2.7.4).
    """
    index = 0
    if text and state.endswith("\\"):
        index, state = 1, state[:-1]
    while index < len(text):
        here, top, after = text[index], state[-1:], text[index + 1 : index + 2]
        index += 1
        if top == "<":
            break
        if top == "#":
            state = state[:-1] if here == "\n" else state
        elif here == "\\" and top != "'":
            state, index = (state, index + 1) if after else (state + "\\", index)
        elif top == "'" or top == "$":
            state = state[:-1] if here == "'" else state
        elif top == "{" and here == "}":
            state = state[:-1]
        elif here == "`":
            state = state[: state.rindex("`")] if "`" in state else state + "`"
        elif here == "$" and after in ("(", "{"):
            state, index = state + after, index + 1
        elif top == "{":
            continue
        elif here == '"':
            state = state[:-1] if top == '"' else state + '"'
        elif top == '"':
            continue
        elif here == "$" and after == "'":
            state, index = state + "$", index + 1
        elif here in "'(":
            state += here
        elif here == ")":
            state = state[:-1] if top == "(" else state
        elif here == "#" and text[max(index - 2, 0) : index - 1] in ("", *" \t\n;&|("):
            state += "#"
        elif here == "<" and after == "<":
            if text[index + 1 : index + 2] == "<":
                index += 2
            elif not state.endswith("(("):
                state += "<"
    return state
