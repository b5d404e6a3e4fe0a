"""What a pass is."""

from __future__ import annotations

from typing import Protocol

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.lower.context import Context
from fairwf.report import FATES, Fate


class Pass(Protocol):
    """One way to remove a feature: valid in, valid out.

    ``adds`` are the features that its result may use anew; ``fate`` is what becomes of the nodes
    that used ``removes`` (a pass may do better for single nodes, never worse). A pass leaves the
    nodes that it cannot treat; it returns the same object when it changed nothing. It tells the
    report of each node that it changed, and names the smallest.
    """

    @property
    def name(self) -> str:
        """The name that tests and messages call it by."""

    @property
    def removes(self) -> Feature:
        """The feature that the result uses less, or no more."""

    @property
    def adds(self) -> frozenset[Feature]:
        """The features that the result may use anew."""

    @property
    def fate(self) -> Fate:
        """What becomes of the nodes that used the feature."""

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with fewer uses of ``removes``."""


def cost(chosen: Pass) -> int:
    """Return how bad a pass is: rewritten before approximated before lost."""
    return FATES.index(chosen.fate)
