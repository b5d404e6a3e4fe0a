"""Test a yearly series for a monotonic trend.

Slope: Theil-Sen estimator with Sen's confidence interval. Test: Mann-Kendall with the correction
for ties, and with Yue and Wang's (2004) correction of the variance for autocorrelation of lag 1,
estimated on the detrended series. Without it, a cycle that lasts for years (sunspots) would pass
for a trend too easily.

Reads `year,mean,...`, writes one JSON object to standard output.

References: Sen (1968) https://doi.org/10.1080/01621459.1968.10480934;
Yue and Wang (2004) https://doi.org/10.1023/B:WARM.0000043140.61082.60
"""

import argparse
import csv
import json
import math
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist, median


def slopes(years: list[int], values: list[float]) -> list[float]:
    """Slopes between all pairs of points, sorted."""
    pairs = [(i, j) for j in range(len(years)) for i in range(j)]
    return sorted((values[j] - values[i]) / (years[j] - years[i]) for i, j in pairs)


def mann_kendall(values: list[float]) -> tuple[int, float]:
    """The statistic S and its variance, corrected for ties."""
    count = len(values)
    score = sum(
        (values[j] > values[i]) - (values[j] < values[i]) for j in range(count) for i in range(j)
    )
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values() if t > 1)
    return score, (count * (count - 1) * (2 * count + 5) - ties) / 18


def autocorrelation(residuals: list[float]) -> float:
    """Autocorrelation of lag 1."""
    mean = math.fsum(residuals) / len(residuals)
    deviations = [value - mean for value in residuals]
    total = math.fsum(value * value for value in deviations)
    if total == 0:
        return 0.0
    return math.fsum(a * b for a, b in pairwise(deviations)) / total


def variance_factor(lag_one: float, count: int) -> float:
    """n / n*, the factor by which autocorrelation of lag 1 widens the variance of S."""
    factor = 1 + 2 * math.fsum((1 - lag / count) * lag_one**lag for lag in range(1, count))
    return max(factor, 1.0)


def analyse(
    name: str, years: list[int], values: list[float], confidence: float
) -> dict[str, object]:
    count = len(years)
    ordered = slopes(years, values)
    slope = median(ordered)
    intercept = median([value - slope * year for year, value in zip(years, values, strict=True)])
    residuals = [
        value - intercept - slope * year for year, value in zip(years, values, strict=True)
    ]
    score, variance = mann_kendall(values)
    lag_one = autocorrelation(residuals)
    corrected = variance * variance_factor(lag_one, count)
    step = (score > 0) - (score < 0)
    z = (score - step) / math.sqrt(corrected) if corrected > 0 else 0.0

    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * math.sqrt(corrected)
    last = len(ordered) - 1
    low = min(max(round((len(ordered) - reach) / 2), 0), last)
    high = min(max(round((len(ordered) + reach) / 2), 0), last)
    return {
        "name": name,
        "first_year": years[0],
        "last_year": years[-1],
        "years": count,
        "slope": round(slope, 6),
        "slope_low": round(ordered[low], 6),
        "slope_high": round(ordered[high], 6),
        "confidence": confidence,
        "intercept": round(intercept, 6),
        "tau": round(score / (count * (count - 1) / 2), 6),
        "autocorrelation": round(lag_one, 6),
        "z": round(z, 6),
        "p_value": float(f"{math.erfc(abs(z) / math.sqrt(2)):.6g}"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("yearly")
    parser.add_argument("--name", required=True)
    parser.add_argument("--confidence", type=float, required=True)
    options = parser.parse_args()
    with Path(options.yearly).open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    if len(rows) < 10:
        sys.exit(f"{options.name}: {len(rows)} years, at least 10 are needed for a trend")
    result = analyse(
        options.name,
        [int(row["year"]) for row in rows],
        [float(row["mean"]) for row in rows],
        options.confidence,
    )
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
