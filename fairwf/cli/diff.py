"""``fairwf diff``."""

from __future__ import annotations

from contextlib import ExitStack

import click

from fairwf.cli.diagnostics import printable, reported
from fairwf.cli.endings import Finished
from fairwf.cli.options import SourcePath, examples, open_source, output_format, quiet_option
from fairwf.cli.outputs import Difference, Place, encode

_LONGEST = 100


@click.command(
    epilog=examples(
        "fairwf diff main.cwl main.ir.json",
        "fairwf diff main.cwl Snakefile --format steps",
        "fairwf diff main.cwl --since HEAD~1 --format html > diff.html",
    )
)
@click.argument("a", metavar="A", type=SourcePath())
@click.argument("b", metavar="[B]", type=SourcePath(), required=False)
@click.option("--since", metavar="REVISION", help="Compare A with what it was in Git, without B.")
@output_format("text", "json", "html", "markdown", "steps")
@quiet_option
def diff(a: str, b: str | None, since: str | None, format_: str, quiet: bool) -> None:
    """Compare the meaning of two workflows, also across formats.

    Layout, comments, the order of maps, keys that only one format knows, and whether a process is
    shared or written out make no difference; relative locations count from each document's own
    folder. Exit code 0: the same meaning; 1: not.

    ``--format steps`` looks at less: which steps there are, whatever they are called, and what each
    waits for. Exit code 0: the same steps and links.
    """
    from fairwf.cli.comparison import page
    from fairwf.cli.comparison.changes import differences
    from fairwf.cli.comparison.counterparts import outline
    from fairwf.cli.comparison.revision import as_of
    from fairwf.conversion import read_document
    from fairwf.formats import Source

    with reported(quiet=quiet) as report, ExitStack() as stack:
        if (b is None) == (since is None):
            raise click.UsageError("name two documents, or one and --since REVISION")
        if a == "-" and b == "-":
            raise click.UsageError("only one of the two can be -")
        if since is not None:
            if a == "-":
                raise click.UsageError("--since needs a file in a Git repository, not -")
            now = open_source(a)
            if now.path is None:
                raise click.UsageError("--since needs a file in a Git repository")
            then = stack.enter_context(as_of(now.path, since))
            for link in then.left:
                message = f"leads out of the repository at {since!r:.80}: it is not followed"
                report.add("FWF1017", message, file=link)
            before = Source(
                name=str(then.path), path=then.path, fragment=now.fragment, tree=then.tree
            )
            names, sources = (f"{since}:{a}", a), (before, now)
        else:
            assert b is not None
            names, sources = (a, b), (open_source(a), open_source(b))
        documents = [read_document(source, report) for source in sources]
        changes = list(differences(*documents))
        if format_ == "text":
            for change in changes:
                click.echo(printable(page.short(change, _LONGEST)))
            raise Finished(1 if changes else 0)
        places = [
            Place(path=name, format=document.format, hash=document.hash)
            for name, document in zip(names, documents, strict=True)
        ]
        found = Difference(
            a=places[0], b=places[1], same=not changes, changes=changes, outline=outline(*documents)
        )
    if format_ == "json":
        click.echo(encode(found))
    elif format_ == "html":
        click.echo(page.html(found, *documents))
    elif format_ == "markdown":
        click.echo(page.markdown(found), nl=False)
    elif format_ == "steps":
        click.echo(page.text(found))
        raise Finished(0 if found.outline.same else 1)
    if changes:
        raise Finished(1)
