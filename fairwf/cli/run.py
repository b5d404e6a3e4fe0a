"""``fairwf run`` and ``fairwf resume``."""

from __future__ import annotations

import gc
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from fairwf.cli.diagnostics import reported
from fairwf.cli.endings import INTERRUPTED, Finished
from fairwf.cli.job import Given, parse_words, read_values
from fairwf.cli.options import (
    SourcePath,
    examples,
    from_option,
    open_source,
    quiet_option,
)
from fairwf.document import Document
from fairwf.engine.backends.names import BACKENDS, PILOTS
from fairwf.formats import Source, converter
from fairwf.ir.values import Value, from_literal
from fairwf.jobfile import amended, ports_of
from fairwf.report import FairwfError, InvalidError, Report, UsageFault

if TYPE_CHECKING:
    from fairwf.crates import PackageOptions
    from fairwf.engine.backends.deployment import Deployment
    from fairwf.trace import Run

CONTAINERS = ("auto", "none", "podman", "docker", "apptainer", "singularity", "bubblewrap")
_UNSUPPORTED = frozenset({"FWF1105", "FWF4006", "FWF4008"})
_NOT_COMPLETED = {"running": "waits", "failed": "failed", "cancelled": "was cancelled"}
_SIZES = {"": 1.0, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0 * 1024}


