"""Options and arguments that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from fairwf.formats import Source

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def complete_format(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a format."""
    from fairwf.formats import converters

    known = [name for name, found in converters().items() if found.documents]
    return [CompletionItem(name) for name in known if name.startswith(incomplete)]


def known_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name of a format if there is one of this name.

    Raises:
        click.BadParameter: there is none; the message lists the known ones.
    """
    from fairwf.formats import converter
    from fairwf.report import UsageFault

    try:
        return None if value is None else converter(value).name
    except UsageFault as fault:
        finding = fault.report.errors[0]
        raise click.BadParameter(f"{finding.message} ({finding.hint})") from None


def complete_trace(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of what reads traces."""
    from fairwf.foreign import trace_readers

    return [CompletionItem(name) for name in trace_readers() if name.startswith(incomplete)]


def known_trace(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name of a reader of traces if there is one of this name.

    Raises:
        click.BadParameter: there is none; the message lists the known ones.
    """
    from fairwf.foreign import trace_reader
    from fairwf.report import UsageFault

    try:
        return None if value is None else trace_reader(value).name
    except UsageFault as fault:
        finding = fault.report.errors[0]
        raise click.BadParameter(f"{finding.message} ({finding.hint})") from None


class SourcePath(click.Path):
    """A path that is read: whether it can be is for the reader to say, with a code and a hint."""

    def __init__(self, *, allow_dash: bool = True) -> None:
        super().__init__(readable=False, allow_dash=allow_dash)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; an empty text, which would be the current folder, names nothing.

        Raises:
            click.BadParameter: the text is empty.
        """
        if value == "":
            self.fail("the path is empty; . is the current folder", param, ctx)
        return super().convert(value, param, ctx)


source_argument = click.argument("source", metavar="SOURCE", type=SourcePath())

from_option = click.option(
    "--from",
    "from_",
    metavar="FORMAT",
    callback=known_format,
    shell_complete=complete_format,
    help="Format of SOURCE (detected).",
)

quiet_option = click.option(
    "-q", "--quiet", is_flag=True, help="Only errors on stderr; no warnings, no progress."
)


def output_format(*names: str, help: str = "Form of the result.") -> Decorator:
    """Return the option ``--format``; the first name is the default."""
    return click.option(
        "--format", "format_", type=click.Choice(names), default=names[0], show_default=True,
        help=help,
    )  # fmt: skip


def examples(*lines: str) -> str:
    """Return a help epilog that shows commands."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def open_source(text: str) -> Source:
    """Return the source that an argument names; ``-`` is read from stdin at once.

    Raises:
        InvalidError: it names nothing, or a folder without a main document.
    """
    from fairwf.locate import locate

    return locate(text)
