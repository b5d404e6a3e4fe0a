"""Texts that only look like content: templates, fillers, nothing."""

from __future__ import annotations

import re

_FILLERS = re.compile(
    r"\A\W*(?:todo|tbd|fixme|xxx+|n/?a|none|null|unknown|untitled|test|foo|bar|change ?me|"
    r"insert .* here|your .*|my (?:workflow|project|pipeline)|(?:a )?(?:short )?description.*here|"
    r"lorem ipsum.*|workflow|pipeline|title|description|readme|name|author)\W*\Z",
    re.I | re.S,
)
_LONGEST_FILLER = 200
_MARKS = re.compile(
    r"\bTODO\b|<(?:your|insert)[^<>]{0,200}>|\{\{[^{}]{0,200}\}\}|lorem ipsum|"
    r"first name last name",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]{2,}", re.UNICODE)


def is_placeholder(text: str | None) -> bool:
    """Tell whether a text says nothing: absent, empty, a template's text, a filler."""
    if text is None or not text.strip():
        return True
    text = text.strip()
    return bool((len(text) <= _LONGEST_FILLER and _FILLERS.match(text)) or _MARKS.search(text))


def words(text: str) -> list[str]:
    """Return the words of a text, in small letters."""
    return [word.lower() for word in _WORD.findall(text)]


def meaningful_words(text: str) -> int:
    """Return how many different words a text has, 0 for a placeholder."""
    return 0 if is_placeholder(text) else len(set(words(text)))


_STOPS = re.compile(r"[,;|/\n]+")


def is_keyword_list(text: str) -> bool:
    """Tell whether a text only lists words: stuffed with keywords, no sentences.

    Sentences have words of no meaning of their own and verbs; a list has short pieces.
    """
    found = words(text)
    if len(found) < 8:
        return False
    pieces = [piece for piece in _STOPS.split(text) if piece.strip()]
    per_piece = len(found) / max(len(pieces), 1)
    repeated = len(set(found)) / len(found)
    return per_piece < 2.5 or (len(found) >= 30 and repeated < 0.3)
