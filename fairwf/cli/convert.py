"""``fairwf convert``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fairwf.atomic import write_file, write_files
from fairwf.cli.diagnostics import reported
from fairwf.cli.options import (
    complete_format,
    examples,
    from_option,
    known_format,
    open_source,
    quiet_option,
    source_argument,
)
from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, Written
from fairwf.report import FairwfError, InvalidError, Report, UsageFault

_REPORTS = (".json", ".sarif", ".html")


def _report_path(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.endswith(_REPORTS):
        raise click.BadParameter(f"the name must end in one of {', '.join(_REPORTS)}")
    return value


def _codes(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> list[str]:
    from fairwf.codes import CODES

    for code in value:
        if code.upper() not in CODES:
            raise click.BadParameter(f"no code {code!r:.40}; `fairwf explain` lists all")
    return [code.upper() for code in value]


@click.command(
    epilog=examples(
        "fairwf convert main.cwl --to ir -o main.ir.json",
        "fairwf convert main.cwl --to wfformat --report losses.html > plan.json",
        "fairwf convert main.cwl --to cwl --split -o tidy/",
        "fairwf convert run-directory --to wfformat -o run.json",
        "fairwf convert main.cwl --to wdl -o main.wdl --verify job.yml --certificate main.jsonld",
    )
)
@source_argument
@click.option(
    "--to",
    required=True,
    metavar="FORMAT",
    callback=known_format,
    shell_complete=complete_format,
    help="Target format; `fairwf formats` lists them.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    type=click.Path(allow_dash=True),
    default="-",
    help="File or folder to write (with --split a folder); - is stdout, the default.",
)
@from_option
@click.option(
    "--tool-path",
    metavar="DIR",
    type=click.Path(exists=True),
    help="From Galaxy: folder with the XML wrappers of its tools.",
)
@click.option("--target-version", metavar="V", help="Version of the target format.")
@click.option("--split", is_flag=True, help="One file a tool, beside the main file.")
@click.option("--bare", is_flag=True, help="To ir: without positions and comments.")
@click.option("--strict", is_flag=True, help="Write nothing if anything would be lost.")
@click.option(
    "--allow", multiple=True, metavar="CODE", callback=_codes, help="With --strict: accept these."
)
@click.option(
    "--report",
    "report_path",
    metavar="PATH",
    callback=_report_path,
    help="Also write the report, as .json, .sarif or .html.",
)
@click.option(
    "--verify",
    "job",
    metavar="JOB",
    type=click.Path(),
    help="Run source and result with this job file, and compare all outputs.",
)
@click.option(
    "--certificate",
    metavar="PATH",
    type=click.Path(),
    help="With --verify: write the verdict as JSON-LD.",
)
@quiet_option
def convert(
    source: str,
    to: str,
    output: str,
    from_: str | None,
    tool_path: str | None,
    target_version: str | None,
    split: bool,
    bare: bool,
    strict: bool,
    allow: list[str],
    report_path: str | None,
    job: str | None,
    certificate: str | None,
    quiet: bool,
) -> None:
    """Write a workflow, or a run, in another format.

    What the target cannot say is rewritten with the same meaning; what is approximated or lost is
    reported on stderr with its place in SOURCE. Relative locations count from the folder of the
    result; on stdout, from the current folder.

    With --verify both documents run, each in the engine of its own format where that is installed
    (cwltool, miniwdl), else in fairwf. Exit code 1: their outputs differ.
    """  # fmt: skip
    from fairwf.cli.runs import is_trace, run_document, trace_document
    from fairwf.conversion import check_document, convert_document, read_document, writer
    from fairwf.locate import is_run

    if bare and to != "ir":
        raise click.UsageError("--bare is for --to ir")
    if certificate is not None and job is None:
        raise click.UsageError("--certificate is for --verify JOB")
    if job is not None and output == "-":
        raise click.UsageError("--verify runs the result: name a file or folder with -o")
    is_record = is_run(source)
    place = Source(name=source) if is_record else None
    document: Document | None = None
    output = _named(output, split)
    with reported(quiet=quiet, without=("kept", "rewritten"), brief=True) as report:
        chosen = writer(to)
        if target_version is None and chosen.version_named is not None:
            target_version = chosen.version_named(output)
        if not is_record and is_trace(source, from_):
            place = Source(name=source)
        _apart(report_path, place or Source(name=source, path=Path(source)), output)
        try:
            if place is not None:
                made = run_document(Path(source), to, report) if is_record else None
                document = made or trace_document(source, to, report)
            else:
                place = open_source(source)
                reading = ReadOptions(tool_path=Path(tool_path) if tool_path else None)
                document = read_document(place, report, from_, reading)
            check_document(document, report)
            inside = _inside_zip(place, source, report)
            conversion = convert_document(
                document,
                to,
                report,
                version=target_version,
                strict=strict,
                allow=allow,
                folder=_folder(output) if inside is None else inside,
                split=split,
            )
            written = conversion.written
            _spare_sources(written, output, document)
            if bare:
                written = Written(
                    written.main, {written.main: conversion.lowered.encode(bare=True)}
                )
            _write(written, output)
            if _is_folder(output) and not quiet:
                more = f" and {len(written.files) - 1} more" if len(written.files) > 1 else ""
                click.echo(f"written: {Path(output) / written.main}{more}", err=True)
            if job is not None:
                if is_record or place.path is None:
                    raise UsageFault.of("FWF9001", "--verify takes a workflow in a file")
                main = Path(output) / written.main if _is_folder(output) else Path(output)
                others = [main.parent / name for name in written.files if name != written.main]
                _verify(document, place, to, (main, *others), job, certificate, report, quiet)
        except FairwfError as error:
            if error.report is not report:
                report.extend(error.report)
                error.report = report
            raise
        finally:
            if report_path is not None and place is not None:
                _write_report(report_path, place, document, to, target_version, output, report)
    changed = {fate: len(report.by_fate(fate)) for fate in ("rewritten", "approximated", "lost")}
    if any(changed.values()) and not quiet:
        counts = ", ".join(f"{number} {fate}" for fate, number in changed.items() if number)
        more = (
            f"; all of them in {report_path}" if report_path else "; --report PATH keeps them all"
        )
        click.echo(f"converted to {to}: {counts}{more}", err=True)


def _verify(
    document: Document,
    place: Source,
    to: str,
    written: tuple[Path, ...],
    job: str,
    certificate: str | None,
    report: Report,
    quiet: bool,
) -> None:
    """Run source and result, and tell whether their outputs are the same.

    Raises:
        InvalidError: they are not (FWF5301); the certificate is written all the same.
    """
    import json

    from fairwf.api import verified

    done = verified(document, place.name, to, written, job, report)
    for agent, side in zip(done.engines, (done.source, done.target), strict=True):
        if agent.name == "fairwf" and side.format not in ("ir",):
            report.add("FWF5302", f"{side.place} was run by fairwf", file=side.place)
    if certificate is not None:
        text = json.dumps(done.certificate(), indent=2, ensure_ascii=False)
        write_file(Path(certificate), f"{text}\n".encode())
    names = " and ".join(f"{one.name} {one.version}" for one in done.engines)
    for name, detail in done.outputs.items():
        if detail is not None:
            report.add("FWF5301", f"output {name!r:.80}: {detail}", file=str(written[0]))
    if done.said:
        report.add("FWF5301", done.said, file=str(written[0]))
    if done.judgement != "equal":
        raise InvalidError(report)
    if not quiet:
        count = f"{len(done.outputs)} output{'s' if len(done.outputs) != 1 else ''}"
        click.echo(f"verified: {count} equal in {names}", err=True)


def _inside_zip(place: Source, source: str, report: Report) -> Path | None:
    """Return the folder that locations count from where the source lies in a zip file."""
    from fairwf.locate import is_unpacked

    if place.path is None or not is_unpacked(place):
        return None
    report.add(
        "FWF3008",
        "relative locations in the result count from the workflow's folder in the zip file",
        file=source,
        hint="unpack it and put the result beside the workflow to run it",
    )
    return place.path.parent


def _named(output: str, split: bool) -> str:
    """Return where to write; several files go into a folder, unless a file's name is given."""
    if split and output != "-" and not Path(output).suffix and not Path(output).is_file():
        return f"{output.rstrip('/')}/"
    return output


