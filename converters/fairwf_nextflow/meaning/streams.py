"""Operators of channels as functions over streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fairwf.ir.expressions import Array, Call, Each, Expr, If, Input, Local, Output
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import operators, tables
from fairwf_nextflow.meaning.build import at, call, choose, javascript, known, literal, text
from fairwf_nextflow.meaning.closures import item_kind
from fairwf_nextflow.meaning.evaluate import Evaluator, as_channel, stream_of
from fairwf_nextflow.meaning.members import JS_DEEP
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import (
    Channel,
    Function,
    Kind,
    Several,
    Symbol,
    UntranslatedError,
    Value,
    value_of,
)
from fairwf_nextflow.meaning.tuples import SCALARS, array_of, as_kinds, as_list, queue


class Operators:
    """The operators, each for the channel that it is applied to."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.names = evaluator.names

    def apply(self, of: Channel, name: str, node: tree.Call, scope: Scope) -> Symbol | None:
        """Return what an operator gives; None where there is none of this name.

        Raises:
            UntranslatedError: it cannot be said.
        """
        method = OPERATORS.get(name)
        return None if method is None else method(self, of, node, scope)

    # --- arguments

    def closure(self, node: tree.Call, scope: Scope) -> Function | None:
        """Return the closure that an operator gets, if any."""
        for arg in node.args:
            if isinstance(arg, (tree.Closure, tree.Name)):
                found = self.evaluator.symbol(arg, scope)
                if isinstance(found, Function):
                    return found
        return None

    def option(self, node: tree.Call, name: str, scope: Scope) -> Value | None:
        """Return a named argument."""
        for entry in node.named:
            if isinstance(entry.key, tree.Str) and entry.key.plain == name:
                return self.evaluator.value(entry.value, scope)
        return None

    def by(self, node: tree.Call, scope: Scope) -> list[int]:
        """Return the indexes of the key that items are matched by."""
        given = self.option(node, "by", scope)
        if given is None:
            return []
        found = given.expr.items if isinstance(given.expr, Array) else (given.expr,)
        indexes = [known(one)[1] for one in found]
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in indexes):
            raise UntranslatedError(node, "the key of an operator is computed")
        return [one for one in indexes if isinstance(one, int)]

    def channels(self, node: tree.Call, scope: Scope) -> list[Channel]:
        """Return the channels that an operator gets."""
        return [as_channel(one, node) for one in self.evaluator.arguments(node.args, scope)]

    def applied(
        self, of: Channel, function: Function, node: tree.Node, scope: Scope
    ) -> tuple[str, Value]:
        """Return a local name for an item, and what a closure gives for it."""
        name = self.names.fresh()
        item = Value(Local(name=name), of.item)
        return name, value_of(self.evaluator.apply(function, (item,), node, scope), node)

    def over(self, of: Channel, name: str, body: Value, where: Expr | None = None) -> Channel:
        """Return a channel of what a body gives for each item."""
        if of.queue:
            expr: Expr = Each(name=name, over=of.expr, body=body.expr, where=where)
            return Channel(expr, True, body.kind)
        one = Each(name=name, over=Array(items=(of.expr,)), body=body.expr, where=where)
        if where is not None:
            return queue(one, body.kind)
        return Channel(call("first", one), False, body.kind)

    def _alone(
        self, of: Channel, function: Function, node: tree.Node, scope: Scope
    ) -> Value | None:
        """Return what a closure gives for a value that may stand in several places."""
        if of.queue or not _small(of.expr):
            return None
        item = Value(of.expr, of.item)
        return value_of(self.evaluator.apply(function, (item,), node, scope), node)

    # --- each item

    def map(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """What a closure gives for each item."""
        function = self.closure(node, scope)
        if function is None:
            raise UntranslatedError(node, "map needs a closure")
        alone = self._alone(of, function, node, scope)
        if alone is not None:
            return Channel(alone.expr, False, alone.kind)
        name, body = self.applied(of, function, node, scope)
        return self.over(of, name, body)

    def filter(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The items for which a closure holds."""
        function = self.closure(node, scope)
        name = self.names.fresh()
        item = Value(Local(name=name), of.item)
        if function is not None:
            made = value_of(self.evaluator.apply(function, (item,), node, scope), node)
            test = operators.truth(made)
        elif node.args:
            wanted = self.evaluator.value(node.args[0], scope)
            if wanted.kind != "string":
                raise UntranslatedError(node, "what is kept is no closure")
            code = "new RegExp('^(?:' + p + ')$').test(v)"
            test = javascript(code, v=item.expr, p=wanted.expr)
        else:
            raise UntranslatedError(node, "filter needs a closure")
        return self.over(of, name, item, test)

    def flat_map(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The items of what a closure gives."""
        function = self.closure(node, scope)
        if function is None:
            return self.flatten(of, node, scope)
        alone = self._alone(of, function, node, scope)
        if alone is not None:
            return queue(as_list(alone.expr, alone.kind), item_kind(alone.kind))
        name, body = self.applied(of, function, node, scope)
        listed = Each(name=name, over=array_of(of), body=as_list(body.expr, body.kind))
        return queue(call("flatten", listed), item_kind(body.kind))

    def flatten(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The items of the items."""
        if of.item in SCALARS:
            return of
        shallow = of.item == "paths" or (
            isinstance(of.item, tuple) and all(kind in SCALARS for kind in of.item)
        )
        if shallow:
            lists = self.names.each(array_of(of), lambda x: call("merge_flattened", x))
            return queue(call("flatten", lists), item_kind(of.item))
        return queue(javascript(JS_DEEP, v=array_of(of)), "path" if _paths(of.item) else "any")

    def transpose(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """One item for each of the lists in an item."""
        kinds = of.item if isinstance(of.item, tuple) else ("any", "list")
        by = self.by(node, scope) or [i for i, kind in enumerate(kinds) if operators.is_list(kind)]
        if not by:
            return of
        name, index = self.names.fresh(), self.names.fresh()
        item, place = Local(name=name), Local(name=index)
        parts = tuple(
            call("get", call("merge_flattened", at(item, i)), place) if i in by else at(item, i)
            for i in range(len(kinds))
        )
        length = call("length", call("merge_flattened", at(item, by[0])))
        rows = Each(name=index, over=call("range", length), body=Array(items=parts))
        whole = Each(name=name, over=array_of(of), body=rows)
        kind = tuple(item_kind(one) if i in by else one for i, one in enumerate(kinds))
        return queue(call("flatten", whole), kind)

    # --- all items

    def collect(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """All items as one list."""
        function = self.closure(node, scope)
        source = of
        if function is not None:
            name, body = self.applied(of, function, node, scope)
            source = self.over(of, name, body)
        flat = self.option(node, "flat", scope)
        whole = array_of(source)
        inner: Kind = source.item
        if source.item not in SCALARS and not (flat and known(flat.expr)[1] is False):
            lists = self.names.each(whole, lambda x: call("merge_flattened", x))
            whole = call("flatten", lists)
            inner = item_kind(source.item)
        sort = self.option(node, "sort", scope)
        if sort is not None and known(sort.expr)[1] is True and inner in ("string", "int"):
            whole = call("sort", whole)
        return Channel(whole, False, "paths" if inner == "path" else "list")

    def to_list(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """All items as one list, none taken apart."""
        return Channel(array_of(of), False, "paths" if of.item == "path" else "list")

    def to_sorted_list(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """All items as one list, sorted."""
        if node.args:
            return Channel(self._sorted(of, node, scope), False, "list")
        if of.item not in ("string", "int", "float"):
            raise UntranslatedError(node, "the order of what is sorted is not known")
        return Channel(call("sort", array_of(of)), False, "list")

    def _sorted(self, of: Channel, node: tree.Call, scope: Scope) -> Expr:
        """Sort by the item's part that a closure ``{ a, b -> a[0] <=> b[0] }`` compares."""
        function = self.closure(node, scope)
        if function is not None and function.parameters and len(function.parameters) == 2:
            match function.body:
                case (tree.Evaluate(value=tree.Binary(operator="<=>", left=left)),):
                    name = function.parameters[0].name
                    key = Function(
                        (tree.Parameter(0, 0, name),),
                        (tree.Evaluate(left.start, left.end, left),),
                        function.module,
                        function.seen,
                        node,
                    )
                    local, value = self.applied(of, key, node, scope)
                    pairs = Each(
                        name=local,
                        over=array_of(of),
                        body=Array(items=(value.expr, Local(name=local))),
                    )
                    code = "p.slice().sort((a, b) => a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0).map(x => x[1])"
                    return javascript(code, p=pairs)
        raise UntranslatedError(node, "an order that a closure computes")

    def first(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The first item."""
        if not of.queue:
            return of
        source = of
        if node.args:
            found = self.filter(of, node, scope)
            assert isinstance(found, Channel)
            source = found
        one = call("get", call("collect", call("take", source.expr, literal(1))), literal(0))
        return Channel(one, False, of.item)

    def last(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The last item."""
        return of if not of.queue else Channel(call("last", array_of(of)), False, of.item)

    def take(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The first items."""
        count = self.evaluator.value(node.args[0], scope)
        return Channel(call("take", stream_of(of), count.expr), True, of.item)

    def count(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """How many items there are."""
        if node.args:
            found = self.filter(of, node, scope)
            assert isinstance(found, Channel)
            of = found
        return Channel(call("length", array_of(of)), False, "int")

    def sum(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The sum of the items."""
        function = self.closure(node, scope)
        if function is not None:
            name, body = self.applied(of, function, node, scope)
            of = self.over(of, name, body)
        return Channel(call("sum", array_of(of)), False, "int")

    def extreme(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The least or greatest item."""
        if node.args:
            raise UntranslatedError(node, "an order that a closure computes")
        assert isinstance(node.function, (tree.Property, tree.Name))
        code = f"v.reduce((a, x) => a {'<' if node.function.name == 'min' else '>'} x ? a : x)"
        return Channel(javascript(code, v=array_of(of)), False, of.item)

    def unique(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Each item once."""
        if node.args:
            raise UntranslatedError(node, "what makes items the same is computed")
        return queue(call("unique", array_of(of)), of.item)

    def if_empty(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """A value where there is no item."""
        function = self.closure(node, scope)
        given = (
            value_of(self.evaluator.apply(function, (), node, scope), node)
            if function is not None
            else self.evaluator.value(node.args[0], scope)
        )
        kind = operators.same_kind(of.item, given.kind)
        if not of.queue:
            return Channel(call("default", of.expr, given.expr), False, kind)
        whole = array_of(of)
        empty = call("equal", call("length", whole), literal(0))
        return queue(choose(empty, Array(items=(given.expr,)), whole), kind)

    def chunks(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Lists of so many items."""
        size = self.option(node, "size", scope)
        if size is None and node.args and len(node.args) == 1:
            size = self.evaluator.value(node.args[0], scope)
        if size is None or size.kind not in ("int", "any"):
            raise UntranslatedError(node, "what begins and ends a piece is computed")
        pieces = call("chunk", array_of(of), size.expr)
        rest = self.option(node, "remainder", scope)
        assert isinstance(node.function, (tree.Property, tree.Name))
        if node.function.name == "buffer" and (rest is None or known(rest.expr)[1] is not True):
            pieces = self.names.each(
                pieces, lambda x: x, lambda x: call("equal", call("length", x), size.expr)
            )
        return queue(pieces, "paths" if of.item == "path" else "list")

    # --- several channels

    def mix(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The items of several channels."""
        others = self.channels(node, scope)
        kind = operators.same_kind(of.item, *(one.item for one in others))
        return Channel(call("mix", stream_of(of), *map(stream_of, others)), True, kind)

    def concat(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The items of several channels, one after the other."""
        others = self.channels(node, scope)
        kind = operators.same_kind(of.item, *(one.item for one in others))
        return queue(call("concat_arrays", array_of(of), *map(array_of, others)), kind)

    def combine(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Each item with each of another channel."""
        (other,) = self.channels(node, scope)[:1] or (None,)
        if other is None:
            raise UntranslatedError(node, "combine needs a channel")
        by = self.by(node, scope)
        return self._matched(of, other, by, node)

    def join(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Items with those of another channel that have the same key."""
        (other,) = self.channels(node, scope)[:1] or (None,)
        if other is None:
            raise UntranslatedError(node, "join needs a channel")
        rest = self.option(node, "remainder", scope)
        if rest is not None and known(rest.expr)[1] is not False:
            raise UntranslatedError(node, "items without a partner are kept (remainder)")
        return self._matched(of, other, self.by(node, scope) or [0], node)

    def _matched(self, of: Channel, other: Channel, by: Sequence[int], node: tree.Node) -> Channel:
        a, b = self.names.fresh(), self.names.fresh()
        left, right = as_list(Local(name=a), of.item), as_list(Local(name=b), other.item)
        tests = [
            call("equal", call("get", left, literal(i)), call("get", right, literal(i))) for i in by
        ]
        one, two = as_kinds(of.item), as_kinds(other.item)
        rest: Expr = right
        if by:
            if sorted(by) != list(range(len(by))):
                raise UntranslatedError(node, "the key does not stand first")
            rest = call("slice", right, literal(len(by)), literal(None))
        kind: Kind = "any" if one is None or two is None else (*one, *two[len(by) :])
        pairs = Each(
            name=b,
            over=array_of(other),
            body=call("concat_arrays", left, rest),
            where=call("and", *tests) if tests else None,
        )
        return queue(call("flatten", Each(name=a, over=array_of(of), body=pairs)), kind)

    def cross(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Pairs of items with the same key."""
        (other,) = self.channels(node, scope)[:1]
        a, b = self.names.fresh(), self.names.fresh()
        key = call(
            "equal", call("get", Local(name=a), literal(0)), call("get", Local(name=b), literal(0))
        )
        pair = Array(items=(Local(name=a), Local(name=b)))
        inner = Each(name=b, over=array_of(other), body=pair, where=key)
        return queue(
            call("flatten", Each(name=a, over=array_of(of), body=inner)), (of.item, other.item)
        )

    def group_tuple(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Lists of the items with the same key."""
        by = self.by(node, scope) or [0]
        if by != [0]:
            raise UntranslatedError(node, "the key does not stand first alone")
        kinds = of.item if isinstance(of.item, tuple) else None
        pairs = self.names.each(array_of(of), lambda x: Array(items=(at(x, 0), x)))
        groups = call("group_by_key", pairs)
        if kinds is None:
            body = lambda g: call(  # noqa: E731 - one expression, used once
                "concat_arrays",
                Array(items=(at(g, 0),)),
                call(
                    "transpose",
                    self.names.each(
                        at(g, 1), lambda t: call("slice", t, literal(1), literal(None))
                    ),
                ),
            )
            return queue(self.names.each(groups, body), "any")
        width = len(kinds)

        def grouped(g: Expr) -> Expr:
            lists = (self._column(at(g, 1), i) for i in range(1, width))
            return Array(items=(at(g, 0), *lists))

        made = tuple("paths" if kind == "path" else "list" for kind in kinds[1:])
        return queue(self.names.each(groups, grouped), (kinds[0], *made))

    def _column(self, rows: Expr, index: int) -> Expr:
        return self.names.each(rows, lambda row: at(row, index))

    # --- apart

    def branch(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Several channels, each item in the first whose test holds."""
        function = self.closure(node, scope)
        if function is None:
            raise UntranslatedError(node, "branch needs a closure")
        before, ways = _labelled(function.body)
        found: dict[str, Symbol] = {}
        for number, (label, _) in enumerate(ways):
            name = self.names.fresh()
            item = Value(Local(name=name), of.item)
            tests: list[Expr] = []
            value = item
            for earlier, (_, statements) in enumerate(ways[: number + 1]):
                test, rest = statements[:1], statements[1:]
                made = self._way(function, (*before, *test), item, node, scope)
                tests.append(
                    call("not", operators.truth(made))
                    if earlier < number
                    else operators.truth(made)
                )
                if earlier == number and rest:
                    value = self._way(function, (*before, *rest), item, node, scope)
            found[label] = self.over(of, name, value, call("and", *tests))
        return Several(found, "branch")

    def multi_map(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Several channels, each of what a part of the closure gives."""
        function = self.closure(node, scope)
        if function is None:
            raise UntranslatedError(node, "multiMap needs a closure")
        before, ways = _labelled(function.body)
        found: dict[str, Symbol] = {}
        for label, statements in ways:
            name = self.names.fresh()
            item = Value(Local(name=name), of.item)
            found[label] = self.over(
                of, name, self._way(function, (*before, *statements), item, node, scope)
            )
        return Several(found, "multiMap")

    def _way(
        self,
        function: Function,
        body: Sequence[tree.Statement],
        item: Value,
        node: tree.Node,
        scope: Scope,
    ) -> Value:
        way = Function(
            function.parameters, tuple(body), function.module, function.seen, function.node
        )
        return value_of(self.evaluator.apply(way, (item,), node, scope), node)

    def reduce(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Refuse: no function of the IR goes on with what it gave."""
        raise UntranslatedError(node, "a value that grows from item to item")

    def same(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The channel itself."""
        return of

    def split_csv(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The rows of tables."""
        options = {key: self.option(node, key, scope) for key in ("header", "sep", "skip", "by")}
        rows, kind = tables.csv_rows(_content(of), options, node)
        lists = self.names.each(array_of(of), rows)
        return queue(call("flatten", lists), kind)

    def split_text(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """Pieces of so many lines."""
        by = self.option(node, "by", scope)
        pieces = tables.text_pieces(_content(of), by)
        return queue(call("flatten", self.names.each(array_of(of), pieces)), "string")

    def split_json(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """The values of JSON texts."""
        read = _content(of)
        lists = self.names.each(
            array_of(of), lambda x: call("merge_flattened", call("parse_json", read(x)))
        )
        return queue(call("flatten", lists), "any")

    def collect_file(self, of: Channel, node: tree.Call, scope: Scope) -> Symbol:
        """A file of all texts."""
        if self.closure(node, scope) is not None:
            raise UntranslatedError(node, "a closure says which items go into which file")
        name = self.option(node, "name", scope)
        line = self.option(node, "newLine", scope)
        ends = line is not None and known(line.expr)[1] is True
        whole, read = array_of(of), _content(of)
        sort = self.option(node, "sort", scope)
        texts = self.names.each(
            whole, lambda x: call("concat", read(x), text("\n")) if ends else read(x)
        )
        if sort is not None and known(sort.expr)[1] is True:
            texts = call("sort", texts)
        shown: Expr
        if name is not None:
            shown = name.expr
        elif of.item == "path":
            # files of one name go into one file
            return queue(tables.files_by_name(self.names, whole), "path")
        else:
            shown = text("collect-file")
        made = call("literal_file", shown, call("join", texts, text("")))
        result = Channel(call("to_stream", Array(items=(made,))), True, "path")
        if self.option(node, "storeDir", scope) is not None:
            show = getattr(scope.place, "show", None)
            if show is not None:
                show(result, "collectFile", node)
        return result


def _small(expr: Expr) -> bool:
    """Tell whether an expression is only names, in lists that are written out."""
    if isinstance(expr, Array):
        return all(_small(one) for one in expr.items)
    stream = isinstance(expr, Call) and expr.function == "collect" and _small(expr.args[0])
    return stream or isinstance(expr, (Input, Output, Local))


def _content(of: Channel) -> Callable[[Expr], Expr]:
    if of.item == "path":
        return lambda x: call("read_text", x)
    if of.item == "any":
        return lambda x: If(
            test=javascript("v !== null && typeof v === 'object'", v=x),
            then=call("read_text", x),
            otherwise=call("to_string", x),
        )
    return lambda x: x if of.item == "string" else call("to_string", x)


def _paths(kind: Kind) -> bool:
    if isinstance(kind, tuple):
        return bool(kind) and all(_paths(one) for one in kind)
    return kind in ("path", "paths")


def _labelled(
    body: Sequence[tree.Statement],
) -> tuple[list[tree.Statement], list[tuple[str, list[tree.Statement]]]]:
    before: list[tree.Statement] = []
    ways: list[tuple[str, list[tree.Statement]]] = []
    for statement in body:
        if isinstance(statement, tree.Label):
            ways.append((statement.name, []))
        elif ways:
            ways[-1][1].append(statement)
        else:
            before.append(statement)
    return before, ways


OPERATORS: Mapping[str, Callable[[Operators, Channel, tree.Call, Scope], Symbol]] = {
    "map": Operators.map, "filter": Operators.filter, "flatMap": Operators.flat_map,
    "flatten": Operators.flatten, "transpose": Operators.transpose, "collect": Operators.collect,
    "toList": Operators.to_list, "toSortedList": Operators.to_sorted_list,
    "first": Operators.first, "last": Operators.last, "take": Operators.take,
    "count": Operators.count, "sum": Operators.sum, "min": Operators.extreme,
    "max": Operators.extreme, "unique": Operators.unique, "distinct": Operators.unique,
    "ifEmpty": Operators.if_empty, "buffer": Operators.chunks, "collate": Operators.chunks,
    "mix": Operators.mix, "concat": Operators.concat, "combine": Operators.combine,
    "join": Operators.join, "cross": Operators.cross, "groupTuple": Operators.group_tuple,
    "branch": Operators.branch, "multiMap": Operators.multi_map, "reduce": Operators.reduce,
    "splitCsv": Operators.split_csv, "splitText": Operators.split_text,
    "splitJson": Operators.split_json, "collectFile": Operators.collect_file,
    **dict.fromkeys(("dump", "subscribe"), Operators.same),
}  # fmt: skip
