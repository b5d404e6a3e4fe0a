"""The structures of CWL v1.2 (v1.0 and v1.1 by ``since``), as tables of fields.

Sources: CommandLineTool.yml, Workflow.yml, Operation.yml, Process.yml of the specification.
"""

from __future__ import annotations

from fairwf_cwl.schema.processes import (
    BINDINGS,
    GENERATOR,
    PORTS,
    PROCESS_CLASSES,
    PROCESSES,
    TYPES,
    process_shape,
)
from fairwf_cwl.schema.requirements import EXTENSIONS, PARTS, REQUIREMENTS
from fairwf_cwl.schema.values import LOOPS
from fairwf_cwl.shapes import Struct

__all__ = [
    "EXTENSIONS",
    "GENERATOR",
    "LOOPS",
    "PROCESS_CLASSES",
    "REQUIREMENTS",
    "STRUCTS",
    "process_shape",
]

STRUCTS: dict[str, Struct] = {**TYPES, **BINDINGS, **PORTS, **PROCESSES, **PARTS}
"""Every structure by name."""
