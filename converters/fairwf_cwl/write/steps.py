"""Steps of a workflow: links, scatter, conditions, valueFrom with the inputs that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fairwf.formats import Source
from fairwf.ir.canonical import canonical_bytes, same
from fairwf.ir.expressions import (
    Directory,
    Expr,
    File,
    Input,
    Local,
    NoneLit,
    Opaque,
    Output,
    StepInput,
    Template,
)
from fairwf.ir.origins import Span
from fairwf.ir.walk import children, walk
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
from fairwf_cwl.write.javascript_text import (
    CannotSayError,
    Naming,
    definitions_for,
    javascript,
    member,
)
from fairwf_cwl.write.links import link, loaded, merged
from fairwf_cwl.write.texts import Texts, idiomatic, text_of
from fairwf_cwl.write.values import Values

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


@dataclass
class Plan:
    """What stands in a step's ``in``: the link of each input, and its valueFrom if any."""

    links: dict[str, Expr] = field(default_factory=dict)
    seen: dict[str, Expr] = field(default_factory=dict)
    values: dict[str, Expr] = field(default_factory=dict)
    when: Expr | None = None
    handed: dict[str, Expr] = field(default_factory=dict)


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
        self._types: dict[str, Any] = {}
        self._types = {
            step.id: self._source(step, _outline(step)).output_types() for step in workflow.steps
        }

    def tree(self, step: Step) -> dict[str, Any]:
        """Return a step in normal form as CWL, without ``run``.

        Raises:
            CannotSayError: it is not in normal form.
        """
        plan = self._plan(step)
        tree = self._tree(step, plan, {})
        found = self._read(step, tree)
        for name, expression in self._different(step, found):
            raise CannotSayError(f"the value of {name!r:.60} cannot be written", expression)
        _same_order(step, found)
        return self._tree(step, plan, {}, self._moved)

    def normal(self, step: Step) -> tuple[Step, tuple[str, ...], list[Expr]]:
        """Return the step in normal form, the definitions it needs, and what became JavaScript.

        Raises:
            CannotSayError: an expression has no form in CWL, or needs JavaScript where that is
                not in force.
        """
        plan = self._plan(step)
        codes: dict[str, str] = {}
        found = self._read(step, self._tree(step, plan, codes))
        rewritten = self._different(step, found)
        if not rewritten:
            _same_order(step, found)
            return step, (), []
        if not self.texts.javascript:
            raise CannotSayError("this expression needs JavaScript", rewritten[0][1])
        needed: list[str] = []
        for name, expression in rewritten:
            naming = _when_naming(plan, _ports(step)) if name == "" else _naming(plan, name)
            codes[name] = javascript(expression, naming, self.texts.rounded)
            needed.append(codes[name])
        found = self._read(step, self._tree(step, plan, codes))
        _same_order(step, found)
        result = msgspec.structs.replace(step, inputs=found.inputs, when=found.when)
        definitions = definitions_for(*needed)
        return result, definitions, [expression for _, expression in rewritten]

    def _different(self, step: Step, found: Step) -> list[tuple[str, Expr]]:
        """Return the inputs (and ``""`` for the condition) that are read differently."""
        rows: list[tuple[str, Expr]] = []
        for name, expression in step.inputs.items():
            if name not in found.inputs or not same(found.inputs[name], expression):
                rows.append((name, expression))
        if step.when is not None and (found.when is None or not same(found.when, step.when)):
            rows.append(("", step.when))
        return rows

    # --- what stands in `in` ------------------------------------------------------------------

    def _plan(self, step: Step) -> Plan:
        if isinstance(step.run, ProcessRef):
            raise CannotSayError("a reference to a shared process was not resolved", step)
        plan = Plan(when=step.when)
        over = {part.name: part.value for part in _over(step)}
        wanted, handed = _wanted(step)
        for name, value in over.items():
            if link(value, self.values) is None:
                raise CannotSayError("CWL scatters over links only", value)
            plan.links[name] = value
            plan.seen[name] = Local(name=name)
        ports = _ports(step)
        items = {name: Local(name=name) for name in over if name not in ports}
        plan.handed = {**items, **handed, **step.inputs}
        for name, value in wanted.items():
            if name in over:
                if loaded(value)[1] and same(loaded(value)[0], Local(name=name)):
                    plan.seen[name] = value
            elif link(value, self.values) is not None:
                plan.links[name] = plan.seen[name] = value
        for name, value in plan.handed.items():
            if name in over:
                inner, fields = loaded(value)
                if fields and same(inner, Local(name=name)):
                    plan.seen[name] = value
            elif name not in plan.links and link(value, self.values) is not None:
                plan.links[name] = plan.seen[name] = value
        for name, value in plan.handed.items():
            if name not in plan.seen or not same(plan.seen[name], value):
                plan.values[name] = value
                self._bases(plan, step, name, value)
        if step.when is not None:
            self._conditions(plan, step, step.when)
        for name in plan.handed:
            plan.links.setdefault(name, NoneLit())
            plan.seen.setdefault(name, NoneLit())
        return plan

    def _bases(self, plan: Plan, step: Step, name: str, value: Expr) -> None:
        """Give every link inside a computed value a name: ``self``, or an input beside it."""
        for part in self._parts(value, plan):
            if any(same(part, seen) for seen in plan.seen.values()):
                continue
            free = name not in plan.links
            into = name if free else self._fresh(plan, step, part)
            plan.links[into] = plan.seen[into] = part

    def _conditions(self, plan: Plan, step: Step, when: Expr) -> None:
        for part in self._parts(when, plan, handed=True):
            if isinstance(part, StepInput):
                continue
            ports = _ports(step)
            alone = link(part, self.values) is None  # then it is named as it is handed over
            if any(same(part, v) for n, v in plan.handed.items() if alone or n not in ports):
                continue
            into = self._fresh(plan, step, part)
            plan.links[into] = plan.seen[into] = part
            plan.handed[into] = part

    def _parts(self, value: Expr, plan: Plan, handed: bool = False) -> Iterator[Expr]:
        """Yield the largest links inside a value, but those that opaque texts name."""
        known = plan.handed.values() if handed else plan.seen.values()
        stack: list[Any] = [value]
        while stack:
            node = stack.pop()
            if isinstance(node, Opaque) and _named_by_cwl(node, plan):
                continue
            if any(node is not value and same(node, seen) for seen in known):
                yield node
                continue
            if isinstance(node, (Input, Output, Local, StepInput, File, Directory)) or (
                not isinstance(node, Opaque)
                and (loaded(node)[1] or _joins(node))
                and link(node, self.values) is not None
            ):
                if not isinstance(node, Local) or node.name in plan.links:
                    yield node
                continue
            stack.extend(reversed([child for _, child in children(node)]))

    def _fresh(self, plan: Plan, step: Step, part: Expr) -> str:
        refs = [n for _, n in walk(part) if isinstance(n, (Input, Output, Local))]
        first = refs[0] if refs else None
        base = first.port if isinstance(first, Output) else getattr(first, "name", "value")
        taken = {*plan.links, *plan.handed, *_ports(step)}
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        return name

    # --- trees --------------------------------------------------------------------------------

    def _tree(
        self, step: Step, plan: Plan, codes: Mapping[str, str], values: Values | None = None
    ) -> dict[str, Any]:
        tree = _outline(step)
        order = [*step.inputs, *(name for name in plan.links if name not in step.inputs)]
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
                code = codes.get(name)
                expression = plan.values[name]
                text = self._text(expression, _naming(plan, name)) if code is None else f"$({code})"
                entry["valueFrom"] = "" if text is None else text
            source = entry.get("source")
            short_form = list(entry) == ["source"] and (
                isinstance(source, str) or (isinstance(source, list) and len(source) > 1)
            )
            tree["in"][name] = source if short_form else entry
        for name in step.after:
            tree["in"][self._order_name(step, plan, name)] = self._order_source(step, name)
        if step.when is not None:
            code = codes.get("")
            text = (
                self._text(step.when, _when_naming(plan, _ports(step)))
                if code is None
                else f"$({code})"
            )
            tree["when"] = text if text is not None and has_expression(text) else "$(null)"
        return tree

    def _text(self, expression: Expr, naming: Naming) -> str | None:
        """Return a text that may say an expression; reading the step again tells."""
        form = idiomatic if self.texts.javascript else text_of
        return form(expression, naming)

    def _order_name(self, step: Step, plan: Plan, earlier: str) -> str:
        taken = {*plan.links, *plan.handed, *_ports(step)}
        name = base = f"after_{earlier}"
        while name in taken:
            name += "_"
        if short(base) != base:
            raise CannotSayError(f"CWL cannot write the name {base!r:.60}", step)
        return name

    def _order_source(self, step: Step, earlier: str) -> str:
        """Return an output of the earlier step: an input that nothing uses orders the steps."""
        for port in self._types.get(earlier, ()):
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
        links = Links(context.report, "", self._inputs, self._types)
        found = StepReader(context, links, PortReader(context, source.scope)).read(source)
        for diagnostic in context.report.errors:
            raise CannotSayError(diagnostic.message, step)
        return found


