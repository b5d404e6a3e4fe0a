"""Software and resources of a task as directives of a rule."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import yaml

from fairwf.ir.environment import Conda, Environment
from fairwf.ir.expressions import Expr, FloatLit, IntLit, StringLit
from fairwf.ir.resources import Amount, Resources
from fairwf.ir.workflow import Command, Script
from fairwf_snakemake.writing.rules import Rule

Said = Callable[[Expr], str]
"""Gives Python for an expression of the task."""


def least(amount: Amount | None) -> Expr | None:
    """Return what an amount asks for at least."""
    return None if amount is None else amount.min if amount.min is not None else amount.max


def threads(rule: Rule, resources: Resources, said: Said) -> None:
    """Write how many cores a task takes; a part of a core is a whole one."""
    cores = least(resources.cores)
    if cores is not None:
        rule.directives["threads"] = _whole(cores, said)


def amounts(rule: Rule, resources: Resources, said: Said) -> None:
    """Write memory and space in MB (as Snakemake has them: MiB), time in minutes, GPUs."""
    memory, space = (
        least(resources.memory),
        (least(resources.tmp_space), least(resources.out_space)),
    )
    if memory is not None:
        rule.resources["mem_mib"] = _whole(memory, said)
    asked = [one for one in space if one is not None]
    if len(asked) == 1:
        rule.resources["disk_mib"] = _whole(asked[0], said)
    elif asked:
        parts = [_whole(one, said).removeprefix(_HEAD) for one in asked]
        text = " + ".join(parts)
        rule.resources["disk_mib"] = text if _numbers(asked) else f"{_HEAD}{text}"
    if resources.time is not None:
        seconds = resources.time
        if isinstance(seconds, (IntLit, FloatLit)):
            rule.resources["runtime"] = str(max(1, math.ceil(seconds.number / 60)))
        else:
            rule.resources["runtime"] = f"{_HEAD}max(1, std.math.ceil({said(seconds)} / 60))"
    gpus = least(resources.gpu.count) if resources.gpu is not None else None
    if resources.gpu is not None:
        rule.resources["gpu"] = _whole(gpus, said) if gpus is not None else "1"


_HEAD = "lambda wildcards, input: "


def _numbers(nodes: list[Expr]) -> bool:
    return all(isinstance(node, (IntLit, FloatLit)) for node in nodes)


def _whole(node: Expr, said: Said) -> str:
    if isinstance(node, (IntLit, FloatLit)):
        return str(max(1, math.ceil(node.number)))
    return f"{_HEAD}max(1, std.math.ceil({said(node)}))"


def software(rule: Rule, environment: Environment, files: dict[str, bytes]) -> None:
    """Write container, conda environment and modules; environment files go to ``files``."""
    container = environment.container
    if container is not None and isinstance(container.image, StringLit):
        rule.directives["container"] = repr(image_of(container.image.value, container.digest))
    if environment.conda is not None:
        rule.directives["conda"] = repr(_conda(rule.name, environment.conda, files))
    if environment.modules:
        rule.directives["envmodules"] = ", ".join(map(repr, environment.modules))


def image_of(image: str, digest: str | None) -> str:
    """Return a reference as Snakemake pulls it."""
    name = image
    if digest is not None and "@" not in name:
        name = f"{re.sub(r':[^:/]*$', '', name)}@{digest}"
    local = name.startswith(("/", "./", "../")) or name.endswith((".sif", ".img"))
    return name if "://" in name or local else f"docker://{name}"


def _conda(name: str, conda: Conda, files: dict[str, bytes]) -> str:
    if conda.file is not None:
        return conda.file
    if conda.name is not None and not conda.packages:
        return conda.name
    path = f"envs/{name}.yaml"
    said: dict[str, list[str]] = {}
    if conda.channels:
        said["channels"] = list(conda.channels)
    said["dependencies"] = list(conda.packages)
    files[path] = yaml.safe_dump(said, sort_keys=False).encode()
    return path


def tries(rule: Rule, process: Command | Script, said: Said) -> None:
    """Write how often a task is tried again."""
    if process.retry is not None and isinstance(process.retry.attempts, IntLit):
        rule.directives["retries"] = str(process.retry.attempts.number)
