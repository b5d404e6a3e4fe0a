"""What a Snakefile for Snakemake 8 and 9 can say."""

from __future__ import annotations

from fairwf.features import Capabilities, Feature
from fairwf_snakemake.writing.functions import SAID

_FEATURES = frozenset(
    {
        Feature.COMMAND,
        Feature.SCRIPT,
        Feature.PURE,
        Feature.WORKFLOW,
        Feature.SUBWORKFLOW,
        Feature.SCATTER_NESTED,
        Feature.SCATTER_FLAT,
        Feature.SCATTER_DOT,
        Feature.SCATTER,
        Feature.CONDITION,
        Feature.ORDER,
        Feature.OUTPUT_EXPRESSION,
        Feature.SCATTER_EXPRESSION,
        Feature.LINK_EXPRESSION,
        Feature.LINK_DEFAULT,
        Feature.MERGE,
        Feature.PICK_VALUE,
        Feature.FILE_READING,
        Feature.ARGUMENT_EXPRESSION,
        Feature.RECORD,
        Feature.UNION,
        Feature.MAP,
        Feature.ENUM,
        Feature.DIRECTORY,
        Feature.SECONDARY_FILES,
        Feature.FILE_LITERAL,
        Feature.DEFAULT,
        Feature.STAGING,
        Feature.STANDARD_STREAMS,
        Feature.RETRY,
        Feature.NETWORK,
        Feature.STEP_OVERRIDE,
        Feature.CONTAINER,
        Feature.CONDA,
        Feature.MODULES,
        Feature.VARIABLES,
        Feature.RESOURCES,
        Feature.RESOURCE_EXPRESSION,
        Feature.TIME_LIMIT,
        Feature.GPU,
        Feature.DOCUMENTATION,
    }
)

_OWN = frozenset({"to_file", "to_directory"})
"""Functions whose meaning depends on where they stand."""


def capabilities(version: str | None) -> Capabilities:
    """Return what a version can say; all that are written can say the same."""
    return Capabilities(
        features=_FEATURES,
        functions=frozenset(SAID) | _OWN,
        languages=frozenset(),
    )