def _size(ctx: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """Return a size in MiB."""
    if value is None:
        return None
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(?:i?b)?\s*", value.lower())
    if match is None or float(match[1]) == 0:
        raise click.BadParameter(f"{value!r:.40} is no size; write 8GiB, 500M, or a number of MiB")
    return float(match[1]) * _SIZES[match[2]]


class _Completed(click.Command):
    """Completes the options named after the workflow's inputs, too."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the options of the command, and the inputs of the workflow that is named."""
        found = super().shell_complete(ctx, incomplete)
        source = ctx.params.get("source")
        if not incomplete.startswith("-") or source in (None, "-"):
            return found
        try:
            document = _read(open_source(str(source)), ctx.params.get("from_"), Report())
        except (FairwfError, OSError):  # it says so when it runs
            return found
        names = {item.value for item in found}
        inputs = [(f"--{port.id}", port.label) for port in ports_of(document)]
        return found + [
            CompletionItem(name, help=label)
            for name, label in inputs
            if name.startswith(incomplete) and name not in names
        ]


class _BackendName(click.Choice[str]):
    """A backend by its name; pilots are named by the user."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value.startswith(PILOTS) and value != PILOTS:
            return value
        return super().convert(value, param, ctx)


@click.command(
    cls=_Completed,
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    epilog=examples(
        "fairwf run main.cwl job.yml --outdir results",
        "fairwf run main.cwl --reads a.fq --reads b.fq --quality 30",
        "fairwf run main.cwl --help          # also lists the workflow's own inputs",
        "fairwf run main.cwl -- --memory 3   # after --, every name is an input's",
    ),
)
@click.argument("source", metavar="SOURCE", required=False, type=SourcePath())
@click.argument("words", metavar="[JOB] [--NAME VALUE]...", nargs=-1, type=click.UNPROCESSED)
@click.option("--outdir", metavar="DIR", type=click.Path(), help="Folder for the outputs.")
@click.option(
    "--run-dir",
    metavar="DIR",
    type=click.Path(),
    help="Folder for journal and logs, new or empty (.fairwf/runs/TIME-ID).",
)
@click.option(
    "--backend",
    type=_BackendName(BACKENDS),
    metavar="NAME",
    default="local",
    show_default=True,
    help="Where tasks run: local, psij:slurm and others, parsl:LABEL (see `fairwf backends`).",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="Deployment file: queue, account, walltime, set-up of jobs; or several sites and which "
    "steps each runs; or Parsl's own (.py), which is run as a program.",
)
@click.option(
    "--cores",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Most cores in use at once (all).",
)
@click.option("--memory", metavar="SIZE", callback=_size, help="Most memory in use at once (all).")
@click.option(
    "--container",
    type=click.Choice(CONTAINERS),
    default="auto",
    show_default=True,
    help="What runs tasks that ask for a container.",
)
@click.option("--allow-network", is_flag=True, help="Pull container images that are not here.")
@click.option(
    "--cache",
    metavar="DIR",
    type=click.Path(),
    help="Use results of earlier tasks that lie there again, and keep new ones.",
)
@click.option(
    "--cache-key",
    type=click.Choice(["content", "stat"]),
    default="content",
    show_default=True,
    help="What makes input files the same: what they hold, or path, size and time.",
)
@click.option("--crate", metavar="PATH", type=click.Path(), help="Also package the run there.")
@click.option("--events", metavar="FILE", type=click.Path(), help="Write every event as JSON line.")
@click.option("--no-wait", is_flag=True, help="Stop, state kept, where only approvals are missing.")
@from_option
@quiet_option
@click.option("-h", "--help", "wants_help", is_flag=True, help="Show this message and exit.")
def run(
    source: str | None,
    words: tuple[str, ...],
    wants_help: bool,
    **options: Any,
) -> None:
    """Run a workflow and print its output object as JSON.

    JOB is the format's own kind of job file (YAML or JSON), or - for standard input; values of
    inputs can also be given, or overridden, by options named after them. Ctrl-C stops cleanly, and
    `fairwf resume RUN_DIR` goes on without repeating finished tasks.
    """  # fmt: skip
    from fairwf.engine.places.rundir import new_run_dir
    from fairwf.locate import is_unpacked

    ctx = click.get_current_context()
    if source is None:
        click.echo(ctx.get_help())
        if not wants_help:
            raise click.UsageError("name the workflow to run", ctx)
        return
    if source.startswith("--"):
        raise click.UsageError(f"name the workflow before its inputs ({source})", ctx)
    with reported(quiet=options["quiet"]) as report:
        place = open_source(source)
        document = _read(place, options["from_"], report)
        if wants_help:
            click.echo(ctx.get_help())
            click.echo(_inputs_help(document))
            return
        names = [name.lstrip("-") for param in ctx.command.params for name in param.opts]
        given = parse_words(words, ports_of(document), names)
        run_dir = Path(options["run_dir"]) if options["run_dir"] else new_run_dir()
        if is_unpacked(place):
            read_values(document, given, Report())
            place = _kept(place, run_dir)
            document = _read(place, options["from_"], Report())
        if source == "-" and given.job == "-":
            raise UsageFault.of(
                "FWF9001",
                "the workflow and its job file cannot both come from standard input",
                hint="give one of them as a file",
            )
        if given.source is not None:
            document = _checked(amended(document, given.source, report), document, report)
        values = read_values(document, given, report)
    with reported(quiet=options["quiet"]) as report:
        _run(document, place, run_dir, given, values, options, report)


def _kept(place: Source, run_dir: Path) -> Source:
    """Move what a zip file held into the run directory: resuming and packaging need it later."""
    from fairwf.engine.places.rundir import RunDir
    from fairwf.locate import keep

    if run_dir.is_dir() and any(run_dir.iterdir()):
        raise InvalidError.of(
            "FWF4012",
            "the run directory holds other files already",
            file=str(run_dir),
            hint="name an empty or a new folder, or use `fairwf resume`",
        )
    return keep(place, RunDir(run_dir.absolute()).unpacked)


def _read(place: Source, format: str | None, report: Report) -> Document:
    from fairwf.conversion import check_document, read_document

    document = read_document(place, report, format)
    check_document(document, report)
    return document


def _checked(document: Document, before: Document, report: Report) -> Document:
    from fairwf.conversion import check_document

    if document is not before:
        check_document(document, report)
    return document


def _inputs_help(document: Document) -> str:
    from fairwf.cli.inputs import describe

    rows = describe(document)
    if not rows:
        return "\nThe workflow takes no inputs."
    formatter = click.HelpFormatter(max_width=100)
    with formatter.section("\nInputs of the workflow"):
        formatter.write_dl(rows)
    return formatter.getvalue().rstrip()


def _run(
    document: Document,
    place: Source,
    run_dir: Path,
    given: Given,
    values: Mapping[str, Value],
    options: dict[str, Any],
    report: Report,
) -> None:
    from fairwf import engine
    from fairwf.agents import configured
    from fairwf.cli.progress import shown
    from fairwf.jobfile import at_job
    from fairwf.locate import source_files

    packaging = _packaging(options["crate"])
    agent, _ = configured()
    choice = engine.RunOptions(
        run_dir=run_dir,
        backend=options["backend"],
        deployment=_deployment(options["config"], document),
        outdir=_path(options["outdir"]),
        cores=options["cores"],
        memory_mib=options["memory"],
        container=options["container"],
        allow_network=options["allow_network"],
        cache=_path(options["cache"]),
        cache_key=options["cache_key"],
        wait_for_approval=not options["no_wait"],
        events=_path(options["events"]),
        sources=source_files(document, place.path),
        inputs_source=_path(given.job if given.job != "-" else None),
        command_line=("fairwf", *sys.argv[1:]),
        agent=agent,
    )
    gc.freeze()  # what is there by now stays until the end: the collector need not look at it
    with shown(options["quiet"], asking=not options["no_wait"]) as listener:
        record = engine.run(document, values, choice, listener, report)
    job = given.source
    if job is not None:
        at_job(document, job, report)
    _end(record, run_dir, options["crate"], packaging, report)


def _packaging(crate: str | None) -> PackageOptions | None:
    """Return how ``--crate`` packages; what stands against it is told before anything runs."""
    if not crate:
        return None
    from fairwf.cli.package import with_configured
    from fairwf.crates import PackageOptions, check_target

    check_target(Path(crate))
    return with_configured(PackageOptions())


def _end(
    record: Run, run_dir: Path, crate: str | None, packaging: PackageOptions | None, report: Report
) -> None:
    """Print what a run made and package it; say so where it has not come to that."""
    if crate and record.status != "completed":
        again = f"fairwf resume {run_dir} --crate {crate}"
        report.add(
            "FWF5031",
            f"no crate was written: the run {_NOT_COMPLETED[record.status]}",
            file=crate,
            hint=again
            if record.status == "running"
            else f"fairwf package {run_dir} -o {crate} packages it as it is; "
            f"after mending the cause: {again}",
        )
    conclude(record, run_dir, report)
    if crate:
        from fairwf.api import package

        package(record, crate, options=packaging, report=report)


def _deployment(path: str | None, document: Document | None) -> Deployment | None:
    if path is None:
        return None
    from fairwf.engine.backends.deployment import read_deployment

    return read_deployment(Path(path), document.workflow if document is not None else None)


def _ran(run_dir: str) -> Document:
    from fairwf.engine.journal.record import load_document
    from fairwf.engine.places.rundir import RunDir

    return load_document(RunDir.open(Path(run_dir)))


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def conclude(record: Run, run_dir: Path, report: Report) -> None:
    """Print the output object of a run that completed; leave with the right code otherwise.

    Raises:
        InvalidError: the run failed and the report says nothing of it.
        Finished: the run failed, was cancelled, or waits.
    """
    if record.status == "completed":
        print_outputs(record)
        return
    hint = f"logs: {run_dir}; after mending the cause: fairwf resume {run_dir}"
    if record.status == "running":
        raise Finished(INTERRUPTED)
    codes = {finding.code for finding in report.errors}
    if codes and codes <= _UNSUPPORTED:
        raise Finished(33)
    if not codes:
        code = "FWF4017" if record.status == "cancelled" else "FWF4001"
        raise InvalidError.of(code, record.error or f"the run was {record.status}", hint=hint)
    raise Finished(1)


def print_outputs(record: Run) -> None:
    """Print the output object in the shape that the source's format prescribes."""
    outputs = {name: from_literal(value) for name, value in record.outputs.items()}
    document = Document(workflow=record.workflow, format=record.format, source=record.source)
    render = converter(record.format or "ir").render_outputs or converter("ir").render_outputs
    assert render is not None, "the IR renders outputs"
    click.echo(_indented(render(document, outputs)))


def _indented(value: Any) -> str:
    """Return JSON over several lines; the standard library's own way to do it is slow."""
    import msgspec

    text = json.dumps(value, ensure_ascii=False)
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, UnicodeEncodeError):  # NaN, or an octet that is no UTF-8
        return json.dumps(value, indent=2, ensure_ascii=False)


