"""Shell completion: the script for a shell, printed or put where the shell finds it."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from fairwf.atomic import write_file

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_FAIRWF_COMPLETE"


def script(program: click.Command, shell: str) -> str:
    """Return the completion script for a shell."""
    completion = get_completion_class(shell)
    assert completion is not None
    # click's bash class asks the installed bash for its version; the script itself is its template.
    instance = completion(program, {}, "fairwf", _VARIABLE)
    return completion.source_template % instance.source_vars()


def chosen(named: str) -> str:
    """Return the shell that is named, or that of the environment.

    Raises:
        click.UsageError: the shell is not known.
    """
    shell = named or Path(os.environ.get("SHELL", "")).name
    if shell not in SHELLS:
        raise click.UsageError(f"unknown shell {shell!r:.40}; name one of {', '.join(SHELLS)}")
    return shell


def show(program: click.Command, named: str) -> None:
    """Print the script."""
    click.echo(script(program, chosen(named)))


def place(shell: str) -> Path:
    """Return the file that the shell reads completions from."""
    home = Path.home()
    if shell == "bash":
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
        return data / "bash-completion/completions/fairwf"
    if shell == "zsh":
        return home / ".zfunc/_fairwf"
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return config / "fish/completions/fairwf.fish"


def install(program: click.Command, named: str) -> None:
    """Write the script where the shell looks for it; no start-up file is changed."""
    shell = chosen(named)
    target = place(shell)
    write_file(target, script(program, shell).encode() + b"\n")
    click.echo(str(target))
    advice = {
        "bash": "open a new shell (needs the package bash-completion)",
        "zsh": "add to ~/.zshrc: fpath+=~/.zfunc; autoload -Uz compinit; compinit",
        "fish": "open a new shell",
    }
    click.echo(advice[shell], err=True)
