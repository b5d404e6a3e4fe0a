"""CPU seconds of scoring workflows in one call, beside ``cwltool --validate`` of each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import fairwf.fair as fair
from benchmarks.fair_validity.corpus import workflows


@dataclass(frozen=True)
class Speed:
    """Median-free totals: CPU seconds (user and system) of one pass over the same documents."""

    documents: int
    fairwf: float
    cwltool: float | None


def measure(corpora: Path, count: int = 20) -> Speed:
    """Score the first ``count`` workflows of the corpora, then validate each with cwltool."""
    entries = [entry for entry, _ in zip(workflows(corpora), range(count), strict=False)]
    started = time.process_time()
    for entry in entries:
        fair.score(str(entry.path))
    ours = time.process_time() - started
    program = Path(sys.executable).with_name("cwltool")
    if not program.is_file():
        return Speed(len(entries), ours, None)
    before = os.times()
    for entry in entries:
        call = [str(program), "--validate", "--quiet", str(entry.path)]
        subprocess.run(call, capture_output=True, check=False)
    after = os.times()
    theirs = after.children_user + after.children_system
    return Speed(len(entries), ours, theirs - before.children_user - before.children_system)
