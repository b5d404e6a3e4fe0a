"""Texts of a document as comments, which end where their line ends."""

from __future__ import annotations

from collections.abc import Iterator


def comments(*texts: str | None) -> Iterator[str]:
    """Yield a comment for each line of texts; Python and YAML alike take it as nothing else."""
    for text in texts:
        for line in (text or "").splitlines():
            yield f"# {printable(line)}".rstrip()


def printable(text: str) -> str:
    """Return a text on one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
