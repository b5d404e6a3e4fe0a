"""The values that the Python of a Snakefile certainly has, found without executing it.

A small, bounded subset: literals, operators, comprehensions, methods of texts, lists and maps,
Snakemake's helpers, and functions whose bodies are made of these. All else is
:class:`NotStaticError`, and whoever asked keeps the Python as text.
"""

from __future__ import annotations

import ast
import itertools
import operator
import os.path
import re
import string
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

MAX_STEPS = 200_000
MAX_ITEMS = 100_000
MAX_TEXT = 1_000_000
MAX_CALLS = 20


class NotStaticError(Exception):
    """A value is not known before the workflow runs. ``node`` is the Python that it hangs on."""

    def __init__(self, message: str, node: ast.AST | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node


class Marked(str):
    """A path with the flags of ``temp``, ``directory`` ..."""

    flags: Mapping[str, Any] = {}

    @staticmethod
    def of(text: str, flag: str, value: Any = True) -> Marked:
        """Return the path with one more flag."""
        marked = Marked(text)
        marked.flags = {**getattr(text, "flags", {}), flag: value}
        return marked


class Function:
    """A function or lambda of the Snakefile, with the names around it."""

    def __init__(self, node: ast.FunctionDef | ast.Lambda, names: Mapping[str, Any]) -> None:
        self.node = node
        self.names = names

    @property
    def name(self) -> str:
        """What it is called."""
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "lambda"

    @property
    def parameters(self) -> list[str]:
        """The names of its parameters."""
        arguments = self.node.args
        return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


class Helper:
    """One of Snakemake's functions, or of Python's that are safe."""

    def __init__(self, name: str, call: Callable[..., Any]) -> None:
        self.name = name
        self.call = call


class Unknown:
    """A name whose value is not known before the workflow runs."""

    def __init__(self, why: str) -> None:
        self.why = why


class Members:
    """A named set of values with attributes: what ``glob_wildcards`` gives, a module."""

    def __init__(self, **values: Any) -> None:
        self.values = values


FLAGS = ("temp", "temporary", "protected", "directory", "touch", "ancient", "pipe", "service",
         "repeat", "report", "local", "ensure", "unpack", "nodelocal", "before_update", "update",
         "exists", "flag", "from_queue", "branch_", "storage_object", "access")  # fmt: skip


def flagged(name: str) -> Callable[..., Any]:
    """Return the function that flags paths."""
    flag = "temp" if name == "temporary" else name

    def mark(value: Any, *args: Any, **kwargs: Any) -> Any:
        said = {str(k): v for k, v in kwargs.items()} or True
        if isinstance(value, str):
            return Marked.of(value, flag, said)
        if isinstance(value, PurePosixPath):
            return Marked.of(str(value), flag, said)
        if isinstance(value, Mapping) and flag == "unpack":
            return value
        if isinstance(value, (list, tuple)):
            return [mark(item, *args, **kwargs) for item in value]
        raise NotStaticError(f"{name} of something that is no path")

    return mark


_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


def fill(pattern: str, values: Mapping[str, Any], keep: bool = False) -> str:
    """Return a pattern with its ``{names}`` replaced; ``keep`` leaves unknown ones."""

    def one(match: re.Match[str]) -> str:
        if match.group() in ("{{", "}}"):
            return match.group()[0]
        name = match[1].split(",")[0].split(":")[0].strip()
        if name not in values:
            if keep:
                return match.group()
            raise NotStaticError(f"no value for the wildcard {name!r}")
        return str(values[name])

    return _FIELD.sub(one, pattern)


def expand(*args: Any, **given: Any) -> list[str]:
    """Snakemake's ``expand``: all patterns with all combinations of values."""
    patterns = args[0]
    patterns = [patterns] if isinstance(patterns, (str, PurePosixPath)) else list(patterns)
    combine: Any = itertools.product
    if len(args) > 1:
        chosen = args[1]
        combine = chosen.call if isinstance(chosen, Helper) else chosen
        if combine not in (zip, itertools.product):
            raise NotStaticError("expand with a combinator of its own")
    keep = bool(given.pop("allow_missing", False))
    lists: dict[str, list[Any]] = {}
    for name, values in given.items():
        if isinstance(values, (Function, Helper)):
            raise NotStaticError(f"expand over {name!r}, which a function gives")
        is_list = isinstance(values, (list, tuple, set, range)) or hasattr(values, "__next__")
        lists[name] = list(values) if is_list else [values]
    found: list[str] = []
    size = 0
    for pattern in patterns:
        if isinstance(pattern, (Function, Helper)):
            raise NotStaticError("expand over a function")
        text = str(pattern)
        names = {m.split(",")[0].split(":")[0].strip() for m in re.findall(r"\{([^{}]*)\}", text)}
        used = {name: values for name, values in lists.items() if name in names}
        for combination in combine(*used.values()) if used else [()]:
            done = fill(text, dict(zip(used, combination, strict=True)), keep)
            marked = Marked(done)
            marked.flags = dict(getattr(pattern, "flags", {}))
            found.append(marked)
            size += len(done)
            if len(found) > MAX_ITEMS or size > 10 * MAX_TEXT:
                raise NotStaticError(f"expand gives more than {MAX_ITEMS} paths")
    return found


def multiext(prefix: str, *extensions: str, **named: str) -> Any:
    """Snakemake's ``multiext``: one path for each extension."""
    if named:
        return {name: f"{prefix}{extension}" for name, extension in named.items()}
    return [f"{prefix}{extension}" for extension in extensions]


def _path(*parts: Any) -> PurePosixPath:
    return PurePosixPath(*parts)


HELPERS: dict[str, Callable[..., Any]] = {
    "expand": expand,
    "collect": expand,
    "multiext": multiext,
    "range": range,
    "len": len,
    "sorted": sorted,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "abs": abs,
    "round": round,
    "zip": zip,
    "enumerate": enumerate,
    "min": min,
    "max": max,
    "sum": sum,
    "any": any,
    "all": all,
    "map": map,
    "reversed": reversed,
    "Path": _path,
    **{name: flagged(name) for name in FLAGS},
}

_OS_PATH: dict[str, Callable[..., Any]] = {
    "join": os.path.join,
    "basename": os.path.basename,
    "dirname": os.path.dirname,
    "splitext": os.path.splitext,
    "normpath": os.path.normpath,
}
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(["join", "split", "rsplit", "strip", "lstrip", "rstrip", "replace", "upper",
                    "lower", "startswith", "endswith", "format", "zfill", "title", "capitalize",
                    "splitlines", "removeprefix", "removesuffix", "partition", "rpartition",
                    "count", "find", "isdigit"]),
    dict: frozenset(["keys", "values", "items", "get"]),
    list: frozenset(["index", "count", "copy"]),
    tuple: frozenset(["index", "count"]),
    PurePosixPath: frozenset(["with_suffix", "with_name", "joinpath", "as_posix"]),
}  # fmt: skip
_PATH_ATTRIBUTES = frozenset({"name", "stem", "suffix", "parent", "suffixes", "parts"})
_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
}
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


