"""How a run is done."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from fairwf.engine.backends.deployment import Deployment
from fairwf.engine.containers.engines import ContainerPolicy
from fairwf.ir.metadata import Agent


class RunOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Options of :func:`fairwf.engine.run`; the run directory keeps them for ``resume``.

    Attributes:
        run_dir: the run directory (new or empty); made below ``.fairwf/runs`` in the current folder
            when None.
        outdir: where the outputs are published; ``RUN_DIR/outputs`` when None.
        backend: where tasks run: ``local``, ``psij:`` and the name of a batch scheduler, or
            ``parsl:`` and the label of an executor of Parsl.
        deployment: what jobs of the batch scheduler are like, or where Parsl's configuration is.
        cores: how many cores tasks may use together; all of the machine when None.
        memory_mib: how much memory, in MiB; all of the machine when None.
        container: which container engine runs tasks that ask for one.
        allow_network: pull images of containers that are not on this machine.
        cache: a folder of results of earlier tasks, which are used again, and of new ones.
        cache_key: what makes input files the same: what they hold, or path, size and time.
        wait_for_approval: stay alive while only approvals or events are missing; else the engine
            stops, and ``resume`` goes on.
        events: a file that every event is appended to as a line of JSON.
        sources: files that the document consists of, main first, kept for packaging.
        inputs_source: the job file.
        base: the folder that relative paths of the document count from.
        command_line: what the user called, for the record.
        agent: who runs the workflow, for the record; nobody is guessed.
        javascript_reproducible: fixed clock and random numbers in JavaScript.
    """

    run_dir: Path | None = None
    outdir: Path | None = None
    backend: str = "local"
    deployment: Deployment | None = None
    cores: float | None = None
    memory_mib: float | None = None
    container: ContainerPolicy = "auto"
    allow_network: bool = False
    cache: Path | None = None
    cache_key: Literal["content", "stat"] = "content"
    wait_for_approval: bool = True
    events: Path | None = None
    sources: tuple[Path, ...] = ()
    inputs_source: Path | None = None
    base: Path | None = None
    command_line: tuple[str, ...] = ()
    agent: Agent | None = None
    javascript_reproducible: bool = False
