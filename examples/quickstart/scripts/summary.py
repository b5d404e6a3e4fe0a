"""Gather the results of trend.py into one table, sorted by name."""

import argparse
import csv
import json
import sys
from pathlib import Path

COLUMNS = [
    "name", "first_year", "last_year", "years", "slope", "slope_low", "slope_high", "tau",
    "autocorrelation", "z", "p_value",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trends", nargs="+")
    parser.add_argument("--alpha", type=float, required=True)
    options = parser.parse_args()
    results = []
    for path in options.trends:
        with Path(path).open(encoding="utf-8") as stream:
            results.append(json.load(stream))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*COLUMNS, "verdict"])
    for result in sorted(results, key=lambda item: item["name"]):
        if result["p_value"] >= options.alpha:
            verdict = "no trend"
        else:
            verdict = "rising" if result["slope"] > 0 else "falling"
        writer.writerow([*(result[column] for column in COLUMNS), verdict])


if __name__ == "__main__":
    main()
