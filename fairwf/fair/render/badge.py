"""A badge (SVG) of the maturity level."""

from __future__ import annotations

from fairwf.fair.score import Scorecard

_COLOURS = {"M0": "#9f2b2b", "M1": "#9a6700", "M2": "#2f6f4f", "M3": "#1f7a3d"}


def as_badge(card: Scorecard) -> str:
    """Return the badge as SVG text."""
    label, value = "FAIR workflow", f"{card.level} {card.score.value:.0f}"
    left, right = 7 * len(label) + 10, 8 * len(value) + 12
    width, font = left + right, 'font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="{label}: {value}"><title>{label}: {value}</title>'
        f'<rect width="{width}" height="20" rx="3" fill="#444"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z" '
        f'fill="{_COLOURS[card.level]}"/><g fill="#fff" text-anchor="middle" {font}>'
        f'<text x="{left / 2:g}" y="14">{label}</text>'
        f'<text x="{left + right / 2:g}" y="14">{value}</text></g></svg>\n'
    )
