"""The standard streams as every verb wants them: there, and able to take any text."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Stdout(io.FileIO):
    """Names itself in what goes wrong, as files do."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = "stdout"
            raise


def open_streams() -> None:
    """Give a closed standard stream a stand-in, and let stdout take every character.

    What is read from a closed stdin is empty, and what is written to a closed stderr is lost. A
    closed stdout cannot be written (EBADF), so that a result that goes nowhere is told. Into files
    and pipes stdout is UTF-8, as JSON, YAML and SVG have to be; a terminal gets its own encoding.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, mode)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
    if sys.stderr is None:
        sys.stderr = io.TextIOWrapper(io.BytesIO())
    terminal = os.isatty(1)
    encoding = sys.stdout.encoding if terminal and sys.stdout is not None else "utf-8"
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(_Stdout(1, "w", closefd=False)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=terminal,
    )
