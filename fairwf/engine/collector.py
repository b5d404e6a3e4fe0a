"""Python's collector of cycles while an engine works.

Tasks are freed as they end, without the collector: the engine leaves no cycles behind. But as long
as they wait, each of its passes looks at all of them, which would cost a short task as much as to
stage it. What was there before is left out, and passes are rare.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 100_000
"""How many objects are made before the first pass, where Python's own number is 700 or 2,000."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Have the collector of this process look rarely, and only at what is made from now on."""
    before = gc.get_threshold()
    frozen = gc.get_freeze_count()
    if gc.isenabled():
        gc.set_threshold(_YOUNG, *before[1:])
    if not frozen:
        gc.freeze()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not frozen:
            gc.unfreeze()
