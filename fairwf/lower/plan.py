"""The planner: which passes take a document to what a target can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from fairwf.document import Document
from fairwf.features import Capabilities, Feature, Usage, usage
from fairwf.ir.values import Value
from fairwf.lower.catalogue import PASSES
from fairwf.lower.context import Context
from fairwf.lower.contract import Pass, cost
from fairwf.report import Report


def lower(
    document: Document,
    capabilities: Capabilities,
    report: Report,
    *,
    passes: Sequence[Pass] | None = None,
    inputs: Mapping[str, Value] | None = None,
) -> Document:
    """Return the document in what the target can say.

    While it uses a feature that the target lacks, the cheapest usable pass is taken: rewritten
    before approximated before lost. What no pass can remove is an error (FWF3001) in the report,
    and stays in the result. ``inputs`` are values of workflow inputs, where they are known: the
    expansion to single tasks counts by them.
    """
    context = Context(document.workflow, document.origins, report, capabilities, inputs)
    context.settle(document.workflow)
    chosen = usable(PASSES if passes is None else passes, capabilities)
    workflow = document.workflow
    spent: set[int] = set()
    idle: set[int] = set()  # those that had nothing to do, and may have once another changed it
    while True:
        found = usage(workflow)
        step = _next(found, capabilities, chosen, spent)
        if step is None:
            break
        changed = step(workflow, context)
        if changed is workflow:
            spent.add(id(step))
            idle.add(id(step))
            continue
        spent -= idle
        idle.clear()
        context.settle(changed)
        workflow = changed
        spent -= {id(one) for one in chosen if one.removes in step.adds}
        before = capabilities.lacking(found)[step.removes]
        left = capabilities.lacking(usage(workflow)).get(step.removes, [])
        if len(left) >= len(before):
            spent.add(id(step))
    _lacking(found, capabilities, context)
    return replace(document, workflow=workflow, origins=context.origins)


def usable(passes: Sequence[Pass], capabilities: Capabilities) -> list[Pass]:
    """Return the passes whose additions the target has or later usable passes remove.

    The order is that of cost. Passes of a circle, which could go on for ever, are left out.
    """
    have = capabilities.features
    edges: dict[Feature, set[Feature]] = {}
    kept: list[Pass] = []
    growing = True
    while growing:
        removable = frozenset(edges)
        before = len(kept)
        for candidate in sorted(passes, key=cost):
            wanted = candidate.adds - have
            if candidate.removes in have or any(candidate is one for one in kept):
                continue
            if wanted <= removable and not _reaches(wanted, candidate.removes, edges):
                kept.append(candidate)
                edges.setdefault(candidate.removes, set()).update(wanted)
        growing = len(kept) > before
    return sorted(_without_detours(kept, have), key=cost)


def _without_detours(kept: Sequence[Pass], have: frozenset[Feature]) -> list[Pass]:
    """Leave out what only makes of one thing another that is then lost, where both can be."""
    lost = {one.removes for one in kept if one.fate == "lost"}
    only_lost = lost - {one.removes for one in kept if one.fate != "lost"}
    return [
        one
        for one in kept
        if one.fate == "lost" or one.removes not in lost or not (one.adds - have) & only_lost
    ]


def _reaches(
    start: frozenset[Feature], goal: Feature, edges: Mapping[Feature, set[Feature]]
) -> bool:
    seen: set[Feature] = set()
    stack = list(start)
    while stack:
        feature = stack.pop()
        if feature is goal:
            return True
        if feature not in seen:
            seen.add(feature)
            stack.extend(edges.get(feature, ()))
    return False


def _next(
    found: Usage, capabilities: Capabilities, passes: Sequence[Pass], spent: set[int]
) -> Pass | None:
    lacking = capabilities.lacking(found)
    for feature in Feature:
        if feature in lacking:
            for candidate in passes:
                if candidate.removes is feature and id(candidate) not in spent:
                    return candidate
    return None


def _lacking(found: Usage, capabilities: Capabilities, context: Context) -> None:
    for feature, nodes in capabilities.lacking(found).items():
        for node in nodes:
            _cannot(context, node, f"the target cannot say {_words(feature)}", _NO_WAY)
    for name, calls in found.functions.items():
        if name not in capabilities.functions:
            for node in calls:
                _cannot(context, node, f"the target has no function {name!r}", None)
    if Feature.OPAQUE in capabilities.features:
        for language, texts in found.languages.items():
            if not capabilities.takes(language):
                for node in texts:
                    text = f"the target takes no expressions in {language}"
                    _cannot(context, node, text, "write it with standard functions")


def _cannot(context: Context, node: msgspec.Struct, text: str, hint: str | None) -> None:
    """Tell of what stays; of one place, which may have been copied, once."""
    span = context.origins.get(node)
    if span is not None and any(
        (d.code, d.message, d.file, d.line, d.column)
        == ("FWF3001", text, span.file, span.line, span.column)
        for d in context.report.errors
    ):
        return
    context.told("lost", node, text, hint, code="FWF3001")


_NO_WAY = (
    "fairwf knows no way to say it otherwise here: write that part in another way, or choose"
    " another target (`fairwf formats` lists what each can say)"
)
_WORDS = {
    Feature.PURE: "a step that only computes (pure)",
    Feature.OPAQUE: "an expression in another language (opaque)",
    Feature.DEMAND: "a step that runs for the keys that are asked for (demand)",
    Feature.STREAM: "a value that comes item by item (stream)",
    Feature.ORDER: "an order of steps without data (after)",
    Feature.WAIT: "a step that waits for a time or an event (wait)",
    Feature.HANDLER: "what happens when a step fails (handler)",
    Feature.CANCEL: "when a running step is cancelled (cancel)",
    Feature.APPROVAL: "a step that waits for a person's approval (approval)",
}


def _words(feature: Feature) -> str:
    return _WORDS.get(feature, feature.value.replace("_", " "))
