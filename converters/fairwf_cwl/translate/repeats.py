"""Loops that go once over an array and add to texts and arrays: they are maps, filters and joins.

``for (var i = 0; i < xs.length; i++)``, ``for (const x of xs)`` and ``xs.forEach(...)`` are
translated where all that a round does is ``push`` to arrays that the function made, and ``+=`` to
its texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fairwf.ir.canonical import same
from fairwf.ir.expressions import Array, BoolLit, Call, Each, Expr, If, Local, StringLit
from fairwf.ir.walk import walk
from fairwf_cwl.translate.kinds import ABSENT, TEXT, Known, joined, known
from fairwf_cwl.translate.operators import joined_text
from fairwf_cwl.translate.renaming import renamed
from fairwf_cwl.translate.scope import Here, Untranslated, Value
from fairwf_cwl.translate.syntax import field, inside_of, only, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from fairwf_cwl.translate.bodies import Body

_ITEM_NAMES = ("x", "y", "z", "item")


class _Loop(NamedTuple):
    """The array that a loop goes over, its block, the names of its item and of its counter."""

    over: Node
    block: Node
    item: str | None
    counter: str | None


def pushed(work: Body, call: Node, here: Here) -> Here | None:
    """Return the names after ``xs.push(...)``, None for another call.

    Raises:
        Untranslated: the array is not the function's alone.
    """
    callee = field(call, "function")
    if callee.type != "member_expression" or work.work.source(field(callee, "property")) != "push":
        return None
    of = field(callee, "object")
    name = work.work.source(of)
    if of.type != "identifier" or name not in work.own or name not in here.names:
        raise Untranslated("it changes an object, or a name that it did not make")
    _alone(work, name)
    whole = here.names[name]
    if not whole.known.only("array") or whole.known.item is None:
        raise Untranslated("it adds to what may be no array")
    given = [one for one in field(call, "arguments").named_children if one.type != "comment"]
    values = [work.work.value(one, here) for one in given]
    if any(value.known.may("undefined") for value in values):
        raise Untranslated("an item of an array may be undefined")
    items = Array(items=tuple(value.expr for value in values))
    total = all(value.known.total for value in values)
    more = Known(
        frozenset({"array"}),
        item=joined([value.known for value in values]) if values else known(),
        filled=bool(values),
        total=total,
    )
    return work.named(name, _added(whole, Value(items, more)), here)


def _added(whole: Value, more: Value) -> Value:
    """Return one array after the other."""
    assert whole.known.item is not None
    assert more.known.item is not None
    made = Known(
        frozenset({"array"}),
        item=joined([whole.known.item, more.known.item]),
        filled=whole.known.filled or more.known.filled,
        total=whole.known.total and more.known.total,
    )
    if isinstance(whole.expr, Array) and not whole.expr.items:
        return Value(more.expr, made)
    if isinstance(whole.expr, Array) and isinstance(more.expr, Array):
        return Value(Array(items=(*whole.expr.items, *more.expr.items)), made)
    return Value(Call(function="concat_arrays", args=(whole.expr, more.expr)), made)


def _alone(work: Body, name: str) -> None:
    """Demand that an array is made by the function, and has no second name."""
    made = [
        parent.child_by_field_name("value") or parent.child_by_field_name("right")
        for parent in (node.parent for node in _uses(work, work.block, name))
        if parent is not None and parent.type in ("variable_declarator", "assignment_expression")
    ]
    if not made or any(value is None or value.type != "array" for value in made):
        raise Untranslated("it adds to an array that it did not make")
    for node in _uses(work, work.block, name):
        parent = node.parent
        while parent is not None and parent.type == "parenthesized_expression":
            parent = parent.parent
        member = parent is not None and parent.type in ("member_expression", "subscript_expression")
        named = parent is not None and node in (
            parent.child_by_field_name("name"),
            parent.child_by_field_name("left"),
        )
        if not (member or named or _returned(node, work.block)):
            raise Untranslated("it adds to an array that may have two names")


def _uses(work: Body, block: Node, name: str) -> Iterator[Node]:
    return (node for node in _identifiers(block) if work.work.source(node) == name)


def _identifiers(block: Node) -> Iterator[Node]:
    stack = [block]
    while stack:
        node = stack.pop()
        if node.type in ("identifier", "shorthand_property_identifier"):
            yield node
        stack.extend(node.children)


def _returned(node: Node, block: Node) -> bool:
    at: Node | None = node
    while at is not None and at != block:
        if at.type == "return_statement":
            return True
        at = at.parent
    return False


# --- loops --------------------------------------------------------------------------------------


def repeated(work: Body, node: Node, here: Here) -> Here:
    """Return the names after a loop.

    Raises:
        Untranslated: it is no such loop, or does more.
    """
    loop = _loop(work, node, here)
    over = work.work.value(loop.over, here)
    if not over.known.only("array") or over.known.item is None or over.known.may(*ABSENT):
        raise Untranslated("it loops over what may be no array")
    if not over.known.total or inside_of(loop.block, "return_statement", "break_statement"):
        raise Untranslated("it leaves a loop")
    changed, assigned = _changed(work, loop)
    own = f"\0{next(work.work.parameters)}"
    item = Value(Local(name=own), over.known.item)
    inner = here
    for name in changed:
        _only_added(work, loop.block, name)
        if name not in here.names:
            raise Untranslated("a round of a loop uses what those before it made")
        inner = inner.with_name(name, _nothing(here.names[name]))
    for name in assigned:  # until it is given again, it has the value of the round before
        inner = inner.without(name)
    if loop.item is not None:
        inner = inner.with_name(loop.item, item)
    if loop.counter is not None:
        inner = inner.without(loop.counter).with_item(
            work.work.source(loop.over), loop.counter, item
        )
    for one in statements(loop.block):
        inner = work.effect(one, inner)
    after = here if loop.counter is None else here.without(loop.counter)
    for name in assigned:
        after = after.without(name)
    for name in changed:
        added = _all(over, own, loop.item, inner.names[name])
        whole = here.names[name]
        if added.known.only("text"):
            after = work.named(name, joined_text([whole, added]), after)
        else:
            after = work.named(name, _added(whole, added), after)
    return after


def _loop(work: Body, node: Node, here: Here) -> _Loop:
    if node.type == "call_expression":
        return _for_each(work, node)
    block = field(node, "body")
    if node.type == "for_in_statement":
        name = field(node, "left")
        if work.work.source(field(node, "operator")) != "of" or name.type != "identifier":
            raise Untranslated("it has a for in statement")
        return _Loop(field(node, "right"), block, work.work.source(name), None)
    index = _counted(work, node)
    if any(name == index for _, name in here.items):
        raise Untranslated("two loops have the same index")
    test = field(node, "condition")
    if test.type == "expression_statement":
        test = only(test)
    right = test.child_by_field_name("right")
    if (
        test.type != "binary_expression"
        or work.work.source(field(test, "operator")) != "<"
        or work.work.source(field(test, "left")) != index
        or right is None
        or right.type != "member_expression"
        or work.work.source(field(right, "property")) != "length"
    ):
        raise Untranslated("it loops otherwise than once over an array")
    return _Loop(field(right, "object"), block, None, index)


def _counted(work: Body, node: Node) -> str:
    """Return the name of an index that counts up by one from zero."""
    start = field(node, "initializer")
    parts = [part for part in start.named_children if part.type == "variable_declarator"]
    step = field(node, "increment")
    if len(parts) != 1 or step.type != "update_expression":
        raise Untranslated("it loops otherwise than once over an array")
    name = work.work.source(field(parts[0], "name"))
    value = parts[0].child_by_field_name("value")
    counts = work.work.source(step).replace(" ", "") in (f"{name}++", f"++{name}")
    if value is None or work.work.source(value) != "0" or not counts:
        raise Untranslated("it loops otherwise than once over an array")
    return name


def _for_each(work: Body, call: Node) -> _Loop:
    callee = field(call, "function")
    given = [one for one in field(call, "arguments").named_children if one.type != "comment"]
    if callee.type != "member_expression" or len(given) != 1:
        raise Untranslated("it has a call expression as a statement")
    function = given[0]
    if work.work.source(field(callee, "property")) != "forEach":
        raise Untranslated("it has a call expression as a statement")
    one = function.child_by_field_name("parameter") or function.child_by_field_name("parameters")
    if function.type not in ("function_expression", "arrow_function") or one is None:
        raise Untranslated("a function of an uncommon form")
    if one.type == "formal_parameters":
        one = only(one)
    block = field(function, "body")
    if one.type != "identifier" or block.type != "statement_block":
        raise Untranslated("a function of an uncommon form")
    if inside_of(block, "variable_declaration", "lexical_declaration"):
        raise Untranslated("a name that a block makes for itself")
    return _Loop(field(callee, "object"), block, work.work.source(one), None)


def _changed(work: Body, loop: _Loop) -> tuple[list[str], set[str]]:
    """Return the names that a round adds to, and those that it gives a value.

    Raises:
        Untranslated: one of them is of the loop itself.
    """
    assigned: set[str] = set()
    names: list[str] = []
    stack = [loop.block]
    while stack:
        node = stack.pop()
        if node.type == "variable_declarator":
            assigned.add(work.work.source(field(node, "name")))
        elif node.type == "assignment_expression":
            assigned.add(work.work.source(field(node, "left")))
        elif node.type == "augmented_assignment_expression":
            names.append(work.work.source(field(node, "left")))
        elif _pushes(work, node):
            names.append(work.work.source(field(node, "object")))
        stack.extend(node.children)
    changed = [n for n in dict.fromkeys(names) if n not in assigned and n in work.own]
    of_loop = {work.work.source(node) for node in _identifiers(loop.over)}
    of_loop |= {name for name in (loop.item, loop.counter) if name is not None}
    if of_loop & (assigned | {*changed}):
        raise Untranslated("a loop changes what it loops over")
    if loop.item is not None and loop.item in work.own:
        raise Untranslated("it gives a name another meaning")
    return changed, assigned


def _only_added(work: Body, block: Node, name: str) -> None:
    """Demand that a round does nothing with a name but to add to it."""
    for node in _uses(work, block, name):
        parent = node.parent
        adds = (
            parent is not None
            and parent.type == "augmented_assignment_expression"
            and parent.child_by_field_name("left") == node
            and work.work.source(field(parent, "operator")) == "+="
        )
        if not (adds or _pushes(work, parent)):
            raise Untranslated("a round of a loop uses what those before it made")


def _pushes(work: Body, node: Node | None) -> bool:
    if node is None or node.type != "member_expression":
        return False
    return work.work.source(field(node, "property")) == "push"


def _nothing(value: Value) -> Value:
    """Return what a round starts with in place of what is there: nothing is added yet."""
    if value.known.only("text"):
        return Value(StringLit(value=""), TEXT)
    if value.known.only("array"):
        return Value(Array(), Known(frozenset({"array"}), item=known()))
    raise Untranslated("a loop adds to what is no text and no array")


def _all(over: Value, own: str, wanted: str | None, added: Value) -> Value:
    """Return what all rounds add, of what one adds for the item ``own``."""
    taken = {node.name for _, node in walk(added.expr) if isinstance(node, (Local, Each))}
    name = wanted or next((one for one in _ITEM_NAMES if one not in taken), "")
    total = over.known.total and added.known.total

    def each(body: Expr, where: Expr | None = None) -> Expr:
        inside = renamed(body, own, name)
        test = renamed(where, own, name) if where is not None else None
        return Each(name=name, over=over.expr, body=inside, where=test)

    if added.known.only("text"):
        text = Call(function="join", args=(each(added.expr), StringLit(value="")))
        return Value(text, Known(frozenset({"text"}), total=total))
    made = Known(
        frozenset({"array"}),
        item=added.known.item,
        filled=over.known.filled and added.known.filled,
        total=total,
    )
    if isinstance(added.expr, Array) and len(added.expr.items) == 1:
        return Value(each(added.expr.items[0]), made)
    if isinstance(added.expr, If) and isinstance(added.expr.then, Array):
        then, other = added.expr.then, added.expr.otherwise
        if len(then.items) == 1 and same(other, Array()) and not _is_constant(added.expr.test):
            return Value(each(then.items[0], added.expr.test), made)
    return Value(Call(function="flatten", args=(each(added.expr),)), made)


def _is_constant(test: Expr) -> bool:
    return isinstance(test, BoolLit)
