"""Types, bindings, ports, steps and processes, as tables of fields."""

from __future__ import annotations

from fairwf.source import SourceMap
from fairwf_cwl.names import class_name
from fairwf_cwl.schema.values import (
    LOOPS,
    binding,
    documented,
    expression,
    f,
    file_item,
    files,
    integer,
    listing,
    loading,
    old_text,
    output_binding,
    position,
    text,
    texts,
    truth,
    truth_or_expression,
    type_,
    value_,
)
from fairwf_cwl.shapes import (
    Checker,
    Field,
    Shape,
    Struct,
    anything,
    by_key,
    either,
    idmap,
    items,
    one_of,
    struct,
)

TYPES = {
    "record type": Struct(
        "a record type",
        {
            "type": f(anything, True),
            "name": f(text),
            "fields": f(idmap("record field", "name", "type")),
            "inputBinding": f(binding),
            **documented,
        },
    ),
    "record field": Struct(
        "a field of a record",
        {
            "name": f(text, True),
            "type": f(type_, True),
            "inputBinding": f(binding),
            "outputBinding": f(output_binding),
            **documented,
            **files,
            **loading,
        },
    ),
    "array type": Struct(
        "an array type",
        {
            "type": f(anything, True),
            "items": f(type_, True),
            "name": f(text),
            "inputBinding": f(binding),
            "outputBinding": f(output_binding),
            **documented,
        },
    ),
    "enum type": Struct(
        "an enum type",
        {
            "type": f(anything, True),
            "symbols": f(items(text), True),
            "name": f(text),
            "inputBinding": f(binding),
            "outputBinding": f(output_binding),
            **documented,
        },
    ),
    "wrapped type": Struct(
        "a type", {"type": f(type_, True), "name": f(text), "inputBinding": f(binding)}, open=True
    ),
    "SecondaryFile": Struct(
        "a secondary file",
        {"pattern": f(text, True), "required": f(truth_or_expression)},
    ),
    "File": Struct(
        "a File",
        {
            **{
                name: f(text)
                for name in (
                    "class",
                    "location",
                    "path",
                    "basename",
                    "dirname",
                    "nameroot",
                    "nameext",
                    "checksum",
                    "format",
                    "contents",
                )
            },
            "size": f(either("a whole number", integer=anything)),
            "secondaryFiles": f(items(file_item)),
        },
        open=True,
    ),
    "Directory": Struct(
        "a Directory",
        {
            **{name: f(text) for name in ("class", "location", "path", "basename")},
            "listing": f(items(file_item)),
        },
        open=True,
    ),
}

# --- ports --------------------------------------------------------------------------------

BINDINGS = {
    "CommandLineBinding": Struct(
        "a command line binding",
        {
            "loadContents": f(truth),
            "position": f(position),
            "prefix": f(text),
            "separate": f(truth),
            "itemSeparator": f(text),
            "valueFrom": f(text),
            "shellQuote": f(truth),
        },
    ),
    "InputBinding": Struct("an input binding", {"loadContents": f(truth)}, open=True),
    "CommandOutputBinding": Struct(
        "an output binding",
        {
            "loadContents": f(truth),
            "loadListing": f(listing, since="v1.1"),
            "glob": f(texts),
            "outputEval": f(old_text),
        },
    ),
}
_input = {
    "id": f(text, True),
    "type": f(type_, True),
    "default": f(value_),
    **documented,
    **files,
    **loading,
}
_output = {"id": f(text, True), "type": f(type_, True), **documented, **files}
_merging = {
    "linkMerge": f(one_of("merge_nested", "merge_flattened")),
    "pickValue": f(one_of("first_non_null", "the_only_non_null", "all_non_null"), since="v1.2"),
}
_next = {"id": f(text, True), "default": f(value_), "valueFrom": f(text), **_merging}
PORTS = {
    "CommandInputParameter": Struct("an input", {**_input, "inputBinding": f(binding)}),
    "InputParameter": Struct(
        "an input",
        {**_input, "inputBinding": f(either("an object", object=struct("InputBinding")))},
    ),
    "CommandOutputParameter": Struct("an output", {**_output, "outputBinding": f(output_binding)}),
    "ExpressionToolOutputParameter": Struct(
        "an output", {**_output, "outputBinding": f(output_binding)}
    ),
    "WorkflowOutputParameter": Struct(
        "an output",
        {**_output, "outputSource": f(texts), "outputBinding": f(output_binding), **_merging},
    ),
    "StepInput": Struct(
        "a step input",
        {
            "id": f(text, True),
            "source": f(texts),
            "default": f(value_),
            "valueFrom": f(text),
            "label": f(text),
            **_merging,
            **loading,
        },
    ),
    "StepOutput": Struct("a step output", {"id": f(text, True)}),
    "LoopInput": Struct("an input of the next round", {**_next, "outputSource": f(texts)}),
    "cwltool:LoopInput": Struct("an input of the next round", {**_next, "loopSource": f(texts)}),
}

