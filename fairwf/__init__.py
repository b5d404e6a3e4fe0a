"""fairwf: scientific workflows made portable, verifiable and FAIR.

The public verbs are loaded on first use, so that importing the package costs little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairwf.version import VERSION

if TYPE_CHECKING:
    from fairwf.api import (
        Document,
        FairwfError,
        InvalidError,
        Report,
        UnsupportedError,
        convert,
        dump,
        load,
        outputs,
        package,
        rerun,
        run,
        score,
    )

__version__ = VERSION

__all__ = [
    "Document",
    "FairwfError",
    "InvalidError",
    "Report",
    "UnsupportedError",
    "__version__",
    "convert",
    "dump",
    "load",
    "outputs",
    "package",
    "rerun",
    "run",
    "score",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name in __all__:
        from fairwf import api

        return getattr(api, name)
    raise AttributeError(f"module 'fairwf' has no attribute {name!r}")
