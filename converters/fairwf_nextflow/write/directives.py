"""What a process needs, as directives (Nextflow documentation, "Process directives")."""

from __future__ import annotations

import math

import msgspec

from fairwf.ir.environment import Conda, Container
from fairwf.ir.expressions import Expr, FloatLit, IntLit, StringLit
from fairwf.ir.resources import Amount
from fairwf.ir.workflow import Command, Script
from fairwf.report import InvalidError
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.grammar.source_text import Text
from fairwf_nextflow.grammar.statements import parse
from fairwf_nextflow.write.expressions import Sayer
from fairwf_nextflow.write.failures import CannotSayError, Telling
from fairwf_nextflow.write.strings import Hole, literal, quoted

APPROXIMATED, LOST = "FWF1607", "FWF1608"
_WRITTEN = ("label", "queue", "scratch", "beforeScript", "afterScript")


def directive_lines(task: Command | Script, sayer: Sayer, tell: Telling) -> list[str]:
    """Return the directives of a task."""
    return [
        *_kept(task, tell),
        *_environment(task, sayer, tell),
        *_resources(task, sayer, tell),
        *_retry(task, sayer, tell),
    ]


def _kept(task: Command | Script, tell: Telling) -> list[str]:
    lines: list[str] = []
    for name, texts in task.extensions.get("nextflow", {}).items():
        for text in texts if isinstance(texts, list) else (texts,):
            line = _again(name, text)
            if line is not None:
                lines.append(line)
            elif name != "publishDir":
                tell(LOST, f"the directive {name!r:.40} is not written again", task)
    return lines


def _again(name: str, text: object) -> str | None:
    """Return a directive with one plain argument, parsed and written anew; None of any other."""
    if name not in _WRITTEN or not isinstance(text, str):
        return None
    try:
        statements = parse(Text(text, name)).statements
    except InvalidError:
        return None
    match statements:
        case (
            tree.Evaluate(value=tree.Call(function=tree.Name(name=said), args=(arg,), named=())),
        ):
            pass
        case _:
            return None
    if said != name:
        return None
    if isinstance(arg, tree.Str) and arg.plain is not None:
        return f"{name} {literal(arg.plain)}"
    if isinstance(arg, tree.Constant) and arg.value is True and name == "scratch":
        return "scratch true"
    return None


def _environment(task: Command | Script, sayer: Sayer, tell: Telling) -> list[str]:
    environment, lines = task.environment, list[str]()
    if environment.container is not None:
        lines.append(f"container {_container(environment.container, sayer, tell)}")
    if environment.conda is not None and (said := _conda(environment.conda, tell)):
        lines.append(f"conda {said}")
    if environment.modules:
        lines.append(f"module {literal(':'.join(environment.modules))}")
    return lines


def _container(container: Container, sayer: Sayer, tell: Telling) -> str:
    for name in ("dockerfile", "load", "import_from", "image_id", "output_directory"):
        if getattr(container, name) is not None:
            tell(LOST, f"Nextflow's containers have no {name.replace('_', ' ')}", container)
    if container.alternatives:
        tell(LOST, "a process of Nextflow has one container", container)
    image = container.image
    if image is None:
        raise CannotSayError("Nextflow names containers by their images", container)
    if isinstance(image, StringLit):
        name = image.value.split("@")[0]
        return literal(f"{name}@{container.digest}" if container.digest else image.value)
    return f"{{ {sayer.say(image).text} }}"


def _conda(conda: Conda, tell: Telling) -> str:
    if conda.file is not None:
        if "://" in conda.file or conda.file.startswith("/"):
            return literal(conda.file)
        return quoted([Hole("projectDir"), f"/{conda.file}"])
    if conda.name is not None:
        tell(LOST, "Nextflow names no environment of conda that is there", conda)
    if not conda.packages:
        return ""
    if len(conda.channels) > 1:
        tell(APPROXIMATED, "each package of conda names one channel: the first", conda)
    channel = f"{conda.channels[0]}::" if conda.channels else ""
    return literal(" ".join(f"{channel}{package}" for package in conda.packages))


def _least(amount: Amount | None, tell: Telling) -> Expr | None:
    if amount is None:
        return None
    if amount.max is not None and amount.min not in (None, amount.max):
        tell(APPROXIMATED, "Nextflow says the least that a task needs, not the most", amount.max)
    return amount.min if amount.min is not None else amount.max


def _resources(task: Command | Script, sayer: Sayer, tell: Telling) -> list[str]:
    needs, lines = task.resources, list[str]()
    cores = _least(needs.cores, tell)
    if cores is not None:
        lines.append(f"cpus {_whole(cores, sayer, tell)}")
    memory = _least(needs.memory, tell)
    if memory is not None:
        lines.append(f"memory {_quantity(memory, 'MB', sayer)}")
    space = [one for one in (_least(needs.out_space, tell), _least(needs.tmp_space, tell)) if one]
    if len(space) == 1:
        lines.append(f"disk {_quantity(space[0], 'MB', sayer)}")
    elif space:
        known = [one.number for one in space if isinstance(one, (IntLit, FloatLit))]
        if len(known) < len(space):
            raise CannotSayError("Nextflow cannot add computed amounts of space", needs)
        lines.append(f"disk {_quantity(FloatLit(value=float(sum(known))), 'MB', sayer)}")
    if needs.time is not None:
        lines.append(f"time {_quantity(needs.time, 's', sayer)}")
    gpu = needs.gpu
    if gpu is not None:
        count = _least(gpu.count, tell)
        if gpu.model or gpu.cuda_version_min or gpu.cuda_compute_capability:
            tell(LOST, "Nextflow asks for a GPU, not for its kind", gpu)
        lines.append(f"accelerator {_whole(count, sayer, tell) if count is not None else 1}")
    return lines


def _whole(amount: Expr, sayer: Sayer, tell: Telling) -> str:
    if isinstance(amount, IntLit):
        return str(amount.number)
    if isinstance(amount, FloatLit):
        if not amount.number.is_integer():
            tell(APPROXIMATED, "Nextflow counts whole CPUs", amount)
        return str(math.ceil(amount.number))
    return f"{{ {sayer.number(amount).text} }}"


def _quantity(amount: Expr, unit: str, sayer: Sayer) -> str:
    if isinstance(amount, (IntLit, FloatLit)):
        number = amount.number
        shown = int(number) if float(number).is_integer() else number
        return f"'{shown} {unit}'"
    return f"{{ {sayer.number(amount).operand}.{unit} }}"


def _retry(task: Command | Script, sayer: Sayer, tell: Telling) -> list[str]:
    retry = task.retry
    if retry is None:
        return []
    if retry.delay or retry.exit_codes:
        node: msgspec.Struct = retry
        tell(LOST, "Nextflow tries again at once, whatever the exit code", node)
    attempts = retry.attempts
    if isinstance(attempts, IntLit):
        return ["errorStrategy 'retry'", f"maxRetries {attempts.number}"]
    return ["errorStrategy 'retry'", f"maxRetries {{ {sayer.number(attempts).text} }}"]
