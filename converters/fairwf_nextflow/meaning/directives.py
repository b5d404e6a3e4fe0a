"""Directives of a process: what it needs of a machine, its software, what becomes of it.

A directive of the script counts more than a setting of all processes, and less than one of a
label or name (Nextflow, "Process selectors").
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fairwf.ir.environment import Conda, Container, Environment
from fairwf.ir.expressions import Expr
from fairwf.ir.resources import Amount, Gpu, Resources, Retry
from fairwf.source import did_you_mean
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.grammar.directive_names import DIRECTIVES, KEPT, OF_RUNS
from fairwf_nextflow.meaning.build import known, literal, template, text
from fairwf_nextflow.meaning.configuration import Configuration, Told
from fairwf_nextflow.meaning.evaluate import Evaluator
from fairwf_nextflow.meaning.members import scaled
from fairwf_nextflow.meaning.modules import Module
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import Function, UntranslatedError, Value, value_of

_MEMORY = re.compile(r"\s*([\d.]+)\.?\s*([KMGTP]?)B?\s*", re.IGNORECASE)
_TIME = re.compile(r"([\d.]+?)\.?\s*(ms|milli\w*|s|sec\w*|m|min\w*|h|hour\w*|d|day\w*)\b")
_UNITS = {"": 2.0**-20, "K": 2.0**-10, "M": 1.0, "G": 2.0**10, "T": 2.0**20, "P": 2.0**30}
_SECONDS = {"ms": 0.001, "mi": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass
class Directives:
    """The directives in a process's own text, by name."""

    calls: Mapping[str, list[tree.Call]]
    others: Sequence[tree.Statement] = ()
    """What stands among them and is in no form of a directive."""

    @staticmethod
    def of(process: tree.Process) -> Directives:
        """Return those of a process."""
        found: dict[str, list[tree.Call]] = {}
        others: list[tree.Statement] = []
        for statement in process.directives:
            match statement:
                case tree.Evaluate(value=tree.Call(function=tree.Name(name=name)) as call):
                    found.setdefault(name, []).append(call)
                case tree.Assign(target=tree.Name(name=name), value=value) if value is not None:
                    call = tree.Call(statement.start, statement.end, statement.target, (value,))
                    found.setdefault(name, []).append(call)
                case _:
                    others.append(statement)
        return Directives(found, others)

    def labels(self) -> list[str]:
        """Return the labels that are plain texts."""
        found = []
        for call in self.calls.get("label", ()):
            for arg in call.args:
                if isinstance(arg, tree.Str) and arg.plain is not None:
                    found.append(arg.plain)
        return found


@dataclass
class Needs:
    """What the directives say, in the IR."""

    resources: Resources = field(default_factory=Resources)
    environment: Environment = field(default_factory=Environment)
    retry: Retry | None = None
    ignore: bool = False
    debug: bool = False
    published: bool = False
    kept: dict[str, list[str]] = field(default_factory=dict)


