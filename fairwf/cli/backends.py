"""``fairwf backends``."""

from __future__ import annotations

import os
import shutil
import subprocess

import click

from fairwf.cli.formats import columns
from fairwf.cli.options import examples, output_format
from fairwf.cli.outputs import BackendEntry, BackendList, encode
from fairwf.engine.backends.names import PILOTS, SCHEDULERS

_CONTAINERS = {
    "podman": ("podman", "info", "--format", "{{.Version.Version}}"),
    "docker": ("docker", "info", "--format", "{{.ServerVersion}}"),
    "apptainer": ("apptainer", "--version"),
    "singularity": ("singularity", "--version"),
    "bubblewrap": ("bwrap", "--version"),
}
"""What tells that a container engine works here, and its version."""

_TIMEOUT_S = 10.0


@click.command(epilog=examples("fairwf backends", "fairwf backends --format json"))
@output_format("text", "json")
def backends(format_: str) -> None:
    """Say what tasks and containers can run on here, and why the rest cannot."""
    entries = [BackendEntry(name="local", kind="backend", works=True)]
    entries += [_scheduler(name) for name in SCHEDULERS]
    entries.append(_pilots())
    entries += [_container(name, command) for name, command in _CONTAINERS.items()]
    result = BackendList(cores=os.cpu_count() or 1, memory_mib=_memory_mib(), backends=entries)
    if format_ == "json":
        click.echo(encode(result))
        return
    rows = [
        [e.name, e.kind, "yes" if e.works else "no", e.version or "", e.reason or ""]
        for e in entries
    ]
    click.echo(columns(["name", "kind", "works", "version", "why not"], rows))
    memory = f", {result.memory_mib / 1024:.1f} GiB of memory" if result.memory_mib else ""
    click.echo(f"\nthis machine: {result.cores} cores{memory}")


def _scheduler(name: str) -> BackendEntry:
    from fairwf.engine.backends.batch.available import availability

    found = availability(name)
    return BackendEntry(
        name=f"psij:{name}",
        kind="scheduler",
        works=found.works,
        path=found.path,
        reason=found.reason,
    )


def _pilots() -> BackendEntry:
    from fairwf.engine.backends.pilots.available import availability

    found = availability()
    return BackendEntry(
        name=f"{PILOTS}LABEL",
        kind="backend",
        works=found.works,
        version=found.version,
        reason=found.reason,
    )


def _container(name: str, command: tuple[str, ...]) -> BackendEntry:
    path = shutil.which(command[0])
    if path is None:
        reason = f"{command[0]} is not on PATH"
        return BackendEntry(name=name, kind="container", works=False, reason=reason)
    try:
        result = subprocess.run(
            [path, *command[1:]], capture_output=True, timeout=_TIMEOUT_S, check=False, text=True,
            stdin=subprocess.DEVNULL, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        reason = f"does not answer within {_TIMEOUT_S:.0f} s"
        return BackendEntry(name=name, kind="container", works=False, path=path, reason=reason)
    except OSError as error:
        reason = error.strerror or "cannot be started"
        return BackendEntry(name=name, kind="container", works=False, path=path, reason=reason)
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or [f"exit code {result.returncode}"]
        reason = lines[-1][:200]
        return BackendEntry(name=name, kind="container", works=False, path=path, reason=reason)
    words = result.stdout.split()
    return BackendEntry(
        name=name, kind="container", works=True, path=path, version=words[-1] if words else None
    )


def _memory_mib() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    except (ValueError, OSError):  # a system without these names
        return None
