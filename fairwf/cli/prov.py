"""``fairwf prov`` and ``fairwf query``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairwf.atomic import write_file
from fairwf.cli.diagnostics import printable, reported
from fairwf.cli.formats import columns
from fairwf.cli.options import SourcePath, examples, output_format, quiet_option
from fairwf.cli.outputs import LineageAnswer, LineageNode, QueryAnswer, encode
from fairwf.cli.runs import recorded_run, spare_source

if TYPE_CHECKING:
    from fairwf.crates import Crate
    from fairwf.provenance import Answer
    from fairwf.provenance.model import Node
    from fairwf.report import Report
    from fairwf.trace import Run

FORMS = ("turtle", "nquads", "json-ld", "prov-json", "prov-n", "svg")

subject_argument = click.argument(
    "subject", metavar="CRATE|RUN_DIR|TRACE", type=SourcePath(allow_dash=False)
)


@contextmanager
def _opened(text: str, report: Report) -> Iterator[Run | Crate]:
    """Give the record of a run directory or trace, or an open crate (a folder or zip file)."""
    run = recorded_run(text, report)
    if run is not None:
        yield run
        return
    from fairwf.crates import open_crate

    with open_crate(Path(text)) as crate:
        yield crate


@click.command(
    epilog=examples(
        "fairwf prov crate/ --to turtle -o provenance.ttl",
        "fairwf prov run --to prov-n",
        "fairwf prov crate/ --to svg -o provenance.svg",
    )
)
@subject_argument
@click.option("--to", type=click.Choice(FORMS), default=FORMS[0], show_default=True, help="Form.")
@click.option(
    "-o", "--output", metavar="PATH", default="-", help="File to write; - is stdout, the default."
)
@quiet_option
def prov(subject: str, to: str, output: str, quiet: bool) -> None:
    """Write the provenance of a run as W3C PROV, or draw it (svg)."""
    from fairwf import provenance

    with reported(quiet=quiet) as report:
        if output != "-":
            spare_source(subject, output)
        with _opened(subject, report) as source:
            if to == "svg":
                from fairwf.cli.prov_drawing import provenance_graph
                from fairwf.graph import drawing

                data = drawing(provenance_graph(provenance.provenance(source)), ".svg")
            else:
                data = provenance.prov(source, to)
        if output == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_file(Path(output), data)


@click.command(
    epilog=examples(
        "fairwf query crate/ --lineage summary.csv",
        "fairwf query crate/ --affected-by reads.fq --format json",
        "fairwf query run 'SELECT ?a WHERE { ?a a prov:Activity }'",
    )
)
@subject_argument
@click.argument("sparql", metavar="[SPARQL]", required=False)
@click.option("--lineage", metavar="FILE", help="What the file comes from.")
@click.option("--used-by", metavar="FILE", help="What used the file, and what that gave.")
@click.option("--affected-by", metavar="FILE", help="What has to be made again if it changes.")
@output_format("text", "json")
@quiet_option
def query(
    subject: str,
    sparql: str | None,
    lineage: str | None,
    used_by: str | None,
    affected_by: str | None,
    format_: str,
    quiet: bool,
) -> None:
    """Ask where files come from, or anything in SPARQL (- reads the query from stdin).

    A FILE is named by its name, its path in the crate or the folder of the run, its SHA-256 or its
    IRI; of several files of one name, one must be named by its path. In queries the usual prefixes
    (prov, schema, wfprov, p-plan) need no declaration.
    """
    asked = {"lineage": lineage, "used-by": used_by, "affected-by": affected_by}
    chosen = [(question, file) for question, file in asked.items() if file is not None]
    if len(chosen) + (sparql is not None) != 1:
        raise click.UsageError("ask one thing: a SPARQL query, --lineage, --used-by, --affected-by")
    with reported(quiet=quiet) as report, _opened(subject, report) as source:
        if chosen:
            click.echo(_lineage(source, *chosen[0], format_))
        else:
            assert sparql is not None
            click.echo(_sparql(source, sys.stdin.read() if sparql == "-" else sparql, format_))


def _lineage(source: Run | Crate, question: str, file: str, format_: str) -> str:
    from fairwf.provenance import Lineage, provenance

    told = Lineage(provenance(source))
    ask = {"lineage": told.lineage, "used-by": told.used_by, "affected-by": told.affected_by}
    answer = ask[question](file)
    if format_ == "json":
        activities, entities = _nodes(answer.activities), _nodes(answer.entities)
        return encode(
            LineageAnswer(question=question, file=file, activities=activities, entities=entities)
        )
    return printable(_text(answer) or "nothing")


def _nodes(found: tuple[tuple[int, Node], ...]) -> list[LineageNode]:
    return [
        LineageNode(id=node.id, name=node.name, path=_path(node), distance=distance)
        for distance, node in found
    ]


def _path(node: Node) -> str | None:
    """Return the path of a file in the crate, else that in the folder of the run."""
    return node.path or next((name for name in node.former if "/" in name), None)


def _text(answer: Answer) -> str:
    """Return both kinds of nodes in the order of their distance."""
    from fairwf.provenance.lineage import called

    rows = [(distance, 0, "run", node) for distance, node in answer.activities]
    rows += [(distance, 1, _kind(node), node) for distance, node in answer.entities]
    rows.sort(key=lambda row: row[:2])
    return "\n".join(f"{distance:3}  {kind:7}{called(node)}" for distance, _, kind, node in rows)


def _kind(node: Node) -> str:
    if "prov:Collection" in node.types:
        return "folder"
    is_file = node.path is not None or node.sha256 is not None or "schema:MediaObject" in node.types
    return "file" if is_file else "value"


def _sparql(source: Run | Crate, text: str, format_: str) -> str:
    from fairwf.provenance import Table, query

    answer = query(source, text)
    if isinstance(answer, bool):
        found = QueryAnswer(boolean=answer)
        shown = "yes" if answer else "no"
    elif isinstance(answer, Table):
        rows = [list(row) for row in answer.rows]
        found = QueryAnswer(columns=list(answer.columns), rows=rows)
        cells = [[printable(cell or "").replace("\n", " ") for cell in row] for row in rows]
        shown = columns([f"?{name}" for name in answer.columns], cells)
    else:
        shown = answer.decode("utf-8").rstrip("\n")
        found = QueryAnswer(triples=shown)
    return encode(found) if format_ == "json" else shown
