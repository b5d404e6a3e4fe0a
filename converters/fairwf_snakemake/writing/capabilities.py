"""What a Snakefile for Snakemake 8 and 9 can say."""

from __future__ import annotations

from fairwf.features import Capabilities, Feature
from fairwf_snakemake.writing.functions import SAID

_LACKING = frozenset(
    {
        Feature.OPERATION,
        Feature.GENERATOR,
        Feature.INSTANCE,
        Feature.CANCEL,
        Feature.DEMAND,
        Feature.STREAM,
        Feature.SCATTERED_LOOP,
        Feature.LOOP,
        Feature.WHILE,
        Feature.HANDLER,
        Feature.APPROVAL,
        Feature.WAIT,
        Feature.OPAQUE,
        Feature.BYTES,
        Feature.FILE_FORMAT,
        Feature.STREAMABLE,
        Feature.SECRET,
        Feature.OUTPUTS_FILE,
        Feature.IN_PLACE,
        Feature.EXIT_CODES,
        Feature.SEED,
        Feature.CACHEABLE,
        Feature.SPACK,
        Feature.PACKAGES,
        Feature.MPI,
        Feature.VOLUME,
        Feature.SHARED_MEMORY,
        Feature.LICENSES,
        Feature.METADATA,
        Feature.INTENT,
        Feature.FOREIGN_KEYS,
    }
)

_OWN = frozenset({"to_file", "to_directory"})
"""Functions whose meaning depends on where they stand."""


def capabilities(version: str | None) -> Capabilities:
    """Return what a version can say; all that are written can say the same."""
    return Capabilities(
        features=frozenset(Feature) - _LACKING,
        functions=frozenset(SAID) | _OWN,
        languages=frozenset(),
    )
