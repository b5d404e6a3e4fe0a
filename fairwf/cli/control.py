"""``fairwf status``, ``cancel`` and ``approve``: a run seen and steered from outside."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import click

from fairwf.cli.diagnostics import printable, reported
from fairwf.cli.formats import columns
from fairwf.cli.options import examples, output_format
from fairwf.cli.outputs import (
    Reasons,
    RunEntry,
    RunList,
    Standing,
    StepReason,
    StepVolume,
    Volumes,
    WaitingStep,
    encode,
)
from fairwf.locate import is_run
from fairwf.trace.run import counts_text

_EVERY_S = 1.0

run_dir_argument = click.argument("run_dir", metavar="RUN_DIR", type=click.Path())


def standing(run_dir: str) -> Standing:
    """Return where a run stands.

    Raises:
        InvalidError: the folder is no run directory.
    """
    from fairwf import engine
    from fairwf.cli.runs import is_trace

    if is_trace(run_dir):
        return _ended(run_dir)
    found = engine.status(Path(run_dir))
    return Standing(
        run_id=found.run_id,
        folder=found.folder,
        status=found.status,
        alive=found.alive,
        counts=found.counts,
        running=list(found.running),
        sites=found.sites,
        failed=list(found.failed),
        reused=found.reused,
        waiting=[
            WaitingStep(
                key=step.key,
                what=step.what,
                text=step.text,
                who=list(step.who),
                approved_by=step.approved_by,
            )
            for step in found.waiting
        ],
        started=found.started,
        ended=found.ended,
        error=found.error,
    )


def _ended(text: str) -> Standing:
    """Return where a run stands that another engine left behind."""
    from fairwf.foreign import read_run
    from fairwf.report import Report
    from fairwf.trace.run import counts, last_attempts

    run = read_run(text, Report())
    of = {task.id: task.status for task in last_attempts(run.tasks)}
    return Standing(
        run_id=run.id,
        folder=text,
        status=run.status,
        alive=False,
        counts=counts(run.tasks),
        running=[key for key, status in of.items() if status == "running"],
        sites={},
        failed=[key for key, status in of.items() if status == "failed"],
        reused={},
        waiting=[],
        started=run.started,
        ended=run.ended,
        error=run.error,
    )


def _listed() -> RunList:
    """Return the runs below ``.fairwf/runs`` of the current folder, the newest first.

    Those that cannot be read come last.
    """
    from fairwf import engine
    from fairwf.engine.places.rundir import RUNS
    from fairwf.report import FairwfError

    entries = []
    for description in sorted(Path(RUNS).glob("*/run.json")):
        folder = str(description.parent)
        try:
            found = engine.status(description.parent)
        except FairwfError:  # `fairwf status` of it says why
            entries.append(
                RunEntry(folder=folder, status=None, alive=False, started=None, ended=None)
            )
            continue
        entries.append(
            RunEntry(
                folder=folder,
                status=found.status,
                alive=found.alive,
                started=found.started,
                ended=found.ended,
            )
        )
    return RunList(runs=sorted(entries, key=lambda one: one.started or "", reverse=True))


def _list(format_: str) -> None:
    from fairwf.engine.places.rundir import RUNS

    found = _listed()
    if format_ == "json":
        click.echo(encode(found))
    elif not found.runs:
        click.echo(f"no runs below {RUNS} of this folder; name a run directory", err=True)
    else:
        rows = [
            [each.started or "", each.ended or "", each.status or "unreadable", each.folder]
            for each in found.runs
        ]
        click.echo(printable(columns(["started", "ended", "status", "run directory"], rows)))


_MOST_NAMED = 5


def _why(run_dir: str, step: str, format_: str) -> None:
    from fairwf import engine

    found = engine.why(Path(run_dir), step)
    if format_ == "json":
        run_id = engine.status(Path(run_dir)).run_id
        reasons = [
            StepReason(
                key=each.key,
                state=each.state,
                code=each.code,
                text=each.text,
                changed=list(each.changed),
                cache_key=each.cache_key,
                from_run=each.from_run,
                upstream=list(each.upstream),
                stderr=each.stderr,
            )
            for each in found
        ]
        click.echo(encode(Reasons(run_id=run_id, step=step, reasons=reasons)))
        return
    keys: dict[str, list[str]] = {}
    for each in found:
        more = f"\n  its standard error: {each.stderr}" if each.stderr else ""
        keys.setdefault(f"{each.text}{more}", []).append(each.key)
    for text, alike in keys.items():
        named = ", ".join(alike[:_MOST_NAMED])
        more = f", and {len(alike) - _MOST_NAMED} more" if len(alike) > _MOST_NAMED else ""
        click.echo(printable(f"{named}{more}: {text}"))


def _volumes(run_dir: str, format_: str) -> None:
    from fairwf import engine

    found = engine.volumes(Path(run_dir))
    if format_ == "json":
        shown = [
            StepVolume(**{name: getattr(each, name) for name in StepVolume.__struct_fields__})
            for each in found
        ]
        run_id = engine.status(Path(run_dir)).run_id
        click.echo(encode(Volumes(run_id=run_id, volumes=shown)))
        return
    rows = [
        [
            each.step or "all",
            str(each.tasks),
            *(str(number) for number in (each.files_in, each.bytes_in)),
            *(str(number) for number in (each.files_out, each.bytes_out)),
            *(str(number) for number in (each.files_left, each.bytes_left)),
        ]
        for each in found
    ]
    kinds = ("in", "out", "left")
    head = ["step", "tasks", *(f"{what} {kind}" for kind in kinds for what in ("files", "bytes"))]
    click.echo(printable(columns(head, rows)))


@click.command(
    epilog=examples(
        "fairwf status",
        "fairwf status run",
        "fairwf status run --follow",
        "fairwf status run --why align",
    )
)
@click.argument("run_dir", metavar="[RUN_DIR]", required=False, type=click.Path())
@click.option("--follow", is_flag=True, help="Print changes until no engine works on the run.")
@click.option("--why", "step", metavar="STEP", help="Say why the tasks of a step ran, or did not.")
@click.option("--volumes", is_flag=True, help="Count files and bytes of each step.")
@output_format("text", "json")
def status(
    run_dir: str | None, follow: bool, step: str | None, volumes: bool, format_: str
) -> None:
    """Say where a run stands: what is done, running, failed, and what it waits for.

    Without RUN_DIR, list the runs of the current folder.
    """
    if run_dir is None and follow:
        raise click.UsageError("--follow needs a run directory")
    if (step is not None or volumes) and (run_dir is None or follow):
        given = "--why" if step is not None else "--volumes"
        raise click.UsageError(f"{given} needs a run directory, and does not go with --follow")
    with reported():
        if run_dir is None:
            _list(format_)
            return
        if step is not None:
            _why(run_dir, step, format_)
            return
        if volumes:
            _volumes(run_dir, format_)
            return
        last = ""
        while True:
            now = standing(run_dir)
            text = encode(now) if format_ == "json" else _text(now)
            if text != last:
                click.echo(text)
            last = text
            if not follow or not now.alive:
                return
            time.sleep(_EVERY_S)


def _text(now: Standing) -> str:
    counts = counts_text(now.counts) if now.counts else "nothing yet"
    rows = [f"{now.status}{'' if now.alive else ' (no engine at work)'}: {counts}"]
    if now.started:
        rows.append(f"  started  {now.started}" + (f", ended {now.ended}" if now.ended else ""))
    for key in now.running:
        rows.append(f"  running  {key}" + (f" at {now.sites[key]}" if key in now.sites else ""))
    rows += [f"  failed   {key}" for key in now.failed]
    taken = Counter(now.reused.values())
    rows += [f"  reused   {count} from the run {run}" for run, count in taken.items()]
    for step in now.waiting:
        if step.approved_by is not None:
            rows.append(f"  approved {step.key} by {step.approved_by}: {step.text}")
            continue
        rows.append(f"  waiting  {step.key} for {step.what}: {step.text}")
        if step.what == "approval":
            rows.append(f"           fairwf approve {now.folder} {step.key}")
    if now.error:
        rows.append(f"  error    {now.error}")
    if not now.alive and now.status != "completed" and is_run(now.folder):
        rows.append(f"  continue with: fairwf resume {now.folder}")
    return printable("\n".join(rows))


@click.command(epilog=examples("fairwf cancel run"))
@run_dir_argument
def cancel(run_dir: str) -> None:
    """Ask the engine that works on a run to stop. The state is kept; `fairwf resume` goes on."""
    from fairwf import engine

    with reported():
        engine.cancel(Path(run_dir))
        click.echo("asked to stop", err=True)


@click.command(epilog=examples("fairwf approve run release"))
@run_dir_argument
@click.argument("step", metavar="STEP")
@click.option("--who", metavar="NAME", help="Who says yes (the user of this machine).")
def approve(run_dir: str, step: str, who: str | None) -> None:
    """Say yes to a step that waits for an approval; `fairwf status` names the steps."""
    from fairwf import engine

    with reported():
        engine.approve(Path(run_dir), step, who)
        click.echo(f"approved: {printable(step)}", err=True)
