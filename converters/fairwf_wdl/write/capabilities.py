"""What WDL 1.1 and 1.2 can say."""

from __future__ import annotations

from fairwf.features import Capabilities, Feature
from fairwf.ir.functions import FUNCTIONS

NEWEST = "1.2"

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
        Feature.DEFAULT,
        Feature.STAGING,
        Feature.STANDARD_STREAMS,
        Feature.OUTPUTS_FILE,
        Feature.EXIT_CODES,
        Feature.RETRY,
        Feature.NETWORK,
        Feature.STEP_OVERRIDE,
        Feature.CONTAINER,
        Feature.PACKAGES,
        Feature.VARIABLES,
        Feature.RESOURCES,
        Feature.RESOURCE_EXPRESSION,
        Feature.GPU,
        Feature.DOCUMENTATION,
        Feature.METADATA,
        Feature.OPAQUE,
    }
)
_SINCE_1_2 = frozenset({Feature.DIRECTORY})


def capabilities(version: str | None) -> Capabilities:
    """Return what a version can say, by default the newest that is written.

    What depends on the types of values (a union with none is an optional type, any other has no
    type in WDL) is found when it is written, and so is which function can be said where.
    """
    return Capabilities(
        features=_FEATURES - (_SINCE_1_2 if version == "1.1" else frozenset()),
        functions=frozenset(FUNCTIONS),
        languages=frozenset({"javascript"}),
        extensions=frozenset({"wdl"}),
    )
