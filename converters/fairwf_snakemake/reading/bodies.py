"""What a rule runs: ``shell``, ``run``, ``script``, or what only Snakemake can run."""

from __future__ import annotations

import ast
import re
import string
from typing import TYPE_CHECKING, Any, Literal

from fairwf.ir import types as ir
from fairwf.ir.command import Placeholder, ScriptPart, Text
from fairwf.ir.expressions import (
    Array,
    BoolLit,
    Call,
    Expr,
    Index,
    IntLit,
    Key,
    NoneLit,
    Opaque,
    Record,
    Runtime,
    StringLit,
    Template,
)
from fairwf.ir.names import fresh
from fairwf.ir.ports import Glob, OutputPort
from fairwf.ir.workflow import Operation, Process, Pure, Script
from fairwf.report import InvalidError
from fairwf_snakemake.reading import python_code
from fairwf_snakemake.reading.expressions import NotTranslatedError, Scope
from fairwf_snakemake.reading.needs import environment_of, resources_of, retry_of
from fairwf_snakemake.reading.sections import Item
from fairwf_snakemake.snakefile.nodes import Directive
from fairwf_snakemake.snakefile.parse import NO_FILE
from fairwf_snakemake.snakefile.static import NotStaticError

if TYPE_CHECKING:
    from fairwf_snakemake.reading.rules import RuleReader

BASH = ("/bin/bash", "-euo", "pipefail")
PYTHON = ("python3",)
_ELSEWHERE = ("wrapper", "notebook", "cwl", "template_engine")

_KEY = re.compile(r"\.([^.\[]+)|\[([^\]]+)\]")


