"""Draw the variants of each sample along the genome as an SVG: one row a sample."""

import argparse
import sys
from html import escape
from pathlib import Path

WIDTH, ROW, LEFT, RIGHT, TOP = 860, 64, 110, 30, 66
SUBSTITUTION, INDEL = "#1f5fa8", "#c2410c"


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Names of the samples and rows of a table that `bcftools query -H` wrote."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    names = [column.split("]", 1)[1] for column in header.lstrip("# ").split("\t")]
    return [name.removesuffix(":GT") for name in names[5:]], [line.split("\t") for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reference", type=Path)
    parser.add_argument("table", type=Path)
    options = parser.parse_args()
    header, *sequence = options.reference.read_text(encoding="ascii").splitlines()
    length = sum(len(line) for line in sequence)
    samples, rows = read_table(options.table)
    height = TOP + ROW * len(samples) + 50
    span = WIDTH - LEFT - RIGHT

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Variants along the genome</title>",
        "<style>text{font:12px sans-serif;fill:#24292f}.head{font-size:16px;font-weight:600}"
        ".name{text-anchor:end;font-weight:600}.x{text-anchor:middle}.n{fill:#57606a}"
        ".base{stroke:#c9ced6}"
        f".s{{stroke:{SUBSTITUTION};stroke-width:1.5}}.i{{stroke:{INDEL};stroke-width:2.5}}"
        "</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" class="head">{escape(header[1:])}</text>',
        f'<path d="M{LEFT} 40v12" class="s"/><text x="{LEFT + 8}" y="50">substitution</text>'
        f'<path d="M{LEFT + 110} 40v12" class="i"/>'
        f'<text x="{LEFT + 118}" y="50">insertion or deletion</text>',
    ]
    for row, sample in enumerate(samples):
        middle = TOP + ROW * row + ROW // 2
        lines.append(f'<text x="{LEFT - 12}" y="{middle + 4}" class="name">{escape(sample)}</text>')
        lines.append(f'<path d="M{LEFT} {middle}h{span}" class="base"/>')
        count = 0
        for _, position, ref, alternatives, _, *genotypes in rows:
            genotype = genotypes[row].split("/")[0].split("|")[0]
            if genotype in {"0", "."}:
                continue
            count += 1
            alt = alternatives.split(",")[int(genotype) - 1]
            kind = "s" if len(ref) == len(alt) else "i"
            x = LEFT + int(position) / length * span
            lines.append(f'<path d="M{x:.2f} {middle - 16}v32" class="{kind}"/>')
        lines.append(
            f'<text x="{LEFT + span}" y="{middle - 20}" text-anchor="end" class="n">'
            f"{count} variants</text>"
        )
    foot = TOP + ROW * len(samples) + 16
    for mark in range(0, length + 1, 10_000):
        x = LEFT + mark / length * span
        lines.append(f'<path d="M{x:.2f} {foot - 10}v6" class="base"/>')
        lines.append(f'<text x="{x:.2f}" y="{foot + 12}" class="x">{mark // 1000} kb</text>')
    sys.stdout.write("\n".join([*lines, "</svg>", ""]))


if __name__ == "__main__":
    main()