# --- processes ----------------------------------------------------------------------------

_requirement_list = idmap("requirement", "class")


def _process(inputs: str, outputs: str) -> dict[str, Field]:
    return {
        "id": f(text),
        "class": f(text, True),
        "cwlVersion": f(text),
        "inputs": f(idmap(inputs, "id", "type"), True),
        "outputs": f(idmap(outputs, "id", "type"), True),
        "requirements": f(_requirement_list),
        "hints": f(_requirement_list),
        "intent": f(items(text), since="v1.2"),
        **documented,
    }


_codes = f(items(integer))
_argument = either("a text or a binding", text=anything, object=struct("CommandLineBinding"))
_run = either("a file or a process", text=anything, object=by_key(lambda v, c: process_shape(v, c)))
PROCESSES = {
    "CommandLineTool": Struct(
        "a CommandLineTool",
        {
            **_process("CommandInputParameter", "CommandOutputParameter"),
            "baseCommand": f(texts),
            "arguments": f(items(_argument)),
            "stdin": f(text),
            "stdout": f(text),
            "stderr": f(text),
            "successCodes": _codes,
            "temporaryFailCodes": _codes,
            "permanentFailCodes": _codes,
        },
    ),
    "ExpressionTool": Struct(
        "an ExpressionTool",
        {
            **_process("InputParameter", "ExpressionToolOutputParameter"),
            "expression": f(old_text, True),
        },
    ),
    "Operation": Struct(
        "an Operation", _process("InputParameter", "ExpressionToolOutputParameter")
    ),
    "cwltool:ProcessGenerator": Struct(
        "a ProcessGenerator",
        {
            **_process("InputParameter", "ExpressionToolOutputParameter"),
            "run": f(_run, True),
        },
    ),
    "Workflow": Struct(
        "a Workflow",
        {
            **_process("InputParameter", "WorkflowOutputParameter"),
            "steps": f(idmap("WorkflowStep", "id"), True),
        },
    ),
    "WorkflowStep": Struct(
        "a step",
        {
            "id": f(text, True),
            "in": f(idmap("StepInput", "id", "source"), True),
            "out": f(
                items(either("an output's id", text=anything, object=struct("StepOutput"))), True
            ),
            "run": f(_run, True),
            "requirements": f(_requirement_list),
            "hints": f(_requirement_list),
            "when": f(expression, since="v1.2"),
            "scatter": f(texts),
            "scatterMethod": f(one_of("dotproduct", "nested_crossproduct", "flat_crossproduct")),
            "loop": f(idmap("LoopInput", "id", "outputSource"), since=LOOPS),
            "outputMethod": f(one_of("last_iteration", "all_iterations"), since=LOOPS),
            **documented,
        },
    ),
    "requirement": Struct("a requirement", {"class": f(text, True)}, open=True),
}


def process_shape(value: SourceMap, checker: Checker) -> Shape | None:
    """Return the shape of a process by its ``class``; None after reporting an unknown one."""
    kind = class_name(value.get("class"), {})
    if isinstance(kind, str) and (kind in PROCESS_CLASSES):
        return anything  # checked when the process itself is read
    if kind is None:
        checker.report.add("FWF1103", "a process needs 'class'", span=value.span.start())
    else:
        one_of(*PROCESS_CLASSES)(kind, value.value_span("class"), checker)
    return None


GENERATOR = "cwltool:ProcessGenerator"
PROCESS_CLASSES = ("CommandLineTool", "ExpressionTool", "Workflow", "Operation", GENERATOR)
