"""Gather counts of alignments and variants into one table, a row a sample."""

import argparse
import csv
import json
import sys
from pathlib import Path


def variants(report: Path) -> dict[str, int]:
    """The summary numbers (lines SN) of a report of bcftools stats."""
    numbers = {}
    for line in report.read_text(encoding="utf-8").splitlines():
        if line.startswith("SN\t"):
            _, _, name, value = line.split("\t")
            numbers[name.rstrip(":")] = int(value)
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", nargs="+", type=Path, required=True)
    parser.add_argument("--statistics", nargs="+", type=Path, required=True)
    parser.add_argument("--samples", nargs="+", required=True)
    options = parser.parse_args()
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    writer.writerow(["sample", "reads", "mapped", "duplicates", "variants", "snps", "indels"])
    rows = zip(options.samples, options.counts, options.statistics, strict=True)
    for sample, counts, report in rows:
        flags = json.loads(counts.read_text(encoding="utf-8"))["QC-passed reads"]
        called = variants(report)
        writer.writerow(
            [
                sample,
                flags["primary"],
                flags["primary mapped"],
                flags["primary duplicates"],
                called["number of records"],
                called["number of SNPs"],
                called["number of indels"],
            ]
        )


if __name__ == "__main__":
    main()
