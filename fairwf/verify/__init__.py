"""Whether something does again what it did: outputs compared with those that a crate packages."""

from __future__ import annotations

from fairwf.verify.compare import Outcome, Rules, Verdict, compare
from fairwf.verify.packaged import packaged_inputs, packaged_outputs
from fairwf.verify.remarks import remarks, verdict_of

__all__ = [
    "Outcome",
    "Rules",
    "Verdict",
    "compare",
    "packaged_inputs",
    "packaged_outputs",
    "remarks",
    "verdict_of",
]
