"""``fairwf formats``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fairwf.cli.options import examples, output_format
from fairwf.cli.outputs import FormatEntry, FormatList, encode

if TYPE_CHECKING:
    from fairwf.features import Capabilities


@click.command(epilog=examples("fairwf formats", "fairwf formats --format json"))
@output_format("text", "json")
def formats(format_: str) -> None:
    """List the formats that are read and written, and what each can say natively.

    A feature that a format lacks is rewritten where that keeps the meaning; what cannot be
    rewritten is approximated or lost, and reported.
    """
    from fairwf.features import Feature
    from fairwf.formats import converters

    entries = []
    for converter in converters().values():
        known = converter.capabilities(None) if converter.capabilities else None
        entries.append(
            FormatEntry(
                name=converter.name,
                title=converter.title,
                versions=list(converter.versions),
                read_versions=list(converter.read_versions or converter.versions),
                suffix=converter.suffix,
                reads=converter.read is not None,
                writes=converter.write is not None,
                reads_traces=converter.trace is not None,
                trace=converter.trace.name if converter.trace else None,
                features=[f.value for f in Feature if known and f in known.features],
                languages=_languages(known),
            )
        )
    result = FormatList(formats=entries, features=[feature.value for feature in Feature])
    click.echo(encode(result) if format_ == "json" else _text(result))


def _text(result: FormatList) -> str:
    head = ["format", "reads", "writes", "engine logs", "title"]
    rows = [
        [
            e.name,
            " ".join(e.read_versions) or "yes" if e.reads else "-",
            " ".join(e.versions) or "yes" if e.writes else "-",
            e.trace or "-",
            e.title,
        ]
        for e in result.formats
    ]
    matrix = [
        [feature, *(_yes(feature in e.features) for e in result.formats)]
        for feature in result.features
    ]
    names = ["feature", *(e.name for e in result.formats)]
    languages = ["languages", *(" ".join(e.languages) or "-" for e in result.formats)]
    return f"{columns(head, rows)}\n\n{columns(names, [*matrix, languages])}"


def _languages(known: Capabilities | None) -> list[str]:
    if known is None:
        return []
    return ["any"] if known.languages is None else sorted(known.languages)


def _yes(value: bool) -> str:
    return "yes" if value else "-"


def columns(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of aligned columns."""
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )
