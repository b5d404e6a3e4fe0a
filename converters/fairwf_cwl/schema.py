"""The structures of CWL v1.2 (v1.0 and v1.1 by ``since``), as tables of fields.

Sources: CommandLineTool.yml, Workflow.yml, Operation.yml, Process.yml of the specification.
"""

from __future__ import annotations

from fairwf.ir.origins import Span
from fairwf.source import SourceMap
from fairwf_cwl.interpolate import has_expression
from fairwf_cwl.names import class_name
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

LOOPS = "v1.3.0-dev1"
"""The version that brought loops."""

_text = either("a text", text=anything)
_bool = either("true or false", boolean=anything)
_int = either("a whole number", integer=anything)


def _since(version: str, shape: Shape, expected: str) -> Shape:
    """Return the shape of what only documents of a version, or later ones, may say."""

    def check(value: object, span: Span, checker: Checker) -> None:
        if checker.version < version:
            hint = f"the document says cwlVersion: {checker.version}; this came with {version}"
            checker.wrong(value, span, expected, hint)
        else:
            shape(value, span, checker)

    return check


def _expression(value: object, span: Span, checker: Checker) -> None:
    if not isinstance(value, str) or not has_expression(value):
        checker.wrong(value, span, "an expression", "write $(...) or ${...}")


def _instead_of(kind: str) -> Shape:
    """Return a check of an expression where a plain value may stand, too."""

    def check(value: object, span: Span, checker: Checker) -> None:
        if not isinstance(value, str) or not has_expression(value):
            checker.wrong(value, span, f"{kind} or an expression", f"write {kind}, or $(...)")

    return check


def _old_text(value: object, span: Span, checker: Checker) -> None:
    """Check an expression that v1.0 lets be any text."""
    if checker.version > "v1.0" or not isinstance(value, str):
        _expression(value, span, checker)


_fraction = _since("v1.2", anything, "a whole number or an expression")
_texts = either("a text or a list of texts", text=anything, list=items(_text))
_number = either(
    "a number or an expression", integer=anything, number=_fraction, text=_instead_of("a number")
)
_position = either(
    "a whole number or an expression",
    integer=anything,
    text=_since("v1.1", _instead_of("a whole number"), "a whole number"),
)
_whole = either(
    "a whole number or an expression", integer=anything, text=_instead_of("a whole number")
)
_bool_or_expression = either(
    "true, false or an expression", boolean=anything, text=_instead_of("true, false")
)
_listing = one_of("no_listing", "shallow_listing", "deep_listing")


def f(shape: Shape, required: bool = False, since: str = "v1.0") -> Field:
    """Return a field."""
    return Field(shape, required, since)


# --- types --------------------------------------------------------------------------------


def _schema_of(value: SourceMap, checker: Checker) -> Shape | None:
    kind = value.get("type")
    if isinstance(kind, str) and kind.rsplit("#", 1)[-1] in ("record", "array", "enum"):
        return struct(f"{kind.rsplit('#', 1)[-1]} type")
    if "type" not in value:
        checker.report.add("FWF1103", "a type needs 'type'", span=value.span.start())
    elif isinstance(kind, (SourceMap, list)):
        return struct("wrapped type")
    elif not isinstance(kind, str):
        checker.wrong(kind, value.value_span("type"), "'record', 'array' or 'enum'")
    else:
        return struct("wrapped type")
    return None


def _type(value: object, span: Span, checker: Checker) -> None:
    _type_shape(value, span, checker)


_type_shape = either(
    "a type", text=anything, object=by_key(_schema_of), list=lambda v, s, c: items(_type)(v, s, c)
)

_file_item = by_key(
    lambda value, checker: (
        struct(str(value.get("class"))) if value.get("class") in ("File", "Directory") else anything
    )
)
_value = either(
    "a value",
    boolean=anything,
    integer=anything,
    number=anything,
    text=anything,
    null=anything,
    object=_file_item,
    list=lambda v, s, c: items(_any_value)(v, s, c),
)


def _any_value(value: object, span: Span, checker: Checker) -> None:
    _value(value, span, checker)


_secondary_object = _since("v1.1", struct("SecondaryFile"), "a pattern (a text)")
_secondary_item = either("a pattern", text=anything, object=_secondary_object, null=anything)
_secondary = either(
    "a pattern, an object with 'pattern', or a list of them",
    text=anything,
    object=_secondary_object,
    list=items(_secondary_item),
)
_documented = {"label": f(_text), "doc": f(_texts)}
_files = {
    "secondaryFiles": f(_secondary),
    "streamable": f(_bool),
    "format": f(_texts),
}
_loading = {"loadContents": f(_bool, since="v1.1"), "loadListing": f(_listing, since="v1.1")}
_binding = either("a binding (an object)", object=struct("CommandLineBinding"))
_output_binding = either("a binding (an object)", object=struct("CommandOutputBinding"))

