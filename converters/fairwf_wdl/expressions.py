"""WDL's expressions (specification 1.2, "Expressions") as neutral ones; none stays opaque."""

from __future__ import annotations

from collections.abc import Callable

from WDL import Expr as Syntax
from WDL import Type as Types

from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Expr,
    File,
    FloatLit,
    If,
    IntLit,
    NoneLit,
    Record,
)
from fairwf.ir.joining import joined
from fairwf_wdl.build import call, each, if_defined, member, text
from fairwf_wdl.coercion import Coercion
from fairwf_wdl.context import Context
from fairwf_wdl.library import LIBRARY
from fairwf_wdl.maps import has_path_keys
from fairwf_wdl.strings import decoded, multi_line
from fairwf_wdl.surroundings import Surroundings

MAX_DEPTH = 200
Function = Callable[["Translator", Syntax.Apply], Expr]
"""What a function of WDL becomes where it is applied."""


class Translator:
    """Translates the expressions of one place."""

    def __init__(self, context: Context, place: Surroundings) -> None:
        self.context = context
        self.surroundings = place
        self.coercion = Coercion(context, place.in_task, place.may_lack)
        self._depth = 0
        self._guards: list[Expr] = []

    def expression(self, node: Syntax.Base, wanted: Types.Base | None = None) -> Expr:
        """Return the expression, its value of the type that is wanted.

        Raises:
            UnsupportedError: FWF1403, with its place.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.context.unsupported("an expression that is nested so deeply", node)
        found = self._expression(node, wanted)
        self._depth -= 1
        return self.context.place(found, node)

    def value(self, node: Syntax.Base) -> Expr:
        """Return the expression, its value of its own type."""
        return self.expression(node, None)

    def text(self, node: Syntax.Base) -> Expr:
        """Return the text of a value that is not none."""
        return self.expression(node, Types.String())

    def _expression(self, node: Syntax.Base, wanted: Types.Base | None) -> Expr:
        if self.surroundings.in_task:
            for type_ in (node.type, wanted):
                if type_ is not None and has_path_keys(type_):
                    # keys stand as texts, and the path of a file is another one in each place
                    raise self.context.unsupported(
                        f"a value of the type {type_} in a task",
                        node,
                        "give pairs, Array[Pair[File, ...]], in place of a map with files as keys",
                    )
        if isinstance(node, (Syntax.Array, Syntax.Pair, Syntax.Map, Syntax.Struct)):
            return self._composed(node, wanted)
        if isinstance(node, Syntax.IfThenElse):
            return self._choice(node, node.type if wanted is None else wanted)
        if wanted is not None and isinstance(wanted, Types.File) and not self.surroundings.in_task:
            literal = node.literal if isinstance(node, Syntax.String) else None
            if literal is not None:
                return File(location=str(literal.value))
        found = self._plain(node)
        return found if wanted is None else self.coercion.to(found, node.type, wanted)

    def _choice(self, node: Syntax.IfThenElse, type_: Types.Base) -> Expr:
        test = self.value(node.condition)
        self._guards.append(test)
        then = self.expression(node.consequent, type_)
        self._guards[-1] = call("not", test)
        otherwise = self.expression(node.alternative, type_)
        self._guards.pop()
        return If(test=test, then=then, otherwise=otherwise)

    def written(self, suffix: str, content: Expr, node: Syntax.Base) -> Expr:
        """Return a file with a text, which need not be made where its branch is not taken."""
        if self._guards:
            guard = call("and", *self._guards) if len(self._guards) > 1 else self._guards[0]
            content = If(test=guard, then=content, otherwise=NoneLit())
        return self.surroundings.written(suffix, content, node)

    def _plain(self, node: Syntax.Base) -> Expr:
        match node:
            case Syntax.Boolean():
                return BoolLit(value=node.value)
            case Syntax.Int():
                return IntLit(value=node.value)
            case Syntax.Float():
                return FloatLit(value=node.value)
            case Syntax.Null():
                return NoneLit()
            case Syntax.String():
                return self.string(node)
            case Syntax.Ident():
                return self.surroundings.lookup(str(node.name), node)
            case Syntax.Get():
                return self._get(node)
            case Syntax.Apply():
                return self._apply(node)
        raise self.context.unsupported(f"the expression {node!s:.60}", node)

    def _get(self, node: Syntax.Get) -> Expr:
        if node.member is None:
            return self._plain(node.expr)
        of = node.expr.type
        if isinstance(of, Types.StructInstance) and of.type_name == "__task":
            return self.surroundings.task(str(node.member), node)
        return member(self.value(node.expr), str(node.member))

    def _apply(self, node: Syntax.Apply) -> Expr:
        function = LIBRARY.get(node.function_name)
        if function is None:
            raise self.context.unsupported(f"the function {node.function_name}()", node)
        return function(self, node)

    # --- composed values

    def _composed(self, node: Syntax.Base, wanted: Types.Base | None) -> Expr:
        type_ = node.type if wanted is None else wanted
        if isinstance(node, Syntax.Array):
            if not isinstance(type_, Types.Array):
                return self.coercion.to(self._composed(node, None), node.type, type_)
            return Array(items=tuple(self.expression(one, type_.item_type) for one in node.items))
        if isinstance(node, Syntax.Pair):
            if not isinstance(type_, Types.Pair):
                return self.coercion.to(self._composed(node, None), node.type, type_)
            return Record(
                fields={
                    "left": self.expression(node.left, type_.left_type),
                    "right": self.expression(node.right, type_.right_type),
                }
            )
        if isinstance(node, Syntax.Map):
            return self._map(node, type_)
        assert isinstance(node, Syntax.Struct)
        return self._struct(node, type_)

    def _map(self, node: Syntax.Map, type_: Types.Base) -> Expr:
        if isinstance(type_, Types.StructInstance):
            pairs = [(key.literal, value) for key, value in node.items]
            named = {str(key.value): value for key, value in pairs if key is not None}
            if len(named) < len(node.items):
                raise self.context.unsupported("a struct of a map with computed keys", node)
            return self._members(named, type_.members or {})
        if not isinstance(type_, Types.Map):
            type_ = node.type
        assert isinstance(type_, Types.Map)
        keys, values = type_.item_type
        literals = [key.literal for key, _ in node.items]
        if all(one is not None and isinstance(one.type, Types.String) for one in literals):
            names = [str(one.value) for one in literals if one is not None]
            if len(set(names)) == len(names):
                items = (self.expression(value, values) for _, value in node.items)
                return Record(fields=dict(zip(names, items, strict=True)))
        own = node.type.item_type[0] if isinstance(node.type, Types.Map) else keys
        entries = (
            Array(
                items=(
                    self.coercion.text(self.expression(key, own), own),
                    self.expression(value, values),
                )
            )
            for key, value in node.items
        )
        return call("as_map", Array(items=tuple(entries)))

    def _struct(self, node: Syntax.Struct, type_: Types.Base) -> Expr:
        if isinstance(type_, Types.Map):
            values = type_.item_type[1]
            fields = {str(name): self.expression(one, values) for name, one in node.members.items()}
            return Record(fields=fields)
        if isinstance(type_, Types.StructInstance):
            return self._members(node.members, type_.members or {})
        return Record(fields={str(name): self.value(one) for name, one in node.members.items()})

    def _members(self, given: dict[str, Syntax.Base], wanted: dict[str, Types.Base]) -> Expr:
        return Record(
            fields={
                str(name): self.expression(given[name], type_) if name in given else NoneLit()
                for name, type_ in wanted.items()
            }
        )

    # --- texts

    def string(self, node: Syntax.String) -> Expr:
        """Return a text with its placeholders."""
        if isinstance(node, Syntax.MultiLineString):
            parts = multi_line(node)
        else:
            parts = [*node.parts[1:-1]]
        return joined(
            *(
                self.placeholder(part)
                if isinstance(part, Syntax.Placeholder)
                else text(decoded(part, node, self.context))
                for part in parts
            )
        )

    def placeholder(self, node: Syntax.Placeholder) -> Expr:
        """Return the text that a placeholder writes; none writes nothing, or its default."""
        options, type_ = node.options, node.expr.type
        value = self.value(node.expr)
        default = text(options.get("default", ""))
        written = self._written(node, type_.copy(optional=False))
        if type_.optional:
            return if_defined(self.context, value, written, default)
        return written(value)

    def _written(self, node: Syntax.Placeholder, type_: Types.Base) -> Callable[[Expr], Expr]:
        options = node.options
        if isinstance(type_, Types.Array):
            items = self.texts(type_.item_type)
            return lambda value: call("join", items(value), text(options.get("sep", "")))
        if isinstance(type_, Types.Boolean) and "true" in options:
            return lambda value: If(
                test=value, then=text(options["true"]), otherwise=text(options["false"])
            )
        if isinstance(type_, (Types.Map, Types.Pair, Types.StructInstance, Types.Object)):
            raise self.context.unsupported(
                f"a placeholder of the type {type_}", node, "write its members one by one"
            )
        return lambda value: self.coercion.text(value, type_)

    def texts(self, type_: Types.Base) -> Callable[[Expr], Expr]:
        """Return what makes texts of the items of an array; none is the empty text."""
        inner = type_.copy(optional=False)

        def one(value: Expr) -> Expr:
            if type_.optional:
                return if_defined(
                    self.context, value, lambda known: self.coercion.text(known, inner), text("")
                )
            return self.coercion.text(value, type_)

        if isinstance(type_, (Types.String, Types.Int, Types.Boolean)) and not type_.optional:
            return lambda value: value
        return lambda value: each(self.context, value, one)
