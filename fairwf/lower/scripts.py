"""Scripts become commands: the interpreter with the text as an argument or a staged file."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from fairwf.features import Feature
from fairwf.ir.codec import Root
from fairwf.ir.command import Argument, Placeholder, StagedItem, Text
from fairwf.ir.expressions import Call, Expr, If, StringLit, Template
from fairwf.ir.workflow import Command, Script
from fairwf.lower.context import Context
from fairwf.report import Fate

SCRIPT_FILE = ".fairwf_script"
"""The name of the staged text in the task's folder."""


@dataclass(frozen=True)
class ScriptToCommand:
    """The body becomes a template, which the interpreter gets as its last argument or as a file.

    A script with whole arguments inside (``Words``), or with a default or truth texts in a
    placeholder whose type would have to be known, stays.
    """

    name: str = "script_to_command"
    removes: Feature = Feature.SCRIPT
    adds: frozenset[Feature] = frozenset(
        {Feature.COMMAND, Feature.STAGING, Feature.ARGUMENT_EXPRESSION}
    )
    fate: Fate = "rewritten"

    def __call__(self, workflow: Root, context: Context) -> Root:
        """Return the workflow with commands in place of scripts."""

        def visit(node: msgspec.Struct) -> msgspec.Struct:
            if not isinstance(node, Script):
                return node
            parts = [_part(part) for part in node.body]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return node
            text: Expr = Template(parts=tuple(known)) if known else StringLit(value="")
            words: list[Expr] = [StringLit(value=word) for word in node.interpreter]
            fields = {
                name: getattr(node, name)
                for name in Command.__struct_fields__
                if name in Script.__struct_fields__
            }
            if node.delivery == "file":
                name = StringLit(value=SCRIPT_FILE)
                staged = StagedItem(value=text, name=name)
                fields["staging"] = (*node.staging, staged)
                words.append(StringLit(value=SCRIPT_FILE))
            else:
                words.append(text)
            arguments = tuple(Argument(value=word) for word in words)
            what = "a script is a command: its interpreter gets the text"
            how = "as a file" if node.delivery == "file" else "as its last argument"
            context.told("rewritten", node, f"{what} {how}")
            return context.made(Command(arguments=arguments, **fields), node)

        if isinstance(workflow, Script):  # alone: a rewriting keeps the kind of the root
            made = visit(workflow)
            return made if isinstance(made, Command) else workflow
        return context.rewrite(workflow, visit)


def _part(part: object) -> Expr | None:
    if isinstance(part, Text):
        return StringLit(value=part.text)
    if not isinstance(part, Placeholder) or part.quote == "shell":
        return None
    value = part.value
    if part.default is not None:
        value = Call(function="default", args=(value, part.default))
    if part.when_true is not None or part.when_false is not None:
        yes, no = (StringLit(value=text or "") for text in (part.when_true, part.when_false))
        value = If(test=value, then=yes, otherwise=no)
    elif part.separator is not None:
        value = Call(function="join", args=(value, StringLit(value=part.separator)))
    return value
