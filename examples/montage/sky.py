#!/usr/bin/env python3
"""Make the published Montage instance concrete: images of a sky that is known, and its tables.

    python3 sky.py montage-chameleon-2mass-005d-001.json FOLDER

The instance says what runs on which file, and the files themselves were not published. This draws
them: in each of three bands, four overlapping images of the same stars, each turned by another
angle and with a slope and an offset of its own, which the workflow has to find and take away.
`sky.json` says where the stars are and how bright. Needs Debian's package `montage`.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

CENTRE = 275.196, -16.171
"""Right ascension and declination of the middle, in degrees."""
PIXEL = 1.0 / 3600
SIDE = 110
"""Pixels of an image."""
REGION, OVERSIZED = 120, 140
SIGMA = 2.0
"""Width of a star, in pixels."""
STARS = 12
BANDS = "jhk"
SHIFT = 20
"""How far the middles of the images lie from that of the region, in pixels."""


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    instance, folder = Path(sys.argv[1]), Path(sys.argv[2])
    tasks = json.loads(instance.read_text())["workflow"]["execution"]["tasks"]
    commands = [[each["command"]["program"], *each["command"]["arguments"]] for each in tasks]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(instance, folder / instance.name)
    shutil.copytree(Path(__file__).parent / "bin", folder / "bin", dirs_exist_ok=True)
    for name, size in (("region.hdr", REGION), ("region-oversized.hdr", OVERSIZED)):
        (folder / name).write_text("\n".join([*header(size, size / 2, size / 2, 0), "END", ""]))
    stars = sky()
    (folder / "sky.json").write_text(json.dumps(stars, indent=1) + "\n")
    for band in "123":
        prepare_band(folder, band, commands, stars[BANDS[int(band) - 1]])
    return 0


def sky() -> dict[str, list[dict[str, float]]]:
    """Stars by band: where they are from the middle (in pixels, east and north), and how bright."""
    chance = random.Random(2)  # noqa: S311 - a sky, no secret
    places: list[tuple[float, float]] = []
    while len(places) < STARS:
        place = chance.uniform(-38, 38), chance.uniform(-38, 38)
        if all(math.dist(place, other) > 18 for other in places):
            places.append(place)
    return {
        band: [{"east": x, "north": y, "flux": chance.uniform(2e4, 8e4)} for x, y in places]
        for band in BANDS
    }


def prepare_band(
    folder: Path, band: str, commands: list[list[str]], stars: list[dict[str, float]]
) -> None:
    """Draw the images of a band, and write the tables that its tasks read."""
    pairs = {}
    numbers: dict[int, str] = {}
    for words in commands:
        if words[0] == "mDiffFit" and words[3].startswith(f"{band}-fit."):
            one, two = (int(number) for number in words[3].split(".")[1:3])
            pairs[one, two] = words[3]
            numbers[one], numbers[two] = words[4], words[5]
    names = [numbers[number] for number in sorted(numbers)]
    chance = random.Random(int(band))  # noqa: S311 - a sky, no secret
    for number, name in enumerate(names):
        east, north = (SHIFT * (1 - 2 * (number % 2)), SHIFT * (1 - 2 * (number // 2)))
        plane = [chance.uniform(-0.3, 0.3), chance.uniform(-0.3, 0.3), chance.uniform(50, 150)]
        angle = chance.uniform(2, 15)  # mProject 6.0 mistakes the lower edge of those below 0
        draw(folder / name[1:], stars, (east, north), angle, plane)
    rows = projected(folder, names)
    width = max(map(len, names)) + 1
    listed = "".join(f" {n:>5} {name:>{width}} \n" for n, name in enumerate(names, 1))
    head = f"|{'cntr':>5}|{'fname':>{width}}|\n|{'int':>5}|{'char':>{width}}|\n"
    (folder / f"{band}-images.tbl").write_text(rows)
    (folder / f"{band}-projected.tbl").write_text(head + listed)
    corrected = listed.replace(" p2mass", " c2mass")
    (folder / f"{band}-corrected.tbl").write_text(head + corrected)
    stat = f"|{'cntr1':>6}|{'cntr2':>6}|{'stat':>26}|\n|{'int':>6}|{'int':>6}|{'char':>26}|\n"
    for (one, two), fit in sorted(pairs.items()):
        stat += f" {one:>6} {two:>6} {fit:>26} \n"
    (folder / f"{band}-stat.tbl").write_text(stat)


def projected(folder: Path, names: list[str]) -> str:
    """Return the table of how the images will lie once they are projected."""
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            region = str(folder / "region-oversized.hdr")
            montage("mProject", "-X", str(folder / name[1:]), f"{place}/{name}", region)
            Path(place, name.replace(".fits", "_area.fits")).unlink()
        montage("mImgtbl", place, f"{place}/images.tbl")
        text = Path(place, "images.tbl").read_text().replace(f"{place}/", "")
        lines = text.splitlines(keepends=True)
    head = [line for line in lines if line.startswith(("|", "\\"))]
    columns = next(line for line in head if line.startswith("|")).split("|")
    width = len(columns[1])
    rows = {line.split()[-1]: line for line in lines if line not in head}
    return "".join(
        [*head, *(f" {n:>{width}}" + rows[name][1 + width :] for n, name in enumerate(names, 1))]
    )


def montage(*words: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode != 0 or 'stat="OK"' not in done.stdout:
        sys.exit(f"{words[0]} failed: {done.stdout}{done.stderr}")


def header(size: int, x: float, y: float, angle: float) -> list[str]:
    """Return what a FITS header says of where an image lies."""
    said = {
        "SIMPLE": "T",
        "BITPIX": -64,
        "NAXIS": 2,
        "NAXIS1": size,
        "NAXIS2": size,
        "CTYPE1": "'RA---TAN'",
        "CTYPE2": "'DEC--TAN'",
        "EQUINOX": 2000.0,
        "CRVAL1": CENTRE[0],
        "CRVAL2": CENTRE[1],
        "CRPIX1": x + 0.5,
        "CRPIX2": y + 0.5,
        "CDELT1": -PIXEL,
        "CDELT2": PIXEL,
        "CROTA2": angle,
    }
    return [f"{name:<8}= {value:>20}" for name, value in said.items()]


def draw(
    path: Path,
    stars: list[dict[str, float]],
    middle: tuple[float, float],
    angle: float,
    plane: list[float],
) -> None:
    """Draw an image: stars, and a slope and an offset over all of it."""
    turn = math.radians(angle)
    cos, sin = math.cos(turn), math.sin(turn)

    def pixel(east: float, north: float) -> tuple[float, float]:
        # Right ascension grows to the left; CROTA2 turns counter-clockwise.
        x, y = -east, north
        return cos * x - sin * y, sin * x + cos * y

    shift = pixel(*middle)
    x0, y0 = SIDE / 2 - shift[0], SIDE / 2 - shift[1]
    a, b, c = plane
    rows = [[a * x + b * y + c for x in range(SIDE)] for y in range(SIDE)]
    for star in stars:
        u, v = pixel(star["east"], star["north"])
        u, v = u + x0 - 0.5, v + y0 - 0.5
        for y in range(max(0, int(v) - 12), min(SIDE, int(v) + 13)):
            for x in range(max(0, int(u) - 12), min(SIDE, int(u) + 13)):
                away = ((x - u) ** 2 + (y - v) ** 2) / (2 * SIGMA**2)
                rows[y][x] += star["flux"] * math.exp(-away) / (2 * math.pi * SIGMA**2)
    cards = [*header(SIDE, x0, y0, angle), "END"]
    text = "".join(f"{card:<80}" for card in cards)
    data = b"".join(struct.pack(f">{SIDE}d", *row) for row in rows)
    path.write_bytes(_block(text.encode("ascii"), b" ") + _block(data, b"\0"))


def _block(data: bytes, fill: bytes) -> bytes:
    return data + fill * (-len(data) % 2880)


if __name__ == "__main__":
    sys.exit(main())
