"""``fairwf package``."""

from __future__ import annotations

from pathlib import Path

import click

from fairwf.cli.diagnostics import reported
from fairwf.cli.options import examples, from_option, quiet_option, source_argument
from fairwf.cli.runs import is_run


@click.command(
    epilog=examples(
        "fairwf package run-directory -o crate",
        "fairwf package run-directory -o crate.zip --license CC-BY-4.0",
        "fairwf package main.cwl -o workflow-crate",
    )
)
@source_argument
@click.option(
    "-o",
    "--output",
    metavar="CRATE",
    required=True,
    type=click.Path(),
    help="Folder or .zip file to write; a crate that is there is replaced.",
)
@click.option("--name", metavar="TEXT", help="Title of the crate.")
@click.option("--description", metavar="TEXT", help="What it holds.")
@click.option("--license", metavar="SPDX", help="Licence of the crate: SPDX expression or IRI.")
@click.option("--keyword", "keywords", metavar="WORD", multiple=True, help="A keyword; repeatable.")
@click.option("--intermediate", is_flag=True, help="Copy files that only steps saw, too.")
@click.option("--no-preview", is_flag=True, help="Without ro-crate-preview.html.")
@from_option
@quiet_option
def package(
    source: str,
    output: str,
    name: str | None,
    description: str | None,
    license: str | None,
    keywords: tuple[str, ...],
    intermediate: bool,
    no_preview: bool,
    from_: str | None,
    quiet: bool,
) -> None:
    """Package a run, or a workflow alone, as an RO-Crate.

    A run directory becomes a Provenance Run Crate 0.5, a workflow a Workflow RO-Crate 1.0. Only
    facts that somebody stated or the engine recorded are written.
    """
    from fairwf import api
    from fairwf.crates import PackageOptions

    options = PackageOptions(
        name=name,
        description=description,
        license=license,
        keywords=keywords,
        intermediate=intermediate,
        preview=not no_preview,
    )
    with reported(quiet=quiet) as report:
        if is_run(source):
            from fairwf.engine import load_run

            api.package(load_run(Path(source)), output, options=options, report=report)
        else:
            document = api.load(source, from_, report=report)
            api.package(document, output, options=options, report=report)
    if not quiet:
        click.echo(f"packaged in {output}", err=True)
