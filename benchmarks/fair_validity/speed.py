"""CPU seconds of scoring workflows in one call, beside ``cwltool --validate`` of each."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import fairwf.fair as fair
from benchmarks.fair_validity.corpus import workflows
from benchmarks.fair_validity.known_groups.draw import in_drawn_order
from benchmarks.fair_validity.known_groups.pairs import clone, main_document
from fairwf.report import FairwfError

_LONGEST = 60


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
    return Speed(len(entries), ours, _cwltool([entry.path for entry in entries]))


def repositories(mirrors: Path, clones: Path, count: int = 100) -> Speed:
    """Score whole CWL repositories, then validate the main document of each with cwltool.

    They are the first ones of the known groups' frame, in drawn order, that hold a workflow; what
    neither program can read counts too.
    """
    found: list[tuple[Path, Path]] = []
    for entry in in_drawn_order():
        place = clone(entry, mirrors, clones) if entry.engine == "cwl" else None
        main = main_document(place, "cwl") if place is not None else None
        if place is not None and main is not None and len(found) < count:
            found.append((place, main))
    started = time.process_time()
    for place, main in found:
        try:
            fair.score(str(place), main=main.relative_to(place).as_posix())
        except FairwfError:
            continue
    ours = time.process_time() - started
    return Speed(len(found), ours, _cwltool([main for _, main in found]))


def _cwltool(paths: list[Path]) -> float | None:
    """Return the CPU seconds of ``cwltool --validate`` of each, None where it is not installed."""
    program = Path(sys.executable).with_name("cwltool")
    if not program.is_file():
        return None
    before = os.times()
    for path in paths:
        call = [str(program), "--validate", "--quiet", str(path)]
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may wait for a network
            subprocess.run(call, capture_output=True, check=False, timeout=_LONGEST)
    after = os.times()
    theirs = after.children_user + after.children_system
    return theirs - before.children_user - before.children_system
