"""What a task needs (specification 1.2, "Requirements Section")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairwf.ir.environment import Container
from fairwf.ir.expressions import Expr, FloatLit, If, Index, IntLit, Record, StringLit
from fairwf.ir.resources import Amount, ExitCodes
from fairwf.ir.workflow import Command, Script
from fairwf_wdl.units import MIB, UNITS
from fairwf_wdl.write.annotations import value_text
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.patterns import arguments, let
from fairwf_wdl.write.strings import literal, quoted
from fairwf_wdl.write.types import FLOAT, INT, STRING

_OLD = {"max_retries": "maxRetries", "return_codes": "returnCodes"}
_UNITS = {float(size): unit for unit, size in reversed(UNITS.items())}


class Needs:
    """Says what one task needs."""

    def __init__(self, sayer: Sayer) -> None:
        self.sayer = sayer

    def section(self, task: Command | Script) -> str:
        """Return the section, empty where the task needs nothing in particular."""
        said: dict[str, str] = {}
        for package in task.environment.packages:
            message = "WDL names no packages: install them in the container"
            self.sayer.place.tell("FWF3004", message, package)
        container = task.environment.container
        if container is not None:
            said["container"] = self._container(container)
        said.update(self._resources(task))
        if task.retry is not None:
            said["max_retries"] = self.sayer.say(task.retry.attempts, INT).text
            if task.retry.delay or task.retry.backoff != 1.0 or task.retry.exit_codes:
                self.sayer.place.tell(
                    "FWF3004", "WDL says of retries only how many there are", task.retry
                )
        codes = self._codes(task.exit_codes)
        if codes is not None:
            said["return_codes"] = codes
        rest = task.extensions.get("wdl", {}).get("runtime")
        other = dict(rest) if isinstance(rest, Mapping) else {}
        word = "requirements" if self.sayer.version != "1.1" and not other else "runtime"
        if word == "runtime":
            said = {_OLD.get(name, name): text for name, text in said.items()}
        for name, value in other.items():
            said.setdefault(name, _kept(value))
        lines = "".join(f"    {name}: {text}\n" for name, text in said.items())
        return f"  {word} {{\n{lines}  }}\n" if lines else ""

    def _container(self, container: Container) -> str:
        tell = self.sayer.place.tell
        for name in ("dockerfile", "load", "import_from", "image_id", "output_directory"):
            if getattr(container, name) is not None:
                message = f"WDL's containers have no {name.replace('_', ' ')}"
                tell("FWF3004", message, container)
        images = [one for one in (container.image, *container.alternatives) if one is not None]
        if not images:
            raise CannotSayError("WDL names containers by their images", container)
        texts = [self.sayer.say(one, STRING).text for one in images]
        image = container.image
        if container.digest is not None and isinstance(image, StringLit):
            texts[0] = literal(f"{image.value.split('@')[0]}@{container.digest}")
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"

    def _resources(self, task: Command | Script) -> dict[str, str]:
        needed, said = task.resources, {}
        amounts = (needed.cores, needed.memory, needed.out_space, needed.tmp_space)
        for amount in amounts:
            if amount is None or amount.max is None or amount.min in (None, amount.max):
                continue
            message = "WDL says the least that a task needs, not the most"
            self.sayer.place.tell("FWF3003", message, amount.max)
        cores = _least(needed.cores)
        if cores is not None:
            whole = isinstance(cores, FloatLit) and float(cores.number).is_integer()
            said["cpu"] = (
                str(int(float(cores.number)))
                if isinstance(cores, FloatLit) and whole
                else self.sayer.say(cores, FLOAT).text
            )
        memory = _least(needed.memory)
        if memory is not None:
            said["memory"] = self._size(memory, False)
        space = [
            one for one in map(_least, (needed.out_space, needed.tmp_space)) if one is not None
        ]
        if len(space) == 1:
            said["disks"] = self._size(space[0], True)
        elif space:
            known = [float(one.number) for one in space if isinstance(one, (FloatLit, IntLit))]
            if len(known) < len(space):
                raise CannotSayError("WDL cannot add computed amounts of space", needed)
            said["disks"] = _amount(sum(known))
        if needed.gpu is not None:
            count = _least(needed.gpu.count)
            gpu = needed.gpu
            if gpu.model or gpu.cuda_version_min or gpu.cuda_compute_capability:
                self.sayer.place.tell("FWF3004", "WDL asks for a GPU, not for its kind", gpu)
            said["gpu"] = self._gpu(count)
        return said

    def _gpu(self, count: Expr | None) -> str:
        if isinstance(count, If) and isinstance(count.then, FloatLit):
            return self.sayer.say(count.test).text
        if count is None or isinstance(count, (FloatLit, IntLit)):
            return "true"
        return f"{self.sayer.say(count, FLOAT).operand} > 0.0"

    def _size(self, mib: Expr, disk: bool) -> str:
        """Return an amount in MiB."""
        if isinstance(mib, (FloatLit, IntLit)):
            return _amount(float(mib.number))
        over = arguments(mib, "divide", 2)
        if over is not None and over[1] == FloatLit(value=float(MIB)):
            text = self._bytes(let(over[0]), disk)
            if text is not None:
                return text
        return quoted([self.sayer.hole(mib), " MiB"])

    def _bytes(self, node: Expr, disk: bool) -> str | None:
        if isinstance(node, FloatLit):
            return _amount(float(node.number) / MIB)
        if isinstance(node, If):
            then, otherwise = (
                self._bytes(let(node.then), disk),
                self._bytes(let(node.otherwise), disk),
            )
            if then is None or otherwise is None:
                return None
            return f"if {self.sayer.say(node.test).text} then {then} else {otherwise}"
        of = arguments(node, "multiply", 2)
        if of is None:
            return None
        number, unit = of
        if isinstance(unit, FloatLit):
            return self._with_unit(number, float(unit.number), disk)
        return self._read_text(number, unit)

    def _with_unit(self, number: Expr, size: float, disk: bool) -> str | None:
        text = arguments(number, "to_float", 1)
        if text is not None and text[0].__class__.__name__ == "Template":
            unit = _UNITS.get(size)
            pieces = self.sayer.pieces(text[0])
            return quoted([*pieces, f" {unit}"]) if unit is not None else None
        if size == (UNITS["GiB"] if disk else 1):
            return self.sayer.say(number, FLOAT).text
        return None

    def _read_text(self, number: Expr, unit: Expr) -> str | None:
        """A text that is known at run time: the reader takes it apart."""
        text = arguments(number, "to_float", 1)
        digits = arguments(text[0], "replace_match", 3) if text is not None else None
        known = isinstance(unit, Index) and isinstance(unit.of, Record)
        if digits is None or not known or digits[1] != StringLit(value="[^0-9.]"):
            return None
        return self.sayer.say(digits[0], STRING).text

    def _codes(self, codes: ExitCodes) -> str | None:
        if not codes.success and not codes.temporary_failure and not codes.permanent_failure:
            return None
        success = list(codes.success)
        if len(success) == 256:
            return '"*"'
        if not success:
            success = [0]
        lost = codes.temporary_failure or [one for one in codes.permanent_failure if one != 0]
        if lost:
            message = "WDL says which exit codes are success; every other one is failure"
            self.sayer.place.tell("FWF3003", message, codes)
        if 0 not in success and 0 not in codes.permanent_failure:
            success.insert(0, 0)
        return str(success[0]) if len(success) == 1 else f"[{', '.join(map(str, success))}]"


def _least(amount: Amount | None) -> Expr | None:
    if amount is None:
        return None
    return amount.min if amount.min is not None else amount.max


def _amount(mib: float) -> str:
    if mib and mib % 1024 == 0:
        return f'"{int(mib // 1024)} GiB"'
    return f'"{int(mib)} MiB"' if mib.is_integer() else f'"{mib!r} MiB"'


def _kept(value: Any) -> str:
    """An attribute that the reader kept: a value, or the text of an expression."""
    if isinstance(value, Mapping) and set(value) == {"expression"}:
        return str(value["expression"])
    return value_text(value, "    ")
