"""Evaluation of expressions: values out of trees, without side effects.

``Evaluator(sandbox).evaluate(expression, scope, libraries) -> value``.
"""

from fairwf.engine.evaluate.collections import KeyedValue, RuntimeValue, StreamItem, StreamValue
from fairwf.engine.evaluate.errors import EvaluationError, FunctionError, NotReady
from fairwf.engine.evaluate.evaluator import Evaluator
from fairwf.engine.evaluate.scope import Bindings, Inner, Scope

__all__ = [
    "Bindings",
    "EvaluationError",
    "Evaluator",
    "FunctionError",
    "Inner",
    "KeyedValue",
    "NotReady",
    "RuntimeValue",
    "Scope",
    "StreamItem",
    "StreamValue",
]
