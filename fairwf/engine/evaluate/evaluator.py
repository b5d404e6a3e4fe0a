"""The evaluator: one method for each kind of node.

Calls, arrays, records, templates, ``each`` and opaque texts gather everything that they wait for
before they wait, so that work that could go on together does. ``if``, ``and``, ``or`` and
``default`` evaluate only what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from fairwf.engine.evaluate.attributes import attribute, item
from fairwf.engine.evaluate.bounds import allow_text
from fairwf.engine.evaluate.collections import RuntimeValue, StreamItem, StreamValue
from fairwf.engine.evaluate.cwl_objects import from_object
from fairwf.engine.evaluate.errors import EvaluationError, FunctionError, NotReady
from fairwf.engine.evaluate.functions import IMPLEMENTATIONS, check_arguments
from fairwf.engine.evaluate.made_files import check_made
from fairwf.engine.evaluate.opaque import context_of
from fairwf.engine.evaluate.scope import Inner, Scope
from fairwf.engine.evaluate.texts import describe, text_of
from fairwf.engine.sandbox.errors import JavaScriptError
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import (
    Array,
    Attr,
    BodyOutput,
    BoolLit,
    BytesLit,
    Call,
    Directory,
    Each,
    Expr,
    File,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Opaque,
    Output,
    Record,
    Reference,
    Runtime,
    State,
    StepInput,
    StringLit,
    Template,
)
from fairwf.ir.functions import FUNCTIONS
from fairwf.ir.values import Value
from fairwf.source import did_you_mean

R = TypeVar("R")


class JavaScript(Protocol):
    """What the evaluator needs of the sandbox (:class:`fairwf.engine.sandbox.Sandbox`)."""

    def evaluate(
        self,
        code: str,
        form: Literal["expression", "body"],
        context: Mapping[str, object],
        libraries: Sequence[str] = (),
    ) -> object:
        """Return the value of a JavaScript text; raises JavaScriptError."""
        ...

    def foresee(
        self,
        requests: Iterable[
            tuple[str, Literal["expression", "body"], Mapping[str, object], Sequence[str]]
        ],
    ) -> None:
        """Evaluate ahead what will be asked for."""
        ...


class Evaluator:
    """Evaluates expressions. ``sandbox`` runs JavaScript; without one, JavaScript fails."""

    def __init__(self, sandbox: JavaScript | None = None) -> None:
        self._sandbox = sandbox
        self._evaluation = _Evaluation(sandbox, ())

    def evaluate(
        self, expression: Expr, scope: Scope, libraries: Sequence[ExpressionLibrary] = ()
    ) -> RuntimeValue:
        """Return the expression's value. ``libraries`` are those of the enclosing process.

        Raises:
            NotReady: values are missing yet; it names all that are known to be.
            EvaluationError: there is no value; it names the smallest node at fault.
        """
        evaluation = self._evaluation
        if libraries is not evaluation.libraries:
            evaluation = self._evaluation = _Evaluation(self._sandbox, libraries)
        method = _METHODS.get(type(expression))
        if method is None:
            method = _Evaluation.value  # which refuses it
        value: RuntimeValue = method(evaluation, expression, scope)
        return value

    def foresee(self, asked: Iterable[tuple[Opaque, Scope, Sequence[ExpressionLibrary]]]) -> None:
        """Evaluate opaque texts together that will be evaluated soon in the same scopes."""
        if self._sandbox is None:
            return
        requests = []
        for node, scope, libraries in asked:
            try:
                values = self._evaluation.all((each.value for each in node.bindings), scope)
                context = context_of(node, values)
            except (EvaluationError, FunctionError, NotReady):
                continue  # which will show when it is evaluated
            requests.append((node.text, node.form, context, _texts(node, libraries)))
        self._sandbox.foresee(requests)

    def plain(
        self, expression: Expr, scope: Scope, libraries: Sequence[ExpressionLibrary] = ()
    ) -> Value:
        """Return the value of an expression that must not be a stream or keyed collection.

        Raises:
            NotReady, EvaluationError: as :meth:`evaluate`.
        """
        value = self.evaluate(expression, scope, libraries)
        if isinstance(value, StreamValue):
            if not value.closed:
                raise NotReady(value.waits)
            return value.in_order()
        if type(value) not in _PLAIN and not _is_plain(value):
            raise EvaluationError(f"expected a value, found {describe(value)}", expression)
        return value  # type: ignore[return-value]  # checked just now


_PLAIN = frozenset({type(None), bool, int, float, str, bytes, File, Directory, list, tuple, dict})


def _is_plain(value: RuntimeValue) -> bool:
    return isinstance(value, (*_PLAIN, Mapping))


class _Evaluation:
    def __init__(self, sandbox: JavaScript | None, libraries: Sequence[ExpressionLibrary]) -> None:
        self.sandbox = sandbox
        self.libraries = libraries

    def value(self, node: Expr, scope: Scope) -> Any:
        method = _METHODS.get(type(node))
        if method is None:
            raise EvaluationError(f"{type(node).__name__} is no expression", node)
        return method(self, node, scope)

    def all(self, parts: Iterable[Expr], scope: Scope) -> list[Any]:
        return _gather(parts, lambda part: self.value(part, scope))

    # --- references and literals

    def reference(self, node: Reference, scope: Scope) -> RuntimeValue:
        try:
            return scope.resolve(node)
        except FunctionError as fault:
            raise EvaluationError(fault.message, node, fault.hint) from fault

    def none(self, node: NoneLit, scope: Scope) -> None:
        return None

    def stored(self, node: BoolLit | StringLit | BytesLit, scope: Scope) -> Value:
        return node.value

    def number(self, node: IntLit | FloatLit, scope: Scope) -> Value:
        return node.number

    def itself(self, node: File | Directory, scope: Scope) -> Value:
        return node

    # --- composition

    def attr(self, node: Attr, scope: Scope) -> Any:
        whole = self.value(node.of, scope)
        return _at(node, lambda: attribute(whole, node.name))

    def index(self, node: Index, scope: Scope) -> Any:
        whole, by = self.all((node.of, node.by), scope)
        return _at(node, lambda: item(whole, by))

    def array(self, node: Array, scope: Scope) -> list[Any]:
        return self.all(node.items, scope)

    def record(self, node: Record, scope: Scope) -> dict[str, Any]:
        return dict(zip(node.fields, self.all(node.fields.values(), scope), strict=True))

    def template(self, node: Template, scope: Scope) -> str:
        values = self.all(node.parts, scope)
        texts = []
        for part, value in zip(node.parts, values, strict=True):
            texts.append(_at(part, lambda value=value: text_of(value)))  # type: ignore[misc]
        _at(node, lambda: allow_text(sum(map(len, texts))))
        return "".join(texts)

    def choice(self, node: If, scope: Scope) -> Any:
        branch = node.then if self.truth(node.test, scope) else node.otherwise
        return self.value(branch, scope)

    def truth(self, node: Expr, scope: Scope) -> bool:
        value = self.value(node, scope)
        if not isinstance(value, bool):
            raise EvaluationError(f"expected true or false, found {describe(value)}", node)
        return value

    def each(self, node: Each, scope: Scope) -> Any:
        over = self.value(node.over, scope)

        def one(value: Any) -> tuple[bool, Any]:
            inner = Inner(scope, {node.name: value})
            if node.where is not None and not self.truth(node.where, inner):
                return False, None
            return True, self.value(node.body, inner)

        if isinstance(over, StreamValue):
            kept = _gather(over.items, lambda entry: (entry.lineage, *one(entry.value)))
            items = tuple(StreamItem(lineage, value) for lineage, holds, value in kept if holds)
            return StreamValue(items, over.closed, over.waits)
        if isinstance(over, (str, bytes, Mapping)) or not isinstance(over, Sequence):
            raise EvaluationError(f"expected an array or stream, found {describe(over)}", node.over)
        return [value for holds, value in _gather(over, one) if holds]

    def call(self, node: Call, scope: Scope) -> Any:
        function = FUNCTIONS.get(node.function)
        if function is None:
            hint = did_you_mean(node.function, FUNCTIONS)
            raise EvaluationError(f"there is no function {node.function!r}", node, hint)
        if function.lazy:
            return self.lazy(node, scope)
        values = self.all(node.args, scope)
        _at(node, lambda: check_arguments(function, values))
        if node.function == "demand_path":
            return _at(node, lambda: scope.demand_path(values[0]))
        implementation = IMPLEMENTATIONS[node.function]
        if function.reads:
            return _at(node, lambda: implementation(*map(scope.readable, values)))
        return _at(node, lambda: implementation(*values))

    def lazy(self, node: Call, scope: Scope) -> Any:
        if node.function == "default":
            if len(node.args) != 2:
                raise EvaluationError("'default' takes 2 arguments", node)
            value = self.value(node.args[0], scope)
            return self.value(node.args[1], scope) if value is None else value
        ends_at = node.function == "or"
        for argument in node.args:
            if self.truth(argument, scope) is ends_at:
                return ends_at
        return not ends_at

    def opaque(self, node: Opaque, scope: Scope) -> Any:
        values = self.all((binding.value for binding in node.bindings), scope)
        if node.language != "javascript":
            raise EvaluationError(
                f"the engine cannot evaluate {node.language}: {node.text!r:.80}",
                node,
                "it names something that is not there, or needs JavaScript:"
                " `fairwf validate` says what was meant",
            )
        if self.sandbox is None:
            raise EvaluationError("JavaScript is not available here", node)
        context = _at(node, lambda: context_of(node, values))
        texts = _texts(node, self.libraries)
        try:
            given = self.sandbox.evaluate(node.text, node.form, context, texts)
        except JavaScriptError as error:
            message = f"JavaScript: {error.message}"
            where = (error.line, error.column, error.library)
            raise EvaluationError(message, node, None, *where) from error
        value = _at(node, lambda: from_object(given, as_json=True))
        if not scope.confined:
            _at(node, lambda: check_made(value, values))
        return value


_LOGS = ("log", "info", "warn", "error", "debug", "trace")
_METHODS: dict[type[msgspec.Struct], Callable[[_Evaluation, Any, Scope], Any]] = {
    Input: _Evaluation.reference,
    Output: _Evaluation.reference,
    StepInput: _Evaluation.reference,
    Local: _Evaluation.reference,
    Key: _Evaluation.reference,
    State: _Evaluation.reference,
    BodyOutput: _Evaluation.reference,
    Runtime: _Evaluation.reference,
    NoneLit: _Evaluation.none,
    BoolLit: _Evaluation.stored,
    StringLit: _Evaluation.stored,
    BytesLit: _Evaluation.stored,
    IntLit: _Evaluation.number,
    FloatLit: _Evaluation.number,
    File: _Evaluation.itself,
    Directory: _Evaluation.itself,
    Attr: _Evaluation.attr,
    Index: _Evaluation.index,
    Array: _Evaluation.array,
    Record: _Evaluation.record,
    Template: _Evaluation.template,
    If: _Evaluation.choice,
    Each: _Evaluation.each,
    Call: _Evaluation.call,
    Opaque: _Evaluation.opaque,
}


_CONSOLE = f"var console = {{{', '.join(f'{name}: function () {{}}' for name in _LOGS)}}};"
"""What the reference runner's JavaScript has and published documents call; it writes nowhere."""


def _texts(node: Opaque, libraries: Sequence[ExpressionLibrary]) -> list[str]:
    texts = [one.text for one in libraries if one.language == node.language]
    if "console" in node.text or any("console" in text for text in texts):
        texts.append(_CONSOLE)
    return texts


def _at(node: msgspec.Struct, compute: Callable[[], R]) -> R:
    """Run a computation; a fault of a function becomes one of this node."""
    try:
        return compute()
    except FunctionError as fault:
        raise EvaluationError(fault.message, node, fault.hint) from fault
    except OverflowError as fault:
        raise EvaluationError(f"the number is too large: {fault}", node) from fault


def _gather(things: Iterable[Any], compute: Callable[[Any], R]) -> list[R]:
    """Compute for each thing; what is not ready is raised at the end, all at once."""
    values: list[R] = []
    waits: set[Hashable] = set()
    for thing in things:
        try:
            values.append(compute(thing))
        except NotReady as missing:
            waits |= missing.waits
    if waits:
        raise NotReady(waits)
    return values
