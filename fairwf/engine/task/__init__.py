"""One task: inputs completed, folder staged, command line rendered, outputs collected.

::

    values = complete_inputs(process, given, evaluator, origins=..., discover=True)
    prepared = prepare(request, evaluator)          # Command or Script
    ... a backend runs it and gives a Completion ...
    outputs = collect(request, prepared, completion, evaluator)
    outputs = compute(process, values, evaluator)   # Pure
"""

from fairwf.engine.task.collect import collect
from fairwf.engine.task.compute import compute
from fairwf.engine.task.inputs import complete_inputs
from fairwf.engine.task.prepare import foreseen, prepare
from fairwf.engine.task.request import (
    Completion,
    PreparedTask,
    TaskFailed,
    TaskRequest,
)

__all__ = [
    "Completion",
    "PreparedTask",
    "TaskFailed",
    "TaskRequest",
    "collect",
    "complete_inputs",
    "compute",
    "foreseen",
    "prepare",
]
