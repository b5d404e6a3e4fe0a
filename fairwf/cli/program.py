"""The ``fairwf`` command: its verbs by group, each imported only when it is called."""

from __future__ import annotations

import importlib
from typing import NamedTuple

import click

from fairwf.version import VERSION


class Verb(NamedTuple):
    """A verb: the module of :mod:`fairwf.cli` and the function in it, and one line of help."""

    module: str
    function: str
    line: str


GROUPS: dict[str, dict[str, Verb]] = {
    "Documents": {
        "init": Verb("init", "init", "Begin with a template of a workflow."),
        "convert": Verb("convert", "convert", "Write a workflow in another format."),
        "validate": Verb("validate", "validate", "Check workflows, alone or whole folders."),
        "diff": Verb("diff", "diff", "Compare the meaning of two workflows."),
        "inputs": Verb("inputs", "inputs", "Print a job file to fill in, or its JSON Schema."),
        "graph": Verb("graph", "graph", "Draw a workflow or a run."),
    },
    "Runs": {
        "run": Verb("run", "run", "Run a workflow and print its outputs."),
        "resume": Verb("run", "resume", "Continue a run where it stopped."),
        "status": Verb("control", "status", "Say where a run stands."),
        "cancel": Verb("control", "cancel", "Stop a run, keeping its state."),
        "approve": Verb("control", "approve", "Say yes to a step that waits for it."),
    },
    "Packages": {
        "package": Verb("package", "package", "Write a run or a workflow as an RO-Crate."),
        "rerun": Verb("rerun", "rerun", "Run a packaged run again and compare its outputs."),
        "prov": Verb("prov", "prov", "Write the provenance of a run as W3C PROV."),
        "query": Verb("prov", "query", "Ask where files come from, or anything in SPARQL."),
        "score": Verb("score", "score", "Score how FAIR a workflow or crate is."),
        "publish": Verb("publish", "publish", "Publish a crate in a repository or as a site."),
    },
    "About fairwf": {
        "formats": Verb("formats", "formats", "List the formats that are read and written."),
        "backends": Verb("backends", "backends", "Say what can run tasks and containers here."),
        "explain": Verb("explain", "explain", "Say what a diagnostic code means."),
    },
}
"""Every verb that is built."""

VERBS: dict[str, Verb] = {name: verb for group in GROUPS.values() for name, verb in group.items()}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a verb."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        command = getattr(importlib.import_module(f"fairwf.cli.{verb.module}"), verb.function)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, with a hint for a mistyped one."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            from fairwf.source.spelling import did_you_mean

            hint = did_you_mean(name, VERBS) or "see `fairwf --help`"
            raise click.UsageError(f"no command {name!r:.60} ({hint})", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs by group, without importing any."""
        width = max(map(len, VERBS))
        for title, verbs in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), verb.line) for name, verb in verbs.items()])


def _completion(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is None or ctx.resilient_parsing:
        return
    from fairwf.cli.completion import install, show

    (install if option.name == "install_completion" else show)(program, value)
    ctx.exit(0)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 what was examined failed; 2 wrong usage; 3 the environment "
    "failed; 33 not supported; 130 interrupted.",
)
@click.version_option(VERSION, message="%(prog)s %(version)s")
@click.option(
    "--install-completion",
    metavar="SHELL",
    is_flag=False,
    flag_value="",
    expose_value=False,
    is_eager=True,
    callback=_completion,
    help="Install completion for bash, zsh or fish, and exit.",
)
@click.option(
    "--show-completion",
    metavar="SHELL",
    is_flag=False,
    flag_value="",
    expose_value=False,
    is_eager=True,
    callback=_completion,
    help="Print the completion script, and exit.",
)
def program() -> None:
    """Scientific workflows made portable, verifiable and FAIR.

    Results go to stdout, everything else to stderr. `fairwf COMMAND --help` has examples.
    """
