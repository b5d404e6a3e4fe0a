"""``fairwf inputs``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from fairwf.cli.diagnostics import reported
from fairwf.cli.job import required
from fairwf.cli.options import examples, from_option, open_source, quiet_option, source_argument
from fairwf.cli.samples import default_value, example
from fairwf.document import Document
from fairwf.graph.describe import expression_text, type_text
from fairwf.graph.svg import clean
from fairwf.ir.ports import InputPort
from fairwf.jobfile import ports_of
from fairwf.source import printable_json


@click.command(
    epilog=examples(
        "fairwf inputs main.cwl > job.yml      # a job file to fill in",
        "fairwf inputs main.cwl --schema > inputs.schema.json",
    )
)
@source_argument
@click.option("--template", is_flag=True, help="A job file (the default).")
@click.option("--schema", is_flag=True, help="A JSON Schema of job files.")
@from_option
@quiet_option
def inputs(source: str, template: bool, schema: bool, from_: str | None, quiet: bool) -> None:
    """Print what a workflow takes: a job file to fill in, or its JSON Schema."""
    if template and schema:
        raise click.UsageError("choose one of --template and --schema")
    from fairwf.cli.input_schema import input_schema
    from fairwf.conversion import check_document, read_document

    with reported(quiet=quiet) as report:
        document = read_document(open_source(source), report, from_)
        check_document(document, report)
        if schema:
            click.echo(json.dumps(input_schema(document), indent=2, ensure_ascii=False))
        else:
            click.echo(job_template(document), nl=False)


def describe(document: Document) -> list[tuple[str, str]]:
    """Return the inputs for a help page: the option and its metavar, and what it is."""
    rows = []
    for port in ports_of(document):
        about = " ".join(clean(port.doc or port.label or "").split())
        need = "required" if required(port) else _default(port)
        rows.append((f"--{port.id} {type_text(port.type)}", " ".join([about, f"[{need}]"]).strip()))
    return rows


def _default(port: InputPort) -> str:
    return "optional" if port.default is None else f"default: {expression_text(port.default)}"


def job_template(document: Document) -> str:
    """Return a job file in YAML with a comment for each input and a value to replace."""
    process = document.workflow
    file = Path(document.source).name if document.source else None
    title = getattr(process, "label", None) or process.id or file or "a workflow"
    rows = [f"# Inputs of {_line(title)}"]
    for port in ports_of(document):
        rows.append("")
        rows += [
            f"# {_line(text)}" for text in (port.label, *(port.doc or "").splitlines()) if text
        ]
        rows.append(f"# type: {_line(type_text(port.type))}" + ", required" * required(port))
        example_ = printable_json(json.dumps(_example(port), ensure_ascii=False))
        entry = f"{_key(port.id)}: {example_}"
        rows.append(entry if required(port) else f"# {entry}")
    if len(rows) == 1:
        rows += ["", "# It takes none.", "{}"]
    elif all(row.startswith("#") or not row for row in rows):
        rows += ["", "# Every input is optional.", "{}"]
    return "\n".join(rows) + "\n"


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _key(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name) and name not in (
        "true",
        "false",
        "null",
    )
    return name if plain else printable_json(json.dumps(name, ensure_ascii=False))


def _example(port: InputPort) -> Any:
    return default_value(port) if port.default is not None else example(port.type)
