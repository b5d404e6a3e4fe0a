"""Draw one or more yearly series with their trend lines as an SVG, one panel a series.

Reads a configuration (JSON) with `title`, `alpha` and `panels`: a list of
`{"title", "unit", "yearly", "trend"}`, where the last two are paths.
"""

import argparse
import csv
import json
import sys
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 44, 34
GREY, BLUE, RED = "#8a8f98", "#1f5fa8", "#c2410c"


def ticks(low: float, high: float) -> list[float]:
    """About five round numbers inside the interval."""
    span = high - low
    step = 10.0 ** len(str(int(span)))
    for divisor in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if span / (step / divisor) >= 4:
            step /= divisor
            break
    first = int(low // step) + 1
    return [k * step for k in range(first, int(high // step) + 1)]


def panel(entry: dict[str, str], alpha: float, top: int) -> list[str]:
    """SVG elements of one panel whose upper edge lies at `top`."""
    with Path(entry["yearly"]).open(newline="", encoding="utf-8") as stream:
        points = [(int(row["year"]), float(row["mean"])) for row in csv.DictReader(stream)]
    with Path(entry["trend"]).open(encoding="utf-8") as stream:
        trend = json.load(stream)
    first, last = points[0][0], points[-1][0]
    low, high = min(value for _, value in points), max(value for _, value in points)
    margin = (high - low) * 0.06 or 1.0
    low, high = low - margin, high + margin

    def x(year: float) -> float:
        return LEFT + (year - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return top + TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    significant = trend["p_value"] < alpha
    verdict = (
        f"{trend['slope']:+.4g} a year "
        f"[{trend['slope_low']:+.4g}, {trend['slope_high']:+.4g}], p = {trend['p_value']:.2g}"
    )
    lines = [
        f'<text x="{LEFT}" y="{top + 18}" class="title">{escape(entry["title"])}</text>',
        f'<text x="{LEFT}" y="{top + 34}" class="note">'
        f"{escape(entry['unit'])}; trend {escape(verdict)}"
        f"{'' if significant else ' (not significant)'}</text>",
    ]
    for value in ticks(low, high):
        lines.append(
            f'<path d="M{LEFT} {y(value):.2f}H{WIDTH - RIGHT}" class="grid"/>'
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.2f}" class="y">{value:g}</text>'
        )
    for year in ticks(first - 1, last):
        lines.append(
            f'<text x="{x(year):.2f}" y="{top + HEIGHT - BOTTOM + 18}" class="x">{year:g}</text>'
        )
    path = " ".join(f"{x(year):.2f},{y(value):.2f}" for year, value in points)
    lines.append(f'<polyline points="{path}" class="series"/>')
    ends = [(year, trend["intercept"] + trend["slope"] * year) for year in (first, last)]
    path = " ".join(f"{x(year):.2f},{y(value):.2f}" for year, value in ends)
    style = "trend" if significant else "trend weak"
    lines.append(f'<polyline points="{path}" class="{style}"/>')
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("configuration")
    options = parser.parse_args()
    with Path(options.configuration).open(encoding="utf-8") as stream:
        configuration = json.load(stream)
    heading = 40
    height = heading + HEIGHT * len(configuration["panels"])
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(configuration['title'])}</title>",
        "<style>text{font:12px sans-serif;fill:#24292f}.head{font-size:18px;font-weight:600}"
        ".title{font-size:14px;font-weight:600}.note{fill:#57606a}.x{text-anchor:middle}"
        ".y{text-anchor:end}.grid{stroke:#e3e6ea;fill:none}"
        f".series{{fill:none;stroke:{BLUE};stroke-width:1.5}}"
        f".trend{{fill:none;stroke:{RED};stroke-width:2}}"
        f".weak{{stroke:{GREY};stroke-dasharray:6 4}}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="27" class="head">{escape(configuration["title"])}</text>',
    ]
    for position, entry in enumerate(configuration["panels"]):
        lines += panel(entry, configuration["alpha"], heading + HEIGHT * position)
    sys.stdout.write("\n".join([*lines, "</svg>", ""]))


if __name__ == "__main__":
    main()
