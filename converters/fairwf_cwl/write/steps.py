"""Steps of a workflow: links, scatter, conditions, valueFrom with the inputs that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from fairwf.formats import Source
from fairwf.ir.canonical import same
from fairwf.ir.expressions import (
    Expr,
    Local,
)
from fairwf.ir.origins import Span
from fairwf.ir.workflow import ProcessRef, Scatter, Step, Workflow
from fairwf.report import Report
from fairwf.source import SourceList, SourceMap
from fairwf_cwl.context import FEATURES, Context, Scope
from fairwf_cwl.idmaps import Entry
from fairwf_cwl.interpolate import has_expression
from fairwf_cwl.links import Links
from fairwf_cwl.names import short
from fairwf_cwl.ports import PortReader
from fairwf_cwl.steps import StepReader, StepSource
from fairwf_cwl.write.javascript_text import CannotSayError, Naming, definitions_for, javascript
from fairwf_cwl.write.links import link, loaded
from fairwf_cwl.write.loops import (
    entry_of,
    going,
    is_link,
    looping,
    naming_of_next,
    state_name,
)
from fairwf_cwl.write.plans import (
    Plan,
    naming_of,
    over_of,
    plan_of,
    ports_of,
    when_naming,
)
from fairwf_cwl.write.texts import FORMS, Texts, text_of, wrapped
from fairwf_cwl.write.values import Values

Place = tuple[Literal["in", "when", "next"], str]
"""Where an expression stands: an input's value, the condition, what a loop makes of a state."""
Different = list[tuple[Place, Expr]]
_WHEN: Place = ("when", "")
_NOWHERE = Span("-", 1, 1, 1, 1)
_METHODS = {
    "dot": "dotproduct",
    "flat_crossproduct": "flat_crossproduct",
    "nested_crossproduct": "nested_crossproduct",
}


def sourced(value: Any) -> Any:
    """Return plain values as the reader has them, without positions."""
    if isinstance(value, Mapping):
        result = SourceMap(_NOWHERE)
        for key, item in value.items():
            result.put(key, sourced(item), _NOWHERE, _NOWHERE)
        return result
    if isinstance(value, (list, tuple)):
        items = SourceList(_NOWHERE)
        for item in value:
            items.put(sourced(item), _NOWHERE)
        return items
    return value