class BodyReader:
    """Reads what one rule runs."""

    def __init__(self, rule: RuleReader) -> None:
        self.rule = rule
        self.params: dict[str, Expr] = {}
        self.resources: dict[str, Expr] = {}

    def read(self, ports: list[OutputPort]) -> Process:
        """Return the process; ``ports`` are its outputs."""
        rule = self.rule
        self._logs(ports)
        self._params()
        needs = resources_of(rule)
        for item in (
            rule.items("resources") if "resources" in rule.definition.rule.directives else []
        ):
            if item.name and not isinstance(item.value, Opaque):
                self.resources[item.name] = rule.inside(item.value, item.name)
        environment, retry = environment_of(rule), retry_of(rule)
        interpreter, body, why = self._body()
        if why is not None:
            rule.extensions.setdefault("body", why)
            return Operation(
                id=rule.definition.name,
                inputs=tuple(rule.inputs),
                outputs=tuple(OutputPort(id=p.id, type=p.type) for p in ports),
                implementation=f"snakemake {why}",
            )
        if not body and not ports:
            return Pure(id=rule.definition.name, inputs=tuple(rule.inputs), result=Record())
        return Script(
            id=rule.definition.name,
            inputs=tuple(rule.inputs),
            outputs=tuple(ports),
            interpreter=interpreter,
            body=tuple(body),
            staging=tuple(rule.staging),
            environment=environment,
            resources=needs,
            retry=retry,
        )

    # --- sections ---------------------------------------------------------------------------------

    def _logs(self, ports: list[OutputPort]) -> None:
        rule = self.rule
        found = rule.items("log")
        for number, item in enumerate(found, 1):
            if isinstance(item.value, Opaque):
                continue
            values = item.value.items if isinstance(item.value, Array) else (item.value,)
            shown = []
            for value in values:
                inside = rule.inside(value, "log")
                shown.append(inside)
                if not isinstance(inside, (StringLit, Template)):
                    continue
                rule.folder(inside)
                if isinstance(inside, StringLit) and inside.value.startswith("/"):
                    continue
                base = item.name or "log"
                base = base if len(found) == 1 and len(values) == 1 else f"{base}_{len(ports)}"
                port = fresh(base if base not in rule.taken else f"{base}_log", rule.taken)
                rule.taken.add(port)
                glob = Glob(patterns=(rule._plain(inside),))
                ports.append(
                    OutputPort(id=port, type=ir.OptionalType(item=ir.FileType()), collect=glob)
                )
            key = item.name or f"#{number}"
            rule.views["log"][key] = (
                Array(items=tuple(shown)) if isinstance(item.value, Array) else shown[0]
            )

    def _scope(self) -> Scope:
        rule = self.rule
        return Scope(
            rule.definition.names,
            rule.keys,
            {"threads": Runtime(name="cores")},
            {},
        )

    def _params(self) -> None:
        rule = self.rule
        for number, item in enumerate(rule.items("params"), 1):
            key = item.name or f"#{number}"
            self.params[key] = self._param(item, key.strip("#"))

    def _param(self, item: Item, name: str) -> Expr:
        rule = self.rule
        value = item.value
        if isinstance(value, Opaque):
            return rule.handed(name, ir.OptionalType(item=ir.AnyType()), value)
        return rule.inside(value, name)

    # --- bodies -----------------------------------------------------------------------------------

    def _body(self) -> tuple[tuple[str, ...], list[ScriptPart], str | None]:
        directives = self.rule.definition.rule.directives
        unsupported = self._pipes()
        if unsupported:
            return BASH, [], unsupported
        if "shell" in directives:
            parts, why = self._shell(directives["shell"])
            touched = self._touched()
            if touched:  # also where the command calls `exit`
                parts = [Text(text="(\n"), *parts, Text(text="\n)"), *touched]
            return BASH, parts, why
        if "run" in directives:
            body = self._run(directives["run"])
            return PYTHON, body or [], None if body is not None else "run"
        if "script" in directives:
            body, why = self._script(directives["script"])
            return PYTHON, body, why
        for name in _ELSEWHERE:
            if name in directives:
                named = self._named(directives[name])
                self._need(directives[name], named.removeprefix(f"{name}: "))
                return BASH, [], named
        return BASH, self._touched(), None

    def _pipes(self) -> str | None:
        for _, _, flags, _ in self.rule.outputs.ports:
            for name in ("pipe", "service", "storage_object", "update"):
                if name in flags:
                    return f"{name}()"
        return None

    def _named(self, directive: Directive) -> str:
        assert directive.call is not None
        node = directive.call.args[0] if directive.call.args else None
        try:
            text = str(self.rule.context.program.evaluator.value(node, self.rule.scope.names))  # type: ignore[arg-type]
        except NotStaticError:
            text = ast.unparse(node) if node is not None else ""
        return f"{directive.name}: {text}"

    def _need(self, directive: Directive, text: str) -> None:
        """Note the file that a directive names, which only Snakemake runs."""
        rule = self.rule
        remote = directive.name == "wrapper" and not text.startswith("file:")
        if not remote and directive.name in ("wrapper", "notebook", "cwl", "script"):
            path = rule.definition.folder / text.removeprefix("file:")
            what = f"the {directive.name}"
            rule.context.program.files.need(path, what, "program", rule.definition.name)

    def _touched(self) -> list[ScriptPart]:
        found: list[ScriptPart] = []
        views = self.rule.views["output"]
        paths = [p for v in views.values() for p in (v.items if isinstance(v, Array) else (v,))]
        for (_, _, flags, _), path in zip(self.rule.outputs.ports, paths, strict=False):
            if flags.get("touch"):
                found += [Text(text="\ntouch "), Placeholder(value=path, quote="shell")]
        return [*found, Text(text="\n")] if found else []

    def _text(self, directive: Directive) -> tuple[str | None, ast.expr | None, str]:
        assert directive.call is not None
        node = directive.call.args[0] if directive.call.args else None
        if node is None:
            return None, None, "nothing is given"
        try:
            value = self.rule.context.program.evaluator.value(node, self.rule.scope.names)
        except NotStaticError as error:
            return None, node, error.message
        return (str(value), node, "") if isinstance(value, str) else (None, node, "it is no text")

    def _shell(self, directive: Directive) -> tuple[list[ScriptPart], str | None]:
        text, node, why = self._text(directive)
        rule = self.rule
        if text is None or node is None:
            rule.context.report.add(
                "FWF1504",
                f"the command of rule {rule.definition.name!r} is not known: {why}",
                span=directive.span,
            )
            return [], f"shell that is not known before it runs ({why})"
        parts: list[ScriptPart] = []
        try:
            for literal, name, spec, conversion in string.Formatter().parse(text):
                if literal:
                    parts.append(Text(text=literal))
                if name is not None:
                    parts.append(self._placeholder(name, spec or "", conversion, directive))
        except ValueError as error:
            span = rule.definition.span(node)
            raise InvalidError.of(
                "FWF1501",
                f"the braces of the command are no format: {error}",
                span=span,
                hint="write {{ and }} for braces that the shell should see",
            ) from None
        except NotTranslatedError as error:
            rule.context.report.add(
                "FWF1504",
                f"the command of rule {rule.definition.name!r}: {error.message}",
                span=directive.span,
            )
            return [], f"shell with {error.message}"
        merged: list[ScriptPart] = []
        for part in parts:
            if isinstance(part, Text) and merged and isinstance(merged[-1], Text):
                merged[-1] = Text(text=merged[-1].text + part.text)
            else:
                merged.append(part)
        return [rule.context.place(part, directive.span) for part in merged], None

    def _placeholder(
        self, name: str, spec: str, conversion: str | None, directive: Directive
    ) -> ScriptPart:
        assert directive.call is not None
        value = self._field(name, directive.call)
        quote: Literal["none", "shell"] = "shell" if spec in ("q", "u") else "none"
        if (spec and spec not in ("q", "u")) or conversion:
            raise NotTranslatedError(f"the field {name!r} in a special format", directive.call)
        match value:
            case StringLit(value=text) if quote == "none":
                return Text(text=text)
            case IntLit():
                return Text(text=str(value.number))
            case BoolLit(value=flag):
                return Text(text=str(flag))
            case NoneLit():
                return Text(text="None")
        if isinstance(value, (Array,)) and not value.items:
            return Text(text="")
        return Placeholder(
            value=value,
            quote=quote,
            separator=" ",
            when_true="True",
            when_false="False",
        )

    def _field(self, text: str, node: ast.AST) -> Expr:
        try:
            first, rest = _split(text)
        except ValueError:
            raise NotTranslatedError(f"the field {text!r}", node) from None
        rule = self.rule
        members: dict[str, Expr] | None = None
        if first in ("input", "output", "log"):
            members = rule.views[first]
        elif first == "params":
            members = self.params
        elif first == "resources":
            members = self.resources
        elif first == "threads" and not rest:
            threads = rule.definition.rule.directives.get("threads")
            return Runtime(name="cores") if threads is not None else IntLit(value=1)
        elif first == "rule" and not rest:
            return StringLit(value=rule.definition.name)
        elif first == "wildcards" and rest and rest[0] in rule.keys:
            return rule.inside(Key(name=str(rest[0])), str(rest[0]))
        elif first == "wildcards" and not rest:
            members = {key: rule.inside(Key(name=key), key) for key in rule.outputs.keys}
        elif first == "attempt":
            return Runtime(name="attempt")
        if members is not None:
            return _member(members, rest, first, node)
        try:
            expression = ast.parse(
                first + "".join(f"[{key!r}]" for key in rest), NO_FILE, "eval"
            ).body
            value = rule.context.translator.expr(expression, self._scope())
        except (SyntaxError, ValueError):
            raise NotTranslatedError(f"the field {text!r}", node) from None
        except NotTranslatedError as error:
            raise NotTranslatedError(f"the field {text!r}: {error.message}", node) from None
        return rule.inside(value, str(rest[-1]) if rest else first)

    # --- Python -----------------------------------------------------------------------------------

    def _given(self, names_seen: bool) -> list[ScriptPart]:
        rule = self.rule

        def pairs(members: dict[str, Expr]) -> Expr:
            return Array(
                items=tuple(
                    Array(items=(StringLit(value="" if k.startswith("#") else k), v))
                    for k, v in members.items()
                )
            )

        wildcards = {key: rule.inside(Key(name=key), key) for key in rule.outputs.keys}
        threads = rule.definition.rule.directives.get("threads")
        config = dict(rule.context.program.config)
        record = Record(
            fields={
                "input": pairs(rule.views["input"]),
                "output": pairs(rule.views["output"]),
                "params": pairs(self.params),
                "wildcards": pairs(wildcards),
                "log": pairs(rule.views["log"]),
                "resources": pairs(self.resources),
                "threads": Runtime(name="cores") if threads is not None else IntLit(value=1),
                "rule": StringLit(value=rule.definition.name),
                "config": rule.context.translator.literal(
                    config, ast.Constant(value=None), self._scope(), wild=False
                ),
            }
        )
        text = Call(function="to_json", args=(Call(function="to_json", args=(record,)),))
        after = python_code.AFTER + (python_code.NAMES if names_seen else "")
        return [Text(text=python_code.PREAMBLE), Placeholder(value=text), Text(text=after)]

    def _run(self, directive: Directive) -> list[ScriptPart] | None:
        python = python_code.needed(directive.body, self.rule.context.program.python)
        if python is None:
            return None
        given = self._given(True)
        return [*given, Text(text=f"{python}{directive.body}\n"), *self._touched_python()]

    def _touched_python(self) -> list[ScriptPart]:
        if not any(flags.get("touch") for _, _, flags, _ in self.rule.outputs.ports):
            return []
        return [Text(text="\nfor _path in output:\n    open(_path, 'a').close()\n")]

    def _script(self, directive: Directive) -> tuple[list[ScriptPart], str | None]:
        text, _, why = self._text(directive)
        if text is None:
            return [], f"script that is not known before it runs ({why})"
        if "{" in text or not text.endswith(".py") or "://" in text:
            self._need(directive, text)
            return [], f"script: {text}"
        path = self.rule.definition.folder / text
        self._need(directive, text)
        data = self.rule.context.program.files.text(path, directive.span)
        try:
            code = data.decode("utf-8")
        except UnicodeDecodeError:
            return [], f"script: {text}"
        lines = code.splitlines(keepends=True)
        head = [line for line in lines if line.startswith("from __future__ ")]
        body = "".join(line for line in lines if not line.startswith("from __future__ "))
        given = self._given(False)
        if head:
            given.insert(0, Text(text="".join(head)))
        return [*given, Text(text=body)], None


