"""``fairwf package``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from fairwf.cli.diagnostics import reported
from fairwf.cli.options import (
    complete_trace,
    examples,
    from_option,
    known_trace,
    quiet_option,
    source_argument,
)
from fairwf.cli.runs import spare_source

if TYPE_CHECKING:
    from fairwf.crates import PackageOptions
    from fairwf.entities.versions import ProfileVersion


def web_address(text: str) -> str:
    """Return an address on the web.

    Raises:
        click.UsageError: the text is none.
    """
    from fairwf.ir.iris import is_web

    if not is_web(text):
        raise click.UsageError(
            f"--signposting: {text!r:.80} is no address on the web (https://...)"
        )
    return text


def with_configured(options: PackageOptions) -> PackageOptions:
    """Return options with the person and publisher of the user's settings, where none is given.

    Raises:
        InvalidError, UsageFault: the settings cannot be read.
    """
    from fairwf.agents import configured

    agent, publisher = configured()
    return replace(options, usual_agent=agent, publisher=options.publisher or publisher)


@click.command(
    epilog=examples(
        "fairwf package run-directory -o crate",
        "fairwf package run-directory -o crate.zip --license CC-BY-4.0",
        "fairwf package run-directory -o crate --agent 'Ada Lovelace <0000-0002-1825-0097>'",
        "fairwf package main.cwl -o workflow-crate",
        "fairwf package cwlprov-folder -o crate",
        "fairwf package crate -o small.zip --minimal",
    )
)
@source_argument
@click.option(
    "-o",
    "--output",
    metavar="CRATE",
    required=True,
    type=click.Path(),
    help="Folder, .zip or .eln file to write; a crate that is there is replaced.",
)
@click.option("--name", metavar="TEXT", help="Title of the crate.")
@click.option("--description", metavar="TEXT", help="What it holds.")
@click.option("--license", metavar="SPDX", help="Licence of the crate: SPDX expression or IRI.")
@click.option(
    "--agent",
    metavar="NAME",
    help="Who ran the workflow: 'Ada Lovelace <https://orcid.org/0000-0002-1825-0097>'.",
)
@click.option(
    "--affiliation", metavar="NAME", help="The agent's: 'University <https://ror.org/...>'."
)
@click.option("--publisher", metavar="NAME", help="The organisation that publishes the crate.")
@click.option("--keyword", "keywords", metavar="WORD", multiple=True, help="A keyword; repeatable.")
@click.option("--intermediate", is_flag=True, help="Copy files that only steps saw, too.")
@click.option("--parquet", is_flag=True, help="Also a table of executions (Apache Parquet).")
@click.option(
    "--minimal", is_flag=True, help="Describe data, and copy none: no inputs, no outputs."
)
@click.option(
    "--profile",
    type=click.Choice(["0.5", "0.6"]),
    default="0.5",
    show_default=True,
    help="Workflow Run RO-Crate: 0.5 with RO-Crate 1.1, or 0.6 with RO-Crate 1.3.",
)
@click.option(
    "--from-trace",
    "from_trace",
    metavar="ENGINE",
    callback=known_trace,
    shell_complete=complete_trace,
    help="SOURCE is what this engine left behind of a run (told from its content).",
)
@click.option(
    "--data",
    metavar="DIR",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="Folder beside that of a trace whose files may go into the crate; repeatable.",
)
@click.option("--bagit", "bag", is_flag=True, help="A bag (BagIt) with the crate as its payload.")
@click.option(
    "--signposting",
    "address",
    metavar="URL",
    help="Also linkset.json, for a crate that will lie at this address.",
)
@click.option("--swhid", is_flag=True, help="State the SWHID of the workflow's folder.")
@click.option("--no-preview", is_flag=True, help="Without ro-crate-preview.html.")
@from_option
@quiet_option
@click.pass_context
def package(
    ctx: click.Context,
    source: str,
    output: str,
    name: str | None,
    description: str | None,
    license: str | None,
    agent: str | None,
    affiliation: str | None,
    publisher: str | None,
    keywords: tuple[str, ...],
    intermediate: bool,
    parquet: bool,
    minimal: bool,
    profile: ProfileVersion,
    from_trace: str | None,
    data: tuple[str, ...],
    bag: bool,
    address: str | None,
    swhid: bool,
    no_preview: bool,
    from_: str | None,
    quiet: bool,
) -> None:
    """Package a run, or a workflow alone, as an RO-Crate.

    A run directory becomes a Provenance Run Crate, a workflow a Workflow RO-Crate. SOURCE may also
    be what another engine left behind of a run (`fairwf formats` lists them), or a crate of a run,
    which gets another form (zip, bag, title, without data) and keeps all else. Only facts that
    somebody stated or the engine recorded are written. Who you are may stand in
    ~/.config/fairwf/config.toml, as [agent] and [publisher] with name, id and affiliation.
    """
    from fairwf import api
    from fairwf.agents import organisation, person
    from fairwf.crates import PackagedRuns, PackageOptions
    from fairwf.crates.licences import licence

    with reported(quiet=quiet) as report:
        spare_source(source, output)
        if affiliation is not None and agent is None:
            raise click.UsageError("--affiliation is that of the --agent: name one")
        if minimal and intermediate:
            raise click.UsageError("--minimal copies no data, --intermediate more: choose one")
        options = PackageOptions(
            name=name,
            description=description,
            license=licence(license) if license is not None else None,
            agent=person(agent, affiliation) if agent is not None else None,
            publisher=organisation(publisher) if publisher is not None else None,
            keywords=keywords,
            intermediate=intermediate,
            table=parquet,
            minimal=minimal,
            profile=profile,
            bag=bag,
            address=web_address(address) if address is not None else None,
            swhid=swhid,
            preview=not no_preview,
        )
        subject = api.packageable(source, from_, trace=from_trace, data=data, report=report)
        if isinstance(subject, PackagedRuns):
            _refuse_profile(ctx)
        else:
            options = with_configured(options)
        api.package(subject, output, options=options, report=report)
    _done(output, quiet)


def _refuse_profile(ctx: click.Context) -> None:
    if ctx.get_parameter_source("profile") is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            "--profile cannot be had from a crate: package the run directory with it"
        )


def _done(output: str, quiet: bool) -> None:
    if not quiet:
        click.echo(f"packaged in {output}", err=True)