def _joins(node: Expr) -> bool:
    """Tell whether a link has several sources."""
    found = merged(node)
    return found is not None and isinstance(found["source"], list)


def _same_order(step: Step, found: Step) -> None:
    if found.after != step.after:
        raise CannotSayError("CWL cannot write the order of these steps", step)


def _outline(step: Step) -> dict[str, Any]:
    tree: dict[str, Any] = {"in": {}}
    names = [part.name for part in _over(step)]
    if names:
        tree["scatter"] = names[0] if len(names) == 1 else names
        mode = step.scatter.mode if isinstance(step.scatter, Scatter) else "dot"
        if len(names) > 1 or mode != "dot":
            tree["scatterMethod"] = _METHODS[mode]
    if step.when is not None:
        tree["when"] = ""
    if not isinstance(step.run, ProcessRef):
        tree["out"] = [port.id for port in step.run.outputs]
    return tree


def _over(step: Step) -> tuple[Any, ...]:
    if step.scatter is None:
        return ()
    if not isinstance(step.scatter, Scatter) or step.scatter.mode == "stream":
        raise CannotSayError("CWL has no such scatter", step.scatter)
    return step.scatter.over


def _ports(step: Step) -> set[str]:
    return set() if isinstance(step.run, ProcessRef) else {port.id for port in step.run.inputs}


