"""Channels: the factories, and what names new ones (``set``, ``tap``, ``view``)."""

from __future__ import annotations

from collections.abc import Sequence

from fairwf.ir.expressions import Array, Attr, Binding, Each, Expr, Local, Opaque
from fairwf.ir.types import AnyType, StreamType
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.grammar.walk import walk
from fairwf_nextflow.meaning import files
from fairwf_nextflow.meaning.build import Names, at, call, javascript, known, literal, text
from fairwf_nextflow.meaning.evaluate import Evaluator, as_channel
from fairwf_nextflow.meaning.operators import same_kind
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.streams import OPERATORS, Operators
from fairwf_nextflow.meaning.symbols import (
    Channel,
    Function,
    Items,
    Kind,
    Namespace,
    Several,
    Symbol,
    UntranslatedError,
    Value,
    value_of,
)
from fairwf_nextflow.meaning.tuples import queue

_VALUES = frozenset(
    {"collect", "toList", "toSortedList", "first", "last", "count", "sum", "min", "max", "reduce"}
)
_NAMING = ("set", "tap", "view")


class Channels:
    """Knows the factories and operators of channels."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.evaluator = Evaluator(names, self.apply)
        self.operators = Operators(self.evaluator)

    def apply(self, of: Symbol, name: str, node: tree.Call, scope: Scope) -> Symbol | None:
        """Return what a factory or operator gives; None where it is neither.

        An operator that cannot be said gives an opaque channel, of which the place is told.
        """
        if isinstance(of, Namespace):
            if of.name in ("Channel", "channel"):
                return self._or_opaque(None, name, node, scope)
            return None
        if isinstance(of, Several) and (name in OPERATORS or name in _NAMING):
            if name == "set":
                return self._named(of, node, scope)
            only = of.only()
            if only is None:
                raise UntranslatedError(node, f"{of.of} has several outputs: name one")
            of = only
        if not isinstance(of, Channel):
            if not (isinstance(of, (Value, Items)) and name in ("set", "view", "tap")):
                return None
            of = as_channel(of, node)
        if name in ("set", "tap"):
            return self._named(of, node, scope)
        if name == "view":
            return self._view(of, node, scope)
        if name not in OPERATORS:
            if of.queue:
                return self.opaque(
                    of, name, node, scope, f"the operator {name!r} has no counterpart"
                )
            return None
        if (
            not of.queue
            and name in ("flatten", "collect", "first", "size", "unique", "join", "take")
            and (node.args and not isinstance(node.args[0], tree.Closure))
            and not (name == "join" and self._is_channel(node.args[0], scope))
        ):
            return None
        return self._or_opaque(of, name, node, scope)

    def _is_channel(self, node: tree.Expression, scope: Scope) -> bool:
        """Tell whether a name or member is a channel."""
        if not isinstance(node, (tree.Name, tree.Property)):
            return False
        return isinstance(self.evaluator.symbol(node, scope), (Channel, Several))

    def _or_opaque(
        self, of: Channel | None, name: str, node: tree.Call, scope: Scope
    ) -> Symbol | None:
        try:
            if of is None:
                return self._made(name, node, scope)
            return self.operators.apply(of, name, node, scope)
        except UntranslatedError as error:
            return self.opaque(of, name, node, scope, error.reason, error.node)

    def opaque(
        self,
        of: Channel | None,
        name: str,
        node: tree.Call,
        scope: Scope,
        reason: str,
        at_node: tree.Node | None = None,
    ) -> Symbol:
        """Return a channel that stays as Groovy, with the names that it sees."""
        tell = getattr(scope.place, "untranslated", None)
        if tell is None:
            raise UntranslatedError(at_node or node, reason)
        tell(scope.module, at_node or node, reason)
        start = node.start
        if of is not None and isinstance(node.function, tree.Property):
            start = node.function.of.end
        bindings = seen_by(self.evaluator, [*node.args, *(e.value for e in node.named)], scope)
        if of is not None:
            bindings = [Binding(path=("channel",), value=of.expr), *bindings]
        many = name not in _VALUES
        expr = Opaque(
            language="groovy",
            text=scope.module.text.text[start : node.end].strip(),
            bindings=tuple(bindings),
            gives=StreamType(items=AnyType()) if many else None,
        )
        if name in ("branch", "multiMap"):
            labels = [
                one.name for arg in node.args for one in walk(arg) if isinstance(one, tree.Label)
            ]
            return Several({label: Channel(expr, True) for label in labels}, name)
        return Channel(expr, many)

    # --- factories

    def _made(self, name: str, node: tree.Call, scope: Scope) -> Symbol:
        evaluator = self.evaluator
        match name:
            case "empty":
                return queue(Array(), "none")
            case "of" | "from" | "fromList":
                return self._items(evaluator.arguments(node.args, scope), node, name)
            case "value":
                value = evaluator.value(node.args[0], scope) if node.args else None
                return Channel(
                    value.expr if value else literal(None), False, value.kind if value else "none"
                )
            case "fromPath":
                path = evaluator.value(node.args[0], scope)
                found = scope.place.file(path, True, node)
                return queue(call("merge_flattened", found.expr), "path")
            case "fromFilePairs":
                return self._pairs(node, scope)
        raise UntranslatedError(node, f"there is no counterpart of a channel made by {name!r}")

    def _items(self, args: Sequence[Symbol], node: tree.Node, name: str) -> Channel:
        lists: list[Expr] = []
        single: list[Expr] = []
        kinds: list[Kind] = []
        flat = name != "of" and len(args) == 1
        for arg in args:
            if isinstance(arg, Items) and flat:
                values = [value_of(one, node) for one in arg.items]
                single += [one.expr for one in values]
                kinds += [one.kind for one in values]
                continue
            value = value_of(arg, node)
            ranged = value.kind == "list" and getattr(value.expr, "function", "") == "range_step"
            if ranged or (flat and value.kind in ("list", "any", "paths")):
                lists.append(value.expr)
                kinds.append("int" if ranged else "path" if value.kind == "paths" else "any")
                continue
            single.append(value.expr)
            kinds.append(value.kind)
        if single or not lists:
            lists.insert(0, Array(items=tuple(single)))
        whole = lists[0] if len(lists) == 1 else call("concat_arrays", *lists)
        return queue(whole, same_kind(*kinds) if kinds else "none")

    def _pairs(self, node: tree.Call, scope: Scope) -> Channel:
        pattern = self.evaluator.value(node.args[0], scope)
        found = scope.place.file(pattern, True, node)
        closure = self.operators.closure(node, scope)
        size = self.operators.option(node, "size", scope)
        flat = self.operators.option(node, "flat", scope)
        count = 2 if size is None else known(size.expr)[1]
        if not isinstance(count, int):
            raise UntranslatedError(node, "the size of groups of files is computed")
        name = self.names.fresh()
        one = Value(Local(name=name), "path")
        if closure is not None:
            key = value_of(self.evaluator.apply(closure, (one,), node, scope), node).expr
        else:
            shown = files.pattern_of(scope.place, pattern)
            if shown is None:
                raise UntranslatedError(node, "the pattern of pairs of files is computed")
            key = javascript(
                files.PREFIX,
                n=Attr(of=one.expr, name="basename"),
                p=text(files.prefix_pattern(shown)),
            )
        pairs = Each(
            name=name, over=call("merge_flattened", found.expr), body=Array(items=(key, one.expr))
        )
        groups = call("group_by_key", pairs)
        kind: Kind = ("string", "paths")
        flattened = flat is not None and known(flat.expr)[1] is True

        def body(g: Expr) -> Expr:
            if not flattened:
                return g
            return call("concat_arrays", Array(items=(at(g, 0),)), at(g, 1))

        def where(g: Expr) -> Expr:
            return call("equal", call("length", at(g, 1)), literal(count))

        if flattened:
            kind = ("string", *(["path"] * max(count, 0))) if count > 0 else "any"
        return queue(self.names.each(groups, body, where if count > 0 else None), kind)

    # --- naming

    def _named(self, of: Symbol, node: tree.Call, scope: Scope) -> Symbol:
        for arg in node.args:
            if isinstance(arg, tree.Closure):
                match arg.body:
                    case (tree.Evaluate(value=tree.Name(name=name)),):
                        scope.names[name] = of
                        return of
        raise UntranslatedError(node, "what the channel is to be called is no name")

    def _view(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        show = getattr(scope.place, "show", None)
        shown: Symbol | None = of
        function = self.operators.closure(node, scope)
        if function is not None:
            shown = self._or_opaque(
                of, "map", tree.Call(node.start, node.end, node.function, node.args), scope
            )
        if show is not None and isinstance(shown, Channel):
            show(shown, "view", node)
        return of


def seen_by(evaluator: Evaluator, nodes: Sequence[tree.Node], scope: Scope) -> list[Binding]:
    """Return the values of the names that a piece of Groovy sees."""
    found: dict[tuple[str, ...], Expr] = {}
    for node in nodes:
        for one in walk(node):
            path: tuple[str, ...] | None = None
            match one:
                case tree.Property(of=tree.Name(name="params"), name=name):
                    path = ("params", name)
                    symbol: Symbol | None = scope.place.param(name)
                case tree.Name(name=name):
                    path, symbol = (name,), scope.find(name)
                case _:
                    continue
            if path in found or symbol is None:
                continue
            if isinstance(symbol, Channel):
                found[path] = symbol.expr
            elif isinstance(symbol, (Value, Items)):
                try:
                    found[path] = value_of(symbol, one).expr
                except UntranslatedError:
                    continue
    return [Binding(path=path, value=value) for path, value in found.items()]


__all__ = ["Channels", "Function", "seen_by"]
