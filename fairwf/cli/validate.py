"""``fairwf validate``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click
from msgspec.structs import replace

from fairwf.cli.diagnostics import SourceLines, printable, show
from fairwf.cli.endings import Finished
from fairwf.cli.options import (
    SourcePath,
    examples,
    from_option,
    output_format,
    quiet_option,
)
from fairwf.cli.outputs import CheckCounts, CheckedFile, ValidationResult, encode
from fairwf.cli.validation.configuration import Names
from fairwf.cli.validation.gather import Way, check_paths
from fairwf.cli.validation.selection import ON_DEMAND, SETS, Selection, names_of
from fairwf.cli.validation.workers import Task, default_jobs
from fairwf.formats import Edit, Source, converters
from fairwf.report import Diagnostic, FairwfError, Report, UsageFault
from fairwf.signatures import is_zip


def _sets(ctx: click.Context, option: click.Parameter, value: Sequence[str]) -> Names:
    try:
        return names_of(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(
    epilog=examples(
        "fairwf validate main.cwl",
        "fairwf validate workflows/ --strict --ignore FWF2009",
        "fairwf validate main.cwl --job job.yml",
        "fairwf validate . --format sarif > fairwf.sarif",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=SourcePath())
@output_format("text", "json", "sarif", "junit", "github")
@from_option
@click.option(
    "--job",
    "job_files",
    multiple=True,
    type=SourcePath(),
    metavar="FILE",
    help="A job file that is checked by what the workflow takes (may stand several times).",
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option(
    "--select",
    multiple=True,
    callback=_sets,
    metavar="SET",
    help=f"Only these findings: {', '.join(SETS)}, or codes. What cannot be read always counts; "
    f"{', '.join(ON_DEMAND)} only where it is named.",
)
@click.option("--ignore", multiple=True, callback=_sets, metavar="SET", help="Not these findings.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that check documents at once (one a core).",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Mend what can be mended without changing what a document means; the diff is shown.",
)
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep verdicts of earlier calls.")
@click.option("--no-config", is_flag=True, help="Pass over fairwf.toml and pyproject.toml.")
@quiet_option
def validate(
    paths: tuple[str, ...],
    format_: str,
    from_: str | None,
    job_files: tuple[str, ...],
    strict: bool,
    select: Names,
    ignore: Names,
    jobs: int | None,
    fix: bool,
    diff: bool,
    no_cache: bool,
    no_config: bool,
    quiet: bool,
) -> int:
    """Check workflows and tools; folders are walked.

    Exit code 0: all valid. A document of a known kind that cannot be read yet is a note. In
    folders, files that are no workflow documents are passed over. A comment
    `# fairwf: ignore[FWF2106]` on a line, or alone on the line before, takes findings away; so do
    `fairwf.toml` and `[tool.fairwf]` in `pyproject.toml`.
    """  # fmt: skip
    selection = Selection(selected=select, ignored=ignore, strict=strict)
    way = Way(from_, jobs or default_jobs(), keep=not no_cache, configured=not no_config)
    report = Report()
    packed = next((path for path in paths if (fix or diff) and is_zip(Path(path))), None)
    if packed is not None:
        text = "a zip file is not mended in place"
        raise UsageFault.of("FWF9001", text, file=packed, hint="unpack it first")
    if job_files and (len(paths) != 1 or "-" in paths):
        text = "--job FILE belongs to one workflow, and PATH names it"
        raise UsageFault.of("FWF9001", text, hint="fairwf validate main.cwl --job job.yml")
    files, ways, given = check_paths(paths, selection, way, report)
    if job_files:
        from fairwf.cli.validation.jobs import check_jobs

        files = [*files, *check_jobs(paths[0], job_files, from_, selection)]
    if fix or diff:
        files = _mend(files, ways, fix and not diff)
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


def _mend(files: list[CheckedFile], ways: Mapping[str, Task], write: bool) -> list[CheckedFile]:
    """Show what can be mended as a diff, write it where that is wanted; return what is left."""
    from fairwf.cli.validation.fixes import fixed
    from fairwf.cli.validation.verdict import check_source

    left: list[CheckedFile] = []
    for file in files:
        way = ways.get(file.file)
        mended = fixed(file, way) if way is not None else None
        if mended is not None and way is not None:
            click.echo(printable(mended.diff()), err=True, nl=False)
            if write:
                mended.write()
                file = check_source(Source.at(file.file), way.format, way.selection)
        left.append(file)
    return left


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
        click.echo(sarif.sarif(diagnostics, _edits(result.files)))
    elif format_ == "junit":
        click.echo(sarif.junit(result.files))
    elif diagnostics:
        click.echo(sarif.github(diagnostics))


def _edits(files: list[CheckedFile]) -> dict[Diagnostic, Sequence[Edit]]:
    """Return what the formats know to mend, by finding."""
    from fairwf.cli.validation.fixes import proposals

    known: dict[Diagnostic, Sequence[Edit]] = {}
    for file in files:
        own = [d for d in file.diagnostics if d.file == file.file]
        chosen = converters().get(file.format or "")
        if own and chosen is not None and chosen.fix is not None:
            with suppress(FairwfError):  # what cannot be read is told already
                known.update(proposals(Source.at(file.file).data, file.format, own))
    return known


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
