"""``fairwf rerun``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairwf.cli.diagnostics import printable, reported
from fairwf.cli.endings import Finished
from fairwf.cli.options import SourcePath, examples, output_format, quiet_option
from fairwf.cli.outputs import RerunOutput, RerunResult, encode
from fairwf.cli.run import CONTAINERS, conclude

if TYPE_CHECKING:
    from fairwf.engine.containers import ContainerPolicy
    from fairwf.verify import Outcome


@click.command(
    epilog=examples(
        "fairwf rerun crate",
        "fairwf rerun crate.zip --tolerance 1e-9 -o rerun-crate",
        "fairwf rerun crate --ignore '*.log' --format json",
    )
)
@click.argument("crate", metavar="CRATE", type=SourcePath(allow_dash=False))
@click.option("--outdir", metavar="DIR", type=click.Path(), help="Folder for the new outputs.")
@click.option("--run-dir", metavar="DIR", type=click.Path(), help="Folder for journal and logs.")
@click.option(
    "-o",
    "--output",
    metavar="CRATE",
    type=click.Path(),
    help="Package the new run, with the verdict.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0, max=1),
    metavar="REL",
    help="Numbers in JSON and text may differ by this, relative to their size.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="PATTERN",
    help="Outputs or files that are not compared; repeatable.",
)
@click.option("--container", type=click.Choice(CONTAINERS), default="auto", show_default=True,
              help="What runs tasks that ask for a container.")  # fmt: skip
@click.option("--allow-network", is_flag=True, help="Pull container images that are not here.")
@output_format("text", "json")
@quiet_option
def rerun(
    crate: str,
    outdir: str | None,
    run_dir: str | None,
    output: str | None,
    tolerance: float | None,
    ignored: tuple[str, ...],
    container: ContainerPolicy,
    allow_network: bool,
    format_: str,
    quiet: bool,
) -> None:
    """Run a packaged run again, from the crate alone, and compare every output.

    Files are compared by checksum. Where that differs, equivalent is: gzip files that hold the
    same, JSON with the same values, and with --tolerance numbers that are close. Exit code 1: an
    output is different, missing or unexpected.
    """  # fmt: skip
    from fairwf import api
    from fairwf.cli.package import with_configured
    from fairwf.cli.progress import shown
    from fairwf.crates import PackageOptions
    from fairwf.verify import Rules

    rules = Rules(tolerance, ignored)
    with reported(quiet=quiet) as report:
        with shown(quiet) as listener:
            done = api.rerun(
                crate,
                run_dir=run_dir,
                outdir=outdir,
                container=container,
                allow_network=allow_network,
                rules=rules,
                listener=listener,
                report=report,
            )
        if done.run.status != "completed":
            conclude(done.run, Path(done.run.folder or "."), report)
        if output is not None:
            options = with_configured(PackageOptions(remarks=done.remarks))
            api.package(done.run, output, options=options, report=report)
        outcomes = [_entry(outcome) for outcome in done.outcomes]
        if format_ == "json":
            folder = done.run.folder or ""
            result = RerunResult(
                crate=crate, run_dir=folder, verdict=done.verdict, outputs=outcomes
            )
            click.echo(encode(result))
        else:
            click.echo(printable(_text(done.outcomes, done.verdict)))
    if done.verdict == "different":
        raise Finished(1)


def _entry(outcome: Outcome) -> RerunOutput:
    return RerunOutput(
        output=outcome.output,
        name=outcome.name,
        verdict=outcome.verdict,
        detail=outcome.detail,
        expected=outcome.expected,
        actual=outcome.actual,
    )


def _text(outcomes: tuple[Outcome, ...], verdict: str) -> str:
    lines = []
    for o in outcomes:
        name = o.output if o.name == o.output else f"{o.output}: {o.name}"
        lines.append(f"{o.verdict:11} {name}" + (f"  ({o.detail})" if o.detail else ""))
    counts = Counter(outcome.verdict for outcome in outcomes)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "no outputs"
    return "\n".join([*lines, f"{verdict}: {told}"])
