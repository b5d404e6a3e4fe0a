"""What cwltool's extensions say of a task's resources: GPUs, MPI processes, shared memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from fairwf.ir.expressions import Expr, FloatLit, IntLit
from fairwf.ir.resources import Amount, Gpu, Resources
from fairwf.ir.workflow import Command, Script
from fairwf_cwl.environment import COMPUTING
from fairwf_cwl.write.yaml_text import Inline

ANY_CUDA = "1.0"
"""What stands where the extension wants a version or capability and any will do."""
_FIELDS = ("requirements", "hints")
_MEBIBYTE = 2**20
_MOST = 10**18

Tell = Callable[[str, str, object], None]


def demanded(task: Command | Script) -> frozenset[str]:
    """Return the extensions that a document had as requirements."""
    said = task.extensions.get("cwl", {}).get("requirements", {})
    return frozenset(name for name in COMPUTING if name in said)


def placed(task: Command | Script, tell: Callable[[str, str], None]) -> Command | Script:
    """Return a task that names the place of each extension that it needs, and of no other.

    What no CWL document has placed is a hint, which cwltool obeys without being asked to.
    """
    fields = dict(task.extensions.get("cwl", {}))
    needed = extension_hints(task.resources, lambda value: None)
    known = [name for field in _FIELDS for name in COMPUTING if name in fields.get(field, {})]
    for field in _FIELDS:
        if field in fields:
            said = fields.pop(field)
            kept = {k: v for k, v in said.items() if k not in COMPUTING or k in needed}
            if kept:
                fields[field] = kept
    for name in needed:
        if name not in known:
            tell("FWF3002", f"{name} is a hint, which only cwltool obeys")
            fields["hints"] = {**fields.get("hints", {}), name: {}}
    if fields == task.extensions.get("cwl", {}):
        return task
    rest = {name: said for name, said in task.extensions.items() if name != "cwl"}
    return msgspec.structs.replace(task, extensions={**rest, "cwl": fields} if fields else rest)


def normal_resources(resources: Resources, tell: Tell) -> Resources:
    """Return resources as the extensions can say them; ``tell`` reports what changed."""
    changes: dict[str, Any] = {}
    if resources.gpu is not None:
        changes["gpu"] = _normal_gpu(resources.gpu, tell)
    if resources.nodes is not None:
        tell("FWF3004", "CWL has no number of nodes", resources.nodes)
        changes["nodes"] = None
    if resources.ranks is not None:
        changes["ranks"] = _whole(resources.ranks, tell)
    memory = resources.shared_memory
    if memory is not None:
        size = _bytes(memory)
        if size is None:
            tell("FWF3004", "CWL has no such size of shared memory", memory)
        changes["shared_memory"] = _mebibytes(memory, size)
    real = {name: value for name, value in changes.items() if value is not getattr(resources, name)}
    return msgspec.structs.replace(resources, **real) if real else resources


def extension_hints(resources: Resources, number: Callable[[Expr], Any]) -> dict[str, Any]:
    """Return the hints of resources in normal form, by name."""
    hints: dict[str, Any] = {}
    gpu, memory = resources.gpu, resources.shared_memory
    if gpu is not None:
        row: dict[str, Any] = {
            "cudaVersionMin": gpu.cuda_version_min,
            "cudaComputeCapability": list(gpu.cuda_compute_capability),
        }
        if gpu.count is not None:
            for name in ("min", "max"):
                value = getattr(gpu.count, name)
                if value is not None:
                    row[f"cudaDeviceCount{name.capitalize()}"] = number(value)
        hints["cwltool:CUDARequirement"] = row
    if resources.ranks is not None:
        hints["cwltool:MPIRequirement"] = Inline({"processes": number(resources.ranks)})
    size = _bytes(memory) if memory is not None else None
    if size is not None:
        whole = size % _MEBIBYTE == 0
        text = f"{size // _MEBIBYTE}m" if whole else f"{size}b"
        hints["cwltool:ShmSize"] = Inline({"shmSize": text})
    return hints


def _normal_gpu(gpu: Gpu, tell: Tell) -> Gpu:
    changes: dict[str, Any] = {}
    if gpu.model is not None:
        tell("FWF3004", f"CWL names no model of a GPU ({gpu.model:.60})", gpu)
        changes["model"] = None
    if gpu.cuda_version_min is None:
        changes["cuda_version_min"] = ANY_CUDA
    if not gpu.cuda_compute_capability:
        changes["cuda_compute_capability"] = (ANY_CUDA,)
    if gpu.cuda_version_min is None or not gpu.cuda_compute_capability:
        text = f"cwltool wants a version and capability of CUDA: {ANY_CUDA} stands for any"
        tell("FWF3003", text, gpu)
    if gpu.count is not None:
        low, high = gpu.count.min, gpu.count.max
        new = [_whole(value, tell) if value is not None else None for value in (low, high)]
        if new[0] is not low or new[1] is not high:
            changes["count"] = Amount(min=new[0], max=new[1])
    return msgspec.structs.replace(gpu, **changes) if changes else gpu


def _whole(value: Expr, tell: Tell) -> Expr:
    if not isinstance(value, FloatLit) or not math.isfinite(value.number):
        return value
    tell("FWF3003", f"only whole numbers: {math.ceil(value.number)} stands here", value)
    return IntLit(value=math.ceil(value.number))


def _bytes(memory: Expr) -> int | None:
    """Return a size in MiB as octets, None where the extension cannot say it."""
    if not isinstance(memory, (IntLit, FloatLit)) or not math.isfinite(memory.number):
        return None
    size = math.ceil(memory.number * _MEBIBYTE)
    return size if 0 < size < _MOST else None


def _mebibytes(memory: Expr, size: int | None) -> Expr | None:
    """Return the size as the reader gives it, the same node where it is that."""
    if size is None:
        return None
    if size % _MEBIBYTE == 0:
        whole = size // _MEBIBYTE
        return memory if isinstance(memory, IntLit) else IntLit(value=whole)
    part = size / _MEBIBYTE
    same = isinstance(memory, FloatLit) and memory.number == part
    return memory if same else FloatLit(value=part)
