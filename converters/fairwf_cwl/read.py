"""Reading CWL documents (https://www.commonwl.org/v1.2/) into the IR.

Requirements and hints of workflows and steps are pushed down into the tools that they hold for:
the innermost counts, requirements before hints. Whatever ``run`` names is read along with it.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from fairwf.document import Document
from fairwf.formats import PartlyReadError, ReadOptions, Source
from fairwf.ir.expressions import Expr, NoneLit
from fairwf.ir.origins import Span
from fairwf.ir.types_text import type_names
from fairwf.ir.workflow import Generator, Operation, Process, Workflow
from fairwf.report import FairwfError, InvalidError, Report, UnsupportedError
from fairwf.source import SourceList, SourceMap, did_you_mean
from fairwf_cwl.comments import comments_of
from fairwf_cwl.context import VERSIONS, Context, Scope, namespaces_of
from fairwf_cwl.idmaps import Entry, as_list, entries
from fairwf_cwl.links import Links
from fairwf_cwl.links import Place as LinkPlace
from fairwf_cwl.names import class_name, declared, path_of, short
from fairwf_cwl.packed import choose, opened
from fairwf_cwl.portnames import check_id
from fairwf_cwl.ports import Port
from fairwf_cwl.process import ProcessReader, broken
from fairwf_cwl.schema import GENERATOR, PROCESS_CLASSES
from fairwf_cwl.steps import StepReader, StepSource
from fairwf_cwl.types import TYPE_NAMES

MAX_NESTING = 48
"""How deep workflows may hold workflows."""


def read(
    source: Source,
    options: ReadOptions,
    report: Report,
    overrides: SourceMap | SourceList | None = None,
) -> Document:
    """Return the document that a CWL file and the files that it names describe.

    ``source.fragment`` chooses a process of a ``$graph``; without it ``#main``, else the only one
    that no other runs. ``overrides`` are requirements that count more than those of the main
    process (``cwl:requirements`` of a job file).

    Raises:
        InvalidError: the document, or one that it names, is no valid CWL; the report says all
            that was found.
        UnsupportedError: its version or one of its requirements is not supported.
    """
    found = Report()
    document: Document | None = None
    failed: type[FairwfError] = InvalidError
    try:
        with type_names(TYPE_NAMES):
            document = _read(source, found, overrides, options.advise)
    except FairwfError as error:
        failed = type(error)
    # What several steps run is read for each of them: the same finding is told once.
    report.diagnostics.extend(dict.fromkeys(found.diagnostics))
    if document is None:
        raise failed(report)
    if not found.ok:
        raise PartlyReadError(report, document)
    return document


def _read(
    source: Source,
    report: Report,
    overrides: SourceMap | SourceList | None = None,
    advise: bool = False,
) -> Document:
    context = Context(source, report, advise)
    loader = context.loader
    tree = _opened(context)
    reader = DocumentReader(context, overrides)
    place = Place(source.name, tree, source.fragment)
    try:
        workflow = reader.process(place, Scope(version=""), Span(source.name, 1, 1, 1, 1), ())
    except FairwfError as error:
        report.extend(error.report)
        raise InvalidError(report) from None
    _raise_errors(report)
    context.origins.complete(workflow)
    return Document(
        workflow=workflow,
        origins=context.origins,
        comments=comments_of(loader.texts, loader.trees, workflow, context.origins),
        format="cwl",
        source=source.name,
        type_names=TYPE_NAMES,
    )


def _opened(context: Context) -> SourceMap:
    try:
        tree = context.loader.main()
    except FairwfError as error:
        context.report.extend(error.report)
        raise InvalidError(context.report) from None
    root = opened(tree)
    if root is None:
        span = getattr(tree, "span", Span(context.loader.source.name, 1, 1, 1, 2))
        message = "a CWL document is an object or a list of them"
        context.report.add("FWF1101", message, span=span)
        raise InvalidError(context.report)
    said = root.get("$namespaces")
    if said is not None and (not isinstance(said, dict) or len(declared(said)) < len(said)):
        span = root.value_span("$namespaces")
        context.report.add("FWF1101", "$namespaces is an object of IRIs by prefix", span=span)
        raise InvalidError(context.report)
    return root


def _raise_errors(report: Report) -> None:
    """Raise what makes the document unreadable; mistyped fields were read as they were meant."""
    if all(d.code == "FWF1102" for d in report.errors):
        return
    if all(d.code in ("FWF1104", "FWF1105") for d in report.errors):
        raise UnsupportedError(report)
    raise InvalidError(report)


class Place(msgspec.Struct, frozen=True):
    """A process: the tree of its file and the fragment that names it there."""

    file: str
    tree: object
    fragment: str | None = None


class DocumentReader:
    """Reads processes, following ``run``."""

    def __init__(self, context: Context, overrides: SourceMap | SourceList | None = None) -> None:
        self.context = context
        self.report = context.report
        self.overrides = overrides
        self._faulty: list[Process] = []

    def process(self, place: Place, scope: Scope, span: Span, above: tuple[int, ...]) -> Process:
        """Return the process at a place; ``above`` are those that run it, to find cycles."""
        tree = opened(place.tree)
        if tree is None:
            self.report.add("FWF1101", f"{place.file} holds no CWL process", span=span)
            return broken(self.context, SourceMap(span))
        node = self._chosen(tree, place.fragment, span)
        if node is None:
            return broken(self.context, SourceMap(span))
        scope = replace(scope, namespaces=namespaces_of(tree, {}))
        version = self._version(tree, node, scope.version)
        if version is None:
            return broken(self.context, node)
        return self.of(node, replace(scope, version=version), tree, above)

    def _version(self, tree: SourceMap, node: SourceMap, outer: str) -> str | None:
        holder = tree if "cwlVersion" in tree else node
        said = holder.get("cwlVersion")
        if said is None and outer:
            return outer
        if said is None:
            self.report.add(
                "FWF1103",
                "the document does not say its cwlVersion",
                span=tree.span.start(),
                hint="add cwlVersion: v1.2",
            )
            return None
        text = short(str(said)).removeprefix("cwl:")
        if text in VERSIONS:
            return text
        draft = next((one for one in VERSIONS if one.startswith(f"{text}.")), None)
        close = f"did you mean {draft!r}?" if draft else did_you_mean(text, VERSIONS)
        hint = close or f"known: {', '.join(VERSIONS)}"
        message = f"CWL {text!r:.40} cannot be read"
        if text[:4] in VERSIONS:
            message = f"CWL {text:.40} was a draft and cannot be read"
            hint = f"say cwlVersion: {text[:4]}"
        self.report.add("FWF1104", message, span=holder.value_span("cwlVersion"), hint=hint)
        return None

    def _chosen(self, tree: SourceMap, fragment: str | None, span: Span) -> SourceMap | None:
        found = choose(tree, fragment)
        if isinstance(found, SourceMap):
            return found
        self.report.add("FWF1106", found.message, span=span, hint=found.hint)
        return None

    def of(self, node: SourceMap, scope: Scope, root: SourceMap, above: tuple[int, ...]) -> Process:
        """Return a process; ``root`` is the tree of its file."""
        self.context.count(node.span)
        kind = class_name(node.get("class"), namespaces_of(node, scope.namespaces))
        if kind not in PROCESS_CLASSES:
            code = "FWF1103" if kind is None else "FWF1101"
            hint = (
                did_you_mean(str(kind), PROCESS_CLASSES) or f"one of {', '.join(PROCESS_CLASSES)}"
            )
            message = "a process needs 'class'" if kind is None else f"no process is a {kind!r:.60}"
            place = node.span.start() if kind is None else node.value_span("class")
            self.report.add(code, message, span=place, hint=hint)
            return broken(self.context, node)
        if kind == "Operation" and scope.version < "v1.2":
            self.report.add(
                "FWF1101",
                f"an Operation belongs to CWL v1.2, the document says {scope.version}",
                span=node.value_span("class"),
                hint="say cwlVersion: v1.2",
            )
            return broken(self.context, node)
        if len(above) > MAX_NESTING:
            self.report.add("FWF1009", "workflows nest too deeply", span=node.span.start())
            return broken(self.context, node)
        struct = str(kind)
        if not self.context.check(node, struct, scope.version):
            if kind == "Workflow":
                self._inside(node, scope, root, (*above, id(node)))
            return broken(self.context, node)
        errors = len(self.report.errors)
        inner, kept = self.context.enter(node, scope)
        if self.overrides is not None and not above:
            inner = self._overridden(inner)
        if len(self.report.errors) > errors:
            return broken(self.context, node)
        top = root if node is root or "$graph" in root else node
        reader = ProcessReader(self.context, node, inner, kept, _file_fields(top, node))
        process: Process
        if kind == "Workflow":
            process = self._workflow(reader, inner, root, (*above, id(node)))
        elif kind == "CommandLineTool":
            process = reader.tool()
        elif kind == "ExpressionTool":
            process = reader.pure()
        elif kind == GENERATOR:
            process = self._generated(reader, inner, root, (*above, id(node)))
        else:
            process = reader.operation()
        return reader.place(process)

    def _inside(
        self, node: SourceMap, scope: Scope, root: SourceMap, above: tuple[int, ...]
    ) -> None:
        """Read the processes inside the steps of a broken workflow, for what is wrong in them."""
        inner, _ = self.context.enter(node, scope)
        for entry in entries(node.get("steps"), "id"):
            run = entry.node.get("run")
            if isinstance(run, SourceMap):
                step, _ = self.context.enter(entry.node, inner, step=True)
                self.of(
                    run, replace(step, namespaces=namespaces_of(run, step.namespaces)), root, above
                )

    def _generated(
        self, reader: ProcessReader, scope: Scope, root: SourceMap, above: tuple[int, ...]
    ) -> Operation:
        node = reader.node
        run, span = node.get("run"), node.value_span("run")
        maker: Process | None
        if isinstance(run, SourceMap):
            below = replace(scope, namespaces=namespaces_of(run, scope.namespaces))
            maker = self.of(run, below, root, above)
        else:
            maker = self._run(str(run), span, scope, above)
        maker = maker or broken(self.context, node)
        outputs = {port.id for port in maker.outputs}
        if outputs and "runProcess" not in outputs:
            self.report.add(
                "FWF1106",
                "what makes the process has no output 'runProcess', which holds it",
                span=span,
                hint=did_you_mean("runProcess", outputs) or "name its output so",
            )
        generator = Generator(
            run=maker,
            process="runProcess",
            arguments="runInputs" if "runInputs" in outputs else None,
        )
        self.context.origins.set(generator, span)
        return reader.operation(generator)

    def _overridden(self, scope: Scope) -> Scope:
        said = SourceMap(Span(self.context.loader.source.name, 1, 1, 1, 1))
        said.put("requirements", self.overrides, said.span, said.span)
        return self.context.enter(said, scope)[0]

    # --- workflows ----------------------------------------------------------------------------

    def _workflow(
        self, reader: ProcessReader, scope: Scope, root: SourceMap, above: tuple[int, ...]
    ) -> Workflow:
        node = reader.node
        sources = []
        seen: set[str] = set()
        for entry in entries(node.get("steps"), "id"):
            check_id(entry, "a step", self.report)
            step = self._step(entry, scope, root, above)
            if step.id in seen:
                self.report.add(
                    "FWF2002", f"the step {step.id!r:.80} stands twice", span=entry.key_span
                )
            seen.add(step.id)
            sources.append(step)
        inputs = {port.id: port.ir_type for port in reader.inputs}
        types = {step.id: step.output_types() for step in sources}
        name = short(node["id"]) if isinstance(node.get("id"), str) else ""
        links = Links(self.report, name, inputs, types, _places(reader.inputs, sources))
        steps = StepReader(self.context, links, reader.ports)
        names = reader.names(())

        def value(port: Port) -> Expr:
            bound = links.merged(port.node, "outputSource")
            expression = bound.make() if bound is not None else NoneLit()
            span = port.node.value_span("outputSource")
            return self.context.expressions.place(expression, span)

        libraries = list(scope.libraries)
        for step in sources:
            libraries.extend(text for text in step.scope.libraries if text not in libraries)
        ports = tuple(reader.input(port, names) for port in reader.inputs)
        read_steps = tuple(steps.read(step) for step in sources)
        outputs = tuple(reader.ports.output(port, names, value) for port in reader.outputs)
        return Workflow(
            inputs=ports,
            outputs=outputs,
            steps=read_steps,
            **reader.head(tuple(libraries)),
        )

    def _step(
        self, entry: Entry, scope: Scope, root: SourceMap, above: tuple[int, ...]
    ) -> StepSource:
        node = entry.node
        empty = broken(self.context, node)
        if not self.context.check(node, "WorkflowStep", scope.version, "id"):
            return StepSource(short(entry.key), entry, scope, empty, {}, readable=False)
        inner, kept = self.context.enter(node, scope, step=True)
        run, span = node.get("run"), node.value_span("run")
        first = len(self.report)
        if isinstance(run, SourceMap):
            below = replace(inner, namespaces=namespaces_of(run, inner.namespaces))
            process = self.of(run, below, root, above)
        else:
            process = self._run(str(run), span, inner, above) or empty
        told = self.report.diagnostics[first:]
        if process is empty or any(each.severity == "error" for each in told):
            self._faulty.append(process)
        # a process that could not be read whole lacks what it says: that is no second mistake
        readable = not any(process is each for each in self._faulty)
        source = StepSource(short(entry.key), entry, inner, process, kept, readable)
        if readable:
            self._check_out(source)
        if isinstance(process, Workflow):
            self.context.declared(
                inner, "SubworkflowFeatureRequirement", "a workflow as a step", node.key_span("run")
            )
        return source

    def _run(
        self, reference: str, span: Span, scope: Scope, above: tuple[int, ...]
    ) -> Process | None:
        try:
            tree, fragment = self.context.loader.open(reference, span)
        except InvalidError as error:
            self.report.extend(error.report)
            return None
        root = opened(tree)
        if root is not None:
            node = self._chosen(root, fragment, span)
            if node is not None and id(node) in above:
                self.report.add("FWF2004", f"{reference!r:.80} runs itself", span=span)
                return None
            if node is None:
                return None
        return self.process(Place(reference, tree, fragment), scope, span, above)

    def _check_out(self, source: StepSource) -> None:
        known = {port.id for port in source.process.outputs}
        for name, span in source.out().items():
            if name not in known and known:
                self.report.add(
                    "FWF1106",
                    f"what the step {source.id!r:.60} runs has no output {name!r:.60}",
                    span=span,
                    hint=did_you_mean(name, known) or f"it has: {', '.join(sorted(known))}",
                )


def _places(inputs: list[Port], steps: list[StepSource]) -> dict[tuple[str, ...], LinkPlace]:
    """Return what the ids that a workflow writes out in full stand for, by their parts."""
    found: dict[tuple[str, ...], LinkPlace] = {}
    for port in inputs:
        if "/" in port.entry.key:
            found[tuple(path_of(port.entry.key))] = (port.id,)
    for step in steps:
        for item, _ in as_list(step.entry.node, "out"):
            text = item.get("id") if isinstance(item, SourceMap) else item
            if isinstance(text, str) and "/" in text:
                found[tuple(path_of(text))] = (step.id, short(text))
    return found


def _file_fields(root: SourceMap, node: SourceMap) -> SourceMap:
    """Return what a file says beside its processes: namespaces, schemas, foreign fields."""
    found = SourceMap(root.span)
    for key in root:
        if key not in ("$graph", "cwlVersion") and (root is not node or key.startswith("$")):
            found.put(key, root[key], root.key_span(key), root.value_span(key))
    return found
