"""``fairwf publish``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fairwf.cli.diagnostics import printable, reported
from fairwf.cli.options import SourcePath, examples, output_format, quiet_option
from fairwf.cli.outputs import PublishedFile, PublishResult, encode
from fairwf.locate import is_run

if TYPE_CHECKING:
    from fairwf.publish import Publication

TARGETS = ("invenio", "zenodo", "workflowhub", "folder")


@click.command(
    epilog=examples(
        "fairwf publish crate --to zenodo --dry-run",
        "fairwf publish crate --to zenodo --url https://sandbox.zenodo.org",
        "fairwf publish crate --to zenodo --publish",
        "fairwf publish workflow-crate.zip --to workflowhub --project 42",
        "fairwf publish crate --to folder -o docs/crate --publish",
    )
    + "\n\n\b\nTokens: FAIRWF_ZENODO_TOKEN, FAIRWF_INVENIO_TOKEN, FAIRWF_WORKFLOWHUB_TOKEN, or\n"
    "  the keyring (keyring set fairwf HOST). Never an option: every user of a machine sees those."
)
@click.argument("crate", metavar="CRATE", type=SourcePath(allow_dash=False))
@click.option("--to", "to", type=click.Choice(TARGETS), required=True, help="Where to.")
@click.option(
    "--url",
    metavar="URL",
    help="The repository, or for a folder the address that it will have on the web.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@click.option("--publish", "make_public", is_flag=True, help="Make it public; else it is a draft.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(), help="The folder of --to folder.")
@click.option("--project", metavar="NUMBER", help="The team on WorkflowHub that owns the workflow.")
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    help="How long to try again where a server fails.",
)
@click.option("--allow-http", is_flag=True, help="Send the token unencrypted to --url http://...")
@output_format("text", "json")
@quiet_option
def publish(
    crate: str,
    to: str,
    url: str | None,
    dry_run: bool,
    make_public: bool,
    output: str | None,
    project: str | None,
    wait: float,
    allow_http: bool,
    format_: str,
    quiet: bool,
) -> None:
    """Publish a crate: on Zenodo or another InvenioRDM, on WorkflowHub, or as a web site.

    Without --publish it becomes a draft to look at. A DOI is reserved and written into the crate
    before it is sent. Called again, also after a failure, it continues the same draft; a crate that
    has changed since becomes a new version of the same record. Exit code 1: the crate lacks
    something, or the server refuses it; 3: the server is out of reach, or refuses the token.
    """
    from fairwf.publish import Order, Patience
    from fairwf.publish import publish as publish_crate
    from fairwf.report import InvalidError

    def say(text: str) -> None:
        if not quiet:
            click.echo(printable(text), err=True)

    with reported(quiet=quiet) as report:
        if is_run(crate):
            raise InvalidError.of(
                "FWF5001",
                "this is a run directory, and no crate yet",
                file=crate,
                hint=f"fairwf package {crate} -o CRATE, then publish that",
            )
        order = Order(
            url=url,
            make_public=make_public,
            dry_run=dry_run,
            output=Path(output) if output is not None else None,
            project=project,
            allow_http=allow_http,
            patience=Patience(wait),
            say=say,
        )
        done = publish_crate(Path(crate), to, order, report)
        result = _result(crate, done)
        text = encode(result) if format_ == "json" else _text(result)
        click.echo(text)
        sys.stdout.flush()


def _result(crate: str, done: Publication) -> PublishResult:
    target: Any = done.target
    return PublishResult(
        crate=crate,
        target=target,
        server=done.server,
        status=done.status,
        record=done.record,
        version=done.version,
        doi=done.doi,
        url=done.url,
        files=[
            PublishedFile(name=f.name, size=f.size, checksum=f.checksum, sent=f.sent)
            for f in done.files
        ],
        metadata=done.metadata,
        requests=done.requests,
    )


_HEADS = {
    "planned": "nothing was sent; this is what would be",
    "draft": "a draft; look at it, then call it with --publish",
    "published": "published",
    "unchanged": "published already, and unchanged since",
}


def _text(result: PublishResult) -> str:
    rows = [
        ("server", result.server),
        ("record", result.record),
        ("version", result.version),
        ("doi", result.doi),
        ("page", result.url),
    ]
    lines = [f"{_HEADS[result.status]}"]
    lines += [f"  {name:<8} {printable(value)}" for name, value in rows if value]
    for file in result.files[:_MOST_FILES]:
        packed = result.status == "planned" and file.name.endswith((".zip", ".eln"))
        how = " before it is packed" if packed and Path(result.crate).is_dir() else ""
        sent = "  sent" if file.sent else ""
        lines.append(f"  file     {printable(file.name)} ({file.size} octets{how}){sent}")
    if len(result.files) > _MOST_FILES:
        lines.append(f"  and {len(result.files) - _MOST_FILES} more files")
    if result.metadata:
        text = json.dumps(result.metadata, ensure_ascii=False, indent=2)
        lines += ["metadata", *(f"  {printable(line)}" for line in text.splitlines())]
    if result.requests:
        lines += ["requests", *(f"  {printable(line)}" for line in result.requests)]
    return "\n".join(lines)


_MOST_FILES = 8
