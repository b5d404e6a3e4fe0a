"""The command line: one module a verb, loaded when it is called."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code (CLI contract: 0, 1, 2, 3, 33, 130)."""
    # The collector would look at what is imported again and again, and find nothing.
    gc.set_threshold(50_000, 20, 20)
    from fairwf.cli.failures import run_guarded
    from fairwf.cli.streams import open_streams

    open_streams()
    _leave(run_guarded(list(sys.argv[1:] if arguments is None else arguments)))


def _leave(code: int) -> NoReturn:
    """End the process as `sys.exit` does, but without taking every object apart first.

    That alone costs as much as reading and checking a small document.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
