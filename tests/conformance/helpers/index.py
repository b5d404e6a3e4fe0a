"""Write an inverted index of a text, and the further files that the test asks for."""

import sys
from pathlib import Path

text = Path(sys.argv[1])
lines_of: dict[str, list[int]] = {}
for number, line in enumerate(text.read_text().splitlines(), 1):
    plain = line.rstrip().lower().translate(str.maketrans("-", " ", ".,;"))
    for word in {word for word in plain.split(" ") if word}:
        lines_of.setdefault(word, []).append(number)
index = "".join(f"{word}: {', '.join(map(str, lines_of[word]))}\n" for word in sorted(lines_of))
Path(f"{text}.idx1").write_text(index)
for name in (
    f"{text.stem}.idx2",
    f"{text}.idx3",
    f"{text}.idx4",
    f"{text}.idx5",
    f"{text.stem}.idx6{text.suffix}",
    f"{text}.idx7",
):
    Path(text.parent, Path(name).name).touch()
Path(f"{text}_idx8").mkdir()
Path(f"{text}_idx8", "index").touch()
