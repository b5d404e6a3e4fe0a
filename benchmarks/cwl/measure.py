"""CPU seconds of fairwf beside cwltool: validate, run one `echo`, scatter over many.

    python benchmarks/cwl/measure.py [--rounds N] [--items N] [--document FILE.cwl] [--steps]

User and system time of each program with everything that it started (`getrusage` of the
children), median of the rounds; in each round every program runs once, in turn forwards and
backwards. Exits with 1 where a goal is missed. `--document` also validates a file of yours;
`--steps` measures nothing but scatters and the floor.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import documents

HERE = Path(__file__).parent
SCATTERS = ("plain", "neutral", "opaque")


def environment() -> dict[str, str]:
    """The environment of the programs: they may keep compiled modules, as installed ones do."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    scripts = sysconfig.get_path("scripts")
    return {**kept, "PATH": f"{scripts}{os.pathsep}{kept.get('PATH', '')}"}


def adopt_orphans() -> None:
    """Become the parent of what a program leaves behind, so that its time is counted, too.

    cwltool ends without waiting for its `node`.
    """
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        sys.exit("prctl(PR_SET_CHILD_SUBREAPER) failed")


def cpu_s(words: list[str], folder: Path) -> float:
    """CPU seconds of a program and all that it started, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, check=False)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}\n{done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def fairwf(*words: str) -> list[str]:
    """A command line of fairwf, by its console script as cwltool's."""
    return ["fairwf", *words]


def programs(items: int, document: Path | None) -> dict[tuple[str, str], list[str]]:
    """Command lines by subject and program; `OUT` in them stands for a new folder."""
    result: dict[tuple[str, str], list[str]] = {}

    def validate(subject: str, file: str) -> None:
        result[subject, "fairwf"] = fairwf("validate", "--quiet", "--no-cache", file)
        result[subject, "cwltool"] = ["cwltool", "--quiet", "--validate", file]

    def run(subject: str, *files: str) -> None:
        where = ("--outdir", "OUT/out", "--run-dir", "OUT/run")
        result[subject, "fairwf"] = fairwf("run", "--quiet", *where, *files)
        result[subject, "cwltool"] = [
            "cwltool",
            *("--quiet", "--no-container", "--outdir", "OUT/out"),
            *files,
        ]

    validate("validate a small tool", "echo.cwl")
    validate("validate 900 KB, packed", "packed.cwl")
    if document is not None:
        validate(f"validate {document.name}", str(document.resolve()))
    run("run one echo", "echo.cwl", "echo.json")
    for name in SCATTERS:
        run(f"scatter {name}, 1", f"{name}.cwl", "one.json")
        run(f"scatter {name}, many", f"{name}.cwl", "many.json")
    for number in (1, items):
        result[f"floor, {number}", "posix_spawn"] = [
            *(sys.executable, "-I", "-S"),
            *(str(HERE / "floor.py"), str(number)),
        ]
    return result


def measure(
    commands: dict[tuple[str, str], list[str]], folder: Path, rounds: int
) -> dict[tuple[str, str], float]:
    """Median CPU seconds of each program, after one round that warms what can be warmed.

    No output is removed before the end: for a while after files were removed, ext4 makes every new
    one at several times the cost, and that would be told of the program that comes next.
    """
    times: dict[tuple[str, str], list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        order = list(commands) if number % 2 else list(reversed(commands))
        for place, name in enumerate(order):
            out = folder / f"out-{number}-{place}"
            words = [word.replace("OUT", str(out), 1) for word in commands[name]]
            seconds = cpu_s(words, folder)
            if number:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--document", type=Path)
    parser.add_argument("--steps", action="store_true")
    asked = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        documents.write_all(folder, asked.items)
        commands = programs(asked.items, asked.document)
        if asked.steps:
            kept = ("scatter", "floor")
            commands = {each: words for each, words in commands.items() if each[0].startswith(kept)}
        medians = measure(commands, folder, asked.rounds)
    missed = 0

    def row(title: str, ours: float, theirs: float, least: float | None, unit: str) -> None:
        nonlocal missed
        ratio = theirs / ours
        goal = "" if least is None else f"goal {least:g}"
        if least is not None and ratio < least:
            missed += 1
            goal += "  MISSED"
        print(f"{title:34} {ours:8.3f} {theirs:8.3f} {unit}  {ratio:5.1f} times less  {goal}")

    print(f"{'median of ' + str(asked.rounds) + ' rounds':34} {'fairwf':>8} {'cwltool':>8}")
    for subject in dict.fromkeys(subject for subject, _ in commands):
        if subject.startswith(("validate", "run")):
            row(subject, medians[subject, "fairwf"], medians[subject, "cwltool"], 5, "s ")

    def per_step(name: str, program: str) -> float:
        ends = (medians[f"scatter {name}, {which}", program] for which in ("1", "many"))
        one, many = ends
        return 1000 * (many - one) / (asked.items - 1)

    steps = {n: (per_step(n, "fairwf"), per_step(n, "cwltool")) for n in SCATTERS}
    row("scatter, a step", *steps["plain"], 3, "ms")
    row("  with an expression of the core", *steps["neutral"], 5, "ms")
    row("  with other JavaScript", *steps["opaque"], 5, "ms")
    floor = medians[f"floor, {asked.items}", "posix_spawn"] - medians["floor, 1", "posix_spawn"]
    floor_ms = 1000 * floor / (asked.items - 1)
    print(f"floor: bare posix_spawn, a command {floor_ms:7.3f} ms")
    for name, (ours, theirs) in steps.items():
        print(f"  {name:8} fairwf {ours / floor_ms:4.1f} times, cwltool {theirs / floor_ms:4.1f}")
    for name in SCATTERS[1:]:
        added = [mine - plain for mine, plain in zip(steps[name], steps["plain"], strict=True)]
        late = added[0] >= 0.5
        missed += late
        print(
            f"the expression of {name!r} adds {added[0]:.3f} ms a step to fairwf, {added[1]:.3f} "
            f"to cwltool (goal under 0.5){'  MISSED' if late else ''}"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
