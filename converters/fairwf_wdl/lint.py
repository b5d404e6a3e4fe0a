"""What miniwdl's own linter says of a document, without ShellCheck (a program of its own)."""

from __future__ import annotations

from typing import Any

import WDL.Lint

from fairwf.formats import Remark, Source
from fairwf_wdl.load import Loader


def lint(source: Source) -> tuple[Remark, ...]:
    """Return the warnings of miniwdl's linter for the document and what it imports.

    Raises:
        FairwfError: the document cannot be read.
    """
    document = Loader(source).load()
    # miniwdl looks for ShellCheck once, and keeps the answer here.
    WDL.Lint._shellcheck_available = False
    WDL.Lint.lint(document)
    found: list[Any] = WDL.Lint.collect(document)  # type: ignore[no-untyped-call]
    return tuple(
        Remark("warning", f"{rule}: {message}", position.line)
        for position, rule, message, *_ in found
    )
