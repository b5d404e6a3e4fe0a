"""A million tasks that do nothing: what the engine itself costs, and no more a task at scale.

    python benchmarks/engine/million.py [--tasks N] [--few N] [--rounds N]

A flat bag and a layered graph are planned, staged (each task has a folder of its own), run by a
backend that starts no process, journaled and recorded; then the finished run is resumed. Each
measurement has a process of its own. Figures are CPU time; the folders are made where `TMPDIR` says
(`/dev/shm` leaves the disk out). Exits with 1 where a goal is missed.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import graphs
from nothing import nothing_runs

from fairwf.engine import RunOptions, resume, run

RATE, MIB, RATIO, RESUME_S = 20_000, 1024, 1.5, 10.0
KINDS = {"bag": graphs.bag, "layers": graphs.layers}


def one(kind: str, tasks: int, folder: Path) -> dict[str, float]:
    """Run a graph in this process; return CPU seconds and the peak memory in MiB."""
    document, inputs = KINDS[kind](tasks)
    start = time.process_time()
    with nothing_runs() as backends:
        record = run(document, inputs, RunOptions(run_dir=folder, base=folder.parent))
    seconds = time.process_time() - start
    if record.status != "completed" or len(record.tasks) != tasks or backends[0].ended != tasks:
        sys.exit(f"{kind}: {record.status}, {len(record.tasks)} tasks: {record.error}")
    return {"seconds": seconds, "mib": _peak()}


def again(tasks: int, folder: Path) -> dict[str, float]:
    """Resume a finished run in this process; return CPU seconds and the peak memory in MiB."""
    start = time.process_time()
    with nothing_runs() as backends:
        record = resume(folder)
    seconds = time.process_time() - start
    if record.status != "completed" or len(record.tasks) != tasks or any(backends):
        sys.exit(f"resumed: {record.status}, {len(record.tasks)} tasks")
    return {"seconds": seconds, "mib": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _child(*words: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def measure(kind: str, tasks: int, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """The best of some runs, and the resuming of the last one."""
    runs: list[dict[str, float]] = []
    resumed: dict[str, float] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "run"
            runs.append(_child("run", kind, str(tasks), str(folder)))
            resumed = _child("resume", kind, str(tasks), str(folder))
            shutil.rmtree(folder)
    return min(runs, key=lambda figures: figures["seconds"]), resumed


def main() -> int:
    """Print the figures; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        what, kind, tasks, folder = asked.one
        path = Path(folder)
        print(json.dumps(one(kind, int(tasks), path) if what == "run" else again(int(tasks), path)))
        return 0
    missed = 0

    def goal(text: str, holds: bool) -> str:
        nonlocal missed
        missed += not holds
        return f"goal {text}" + ("" if holds else "  MISSED")

    for kind in asked.kinds:
        few, _ = measure(kind, asked.few, max(3, asked.rounds))
        many, resumed = measure(kind, asked.tasks, asked.rounds)
        per_few = 1e6 * few["seconds"] / asked.few
        per_many = 1e6 * many["seconds"] / asked.tasks
        rate, ratio = 1e6 / per_many, per_many / per_few
        print(f"{kind}: {asked.tasks:,} tasks, {per_many:.1f} us a task", flush=True)
        print(f"  {rate:12,.0f} tasks/s   {goal(f'{RATE:,}', rate >= RATE)}")
        print(f"  {many['mib']:12,.0f} MiB       {goal(f'under {MIB:,}', many['mib'] < MIB)}")
        print(f"  {ratio:12.2f} times a task of {asked.few:,}   {goal(f'{RATIO}', ratio < RATIO)}")
        took = resumed["seconds"]
        print(f"  {took:12.2f} s to resume, {resumed['mib']:.0f} MiB", end="   ")
        print(goal(f"under {RESUME_S:g}", took < RESUME_S), flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
