"""Scripts with a text of their own as commands: the interpreter gets the text."""

from __future__ import annotations

from fairwf.ir.command import Argument, Placeholder, StagedItem, Text, Words
from fairwf.ir.expressions import Binding, Call, Expr, If, Opaque, StringLit, Template
from fairwf.ir.types import AnyType
from fairwf.ir.workflow import Command, Script
from fairwf_cwl.write.commandline import from_self, is_plain
from fairwf_cwl.write.javascript_text import CannotSayError, quote
from fairwf_cwl.write.places import words_of

SCRIPT_FILE = ".fairwf_script"
"""The name of the script's text in the task's folder."""


def command_of(script: Script) -> Command | Script:
    """Return the command that runs a script; a command line for a shell stays as it is.

    Raises:
        CannotSayError: arguments between texts are rendered by parts.
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
    if isinstance(part, Words):
        return _words(part.arguments)
    if not isinstance(part, Placeholder):
        raise CannotSayError("CWL has no such part of a script", part)
    value = part.value
    if part.default is not None:
        value = Call(function="default", args=(value, part.default))
    if part.when_true is not None or part.when_false is not None:
        yes, no = part.when_true or "", part.when_false or ""
        value = If(test=value, then=StringLit(value=yes), otherwise=StringLit(value=no))
    separator = "null" if part.separator is None else quote(part.separator)
    quoted = "true" if part.quote == "shell" else "false"
    return _computed(f"fw_placeholder(self, {separator}, {quoted})", value)


def _words(arguments: tuple[Argument, ...]) -> Expr:
    """Return the text of whole arguments between texts: words with blanks between."""
    rows: list[Expr] = []
    for argument in arguments:
        if argument.rendering.value is not None:
            argument = from_self(argument)
        how = argument.rendering
        if not is_plain(how) or argument.position is not None:
            raise CannotSayError("CWL cannot write this rendering inside a script", argument)
        prefix = "null" if how.prefix is None else quote(how.prefix)
        separator = "null" if how.item_separator is None else quote(how.item_separator)
        flags = ", ".join(str(flag).lower() for flag in (how.separate, how.quote))
        rows.append(_computed(f"fw_words(self, {prefix}, {separator}, {flags})", argument.value))
    words = Call(function="concat_arrays", args=tuple(rows))
    return Call(function="join", args=(words, StringLit(value=" ")))


def _computed(text: str, value: Expr) -> Opaque:
    return Opaque(
        language="javascript",
        text=text,
        bindings=(Binding(path=("self",), value=value),),
        gives=AnyType(),
    )
