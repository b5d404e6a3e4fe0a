"""What Galaxy workflows can say."""

from __future__ import annotations

from fairwf.features import Capabilities, Feature

_FEATURES = frozenset(
    {
        Feature.COMMAND,
        Feature.SCRIPT,
        Feature.PURE,  # refused where it stands: else all would be flattened into single tasks
        Feature.OPERATION,
        Feature.WORKFLOW,
        Feature.SUBWORKFLOW,
        Feature.SCATTER,
        Feature.SCATTER_DOT,
        Feature.CONDITION,
        Feature.LINK_DEFAULT,
        Feature.MERGE,
        Feature.ARGUMENT_EXPRESSION,
        Feature.OPAQUE,
        Feature.RECORD,
        Feature.ENUM,
        Feature.DEFAULT,
        Feature.STANDARD_STREAMS,
        Feature.OUTPUTS_FILE,
        Feature.CONTAINER,
        Feature.STAGING,
        Feature.VARIABLES,
        Feature.RESOURCES,
        Feature.RESOURCE_EXPRESSION,
        Feature.DOCUMENTATION,
        Feature.METADATA,
    }
)


def capabilities() -> Capabilities:
    """Return what a workflow with tools of the Tool Shed and user-defined tools can say."""
    from fairwf_galaxy.write.javascript import FUNCTIONS

    return Capabilities(
        features=_FEATURES,
        functions=frozenset({"default", *FUNCTIONS}),
        languages=frozenset({"javascript"}),
        extensions=frozenset({"galaxy"}),
    )
