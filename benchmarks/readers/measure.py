"""CPU seconds to read large workflows: fairwf beside the tools of other systems.

    python benchmarks/readers/measure.py --iwc FILE.ga --rnaseq FOLDER --star FOLDER [--rounds N]

`--iwc` is a Galaxy workflow, by default the largest of the published ones; `--rnaseq` a checkout of
nf-core/rnaseq; `--star` one of snakemake-workflows/rna-seq-star-deseq2. What is not there, or whose
program is not installed, is left out and named. User and system time of each program with all that
it started, median of the rounds, in turn forwards and backwards.
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
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Subject = tuple[str, str]


def environment() -> dict[str, str]:
    """The environment of the programs: they may keep compiled modules, as installed ones do."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    scripts = sysconfig.get_path("scripts")
    return {**kept, "PATH": f"{scripts}{os.pathsep}{kept.get('PATH', '')}"}


def adopt_orphans() -> None:
    """Become the parent of what a program leaves behind, so that its time is counted, too."""
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        sys.exit("prctl(PR_SET_CHILD_SUBREAPER) failed")


def cpu_s(words: list[str], folder: Path, codes: tuple[int, ...] = (0,)) -> float:
    """CPU seconds of a program and all that it started, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, check=False)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in codes:
        sys.exit(f"{' '.join(words)}\n{done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def largest() -> Path | None:
    """The largest published `.ga` that is here."""
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    found = sorted(corpora.glob("galaxy/**/*.ga"), key=lambda path: path.stat().st_size)
    return found[-1] if found else None


def programs(asked: argparse.Namespace, folder: Path) -> dict[Subject, list[str]]:
    """Command lines by subject and program."""
    result: dict[Subject, list[str]] = {}
    path = environment()["PATH"]

    def fairwf(subject: str, source: Path) -> None:
        result[subject, "fairwf"] = ["fairwf", "validate", "--quiet", "--no-cache", str(source)]

    def other(subject: str, *words: str) -> None:
        if shutil.which(words[0], path=path) is None:
            print(f"left out: {words[0]} is not installed", file=sys.stderr)
        else:
            result[subject, words[0]] = list(words)

    if asked.iwc is None:
        print("left out: no Galaxy workflow (--iwc)", file=sys.stderr)
    else:
        source = asked.iwc.resolve()
        fairwf("Galaxy", source)
        other("Galaxy", "gxwf-lint", "--skip-best-practices", str(source))
        abstract = folder / "abstract.cwl"
        words = ["fairwf", "convert", "--quiet", str(source), "--to", "cwl", "-o", str(abstract)]
        subprocess.run(words, env=environment(), check=True, capture_output=True)
        fairwf("the same as abstract CWL", abstract)
        other("the same as abstract CWL", "cwltool", "--quiet", "--validate", str(abstract))
    if asked.rnaseq is None:
        print("left out: nf-core/rnaseq (--rnaseq)", file=sys.stderr)
    else:
        fairwf("nf-core/rnaseq", asked.rnaseq.resolve() / "main.nf")
    if asked.star is None:
        print("left out: rna-seq-star-deseq2 (--star)", file=sys.stderr)
    else:
        here = asked.star.resolve()
        fairwf("rna-seq-star-deseq2", here / "workflow" / "Snakefile")
        other(
            "rna-seq-star-deseq2",
            *("snakemake", "--dry-run", "--quiet", "--cores", "1"),
            *("--snakefile", str(here / "workflow" / "Snakefile")),
            *("--directory", str(asked.star_data.resolve() if asked.star_data else here)),
        )
    return result


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iwc", type=Path, default=largest())
    parser.add_argument("--rnaseq", type=Path)
    parser.add_argument("--star", type=Path)
    parser.add_argument("--star-data", type=Path, help="folder of its config, default: --star")
    asked = parser.parse_args()
    adopt_orphans()
    times: dict[Subject, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        commands = programs(asked, Path(place))
        for number in range(asked.rounds + 1):  # the first one warms what can be warmed
            for name in list(commands) if number % 2 else list(reversed(commands)):
                codes = (0, 1) if name[1] == "fairwf" else (0,)  # 1: read, and found something
                seconds = cpu_s(commands[name], Path(place), codes)
                if number:
                    times.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for (subject, program), seconds in medians.items():
        if program == "fairwf":
            others = {
                p: s for (about, p), s in medians.items() if about == subject and p != program
            }
            said = "".join(f"; {p} {s:.2f} s, {s / seconds:.1f} times" for p, s in others.items())
            print(f"{subject}: fairwf {seconds:.2f} s{said}")
    rnaseq = medians.get(("nf-core/rnaseq", "fairwf"))
    if rnaseq:
        for (subject, program), seconds in medians.items():
            if program != "fairwf":
                print(f"nf-core/rnaseq by {program} of {subject}: {rnaseq / seconds:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
