"""Publishing crates: to InvenioRDM and Zenodo, to WorkflowHub, as a static web site."""

from __future__ import annotations

from fairwf.publish.http.patience import Patience
from fairwf.publish.target import TARGETS, Order, Publication, publish

__all__ = ["TARGETS", "Order", "Patience", "Publication", "publish"]
