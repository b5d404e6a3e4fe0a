"""Pure processes: outputs computed without a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fairwf.engine.evaluate import Bindings, Evaluator
from fairwf.engine.evaluate.texts import describe
from fairwf.engine.task.faults import Computing, attempt, failed, span_of
from fairwf.engine.task.files import described, map_files, resolved
from fairwf.engine.task.fit import fit
from fairwf.engine.task.request import TaskFailed
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Output
from fairwf.ir.origins import Origins
from fairwf.ir.ports import OutputPort
from fairwf.ir.types import AnyType
from fairwf.ir.values import Value
from fairwf.ir.workflow import Process, Pure, Workflow
from fairwf.report import Report


def compute(
    process: Pure,
    values: Mapping[str, Value],
    evaluator: Evaluator,
    *,
    libraries: Sequence[ExpressionLibrary] = (),
    origins: Origins | None = None,
    runtime: Mapping[str, Value] | None = None,
) -> dict[str, Value]:
    """Return the outputs of a pure process by port.

    Members of the result that no port declares are left out (CWL v1.2 "ExpressionTool").
    ``libraries``: empty for those of the process.

    Raises:
        TaskFailed: FWF4002 the expression failed, FWF4018 an output does not fit its type.
        NotReady: something is missing yet.
    """
    origins = origins or Origins()
    scope = Bindings(inputs=values, runtime=runtime or {"cores": 1, "ram": 1024})
    computing = Computing(evaluator, scope, libraries or process.libraries, origins)
    what = f"the result of {process.id!r}" if process.id else "the result"
    result = computing.value(process.result, what)
    if not isinstance(result, Mapping):
        message = f"{what} must be a record of the outputs, not {describe(result)}"
        raise failed("FWF4018", message, origins, process.result, process)
    outputs: dict[str, Value] = {}
    for port in process.outputs:
        outputs[port.id] = attempt(
            lambda port=port: map_files(  # type: ignore[misc]
                result.get(port.id), lambda entry: described(resolved(entry, None))
            ),
            "FWF4018",
            f"output {port.id!r}",
            origins,
            port,
        )
    return typed_outputs(process, outputs, origins)


def typed_outputs(
    process: Process, values: Mapping[str, Value], origins: Origins
) -> dict[str, Value]:
    """Return the outputs, each of its port's type.

    What a loop of no round gives is none whatever the port's type, of which the check has warned
    (CWL v1.3 "LoopWorkflowStep").

    Raises:
        TaskFailed: FWF4018 for every one that does not fit.
    """
    report = Report()
    outputs: dict[str, Value] = {}
    for port in process.outputs:
        value = values.get(port.id)
        if value is None and isinstance(process, Workflow) and _of_a_loop(port, process):
            outputs[port.id] = None
            continue
        outputs[port.id] = typed_output(port, value, origins, report)
    if not report.ok:
        raise TaskFailed(report)
    return outputs


def _of_a_loop(port: OutputPort, workflow: Workflow) -> bool:
    """Tell whether an output is, as it is, that of a step that loops."""
    given = port.value
    return isinstance(given, Output) and any(
        step.id == given.step and step.loop is not None for step in workflow.steps
    )


def typed_output(port: OutputPort, value: Value, origins: Origins, report: Report) -> Value:
    """Return an output as its type wants it; what does not fit is reported as FWF4018.

    CWL's ``Any`` excludes none, but its conformance suite has outputs of that type that are none.
    """
    if value is None and isinstance(port.type, AnyType):
        return None
    fitted, mismatches = fit(value, port.type)
    for one in mismatches:
        report.add(
            "FWF4018",
            f"output {port.id!r}{one.where}: expected {one.expected}, found {one.found}",
            span=span_of(origins, port),
            hint=one.hint,
        )
    result: Value = fitted
    return result
