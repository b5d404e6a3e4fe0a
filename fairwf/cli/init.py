"""``fairwf init``."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from fairwf.cli.options import examples, output_format
from fairwf.cli.outputs import TemplateEntry, TemplateList, encode
from fairwf.templates import JOB, MAIN, copy_template, templates


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [
        CompletionItem(one.name, help=one.title)
        for one in templates()
        if one.name.startswith(incomplete)
    ]


@click.command(
    epilog=examples("fairwf init", "fairwf init screening", "fairwf init screening mine")
)
@click.argument("template", required=False, shell_complete=_complete)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@output_format("text", "json", help="Form of the list of templates.")
def init(template: str | None, folder: Path | None, format_: str) -> None:
    """Begin with a template: put a copy into FOLDER; without TEMPLATE, list all.

    FOLDER is new or empty; without it, a new folder is named after the template.
    """
    if template is None:
        known = templates()
        if format_ == "json":
            entries = [TemplateEntry(name=one.name, title=one.title) for one in known]
            click.echo(encode(TemplateList(templates=entries)))
            return
        width = max(len(one.name) for one in known)
        click.echo("\n".join(f"{one.name:{width}}  {one.title}" for one in known))
        return
    target = folder if folder is not None else Path(template)
    copy_template(template, target)
    click.echo(str(target / MAIN))
    click.echo(f"run it: fairwf run {target / MAIN} {target / JOB}", err=True)
