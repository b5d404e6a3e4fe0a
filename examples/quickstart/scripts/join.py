"""Join tables "year,anomaly" by year: one column a table, named after the file, sorted."""

import argparse
import csv
import sys
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", type=Path)
    options = parser.parse_args()
    columns: dict[str, dict[int, str]] = {}
    for path in sorted(options.tables, key=lambda path: path.name):
        with path.open(newline="", encoding="utf-8") as stream:
            rows = {int(row["year"]): row["anomaly"] for row in csv.DictReader(stream)}
        columns[path.name.split(".")[0]] = rows
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["year", *columns])
    for year in sorted({year for rows in columns.values() for year in rows}):
        writer.writerow([year, *(rows.get(year, "") for rows in columns.values())])


if __name__ == "__main__":
    main()
