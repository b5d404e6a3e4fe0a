"""Add one to the number that a file holds, in place."""

import sys
from pathlib import Path

with Path(sys.argv[1]).open("r+") as file:
    number = int(file.read()) + 1
    file.seek(0)
    file.write(str(number))
