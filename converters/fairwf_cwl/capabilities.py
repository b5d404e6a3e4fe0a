"""What CWL v1.2 can say."""

from __future__ import annotations

from fairwf.features import READING, Capabilities, Feature
from fairwf_cwl.write.javascript_functions import INLINE

_LACKING = frozenset(
    {
        Feature.INSTANCE,
        Feature.CANCEL,
        Feature.STREAM,
        Feature.DEMAND,
        Feature.SCATTERED_LOOP,
        Feature.LOOP,
        Feature.HANDLER,
        Feature.APPROVAL,
        Feature.WAIT,
        Feature.OUTPUT_EXPRESSION,
        Feature.SCATTER_EXPRESSION,
        Feature.FILE_READING,
        Feature.MAP,
        Feature.BYTES,
        Feature.RETRY,
        Feature.SEED,
        Feature.CONDA,
        Feature.MODULES,
        Feature.SPACK,
        Feature.VOLUME,
        Feature.LICENSES,
        Feature.FOREIGN_KEYS,
    }
)

_STRUCTURAL = frozenset({"and", "or", "default", "load_contents", "load_listing"})
"""Functions that are said by the structure of a document or by operators."""


_NEW = {
    "v1.1": frozenset(
        {Feature.WHILE, Feature.CONDITION, Feature.PICK_VALUE, Feature.OPERATION, Feature.INTENT}
    ),
    "v1.0": frozenset(
        {Feature.WHILE, Feature.CONDITION, Feature.PICK_VALUE, Feature.OPERATION, Feature.INTENT}
    ),
}
"""What older versions lack; smaller things are told by :mod:`fairwf_cwl.write.versions`."""


def capabilities(version: str | None) -> Capabilities:
    """Return what a version can say, by default v1.2, the newest that is written.

    Standard functions are said in JavaScript, but those that measure folders, or work on streams
    and demanded keys; what reads files has a feature of its own.
    """
    functions = frozenset(INLINE) | _STRUCTURAL | READING
    return Capabilities(
        features=frozenset(Feature) - _LACKING - _NEW.get(version or "", frozenset()),
        functions=functions,
        languages=frozenset({"javascript", "cwl"}),
        extensions=frozenset({"cwl"}),
    )