class Evaluator:
    """Evaluates expressions; one counter bounds all that a document may ask for."""

    def __init__(self) -> None:
        self.steps = 0
        self.calls = 0

    def value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        """Return the value of an expression.

        Raises:
            NotStaticError: it is not known.
        """
        try:
            found = self._value(node, names)
        except NotStaticError:
            raise
        except RecursionError:
            raise NotStaticError("the Python is nested too deeply", node) from None
        except Exception as error:  # noqa: BLE001 - what Python says of it is no business of ours
            raise NotStaticError(f"{type(error).__name__}: {error}", node) from None
        return found

    def _step(self, node: ast.AST) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise NotStaticError("the Python takes too many steps", node)

    def _value(self, node: ast.expr, names: Mapping[str, Any]) -> Any:
        self._step(node)
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                if name in names:
                    if isinstance(names[name], Unknown):
                        raise NotStaticError(f"{name!r} is not known: {names[name].why}", node)
                    return names[name]
                if name in HELPERS:
                    return Helper(name, HELPERS[name])
                raise NotStaticError(f"{name!r} is not known", node)
            case ast.List(elts=items):
                return self._items(items, names)
            case ast.Tuple(elts=items):
                return tuple(self._items(items, names))
            case ast.Set(elts=items):
                return set(self._items(items, names))
            case ast.Dict():
                return self._dict(node, names)
            case ast.JoinedStr(values=values):
                return "".join(str(self._value(value, names)) for value in values)
            case ast.FormattedValue():
                return self._formatted(node, names)
            case ast.BinOp():
                return self._operation(node, names)
            case ast.BoolOp(op=op, values=values):
                result: Any = None
                for each in values:
                    result = self._value(each, names)
                    if bool(result) is isinstance(op, ast.Or):
                        return result
                return result
            case ast.UnaryOp(op=op, operand=operand):
                inner = self._value(operand, names)
                return not inner if isinstance(op, ast.Not) else -inner
            case ast.Compare():
                return self._compare(node, names)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return self._value(body if self._value(test, names) else otherwise, names)
            case ast.Subscript(value=of, slice=by):
                return self._subscript(self._value(of, names), by, names, node)
            case ast.Attribute(value=of, attr=attr):
                return self._attribute(self._value(of, names), attr, node)
            case ast.Call():
                return self._call(node, names)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                found = list(self._comprehension(node.elt, node.generators, names))
                return set(found) if isinstance(node, ast.SetComp) else found
            case ast.DictComp():
                pair = ast.Tuple(elts=[node.key, node.value], ctx=ast.Load())
                return dict(self._comprehension(pair, node.generators, names))
            case ast.Lambda():
                return Function(node, dict(names))
        raise NotStaticError(f"{type(node).__name__} is not evaluated", node)

    def _items(self, items: list[ast.expr], names: Mapping[str, Any]) -> list[Any]:
        found: list[Any] = []
        for item in items:
            if isinstance(item, ast.Starred):
                found.extend(self._value(item.value, names))
            else:
                found.append(self._value(item, names))
        return found

    def _dict(self, node: ast.Dict, names: Mapping[str, Any]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                found.update(self._value(value, names))
            else:
                found[self._value(key, names)] = self._value(value, names)
        return found

    def _formatted(self, node: ast.FormattedValue, names: Mapping[str, Any]) -> str:
        value = self._value(node.value, names)
        if isinstance(value, Members) and len(value.values) == 1:
            value = next(iter(value.values.values()))
        if not isinstance(value, (str, int, float, PurePosixPath, type(None))):
            raise NotStaticError("the text of a collection", node)
        spec = self._value(node.format_spec, names) if node.format_spec is not None else ""
        if re.search(r"\d{4}", spec):
            raise NotStaticError("too wide a field", node)
        return format(repr(value) if node.conversion == ord("r") else value, spec)

    def _operation(self, node: ast.BinOp, names: Mapping[str, Any]) -> Any:
        left, right = self._value(node.left, names), self._value(node.right, names)
        apply = _OPERATORS.get(type(node.op))
        if apply is None:
            raise NotStaticError(f"{type(node.op).__name__} is not evaluated", node)
        if isinstance(node.op, ast.Mult):
            for a, b in ((left, right), (right, left)):
                sized = isinstance(a, (str, list, tuple)) and isinstance(b, int)
                if sized and len(a) * b > MAX_ITEMS:
                    raise NotStaticError("the value becomes too large", node)
            if any(isinstance(n, int) and abs(n) > 2**64 for n in (left, right)):
                raise NotStaticError("the number becomes too large", node)
        if isinstance(node.op, ast.Mod) and isinstance(left, str) and re.search(r"\d{4}|\*", left):
            raise NotStaticError("too wide a field", node)
        return self._bounded(apply(left, right), node)

    @staticmethod
    def _bounded(value: Any, node: ast.AST) -> Any:
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise NotStaticError("the text becomes too long", node)
        if isinstance(value, (list, tuple, dict, set, range)) and len(value) > MAX_ITEMS:
            raise NotStaticError("the list becomes too long", node)
        return value

    def _compare(self, node: ast.Compare, names: Mapping[str, Any]) -> bool:
        left = self._value(node.left, names)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self._value(comparator, names)
            if not _COMPARISONS[type(op)](left, right):
                return False
            left = right
        return True

    def _subscript(self, of: Any, by: ast.expr, names: Mapping[str, Any], node: ast.AST) -> Any:
        if isinstance(by, ast.Slice):
            edges = [
                None if edge is None else self._value(edge, names)
                for edge in (by.lower, by.upper, by.step)
            ]
            return of[slice(*edges)]
        key = self._value(by, names)
        if isinstance(of, Members):
            return list(of.values.values())[key]
        if not isinstance(of, (dict, list, tuple, str, range)):
            raise NotStaticError(f"an item of {type(of).__name__}", node)
        return of[key]

    def _attribute(self, of: Any, attr: str, node: ast.AST) -> Any:
        if isinstance(of, Members):
            if attr in of.values:
                return of.values[attr]
            raise NotStaticError(f"no attribute {attr!r}", node)
        for kind, known in _METHODS.items():
            if isinstance(of, kind) and attr in known:
                return Helper(attr, getattr(of, attr))
        if isinstance(of, PurePosixPath) and attr in _PATH_ATTRIBUTES:
            return getattr(of, attr)
        raise NotStaticError(f"the attribute {attr!r} is not evaluated", node)

    def _call(self, node: ast.Call, names: Mapping[str, Any]) -> Any:
        function = self._value(node.func, names)
        args = self._items(node.args, names)
        given: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self._value(keyword.value, names)
            if keyword.arg is None:
                given.update(value)
            else:
                given[keyword.arg] = value
        return self.apply(function, args, given, node)

    def apply(self, function: Any, args: list[Any], given: dict[str, Any], node: ast.AST) -> Any:
        """Return what a function of the subset gives."""
        self._step(node)
        if isinstance(function, Helper):
            self._modest(function, args, node)
            if function.name == "range":
                return self._bounded(range(*args), node)
            if function.name in ("map", "sorted", "min", "max") and any(
                isinstance(a, (Function, Helper)) for a in [*args, *given.values()]
            ):
                if function.name == "map" and len(args) == 2:
                    items = self._bounded(list(args[1]), node)
                    return [self.apply(args[0], [item], {}, node) for item in items]
                raise NotStaticError(f"{function.name} with a function", node)
            result = function.call(*args, **given)
            if isinstance(result, (zip, enumerate, reversed)):
                result = list(itertools.islice(result, MAX_ITEMS + 1))
            return self._bounded(result, node)
        if isinstance(function, Function):
            return self._run(function, args, given, node)
        raise NotStaticError("a call of something unknown", node)

    @staticmethod
    def _modest(function: Helper, args: list[Any], node: ast.AST) -> None:
        """Refuse what a few characters could make very large."""
        of = getattr(function.call, "__self__", None)
        name, size = function.name, 0
        if name == "format" and isinstance(of, str):
            for _, field, spec, _ in string.Formatter().parse(of):
                if re.search(r"[.\[]", field or "") or re.search(r"\d{4}|\{", spec or ""):
                    raise NotStaticError("a text that is formatted in a special way", node)
        if name in ("str", "format", "print") and any(
            isinstance(a, (list, tuple, dict, set)) for a in args
        ):
            raise NotStaticError("the text of a collection", node)
        if name == "zfill":
            size = int(args[0])
        elif name == "replace" and len(args) > 1:
            size = (len(of or "") + 1) * (len(args[1]) + 1)
        elif name == "join" and isinstance(of, str):
            items = list(args[0]) if isinstance(args[0], (list, tuple, set)) else []
            size = len(of) * len(items) + sum(len(str(i)) for i in items if isinstance(i, str))
        if size > 10 * MAX_TEXT:
            raise NotStaticError("the text becomes too long", node)

    def _run(
        self, function: Function, args: list[Any], given: dict[str, Any], node: ast.AST
    ) -> Any:
        arguments = function.node.args
        if arguments.vararg or arguments.kwarg or self.calls > MAX_CALLS:
            raise NotStaticError(f"the function {function.name} is not evaluated", node)
        names = dict(function.names)
        parameters = function.parameters
        for name, default in zip(
            reversed([a.arg for a in arguments.args]), reversed(arguments.defaults), strict=False
        ):
            names[name] = self._value(default, function.names)
        bound = dict(zip(parameters, args, strict=False)) | given
        names.update(bound)
        self.calls += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self._value(function.node.body, names)
            returned = self._block(function.node.body, names)
            return returned[0] if returned else None
        finally:
            self.calls -= 1

    def _block(self, body: list[ast.stmt], names: dict[str, Any]) -> tuple[Any] | None:
        for statement in body:
            self._step(statement)
            match statement:
                case ast.Return(value=value):
                    return (None if value is None else self._value(value, names),)
                case ast.Assign(targets=[target], value=value):
                    bind(target, self._value(value, names), names)
                case ast.If(test=test, body=then, orelse=otherwise):
                    done = self._block(then if self._value(test, names) else otherwise, names)
                    if done:
                        return done
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    continue
                case _:
                    what = type(statement).__name__
                    raise NotStaticError(f"the statement {what} is not evaluated", statement)
        return None

    def _comprehension(
        self, element: ast.expr, generators: list[ast.comprehension], names: Mapping[str, Any]
    ) -> list[Any]:
        found: list[Any] = []

        def go(index: int, inner: dict[str, Any]) -> None:
            if index == len(generators):
                found.append(self._value(element, inner))
                self._bounded(found, element)
                return
            generator = generators[index]
            for item in self._value(generator.iter, inner):
                bound = dict(inner)
                bind(generator.target, item, bound)
                if all(self._value(test, bound) for test in generator.ifs):
                    go(index + 1, bound)

        go(0, dict(names))
        return found


def bind(target: ast.expr, value: Any, names: dict[str, Any]) -> None:
    """Bind the names of a target.

    Raises:
        NotStaticError: the target is no name, or the values do not fit.
    """
    if isinstance(target, ast.Name):
        names[target.id] = value
        return
    if isinstance(target, (ast.Tuple, ast.List)):
        items = list(value.values.values()) if isinstance(value, Members) else list(value)
        if len(items) == len(target.elts):
            for each, item in zip(target.elts, items, strict=True):
                bind(each, item, names)
            return
    raise NotStaticError("an assignment that is not followed", target)


os_path = Members(**{name: Helper(name, call) for name, call in _OS_PATH.items()})
MODULES: dict[str, Any] = {
    "os": Members(path=os_path),
    "os.path": os_path,
    "pathlib": Members(Path=Helper("Path", _path)),
    "itertools": Members(product=Helper("product", itertools.product)),
}
"""What ``import`` gives, as far as it is evaluated."""