class StepWriter:
    """Writes the steps of one workflow.

    ``javascript`` says whether it is in force, ``libraries`` what it may use.
    """

    def __init__(self, workflow: Workflow, texts: Texts, values: Values) -> None:
        self.workflow = workflow
        self.texts = texts
        self.values = Values()  # what is read back to be compared is not moved
        self._moved = values
        self._inputs = {port.id: port.type for port in workflow.inputs}
        self.types: dict[str, Any] = {}
        self.types = {
            step.id: self._source(step, _outline(step)).output_types() for step in workflow.steps
        }

    def tree(self, step: Step) -> dict[str, Any]:
        """Return a step in normal form as CWL, without ``run``.

        Raises:
            CannotSayError: it is not in normal form.
        """
        plan = plan_of(_first(step))
        texts, found, different = self._settled(step, plan)
        for (_, name), expression in different:
            raise CannotSayError(f"the value of {name!r:.60} cannot be written", expression)
        _same_order(step, found)
        if step.loop is not None and (found.loop is None or not same(found.loop, step.loop)):
            raise CannotSayError("CWL cannot write this loop", step.loop)
        return self._tree(step, plan, texts, self._moved)

    def looping(self, step: Step) -> Step:
        """Return a step with its loop as CWL has it, the step itself where it has none.

        Raises:
            CannotSayError: CWL has no such loop.
        """
        if step.loop is None:
            return step

        def first_output(earlier: str) -> str:
            return self._order_source(step, earlier).partition("/")[2]

        return looping(step, first_output)

    def normal(self, step: Step) -> tuple[Step, tuple[str, ...], list[Expr]]:
        """Return the step in normal form, the definitions it needs, and what became JavaScript.

        Raises:
            CannotSayError: an expression has no form in CWL, or needs JavaScript where that is
                not in force.
        """
        plan = plan_of(_first(step))
        texts, found, rewritten = self._settled(step, plan)
        if not rewritten:
            _same_order(step, found)
            changed = step.loop is not None and not same(found.loop, step.loop)  # type: ignore[arg-type]
            return (msgspec.structs.replace(step, loop=found.loop) if changed else step), (), []
        if not self.texts.javascript:
            raise CannotSayError("this expression needs JavaScript", rewritten[0][1])
        needed: list[str] = []
        for place, expression in rewritten:
            code = javascript(expression, _naming(step, plan, place), self.texts.rounded)
            texts[place] = wrapped(code, expression)
            needed.append(code)
        found = self._read(step, self._tree(step, plan, texts))
        _same_order(step, found)
        result = msgspec.structs.replace(
            step, inputs=found.inputs, when=found.when, loop=found.loop
        )
        definitions = definitions_for(*needed)
        return result, definitions, [expression for _, expression in rewritten]

    def _settled(self, step: Step, plan: Plan) -> tuple[dict[Place, str], Step, Different]:
        """Return the texts of computed values, how the step reads with them, and what differs."""
        computed: dict[Place, Expr] = {("in", n): value for n, value in plan.values.items()}
        if step.when is not None:
            computed[_WHEN] = step.when
        if step.loop is not None:
            computed[_WHEN] = going(step.loop)
            following = step.loop.next.items()
            computed.update({("next", n): value for n, value in following if not is_link(value)})
        forms = (text_of, *FORMS) if self.texts.javascript else (text_of,)
        left = {place: iter(forms) for place in computed}
        texts: dict[Place, str] = {}
        found, different = None, [*computed.items()]
        while True:
            changed = False
            for place, expression in different:
                naming = _naming(step, plan, place)
                said = (form(expression, naming) for form in left.get(place, ()))
                text = next((text for text in said if text is not None), None)
                if text is not None and (place != _WHEN or has_expression(text)):
                    texts[place], changed = text, True
            if found is not None and not changed:
                return texts, found, different
            found = self._read(step, self._tree(step, plan, texts))
            different = self._different(step, found)
            if not different:
                return texts, found, []

    def _different(self, step: Step, found: Step) -> Different:
        """Return what is read differently."""
        rows: Different = []
        if step.loop is not None and found.loop is not None:
            rows += _unlike("in", step.loop.state, found.loop.state)
            rows += _unlike("next", step.loop.next, found.loop.next)
            if not same(found.loop.until, step.loop.until):
                rows.append((_WHEN, going(step.loop)))
        rows += _unlike("in", step.inputs, found.inputs)
        if step.when is not None and (found.when is None or not same(found.when, step.when)):
            rows.append((_WHEN, step.when))
        return rows

    # --- trees --------------------------------------------------------------------------------

    def _tree(
        self, step: Step, plan: Plan, texts: Mapping[Place, str], values: Values | None = None
    ) -> dict[str, Any]:
        tree = _outline(step)
        given = _first(step).inputs
        order = [*given, *(name for name in plan.links if name not in given)]
        for name in order:
            if short(name) != name or not name:
                raise CannotSayError(f"CWL cannot write the name {name!r:.60}", step)
            base, fields = loaded(plan.seen[name])
            value = plan.links[name] if isinstance(base, Local) else plan.seen[name]
            entry = link(value, values or self.values)
            if entry is None:
                raise CannotSayError("this link cannot be written", value)
            if value is not plan.seen[name]:
                entry = {**entry, **fields}
            if name in plan.values:
                entry["valueFrom"] = texts.get(("in", name), "")
            source = entry.get("source")
            short_form = list(entry) == ["source"] and (
                isinstance(source, str) or (isinstance(source, list) and len(source) > 1)
            )
            tree["in"][name] = source if short_form else entry
        for name in step.after:
            tree["in"][self._order_name(step, plan, name)] = self._order_source(step, name)
        if step.when is not None:
            tree["when"] = texts.get(_WHEN, "$(null)")
        if step.loop is not None:
            tree["when"] = texts.get(_WHEN, "$(null)")
            tree["loop"] = {
                name: entry_of(value, None if is_link(value) else texts.get(("next", name), ""))
                for name, value in step.loop.next.items()
            }
        return tree

    def _order_name(self, step: Step, plan: Plan, earlier: str) -> str:
        taken = {*plan.links, *plan.handed, *ports_of(step)}
        name = base = f"after_{earlier}"
        while name in taken:
            name += "_"
        if short(base) != base:
            raise CannotSayError(f"CWL cannot write the name {base!r:.60}", step)
        return name

    def _order_source(self, step: Step, earlier: str) -> str:
        """Return an output of the earlier step: an input that nothing uses orders the steps."""
        for port in self.types.get(earlier, ()):
            return f"{earlier}/{port}"
        raise CannotSayError(f"the step {earlier!r:.60} has no output to wait for", step)

    def _source(self, step: Step, tree: dict[str, Any]) -> StepSource:
        requirements = {name: sourced({}) for name in FEATURES}
        if self.texts.javascript:
            node = sourced({"expressionLib": list(self.texts.libraries)})
            requirements["InlineJavascriptRequirement"] = node
        scope = Scope(requirements=requirements)
        if isinstance(step.run, ProcessRef):
            raise CannotSayError("a reference to a shared process was not resolved", step)
        entry = Entry(step.id, sourced(tree), _NOWHERE, _NOWHERE)
        return StepSource(step.id, entry, scope, step.run, {})

    def _read(self, step: Step, tree: dict[str, Any]) -> Step:
        context = Context(Source(name="-", given=b""), Report())
        source = self._source(step, tree)
        links = Links(context.report, "", self._inputs, self.types)
        found = StepReader(context, links, PortReader(context, source.scope)).read(source)
        for diagnostic in context.report.errors:
            raise CannotSayError(diagnostic.message, step)
        return found


