"""A process that takes the cases that it is told on standard input; told in ``campaign.py``."""

from __future__ import annotations

import faulthandler
import json
import os
import random
import resource
import signal
import sys
import tempfile
from pathlib import Path

MEMORY_BYTES = 3 << 30
PROGRAMS = ("printf", "cat", "ls", "echo")


def main() -> None:
    """Answer each line (a number, or a case) with one line (an ending)."""
    from tests.fuzz.case import Case, load_seeds
    from tests.fuzz.guard import Guard
    from tests.fuzz.journey import Traveller
    from tests.fuzz.mutate import mutated

    seed, published, trace = int(sys.argv[1]), sys.argv[2] == "1", sys.argv[3]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    stream = Path(trace).open("w")  # noqa: SIM115 - for the life of this process
    faulthandler.enable(stream)
    faulthandler.register(signal.SIGUSR1, stream, all_threads=True)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="fairwf-fuzz-home-") as home:
        os.chdir(home)
        _few_programs(Path(home))
        guard = Guard()
        traveller = Traveller(guard)
        seeds = load_seeds(published)
        # it asks the machine whether it has IPv6, by a socket, when it is imported
        import urllib3.util.connection  # noqa: F401 - for the import alone

        guard.install()
        answers.write("ready\n")
        answers.flush()
        for line in sys.stdin:
            said = json.loads(line)
            if isinstance(said, int):
                case = mutated(seeds, random.Random(f"{seed}:{said}"))
            else:
                case = Case.from_json(said)
            ending = traveller.take(case)
            finding = ending.finding
            answer = {
                "kind": case.kind,
                "stage": ending.stage,
                "codes": ending.codes,
                "finding": finding and [finding.signature, finding.text],
            }
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
        traveller.close()


def _few_programs(home: Path) -> None:
    import shutil

    folder = home / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        found = shutil.which(name)
        if found is not None:
            (folder / name).symlink_to(found)
    os.environ["PATH"] = str(folder)


if __name__ == "__main__":
    main()
