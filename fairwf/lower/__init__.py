"""Lowering: a document in terms of what a target can say.

``convert = read -> check -> lower(capabilities of the target) -> check -> write``. Passes are
values (:mod:`fairwf.lower.contract`); the planner (:mod:`fairwf.lower.plan`) knows nothing of what
they do.
"""

from fairwf.lower.catalogue import PASSES
from fairwf.lower.context import Context, Places
from fairwf.lower.contract import Pass
from fairwf.lower.plan import lower, usable

__all__ = ["PASSES", "Context", "Pass", "Places", "lower", "usable"]
