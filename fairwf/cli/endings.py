"""How a command ends: its exit codes, and the exception that says one."""

from __future__ import annotations

INTERRUPTED = 130
FAULT = 3


class Finished(Exception):  # noqa: N818 - an ending, not an error
    """Leave with this exit code; everything has been said."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code