def _first(step: Step) -> Step:
    """Return the step as its first round sees it."""
    if step.loop is None:
        return step
    return msgspec.structs.replace(step, inputs=step.loop.state, loop=None)


def _unlike(
    where: Literal["in", "next"], wanted: Mapping[str, Expr], found: Mapping[str, Expr]
) -> Different:
    return [
        ((where, name), value)
        for name, value in wanted.items()
        if name not in found or not same(found[name], value)
    ]


def _naming(step: Step, plan: Plan, place: Place) -> Naming:
    where, name = place
    if step.loop is not None and where == "when":
        return state_name
    if step.loop is not None and where == "next":
        return naming_of_next(step.loop.next[name])
    return naming_of(plan, name) if where == "in" else when_naming(plan, ports_of(step))


def _same_order(step: Step, found: Step) -> None:
    if found.after != step.after:
        raise CannotSayError("CWL cannot write the order of these steps", step)


def _outline(step: Step) -> dict[str, Any]:
    tree: dict[str, Any] = {"in": {}}
    names = [part.name for part in over_of(step)]
    if names:
        tree["scatter"] = names[0] if len(names) == 1 else names
        mode = step.scatter.mode if isinstance(step.scatter, Scatter) else "dot"
        if len(names) > 1 or mode != "dot":
            tree["scatterMethod"] = _METHODS[mode]
    if step.when is not None:
        tree["when"] = ""
    if step.loop is not None:
        method = "all_iterations" if step.loop.outputs == "all" else "last_iteration"
        tree.update({"when": "", "loop": {}, "outputMethod": method})
    if not isinstance(step.run, ProcessRef):
        tree["out"] = [port.id for port in step.run.outputs]
    return tree