class DirectiveReader:
    """Reads the directives of one process under one name."""

    def __init__(
        self,
        evaluator: Evaluator,
        configuration: Configuration,
        scope: Scope,
        process: tree.Process,
        names: Sequence[str],
        tell: Callable[[Module, tree.Node, str, str], None],
        registry: str | None,
    ) -> None:
        self._evaluator = evaluator
        self._configuration = configuration
        self._scope = scope
        self._own = Directives.of(process)
        self._labels = self._own.labels()
        self._names = names
        self._tell = tell
        self._registry = registry

    def extensions(self) -> dict[str, Told]:
        """Return the settings ``ext`` of the process."""
        found = self._configuration.extensions(self._names, self._labels)
        for call in self._own.calls.get("ext", ()):
            for entry in call.named:
                if isinstance(entry.key, tree.Str) and entry.key.plain is not None:
                    found.setdefault(entry.key.plain, Told(entry.value, self._scope.module))
        return found

    def read(self) -> Needs:
        """Return what they say; what cannot be said is told, and left out."""
        needs = Needs()
        needs.environment = self._environment()
        needs.resources = Resources(
            cores=self._amount("cpus", "int"),
            memory=self._amount("memory", "memory"),
            time=self._one("time", "duration"),
            tmp_space=self._amount("disk", "memory"),
            gpu=self._gpu(),
        )
        strategy = self._strategy()
        needs.ignore = "ignore" in strategy
        if "retry" in strategy:
            often = self._one("maxRetries", "int")
            needs.retry = Retry(attempts=literal(1) if often is None else often)
        for name in ("debug", "echo"):
            value = self._value(name)
            needs.debug = needs.debug or (value is not None and known(value.expr)[1] is True)
        for name in sorted(KEPT):
            texts = [self._text(call) for call in self._own.calls.get(name, ())]
            told = self._configuration.of_process(self._names, self._labels, (name,))
            texts += [_source(one) for one in told if one is not None]
            if texts:
                needs.kept[name] = texts
        needs.published = "publishDir" in needs.kept
        for other in self._own.others:
            text = "this is in no form of a directive that is understood; it is left out"
            self._tell(self._scope.module, other, text, "FWF1605")
        for name, calls in self._own.calls.items():
            if name in OF_RUNS and name not in ("echo", "ext"):
                text = f"the directive {name!r} counts for nothing here"
                self._tell(self._scope.module, calls[0], text, "FWF1606")
            elif name not in DIRECTIVES:
                near = did_you_mean(name, DIRECTIVES)
                text = f"there is no directive {name!r:.80}{f' ({near})' if near else ''}"
                self._tell(self._scope.module, calls[0], text, "FWF1605")
        return needs

    # --- values

    def told(self, name: str) -> Told | None:
        """Return what says a directive."""
        weak, strong = self._configuration.of_process(self._names, self._labels, (name,))
        if strong is not None:
            return strong
        own = self._own.calls.get(name)
        if own and own[-1].args:
            return Told(own[-1].args[0], self._scope.module)
        return weak

    def _value(self, name: str) -> Value | None:
        told = self.told(name)
        if told is None:
            return None
        try:
            scope = self._scope.inner({}, told.module)
            symbol = self._evaluator.symbol(told.node, scope)
            if isinstance(symbol, Function):
                symbol = self._evaluator.apply(symbol, (), told.node, scope)
            return value_of(symbol, told.node)
        except UntranslatedError as error:
            text = f"the directive {name!r} is left out: {error.reason}"
            self._tell(told.module, told.node, text, "FWF1605")
            return None

    def _one(self, name: str, kind: str) -> Expr | None:
        value = self._value(name)
        if value is None or value.kind == "none":
            return None
        if value.kind == "string":
            plain, raw = known(value.expr)
            number = parse(str(raw), kind) if plain else None
            if number is None:
                told = self.told(name)
                assert told is not None
                self._tell(
                    told.module, told.node, f"{name} is in no form that is understood", "FWF1605"
                )
            return None if number is None else literal(number)
        if kind == "memory" and value.kind == "int":
            return scaled(value.expr, 2.0**-20)
        if kind == "duration" and value.kind == "int":
            return scaled(value.expr, 0.001)
        return value.expr

    def _amount(self, name: str, kind: str) -> Amount | None:
        expr = self._one(name, kind)
        return None if expr is None else Amount(min=expr)

    def _gpu(self) -> Gpu | None:
        count = self._amount("accelerator", "int")
        return None if count is None else Gpu(count=count)

    def _strategy(self) -> str:
        told = self.told("errorStrategy")
        if told is None:
            return ""
        if isinstance(told.node, tree.Str):
            return told.node.plain or ""
        return "retry" if "retry" in _source(told) else ""

    def _text(self, call: tree.Call) -> str:
        source = self._scope.module.text.text[call.start : call.end]
        return " ".join(source.split())[:500]

    # --- software

    def _environment(self) -> Environment:
        container = self._value("container")
        image: Expr | None = None
        if container is not None and container.kind != "none":
            image = self._image(container.expr)
        modules = self._value("module")
        plain, raw = known(modules.expr) if modules is not None else (False, None)
        return Environment(
            container=Container(image=image, required=False) if image is not None else None,
            conda=self._conda(),
            modules=tuple(str(raw).split(":")) if plain and raw else (),
        )

    def _image(self, expr: Expr) -> Expr | None:
        plain, raw = known(expr)
        if not plain or not isinstance(raw, str):
            return expr
        if not raw:
            return None
        first = raw.split("/", 1)[0]
        if self._registry and not ("." in first or ":" in first):
            return text(f"{self._registry.rstrip('/')}/{raw}")
        return text(raw)

    def _conda(self) -> Conda | None:
        value = self._value("conda")
        if value is None or value.kind == "none":
            return None
        plain, raw = known(value.expr)
        if not plain or not isinstance(raw, str) or not raw:
            return None
        if raw.endswith((".yml", ".yaml", ".txt")):
            return Conda(file=raw if "://" in raw else posixpath.normpath(raw))
        channels, packages = [], []
        for word in raw.split():
            channel, both, package = word.partition("::")
            packages.append(package if both else word)
            if both and channel not in channels:
                channels.append(channel)
        return Conda(channels=tuple(channels), packages=tuple(packages))


def parse(raw: str, kind: str) -> float | int | None:
    """Return MiB of ``6 GB``, seconds of ``1d 2h``, or a whole number."""
    if kind == "int":
        return int(raw) if raw.strip().isdigit() else None
    if kind == "memory":
        found = _MEMORY.fullmatch(raw)
        if found is None:
            return None
        try:
            number = float(found[1]) * _UNITS[found[2].upper()]
        except ValueError:
            return None
    else:
        parts = _TIME.findall(raw)
        if not parts:
            return None
        number = 0.0
        for amount, unit in parts:
            try:
                number += float(amount) * (
                    _SECONDS["ms"] if unit.startswith(("ms", "mil")) else _SECONDS[unit[0]]
                )
            except ValueError:
                return None
    return int(number) if number == int(number) else number


def _source(told: Told) -> str:
    return " ".join(told.module.text.text[told.node.start : told.node.end].split())[:500]


__all__ = ["DirectiveReader", "Needs", "parse", "template"]
