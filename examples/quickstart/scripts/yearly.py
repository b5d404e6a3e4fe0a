"""Average dated observations over each calendar year.

Reads rows "YYYY-MM-DD,value", writes `NAME.yearly.csv` (year,mean,observations) and the sidecar
`NAME.yearly.json`. A year with too few observations is left out and listed in the sidecar.
"""

import argparse
import csv
import json
import math
from collections import defaultdict
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("observations")
    parser.add_argument("--name", required=True)
    parser.add_argument("--unit", required=True)
    parser.add_argument("--per-year", type=int, required=True, help="observations of a full year")
    parser.add_argument("--completeness", type=float, required=True, help="share needed, 0 to 1")
    options = parser.parse_args()

    by_year: dict[int, list[float]] = defaultdict(list)
    with Path(options.observations).open(newline="", encoding="utf-8") as stream:
        for date, value in csv.reader(stream):
            by_year[int(date[:4])].append(float(value))

    needed = max(1, math.ceil(options.per_year * options.completeness))
    kept = {year: values for year, values in sorted(by_year.items()) if len(values) >= needed}
    with Path(f"{options.name}.yearly.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["year", "mean", "observations"])
        for year, values in kept.items():
            writer.writerow([year, f"{math.fsum(values) / len(values):.4f}", len(values)])

    sidecar = {
        "columns": {
            "mean": f"mean of the year, {options.unit}",
            "observations": "observations in the mean",
            "year": "calendar year",
        },
        "incomplete_years": [year for year in sorted(by_year) if year not in kept],
        "observations_needed": needed,
    }
    with Path(f"{options.name}.yearly.json").open("w", encoding="utf-8") as stream:
        json.dump(sidecar, stream, indent=2, sort_keys=True)
        stream.write("\n")


if __name__ == "__main__":
    main()
