"""CPU time a task and peak memory of fairwf beside other engines, on the same `/bin/true`.

    python benchmarks/engine/measure.py [--rounds N] [--environment DIR ...] [--only WORKLOAD ...]

User and system time of each engine with everything that it started, divided by the tasks, so that
starting the engine counts too; memory is that of its largest process. Engines are looked for beside
this Python, on PATH, in `.venv-engines` (`make .venv-engines`) and in each `--environment`; one
that is nowhere is said to be missing. Exits with 1 where a goal is missed. Of few tasks no goal is
asked: there, starting decides, and `benchmarks/cwl` measures that.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import workloads
from workloads import Workload

ROOT = Path(__file__).resolve().parents[2]
FEW = 1000
"""Goals are for workloads of at least so many tasks."""
SLOW = 2000
"""How many tasks the slow engines are given at most, unless `--whole` is said."""
GOALS = {"ninja": 0.5, "cwltool": 3.0, "snakemake": 15.0}
"""How many times less fairwf is to use than another engine: of ninja's, it may be twice."""


@dataclass(frozen=True)
class Engine:
    """An engine: the program that it needs, what writes a workload for it, and its command."""

    program: str
    write: Callable[[Workload, Path], None]
    command: list[str]
    module: str | None = None
    slow: bool = False
    shapes: tuple[str, ...] = ("flat", "chain", "fan")


def _list(work: Workload, folder: Path) -> None:
    (folder / "list").write_text("\n".join(map(str, range(len(work)))))


ENGINES = {
    "fairwf": Engine(
        "fairwf",
        workloads.write_cwl,
        [
            "run",
            "-q",
            "--outdir",
            "out",
            "--run-dir",
            "run",
            "--cores",
            "2",
            "work.cwl",
            "job.json",
        ],
    ),
    "xargs": Engine("xargs", _list, ["-a", "list", "-n1", "-P2", "/bin/true"], shapes=("flat",)),
    "make": Engine("make", workloads.write_makefile, ["-s", "-j2"]),
    "ninja": Engine("ninja", workloads.write_ninja, ["--quiet", "-j2"]),
    "cwltool": Engine(
        "cwltool",
        workloads.write_cwl,
        ["--quiet", "--no-container", "--outdir", "out", "work.cwl", "job.json"],
    ),
    "dask": Engine("python", workloads.write_dask, ["work_dask.py"], module="dask"),
    "parsl": Engine("python", workloads.write_parsl, ["work_parsl.py"], module="parsl"),
    "snakemake": Engine(
        "snakemake", workloads.write_snakefile, ["-q", "all", "-c2", "--nolock"], slow=True
    ),
}


def found(engine: Engine, environments: list[Path]) -> str | None:
    """Return the program of an engine, None where it is not installed."""
    places = [Path(sys.executable).parent, *(folder / "bin" for folder in environments)]
    candidates = [str(place / engine.program) for place in places]
    if engine.module is None:
        candidates.append(shutil.which(engine.program) or "")
    for path in candidates:
        if not os.access(path, os.X_OK) or not Path(path).is_file():
            continue
        if engine.module is None:
            return path
        words = [path, "-c", f"import {engine.module}"]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return path
    return None


def adopt_orphans() -> None:
    """Become the parent of what an engine leaves behind, so that its time is counted too."""
    if ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) != 0:
        sys.exit("prctl(PR_SET_CHILD_SUBREAPER) failed")


def run(words: list[str], folder: Path) -> tuple[float, float]:
    """Run an engine; return its CPU seconds and the MiB of its largest process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(words, cwd=folder, env=kept, stdout=log, stderr=log)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode != 0:
        tail = (folder / "log").read_text(errors="replace")[-2000:]
        sys.exit(f"{' '.join(words)}: exit code {child.returncode}\n{tail}")
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds, used.ru_maxrss / 1024


def measure(
    work: Workload, programs: dict[str, str], rounds: int, whole: bool, place: Path
) -> dict[str, tuple[float, float]]:
    """Medians of milliseconds a task and MiB by engine."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for number in range(rounds):
        for name, program in programs.items():
            engine = ENGINES[name]
            if work.shape not in engine.shapes:
                continue
            if engine.slow and not whole and (len(work) > SLOW or number):
                continue
            folder = place / f"{number}-{work.name}-{name}".replace(" ", "-")
            folder.mkdir()
            engine.write(work, folder)
            seconds, mib = run([program, *engine.command], folder)
            seen.setdefault(name, []).append((1000 * seconds / len(work), mib))
    return {
        name: (statistics.median(ms for ms, _ in all_), statistics.median(mib for _, mib in all_))
        for name, all_ in seen.items()
    }


def show(work: Workload, programs: dict[str, str], medians: dict[str, tuple[float, float]]) -> int:
    """Print the table of a workload; return how many goals are missed."""
    missed = 0
    mine, own_mib = medians["fairwf"]
    print(f"\n{work.name}: {len(work):,} tasks")
    print(f"  {'':12}{'CPU ms a task':>18}{'MiB':>8}   beside fairwf")
    print(f"  {'fairwf':12}{mine:18.3f}{own_mib:8.0f}")
    for name in ENGINES:
        if name == "fairwf":
            continue
        if name not in medians:
            print(f"  {name:12}{'not installed' if name not in programs else 'not measured':>18}")
            continue
        theirs, mib = medians[name]
        least, goal = GOALS.get(name), ""
        if least is not None and len(work) >= FEW:
            late = theirs / mine < least
            missed += late
            goal = f"  goal {least:g}" + ("  MISSED" if late else "")
        print(f"  {name:12}{theirs:18.3f}{mib:8.0f}   {theirs / mine:6.2f} times{goal}", flush=True)
    return missed


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--environment", type=Path, action="append", default=[])
    parser.add_argument("--only", nargs="*", choices=["1000", "10000", "chain", "fan"])
    parser.add_argument("--whole", action="store_true", help="slow engines get all tasks, too")
    asked = parser.parse_args()
    adopt_orphans()
    every = {
        "1000": workloads.flat(1000),
        "10000": workloads.flat(10_000),
        "chain": workloads.chain(200),
        "fan": workloads.fan(100),
    }
    works = [work for name, work in every.items() if not asked.only or name in asked.only]
    environments = [*asked.environment, ROOT / ".venv-engines"]
    programs = {name: path for name, e in ENGINES.items() if (path := found(e, environments))}
    if "fairwf" not in programs:
        sys.exit("fairwf is not installed beside this Python")
    missed = 0
    with tempfile.TemporaryDirectory() as place:
        for work in works:
            medians = measure(work, programs, asked.rounds, asked.whole, Path(place))
            missed += show(work, programs, medians)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