def _is_folder(output: str) -> bool:
    """Tell whether a result goes into a folder, under the name that its format gives it."""
    return output != "-" and (output.endswith("/") or Path(output).is_dir())


def _folder(output: str) -> Path:
    """Return where the main file is put."""
    path = Path(output)
    if output == "-":
        return Path.cwd()
    return (path if _is_folder(output) else path.parent).resolve()


def _apart(report_path: str | None, source: Source, output: str) -> None:
    """Refuse a report that would take the place of the source or of the result."""
    if report_path is None:
        return
    report = Path(report_path).resolve()
    for path, what in ((source.path, "the source"), (Path(output), "the result")):
        if path is not None and path.resolve() == report:
            raise UsageFault.of(
                "FWF9001",
                f"the report would replace {what}",
                file=report_path,
                hint="name another file with --report",
            )


def _spare_sources(written: Written, output: str, document: Document) -> None:
    """Refuse a result that would take the place of a file that was read."""
    if output == "-":
        return
    read = {Path(document.file).resolve()} if document.file is not None else set()
    if document.format != "ir":  # an IR file was not made of its sources just now
        files = {span.file for span in document.origins.spans()} - {"-"}
        read |= {Path(file).resolve() for file in files}
    path = Path(output)
    into = _is_folder(output)
    for name in written.files:
        target = path if name == written.main and not into else _folder(output) / name
        if target.resolve() in read:
            raise UsageFault.of(
                "FWF9001",
                "the result would replace its own source",
                file=str(target),
                hint="name another file or folder with -o",
            )


def _write(written: Written, output: str) -> None:
    if output == "-":
        if len(written.files) > 1:
            names = ", ".join(sorted(written.files)[:5])
            raise UsageFault.of(
                "FWF9001",
                f"the result is {len(written.files)} files ({names})",
                hint="name a folder with -o FOLDER/",
            )
        sys.stdout.buffer.write(written.files[written.main])
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if _is_folder(output):
        write_files(path, written.files)
        return
    beside = {name: data for name, data in written.files.items() if name != written.main}
    write_files(path.parent, beside)
    write_file(path, written.files[written.main])


def _write_report(
    path: str,
    source: Source,
    document: Document | None,
    to: str,
    version: str | None,
    output: str,
    report: Report,
) -> None:
    from fairwf.cli.conversion_report import conversion_report, html
    from fairwf.cli.outputs import encode
    from fairwf.cli.sarif import sarif

    result = conversion_report(source, document, to, version, output, report)
    if path.endswith(".sarif"):
        text = sarif(result.diagnostics)
    else:
        text = html(result) if path.endswith(".html") else encode(result)
    write_file(Path(path), f"{text}\n".encode())
