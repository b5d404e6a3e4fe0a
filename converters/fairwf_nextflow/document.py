"""Reading scripts of Nextflow (DSL2) and what lies beside them into the IR."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, read_file
from fairwf.ir.expressions import Expr, Input
from fairwf.ir.metadata import Metadata
from fairwf.ir.origins import Origins, Span
from fairwf.ir.workflow import Process, Workflow
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.source import did_you_mean
from fairwf_nextflow.grammar import tree
from fairwf_nextflow.meaning import files
from fairwf_nextflow.meaning.build import Names
from fairwf_nextflow.meaning.channels import Channels
from fairwf_nextflow.meaning.configuration import ConfigReader
from fairwf_nextflow.meaning.metadata import described, manifest
from fairwf_nextflow.meaning.modules import Loader, Module
from fairwf_nextflow.meaning.parameters import Parameters
from fairwf_nextflow.meaning.processes import Made, ProcessReader
from fairwf_nextflow.meaning.symbols import (
    Channel,
    ProcessSymbol,
    UntranslatedError,
    WorkflowSymbol,
)
from fairwf_nextflow.meaning.weight import MAX_NODES
from fairwf_nextflow.meaning.workflows import Pipeline, WorkflowPlace, take_names


def read(source: Source, options: ReadOptions, report: Report) -> Document:
    """Return the document that a script, its includes and its configuration describe.

    ``source.fragment`` names a workflow or process of the script; without it the entry workflow,
    else the only one.

    Raises:
        InvalidError: FWF1601 it is no valid Nextflow, FWF1602 an include is not there.
    """
    try:
        return _Reader(source, report).document()
    except RecursionError:
        report.add("FWF1009", "the document is nested too deeply", file=source.name)
        raise InvalidError(report) from None
    except FairwfError as error:
        if error.report is not report:
            report.extend(error.report)
        raise type(error)(report) from None


class _Reader:
    def __init__(self, source: Source, report: Report) -> None:
        self.source = source
        self.report = report
        self.origins = Origins()
        self.loader = Loader(source, report)
        self.channels = Channels(Names())
        self.processes: dict[str, Made] = {}
        self._keys: dict[tuple[str, int, str], str] = {}
        self._told: set[tuple[Span, str]] = set()

    def document(self) -> Document:
        """Read all of it."""
        main = self.loader.main()
        config = self.config = ConfigReader(self.loader, self.channels.evaluator)
        configuration = config.read()
        self.parameters = Parameters(
            self.loader, configuration, config.place, self.channels.evaluator
        )
        self.parameters.read(main)
        registry = config.plain("docker", "registry")
        self.reader = ProcessReader(
            self.channels,
            configuration,
            self.parameters.value,
            self.tell,
            self._template,
            registry if isinstance(registry, str) else None,
        )
        self.pipeline = Pipeline(
            self.channels, self.process, self.tell, self._place, self.parameters.value,
            self.parameters.pattern, self._matching,
        )  # fmt: skip
        try:
            root = self._root(main)
        except UntranslatedError as error:
            span = main.span(error.node)
            raise InvalidError.of("FWF1601", error.reason, span=span) from None
        if self.pipeline.weights.of(root) > MAX_NODES:
            message = "what names stand for becomes too large when it is put in place"
            raise InvalidError.of("FWF1009", message, file=self.source.name)
        told = manifest(config)
        if told != Metadata():
            changed = msgspec.structs.replace(root, metadata=told)
            self.origins.inherit(changed, root)
            root = changed
        self.origins.complete(root)
        return Document(
            workflow=root,
            origins=self.origins,
            format="nextflow",
            source=self.source.name,
            parts=tuple(self.loader.programs()),
        )

    # --- what the parts of the reader need

    def tell(self, module: Module, node: tree.Node, message: str, code: str) -> None:
        """Add a finding, once for a place."""
        span = module.span(node)
        if (span, code) in self._told:
            return
        self._told.add((span, code))
        hint = None
        if code == "FWF1604":
            hint = "it stays as Groovy text; converted to ir it is kept, and it cannot be run"
        self.report.add(code, message, span=span, hint=hint)

    def _place(self, node: msgspec.Struct, module: Module, where: tree.Node) -> None:
        self.origins.set(node, module.span(where))

    def _matching(self, pattern: str) -> list[Expr]:
        found: list[Expr] = list(files.matching(pattern, self.loader.root, self.loader.tree))
        return found

    def _template(self, name: str, module: Module) -> tuple[Module, str] | None:
        for path in (
            self.loader.beside(f"templates/{name}", module),
            self.loader.beside(f"templates/{name}"),
        ):
            if path is not None:
                shown = self.loader.shown(path)
                text = self.loader.text(path, shown, read_file(path, shown))
                return Module(text, module.folder, tree.Script(())), shown
        return None

    def process(self, symbol: ProcessSymbol, path: Sequence[str]) -> tuple[str, Made]:
        """Return a process and its key, each name of it once."""
        identity = (symbol.alias, id(symbol.definition), ":".join(path))
        if identity not in self._keys:
            try:
                made = self.reader.read(symbol, path)
            except UntranslatedError as error:
                span = symbol.module.span(error.node)
                raise InvalidError.of(
                    "FWF1601", f"{symbol.alias}: {error.reason}", span=span
                ) from None
            made.process = described(made.process, symbol, self.loader)
            key, number = symbol.alias, 1
            while key in self.processes:
                number += 1
                key = f"{symbol.alias}_{number}"
            self._keys[identity] = key
            self.processes[key] = made
            for node, where in made.nodes:
                self._place(node, symbol.module, where)
            self._place(made.process, symbol.module, symbol.definition)
        key = self._keys[identity]
        return key, self.processes[key]

    # --- the main process

    def _root(self, main: Module) -> Process:
        wanted = self.source.fragment
        if wanted is not None:
            return self._named(main, wanted)
        loose = [s for s in main.script.statements if _runs(s)]
        if main.entry is not None or loose:
            return self._entry(main, main.entry, loose)
        workflows, processes = main.own(WorkflowSymbol), main.own(ProcessSymbol)
        if len(workflows) == 1:
            return self._named(main, workflows[0])
        if len(processes) == 1 and not workflows:
            return self._named(main, processes[0])
        names = [*workflows, *processes]
        for name in names:
            self._named(main, name)
        self.report.add(
            "FWF1603",
            "the script has no entry workflow"
            + (f", and several parts: {', '.join(names)}" if names else ""),
            span=Span(self.source.name, 1, 1, 1, 2),
            hint="to look at one, name it after the file: FILE.nf#NAME" if names else None,
        )
        return Workflow(processes={key: made.process for key, made in self.processes.items()})

    def _named(self, main: Module, name: str) -> Process:
        symbol = main.symbols.get(name)
        if isinstance(symbol, ProcessSymbol):
            _, made = self.process(symbol, ())
            return made.process
        if isinstance(symbol, WorkflowSymbol):
            place = WorkflowPlace(self.pipeline, symbol.module, (name,), None)
            for one in take_names(symbol.definition):
                place.take(one, Channel(Input(name=one), True), symbol.definition)
            return self._whole(place, symbol.definition, name)
        known = {
            n: s for n, s in main.symbols.items() if isinstance(s, (ProcessSymbol, WorkflowSymbol))
        }
        hint = did_you_mean(name, known) or f"it has: {', '.join(known)}"
        message = f"no workflow or process is called {name!r:.80}"
        raise InvalidError.of("FWF1602", message, file=self.source.name, hint=hint)

    def _entry(
        self, main: Module, entry: tree.WorkflowBlock | None, loose: Sequence[tree.Statement]
    ) -> Process:
        block = entry or tree.WorkflowBlock(0, 0, None, (), (), (), ())
        block = tree.WorkflowBlock(
            block.start, block.end, None, (), (*loose, *block.main), block.emits, block.publishes
        )
        place = WorkflowPlace(self.pipeline, main, (), None)
        stated = self.config.plain("manifest", "name")
        stem = Path(self.source.name).stem if self.source.path else "main"
        name = stated if isinstance(stated, str) and stated else stem
        return self._whole(place, block, name)

    def _whole(self, place: WorkflowPlace, block: tree.WorkflowBlock, name: str) -> Workflow:
        workflow, _ = place.finish(block, name)
        whole = msgspec.structs.replace(
            workflow,
            inputs=(*workflow.inputs, *self.parameters.ports(self.origins)),
            processes={key: made.process for key, made in self.processes.items()},
        )
        self.origins.inherit(whole, workflow)
        return whole


def _runs(statement: tree.Statement) -> bool:
    """Tell whether a statement of a script does something, and only declares nothing."""
    match statement:
        case tree.Assign(target=tree.Property()):
            return False
        case tree.Assign(target=tree.Name(), value=value):
            return value is not None
        case tree.Evaluate(value=tree.Call()) | tree.Evaluate(value=tree.Binary()):
            return True
        case tree.Conditional():
            return True
    return False
