"""Hypothesis strategies for documents of the IR.

``workflows(size, ids)`` are valid documents of every style, with awkward numbers and names;
``connected()`` are those of programs and named tools joined by plain links; ``instances()`` are
documents of the instance level; ``runnable()`` gives workflows that the engine runs, with values
for their inputs. ``from tests.generation import workflows``.
"""

from tests.generation.connected import connected
from tests.generation.flows import instances, workflows
from tests.generation.processes import tasks
from tests.generation.runnable import runnable
from tests.generation.values import any_ids, plain_ids, typed_values

__all__ = [
    "any_ids",
    "connected",
    "instances",
    "plain_ids",
    "runnable",
    "tasks",
    "typed_values",
    "workflows",
]
