"""Resources: what a task needs of a machine, and how often it is tried.

Sources: CWL v1.2 "ResourceRequirement"; PSI/J ResourceSpecV1; WDL 1.2 "requirements".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fairwf.ir.base import Part
from fairwf.ir.expressions import Expr


class Amount(Part, frozen=True, kw_only=True):
    """At least ``min`` and at most ``max`` of something; an expression gives a number."""

    min: Expr | None = None
    max: Expr | None = None


class Gpu(Part, frozen=True, kw_only=True):
    """Accelerators: how many, and what they must offer (cwltool's CUDARequirement)."""

    count: Amount | None = None
    model: str | None = None
    cuda_version_min: str | None = None
    cuda_compute_capability: tuple[str, ...] = ()


class Resources(Part, frozen=True, kw_only=True):
    """What one task takes.

    ``cores`` may be a fraction; ``memory``, ``tmp_space``, ``out_space``, ``shared_memory``,
    ``read_volume`` and ``written_volume`` are in MiB; ``time`` is in seconds. ``nodes`` and
    ``ranks`` (MPI processes in all) are for jobs that span machines.
    """

    cores: Amount | None = None
    memory: Amount | None = None
    tmp_space: Amount | None = None
    out_space: Amount | None = None
    shared_memory: Expr | None = None
    time: Expr | None = None
    gpu: Gpu | None = None
    nodes: Expr | None = None
    ranks: Expr | None = None
    licenses: Mapping[str, int] = {}
    read_volume: Expr | None = None
    written_volume: Expr | None = None
    required: bool = True


class Retry(Part, frozen=True, kw_only=True):
    """How often a failed task is tried again, and after how many seconds.

    ``exit_codes`` limits it to these codes; empty means any failure.
    """

    attempts: Expr
    delay: float = 0.0
    backoff: float = 1.0
    exit_codes: tuple[int, ...] = ()


class ExitCodes(Part, frozen=True, kw_only=True):
    """What exit codes mean (CWL v1.2 ``successCodes`` ...). 0 is success unless listed."""

    success: tuple[int, ...] = ()
    temporary_failure: tuple[int, ...] = ()
    permanent_failure: tuple[int, ...] = ()


NetworkAccess = Literal["none", "outgoing"]
