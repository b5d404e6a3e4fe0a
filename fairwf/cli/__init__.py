"""The command line: one module a verb, loaded when it is called."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code (CLI contract: 0, 1, 2, 3, 33, 130)."""
    # The collector would look at what is imported again and again, and find nothing.
    gc.set_threshold(50_000, 20, 20)
    from fairwf.cli.failures import run_guarded

    sys.exit(run_guarded(list(sys.argv[1:] if arguments is None else arguments)))
