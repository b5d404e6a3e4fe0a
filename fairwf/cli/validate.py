"""``fairwf validate``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import click
from msgspec.structs import replace

from fairwf.cli.diagnostics import SourceLines, show
from fairwf.cli.endings import Finished
from fairwf.cli.options import (
    SourcePath,
    examples,
    from_option,
    output_format,
    quiet_option,
)
from fairwf.cli.outputs import CheckCounts, CheckedFile, ValidationResult, encode
from fairwf.cli.walk import SETS, Selection, check_paths
from fairwf.report import Diagnostic, Report


def _sets(
    ctx: click.Context, option: click.Parameter, value: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of sets, and the codes (or their beginnings)."""
    from fairwf.codes import CODES
    from fairwf.source import did_you_mean

    sets: list[str] = []
    codes: list[str] = []
    for name in (part.strip() for text in value for part in text.split(",")):
        if name == "links":
            sets += ["names", "links"]  # a link to what does not exist is a name that is unknown
        elif name in SETS:
            sets.append(name)
        elif name.upper().startswith("FWF"):
            if not any(code.startswith(name.upper()) for code in CODES):
                near = did_you_mean(name.upper(), CODES)
                raise click.BadParameter(
                    f"no code {name!r:.40}; {near or '`fairwf explain` lists all'}"
                )
            codes.append(name.upper())
        else:
            raise click.BadParameter(f"unknown set {name!r:.40}; known: {', '.join(SETS)}, or FWF…")
    return tuple(sets), tuple(codes)


@click.command(
    epilog=examples(
        "fairwf validate main.cwl",
        "fairwf validate workflows/ --strict --ignore FWF2009",
        "fairwf validate . --format sarif > fairwf.sarif",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=SourcePath())
@output_format("text", "json", "sarif", "junit", "github")
@from_option
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option(
    "--select",
    multiple=True,
    callback=_sets,
    metavar="SET",
    help=f"Only these findings: {', '.join(SETS)}, or codes. What cannot be read always counts.",
)
@click.option("--ignore", multiple=True, callback=_sets, metavar="SET", help="Not these findings.")
@quiet_option
def validate(
    paths: tuple[str, ...],
    format_: str,
    from_: str | None,
    strict: bool,
    select: tuple[tuple[str, ...], tuple[str, ...]],
    ignore: tuple[tuple[str, ...], tuple[str, ...]],
    quiet: bool,
) -> int:
    """Check workflows and tools; folders are walked.

    Exit code 0: all valid. A document of a known kind that cannot be read yet is a note. In
    folders, files that are no workflow documents are passed over.
    """  # fmt: skip
    selection = Selection(
        sets=select[0],
        codes=select[1],
        ignored_sets=ignore[0],
        ignored_codes=ignore[1],
        strict=strict,
    )
    report = Report()
    files, given = check_paths(paths, from_, selection, report)
    diagnostics = _by_file([*report, *(d for file in files for d in file.diagnostics)])
    result = ValidationResult(files=files, summary=_count(files, diagnostics))
    if format_ == "text":
        show(diagnostics, quiet=quiet, lines=SourceLines(given))
        if not quiet:
            click.echo(_summary(result.summary), err=True)
    else:
        _print(result, diagnostics, format_)
    statuses: set[str] = {file.status for file in files}
    if strict and len(report):
        statuses.add("invalid")
    code = 1 if "invalid" in statuses else 33 if "unsupported" in statuses else 0
    if code:
        raise Finished(code)
    return 0


def _by_file(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings file by file; one that several documents share counts once."""
    found: dict[str | None, dict[Diagnostic, Diagnostic]] = {}
    for diagnostic in diagnostics:
        place = os.path.normpath(diagnostic.file) if diagnostic.file else None
        same = replace(diagnostic, path=None, file=place)
        found.setdefault(place, {}).setdefault(same, diagnostic)
    return [diagnostic for group in found.values() for diagnostic in group.values()]


def _print(result: ValidationResult, diagnostics: list[Diagnostic], format_: str) -> None:
    from fairwf.cli import sarif

    if format_ == "json":
        click.echo(encode(result))
    elif format_ == "sarif":
        click.echo(sarif.sarif(diagnostics))
    elif format_ == "junit":
        click.echo(sarif.junit(result.files))
    elif diagnostics:
        click.echo(sarif.github(diagnostics))


def _count(files: list[CheckedFile], diagnostics: list[Diagnostic]) -> CheckCounts:
    def status(name: str) -> int:
        return sum(1 for file in files if file.status == name)

    def severity(name: str) -> int:
        return sum(1 for d in diagnostics if d.severity == name)

    return CheckCounts(
        files=len(files), valid=status("valid"), invalid=status("invalid"),
        unsupported=status("unsupported"), unread=status("unread"),
        errors=severity("error"), warnings=severity("warning"), notes=severity("note"),
    )  # fmt: skip


def _summary(counts: CheckCounts) -> str:
    def named(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    parts = [f"{counts.valid} valid"]
    parts += [f"{counts.invalid} invalid"] if counts.invalid else []
    parts += [f"{counts.unsupported} not supported"] if counts.unsupported else []
    parts += [f"{counts.unread} without a reader"] if counts.unread else []
    found = f"{named(counts.errors, 'error')}, {named(counts.warnings, 'warning')}"
    return f"{named(counts.files, 'document')}: {', '.join(parts)}; {found}"
