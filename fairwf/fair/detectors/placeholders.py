"""Texts that only look like content: templates, fillers, nothing."""

from __future__ import annotations

import re

_FILLERS = re.compile(
    r"\A\W*(?:todo|tbd|fixme|xxx+|n/?a|none|null|unknown|untitled|test|foo|bar|change ?me|"
    r"insert .* here|your .*|my (?:workflow|project|pipeline)|(?:a )?(?:short )?description.*here|"
    r"lorem ipsum.*|workflow|pipeline|project|repository|title|description|readme|name|"
    r"author)\W*\Z",
    re.I | re.S,
)
_LONGEST_FILLER = 200
_MARKS = re.compile(
    r"\bTODO\b|<(?:your|insert)[^<>]{0,200}>|\{\{[^{}]{0,200}\}\}|lorem ipsum|"
    r"this is (?:a|the) template|using this template|(?:this|the) template (?:repository|project)|"
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


LONGEST_TITLE = 30
"""Words; what is longer is no title."""


def is_title(text: str) -> bool:
    """Tell whether a text can be a title: some words that mean something, not a page of them."""
    return meaningful_words(text) >= 1 and len(words(text)) <= LONGEST_TITLE


_STOPS = re.compile(r"[,;|/\n]+")


_LITTLE = re.compile(
    r"\b(?:the|and|of|to|is|are|for|with|der|die|und|le|les|et|des|el|los|para|que|del)\b", re.I
)
"""Little words that sentences of 20 words have in the languages that most READMEs are in."""


def is_stuffed(text: str) -> bool:
    """Tell whether a page is made of words without sentences, or repeats itself."""
    found = words(text[:20_000])[:200]
    repeats = len(found) >= 30 and len(set(found)) < 0.25 * len(found)
    return len(found) >= 20 and (repeats or not _LITTLE.search(text[:20_000]))


def is_keyword_list(text: str) -> bool:
    """Tell whether a text only lists words: no sentences, or pieces of a word or two."""
    found = words(text)
    if len(found) < 8:
        return False
    pieces = [piece for piece in _STOPS.split(text) if piece.strip()]
    return is_stuffed(text) or len(found) / max(len(pieces), 1) < 2.5
