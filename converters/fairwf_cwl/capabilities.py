"""What CWL v1.2 can say."""

from __future__ import annotations

from fairwf.features import Capabilities, Feature
from fairwf_cwl.write.javascript_functions import INLINE

_LACKING = frozenset(
    {
        Feature.INSTANCE,
        Feature.STREAM,
        Feature.DEMAND,
        Feature.LOOP,
        Feature.HANDLER,
        Feature.APPROVAL,
        Feature.WAIT,
        Feature.OUTPUT_EXPRESSION,
        Feature.SCATTER_EXPRESSION,
        Feature.MAP,
        Feature.BYTES,
        Feature.RETRY,
        Feature.SEED,
        Feature.CONDA,
        Feature.MODULES,
        Feature.SPACK,
        Feature.MPI,
        Feature.VOLUME,
        Feature.LICENSES,
        Feature.SHARED_MEMORY,
        Feature.FOREIGN_KEYS,
    }
)

_STRUCTURAL = frozenset({"and", "or", "default", "load_contents", "load_listing"})
"""Functions that are said by the structure of a document or by operators."""


def capabilities(version: str | None) -> Capabilities:
    """Return what the newest version that is written, v1.2, can say.

    Standard functions are said in JavaScript, but those that read whole files, measure folders,
    match regular expressions of POSIX, or work on streams and demanded keys.
    """
    return Capabilities(
        features=frozenset(Feature) - _LACKING,
        functions=frozenset(INLINE) | _STRUCTURAL,
        languages=frozenset({"javascript", "cwl"}),
        extensions=frozenset({"cwl"}),
    )
