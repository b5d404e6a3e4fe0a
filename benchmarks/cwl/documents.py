"""The documents that are measured: one `echo`, a scatter over it, and a large packed workflow."""

import json
from pathlib import Path
from typing import Any

ECHO = """\
cwlVersion: v1.2
class: CommandLineTool
doc: Print a message.
baseCommand: echo
inputs:
  message:
    type: string
    inputBinding: {position: 1}
outputs:
  printed:
    type: stdout
"""

_WITH_EXPRESSION = """\
cwlVersion: v1.2
class: CommandLineTool
doc: Print what an expression makes of a message.
requirements:
  InlineJavascriptRequirement: {}
baseCommand: echo
inputs:
  message: string
arguments:
  - %s
outputs:
  printed:
    type: stdout
"""

_SCATTER = """\
cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
inputs:
  messages: string[]
outputs:
  printed:
    type: File[]
    outputSource: say/printed
steps:
  say:
    run: %s
    scatter: message
    in:
      message: messages
    out: [printed]
"""

NEUTRAL = '$(inputs.message + ", " + inputs.message)'
"""An expression that falls in the core of the IR: a reader could translate it."""

OPAQUE = (
    '${ var m = inputs.message, out = ""; for (var i = 0; i < m.length; i += 1) '
    "out = m.charAt(i) + out; return out; }"
)
"""A loop: JavaScript, whatever translates it."""

TOOLS = 59
"""Tools in the packed workflow: about 900 KB in the form that `cwltool --pack` writes."""


def tool(expression: str) -> str:
    """The text of a tool that prints what an expression gives."""
    return _WITH_EXPRESSION % json.dumps(expression)


def job(items: int) -> str:
    """The job of a scatter over so many messages."""
    return json.dumps({"messages": [f"message {number}" for number in range(items)]})


def packed(tools: int = TOOLS) -> str:
    """A chain of tools as one file, JSON with `$graph`, each tool and its docs written out."""
    graph = [_tool(number) for number in range(tools)]
    graph.append(_workflow(tools))
    return json.dumps({"$graph": graph, "cwlVersion": "v1.2"}, indent=4)


def _tool(number: int) -> dict[str, Any]:
    me = f"#tool_{number}.cwl"
    inputs: list[dict[str, Any]] = [
        {
            "id": f"{me}/reads",
            "type": "File",
            "doc": "Reads in FASTQ, one file; the index lies beside it.",
            "format": "http://edamontology.org/format_1930",
            "inputBinding": {"prefix": "--reads", "position": 1},
        },
        {
            "id": f"{me}/mode",
            "type": [
                "null",
                {
                    "type": "enum",
                    "name": f"{me}/mode/mode",
                    "symbols": [f"{me}/mode/mode/fast", f"{me}/mode/mode/careful"],
                },
            ],
            "doc": "How careful the search is; fast leaves out the second round.",
            "inputBinding": {"prefix": "--mode"},
        },
    ]
    for option in range(20):
        kind = ("int", "string", "boolean", "float")[option % 4]
        inputs.append(
            {
                "id": f"{me}/option_{option}",
                "type": ["null", kind],
                "doc": f"Option {option} of tool {number}. Where it is not given, the program "
                "chooses a value from the length of the reads.",
                "inputBinding": {"prefix": f"--option-{option}", "separate": option % 2 == 0},
            }
        )
    return {
        "class": "CommandLineTool",
        "id": me,
        "label": f"Tool {number} of a chain",
        "doc": ["A tool of a chain that filters, sorts and counts.", "Written by a generator."],
        "requirements": [{"class": "InlineJavascriptRequirement"}],
        "hints": [
            {"class": "ResourceRequirement", "coresMin": 1, "ramMin": 512 + number},
            {"class": "SoftwareRequirement", "packages": [{"package": "coreutils"}]},
        ],
        "baseCommand": ["filter", f"tool-{number}"],
        "arguments": [
            {"prefix": "--name", "valueFrom": "$(inputs.reads.nameroot + '.filtered')"},
            {"prefix": "--threads", "valueFrom": "$(runtime.cores)"},
        ],
        "inputs": inputs,
        "stdout": "log.txt",
        "outputs": [
            {
                "id": f"{me}/filtered",
                "type": "File",
                "format": "http://edamontology.org/format_1930",
                "outputBinding": {"glob": "$(inputs.reads.nameroot).filtered"},
            },
            {"id": f"{me}/log", "type": "stdout"},
        ],
    }


def _workflow(tools: int) -> dict[str, Any]:
    steps = []
    inputs: list[dict[str, Any]] = [
        {"id": "#main/reads", "type": "File", "format": "http://edamontology.org/format_1930"}
    ]
    for number in range(tools):
        me = f"#main/step_{number}"
        before = f"#main/step_{number - 1}/filtered" if number else "#main/reads"
        given = [{"id": f"{me}/reads", "source": before}]
        for option in range(0, 20, 4):
            name = f"#main/option_{number}_{option}"
            inputs.append({"id": name, "type": ["null", "int"], "default": option})
            given.append({"id": f"{me}/option_{option}", "source": name})
        steps.append(
            {
                "id": me,
                "run": f"#tool_{number}.cwl",
                "in": given,
                "out": [f"{me}/filtered", f"{me}/log"],
            }
        )
    return {
        "class": "Workflow",
        "id": "#main",
        "inputs": inputs,
        "outputs": [
            {
                "id": "#main/filtered",
                "type": "File",
                "outputSource": f"#main/step_{tools - 1}/filtered",
            }
        ],
        "steps": steps,
    }


def write_all(folder: Path, items: int) -> None:
    """Write every document and job into a folder."""
    texts = {
        "echo.cwl": ECHO,
        "echo.json": json.dumps({"message": "hello"}),
        "neutral_tool.cwl": tool(NEUTRAL),
        "opaque_tool.cwl": tool(OPAQUE),
        "plain.cwl": _SCATTER % "echo.cwl",
        "neutral.cwl": _SCATTER % "neutral_tool.cwl",
        "opaque.cwl": _SCATTER % "opaque_tool.cwl",
        "many.json": job(items),
        "one.json": job(1),
        "packed.cwl": packed(),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
