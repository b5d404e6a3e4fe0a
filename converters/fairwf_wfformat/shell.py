"""Command lines as WfFormat has them: texts that are joined by blanks and given to a shell.

So WfCommons' own translators read ``program`` and ``arguments``, and so the published instances are
written: one argument may hold several words (``--percent-cpu 0.6``), a redirection (``2>``), and a
program may be a whole script. IEEE Std 1003.1, Shell Command Language, 2.2 and 2.3.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

SHELL = "sh"

_SIMPLE = re.compile(r"""[^\s'"\\;|&<>()$`*?\[~#\0]+""")
"""A text that is one word and means itself."""
_WORDS = re.compile(
    r"""(?:'[^']*'|"(?:\\.|[^"\\$`])*"|\\.|(?!(?<!\S)[~#])[^'"\\;|&<>()$`*?\[\n])*""", re.DOTALL
)
"""A text that is words, quoted or not, without anything that only a shell can do."""


def command_of(program: str | None, arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the program and the words that it is given.

    A line with redirections, pipes, variables, patterns or several commands is given to a shell.
    """
    texts = [*([program] if program is not None else []), *arguments]
    if all(map(_SIMPLE.fullmatch, texts)):
        return program, list(arguments)
    line = " ".join(texts)
    script = program is not None and len(program.split()) > 1
    try:
        words = shlex.split(line)
    except ValueError:  # a quote that is not closed: no shell would take it
        return (SHELL, ["-c", line]) if script else (program, list(arguments))
    if _WORDS.fullmatch(line):
        if program is None:
            return None, words
        return (words[0], words[1:]) if words else (program, [])
    return (program, list(arguments)) if program is None else (SHELL, ["-c", line])


def quoted(word: str) -> str:
    """Return a word as a text that :func:`command_of` reads as this word; never an empty text."""
    return word if _SIMPLE.fullmatch(word) else shlex.quote(word)
