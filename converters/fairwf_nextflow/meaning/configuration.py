"""What ``nextflow.config`` says, and what it includes: parameters, settings of processes.

The profile ``standard`` counts, as it does for Nextflow where none is named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fairwf.formats import read_file
from fairwf.ir.expressions import Expr
from fairwf.report import InvalidError
from fairwf.source import in_tree
from fairwf_nextflow.grammar import configuration as config
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.grammar.configuration import parse_config
from fairwf_nextflow.meaning.build import known, literal
from fairwf_nextflow.meaning.evaluate import Evaluator
from fairwf_nextflow.meaning.modules import Loader, Module
from fairwf_nextflow.meaning.operators import truth
from fairwf_nextflow.meaning.scope import Scope
from fairwf_nextflow.meaning.symbols import NOTHING, Symbol, UntranslatedError, Value

MAX_INCLUDES = 200
_PLAIN_PATTERN = re.compile(r"[\w:.*|()?!-]*")


@dataclass(frozen=True)
class Told:
    """An expression, and the text that it stands in."""

    node: tree.Expression
    module: Module


@dataclass(frozen=True)
class ProcessSetting:
    """A setting of processes; ``kind`` is ``withLabel``, ``withName`` or empty (of all)."""

    kind: str
    pattern: str
    key: tuple[str, ...]
    told: Told


@dataclass
class Configuration:
    """All that was read."""

    params: dict[str, Told] = field(default_factory=dict)
    process: list[ProcessSetting] = field(default_factory=list)
    settings: dict[tuple[str, ...], Told] = field(default_factory=dict)
    profiles: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    def setting(self, *path: str) -> Told | None:
        """Return a setting by its path."""
        return self.settings.get(path)

    def of_process(
        self, names: Sequence[str], labels: Sequence[str], key: tuple[str, ...]
    ) -> tuple[Told | None, Told | None]:
        """Return what counts for a process, weaker and stronger than its own directive."""
        weak: Told | None = None
        strong: Told | None = None
        rank = 0
        for setting in self.process:
            if setting.key != key:
                continue
            if not setting.kind:
                weak = setting.told
            elif (
                setting.kind == "withLabel"
                and rank <= 1
                and any(matches(setting.pattern, x) for x in labels)
            ):
                strong, rank = setting.told, 1
            elif setting.kind == "withName" and any(matches(setting.pattern, x) for x in names):
                strong, rank = setting.told, 2
        return weak, strong

    def extensions(self, names: Sequence[str], labels: Sequence[str]) -> dict[str, Told]:
        """Return the ``ext`` settings that count for a process."""
        keys = {s.key for s in self.process if len(s.key) == 2 and s.key[0] == "ext"}
        found: dict[str, Told] = {}
        for key in sorted(keys):
            weak, strong = self.of_process(names, labels, key)
            told = strong or weak
            if told is not None:
                found[key[1]] = told
        return found


def matches(pattern: str, name: str) -> bool:
    """Tell whether a selector is about a name. Only simple patterns are patterns."""
    if pattern.startswith("!"):
        return not matches(pattern[1:].strip(), name)
    if (
        len(pattern) > 2000
        or not _PLAIN_PATTERN.fullmatch(pattern)
        or re.search(r"\)[*+?]", pattern)
    ):
        return pattern == name
    if pattern.count("*") > 6:
        return pattern == name
    try:
        return re.fullmatch(pattern, name[:300]) is not None
    except re.error:
        return pattern == name


class ConfigPlace:
    """Where expressions of the configuration are evaluated: its own parameters are known."""

    def __init__(self, configuration: Configuration, evaluator: Evaluator) -> None:
        self._configuration = configuration
        self._evaluator = evaluator
        self._open: set[str] = set()

    def param(self, name: str) -> Value:
        """Return the default of a parameter."""
        told = self._configuration.params.get(name)
        if told is None or name in self._open:
            return NOTHING
        self._open.add(name)
        try:
            return self._evaluator.value(told.node, Scope(self, told.module))
        finally:
            self._open.discard(name)

    def text(self, value: Value) -> Expr:
        """Return a value as it is."""
        return value.expr

    def invoke(self, what: Symbol, args: Sequence[Symbol], node: tree.Node) -> Symbol:
        """Refuse: nothing runs in a configuration."""
        raise UntranslatedError(node, "nothing is called in a configuration")

    def file(self, path: Value, several: bool, node: tree.Node) -> Value:
        """Return a path as a text."""
        return path

    def left_out(self, node: tree.Node, what: str) -> None:
        """Refuse: a configuration without a piece of it is another."""
        raise UntranslatedError(node, what)


class ConfigReader:
    """Reads ``nextflow.config`` beside a script."""

    def __init__(self, loader: Loader, evaluator: Evaluator) -> None:
        self.loader = loader
        self.found = Configuration()
        self.place = ConfigPlace(self.found, evaluator)
        self._evaluator = evaluator
        self._includes = 0

    def read(self) -> Configuration:
        """Return what it says; nothing where there is none.

        Raises:
            InvalidError: FWF1601 it breaks the grammar, FWF1008 it includes what lies outside.
        """
        if self.loader.source.path is None:
            return self.found
        path = self.loader.beside("nextflow.config")
        if path is not None:
            self._file(path, (), [])
        return self.found

    def _file(self, path: Path, scope: tuple[str, ...], above: list[Path]) -> None:
        shown = self.loader.shown(path)
        text = self.loader.text(path, shown, read_file(path, shown))
        folder = os.path.relpath(path.parent, self.loader.root)
        module = Module(text, folder, tree.Script(()))
        self._statements(parse_config(text), scope, module, [*above, path])

    def _statements(
        self,
        statements: Sequence[config.ConfigStatement],
        scope: tuple[str, ...],
        module: Module,
        above: list[Path],
        selector: tuple[str, str] = ("", ""),
    ) -> None:
        for statement in statements:
            match statement:
                case config.Setting(path=path, value=value, also=also):
                    for one in (*also, path):
                        self._setting((*scope, *one), Told(value, module), selector)
                case config.Scope(name=name, selector=pattern, body=body):
                    if name == "profiles" and not scope:
                        self._profiles(body, module, above)
                    elif pattern is not None:
                        self._statements(body, scope, module, above, (name, pattern))
                    else:
                        self._statements(body, (*scope, name), module, above, selector)
                case config.ConfigInclude(path=node):
                    self._include(node, scope, module, above)
                case config.Code(statement=inner):
                    self._code(inner, module)
                case config.Either():
                    part = self._chosen(statement, module)
                    self._statements(part, scope, module, above, selector)

    def _chosen(self, either: config.Either, module: Module) -> Sequence[config.ConfigStatement]:
        """Return the part that the defaults of the parameters choose, and tell of it."""
        try:
            test = truth(self._evaluator.value(either.test, Scope(self.place, module)))
            plain, raw = known(test)
        except UntranslatedError:
            plain, raw = False, None
        if not plain:
            text = "which part of the configuration counts is known only when it runs"
            self.loader.report.add("FWF1605", text, span=module.span(either.test))
            return ()
        text = "this part of the configuration is chosen by the defaults of the parameters"
        self.loader.report.add("FWF1606", text, span=module.span(either.test))
        return either.then if raw else either.otherwise

    def _profiles(
        self, body: Sequence[config.ConfigStatement], module: Module, above: list[Path]
    ) -> None:
        for profile in body:
            if isinstance(profile, config.Scope):
                self.found.profiles.append(profile.name)
                if profile.name == "standard":
                    self._statements(profile.body, (), module, above)
            elif isinstance(profile, config.Either):
                self._profiles(self._chosen(profile, module), module, above)

    def _setting(self, path: tuple[str, ...], told: Told, selector: tuple[str, str]) -> None:
        if path[0] == "params" and len(path) == 2:
            self.found.params[path[1]] = told
        elif path[0] == "process" and len(path) > 1:
            if isinstance(told.node, tree.MapOf) and path[1:] == ("ext",):
                for entry in told.node.entries:
                    if isinstance(entry.key, tree.Str) and entry.key.plain is not None:
                        key = ("ext", entry.key.plain)
                        self.found.process.append(
                            ProcessSetting(*selector, key, Told(entry.value, told.module))
                        )
                return
            self.found.process.append(ProcessSetting(*selector, path[1:], told))
        else:
            self.found.settings[path] = told

    def _include(
        self, node: tree.Expression, scope: tuple[str, ...], module: Module, above: list[Path]
    ) -> None:
        span = module.span(node)
        report = self.loader.report
        try:
            plain, raw = known(self._evaluator.value(node, Scope(self.place, module)).expr)
        except UntranslatedError as error:
            plain, raw = False, None
            report.add(
                "FWF1606",
                f"which configuration is included is not known: {error.reason}",
                span=span,
            )
            return
        if not plain or not isinstance(raw, str):
            report.add(
                "FWF1606", "which configuration is included is known only when it runs", span=span
            )
            return
        if "://" in raw:
            report.add(
                "FWF1606",
                f"the configuration {raw!r:.200} is on a network; nothing is fetched",
                span=span,
            )
            return
        if raw == "/dev/null":
            return
        path = Path(os.path.normpath(self.loader.root / module.folder / raw))
        if raw.startswith("/") or "\0" in raw or not in_tree(path, self.loader.tree):
            message = f"the configuration {raw!r:.200} leaves the document's folder"
            hint = "include by a relative path, below the root of the document's repository"
            raise InvalidError.of("FWF1008", message, span=span, hint=hint)
        self._includes += 1
        if path in above or self._includes > MAX_INCLUDES:
            raise InvalidError.of("FWF1009", "configurations include each other", span=span)
        if not path.is_file():
            report.add("FWF1606", f"the configuration {raw!r:.200} does not exist", span=span)
            return
        self._file(path, scope, above)

    def _code(self, statement: tree.Statement, module: Module) -> None:
        """Take what code of a configuration includes and sets, where that is plain."""
        match statement:
            case tree.Guarded(body=body):
                for one in body:
                    self._code(one, module)
            case tree.Evaluate(
                value=tree.Call(function=tree.Name(name="includeConfig"), args=(node,))
            ):
                self._include(node, (), module, [])
            case tree.Function():
                return
            case _:
                text = "code in a configuration is not run"
                self.loader.report.add("FWF1606", text, span=module.span(statement))

    def plain(self, *path: str) -> object:
        """Return a setting that is a plain value, else None."""
        told = self.found.setting(*path)
        if told is None:
            return None
        try:
            expr = self._evaluator.value(told.node, Scope(self.place, told.module)).expr
        except UntranslatedError:
            return None
        return known(expr)[1]


__all__ = ["ConfigPlace", "ConfigReader", "Configuration", "Told", "literal", "matches"]
