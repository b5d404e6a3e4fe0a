"""CPU time of validating, beside the peers: python -m benchmarks.validate.measure [...]

Prints, for files drawn by a seed: fairwf in one call without a cache, and the peer called for each
(``cwltool --validate``, ``miniwdl check``, ``gxwf-lint``, ``snakemake --lint``). With
``--repository``, the time of validating a folder again in which one file, drawn by the seed, has
changed.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.mutations.corpus import accepted

PROGRAMS = Path(sys.executable).parent


def cpu(*words: str, cwd: Path | None = None) -> float:
    """Return the CPU seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=cwd, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def fairwf(*words: str, cwd: Path | None = None) -> float:
    return cpu(str(PROGRAMS / "fairwf"), "validate", "-q", *words, cwd=cwd)


def beside(name: str, files: list[str], peer: tuple[str, ...]) -> None:
    own = fairwf("--no-cache", *files)
    program = peer[0] if "/" in peer[0] else str(PROGRAMS / peer[0])
    others = sum(
        cpu(program, *peer[1:], file, cwd=Path(file).parent if name == "snakemake" else None)
        for file in files
    )
    print(f"{name}: {len(files)} files, fairwf {own:.2f} s, {peer[0]} {others:.2f} s, "
          f"{others / own:.1f} times")  # fmt: skip


def parsing(files: list[str]) -> None:
    """How much of our time on WDL is miniwdl's own parsing and checking."""
    code = "import sys, WDL\nfor f in sys.argv[1:]:\n  try: WDL.load(f)\n  except Exception: pass"
    alone = cpu(sys.executable, "-c", code, *files)
    own = fairwf("--no-cache", *files)
    print(f"wdl: miniwdl's parser alone in one process {alone:.2f} s of fairwf's {own:.2f} s")


def shared(files: list[str]) -> None:
    """How much of our time on Galaxy is gxformat2's own reading."""
    code = (
        "import sys\nfrom gxformat2.yaml import ordered_load_path\n"
        "from gxformat2.normalized import ensure_native\n"
        "for f in sys.argv[1:]:\n  try: ensure_native(ordered_load_path(f))\n"
        "  except Exception: pass"
    )
    alone = cpu(sys.executable, "-c", code, *files)
    own = fairwf("--no-cache", *files)
    print(f"galaxy: gxformat2's reading alone in one process {alone:.2f} s of fairwf's {own:.2f} s")


def again(folder: Path, seed: int, rounds: int) -> None:
    """One changed file of a repository, after a first call that filled the cache."""
    rng = random.Random(seed)
    files = sorted(folder.rglob("*.cwl"))
    count = sum(1 for path in folder.rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        empty = Path(cache, "empty")
        empty.mkdir()
        whole = fairwf(".", cwd=folder)
        start = statistics.median(fairwf(".", cwd=empty) for _ in range(3))
        same = fairwf(".", cwd=folder)
        times = []
        for path in rng.sample(files, rounds):
            with path.open("a") as stream:
                stream.write("\n# changed\n")
            times.append(fairwf(".", cwd=folder) - start)
    under = sum(time < 0.5 for time in times)
    print(f"{count} files: first {whole:.1f} s, start-up {start:.2f} s, nothing changed "
          f"{same - start:.2f} s; one changed: median {statistics.median(times):.2f} s, "
          f"{under} of {rounds} under 0.5 s, most {max(times):.2f} s")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--wdl", type=Path)
    parser.add_argument("--snakemake", type=Path, help="a folder of Snakemake repositories")
    parser.add_argument("--repository", type=Path, help="a copy that may be changed")
    parser.add_argument("--files", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=9)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    if options.repository is not None:
        again(options.repository, options.seed, options.rounds)
        return
    documents = sorted(str(options.corpora / path) for path in accepted(options.corpora, "cwl"))
    beside("cwl", rng.sample(documents, options.files), ("cwltool", "--validate"))
    galaxy = sorted(str(options.corpora / path) for path in accepted(options.corpora, "galaxy"))
    chosen = rng.sample(galaxy, options.files)
    beside("galaxy", chosen, ("gxwf-lint",))
    shared(chosen)
    if options.snakemake is not None:
        names = sorted(str(path.resolve()) for path in options.snakemake.rglob("Snakefile"))
        chosen = rng.sample(names, min(options.files, len(names)))
        peer = os.environ.get("FAIRWF_SNAKEMAKE", "snakemake")
        beside("snakemake", chosen, (peer, "--lint", "-s"))
    if options.wdl is not None:
        names = sorted(map(str, options.wdl.rglob("*.wdl")))
        chosen = rng.sample(names, min(options.files, len(names)))
        beside("wdl", chosen, ("miniwdl", "check"))
        parsing(chosen)


if __name__ == "__main__":
    main()
