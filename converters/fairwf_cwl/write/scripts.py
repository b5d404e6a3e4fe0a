"""Scripts with a text of their own as commands: the interpreter gets the text."""

from __future__ import annotations

from fairwf.ir.command import Argument, Placeholder, StagedItem, Text
from fairwf.ir.expressions import Call, Expr, If, StringLit, Template
from fairwf.ir.workflow import Command, Script
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.places import words_of

SCRIPT_FILE = ".fairwf_script"
"""The name of the script's text in the task's folder."""


def command_of(script: Script) -> Command | Script:
    """Return the command that runs a script; a command line for a shell stays as it is.

    Raises:
        CannotSayError: whole arguments stand between texts.
    """
    if words_of(script) is not None:
        return script
    parts = tuple(_part(part) for part in script.body)
    text: Expr = Template(parts=parts) if parts else StringLit(value="")
    if parts and all(isinstance(part, StringLit) for part in parts):
        text = StringLit(value="".join(p.value for p in parts if isinstance(p, StringLit)))
    words: list[Expr] = [StringLit(value=word) for word in script.interpreter]
    fields = {
        name: getattr(script, name)
        for name in Command.__struct_fields__
        if name in Script.__struct_fields__
    }
    if script.delivery == "file":
        staged = StagedItem(value=text, name=StringLit(value=SCRIPT_FILE))
        fields["staging"] = (*script.staging, staged)
        words.append(StringLit(value=SCRIPT_FILE))
    else:
        words.append(text)
    return Command(arguments=tuple(Argument(value=word) for word in words), **fields)


def _part(part: object) -> Expr:
    if isinstance(part, Text):
        return StringLit(value=part.text)
    if not isinstance(part, Placeholder):
        raise CannotSayError("CWL has no arguments inside the text of a script", part)
    value = part.value
    if part.default is not None:
        value = Call(function="default", args=(value, part.default))
    if part.when_true is not None or part.when_false is not None:
        yes, no = part.when_true or "", part.when_false or ""
        value = If(test=value, then=StringLit(value=yes), otherwise=StringLit(value=no))
    if part.separator is not None:
        value = Call(function="join", args=(value, StringLit(value=part.separator)))
    if part.quote == "none":
        return value
    quote = StringLit(value="'")
    text = Call(function="to_string", args=(value,))
    inside = Call(function="replace", args=(text, StringLit(value="'"), StringLit(value="'\\''")))
    return Template(parts=(quote, inside, StringLit(value="'")))
