#!/usr/bin/env python3
"""Many small images: made, measured and summed up; as files of their own, or packed.

images.py expose BATCH COUNT              COUNT images into this folder
images.py expose BATCH COUNT --pack       the same, drawn in TMPDIR, into batch.tar
images.py measure IMAGE...                a result beside it for each image
images.py measure --pack batch.tar        one table, results.csv, of all images in a tar file
images.py sum LIST                        prints JSON: count, light, brightest of the results
                                          whose paths stand in a file, a line each
"""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

SIDE = 16


def main() -> int:
    words = [word for word in sys.argv[1:] if word != "--pack"]
    packed = len(words) < len(sys.argv) - 1
    if words[:1] == ["expose"] and len(words) == 3:
        expose(int(words[1]), int(words[2]), packed)
    elif words[:1] == ["measure"]:
        measure([Path(word) for word in words[1:]], packed)
    elif words[:1] == ["sum"] and len(words) == 2:
        print(json.dumps(summed(map(Path, Path(words[1]).read_text().splitlines()))))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


def image(number: int) -> bytes:
    """Return a grey image with one spot, as PGM."""
    x, y, light = number % 13, number // 13 % 13, 100 + number * 7 % 150
    pixels = bytearray(number % 5 for _ in range(SIDE * SIDE))
    for row in range(y, y + 3):
        for column in range(x, x + 3):
            pixels[row * SIDE + column] = light
    return f"P5 {SIDE} {SIDE} 255\n".encode() + pixels


def expose(batch: int, count: int, packed: bool) -> None:
    numbers = range(batch * count, (batch + 1) * count)
    if not packed:
        for number in numbers:
            Path(f"{number:06}.pgm").write_bytes(image(number))
        return
    # On the disk of the node; only the tar file goes to the file system that all share.
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        for number in numbers:
            Path(scratch, f"{number:06}.pgm").write_bytes(image(number))
        with tarfile.open("batch.tar", "w") as tar:
            for number in numbers:
                tar.add(f"{scratch}/{number:06}.pgm", f"{number:06}.pgm", filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same on every machine and at every time."""
    member.mtime, member.uid, member.gid, member.uname, member.gname = 0, 0, 0, "", ""
    return member


def images(paths: list[Path], packed: bool) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        if not packed:
            yield path.stem, path.read_bytes()
            continue
        with tarfile.open(path) as tar:
            for member in tar:
                stream = tar.extractfile(member)
                yield Path(member.name).stem, stream.read() if stream is not None else b""


def measure(paths: list[Path], packed: bool) -> None:
    table = io.StringIO()
    for name, data in images(paths, packed):
        pixels = data.partition(b"\n")[2]
        row = f"{name},{sum(pixels)},{max(pixels)}\n"
        if packed:
            table.write(row)
        else:
            Path(f"{name}.csv").write_text(row)
    if packed:
        Path("results.csv").write_text(table.getvalue())


def summed(paths: Iterator[Path]) -> dict[str, int]:
    rows = [line.split(",") for path in paths for line in path.read_text().splitlines()]
    return {
        "count": len(rows),
        "light": sum(int(row[1]) for row in rows),
        "brightest": max(int(row[2]) for row in rows),
    }


if __name__ == "__main__":
    sys.exit(main())
