"""What leaves a command by mistake: messages instead of tracebacks, and their exit codes."""

from __future__ import annotations

import os
import sys

import click

from fairwf.cli.endings import FAULT, INTERRUPTED, Finished


def run_guarded(arguments: list[str]) -> int:
    """Run the program and return its exit code; no exception passes."""
    try:
        code = _run(arguments)
        _tell_left_out(arguments)
        if code != FAULT:
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of stdout went away: nothing more can be said, and nothing need be.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    except OSError as error:
        return _os_error(error)
    return code


def _run(arguments: list[str]) -> int:
    from fairwf.cli.program import program

    try:
        result = program.main(arguments, prog_name="fairwf", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except Finished as ending:
        return ending.exit_code
    except (KeyboardInterrupt, click.Abort) as interrupt:
        # click wraps the interrupt; the engine's says how to go on
        text = str(interrupt.__cause__ or interrupt) or "interrupted"
        click.echo(text, err=True)
        return INTERRUPTED
    except SystemExit:
        # click's way to leave when the reader of stdout went away
        return FAULT
    except click.ClickException as mistake:
        return _usage(mistake)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        return _os_error(error)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug gets a message and exit 3
        return _failed(error)


def _tell_left_out(arguments: list[str]) -> None:
    """Warn of converters of third parties that could not be loaded, whatever the verb."""
    formats = sys.modules.get("fairwf.formats")
    if formats is not None and not {"-q", "--quiet"}.intersection(arguments):
        from fairwf.cli.diagnostics import show

        show(formats.broken_converters())


def _usage(mistake: click.ClickException) -> int:
    from fairwf.cli.diagnostics import printable

    if isinstance(mistake, click.exceptions.NoArgsIsHelpError):
        click.echo(mistake.format_message(), err=True)
        return 2
    context = mistake.ctx if isinstance(mistake, click.UsageError) else None
    if context is not None:
        click.echo(context.get_usage(), err=True)
        click.echo(f"Try '{context.command_path} --help' for help.", err=True)
    click.echo(f"fairwf: error[FWF9001]: {printable(mistake.format_message())}", err=True)
    return 2


def _os_error(error: OSError) -> int:
    from fairwf.cli.diagnostics import printable
    from fairwf.report import ENVIRONMENT_ADVICE

    if os.environ.get("FAIRWF_DEBUG") == "1":
        import traceback

        traceback.print_exc()
    place = f"{printable(str(error.filename))}: " if error.filename else ""
    reason = printable(error.strerror or str(error))
    hint = ENVIRONMENT_ADVICE.get(error.errno or 0)
    click.echo(f"{place}error[FWF9002]: {reason}", err=True)
    if hint:
        click.echo(f"  hint: {hint}", err=True)
    return FAULT


def _failed(error: Exception) -> int:
    from fairwf.cli.diagnostics import printable, show
    from fairwf.report import FairwfError

    if isinstance(error, FairwfError):
        show(error.report)
        return error.exit_code
    if os.environ.get("FAIRWF_DEBUG") == "1":
        import traceback

        traceback.print_exc()
    text = printable(str(error)) or "no message"
    click.echo(f"fairwf: error[FWF9003]: {type(error).__name__}: {text}", err=True)
    click.echo("  hint: this is a bug in fairwf; FAIRWF_DEBUG=1 shows where it happened", err=True)
    return FAULT
