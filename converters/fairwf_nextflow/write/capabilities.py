"""What is written in Nextflow."""

from __future__ import annotations

from fairwf.features import Capabilities, Feature
from fairwf.ir.functions import FUNCTIONS

_FEATURES = frozenset(
    {
        Feature.COMMAND,
        Feature.SCRIPT,
        Feature.PURE,
        Feature.WORKFLOW,
        Feature.SUBWORKFLOW,
        Feature.SCATTER,
        Feature.SCATTER_DOT,
        Feature.SCATTER_FLAT,
        Feature.SCATTER_NESTED,
        Feature.CONDITION,
        Feature.STREAM,
        Feature.OUTPUT_EXPRESSION,
        Feature.SCATTER_EXPRESSION,
        Feature.LINK_EXPRESSION,
        Feature.LINK_DEFAULT,
        Feature.MERGE,
        Feature.PICK_VALUE,
        Feature.FILE_READING,
        Feature.ARGUMENT_EXPRESSION,
        Feature.OPAQUE,
        Feature.RECORD,
        Feature.UNION,
        Feature.MAP,
        Feature.ENUM,
        Feature.DIRECTORY,
        Feature.DEFAULT,
        Feature.STAGING,
        Feature.STANDARD_STREAMS,
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
        Feature.RETRY,
        Feature.DOCUMENTATION,
        Feature.METADATA,
    }
)


def capabilities(version: str | None = None) -> Capabilities:
    """Return what can be said.

    Which expression can be said where is found when it is written. Of JavaScript those pieces are
    taken that the reader itself makes of Groovy.
    """
    return Capabilities(
        features=_FEATURES,
        functions=frozenset(FUNCTIONS),
        languages=frozenset({"javascript"}),
        extensions=frozenset({"nextflow"}),
    )
