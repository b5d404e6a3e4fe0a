"""Subtract the trend line, or without `--trend` the mean, from a yearly series."""

import argparse
import csv
import json
import math
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("yearly")
    parser.add_argument("--trend", help="result of trend.py")
    options = parser.parse_args()
    with Path(options.yearly).open(newline="", encoding="utf-8") as stream:
        points = [(int(row["year"]), float(row["mean"])) for row in csv.DictReader(stream)]
    if options.trend:
        with Path(options.trend).open(encoding="utf-8") as stream:
            trend = json.load(stream)
        slope, intercept = trend["slope"], trend["intercept"]
    else:
        slope, intercept = 0.0, math.fsum(value for _, value in points) / len(points)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["year", "anomaly"])
    for year, value in points:
        writer.writerow([year, f"{value - intercept - slope * year:.4f}"])


if __name__ == "__main__":
    main()
