"""``python -m tests.fuzz --cases 100000 --seed 1 --jobs 2``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.fuzz.campaign import campaign
from tests.fuzz.minimise import minimised


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--own", action="store_true", help="only seeds of the repository")
    parser.add_argument("--minimise", type=int, default=5, help="how many mistakes to make small")
    parser.add_argument("--save", type=Path, help="folder for the cases that show mistakes")
    said = parser.parse_args()
    result = campaign(said.cases, said.seed, said.jobs, published=not said.own, first=said.first)
    print("\n".join(result.lines()))
    for number, found in enumerate(result.found.values()):
        case = minimised(found) if number < said.minimise else found.case
        print(f"\n--- {found.signature}\n{case.kind} {case.path}")
        print(repr((case.beside if case.kind == "run" else case.data)[:1500]))
        if said.save:
            said.save.mkdir(parents=True, exist_ok=True)
            (said.save / f"{number}.data").write_bytes(case.data)
            (said.save / f"{number}.beside").write_bytes(case.beside)
            text = f"{found.signature}\n{case.kind} {case.path}\n{found.number}\n{found.text}"
            (said.save / f"{number}.txt").write_text(text, errors="replace")
    return 1 if result.found else 0


if __name__ == "__main__":
    sys.exit(main())
