#!/usr/bin/env python3
"""Measure a mosaic against the sky that it was made of: prints JSON.

    python3 measure.py sky.json BAND mosaic.fits

`flux`: the light of each star over what it should be. `away`: how far its middle lies from where it
should, in pixels. `seams`: standard deviation between the stars, once the plane through all of that
is taken away, which nobody can tell from the sky.
"""

from __future__ import annotations

import json
import math
import statistics
import struct
import sys
from pathlib import Path

RADIUS = 9


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    stars = json.loads(Path(sys.argv[1]).read_text())[sys.argv[2]]
    print(json.dumps(measured(stars, Path(sys.argv[3])), indent=1))
    return 0


def image(path: Path) -> tuple[dict[str, str], list[tuple[float, ...]]]:
    """Return the header and the rows of a FITS image."""
    data, cards = path.read_bytes(), []
    while not cards or not cards[-1].startswith("END "):
        at = 80 * len(cards)
        cards.append(data[at : at + 80].decode("ascii"))
    said = {card[:8].strip(): card[10:].split("/")[0].strip() for card in cards}
    at = -(-80 * len(cards) // 2880) * 2880
    width, height = int(said["NAXIS1"]), int(said["NAXIS2"])
    letter = {"-64": "d", "-32": "f"}[said["BITPIX"]]
    size = width * struct.calcsize(letter)
    return said, [
        struct.unpack_from(f">{width}{letter}", data, at + y * size) for y in range(height)
    ]


def plane(points: list[tuple[int, int, float]]) -> tuple[float, float, float]:
    """Return the plane a x + b y + c through points, by least squares."""
    terms = [(x, y, 1, value) for x, y, value in points]
    rows = [[float(sum(t[i] * t[j] for t in terms)) for j in range(4)] for i in range(3)]
    for i in range(3):
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(3):
            if j != i:
                rows[j] = [v - rows[j][i] * w for v, w in zip(rows[j], rows[i], strict=True)]
    return rows[0][3], rows[1][3], rows[2][3]


def measured(stars: list[dict[str, float]], path: Path) -> dict[str, object]:
    said, rows = image(path)
    places = [
        (float(said["CRPIX1"]) - 1 - star["east"], float(said["CRPIX2"]) - 1 + star["north"])
        for star in stars
    ]
    free = [
        (x, y, value)
        for y, row in enumerate(rows)
        for x, value in enumerate(row)
        if not math.isnan(value) and all(math.dist((x, y), at) > RADIUS for at in places)
    ]
    a, b, c = plane(free)
    flux, away = [], []
    for star, (u, v) in zip(stars, places, strict=True):
        near = [
            (x, y, rows[y][x] - a * x - b * y - c)
            for y in range(round(v) - RADIUS, round(v) + RADIUS + 1)
            for x in range(round(u) - RADIUS, round(u) + RADIUS + 1)
            if math.dist((x, y), (u, v)) <= RADIUS
        ]
        light = sum(value for *_, value in near)
        middle = [sum(each[axis] * each[2] for each in near) / light for axis in (0, 1)]
        flux.append(round(light / star["flux"], 4))
        away.append(round(math.dist(middle, (u, v)), 4))
    return {
        "stars": len(stars),
        "flux": flux,
        "away": away,
        "seams": round(statistics.pstdev(value - a * x - b * y for x, y, value in free), 4),
        "pixels": sum(not math.isnan(value) for row in rows for value in row),
    }


if __name__ == "__main__":
    sys.exit(main())
