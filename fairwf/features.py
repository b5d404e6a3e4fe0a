"""Features: what a workflow uses, and what a target can say.

A feature is something that a format or engine either has or lacks. The planner
(:mod:`fairwf.lower`) removes what the target lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fairwf.ir.functions import FUNCTIONS


class Feature(StrEnum):
    """One thing that not every format or engine has."""

    # kinds of process
    COMMAND = "command"
    SCRIPT = "script"
    PURE = "pure"
    OPERATION = "operation"
    WORKFLOW = "workflow"
    SUBWORKFLOW = "subworkflow"
    INSTANCE = "instance"
    # control
    SCATTER = "scatter"
    SCATTER_DOT = "scatter_dot"
    SCATTER_FLAT = "scatter_flat_crossproduct"
    SCATTER_NESTED = "scatter_nested_crossproduct"
    STREAM = "stream"
    DEMAND = "demand"
    CONDITION = "condition"
    LOOP = "loop"
    HANDLER = "handler"
    APPROVAL = "approval"
    WAIT = "wait"
    ORDER = "order"
    # expressions
    LINK_EXPRESSION = "link_expression"
    OUTPUT_EXPRESSION = "output_expression"
    ARGUMENT_EXPRESSION = "argument_expression"
    OPAQUE = "opaque"
    # values
    RECORD = "record"
    UNION = "union"
    MAP = "map"
    BYTES = "bytes"
    ENUM = "enum"
    DIRECTORY = "directory"
    SECONDARY_FILES = "secondary_files"
    FILE_FORMAT = "file_format"
    FILE_LITERAL = "file_literal"
    DEFAULT = "default"
    STREAMABLE = "streamable"
    # tasks
    STAGING = "staging"
    STANDARD_STREAMS = "standard_streams"
    OUTPUTS_FILE = "outputs_file"
    IN_PLACE = "in_place"
    EXIT_CODES = "exit_codes"
    RETRY = "retry"
    SEED = "seed"
    NETWORK = "network"
    CACHEABLE = "cacheable"
    STEP_OVERRIDE = "step_override"
    # environment and resources
    CONTAINER = "container"
    CONDA = "conda"
    MODULES = "modules"
    SPACK = "spack"
    PACKAGES = "packages"
    VARIABLES = "variables"
    RESOURCES = "resources"
    RESOURCE_EXPRESSION = "resource_expression"
    TIME_LIMIT = "time_limit"
    GPU = "gpu"
    MPI = "mpi"
    VOLUME = "volume"
    LICENSES = "licenses"
    # description
    DOCUMENTATION = "documentation"
    METADATA = "metadata"
    INTENT = "intent"
    FOREIGN_KEYS = "foreign_keys"


@dataclass(frozen=True)
class Capabilities:
    """What a target can say.

    ``functions`` are the standard functions it has; ``languages`` those whose opaque text it takes.
    """

    features: frozenset[Feature]
    functions: frozenset[str] = frozenset(FUNCTIONS)
    languages: frozenset[str] = frozenset()
