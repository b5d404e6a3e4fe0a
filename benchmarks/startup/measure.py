"""How much CPU fairwf needs before it does anything, beyond the bare interpreter.

Prints the median of 20 runs (user and system time of the child, from `getrusage`) for
`import fairwf` and `fairwf --help`, each with the median of an empty program subtracted, and
exits with 1 where one is over its limit.

    python benchmarks/startup/measure.py
"""

import resource
import statistics
import subprocess
import sys

RUNS = 20
LIMITS_MS = {"import fairwf": 60.0, "fairwf --help": 150.0}
PROGRAMS = {
    "bare python": ["-c", ""],
    "import fairwf": ["-c", "import fairwf"],
    "fairwf --help": ["-m", "fairwf", "--help"],
}


def cpu_ms(words: list[str]) -> float:
    """CPU time of a child, user and system, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def measure(runs: int = RUNS) -> dict[str, float]:
    """Median CPU time of each program in milliseconds; rounds of all programs, one at a time."""
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for words in PROGRAMS.values():
        cpu_ms(words)  # warms the file cache and writes compiled modules
    for _ in range(runs):
        for name, words in PROGRAMS.items():
            times[name].append(cpu_ms(words))
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> int:
    """Print the numbers; 1 where one is over its limit."""
    medians = measure()
    bare = medians.pop("bare python")
    print(f"bare python     {bare:6.1f} ms")
    over = 0
    for name, median in medians.items():
        beyond = median - bare
        over += beyond > LIMITS_MS[name]
        print(f"{name:15} {beyond:6.1f} ms beyond it (limit {LIMITS_MS[name]:.0f} ms)")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
