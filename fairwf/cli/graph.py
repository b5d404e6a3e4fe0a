"""``fairwf graph``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairwf.atomic import write_file
from fairwf.cli.diagnostics import reported
from fairwf.cli.options import examples, from_option, open_source, quiet_option, source_argument
from fairwf.cli.runs import recorded_run
from fairwf.report import FairwfError, InvalidError, Report, UnsupportedError

if TYPE_CHECKING:
    from fairwf.graph import Graph

_UNREADABLE = {"FWF1002", "FWF1005", "FWF1006", "FWF5001"}
"""What says that a main workflow is not there, or of a format without a reader."""

SUFFIXES = (".svg", ".png", ".html", ".mmd", ".dot")


def _output(ctx: click.Context, option: click.Parameter, value: str) -> str:
    if value != "-" and not value.endswith(SUFFIXES):
        raise click.BadParameter(f"the name must end in one of {', '.join(SUFFIXES)}")
    return value


def _crate_graph(source: str, error: FairwfError, report: Report) -> Graph | None:
    """Return what a crate says of a workflow that cannot be read; None where it says nothing."""
    from fairwf.crates import open_crate
    from fairwf.graph import crate_graph

    if not {found.code for found in error.report.errors} <= _UNREADABLE:
        return None
    with suppress(InvalidError), open_crate(source) as crate:
        title = str(crate.root.get("name") or Path(source).name)
        drawn = crate_graph(crate.entities, crate.root, title)
        if drawn is not None:
            why = error.report.errors[0]
            report.add("FWF5024", f"{why.message}: its crate's metadata are drawn", file=why.file)
        return drawn
    return None


@click.command(
    epilog=examples(
        "fairwf graph main.cwl -o workflow.svg",
        "fairwf graph run-directory -o run.html",
        "fairwf graph main.cwl > workflow.svg",
    )
)
@source_argument
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    default="-",
    callback=_output,
    help="File ending in .svg, .png, .html (pan, zoom, details), .mmd (Mermaid) or .dot "
    "(Graphviz); without it, SVG to stdout.",
)
@from_option
@quiet_option
def graph(source: str, output: str, from_: str | None, quiet: bool) -> None:
    """Draw a workflow, or a run with what became of each step.

    SOURCE is a workflow in any format, an instance, a run directory, or what another engine left
    behind of a run. Of a crate whose workflow cannot be read, its metadata are drawn. The drawing
    stands alone: it loads nothing from a network.
    """  # fmt: skip
    from fairwf.conversion import check_document, read_document
    from fairwf.graph import document_graph, drawing, run_graph

    with reported(quiet=quiet) as report:
        run = recorded_run(source, report) if from_ is None else None
        if run is not None:
            drawn = run_graph(run)
        else:
            found = Report()
            try:
                document = read_document(open_source(source), found, from_)
            except (InvalidError, UnsupportedError) as error:
                told = _crate_graph(source, error, report) if from_ is None else None
                if told is None:
                    raise
                drawn = told
            else:
                report.extend(found)
                if document.instance:  # its columns refer to each other by number
                    check_document(document, report)
                drawn = document_graph(document)
    data = drawing(drawn, ".svg" if output == "-" else Path(output).suffix)
    if output == "-":
        click.echo(data)
    else:
        write_file(Path(output), data)
