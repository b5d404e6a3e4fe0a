"""Python of a Snakefile as expressions of the IR, as far as those can say it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from fairwf.ir.expressions import (
    Array,
    Attr,
    BoolLit,
    Call,
    Each,
    Expr,
    FloatLit,
    If,
    Index,
    Input,
    IntLit,
    Key,
    Local,
    NoneLit,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf_snakemake.reading.patterns import Part, parts_of, pieces, text_of
from fairwf_snakemake.snakefile.static import (
    Evaluator,
    Function,
    Members,
    NotStaticError,
)

MAX_DEPTH = 40

_COMPARE = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
_ARITHMETIC = {ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}
_TEXTS = (StringLit, Template, Key)
_METHODS = {
    "upper": "upper", "lower": "lower", "strip": "trim", "startswith": "starts_with",
    "endswith": "ends_with", "split": "split", "replace": "replace", "removesuffix": "strip_suffix",
}  # fmt: skip


class NotTranslatedError(Exception):
    """The neutral expressions cannot say a piece of Python."""

    def __init__(self, message: str, node: ast.AST) -> None:
        super().__init__(message)
        self.message = message
        self.node = node


@dataclass(frozen=True)
class Scope:
    """What Python sees: static ``names``, ``bound`` names, and the ``keys`` of the rule.

    ``views`` are what ``input``, ``output`` ... give: expressions by member, in order. Names in
    ``bound`` that are :data:`WILDCARDS` are the wildcards.
    """

    names: Mapping[str, Any]
    keys: frozenset[str] = frozenset()
    bound: Mapping[str, Expr | str] = field(default_factory=dict)
    views: Mapping[str, Mapping[str, Expr]] = field(default_factory=dict)
    depth: int = 0

    def with_bound(self, more: Mapping[str, Expr | str]) -> Scope:
        """Return the scope with more names."""
        return replace(self, bound={**self.bound, **more}, depth=self.depth + 1)


WILDCARDS = "wildcards"
"""In :attr:`Scope.bound`: the name is that of the wildcards."""


class Config:
    """The keys of ``config`` that are used, which become inputs of the workflow."""

    def __init__(self) -> None:
        self.used: dict[str, bool] = {}

    def input(self, key: str, optional: bool = False) -> Expr:
        """Return the reference to a key of the configuration."""
        self.used[key] = self.used.get(key, True) and optional
        return Input(name=key)


class Translator:
    """Translates; ``place`` records where a node came from."""

    def __init__(
        self,
        evaluator: Evaluator,
        config: Config,
        sources: Mapping[str, ast.expr],
        place: Callable[[Expr, ast.AST], Expr],
    ) -> None:
        self.evaluator = evaluator
        self.config = config
        self.sources = sources
        self.place = place

    # --- values -----------------------------------------------------------------------------------

    def literal(self, value: Any, node: ast.AST, scope: Scope, wild: bool = True) -> Expr:
        """Return a static value; with ``wild``, wildcards in texts become keys."""
        if value is None:
            return NoneLit()
        if isinstance(value, bool):
            return BoolLit(value=value)
        if isinstance(value, int):
            return IntLit(value=value)
        if isinstance(value, float):
            return FloatLit(value=value)
        if isinstance(value, PurePosixPath):
            value = str(value)
        if isinstance(value, str):
            return self.text(str(value), node, scope) if wild else StringLit(value=str(value))
        if isinstance(value, (list, tuple, set, range)):
            items = sorted(value, key=str) if isinstance(value, set) else value
            return Array(items=tuple(self.literal(item, node, scope, wild) for item in items))
        if isinstance(value, Mapping):
            return Record(
                fields={str(k): self.literal(v, node, scope, wild) for k, v in value.items()}
            )
        if isinstance(value, Members):
            members = list(value.values.values())
            return Array(items=tuple(self.literal(item, node, scope, wild) for item in members))
        raise NotTranslatedError(f"a value of type {type(value).__name__}", node)

    def text(self, text: str, node: ast.AST, scope: Scope) -> Expr:
        """Return a path with its wildcards as keys."""
        parts: list[Part] = []
        for piece in pieces(text)[0]:
            if isinstance(piece, str):
                parts.append(piece.replace("{{", "{").replace("}}", "}"))
            elif piece[0] in scope.keys:
                parts.append(Key(name=piece[0]))
            else:
                raise NotTranslatedError(f"the wildcard {piece[0]!r} is not in the output", node)
        return text_of(parts)

    def static(self, node: ast.expr, scope: Scope) -> Any:
        """Return the value that a piece of Python has whatever the wildcards are.

        Raises:
            NotStaticError: it depends on them, or is not known.
        """
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and (each.id in scope.bound or each.id in scope.views):
                raise NotStaticError("depends on the job", each)
        return self.evaluator.value(node, scope.names)

    def symbolic(self, node: ast.expr, scope: Scope, depth: int = 0) -> bool:
        """Tell whether a piece of Python sees the configuration, so that it is no constant."""
        if depth > 5:
            return False
        for each in ast.walk(node):
            if not isinstance(each, ast.Name) or each.id in scope.bound:
                continue
            if each.id == "config":
                return True
            source = self.sources.get(each.id)
            if source is not None and self.symbolic(source, replace(scope, bound={}), depth + 1):
                return True
        return False

    # --- expressions ------------------------------------------------------------------------------

    def expr(self, node: ast.expr, scope: Scope) -> Expr:
        """Return a piece of Python as an expression.

        Raises:
            NotTranslatedError: the IR cannot say it.
        """
        if scope.depth > MAX_DEPTH:
            raise NotTranslatedError("nested too deeply", node)
        if not self.symbolic(node, scope):
            try:
                return self.place(self.literal(self.static(node, scope), node, scope), node)
            except NotStaticError:
                pass
        try:
            return self.place(self._expr(node, scope), node)
        except NotTranslatedError as error:
            try:  # the configuration as it is now is better than nothing
                value = self.static(node, scope)
            except NotStaticError as why:
                if why.node is not None and why.message != "depends on the job":
                    raise NotTranslatedError(why.message, why.node) from None
                raise error from None
            return self.place(self.literal(value, node, scope), node)

    def _expr(self, node: ast.expr, scope: Scope) -> Expr:
        inner = replace(scope, depth=scope.depth + 1)
        match node:
            case ast.Name(id=name) if name in scope.bound:
                found = scope.bound[name]
                if not isinstance(found, str):
                    return found
            case ast.Name(id=name) if name in scope.views:
                return Array(items=tuple(scope.views[name].values()))
            case ast.Name(id=name) if name in self.sources:
                return self.expr(self.sources[name], replace(inner, bound={}))
            case ast.Attribute() | ast.Subscript():
                return self._member(node, inner)
            case ast.JoinedStr(values=values):
                return self._joined([self._formatted(value, inner) for value in values])
            case ast.BinOp():
                return self._operation(node, inner)
            case ast.Compare(ops=[op], comparators=[right]) if type(op) in _COMPARE:
                args = (self.expr(node.left, inner), self.expr(right, inner))
                return Call(function=_COMPARE[type(op)], args=args)
            case ast.Compare(ops=[ast.In()], comparators=[ast.List() | ast.Tuple() as right]):
                args = (self.expr(right, inner), self.expr(node.left, inner))
                return Call(function="contains", args=args)
            case ast.BoolOp(op=op, values=values) if all(map(self._is_test, values)):
                name = "and" if isinstance(op, ast.And) else "or"
                return Call(function=name, args=tuple(self.expr(v, inner) for v in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand) if self._is_test(operand):
                return Call(function="not", args=(self.expr(operand, inner),))
            case ast.IfExp(test=test, body=body, orelse=otherwise) if self._is_test(test):
                return If(
                    test=self.expr(test, inner),
                    then=self.expr(body, inner),
                    otherwise=self.expr(otherwise, inner),
                )
            case ast.List(elts=items) | ast.Tuple(elts=items):
                if not any(isinstance(item, ast.Starred) for item in items):
                    return Array(items=tuple(self.expr(item, inner) for item in items))
            case ast.Dict(keys=keys, values=values):
                names = [k.value for k in keys if isinstance(k, ast.Constant)]
                if len(names) == len(keys):
                    members = zip(map(str, names), values, strict=True)
                    return Record(fields={k: self.expr(v, inner) for k, v in members})
            case (
                ast.ListComp(elt=element, generators=[generator])
                | ast.GeneratorExp(elt=element, generators=[generator])
            ):
                return self._each(element, generator, inner)
            case ast.Call():
                return self._call(node, inner)
        raise NotTranslatedError(f"{ast.unparse(node):.80} is not translated", node)

    @staticmethod
    def _is_test(node: ast.expr) -> bool:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return node.func.attr in ("startswith", "endswith")
        return isinstance(node, (ast.Compare, ast.BoolOp)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        )

    def _joined(self, items: list[Expr]) -> Expr:
        parts: list[Part] = []
        for item in items:
            known = parts_of(item)
            parts.extend(known if known is not None else [item])
        return text_of(parts)

    def _formatted(self, node: ast.expr, scope: Scope) -> Expr:
        if isinstance(node, ast.Constant):
            return self.text(str(node.value), node, scope)
        plain = isinstance(node, ast.FormattedValue) and node.format_spec is None
        if isinstance(node, ast.FormattedValue) and plain and node.conversion == -1:
            return self.expr(node.value, scope)
        raise NotTranslatedError("a text that is formatted in a special way", node)

    def _member(self, node: ast.Attribute | ast.Subscript, scope: Scope) -> Expr:
        of = node.value
        key: Any = node.attr if isinstance(node, ast.Attribute) else None
        if isinstance(node, ast.Subscript):
            try:
                key = self.static(node.slice, scope)
            except NotStaticError:
                key = None
        if isinstance(of, ast.Name):
            if scope.bound.get(of.id) == WILDCARDS:
                if isinstance(key, int) and key < len(scope.keys):
                    raise NotTranslatedError("a wildcard by number", node)
                if key in scope.keys:
                    return Key(name=key)
                raise NotTranslatedError(f"there is no wildcard {key!r}", node)
            if of.id in scope.views and of.id not in scope.bound:
                view = scope.views[of.id]
                if isinstance(key, int) and -len(view) <= key < len(view):
                    return list(view.values())[key]
                if key in view:
                    return view[key]
                raise NotTranslatedError(f"{of.id} has no {key!r}", node)
            if of.id == "config" and "config" not in scope.bound and isinstance(key, str):
                return self.config.input(key)
        if isinstance(node, ast.Attribute):
            raise NotTranslatedError(f"the attribute {node.attr!r} is not translated", node)
        if isinstance(node.slice, ast.Slice):
            raise NotTranslatedError("a slice is not translated", node)
        if isinstance(key, int) and key < 0:
            raise NotTranslatedError("a negative index is not translated", node)
        by = self._by(key, node.slice, scope)
        try:
            inside = self.expr(of, scope)
        except NotTranslatedError:
            raise
        return Index(of=inside, by=by)

    def _by(self, key: Any, node: ast.expr, scope: Scope) -> Expr:
        if isinstance(key, (str, int)) and not isinstance(key, bool):
            return StringLit(value=key) if isinstance(key, str) else IntLit(value=key)
        return self.expr(node, scope)

    def _percent(self, node: ast.BinOp, scope: Scope) -> Expr:
        text = node.left.value if isinstance(node.left, ast.Constant) else None
        given = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        pieces_ = re.split(r"%[sd]", text) if isinstance(text, str) else []
        if len(pieces_) != len(given) + 1 or any("%" in piece for piece in pieces_):
            raise NotTranslatedError("a text that is formatted with % in a special way", node)
        items: list[Expr] = [self.text(pieces_[0], node, scope)]
        for value, piece in zip(given, pieces_[1:], strict=True):
            items += [self.expr(value, scope), self.text(piece, node, scope)]
        return self._joined(items)

    def _operation(self, node: ast.BinOp, scope: Scope) -> Expr:
        if isinstance(node.op, ast.Mod):
            return self._percent(node, scope)
        left, right = self.expr(node.left, scope), self.expr(node.right, scope)
        if isinstance(node.op, ast.Add):
            if any(isinstance(side, (StringLit, Template)) for side in (left, right)):
                return self._joined([left, right])
            if any(isinstance(side, (Array, Each)) for side in (left, right)):
                return Call(function="concat_arrays", args=(left, right))
            if any(isinstance(side, Key) for side in (left, right)):
                return self._joined([left, right])
            if any(isinstance(side, (IntLit, FloatLit, Runtime)) for side in (left, right)):
                return Call(function="add", args=(left, right))
        elif isinstance(node.op, ast.Div) and any(
            isinstance(side, _TEXTS) for side in (left, right)
        ):
            return self._below(left, right)
        elif type(node.op) in _ARITHMETIC:
            return Call(function=_ARITHMETIC[type(node.op)], args=(left, right))
        raise NotTranslatedError(f"{ast.unparse(node):.80} is not translated", node)

    def _below(self, folder: Expr, path: Expr) -> Expr:
        """Return what ``/`` of pathlib gives: no text can be divided."""
        if isinstance(path, StringLit) and path.value.startswith("/"):
            return path
        if isinstance(folder, StringLit):
            if folder.value in ("", "."):
                return path
            folder = StringLit(value=folder.value.rstrip("/"))
        return self._joined([folder, StringLit(value="/"), path])

    def _each(self, element: ast.expr, generator: ast.comprehension, scope: Scope) -> Expr:
        if not isinstance(generator.target, ast.Name) or generator.ifs:
            raise NotTranslatedError("this comprehension is not translated", element)
        name = generator.target.id
        over = self.expr(generator.iter, scope)
        body = self.expr(element, scope.with_bound({name: Local(name=name)}))
        return Each(name=name, over=over, body=body)

    # --- calls ------------------------------------------------------------------------------------

    def _call(self, node: ast.Call, scope: Scope) -> Expr:
        function = node.func
        if isinstance(function, ast.Name):
            known = scope.names.get(function.id)
            if isinstance(known, Function):
                return self.inlined(known, node.args, node.keywords, scope, node)
            name = function.id
            if name in ("expand", "collect"):
                return self._expand(node, scope)
            if name in ("int", "float", "str") and len(node.args) == 1 and not node.keywords:
                return Call(function=f"to_{name.replace('str', 'string')}",
                            args=(self.expr(node.args[0], scope),))  # fmt: skip
            if name in ("min", "max") and len(node.args) > 1:
                return Call(function=name, args=tuple(self.expr(a, scope) for a in node.args))
            if name == "len" and len(node.args) == 1:
                return Call(function="length", args=(self.expr(node.args[0], scope),))
            if name == "sorted" and len(node.args) == 1 and not node.keywords:
                return Call(function="sort", args=(self.expr(node.args[0], scope),))
            if name in ("list", "unpack", "Path", "ancient", "temp") and len(node.args) == 1:
                return self.expr(node.args[0], scope)
        elif isinstance(function, ast.Attribute) and not node.keywords:
            found = self._method(node, function, scope)
            if found is not None:
                return found
        if isinstance(function, ast.Attribute) and function.attr == "format":
            return self._format(node, function, scope)
        raise NotTranslatedError(f"the call of {ast.unparse(function):.60} is not translated", node)

    def _method(self, node: ast.Call, function: ast.Attribute, scope: Scope) -> Expr | None:
        of, name, args = function.value, function.attr, node.args
        if name == "join" and ast.unparse(of) in ("os.path", "path"):
            items: list[Expr] = []
            for each in args:
                items += [StringLit(value="/")] * bool(items) + [self.expr(each, scope)]
            return self._joined(items)
        if name == "join" and len(args) == 1:
            return Call(function="join", args=(self.expr(args[0], scope), self.expr(of, scope)))
        if name == "get" and args and isinstance(of, ast.Name):
            is_wildcards = scope.bound.get(of.id) == WILDCARDS
            key = args[0].value if isinstance(args[0], ast.Constant) else None
            otherwise = self.expr(args[1], scope) if len(args) > 1 else NoneLit()
            if is_wildcards and isinstance(key, str):
                return Key(name=key) if key in scope.keys else otherwise
            if of.id == "config" and isinstance(key, str):
                return Call(function="default", args=(self.config.input(key, True), otherwise))
        if name in _METHODS and len(args) == (2 if name == "replace" else name not in
                                              ("upper", "lower", "strip")):  # fmt: skip
            return Call(
                function=_METHODS[name],
                args=(self.expr(of, scope), *(self.expr(arg, scope) for arg in args)),
            )
        return None

    def _format(self, node: ast.Call, function: ast.Attribute, scope: Scope) -> Expr:
        text = function.value.value if isinstance(function.value, ast.Constant) else None
        if not isinstance(text, str) or any(k.arg is None for k in node.keywords):
            raise NotTranslatedError("this format is not translated", node)
        given = {str(k.arg): k.value for k in node.keywords}
        given.update({str(index): value for index, value in enumerate(node.args)})
        number, items = 0, list[Expr]()
        for piece in pieces(text.replace("{}", "{__next__}"))[0]:
            if isinstance(piece, str):
                items.append(StringLit(value=piece))
                continue
            name = piece[0]
            if name == "__next__":
                name, number = str(number), number + 1
            if name not in given:
                raise NotTranslatedError(f"format without {name!r}", node)
            items.append(self.expr(given[name], scope))
        return self._joined(items)

    def _expand(self, node: ast.Call, scope: Scope) -> Expr:
        if not node.args or any(k.arg is None for k in node.keywords):
            raise NotTranslatedError("this expand is not translated", node)
        if len(node.args) > 1 and ast.unparse(node.args[1]) not in ("product", "itertools.product"):
            raise NotTranslatedError("expand with a combinator is not translated", node)
        patterns = self.static(node.args[0], scope) if self._known(node.args[0], scope) else None
        patterns = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(patterns, (list, tuple)) or not all(isinstance(p, str) for p in patterns):
            raise NotTranslatedError("expand of patterns that are not known", node)
        given = {str(k.arg): k.value for k in node.keywords if k.arg != "allow_missing"}
        missing = any(k.arg == "allow_missing" for k in node.keywords)
        arrays = [self._expanded(str(p), given, missing, node, scope) for p in patterns]
        return arrays[0] if len(arrays) == 1 else Call(function="concat_arrays", args=tuple(arrays))

    def _known(self, node: ast.expr, scope: Scope) -> bool:
        try:
            self.static(node, scope)
        except NotStaticError:
            return False
        return True

    def _expanded(
        self,
        pattern: str,
        given: Mapping[str, ast.expr],
        missing: bool,
        node: ast.AST,
        scope: Scope,
    ) -> Expr:
        parts: list[Part] = []
        over: dict[str, Expr] = {}
        for piece in pieces(pattern.replace("{{", "\2").replace("}}", "\3"))[0]:
            if isinstance(piece, str):
                inside = self.text(piece.replace("\2", "{").replace("\3", "}"), node, scope)
                parts.extend(parts_of(inside) or [inside])
                continue
            name = piece[0]
            if name in given:
                if name not in over:
                    value = self.expr(given[name], scope)
                    one = isinstance(value, (StringLit, Template, Key, IntLit, FloatLit))
                    array = isinstance(value, (Array, Each)) or not one
                    over[name] = (
                        value if isinstance(value, (Array, Each)) else
                        Array(items=(value,)) if not array else
                        Call(function="merge_flattened", args=(value,))
                    )  # fmt: skip
                parts.append(Local(name=name))
            elif missing and name in scope.keys:
                parts.append(Key(name=name))
            else:
                raise NotTranslatedError(f"expand without values for {name!r}", node)
        body: Expr = text_of(parts)
        if not over:
            return Array(items=(body,))
        names = list(over)
        for index, name in enumerate(reversed(names)):
            body = Each(name=name, over=over[name], body=body)
            if index:
                body = Call(function="flatten", args=(body,))
        return body

    def inlined(
        self,
        function: Function,
        args: list[ast.expr],
        keywords: list[ast.keyword],
        scope: Scope,
        node: ast.AST,
    ) -> Expr:
        """Return what a function of the Snakefile gives for arguments."""
        bound: dict[str, Expr | str] = {}
        given = dict(zip(function.parameters, args, strict=False))
        given.update({str(k.arg): k.value for k in keywords})
        for name, value in given.items():
            if isinstance(value, ast.Name) and isinstance(scope.bound.get(value.id), str):
                bound[name] = WILDCARDS
            else:
                bound[name] = self.expr(value, scope)
        return self.applied(function, bound, scope, node)

    def applied(
        self, function: Function, bound: Mapping[str, Expr | str], scope: Scope, node: ast.AST
    ) -> Expr:
        """Return what a function gives with parameters bound; those with defaults may be left."""
        arguments = function.node.args
        if arguments.vararg is not None:
            raise NotTranslatedError(f"{function.name} takes any arguments", node)
        named: dict[str, Expr | str] = dict(bound)
        inner = replace(scope, names=function.names, bound=named, depth=scope.depth + 1)
        for name, default in zip(
            reversed([a.arg for a in arguments.args]), reversed(arguments.defaults), strict=False
        ):
            if name not in named:
                named[name] = self.expr(default, replace(inner, bound={}))
        if isinstance(function.node, ast.Lambda):
            return self.expr(function.node.body, inner)
        found = self._block(function.node.body, inner)
        if found is None:
            raise NotTranslatedError(f"{function.name} does not always return a value", node)
        return found

    def _block(self, body: list[ast.stmt], scope: Scope) -> Expr | None:
        for index, statement in enumerate(body):
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self.expr(value, scope)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    scope = scope.with_bound({name: self.expr(value, scope)})
                case ast.For(
                    target=ast.Name(id=name),
                    iter=over,
                    body=[ast.Expr(value=ast.Yield(value=ast.expr() as value))],
                ) if index == len(body) - 1:
                    inside = scope.with_bound({name: Local(name=name)})
                    return Each(
                        name=name, over=self.expr(over, scope), body=self.expr(value, inside)
                    )
                case ast.If(test=test, body=then, orelse=otherwise):
                    return self._branches(test, then, [*otherwise, *body[index + 1 :]], scope)
                case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Assert():
                    continue
                case _:
                    what = type(statement).__name__
                    raise NotTranslatedError(f"the statement {what} is not translated", statement)
        return None

    def _branches(
        self, test: ast.expr, then: list[ast.stmt], rest: list[ast.stmt], scope: Scope
    ) -> Expr | None:
        if self._known(test, scope) and not self.symbolic(test, scope):
            return self._block(then if self.static(test, scope) else rest, scope)
        if not self._is_test(test):
            raise NotTranslatedError("the test is not translated", test)
        yes, no = self._block(then, scope), self._block(rest, scope)
        if yes is None or no is None:
            raise NotTranslatedError("an if that does not return a value", test)
        return If(test=self.expr(test, scope), then=yes, otherwise=no)


def member(of: Expr, name: str) -> Expr:
    """Return a member of a record."""
    return Attr(of=of, name=name)
