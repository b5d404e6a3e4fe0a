"""CPU seconds of fairwf beside miniwdl: check, and run a scatter of tasks on the host.

    python benchmarks/wdl/measure.py [--rounds N] [--items N] [--document FILE.wdl]

User and system time of each program with everything that it started (`getrusage` of the
children), median of the rounds; in each round every program runs once, in turn forwards and
backwards. Exits with 1 where a goal is missed. `--document` also checks a file of yours.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

BACKEND = Path(__file__).parents[2] / "tests" / "engines" / "miniwdl_host"
DOCUMENT = """\
version 1.1

task greet {
  input {
    Int number
  }

  command <<<
    echo "hello ~{number}"
  >>>

  output {
    String said = read_string(stdout())
  }
}

workflow many {
  input {
    Int items
  }

  scatter (number in range(items)) {
    call greet { input: number = number }
  }

  output {
    Array[String] said = greet.said
  }
}
"""


def environment() -> dict[str, str]:
    """The environment of the programs: miniwdl runs tasks on the host, as fairwf does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    scripts = sysconfig.get_path("scripts")
    return {
        **kept,
        "PATH": f"{scripts}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONPATH": str(BACKEND),
        "MINIWDL__SCHEDULER__CONTAINER_BACKEND": "host",
    }


def cpu_s(words: list[str], folder: Path, items: int | None) -> float:
    """CPU seconds of a program and all that it started; a run has to give every greeting."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}\n{done.stderr.decode('utf-8', 'replace')[-2000:]}")
    if items is not None:
        given = json.loads(done.stdout)
        given = given.get("outputs", given)
        if given.get("many.said") != [f"hello {number}" for number in range(items)]:
            sys.exit(f"{' '.join(words)}\ngives other outputs: {str(given)[:500]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--document", type=Path)
    asked = parser.parse_args()
    sizes = {"one": 1, "many": asked.items}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "many.wdl").write_text(DOCUMENT)
        commands: dict[tuple[str, str], list[str]] = {}
        for file in ("many.wdl", *([str(asked.document.resolve())] if asked.document else [])):
            subject = f"check {Path(file).name}"
            commands[subject, "fairwf"] = ["fairwf", "validate", "--quiet", file]
            commands[subject, "miniwdl"] = ["miniwdl", "check", file]
        for name, items in sizes.items():
            (folder / f"{name}.json").write_text(json.dumps({"many.items": items}))
            where = ["--container", "none", "--outdir", "OUT/out", "--run-dir", "OUT/run"]
            commands[name, "fairwf"] = [
                "fairwf", "run", "--quiet", *where, "many.wdl", f"{name}.json",
            ]  # fmt: skip
            commands[name, "miniwdl"] = [
                "miniwdl", "run", "many.wdl", "-i", f"{name}.json", "-d", "OUT",
            ]  # fmt: skip
        times: dict[tuple[str, str], list[float]] = {name: [] for name in commands}
        for number in range(asked.rounds):
            order = list(commands) if number % 2 else list(reversed(commands))
            for position, key in enumerate(order):
                out = str(folder / f"out-{number}-{position}")
                words = [word.replace("OUT", out, 1) for word in commands[key]]
                times[key].append(cpu_s(words, folder, sizes.get(key[0])))
    medians = {name: statistics.median(values) for name, values in times.items()}
    missed = 0
    print(f"{'median of ' + str(asked.rounds) + ' rounds':30} {'fairwf':>9} {'miniwdl':>9}")

    def row(title: str, ours: float, theirs: float, least: float, unit: str) -> None:
        nonlocal missed
        late = theirs / ours < least
        missed += late
        goal = f"goal {least:g}{'  MISSED' if late else ''}"
        print(
            f"{title:30} {ours:9.3f} {theirs:9.3f} {unit}  {theirs / ours:5.1f} times less  {goal}"
        )

    for subject, program in commands:
        if subject.startswith("check") and program == "fairwf":
            row(subject, medians[subject, "fairwf"], medians[subject, "miniwdl"], 1, "s ")
    steps = [
        1000 * (medians["many", program] - medians["one", program]) / (asked.items - 1)
        for program in ("fairwf", "miniwdl")
    ]
    row(f"run of {asked.items}, a task", steps[0], steps[1], 5, "ms")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
