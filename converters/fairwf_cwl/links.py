"""Links of a workflow (CWL v1.2, "Workflow step inputs", "linkMerge", "pickValue")."""

from __future__ import annotations

from collections.abc import Mapping

from fairwf.ir import types as ir
from fairwf.ir.expressions import Array, Call, Input, NoneLit, Output
from fairwf.ir.origins import Span
from fairwf.report import Report
from fairwf.source import SourceMap, did_you_mean
from fairwf_cwl.bindings import Bound
from fairwf_cwl.context import listed, strings
from fairwf_cwl.names import path_of

_PICK = {
    "first_non_null": "first_defined",
    "the_only_non_null": "only_defined",
    "all_non_null": "all_defined",
}


Place = tuple[str] | tuple[str, str]
"""What a source names: an input, or a step and its output."""


class Links:
    """Resolves the sources of one workflow. ``steps`` holds output types by step and port.

    ``places`` gives the meaning of ids that the document writes out in full
    (``#main/step/run/reads``, as packed documents do), by their parts.
    """

    def __init__(
        self,
        report: Report,
        name: str,
        inputs: Mapping[str, ir.Type],
        steps: Mapping[str, Mapping[str, ir.Type | None]],
        places: Mapping[tuple[str, ...], Place] | None = None,
    ) -> None:
        self.report = report
        self.name = name
        self.inputs = inputs
        self.steps = steps
        self.places = places or {}

    def source(self, text: str, span: Span) -> Bound:
        """Return what a source names; after reporting one that names nothing, ``none``."""
        parts = path_of(text)
        parts = list(self.places.get(tuple(parts), parts))
        if len(parts) >= 2 and parts[-2] in self.steps and parts[-1] in self.steps[parts[-2]]:
            step, port = parts[-2], parts[-1]
            return Bound(lambda: Output(step=step, port=port), self.steps[step][port])
        direct = len(parts) == 1 or (len(parts) == 2 and parts[0] in (self.name, "main"))
        if parts and direct and parts[-1] in self.inputs:
            name = parts[-1]
            return Bound(lambda: Input(name=name), self.inputs[name])
        if len(parts) >= 2 and parts[-2] in self.steps:
            outs = self.steps[parts[-2]]
            message = f"the step {parts[-2]!r:.60} has no output {parts[-1]!r:.60} in its 'out'"
            hint = did_you_mean(parts[-1], outs) or f"it has: {', '.join(outs) or 'none'}"
        else:
            message = f"the source {text!r:.80} is neither an input nor an output of a step"
            known = [*self.inputs, *(f"{s}/{o}" for s, outs in self.steps.items() for o in outs)]
            hint = did_you_mean(text, known) or "write STEP/OUTPUT, or the id of an input"
        self.report.add("FWF1106", message, span=span, hint=hint)
        return Bound(NoneLit)

    def merged(self, node: SourceMap, field: str) -> Bound | None:
        """Return the value of ``source`` or ``outputSource`` with ``linkMerge``, ``pickValue``.

        One source in a list counts as that source itself unless ``linkMerge`` is given. None: no
        source.
        """
        sources = [self.source(text, span) for text, span in strings(node, field)]
        merge, pick = node.get("linkMerge"), node.get("pickValue")
        if not sources and (not listed(node.get(field)) or not (merge or pick)):
            return None
        if len(sources) == 1 and merge is None:
            found = sources[0]
        elif merge == "merge_flattened":
            found = _flattened(sources)
        else:
            found = _nested(sources)
        if not isinstance(pick, str) or pick not in _PICK:
            return found
        if _is_single(found.type):
            self.report.add(
                "FWF2012",
                f"{pick} chooses among the items of a list, and this is none",
                span=node.value_span("pickValue"),
                hint="leave pickValue out, or say linkMerge: merge_nested",
            )
            return found
        return _picked(found, _PICK[pick])


def _is_single(type_: ir.Type | None) -> bool:
    if isinstance(type_, ir.OptionalType):
        type_ = type_.item
    if isinstance(type_, ir.UnionType):
        return all(_is_single(member) for member in type_.members)
    return type_ is not None and not isinstance(type_, (ir.AnyType, ir.ArrayType))


def _nested(sources: list[Bound]) -> Bound:
    types = [source.type for source in sources]
    return Bound(
        lambda: Array(items=tuple(source.make() for source in sources)),
        _array(_joined(types)),
        tuple(sources),
    )


def _flattened(sources: list[Bound]) -> Bound:
    types = [s.type.items if isinstance(s.type, ir.ArrayType) else s.type for s in sources]
    return Bound(
        lambda: Call(function="merge_flattened", args=tuple(source.make() for source in sources)),
        _array(_joined(types)),
    )


def _picked(found: Bound, function: str) -> Bound:
    items = found.type.items if isinstance(found.type, ir.ArrayType) else None
    if isinstance(items, ir.OptionalType):
        items = items.item
    type_ = _array(items) if function == "all_defined" else items
    return Bound(lambda: Call(function=function, args=(found.make(),)), type_)


def _joined(types: list[ir.Type | None]) -> ir.Type | None:
    """Return the one type that all are; None where they differ or one is unknown."""
    first = types[0] if types else None
    optional = False
    bare = []
    for type_ in types:
        if isinstance(type_, ir.OptionalType):
            optional, type_ = True, type_.item
        bare.append(type_)
    if first is None or any(type_ is None or type_ != bare[0] for type_ in bare):
        return None
    return ir.OptionalType(item=bare[0]) if optional and bare[0] is not None else bare[0]


def _array(items: ir.Type | None) -> ir.Type | None:
    return None if items is None else ir.ArrayType(items=items)