def _split(text: str) -> tuple[str, list[Any]]:
    """Return the first name of a format field and the keys after it (``a.b[c]`` gives b and c)."""
    first = re.split(r"[.\[]", text, maxsplit=1)[0]
    keys = [
        int(index) if index.isdigit() else member or index
        for member, index in _KEY.findall(text[len(first) :])
    ]
    return first, keys


def _member(members: dict[str, Expr], rest: list[Any], what: str, node: ast.AST) -> Expr:
    values = list(members.values())
    if not rest:
        if len(values) == 1:
            return values[0]
        if any(not isinstance(v, (StringLit, Template)) for v in values):
            flat = Call(function="merge_flattened", args=tuple(values))
            return flat if values else Array()
        return Array(items=tuple(values))
    key = rest[0]
    if isinstance(key, int):
        flat_values = [item for v in values for item in (v.items if isinstance(v, Array) else (v,))]
        known = all(isinstance(v, (StringLit, Template)) for v in flat_values)
        if known and 0 <= key < len(flat_values):
            found: Expr = flat_values[key]
        elif what == "params" and 0 <= key < len(values):
            found = values[key]
        elif values:
            flat = Call(function="merge_flattened", args=tuple(values))
            found = Index(of=flat, by=IntLit(value=key))
        else:
            raise NotTranslatedError(f"{what} has no item {key}", node)
    elif key in members:
        found = members[key]
    else:
        raise NotTranslatedError(f"{what} has no {key!r}", node)
    for more in rest[1:]:
        by: Expr = IntLit(value=more) if isinstance(more, int) else StringLit(value=str(more))
        if isinstance(found, Array) and isinstance(more, int) and more < len(found.items):
            found = found.items[more]
        else:
            found = Index(of=found, by=by)
    return found