_TYPES = {
    "record type": Struct(
        "a record type",
        {
            "type": f(anything, True),
            "name": f(_text),
            "fields": f(idmap("record field", "name", "type")),
            "inputBinding": f(_binding),
            **_documented,
        },
    ),
    "record field": Struct(
        "a field of a record",
        {
            "name": f(_text, True),
            "type": f(_type, True),
            "inputBinding": f(_binding),
            "outputBinding": f(_output_binding),
            **_documented,
            **_files,
            **_loading,
        },
    ),
    "array type": Struct(
        "an array type",
        {
            "type": f(anything, True),
            "items": f(_type, True),
            "name": f(_text),
            "inputBinding": f(_binding),
            "outputBinding": f(_output_binding),
            **_documented,
        },
    ),
    "enum type": Struct(
        "an enum type",
        {
            "type": f(anything, True),
            "symbols": f(items(_text), True),
            "name": f(_text),
            "inputBinding": f(_binding),
            "outputBinding": f(_output_binding),
            **_documented,
        },
    ),
    "wrapped type": Struct(
        "a type", {"type": f(_type, True), "name": f(_text), "inputBinding": f(_binding)}, open=True
    ),
    "SecondaryFile": Struct(
        "a secondary file",
        {"pattern": f(_text, True), "required": f(_bool_or_expression)},
    ),
    "File": Struct(
        "a File",
        {
            **{
                name: f(_text)
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
            "secondaryFiles": f(items(_file_item)),
        },
        open=True,
    ),
    "Directory": Struct(
        "a Directory",
        {
            **{name: f(_text) for name in ("class", "location", "path", "basename")},
            "listing": f(items(_file_item)),
        },
        open=True,
    ),
}

# --- ports --------------------------------------------------------------------------------

_BINDINGS = {
    "CommandLineBinding": Struct(
        "a command line binding",
        {
            "loadContents": f(_bool),
            "position": f(_position),
            "prefix": f(_text),
            "separate": f(_bool),
            "itemSeparator": f(_text),
            "valueFrom": f(_text),
            "shellQuote": f(_bool),
        },
    ),
    "InputBinding": Struct("an input binding", {"loadContents": f(_bool)}, open=True),
    "CommandOutputBinding": Struct(
        "an output binding",
        {
            "loadContents": f(_bool),
            "loadListing": f(_listing, since="v1.1"),
            "glob": f(_texts),
            "outputEval": f(_old_text),
        },
    ),
}
_input = {
    "id": f(_text, True),
    "type": f(_type, True),
    "default": f(_value),
    **_documented,
    **_files,
    **_loading,
}
_output = {"id": f(_text, True), "type": f(_type, True), **_documented, **_files}
_merging = {
    "linkMerge": f(one_of("merge_nested", "merge_flattened")),
    "pickValue": f(one_of("first_non_null", "the_only_non_null", "all_non_null"), since="v1.2"),
}
_next = {"id": f(_text, True), "default": f(_value), "valueFrom": f(_text), **_merging}
_PORTS = {
    "CommandInputParameter": Struct("an input", {**_input, "inputBinding": f(_binding)}),
    "InputParameter": Struct(
        "an input",
        {**_input, "inputBinding": f(either("an object", object=struct("InputBinding")))},
    ),
    "CommandOutputParameter": Struct("an output", {**_output, "outputBinding": f(_output_binding)}),
    "ExpressionToolOutputParameter": Struct(
        "an output", {**_output, "outputBinding": f(_output_binding)}
    ),
    "WorkflowOutputParameter": Struct(
        "an output",
        {**_output, "outputSource": f(_texts), "outputBinding": f(_output_binding), **_merging},
    ),
    "StepInput": Struct(
        "a step input",
        {
            "id": f(_text, True),
            "source": f(_texts),
            "default": f(_value),
            "valueFrom": f(_text),
            "label": f(_text),
            **_merging,
            **_loading,
        },
    ),
    "StepOutput": Struct("a step output", {"id": f(_text, True)}),
    "LoopInput": Struct("an input of the next round", {**_next, "outputSource": f(_texts)}),
    "cwltool:LoopInput": Struct("an input of the next round", {**_next, "loopSource": f(_texts)}),
}

# --- processes ----------------------------------------------------------------------------

_requirement_list = idmap("requirement", "class")


def _process(inputs: str, outputs: str) -> dict[str, Field]:
    return {
        "id": f(_text),
        "class": f(_text, True),
        "cwlVersion": f(_text),
        "inputs": f(idmap(inputs, "id", "type"), True),
        "outputs": f(idmap(outputs, "id", "type"), True),
        "requirements": f(_requirement_list),
        "hints": f(_requirement_list),
        "intent": f(items(_text), since="v1.2"),
        **_documented,
    }


_codes = f(items(_int))
_argument = either("a text or a binding", text=anything, object=struct("CommandLineBinding"))
_run = either("a file or a process", text=anything, object=by_key(lambda v, c: process_shape(v, c)))
_PROCESSES = {
    "CommandLineTool": Struct(
        "a CommandLineTool",
        {
            **_process("CommandInputParameter", "CommandOutputParameter"),
            "baseCommand": f(_texts),
            "arguments": f(items(_argument)),
            "stdin": f(_text),
            "stdout": f(_text),
            "stderr": f(_text),
            "successCodes": _codes,
            "temporaryFailCodes": _codes,
            "permanentFailCodes": _codes,
        },
    ),
    "ExpressionTool": Struct(
        "an ExpressionTool",
        {
            **_process("InputParameter", "ExpressionToolOutputParameter"),
            "expression": f(_old_text, True),
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
            "id": f(_text, True),
            "in": f(idmap("StepInput", "id", "source"), True),
            "out": f(
                items(either("an output's id", text=anything, object=struct("StepOutput"))), True
            ),
            "run": f(_run, True),
            "requirements": f(_requirement_list),
            "hints": f(_requirement_list),
            "when": f(_expression, since="v1.2"),
            "scatter": f(_texts),
            "scatterMethod": f(one_of("dotproduct", "nested_crossproduct", "flat_crossproduct")),
            "loop": f(idmap("LoopInput", "id", "outputSource"), since=LOOPS),
            "outputMethod": f(one_of("last_iteration", "all_iterations"), since=LOOPS),
            **_documented,
        },
    ),
    "requirement": Struct("a requirement", {"class": f(_text, True)}, open=True),
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

# --- requirements -------------------------------------------------------------------------

_none: dict[str, Field] = {}
_entry = either("a text or an expression", text=anything)
_staged = either(
    "a file, a Dirent or an expression",
    text=anything,
    null=anything,
    list=items(_file_item),
    object=by_key(
        lambda value, checker: (
            struct(str(value.get("class")))
            if value.get("class") in ("File", "Directory")
            else struct("Dirent")
        )
    ),
)


def _requirement(**fields: Field) -> Struct:
    return Struct("the requirement", {"class": f(_text, True), "id": f(_text), **fields})


REQUIREMENTS: dict[str, Struct] = {
    "InlineJavascriptRequirement": _requirement(expressionLib=f(items(_text))),
    "SchemaDefRequirement": _requirement(types=f(items(_type), True)),
    "LoadListingRequirement": _requirement(loadListing=f(_listing)),
    "DockerRequirement": _requirement(
        **{
            name: f(_text)
            for name in (
                "dockerPull",
                "dockerLoad",
                "dockerFile",
                "dockerImport",
                "dockerImageId",
                "dockerOutputDirectory",
            )
        }
    ),
    "SoftwareRequirement": _requirement(
        packages=f(idmap("SoftwarePackage", "package", "specs"), True)
    ),
    "InitialWorkDirRequirement": _requirement(
        listing=f(either("a list or an expression", text=anything, list=items(_staged)), True)
    ),
    "EnvVarRequirement": _requirement(
        envDef=f(idmap("EnvironmentDef", "envName", "envValue"), True)
    ),
    "ShellCommandRequirement": _requirement(),
    "ResourceRequirement": _requirement(
        **{
            name + end: f(_number)
            for name in ("cores", "ram", "tmpdir", "outdir")
            for end in ("Min", "Max")
        }
    ),
    "WorkReuse": _requirement(enableReuse=f(_bool_or_expression, True)),
    "NetworkAccess": _requirement(networkAccess=f(_bool_or_expression, True)),
    "InplaceUpdateRequirement": _requirement(inplaceUpdate=f(_bool, True)),
    "ToolTimeLimit": _requirement(timelimit=f(_number, True)),
    "SubworkflowFeatureRequirement": _requirement(),
    "ScatterFeatureRequirement": _requirement(),
    "MultipleInputFeatureRequirement": _requirement(),
    "StepInputExpressionRequirement": _requirement(),
}
"""Every requirement of CWL v1.2 by its class."""

EXTENSIONS: dict[str, Struct] = {
    "cwltool:CUDARequirement": _requirement(
        cudaVersionMin=f(_text, True),
        cudaComputeCapability=f(_texts, True),
        cudaDeviceCountMin=f(_whole),
        cudaDeviceCountMax=f(_whole),
    ),
    "cwltool:MPIRequirement": _requirement(processes=f(_whole, True)),
    "cwltool:ShmSize": _requirement(shmSize=f(_text, True)),
    "cwltool:Secrets": _requirement(secrets=f(items(_text), True)),
    "cwltool:Loop": _requirement(
        loopWhen=f(_expression, True),
        loop=f(idmap("cwltool:LoopInput", "id", "loopSource"), True),
        outputMethod=f(one_of("last", "all")),
    ),
}
"""The requirements that cwltool adds to CWL, where no version of CWL took them over."""

_PARTS = {
    "SoftwarePackage": Struct(
        "a software package",
        {
            "package": f(_text, True),
            "version": f(items(_text)),
            "specs": f(either("a list of IRIs", list=items(_text), text=anything)),
        },
    ),
    "EnvironmentDef": Struct(
        "an environment variable", {"envName": f(_text, True), "envValue": f(_text, True)}
    ),
    "Dirent": Struct(
        "a Dirent",
        {"entry": f(_entry, True), "entryname": f(_text), "writable": f(_bool)},
    ),
}

STRUCTS: dict[str, Struct] = {**_TYPES, **_BINDINGS, **_PORTS, **_PROCESSES, **_PARTS}
"""Every structure by name."""
