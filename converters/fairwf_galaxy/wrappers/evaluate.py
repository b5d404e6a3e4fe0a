"""A template with the state of a step: text, and the places of what is known when it runs."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import Any

from fairwf.ir.command import Placeholder, ScriptPart, Text
from fairwf.ir.expressions import Attr, Input
from fairwf_galaxy.wrappers.cheetah import Assign, Choice, Loop, Node, Plain, Put
from fairwf_galaxy.wrappers.failures import WrapperError
from fairwf_galaxy.wrappers.values import Bound, Dataset, Datasets, Group, Linked, Made, Param

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "str": str, "int": int, "float": float, "len": len, "bool": bool, "enumerate": enumerate,
    "range": lambda *n: range(*[min(int(i), 1000) for i in n]),
}  # fmt: skip
_METHODS = frozenset(
    {"startswith", "endswith", "strip", "lstrip", "rstrip", "split", "lower", "upper", "replace",
     "join"}
)  # fmt: skip
_FILES = {"name": "basename", "element_identifier": "nameroot"}
"""What a dataset is called is known from its file alone."""
_MOST = 100_000
_MOST_TEXT = 1_000_000
_MOST_WORK = 10_000_000
_MOST_ITEMS = 1000


class Evaluation:
    """Evaluates the nodes of one template; ``names`` are what they can refer to."""

    def __init__(self, names: dict[str, Bound]) -> None:
        self.names: dict[str, Any] = dict(names)
        self.parts: list[ScriptPart] = []
        self.plain: list[str] = []
        self.count = self.length = self.work = 0

    def run(self, nodes: Sequence[Node]) -> list[ScriptPart]:
        """Return the parts of the script.

        Raises:
            WrapperError: something has to be known that is known only when it runs.
        """
        try:
            self._run(nodes)
        except RecursionError:
            raise WrapperError("an expression of the command is nested too deeply") from None
        self._flush()
        return self.parts

    def _run(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self._one_more()
            match node:
                case Plain():
                    self._text(node.text)
                case Put():
                    self._put(self.value(node.expression))
                case Choice():
                    for test, body in node.branches:
                        if test is None or self.truth(self.value(test)):
                            self._run(body)
                            break
                case Loop():
                    self._loop(node)
                case Assign():
                    self.names[node.name] = self.value(node.value)

    def _one_more(self) -> None:
        self.count += 1
        if self.count > _MOST:
            raise WrapperError("the command has too many parts")

    def _worked(self, amount: int) -> None:
        self.work += amount
        if self.work > _MOST_WORK:
            raise WrapperError("the command computes too much")

    def _loop(self, node: Loop) -> None:
        over = self.value(node.over)
        if isinstance(over, (Datasets, Dataset, Linked)):
            raise WrapperError("the command loops over datasets, whose number is not known here")
        if isinstance(over, Param):
            over = over.value
        if not isinstance(over, (list, tuple, enumerate, range)):
            raise WrapperError("the command loops over what is no list")
        for item in over:
            values: tuple[Any, ...] = (item,)
            if len(node.names) > 1 and isinstance(item, (list, tuple)):
                values = tuple(item)
            if len(values) != len(node.names):
                raise WrapperError("the command has a loop with other names than items")
            self.names.update(zip(node.names, values, strict=True))
            self._one_more()
            self._run(node.body)

    def _text(self, text: str) -> None:
        self.length += len(text)
        if self.length > _MOST_TEXT:
            raise WrapperError("the command is longer than 1,000,000 characters")
        self.plain.append(text)

    def _flush(self) -> None:
        text = "".join(self.plain)
        self.plain = []
        if text:
            self.parts.append(Text(text=text))

    def _place(self, value: Placeholder) -> None:
        self._flush()
        self.parts.append(value)

    def _put(self, value: Any) -> None:
        if isinstance(value, (Dataset, Linked)):
            self._place(Placeholder(value=Input(name=value.port)))
        elif isinstance(value, _Called):
            name = _FILES[value.attribute]
            self._place(Placeholder(value=Attr(of=Input(name=value.port), name=name)))
        elif isinstance(value, Datasets):
            self._place(Placeholder(value=Input(name=value.port), separator=","))
        elif isinstance(value, (Group, list)):
            raise WrapperError("the command writes a group of parameters")
        else:
            bare = _bare(value, str)
            self._text(bare if isinstance(bare, str) else self._applied(str, [bare], None))

    # --- expressions ------------------------------------------------------------------------

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression.

        Raises:
            WrapperError: it cannot be known here.
        """
        self._worked(1)
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                if node.id not in self.names:
                    raise WrapperError(f"the command uses {node.id!r}")
                return self.names[node.id]
            case ast.Attribute():
                return self._attribute(self.value(node.value), node.attr)
            case ast.UnaryOp(op=ast.Not()):
                return not self.truth(self.value(node.operand))
            case ast.UnaryOp(op=ast.USub()):
                return -self._number(node.operand)
            case ast.BoolOp():
                wanted = isinstance(node.op, ast.Or)
                result: Any = None
                for each in node.values:
                    result = self.value(each)
                    if self.truth(result) is wanted:
                        break
                return result
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp():
                return self.value(node.body if self.truth(self.value(node.test)) else node.orelse)
            case ast.List() | ast.Tuple():
                return _listed([self.value(each) for each in node.elts])
            case ast.Subscript():
                return self._item(self.value(node.value), self.value(node.slice))
            case ast.BinOp(op=ast.Add()):
                sum_ = _added(self.value(node.left), self.value(node.right))
                self._worked(len(sum_) if isinstance(sum_, (str, list)) else 1)
                return sum_
            case ast.Call():
                return self._call(node)
        raise WrapperError(f"the command computes {ast.unparse(node)!r:.80}")

    def truth(self, value: Any) -> bool:
        """Tell whether a value counts as true.

        Raises:
            WrapperError: that is known only when it runs.
        """
        if isinstance(value, (Dataset, Datasets, Made)):
            return True  # it is connected, so it is there
        if isinstance(value, Linked):
            raise WrapperError(f"the command depends on the value of {value.port!r}")
        return bool(value.value if isinstance(value, Param) else value)

    def _attribute(self, value: Any, name: str) -> Any:
        if isinstance(value, Group):
            if name not in value.members:
                raise WrapperError(f"the command uses {name!r}, which is not there in this case")
            return value.members[name]
        if isinstance(value, Dataset) and name in _FILES:
            return _Called(value.port, name)
        if isinstance(value, Param) and name == "value":
            return value.value
        raise WrapperError(f"the command asks for {name!r} of a value")

    def _item(self, value: Any, by: Any) -> Any:
        if isinstance(value, Group) and isinstance(_bare(by, str), str):
            return self._attribute(value, str(_bare(by, str)))
        plain = value.value if isinstance(value, Param) else value
        try:
            return plain[by]
        except (TypeError, KeyError, IndexError):
            raise WrapperError("the command takes an item that is not there") from None

    def _number(self, node: ast.expr) -> int | float:
        value = self.value(node)
        value = value.value if isinstance(value, Param) else value
        if not isinstance(value, (int, float)):
            raise WrapperError(f"the command computes with {ast.unparse(node)!r:.80}")
        return value

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for how, each in zip(node.ops, node.comparators, strict=True):
            right = self.value(each)
            one, two = _bare(left, type(right)), _bare(right, type(left))
            try:
                if not _COMPARE[type(how)](one, two):
                    return False
            except TypeError:
                raise WrapperError(f"the command compares {ast.unparse(node)!r:.80}") from None
            left = right
        return True

    def _call(self, node: ast.Call) -> Any:
        if node.keywords:
            raise WrapperError(f"the command computes {ast.unparse(node)!r:.80}")
        if isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            arguments = [self.value(each) for each in node.args]
            if node.func.id == "str" and len(arguments) == 1:
                value = arguments[0]
                known = not isinstance(value, (Dataset, Datasets, Linked))
                return _bare(value, str) if known else value
            plain = [_bare(each, object) for each in arguments]
            return self._applied(_FUNCTIONS[node.func.id], plain, node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            whole = _bare(self.value(node.func.value), str)
            plain = [_bare(self.value(each), object) for each in node.args]
            if isinstance(whole, str):
                return self._applied(getattr(whole, node.func.attr), plain, node)
        raise WrapperError(f"the command calls {ast.unparse(node)!r:.80}")

    def _applied(
        self, function: Callable[..., Any], given: list[Any], node: ast.Call | None
    ) -> Any:
        try:
            self._worked(_size(function, given))
            return function(*given)
        except (TypeError, ValueError, OverflowError):
            what = "the value" if node is None else ast.unparse(node)
            raise WrapperError(f"the command computes {what!r:.80}") from None


def _size(function: Callable[..., Any], given: list[Any]) -> int:
    """Return how many characters a method of texts gives or reads at most, before it does.

    Raises:
        WrapperError: they are too many.
    """
    whole = getattr(function, "__self__", None)
    if not isinstance(whole, str):
        return 1
    size, name = len(whole), function.__name__
    if name == "replace" and len(given) > 1:
        size += whole.count(given[0]) * len(given[1])
    elif name == "join" and given and isinstance(given[0], (str, list, tuple)):
        size = size * len(given[0]) + sum(len(str(each)) for each in given[0])
    if size > _MOST:
        raise WrapperError("a text of the command is too long")
    return size


def _listed(items: list[Any]) -> list[Any]:
    """Return a list that is neither long nor deep, its own lists counted in.

    Raises:
        WrapperError: it is.
    """
    left: list[tuple[Any, int]] = [(items, 0)]
    total = 0
    while left:
        each, depth = left.pop()
        total += len(each)
        if total > _MOST_ITEMS or depth > 5:
            raise WrapperError("a list of the command is too large")
        left += [(inner, depth + 1) for inner in each if isinstance(inner, (list, tuple))]
    return items


class _Called:
    """What a dataset is called, which its file tells when it runs."""

    def __init__(self, port: str, attribute: str) -> None:
        self.port = port
        self.attribute = attribute


def _bare(value: Any, other: type) -> Any:
    """Return a value as Python: a parameter is its text beside texts, else its value.

    Raises:
        WrapperError: it is known only when it runs.
    """
    if isinstance(value, (Dataset, Datasets, Linked, _Called)):
        raise WrapperError("the command computes with what is known only when it runs")
    if isinstance(value, Made):
        return value.name
    if isinstance(value, Param):
        beside = other in (str, Param, list) or value.value is None
        return value.text if beside and other is not type(None) else value.value
    return value


def _added(one: Any, two: Any) -> Any:
    left, right = _bare(one, type(two)), _bare(two, type(one))
    if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) < _MOST:
        return left + right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        if isinstance(left + right, int) and abs(left + right) > 2**63:
            raise WrapperError("the command adds numbers that are too large")
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return _listed(left + right)
    raise WrapperError("the command adds what cannot be added")
