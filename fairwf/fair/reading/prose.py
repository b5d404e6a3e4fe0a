"""What a README says: title, summary, sections, commands (Markdown and reStructuredText)."""

from __future__ import annotations

import re

from fairwf.fair.reading.claims import Claim

_RULE = re.compile(r"\s*[=\-~*^#]{3,}\s*\Z")
_NOISE = re.compile(r"\s*(?:\[?!\[|<|\.\. |```|~~~|\||[-*] )")
_ABOUT = re.compile(
    r"\W*(?:(?:general |short |brief )?(?:description|overview|introduction|summary|abstract|about|"
    r"purpose|background|synopsis)\b|what (?:this|the|it|is)\b)",
    re.I,
)


def heading(lines: list[str], index: int) -> str | None:
    """Return the heading that a line is, None where it is none."""
    line = lines[index]
    if line.startswith("#") and line.strip("# "):
        return line.strip("# \t")
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if line.strip() and _RULE.match(below) and len(below.strip()) >= min(len(line.strip()), 3):
        return line.strip() if not _RULE.match(line) else None
    return None


def summary(lines: list[str], file: str, name: str = "") -> list[Claim]:
    """Return a README's title and what it says of the workflow as a whole.

    That is what stands before its second heading, under headings such as "Overview", and under one
    that is the workflow's ``name``.
    """
    titles: list[Claim] = []
    paragraph: list[str] = []
    first: int | None = None
    fenced, about, headings = False, True, 0
    for index, line in enumerate(lines[:400]):
        title = heading(lines, index)
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        if title is not None and not fenced:
            headings += 1
            general = bool(_ABOUT.match(title))
            about = headings == 1 or general or _same_name(title, name)
            if headings == 1 and not general:
                titles.append(Claim("title", title, file, index + 1))
            continue
        if not about or fenced or _RULE.match(line) or _NOISE.match(line):
            continue
        if line.strip() and not line.startswith(("    ", "\t")):
            first = first if first is not None else index + 1
            paragraph.append(line.strip())
    if paragraph:
        titles.append(Claim("description", " ".join(paragraph)[:4000], file, first))
    return titles


_LEAST_NAME = 6


def _same_name(title: str, name: str) -> bool:
    """Tell whether a heading is a workflow's name, but for a version at the end of either."""
    a, b = (re.sub(r"[\W_]", "", text).lower() for text in (title, name))
    return min(len(a), len(b)) >= _LEAST_NAME and (a.startswith(b) or b.startswith(a))


def sections(lines: list[str], pattern: str) -> list[tuple[int, str, str]]:
    """Return line, heading and text of the sections whose heading matches a pattern."""
    match = re.compile(pattern, re.I)
    heads = [(i, h) for i in range(len(lines)) if (h := heading(lines, i)) is not None]
    found = []
    for number, (index, title) in enumerate(heads):
        if match.search(title):
            end = heads[number + 1][0] if number + 1 < len(heads) else len(lines)
            found.append((index + 1, title, "\n".join(lines[index + 1 : end])))
    return found