def _named_by_cwl(node: Opaque, plan: Plan) -> bool:
    """Tell whether the names of an opaque text mean here what it takes them for."""

    def means(path: tuple[str, ...], value: Expr) -> bool:
        if path[:1] == ("inputs",) and len(path) == 2 and link(value, Values()) is None:
            seen = plan.seen.get(path[1])
            return seen is not None and same(seen, value)
        return path[:1] in (("inputs",), ("self",), ("runtime",))

    return node.language == "javascript" and all(means(b.path, b.value) for b in node.bindings)


def _direct(expression: Expr) -> Iterator[Opaque]:
    """Yield the opaque texts that an expression is written with, not those inside bindings."""
    parts = expression.parts if isinstance(expression, Template) else (expression,)
    for part in parts:
        if isinstance(part, Opaque):
            yield part


def _wanted(step: Step) -> tuple[dict[str, Expr], dict[str, Expr]]:
    """Return what opaque texts want inputs to be: before valueFrom, and for ``when`` after."""
    seen: dict[str, Expr] = {}
    handed: dict[str, Expr] = {}
    ports = _ports(step)
    todo = dict(step.inputs)
    for opaque in _direct(step.when) if step.when is not None else ():
        for binding in opaque.bindings:
            if binding.path[:1] == ("inputs",) and len(binding.path) == 2:
                name = binding.path[1]
                if name not in ports:
                    handed[name] = todo[name] = binding.value
    for own, expression in todo.items():
        for opaque in _direct(expression):
            for binding in opaque.bindings:
                if binding.path == ("self",) and own not in seen:
                    seen[own] = binding.value
                elif binding.path[:1] == ("inputs",) and len(binding.path) == 2:
                    seen.setdefault(binding.path[1], binding.value)
    return seen, handed


def _is_named(expression: Expr) -> bool:
    kinds = (Input, Output, Local, File, Directory)
    return any(isinstance(n, kinds) for _, n in walk(expression))


def _naming(plan: Plan, own: str) -> Any:
    table: dict[bytes, str] = {}
    for name, expression in plan.seen.items():
        if _is_named(expression):
            table.setdefault(canonical_bytes(expression), member("inputs", name))
    if own in plan.seen and _is_named(plan.seen[own]):
        table[canonical_bytes(plan.seen[own])] = "self"
    return lambda node: table.get(canonical_bytes(node))


def _when_naming(plan: Plan, ports: set[str]) -> Any:
    table: dict[bytes, str] = {}
    # An input beside those of the process first: one of them would be read as a StepInput.
    for name, expression in sorted(plan.handed.items(), key=lambda row: row[0] in ports):
        if _is_named(expression):
            table.setdefault(canonical_bytes(expression), member("inputs", name))

    def naming(node: Expr) -> str | None:
        if isinstance(node, StepInput):
            return member("inputs", node.name)
        return table.get(canonical_bytes(node))

    return naming
