"""``fairwf score``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fairwf.cli.diagnostics import printable, reported
from fairwf.cli.options import examples, from_option, output_format, quiet_option, source_argument
from fairwf.locate import is_run
from fairwf.report import InvalidError, UsageFault

LEVELS = ("M0", "M1", "M2", "M3")


@click.command(
    epilog=examples(
        "fairwf score crate/",
        "fairwf score . --format html > fairness.html",
        "fairwf score . --fix",
        "fairwf score main.cwl --min-level M2 --format sarif > fairness.sarif",
    )
)
@source_argument
@output_format("text", "json", "html", "sarif", "junit", "github", "ftr", "badge")
@click.option(
    "--min-level",
    type=click.Choice(LEVELS[1:]),
    help="Exit with 1 where the maturity level is below this.",
)
@click.option(
    "--main", metavar="FILE", help="The workflow that is meant, in a folder that holds several."
)
@click.option(
    "--fix",
    is_flag=True,
    help="Write metadata files from what is stated elsewhere; shows the diff first.",
)
@click.option(
    "--license", "licence", metavar="SPDX", help="With --fix: the licence that you choose."
)
@click.option(
    "--allow-network",
    is_flag=True,
    help="Ask resolvers, archives and registries what files cannot tell.",
)
@click.option(
    "--linters",
    is_flag=True,
    help="Run the language's own linter, also where it is another program (cwltool).",
)
@from_option
@quiet_option
def score(
    source: str,
    format_: str,
    min_level: str | None,
    main: str | None,
    fix: bool,
    licence: str | None,
    allow_network: bool,
    linters: bool,
    from_: str | None,
    quiet: bool,
) -> None:
    """Score how FAIR a workflow, a repository folder or a crate is, with the evidence.

    Each indicator has levels 0 to 3. What could not be assessed widens the interval of the score;
    it never counts for or against.
    """
    with reported(quiet=quiet):
        from fairwf import fair

        if is_run(source):
            raise UsageFault.of(
                "FWF9001",
                "this is a run directory; what is scored is the crate made of it",
                file=source,
                hint=f"fairwf package {source} -o crate; fairwf score crate",
            )
        if licence is not None and not fix:
            raise UsageFault.of("FWF9001", "--license belongs to --fix", file=source)
        if fix:
            _fix(source, from_, main, licence)
        network = fair.Network() if allow_network else None
        subject = fair.subject_at(source, from_, main, network, linters)
        card = fair.assess(subject)
        click.echo(_rendered(card, format_), nl=format_ not in ("html", "badge"))
        if subject.document is None and not subject.gap:
            raise InvalidError(subject.report)
        if min_level is not None and LEVELS.index(card.level) < LEVELS.index(min_level):
            raise InvalidError.of(
                "FWF6002",
                f"the maturity level is {card.level}, below {min_level}",
                file=source,
                hint="`fairwf score` lists what to do first",
            )


def _fix(source: str, format_: str | None, main: str | None, licence: str | None) -> None:
    """Show what would be written, then write it; a terminal is asked first."""
    from fairwf import fair
    from fairwf.cli.input_schema import input_schema
    from fairwf.fair import fix
    from fairwf.signatures import is_zip

    if is_zip(Path(source)):
        raise UsageFault.of(
            "FWF9001", "--fix does not write into a zip file", file=source, hint="unpack it first"
        )
    subject = fair.subject_at(source, format_, main)
    planned = fix.changes(subject, licence, input_schema)
    if not planned:
        click.echo("fairwf: nothing to write that is known", err=True)
        return
    click.echo(printable(fix.as_diff(planned)), err=True, nl=False)
    if sys.stdin.isatty() and not click.confirm("Write this?", err=True):
        return
    assert subject.folder is not None
    fix.apply(subject.folder, planned)


def _rendered(card: object, format_: str) -> str:
    import msgspec

    from fairwf.cli import sarif
    from fairwf.fair import Scorecard, render

    assert isinstance(card, Scorecard)
    if format_ == "json":
        return msgspec.json.format(msgspec.json.encode(card), indent=2).decode()
    if format_ == "html":
        return render.as_html(card)
    if format_ == "badge":
        return render.as_badge(card)
    if format_ == "junit":
        return render.as_junit(card)
    if format_ == "ftr":
        return render.as_ftr(card)
    if format_ == "sarif":
        return sarif.sarif(render.as_report(card))
    if format_ == "github":
        return sarif.github(render.as_report(card))
    return printable(render.as_text(card).rstrip("\n"))
