"""Findings about a task: with the place in the document that they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from fairwf.engine.evaluate import Evaluator, FunctionError, Scope
from fairwf.engine.evaluate.errors import EvaluationError
from fairwf.engine.task.files import anchored
from fairwf.engine.task.request import TaskFailed
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Expr
from fairwf.ir.origins import Origins, Span
from fairwf.ir.values import Value
from fairwf.report import Report
from fairwf.source.embedded import embedded

T = TypeVar("T")


def expression_report(
    error: EvaluationError,
    origins: Origins,
    what: str,
    libraries: Sequence[ExpressionLibrary] = (),
) -> Report:
    """Return a report of one FWF4002: what was computed, why it failed, where it stands."""
    report = Report()
    hint, span = error.hint, span_of(origins, error.node)
    if error.line is not None and error.column is not None:
        of, node = "the expression", error.node
        if error.library is not None:
            of = f"the library {error.library + 1}"
            node = libraries[error.library] if error.library < len(libraries) else error.node
        around, text = origins.get(node), getattr(node, "text", "")
        found = around and embedded(around, text, error.line, error.column)
        if found is not None:
            span = found
        elif error.line > 1 or error.library is not None:
            place = f"line {error.line}, column {error.column} of {of}"
            hint = f"{hint}; {place}" if hint else place
    report.add("FWF4002", f"{what}: {error.message}", span=span, hint=hint)
    return report


def span_of(origins: Origins, *nodes: msgspec.Struct | None) -> Span | None:
    """Return the origin of the first node that has one."""
    for node in nodes:
        if node is not None and (span := origins.get(node)) is not None:
            return span
    return None


def failed(
    code: str,
    message: str,
    origins: Origins | None = None,
    *nodes: msgspec.Struct | None,
    hint: str | None = None,
) -> TaskFailed:
    """Return a failure of one finding at the origin of the first node that has one."""
    report = Report()
    span = span_of(origins, *nodes) if origins is not None else None
    report.add(code, message, span=span, hint=hint, severity="error")
    return TaskFailed(report)


class Computing:
    """Evaluates a task's expressions; what fails becomes a :class:`TaskFailed`."""

    def __init__(
        self,
        evaluator: Evaluator,
        scope: Scope,
        libraries: Sequence[ExpressionLibrary],
        origins: Origins,
    ) -> None:
        self.evaluator = evaluator
        self.scope = scope
        self.libraries = libraries
        self.origins = origins

    def value(self, expression: Expr, what: str, scope: Scope | None = None) -> Value:
        """Return the value of an expression; ``what`` begins the message if it has none.

        Raises:
            TaskFailed: FWF4002.
        """
        try:
            value = self.evaluator.plain(expression, scope or self.scope, self.libraries)
            result: Value = anchored(value, self.origins)
            return result
        except FunctionError as error:
            fault = EvaluationError(error.message, expression, error.hint)
            raise TaskFailed(expression_report(fault, self.origins, what)) from error
        except EvaluationError as error:
            report = expression_report(error, self.origins, what, self.libraries)
            raise TaskFailed(report) from error

    def text(self, expression: Expr, what: str, scope: Scope | None = None) -> str:
        """Return the value of an expression that must be a text.

        Raises:
            TaskFailed: FWF4002.
        """
        value = self.value(expression, what, scope)
        if not isinstance(value, str):
            from fairwf.engine.evaluate.texts import describe

            message = f"{what}: expected a text, found {describe(value)}"
            raise failed("FWF4002", message, self.origins, expression)
        return value


def attempt(
    compute: Callable[[], T],
    code: str,
    what: str,
    origins: Origins,
    *nodes: msgspec.Struct | None,
) -> T:
    """Run a computation on files; a fault becomes a :class:`TaskFailed` of this code."""
    try:
        return compute()
    except FunctionError as fault:
        message = f"{what}: {fault.message}"
        raise failed(code, message, origins, *nodes, hint=fault.hint) from fault
