"""What the names of a Snakefile mean while it is read: rules, sections, configuration."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fairwf.report import UnsupportedError
from fairwf_snakemake.snakefile.nodes import Directive, Module
from fairwf_snakemake.snakefile.static import Members, NotStaticError

if TYPE_CHECKING:
    from fairwf_snakemake.reading.definitions import Definition
    from fairwf_snakemake.reading.program import Interpreter


class Layered(dict[str, Any]):
    """A copy of names; functions inside go on seeing later ones, as Python has it."""

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        super().__init__()
        for layer in layers:
            self.update(layer)


class Rules(Members):
    """``rules``: outputs of rules that stand before."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    @property
    def values(self) -> dict[str, Any]:  # type: ignore[override]
        """The rules that are known by now."""
        return Lazy(self.interpreter)


class Lazy(dict[str, Any]):
    """Names that are looked up when they are asked for."""

    def __init__(self, interpreter: Interpreter) -> None:
        super().__init__()
        self._interpreter = interpreter

    def __contains__(self, name: object) -> bool:
        return name in self._interpreter.program.rules

    def __getitem__(self, name: str) -> Any:
        definition = self._interpreter.program.rules[name]
        found = Members()
        for part in ("input", "output", "params", "log", "resources"):
            directive = definition.rule.directives.get(part)
            if directive is not None:
                found.values[part] = Section(self._interpreter, definition, directive)
        return found


class Section(Members):
    """``rules.x.output``: the values of a section, by name and number."""

    def __init__(
        self, interpreter: Interpreter, definition: Definition, directive: Directive
    ) -> None:
        self.definition = definition
        self.directive = directive
        self.interpreter = interpreter

    @property
    def values(self) -> dict[str, Any]:  # type: ignore[override]
        """Return the members by name."""
        found: dict[str, Any] = {}
        call = self.directive.call
        assert call is not None
        evaluator = self.interpreter.program.evaluator
        number = 0
        for each in call.args:
            inner = each.value if isinstance(each, ast.Starred) else each
            value = evaluator.value(inner, self.definition.names)
            for item in value if isinstance(value, (list, tuple)) else [value]:
                found[f"#{number}"] = item
                number += 1
        for keyword in call.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = evaluator.value(keyword.value, self.definition.names)
        return found


def sees_config(value: ast.expr, sources: Mapping[str, ast.expr]) -> bool:
    """Tell whether an expression sees the configuration, or a name that was made of it."""
    return any(
        isinstance(each, ast.Name) and (each.id == "config" or each.id in sources)
        for each in ast.walk(value)
    )


def merge_config(config: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Put more keys into a configuration, maps into maps."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            merge_config(config[key], value)
        else:
            config[key] = value


def merged_directive(old: Directive, new: Directive) -> Directive:
    """Named items replace those of the same name, positional ones all that have none."""
    if old.call is None or new.call is None:
        return new
    named = {k.arg for k in new.call.keywords}
    call = ast.Call(
        func=new.call.func,
        args=new.call.args or old.call.args,
        keywords=[*(k for k in old.call.keywords if k.arg not in named), *new.call.keywords],
    )
    return replace(new, call=ast.copy_location(call, new.call))


def prefixes(interpreter: Interpreter, module: Module) -> tuple[dict[str, str], str]:
    """Return what a module puts before paths: by prefix, and before all.

    Raises:
        UnsupportedError: FWF1502 it is not known.
    """
    replaced: dict[str, str] = {}
    prefix = ""
    try:
        if "replace_prefix" in module.directives:
            replaced = dict(interpreter.argument(module.directives["replace_prefix"]))
        if "prefix" in module.directives:
            prefix = str(interpreter.argument(module.directives["prefix"])).rstrip("/") + "/"
    except (NotStaticError, TypeError, ValueError):
        raise UnsupportedError.of(
            "FWF1502", "the prefix of the module is not known", span=module.span
        ) from None
    return replaced, prefix
