"""What a README says: title, summary, sections, commands (Markdown and reStructuredText)."""

from __future__ import annotations

import re

from fairwf.fair.reading.claims import Claim

_RULE = re.compile(r"\s*[=\-~*^#]{3,}\s*\Z")
_NOISE = re.compile(r"\s*(?:\[?!\[|<|\.\. |```|~~~|\||[-*] )")


def heading(lines: list[str], index: int) -> str | None:
    """Return the heading that a line is, None where it is none."""
    line = lines[index]
    if line.startswith("#") and line.strip("# "):
        return line.strip("# \t")
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if line.strip() and _RULE.match(below) and len(below.strip()) >= min(len(line.strip()), 3):
        return line.strip() if not _RULE.match(line) else None
    return None


def summary(lines: list[str], file: str) -> list[Claim]:
    """Return a README's title and its first paragraphs up to the second heading."""
    claims: list[Claim] = []
    paragraph: list[str] = []
    first: int | None = None
    fenced = False
    for index, line in enumerate(lines[:400]):
        title = heading(lines, index)
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        if title is not None and not fenced:
            if claims:
                break
            claims.append(Claim("title", title, file, index + 1))
            continue
        if fenced or _RULE.match(line) or _NOISE.match(line) or line.startswith(("    ", "\t")):
            continue
        if line.strip():
            first = first if first is not None else index + 1
            paragraph.append(line.strip())
    if paragraph:
        claims.append(Claim("description", " ".join(paragraph)[:4000], file, first))
    return claims


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
