"""From a workflow to the rules of a Snakefile: one for each step, wildcards for its scatters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from fairwf.ir.expressions import Input, Output
from fairwf.ir.overriding import overridden
from fairwf.ir.ports import OutputPort
from fairwf.ir.types import DirectoryType
from fairwf.ir.walk import nodes
from fairwf.ir.workflow import (
    Command,
    Operation,
    Process,
    ProcessRef,
    Pure,
    Scatter,
    Script,
    Step,
    Workflow,
)
from fairwf_snakemake.writing.comments import comments
from fairwf_snakemake.writing.expressions import identifier
from fairwf_snakemake.writing.failures import CannotSayError
from fairwf_snakemake.writing.flows import (
    Condition,
    EarlyLook,
    Flow,
    Frame,
    Level,
    Look,
    Made,
    Ref,
    RuleLook,
    Term,
    condition_of,
    count,
    value,
)
from fairwf_snakemake.writing.needs import amounts, software, threads, tries
from fairwf_snakemake.writing.rules import Rule
from fairwf_snakemake.writing.tasks import Shell, TaskPlace, collected, computed, static_name

Definitions = Mapping[str, Process]


@dataclass
class Book:
    """The rules and functions of a Snakefile, and the files that they need beside it."""

    rules: list[Rule] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    names: set[str] = field(default_factory=lambda: {"all", "outputs"})
    wildcards: set[str] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    folders: dict[tuple[str, ...], str] = field(default_factory=dict)

    def workflow(self, root: Workflow) -> Rule:
        """Write a whole workflow; return the rule of its outputs."""
        flow = Flow((), (), {port.id: port for port in root.inputs}, None)
        self._steps(root, flow, {})
        last = Rule(name="outputs", local=True, doc=("The outputs of the workflow, as JSON.",))
        look = RuleLook(last.needs)
        entries = []
        for port in root.outputs:
            if port.value is not None:
                text = value(Term(port.value, Frame(flow)), look)
                entries += [f"    {line}" for line in comments(port.label, port.doc)]
                entries.append(f"    {port.id!r}: {text},")
        last.outputs["value"] = '"outputs.json"'
        last.run = (
            ("files.save(output.value, files.outputs({", *entries, "}))")
            if entries
            else ("files.save(output.value, {})",)
        )
        self._others(flow, last, look)
        return last

    def _others(self, flow: Flow, last: Rule, look: RuleLook) -> None:
        """Let the last rule wait for steps whose outputs nobody takes."""
        said = "\n".join([*(r.text() for r in self.rules), *self.functions, last.text()])
        for made in flow.made.values():
            for ref in made.all_refs:
                inner = list(ref.levels)
                if said.count(f"{ref.pattern!r}") + said.count(f'"{ref.pattern}"') < 2:
                    look.path(ref, inner, {})

    def _steps(self, workflow: Workflow, flow: Flow, outer: Definitions) -> None:
        definitions = {**outer, **workflow.processes}
        for step in _ordered(workflow):
            run = step.run
            process = definitions.get(run.name) if isinstance(run, ProcessRef) else run
            process = overridden(step, process) if process is not None else None
            if process is None:
                raise CannotSayError("a step runs a process that is not there", step)
            flow.made[step.id] = self._step(step, process, flow, definitions)

    def _step(self, step: Step, process: Process, flow: Flow, definitions: Definitions) -> Made:
        path = (*flow.path, step.id)
        own, frame = self._scatter(step, flow, path)
        frame = replace(frame, step=step)
        condition = condition_of(step, frame, flow.condition)
        inputs = {name: Term(node, frame) for name, node in step.inputs.items()}
        levels = (*flow.levels, *own)
        if isinstance(process, Workflow):
            made = self._subworkflow(
                step, process, flow, path, levels, inputs, condition, definitions
            )
        else:
            ports, refs, rule = self._leaf(process, path, levels, inputs, frame, condition, step)
            made = Made(ports, all_refs=tuple(refs))
            self._after(step, flow, rule)
        nested = isinstance(step.scatter, Scatter) and step.scatter.mode == "nested_crossproduct"
        if own and isinstance(process, Workflow):
            made = self._gathered(made, path, levels)
        whole = step.when if isinstance(process, Workflow) and not own else None
        return Made(
            made.ports, own, nested, made.all_refs, condition if whole is not None else None
        )

    def _after(self, step: Step, flow: Flow, rule: Rule) -> None:
        """Let a rule wait for the steps that it follows without data."""
        outer = {id(level) for level in flow.levels}
        for ref in (*flow.after, *_followed(step, flow)):
            gathered = [level for level in ref.levels if id(level) not in outer]
            RuleLook(rule.needs).path(ref, gathered, {})

    def _scatter(
        self, step: Step, flow: Flow, path: tuple[str, ...]
    ) -> tuple[tuple[Level, ...], Frame]:
        plain = Frame(flow)
        if not isinstance(step.scatter, Scatter):
            return (), plain
        terms = {over.name: Term(over.value, plain) for over in step.scatter.over}
        if len(terms) == 1 or step.scatter.mode == "dot":
            level = self._level(list(terms.values()), step.id, path)
            return (level,), Frame(flow, {name: (term, level) for name, term in terms.items()})
        bound = {name: (term, self._level([term], name, path)) for name, term in terms.items()}
        return tuple(level for _, level in bound.values()), Frame(flow, bound)

    def _level(self, terms: Sequence[Term], name: str, path: tuple[str, ...]) -> Level:
        def number(look: Look) -> str:
            counts = [count(term, look) for term in terms]
            return counts[0] if len(counts) == 1 else f"std.same([{', '.join(counts)}])"

        wildcard = identifier(name, self.wildcards)
        items = identifier(f"items_of_{'_'.join(path)}", self.items)
        early = number(EarlyLook())
        self.functions.append(f"def {items}(wildcards):\n    return range({early})\n")
        return Level(wildcard, items, number)

    def _subworkflow(
        self, step: Step, process: Workflow, flow: Flow, path: tuple[str, ...],
        levels: tuple[Level, ...], inputs: Mapping[str, Term], condition: Condition | None,
        definitions: Definitions,
    ) -> Made:  # fmt: skip
        after = (*flow.after, *_followed(step, flow))
        ports_ = {port.id: port for port in process.inputs}
        inner = Flow(path, levels, ports_, inputs, condition, after)
        self._steps(process, inner, definitions)
        ports = {
            port.id: Term(port.value, Frame(inner))
            for port in process.outputs
            if port.value is not None
        }
        refs = tuple(chain.from_iterable(made.all_refs for made in inner.made.values()))
        return Made(ports, all_refs=refs)

    def _gathered(self, made: Made, path: tuple[str, ...], levels: tuple[Level, ...]) -> Made:
        """Give each output of a scattered subworkflow a rule, which keeps its value."""
        ports: dict[str, Ref | Term] = {}
        for name, term in made.ports.items():
            assert isinstance(term, Term)
            there = _there(term)
            if there is not None:
                ports[name] = there
                continue
            rule = self._rule(f"{'_'.join(path)}_{name}", levels)
            text = value(term, RuleLook(rule.needs))
            condition = term.frame.flow.condition
            if condition is not None:
                text = f"({text} if {condition(RuleLook(rule.needs))} else None)"
            rule.run = (f"files.save(output.value, {text})",)
            ports[name] = self._value(rule, path, name, levels, "value")
        refs = tuple(ref for ref in ports.values() if isinstance(ref, Ref))
        return Made(ports, all_refs=(*refs, *made.all_refs))

    def _rule(self, name: str, levels: tuple[Level, ...]) -> Rule:
        rule = Rule(name=identifier(name, self.names, "step"))
        rule.constraints = [level.wildcard for level in levels]
        self.rules.append(rule)
        return rule

    def _folder(self, path: tuple[str, ...], levels: tuple[Level, ...]) -> str:
        """Return the folder of a step: its names, then the numbers of items."""
        for end in range(1, len(path) + 1):
            above = self.folders.get(path[: end - 1], "")
            if path[:end] not in self.folders:
                taken = {f.rsplit("/", 1)[-1] for f in self.folders.values()}
                name = identifier(path[end - 1], taken, "step")
                self.folders[path[:end]] = f"{above}/{name}".lstrip("/")
        return "/".join([self.folders[path], *(f"{{{level.wildcard}}}" for level in levels)])

    def _value(
        self, rule: Rule, path: tuple[str, ...], port: str, levels: tuple[Level, ...], output: str
    ) -> Ref:
        pattern = f"values/{self._folder(path, levels)}/{identifier(port, set())}.json"
        if any(f'"{pattern}"' == text for text in rule.outputs.values()):
            pattern = pattern.replace(".json", f"_{len(rule.outputs)}.json")
        rule.outputs[output] = f'"{pattern}"'
        return Ref(rule, output, pattern, levels, "value")

    def _leaf(
        self, process: Process, path: tuple[str, ...], levels: tuple[Level, ...],
        inputs: dict[str, Term], frame: Frame, condition: Condition | None, step: Step,
    ) -> tuple[dict[str, Ref | Term], list[Ref], Rule]:  # fmt: skip
        rule = self._rule("_".join(path), levels)
        rule.doc = [t for t in (step.label, step.doc, process.label, process.doc) if t]
        look = RuleLook(rule.needs)
        if isinstance(process, Pure):
            found = self._pure(rule, process, path, levels, inputs, frame, condition)
            return dict(found), list(found.values()), rule
        if not isinstance(process, (Command, Script)):
            kind = "an operation" if isinstance(process, Operation) else "a process"
            raise CannotSayError(f"{kind} that cannot run is no rule", process)
        folder = f"results/{self._folder(path, levels)}"
        shown = folder.replace("{", "{wildcards.")
        place = TaskPlace(process, inputs, frame, look, folder=_python_folder(folder))
        rule.shell = Shell(rule, place, condition).text(process, shown)
        threads(rule, process.resources, place.said)
        amounts(rule, process.resources, place.said)
        software(rule, process.environment, self.files)
        tries(rule, process, place.said)
        names = {port.id: static_name(process, port) for port in process.outputs}
        if condition is None and _apart(list(names.values())):
            refs = self._files(rule, process.outputs, names, folder, levels)
            if not refs:
                rule.outputs["done"] = f'touch("{folder}.done")'
                done = Ref(rule, "done", f"{folder}.done", levels, "File")
                return {}, [done], rule
            return dict(refs), list(refs.values()), rule
        rule.outputs["folder"] = f'directory("{folder}")'
        made = Ref(rule, "folder", folder, levels, "Directory")
        if not process.outputs:
            return {}, [made], rule
        refs = self._collector(process, made, path, inputs, frame, condition)
        return dict(refs), [*refs.values()], rule

    def _files(
        self, rule: Rule, ports: tuple[OutputPort, ...], names: Mapping[str, str | None],
        folder: str, levels: tuple[Level, ...],
    ) -> dict[str, Ref]:  # fmt: skip
        refs: dict[str, Ref] = {}
        taken: set[str] = set()
        for port in ports:
            kind = "Directory" if isinstance(port.type, DirectoryType) else "File"
            pattern = f"{folder}/{names[port.id]}"
            output = identifier(port.id, taken)
            rule.outputs[output] = f'directory("{pattern}")' if kind != "File" else f'"{pattern}"'
            refs[port.id] = Ref(rule, output, pattern, levels, kind)
        return refs

    def _collector(
        self, process: Command | Script, made: Ref, path: tuple[str, ...],
        inputs: dict[str, Term], frame: Frame, condition: Condition | None,
    ) -> dict[str, Ref]:  # fmt: skip
        rule = self._rule(f"{'_'.join(path)}_outputs", made.levels)
        look = RuleLook(rule.needs)
        folder = look.path(made, (), {})
        place = TaskPlace(process, inputs, frame, look, folder="folder")
        lines, refs = [f"folder = {folder}"], {}
        when = condition(look) if condition is not None else None
        taken_outputs: set[str] = set()
        for port in process.outputs:
            output = identifier(port.id, taken_outputs)
            refs[port.id] = self._value(rule, path, port.id, made.levels, output)
            lines.append(f"files.save(output.{output}, {collected(process, port, place)})")
        rule.run = _guarded(lines, when)
        return refs

    def _pure(
        self, rule: Rule, process: Pure, path: tuple[str, ...], levels: tuple[Level, ...],
        inputs: dict[str, Term], frame: Frame, condition: Condition | None,
    ) -> dict[str, Ref]:  # fmt: skip
        look = RuleLook(rule.needs)
        place = TaskPlace(process, inputs, frame, look, folder="'.'")
        when = condition(look) if condition is not None else None
        lines: list[str] = []
        taken = {"result", "wildcards", "input", "output"}
        for name in dict.fromkeys(n.name for n in nodes(process.result, Input)):
            text = place.input(Input(name=name))
            variable = identifier(name, taken)
            lines.append(f"{variable} = {text}")
            place.named[name] = variable
        fields = computed(process)
        if fields is None:
            text = place.said(process.result)
            lines.append(f"result = {text}")
        refs: dict[str, Ref] = {}
        outputs: set[str] = set()
        for port in process.outputs:
            output = identifier(port.id, outputs)
            refs[port.id] = self._value(rule, path, port.id, levels, output)
            text = f"result.get({port.id!r})" if fields is None else place.said(fields[port.id])
            lines.append(f"files.save(output.{output}, {text})")
        if not refs:
            done = self._value(rule, path, "done", levels, "done")
            lines.append("files.save(output.done, None)")
            refs = {"": done}
        rule.run = _guarded(lines, when)
        return refs


def _there(term: Term) -> Ref | None:
    """Return the output of a rule that a term is, where it says nothing more."""
    if not isinstance(term.node, Output) or term.frame.flow.condition is not None:
        return None
    made = term.frame.flow.made[term.node.step]
    port = made.ports.get(term.node.port)
    return port if isinstance(port, Ref) and not made.own else None


def _guarded(lines: list[str], when: str | None) -> list[str]:
    """Return the lines of a step that runs only when a condition holds; else it gives nulls."""
    if when is None:
        return lines
    return [f"if {when}:", *(f"    {line}" for line in lines), "else:", "    files.skip(output)"]


def _followed(step: Step, flow: Flow) -> list[Ref]:
    return [ref for name in step.after for ref in flow.made[name].all_refs]


def _waits(step: Step) -> Iterator[str]:
    """Yield the steps that a step waits for."""
    yield from step.after
    parts = [step.when, *step.inputs.values()]
    if isinstance(step.scatter, Scatter):
        parts += [over.value for over in step.scatter.over]
    for part in parts:
        if part is not None:
            yield from (node.step for node in nodes(part, Output))


def _ordered(workflow: Workflow) -> list[Step]:
    by_id = {step.id: step for step in workflow.steps}
    done: dict[str, Step] = {}

    def visit(step: Step, above: frozenset[str]) -> None:
        if step.id in done or step.id in above:
            return
        for name in _waits(step):
            if name in by_id:
                visit(by_id[name], above | {step.id})
        done[step.id] = step

    for step in workflow.steps:
        visit(step, frozenset())
    return list(done.values())


def _apart(names: list[str | None]) -> bool:
    """Tell whether all names are known and none lies in another."""
    known = [name for name in names if name is not None]
    inside = any(a != b and a.startswith(f"{b}/") for a in known for b in known)
    return len(known) == len(names) and not inside and len(set(known)) == len(known)


def _python_folder(folder: str) -> str:
    text = folder.replace("{", "{wildcards.")
    return f"f{text!r}" if "{" in text else repr(text)
