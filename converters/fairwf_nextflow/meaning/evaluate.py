"""Expressions, closures and functions: what they stand for.

A closure is applied by putting its arguments into its body, so local variables leave no trace.
What the IR cannot say raises :class:`UntranslatedError` with the piece and the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fairwf.ir.expressions import Expr
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import closures, members, operators
from fairwf_nextflow.meaning.build import Names, at, call, choose, known, literal, template, text
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import (
    NOTHING,
    Both,
    Channel,
    Choice,
    Function,
    Items,
    Kind,
    Members,
    Namespace,
    ProcessSymbol,
    Several,
    Symbol,
    UntranslatedError,
    Value,
    WorkflowSymbol,
    of_text,
    value_of,
)

MAX_DEPTH = 24
MAX_BRANCHES = 64
ChannelCall = Callable[[Symbol, str, tree.Call, Scope], "Symbol | None"]


class Evaluator:
    """Evaluates expressions of a pipeline. ``channels`` knows factories and operators."""

    def __init__(self, names: Names, channels: ChannelCall) -> None:
        self.names = names
        self._channels = channels
        self._depth = 0
        self._branches = 0

    def value(self, node: tree.Expression, scope: Scope) -> Value:
        """Return an expression as one value.

        Raises:
            UntranslatedError: it cannot be said.
        """
        return value_of(self.symbol(node, scope), node)

    def symbol(self, node: tree.Expression, scope: Scope) -> Symbol:
        """Return what an expression stands for.

        Raises:
            UntranslatedError: it cannot be said.
        """
        match node:
            case tree.Constant(value=value):
                kinds = {bool: "bool", int: "int", float: "float"}
                return Value(literal(value), kinds.get(type(value), "none"))
            case tree.Str():
                return self.text(node, scope)
            case tree.Name():
                return self._name(node, scope)
            case tree.ListOf(items=items):
                return Items(self.arguments(items, scope))
            case tree.MapOf(entries=entries):
                return self._map(node, entries, scope)
            case tree.Range():
                return self._range(node, scope)
            case tree.Ternary():
                return self._ternary(node, scope)
            case tree.Unary():
                return self._unary(node, scope)
            case tree.Binary():
                return self._binary(node, scope)
            case tree.Property():
                return self._property(node, scope)
            case tree.Subscript(of=of, by=by):
                return self._subscript(node, of, by, scope)
            case tree.Closure(parameters=parameters, body=body):
                return Function(parameters, body, scope.module, scope.names, node)
            case tree.Call():
                return self._call(node, scope)
            case _:
                raise UntranslatedError(node, "this kind of expression has no counterpart")

    def text(self, node: tree.Str, scope: Scope) -> Value:
        """Return a text with what is interpolated."""
        parts: list[Expr] = []
        for part in node.parts:
            if isinstance(part, str):
                parts.append(text(part))
            else:
                parts.append(scope.place.text(self.value(part, scope)))
        return Value(template(*parts), "string")

    # --- names and members

    def _name(self, node: tree.Name, scope: Scope) -> Symbol:
        found = scope.find(node.name)
        if found is not None:
            return found
        match node.name:
            case "params" | "Channel" | "channel" | "log" | "workflow" | "nextflow" | "task":
                return Namespace(node.name)
            case "projectDir" | "baseDir":
                return Value(text("."), "string")
            case "moduleDir":
                return Value(text(scope.module.folder), "string")
            case "launchDir":
                return Value(text("."), "string")
            case "args":
                return Items(())
        raise UntranslatedError(node, f"nothing here is called {node.name!r:.60}")

    def _property(self, node: tree.Property, scope: Scope) -> Symbol:
        if node.computed is not None:
            key = self.value(node.computed, scope)
            return operators.item(node, self.value(node.of, scope), key)
        of = self.symbol(node.of, scope)
        if node.mark == "*.":
            body: tree.Expression = tree.Property(
                node.start, node.end, tree.Name(node.start, node.end, "it"), node.name
            )
            each = Function(
                None, (tree.Evaluate(node.start, node.end, body),), scope.module, {}, node
            )
            return closures.collect(self, scope, value_of(of, node), each, node)
        return self.member(node, of, node.name, scope)

    def member(self, node: tree.Node, of: Symbol, name: str, scope: Scope) -> Symbol:
        """Return a property of a symbol."""
        match of:
            case Namespace(name="params"):
                return scope.place.param(name)
            case Namespace(name="workflow"):
                return self._of_workflow(node, name)
            case Namespace(members=inner) if name in inner:
                return inner[name]
            case Namespace(name="task.ext"):
                return NOTHING
            case Several(channels=channels):
                if name in channels:
                    return channels[name]
                if name == "out":
                    return of
                raise UntranslatedError(node, f"{of.of} has no output {name!r:.60}")
            case Members(members=inner):
                return inner.get(name, NOTHING)
            case Choice(test=test, then=then, otherwise=otherwise):
                return self.chosen(
                    node,
                    test,
                    self.member(node, then, name, scope),
                    self.member(node, otherwise, name, scope),
                )
            case ProcessSymbol() | WorkflowSymbol():
                made = scope.find(f"{of.alias}.out")
                if made is None:
                    raise UntranslatedError(node, f"{of.alias} was not called before")
                return made if name == "out" else self.member(node, made, name, scope)
            case Channel():
                raise UntranslatedError(node, f"channels have no {name!r}")
            case _:
                return members.member(node, value_of(of, node), name)

    def _of_workflow(self, node: tree.Node, name: str) -> Symbol:
        match name:
            case "projectDir" | "launchDir":
                return Value(text("."), "string")
            case "containerEngine":
                return Value(text("docker"), "string")
            case "stubRun" | "resume" | "preview":
                return Value(literal(False), "bool")
            case "profile":
                return Value(text("standard"), "string")
        raise UntranslatedError(node, f"workflow.{name} is known only when Nextflow runs")

    def _subscript(
        self, node: tree.Subscript, of: tree.Expression, by: Sequence[tree.Expression], scope: Scope
    ) -> Symbol:
        whole = self.symbol(of, scope)
        if len(by) != 1 or isinstance(by[0], tree.Range):
            return closures.cut(self, scope, value_of(whole, node), by, node)
        key = self.value(by[0], scope)
        plain, raw = known(key.expr)
        if isinstance(whole, Several) and isinstance(raw, int):
            found = list(whole.channels.values())
            if 0 <= raw < len(found):
                return found[raw]
            raise UntranslatedError(node, f"{whole.of} has {len(found)} outputs")
        if (
            isinstance(whole, Items)
            and plain
            and isinstance(raw, int)
            and not isinstance(raw, bool)
        ):
            return whole.items[raw] if -len(whole.items) <= raw < len(whole.items) else NOTHING
        if isinstance(whole, Members) and isinstance(raw, str):
            return whole.members.get(raw, NOTHING)
        if isinstance(whole, Namespace) and isinstance(raw, str):
            return self.member(node, whole, raw, scope)
        return operators.item(node, value_of(whole, node), key)

    # --- composition

    def arguments(self, nodes: Sequence[tree.Expression], scope: Scope) -> tuple[Symbol, ...]:
        """Return arguments, a spread list as its items."""
        found: list[Symbol] = []
        for node in nodes:
            if isinstance(node, tree.Unary) and node.operator == "*":
                inner = self.symbol(node.operand, scope)
                if isinstance(inner, Items):
                    found += inner.items
                    continue
                if isinstance(inner, Value) and isinstance(inner.kind, tuple):
                    found += [Value(at(inner.expr, i), k) for i, k in enumerate(inner.kind)]
                    continue
                if isinstance(inner, Several):
                    found += inner.channels.values()
                    continue
                raise UntranslatedError(
                    node, "how many items are spread is known only when it runs"
                )
            found.append(self.symbol(node, scope))
        return tuple(found)

    def handed(
        self, nodes: Sequence[tree.Expression], scope: Scope, whole: bool = False
    ) -> tuple[Symbol, ...]:
        """Return what a process or workflow is given; what cannot be said stays Groovy."""
        opaque = getattr(scope.place, "opaque", None)
        if whole or opaque is None:
            return self.arguments(nodes, scope)
        found: list[Symbol] = []
        for node in nodes:
            try:
                found += self.arguments((node,), scope)
            except UntranslatedError as error:
                found.append(opaque(node, error, scope))
        return tuple(found)

    def _map(self, node: tree.MapOf, entries: Sequence[tree.Entry], scope: Scope) -> Symbol:
        found: dict[str, Symbol] = {}
        before: list[Expr] = []
        for entry in entries:
            if entry.key is None:
                before.append(self.value(entry.value, scope).expr)
                continue
            key = self.value(entry.key, scope)
            plain, raw = known(key.expr)
            if not plain:
                raise UntranslatedError(node, "a key of a map is computed")
            found[str(raw)] = self.symbol(entry.value, scope)
        if before:
            own = value_of(Members(found), node).expr
            return Value(call("merge", *before, own), "map")
        return Members(found)

    def _range(self, node: tree.Range, scope: Scope) -> Symbol:
        first, last = self.value(node.first, scope), self.value(node.last, scope)
        end = last.expr if node.exclusive else call("add", last.expr, literal(1))
        return Value(call("range_step", first.expr, end, literal(1)), "list")

    def _ternary(self, node: tree.Ternary, scope: Scope) -> Symbol:
        first = self.value(node.test, scope)
        test = operators.truth(first)
        plain, raw = known(test)
        if plain:
            if raw:
                return first if node.then is None else self.symbol(node.then, scope)
            return self.symbol(node.otherwise, scope)
        then: Symbol = first if node.then is None else self.symbol(node.then, scope)
        return self.chosen(node, test, then, self.symbol(node.otherwise, scope))

    def chosen(self, node: tree.Node, test: Expr, then: Symbol, otherwise: Symbol) -> Symbol:
        """Return one of two symbols, by a condition."""
        if then is otherwise:
            return then
        match then, otherwise:
            case Channel(), Channel():
                return _channels(test, then, otherwise)
            case (Channel(), _) | (_, Channel()):
                return _channels(test, as_channel(then, node), as_channel(otherwise, node))
            case Items(items=a), Items(items=b) if len(a) == len(b):
                return Items(
                    tuple(self.chosen(node, test, x, y) for x, y in zip(a, b, strict=True))
                )
            case (ProcessSymbol() | WorkflowSymbol() | Choice(), _) | (Several(), Several()):
                return Choice(test, then, otherwise)
        one, other = value_of(then, node), value_of(otherwise, node)
        return Value(choose(test, one.expr, other.expr), operators.same_kind(one.kind, other.kind))

    def _unary(self, node: tree.Unary, scope: Scope) -> Symbol:
        value = self.value(node.operand, scope)
        match node.operator:
            case "!":
                return Value(call("not", operators.truth(value)), "bool")
            case "-":
                return Value(call("negate", value.expr), value.kind)
            case "+" | "~":
                return value
        raise UntranslatedError(node, f"the operator {node.operator!r} has no counterpart")

    def _binary(self, node: tree.Binary, scope: Scope) -> Symbol:
        if node.operator == "|":
            return self._piped(node, scope)
        if node.operator == "&":
            left, right = self.symbol(node.left, scope), self.symbol(node.right, scope)
            parts = left.parts if isinstance(left, Both) else (left,)
            return Both((*parts, right))
        if node.operator in ("instanceof", "!instanceof", "as"):
            type_ = node.right.name if isinstance(node.right, tree.TypeName) else ""
            value = self.value(node.left, scope)
            if node.operator == "as":
                return operators.cast(node, value, type_)
            return operators.instance_of(node, value, type_)
        if node.operator == "=" and isinstance(node.left, tree.Name):
            if scope.find(node.left.name) is not None:
                raise UntranslatedError(node, "a variable is changed inside an expression")
            return self.symbol(node.right, scope)
        left = self.value(node.left, scope)
        plain, raw = (
            known(operators.truth(left)) if node.operator in ("&&", "||") else (False, None)
        )
        if plain and bool(raw) is (node.operator == "||"):
            return Value(literal(bool(raw)), "bool")
        return operators.binary(node, left, self.value(node.right, scope))

    def _piped(self, node: tree.Binary, scope: Scope) -> Symbol:
        left = self.symbol(node.left, scope)
        right = node.right
        args: tuple[tree.Expression, ...] = ()
        named: tuple[tree.Entry, ...] = ()
        if isinstance(right, tree.Call):
            args, named, right = right.args, right.named, right.function
        if isinstance(right, tree.Name) and scope.find(right.name) is None:
            bare = tree.Call(node.right.start, node.right.end, right, args, named)
            if isinstance(left, (ProcessSymbol, WorkflowSymbol, Choice)):
                left = self.invoke(left, (), node.left, scope)
            made = self._channels(left, right.name, bare, scope)
            if made is None:
                raise UntranslatedError(node.right, f"there is no operator {right.name!r}")
            return made
        if isinstance(left, (ProcessSymbol, WorkflowSymbol, Choice)):
            left = self.invoke(left, (), node.left, scope)
        given = tuple(left.channels.values()) if isinstance(left, Several) else (left,)
        target = (
            self.symbol(node.right, scope)
            if not isinstance(node.right, tree.Call)
            else self.symbol(right, scope)
        )
        more = self.handed(args, scope, whole=isinstance(target, Function))
        if isinstance(target, Both):
            outs: dict[str, Symbol] = {}
            for part in target.parts:
                made = self.invoke(part, given, node.right, scope)
                found = made.channels if isinstance(made, Several) else {"": made}
                outs.update({f"{len(outs)}": one for one in found.values()})
            return Several(outs, "&")
        return self.invoke(target, (*given, *more), node.right, scope)

    # --- calls

    def invoke(self, what: Symbol, args: Sequence[Symbol], node: tree.Node, scope: Scope) -> Symbol:
        """Call a process, workflow, function or closure."""
        if isinstance(what, Function):
            return self.apply(what, args, node, scope)
        return scope.place.invoke(what, args, node)

    def _call(self, node: tree.Call, scope: Scope) -> Symbol:
        function = node.function
        if isinstance(function, tree.Name):
            return self._named_call(node, function, scope)
        if not isinstance(function, tree.Property) or function.computed is not None:
            return self.invoke(
                self.symbol(function, scope), self.arguments(node.args, scope), node, scope
            )
        of = self.symbol(function.of, scope)
        if function.mark == "*.":
            inner = tree.Property(
                node.start, node.end, tree.Name(node.start, node.end, "it"), function.name
            )
            body = tree.Call(node.start, node.end, inner, node.args, node.named)
            each = Function(
                None, (tree.Evaluate(node.start, node.end, body),), scope.module, scope.names, node
            )
            return closures.collect(self, scope, value_of(of, node), each, node)
        made = self._channels(of, function.name, node, scope)
        if made is not None:
            return made
        if isinstance(of, Several) and (only := of.only()) is not None:
            of = only
            made = self._channels(of, function.name, node, scope)
            if made is not None:
                return made
        value = value_of(of, node)
        found = closures.method(self, scope, value, function.name, node)
        if found is not None:
            return found
        args = [value_of(one, node) for one in self.arguments(node.args, scope)]
        result = members.method(node, value, function.name, args)
        if function.mark == "?.":
            expr = choose(call("defined", value.expr), result.expr, literal(None))
            return Value(expr, result.kind)
        return result

    def _named_call(self, node: tree.Call, function: tree.Name, scope: Scope) -> Symbol:
        found = scope.find(function.name)
        if found is not None:
            if isinstance(found, Namespace):
                raise UntranslatedError(node, f"{function.name} comes from a plugin ({found.name})")
            given = self.handed(node.args, scope, whole=isinstance(found, Function))
            return self.invoke(found, given, node, scope)
        match function.name:
            case "tuple":
                return Items(self.arguments(node.args, scope))
            case "file" | "files":
                path = self.value(node.args[0], scope) if node.args else NOTHING
                return scope.place.file(path, function.name == "files", node)
            case "error" | "exit" | "println" | "print":
                raise UntranslatedError(node, f"{function.name} has an effect and no value")
        raise UntranslatedError(node, f"there is no function {function.name!r:.60}")

    def apply(
        self, function: Function, args: Sequence[Symbol], node: tree.Node, scope: Scope
    ) -> Symbol:
        """Return what a closure or function gives for arguments."""
        if self._depth >= MAX_DEPTH:
            raise UntranslatedError(node, "functions call each other too deeply")
        self._depth += 1
        outermost = self._depth == 1
        try:
            names = self._bound(function, args, node, scope)
            inner = Scope(scope.place, function.module, {**function.seen, **names})
            result = self._run(function.body, inner, function.node)
            if result is None:
                return NOTHING
            return result
        except UntranslatedError as error:
            if function.module is scope.module:
                raise
            # the place of a call is known to who calls, that of a piece elsewhere is not
            raise UntranslatedError(node, error.reason) from None
        finally:
            self._depth -= 1
            if outermost:
                self._branches = 0

    def _bound(
        self, function: Function, args: Sequence[Symbol], node: tree.Node, scope: Scope
    ) -> dict[str, Symbol]:
        if function.parameters is None:
            return {"it": args[0] if len(args) == 1 else Items(tuple(args))} if args else {}
        wanted = function.parameters
        given = list(args)
        if len(wanted) > 1 and len(given) == 1:
            given = list(parts_of(given[0], len(wanted), node))
        names: dict[str, Symbol] = {}
        for number, parameter in enumerate(wanted):
            if number < len(given):
                one = given[number]
            elif parameter.default is not None:
                one = self.symbol(parameter.default, scope)
            else:
                one = NOTHING
            if parameter.several:
                inner = parts_of(one, len(parameter.several), node)
                names |= {p.name: s for p, s in zip(parameter.several, inner, strict=False)}
            else:
                names[parameter.name] = one
        return names

    def _run(
        self, statements: Sequence[tree.Statement], scope: Scope, node: tree.Node
    ) -> Symbol | None:
        """Return what statements give: the value of ``return``, or of the last one."""
        from fairwf_nextflow.meaning.bodies import run

        self._branches += 1
        if self._branches > MAX_BRANCHES:
            raise UntranslatedError(node, "the closure has too many ways")
        return run(self, statements, scope)

    def run(
        self, statements: Sequence[tree.Statement], scope: Scope, node: tree.Node
    ) -> Symbol | None:
        """Return what statements give."""
        return self._run(statements, scope, node)


def parts_of(symbol: Symbol, count: int, node: tree.Node) -> tuple[Symbol, ...]:
    """Return the items of a tuple that is taken apart."""
    match symbol:
        case Items(items=items):
            return (*items, *(NOTHING for _ in range(count - len(items))))
        case Value(expr=expr, kind=tuple() as kinds):
            found: list[Symbol] = [Value(at(expr, i), kind) for i, kind in enumerate(kinds)]
            return (*found, *(NOTHING for _ in range(count - len(found))))
        case Several(channels=channels):
            return tuple(channels.values())
    whole = value_of(symbol, node)
    return tuple(Value(call("get", whole.expr, literal(i))) for i in range(count))


def as_channel(symbol: Symbol, node: tree.Node) -> Channel:
    """Return a symbol as a channel: a value as one that may be read often."""
    match symbol:
        case Channel():
            return symbol
        case Several() if (only := symbol.only()) is not None:
            return as_channel(only, node)
        case Several():
            raise UntranslatedError(node, f"{symbol.of} has several outputs: name one")
        case Choice(test=test, then=then, otherwise=otherwise):
            return _channels(test, as_channel(then, node), as_channel(otherwise, node))
    value = value_of(symbol, node)
    return Channel(value.expr, False, value.kind)


def _channels(test: Expr, then: Channel, otherwise: Channel) -> Channel:
    kind: Kind = operators.same_kind(then.item, otherwise.item)
    if then.queue == otherwise.queue:
        return Channel(choose(test, then.expr, otherwise.expr), then.queue, kind)
    return Channel(choose(test, stream_of(then), stream_of(otherwise)), True, kind)


def stream_of(channel: Channel) -> Expr:
    """Return a channel as a stream."""
    from fairwf.ir.expressions import Array

    if channel.queue:
        return channel.expr
    return call("to_stream", Array(items=(channel.expr,)))


def members_of(symbols: Mapping[str, Symbol]) -> Members:
    """Return a map."""
    return Members(dict(symbols))


__all__ = ["Evaluator", "as_channel", "members_of", "of_text", "parts_of", "stream_of"]
