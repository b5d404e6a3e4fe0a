"""Print the numbered lines of a text in which the index says that a word stands."""

import sys
from pathlib import Path

lines = Path(sys.argv[1]).read_text().splitlines()
for entry in Path(sys.argv[1] + ".idx1").read_text().splitlines():
    word, _, numbers = entry.partition(": ")
    if word == sys.argv[2]:
        for number in map(int, numbers.split(", ")):
            print(number, lines[number - 1].rstrip())
