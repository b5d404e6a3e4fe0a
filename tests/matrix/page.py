"""The table of patterns and engines in the documentation.

``python -m tests.matrix.page`` writes it into docs/formats/snakemake.md.
"""

from __future__ import annotations

from pathlib import Path

from tests.matrix.table import ENGINES, PATTERNS, entry

PAGE = Path(__file__).resolve().parents[2] / "docs/formats/snakemake.md"
BEGIN, END = "<!-- matrix -->\n", "<!-- end of matrix -->"


def table() -> str:
    """Return the table in Markdown."""
    lines = [f"| pattern | {' | '.join(ENGINES)} |", f"|---|{'---|' * len(ENGINES)}"]
    for pattern in PATTERNS:
        words = " | ".join(entry(pattern, engine).word for engine in ENGINES)
        lines.append(f"| {pattern.replace('_', ' ')} | {words} |")
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    """Return a page with the table of today."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
