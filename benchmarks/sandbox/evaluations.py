"""Prints what the JavaScript sandbox costs: start, evaluations, values, libraries.

Run: python benchmarks/sandbox/evaluations.py [REPETITIONS]
"""

import sys
import time
from collections.abc import Callable

from fairwf.engine.sandbox import JavaScriptError, Limits, Sandbox

FILES = [
    {"class": "File", "path": f"/data/sample_{number}.fastq.gz", "size": number * 1000}
    for number in range(20)
]
LIBRARY = "\n".join(
    f"function helper{number}(x) {{ var y = [x]; return y.map(function(z) {{ return z }}) }}"
    for number in range(700)
)


def milliseconds(action: Callable[[], object], repetitions: int) -> float:
    """Least wall clock time of an action."""
    least = float("inf")
    for _ in range(repetitions):
        start = time.perf_counter()
        action()
        least = min(least, time.perf_counter() - start)
    return least * 1000


def main() -> None:
    """Print one line a case."""
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 50

    def start_and_end() -> None:
        with Sandbox() as sandbox:
            sandbox.evaluate("1", "expression", {})

    few = max(3, repetitions // 10)
    print(f"start, one evaluation, end      {milliseconds(start_and_end, few):8.2f} ms")
    with Sandbox() as sandbox:

        def show(name: str, times: int, code: str, value: object, *libraries: str) -> None:
            def evaluate() -> None:
                sandbox.evaluate(code, "expression", {"inputs": value}, libraries)

            print(f"{name:30}  {milliseconds(evaluate, times):8.2f} ms")

        show("1 + 1", repetitions, "1 + 1", None)
        show("map over 20 files", repetitions, "inputs.map(function(f) { return f.path })", FILES)
        show(f"library of {len(LIBRARY) // 1000} kB", repetitions, "helper1(2)", None, LIBRARY)
        show("5,000 files in", few, "inputs.length", FILES * 250)
        show("5,000 files in and out", few, "inputs", FILES * 250)
    with Sandbox(reproducible=True) as sandbox:
        show("1 + 1, reproducible", repetitions, "1 + 1", None)
    with Sandbox(Limits(wall_s=0.1)) as sandbox:

        def endless() -> None:
            try:
                sandbox.evaluate("for (;;);", "body", {})
            except JavaScriptError:
                return

        endless()
        print(f"{'kill after 100 ms, start anew':30}  {milliseconds(endless, few):8.2f} ms")


if __name__ == "__main__":
    main()
