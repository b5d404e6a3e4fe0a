"""Reading Snakefiles (https://snakemake.readthedocs.io/) into the IR, without executing them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import msgspec

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir import types as ir
from fairwf.ir.expressions import Expr, Index, Output, Record
from fairwf.ir.names import fresh
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.rewriting import map_children
from fairwf.ir.types import Type
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Demand, Pure, Step, Workflow
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.source import did_you_mean
from fairwf_snakemake.reading.context import Context
from fairwf_snakemake.reading.definitions import Definition, Program
from fairwf_snakemake.reading.files import Files
from fairwf_snakemake.reading.patterns import Makers, keyed
from fairwf_snakemake.reading.program import Interpreter
from fairwf_snakemake.reading.rules import (
    Outputs,
    RuleReader,
    demanded,
    made_by,
    outputs_of,
)
from fairwf_snakemake.snakefile.parse import decoded, parse


def read(source: Source, options: ReadOptions, report: Report) -> Document:
    """Return the document that a Snakefile and what it includes describe.

    ``source.fragment`` names the target: a rule or a path. Without it, the first rule is.

    Raises:
        InvalidError: FWF1501 it is no Snakefile, FWF1503 something that it names is not there.
        UnsupportedError: FWF1502 it uses something that is not supported.
    """
    del options
    program = Program(Files(source), report)
    try:
        file = parse(decoded(source.data, source.name), source.name)
        Interpreter(program, file, program.files.folder).run()
        return _Reader(program, report, source).document()
    except RecursionError:
        report.add("FWF1009", "the document is nested too deeply", file=source.name)
        raise InvalidError(report) from None
    except FairwfError as error:
        report.extend(error.report)
        raise type(error)(report) from None


class _Reader:
    def __init__(self, program: Program, report: Report, source: Source) -> None:
        self.program = program
        self.report = report
        self.source = source
        self.context = Context(program, report)

    def document(self) -> Document:
        """Return the whole document."""
        program, context = self.program, self.context
        if not program.rules and not program.unknown_rules:
            self.report.add("FWF1504", "it has no rule that is known", file=self.source.name)
        outputs = {name: outputs_of(context, rule) for name, rule in program.rules.items()}
        context.makers = Makers(
            made for name, rule in program.rules.items() for made in made_by(rule, outputs[name])
        )
        target, path = self._target()
        priorities = self._priorities(outputs)
        steps: list[Step] = []
        ports: list[OutputPort] = []
        for name, definition in program.rules.items():
            context.file = definition.file.name
            reader = RuleReader(context, definition, outputs[name])
            wanted = target is not None and target.name == name
            step = reader.read(priorities.get(name, 0), wanted)
            if wanted:
                ports = self._outputs(definition, reader, step, outputs[name])
            if wanted and isinstance(step.run, Pure):
                continue  # `rule all`: what it asks for is what the workflow gives
            steps.append(step)
        if path is not None:
            value, folder = demanded(context, keyed(path), {})
            kind: Type = ir.AnyType() if folder else ir.FileType()
            ports = [OutputPort(id="output", type=kind, value=value)]
        workflow = Workflow(
            id=self._id(),
            inputs=tuple(self._inputs()),
            outputs=tuple(ports),
            steps=tuple(steps),
            extensions=self._extensions(),
        )
        workflow = _unshared(workflow, context)
        context.origins.complete(workflow)
        return Document(
            workflow=workflow,
            origins=context.origins,
            format="snakemake",
            source=self.source.name,
            parts=tuple(program.files.needed.values()),
        )

    def _id(self) -> str:
        stem = self.source.path.stem if self.source.path is not None else "workflow"
        return "workflow" if stem == "Snakefile" else stem

    def _target(self) -> tuple[Definition | None, str | None]:
        rules = self.program.rules
        wanted = self.source.fragment
        if wanted is not None:
            if wanted in rules:
                return rules[wanted], None
            makers, _ = self.context.makers.of([wanted], {})
            if makers or (self.program.files.workdir / wanted).is_file():
                return None, wanted
            hint = did_you_mean(wanted, rules)
            text = f"no rule is called {wanted!r:.80}, and none makes such a file"
            raise InvalidError.of("FWF1503", text, file=self.source.name, hint=hint)
        for definition in rules.values():
            directive = definition.rule.directives.get("default_target")
            if directive is not None:
                return definition, None
        return next(iter(rules.values()), None), None

    def _priorities(self, outputs: Mapping[str, Outputs]) -> dict[str, int]:
        """Rules by ``ruleorder``, left before right, then those without wildcards before others."""
        better: dict[str, set[str]] = {}
        for names in self.program.order:
            for left, right in itertools.pairwise(names):
                better.setdefault(right, set()).add(left)
                better.setdefault(left, set())
        found: dict[str, int] = {}

        def rank(name: str, above: frozenset[str]) -> int:
            if name in above:
                return 0
            if name not in found:
                below = [other for other, tops in better.items() if name in tops]
                found[name] = max((rank(other, above | {name}) + 1 for other in below), default=0)
            return found[name]

        for name in better:
            rank(name, frozenset())
        plain = {name for name, made in outputs.items() if made.ports and not made.keys}
        wild = any(made.keys for made in outputs.values())
        return {
            name: 2 * found.get(name, 0) + (wild and name in plain)
            for name in outputs
            if name in found or (wild and name in plain)
        }

    def _outputs(
        self, definition: Definition, reader: RuleReader, step: Step, outputs: Outputs
    ) -> list[OutputPort]:
        if outputs.keys:
            self.report.add(
                "FWF1504",
                f"the first rule, {definition.name!r}, has wildcards, so there is no target",
                span=definition.rule.span,
                severity="note",
                hint="name one: SNAKEFILE#RULE or SNAKEFILE#path/of/a/file",
            )
            return []
        found: list[OutputPort] = []
        taken: set[str] = set()
        if isinstance(step.scatter, Demand):
            for port in step.run.outputs:  # type: ignore[union-attr]
                if port.id in step.produces:
                    value: Expr = Index(of=Output(step=step.id, port=port.id), by=Record(fields={}))
                    found.append(OutputPort(id=port.id, type=port.type, value=value))
            return found
        for port_in in step.run.inputs:  # type: ignore[union-attr]
            if port_in.id in reader.demanded:
                name = fresh(port_in.id, taken)
                taken.add(name)
                found.append(
                    OutputPort(id=name, type=port_in.type, value=reader.demanded[port_in.id])
                )
        return found

    def _inputs(self) -> list[InputPort]:
        found: list[InputPort] = []
        config: Mapping[str, Any] = self.program.config
        for key, optional in self.context.config.used.items():
            kind = self.context.config_type(key)
            default = None
            if config.get(key) is not None:
                default = to_literal(config[key])
            elif optional or key in config:
                kind = ir.OptionalType(item=ir.AnyType())
            else:
                kind = ir.AnyType()
            found.append(InputPort(id=key, type=kind, default=default))
        return found

    def _extensions(self) -> dict[str, dict[str, Any]]:
        kept: dict[str, Any] = {}
        for name, directive in self.program.globals.items():
            if name in ("workdir", "pepfile", "storage", "envvars") and directive.call is not None:
                import ast

                kept[name] = [ast.unparse(a) for a in directive.call.args]
        return {"snakemake": kept} if kept else {}


def _unshared(workflow: Workflow, context: Context) -> Workflow:
    """Return the workflow with no node in two places, so that each has a place of its own."""
    seen: dict[int, msgspec.Struct] = {}

    def visit(node: msgspec.Struct) -> msgspec.Struct:
        new = map_children(node, visit, context.origins)
        if id(new) in seen:
            copy = msgspec.structs.replace(new)
            context.origins.inherit(copy, new)
            new = copy
        seen[id(new)] = new
        return new

    result = visit(workflow)
    assert isinstance(result, Workflow)
    return result
