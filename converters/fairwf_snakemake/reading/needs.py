"""What a rule needs: threads, memory, time, software."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from fairwf.ir.environment import Conda, Container, Environment
from fairwf.ir.expressions import Call, Expr, FloatLit, Input, IntLit, Opaque, StringLit
from fairwf.ir.resources import Amount, Gpu, Resources, Retry
from fairwf.ir.types import StringType
from fairwf_snakemake.snakefile.static import NotStaticError

if TYPE_CHECKING:
    from fairwf_snakemake.reading.rules import RuleReader

_UNITS = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2, "": 1 / 1024**2}


def resources_of(rule: RuleReader) -> Resources:
    """Return the resources of a rule; what the IR has no place for is kept as it is."""
    found: dict[str, Any] = {}
    threads = rule.items("threads")
    if threads and not isinstance(threads[0].value, Opaque):
        value = rule.inside(threads[0].value, "threads")
        found["cores"] = Amount(min=IntLit(value=1), max=value)
    kept: dict[str, str] = {}
    for item in rule.items("resources"):
        value, name = item.value, item.name or ""
        amount = None if isinstance(value, Opaque) else rule.inside(value, name)
        if isinstance(amount, (StringLit,)):
            amount = _in_mebibytes(amount.value) if name in ("mem", "disk") else amount
        texts = isinstance(rule.type_of(value), StringType) and amount is not None
        if (
            amount is None
            or (texts and not isinstance(amount, (IntLit, FloatLit)))
            or (name not in _KNOWN)
        ):
            kept[name] = ast.unparse(item.node)
        elif name in ("mem_mb", "mem_mib", "mem"):
            found["memory"] = Amount(min=amount)
        elif name in ("disk_mb", "disk_mib", "disk"):
            found["tmp_space"] = Amount(min=amount)
        elif name == "runtime":
            found["time"] = (
                IntLit(value=amount.number * 60)
                if isinstance(amount, IntLit)
                else Call(function="multiply", args=(amount, IntLit(value=60)))
            )
        elif name == "nodes":
            found["nodes"] = amount
        elif name in ("gpu", "nvidia_gpu"):
            found["gpu"] = Gpu(count=Amount(min=amount))
    if kept:
        rule.extensions["resources"] = kept
    return Resources(**found, required=False) if found else Resources()


_KNOWN = frozenset(
    [
        "mem_mb",
        "mem_mib",
        "mem",
        "disk_mb",
        "disk_mib",
        "disk",
        "runtime",
        "nodes",
        "gpu",
        "nvidia_gpu",
    ]
)


def _in_mebibytes(text: str) -> Expr | None:
    head = text.strip().lower().removesuffix("ib").removesuffix("b").strip()
    unit = head[-1:] if head[-1:] in "kmgt" and head[-1:] else ""
    try:
        number = float(head[: len(head) - len(unit)]) * _UNITS[unit]
    except ValueError:
        return None
    return IntLit(value=int(number)) if number == int(number) else FloatLit(value=number)


def retry_of(rule: RuleReader) -> Retry | None:
    """Return how often the rule is tried again."""
    found = rule.items("retries")
    if found and isinstance(found[0].value, (IntLit, Input)):
        value = rule.inside(found[0].value, "retries")
        if not (isinstance(value, IntLit) and value.number == 0):
            return Retry(attempts=value)
    return None


def environment_of(rule: RuleReader) -> Environment:
    """Return where the rule's programs come from."""
    found: dict[str, Any] = {}
    for name in ("container", "singularity"):
        image = _text(rule, name)
        if image:
            found["container"] = Container(image=StringLit(value=image))
    conda = _text(rule, "conda")
    if conda is not None:
        found["conda"] = _conda(rule, conda)
    directive = rule.definition.rule.directives.get("envmodules")
    if directive is not None and directive.call is not None:
        modules = []
        for node in directive.call.args:
            try:
                modules.append(str(rule.context.program.evaluator.value(node, rule.scope.names)))
            except NotStaticError:
                rule.extensions["envmodules"] = ast.unparse(node)
        found["modules"] = tuple(modules)
    return Environment(**found)


def _conda(rule: RuleReader, text: str) -> Conda:
    if not text.endswith((".yaml", ".yml")):
        return Conda(name=text)
    if "://" in text:
        return Conda(file=text)
    definition = rule.definition
    place, what = definition.folder / text, "the conda environment"
    return Conda(file=rule.context.program.files.need(place, what, "environment", definition.name))


def _text(rule: RuleReader, name: str) -> str | None:
    """Return the text of a directive of the rule or, in its absence, of the whole workflow."""
    directive = rule.definition.rule.directives.get(name) or (
        rule.context.program.globals.get(name) if name != "conda" else None
    )
    if directive is None or directive.call is None or not directive.call.args:
        return None
    node = directive.call.args[0]
    try:
        value = rule.context.program.evaluator.value(node, rule.scope.names)
    except NotStaticError as error:
        rule.context.report.add(
            "FWF1504",
            f"{name} of rule {rule.definition.name!r} is not known: {error.message}",
            span=rule.definition.span(node),
        )
        rule.extensions[name] = ast.unparse(node)
        return None
    return None if value is None else str(value)
