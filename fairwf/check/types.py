"""Types: what a link, default, condition or output gives fits where it goes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from fairwf.check.assignability import Fit, fit, takes_none, without_none
from fairwf.check.findings import Findings
from fairwf.check.infer import infer, items_of
from fairwf.check.literals import exact, has_enum, symbols
from fairwf.check.sites import Placed, Site, placed, resolve, sites_of
from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Expr,
    FloatLit,
    If,
    IntLit,
    NoneLit,
    Record,
    StringLit,
)
from fairwf.ir.types import (
    AnyType,
    ArrayType,
    FloatType,
    IntType,
    KeyedType,
    OptionalType,
    RecordType,
    StreamType,
    StringType,
    Type,
)
from fairwf.ir.types_text import describe
from fairwf.ir.workflow import Process, Pure, Scatter, Step, Workflow
from fairwf.source import did_you_mean


def check_types(root: Process, findings: Findings) -> None:
    """Tell of values that never fit (errors) or may not fit when it runs (warnings)."""
    for place in placed(root):
        found = {}
        for site in sites_of(place):
            _site(site, findings)
            found[id(site.expression)] = site
        if isinstance(place.process, Workflow):
            _workflow(place.process, place, found, findings)


def _site(site: Site, findings: Findings) -> None:
    given = infer(site.expression, site.scope, findings.tell)
    if site.wanted is not None:
        _fits(site, given, site.wanted, findings)


def _fits(site: Site, given: Type, wanted: Type, findings: Findings) -> None:
    node = site.expression
    if (
        isinstance(given, RecordType)
        and isinstance(wanted, RecordType)
        and isinstance(node, Record)
    ):
        _members(site, node, given, wanted, findings)
        return
    if isinstance(node, Array) and isinstance(given, ArrayType) and _items_apart(wanted):
        _items(site, node, wanted, findings)
        return
    found = fit(given, wanted)
    if found is Fit.ALWAYS or _untyped(given):
        return
    if isinstance(node, If) and found is not Fit.NEVER:
        for one in _outcomes(node):
            _outcome(site, one, wanted, findings)
        return
    shown, advice = describe(given), _advice(given, wanted, site)
    if isinstance(node, (IntLit, FloatLit)) and isinstance(without_none(wanted), StringType):
        advice = f"write it in quotes: '{node.value}'"
    elif site.declares and takes_none(given) and not takes_none(wanted):
        advice = f"let its type be {describe(given)}, or take the first value that is not none"
    elif site.declares and found is Fit.NEVER:
        advice = f"let its type be {describe(given)}"
    if has_enum(wanted):
        found = fit(exact(node, site.scope), wanted)
        if found is Fit.ALWAYS:
            return
        if isinstance(node, StringLit):
            shown = f"the text {node.value!r:.40}"
            advice = did_you_mean(node.value, symbols(wanted)) or advice
    asked = describe(without_none(wanted) if site.spare == "default" else wanted)
    text = f"{site.scope.place}: {shown} is given, but {asked} is wanted"
    if found is Fit.NEVER and site.spare == "none" and takes_none(given):
        findings.tell("FWF2012", node, f"{text}: only none fits", advice)
    elif found is Fit.NEVER and site.spare == "default":
        findings.tell("FWF2012", node, f"{text}: it can never be used", advice)
    elif found is Fit.NEVER:
        findings.tell("FWF2003", node, text, advice)
    else:
        why = "it may be none" if _only_none(given, wanted) else "some of its values do not fit"
        findings.tell("FWF2012", node, f"{text}: {why}", advice)


def _outcomes(node: Expr) -> Iterator[Expr]:
    if isinstance(node, If):
        yield from _outcomes(node.then)
        yield from _outcomes(node.otherwise)
    else:
        yield node


def _outcome(site: Site, node: Expr, wanted: Type, findings: Findings) -> None:
    """Judge one outcome of a choice: what may not fit may be excluded by the condition."""
    given = infer(node, site.scope)
    found = fit(exact(node, site.scope) if has_enum(wanted) else given, wanted)
    meant = site.spare == "none" and isinstance(node, NoneLit)
    if found is Fit.NEVER and not meant and not _untyped(given):
        text = (
            f"{site.scope.place}: {describe(given)} may be given, but {describe(wanted)} is wanted"
        )
        findings.tell("FWF2012", node, text, _advice(given, wanted, site))


def _items_apart(wanted: Type) -> bool:
    return isinstance(without_none(wanted), ArrayType)


def _items(site: Site, node: Array, wanted: Type, findings: Findings) -> None:
    """Judge the items of an array one by one, so that the finding names the smallest node."""
    goal = without_none(wanted)
    assert isinstance(goal, ArrayType)
    for item in node.items:
        inner = replace(site, expression=item, wanted=goal.items, declares=False)
        _fits(inner, infer(item, site.scope), goal.items, findings)


def _only_none(given: Type, wanted: Type) -> bool:
    return takes_none(given) and fit(without_none(given), wanted) is Fit.ALWAYS


def _members(
    site: Site, node: Record, given: RecordType, wanted: RecordType, findings: Findings
) -> None:
    """Judge the members of a record one by one, so that the finding names the smallest node."""
    types = {field.name: field.type for field in given.fields}
    for field in wanted.fields:
        if field.name in types:
            inner = replace(site, expression=node.fields[field.name], wanted=field.type)
            if not isinstance(field.type, AnyType):  # none, too, when it runs
                _fits(inner, types[field.name], field.type, findings)
        elif not takes_none(field.type):
            text = f"{site.scope.place}: the record has no member {field.name!r}"
            findings.tell("FWF2003", node, text, f"add it: it takes {describe(field.type)}")


def _advice(given: Type, wanted: Type, site: Site) -> str | None:
    bare, goal = without_none(given), without_none(wanted)
    if isinstance(bare, StreamType) and isinstance(goal, ArrayType):
        return "gather its items with collect"
    if isinstance(bare, ArrayType) and isinstance(goal, StreamType):
        return "make it a stream with to_stream"
    items = items_of(bare)
    if items is not None and not isinstance(bare, AnyType) and fit(items, wanted) is not Fit.NEVER:
        linked = site.scope.place.startswith("step ")
        return "scatter the step over it, or take one item" if linked else "take one of its items"
    if isinstance(goal, ArrayType) and fit(given, goal.items) is not Fit.NEVER:
        return "put it into an array"
    if isinstance(goal, StringType) and isinstance(bare, (IntType, FloatType)):
        return "make a text of it on the way (CWL: valueFrom: $(String(self)); IR: to_string)"
    if takes_none(given) and not takes_none(wanted) and fit(bare, wanted) is not Fit.NEVER:
        return (
            "give a default, or take the first value that is not none "
            "(CWL: linkMerge: merge_nested, pickValue: first_non_null; IR: first_defined)"
        )
    return None


def _workflow(
    workflow: Workflow, place: Placed, found: dict[int, Site], findings: Findings
) -> None:
    definitions = {**place.definitions, **workflow.processes}
    for step in workflow.steps:
        if isinstance(step.scatter, Scatter):
            _scatter(step, step.scatter, found, findings)
        if step.loop is not None:
            endless = isinstance(step.loop.until, BoolLit) and not step.loop.until.value
            if endless and step.loop.max is None:
                text = f"the loop of step {step.id!r} never ends, so its outputs never come"
                hint = "end it with a test of its state, or limit its rounds"
                findings.tell("FWF2014", step.loop.until, text, hint)
        process = resolve(step.run, definitions)
        if isinstance(process, Pure) and isinstance(process.result, Array):
            text = f"the result of step {step.id!r} is an array, not a record of its outputs"
            findings.tell("FWF2003", process.result, text)


def _scatter(step: Step, scatter: Scatter, found: dict[int, Site], findings: Findings) -> None:
    if not scatter.over:
        hint = "name at least one collection"
        findings.tell("FWF2007", scatter, f"step {step.id!r} scatters over nothing", hint)
    lengths = [len(o.value.items) for o in scatter.over if isinstance(o.value, Array)]
    if scatter.mode == "dot" and len(set(lengths)) > 1:
        text = f"step {step.id!r} takes items of equal index, but of arrays of unequal length"
        findings.tell("FWF2012", scatter, f"{text}: {lengths}", "scatter over a crossproduct")
    for over in scatter.over:
        site = found[id(over.value)]
        given = infer(site.expression, site.scope)
        bare = without_none(given)
        if isinstance(bare, KeyedType):
            continue
        fitting = StreamType if scatter.mode == "stream" else ArrayType
        if items_of(given) is None:
            text = f"step {step.id!r} scatters over {describe(given)}, which has no items"
            findings.tell("FWF2007", site.expression, text, "scatter over an array")
        elif scatter.mode == "stream" and not isinstance(bare, (fitting, AnyType)):
            text = f"step {step.id!r} takes items as they arrive, but {describe(given)} is given"
            findings.tell("FWF2007", site.expression, text, "make it a stream with to_stream")
        elif scatter.mode != "stream" and isinstance(bare, StreamType):
            text = f"step {step.id!r} scatters {scatter.mode} over {describe(given)}"
            findings.tell("FWF2007", site.expression, text, "use mode stream, or collect it first")
        elif takes_none(given):
            text = f"step {step.id!r} scatters over {describe(given)}, which may be none"
            findings.tell("FWF2012", site.expression, text, "give a default")


def _untyped(given: Type) -> bool:
    """Tell whether nothing is known of a value: whether it may be none is not known either.

    So of an array of such.
    """
    if isinstance(given, ArrayType):
        return _untyped(given.items)
    return isinstance(given, OptionalType) and isinstance(given.item, AnyType)
