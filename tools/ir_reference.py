"""Write docs/ir.md from the types and their docstrings (``make schemas``)."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import msgspec
import yaml

from fairwf.ir import (
    base,
    command,
    environment,
    expressions,
    instance,
    metadata,
    ports,
    resources,
    types,
    workflow,
)
from fairwf.ir.functions import FUNCTIONS, Fails, Function

PAGE = Path(__file__).resolve().parent.parent / "docs" / "ir.md"

EXAMPLES: dict[str, str] = yaml.safe_load(
    (Path(__file__).parent / "ir_examples.yml").read_text(encoding="utf-8")
)
"""One example of each class, as YAML."""

MODULES: tuple[tuple[str, ModuleType], ...] = (
    ("Types", types),
    ("Expressions", expressions),
    ("Ports", ports),
    ("Processes and steps", workflow),
    ("Command lines and scripts", command),
    ("Environments", environment),
    ("Resources", resources),
    ("Metadata", metadata),
    ("The instance level", instance),
)

HEAD = """# The IR

Every reader gives a tree of these nodes, every writer and the engine take one. A node with a
`kind` is one of several alternatives; the others stand in one place only. Fields at their default
are left out. The file form is a document
`{fairwf_ir: "1", workflow: ..., sources: ..., comments: ...}` in JSON or YAML 1.2, and
`schemas/ir.schema.json` describes it to editors and other tools. Only
`workflow` is hashed.

This page is generated from the types (`make schemas`).
"""


def classes(module: ModuleType) -> list[type[msgspec.Struct]]:
    """Return the node and part classes that a module defines, in its order."""
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, (base.Node, base.Part))
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    ]


def _type_text(hint: Any) -> str:
    text = str(hint) if not inspect.isclass(hint) else hint.__name__
    for long, short in _short_names():
        text = text.replace(long, short)
    while (
        simpler := re.sub(r"Union\[([^\[\]]+(?:\[[^\[\]]*\])?), (\w+)\]", r"\1 or \2", text)
    ) != text:
        text = simpler
    return text.replace("|", "or").replace("NoneType", "None")


def _prose(doc: str | None) -> str:
    return re.sub(r":\w+:", "", inspect.cleandoc(doc or "").replace("``", "`"))


def _short_names() -> list[tuple[str, str]]:
    names = [(str(expressions.Expr), "Expr"), (str(types.Type), "Type")]
    names += [(str(workflow.Process), "Process"), (str(ports.Collect), "Collect")]
    names += [(str(command.ScriptPart), "ScriptPart"), (str(workflow.Wait), "Wait")]
    inside = [(text[len("typing.Union[") : -1], name) for text, name in names]
    prefixes = [f"fairwf.ir.{module.__name__.rsplit('.', 1)[1]}." for _, module in MODULES]
    drop = [(prefix, "") for prefix in (*prefixes, "typing.", "collections.abc.")]
    return [*names, *inside, ("Union[Process, ProcessRef]", "Process or ProcessRef"), *drop]


def _fields(cls: type[msgspec.Struct]) -> list[str]:
    hints = get_type_hints(cls)
    lines = []
    for field in msgspec.structs.fields(cls):
        required = "" if not field.required else " (required)"
        lines.append(f"- `{field.encode_name}`{required}: {_type_text(hints[field.name])}")
    return lines


def _section(cls: type[msgspec.Struct]) -> list[str]:
    tag = cls.__struct_config__.tag
    head = f"### {cls.__name__}" + (f" `kind: {tag}`" if tag else "")
    fields = _fields(cls)
    lines = [head, "", _prose(cls.__doc__), "", *fields, *([""] if fields else [])]
    return [*lines, "```yaml", EXAMPLES[cls.__name__].rstrip(), "```", ""]


def _function(function: Function) -> str:
    shown = []
    for args, result in function.examples[:2]:
        given = ", ".join(map(repr, args))
        gives = f"fails ({result.message})" if isinstance(result, Fails) else repr(result)
        shown.append(f"`{function.name}({given})` = `{gives}`".replace("|", "\\|"))
    signature = f"`{function.name}({', '.join(function.parameters)}) -> {function.result}`"
    return f"| {signature} | {function.doc} | {'<br>'.join(shown)} |"


def page() -> str:
    """Return the text of docs/ir.md."""
    lines = [HEAD]
    for title, module in MODULES:
        lines += [f"## {title}", "", _prose(module.__doc__), ""]
        for cls in classes(module):
            lines += _section(cls)
    lines += ["## Standard functions", "", "| Signature | Meaning | Examples |", "|---|---|---|"]
    lines += [_function(function) for function in FUNCTIONS.values()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page; return 0."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