@click.command(
    epilog=examples("fairwf resume .fairwf/runs/20260101-120000-a1b2c3", "fairwf resume run -q")
)
@click.argument("run_dir", metavar="RUN_DIR", type=click.Path())
@click.option(
    "--outdir", metavar="DIR", type=click.Path(), help="Folder for the outputs, from now on."
)
@click.option(
    "--config", metavar="FILE", type=click.Path(), help="Another deployment file, from now on."
)
@click.option("--crate", metavar="PATH", type=click.Path(), help="Also package the run there.")
@quiet_option
def resume(
    run_dir: str, outdir: str | None, config: str | None, crate: str | None, quiet: bool
) -> None:
    """Continue a run without repeating finished tasks, and print its output object.

    Works after Ctrl-C, after `kill -9`, and after a failure whose cause was mended outside of the
    workflow: a missing file or program, a full disk. The workflow itself goes on as it was when the
    run began; `fairwf run` starts anew with a changed one. A run that has completed prints its
    outputs again.
    """  # fmt: skip
    from fairwf import engine
    from fairwf.agents import configured
    from fairwf.cli.progress import shown

    if run_dir == "-":
        raise UsageFault.of("FWF9001", "name a run directory")
    with reported(quiet=quiet) as report:
        packaging = _packaging(crate)
        agent, _ = configured()
        changed = engine.RunOptions(
            outdir=_path(outdir), deployment=_deployment(config, _ran(run_dir)), agent=agent
        )
        gc.freeze()
        with shown(quiet) as listener:
            record = engine.resume(Path(run_dir), listener, report, changed)
        _end(record, Path(run_dir), crate, packaging, report)
