"""Reading WDL documents (https://github.com/openwdl/wdl) into the IR."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from WDL import Tree

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source
from fairwf.ir.workflow import Process, ProcessRef, Workflow
from fairwf.report import FairwfError, InvalidError, Report
from fairwf.source import did_you_mean
from fairwf_wdl.context import Context
from fairwf_wdl.discouraged import tell_discouraged
from fairwf_wdl.load import Loader
from fairwf_wdl.metadata import plain
from fairwf_wdl.tasks import TaskReader
from fairwf_wdl.texts import tell_unfit_texts
from fairwf_wdl.workflows import WorkflowReader

Callee = Tree.Task | Tree.Workflow


def read(
    source: Source,
    options: ReadOptions,
    report: Report,
    beside: Mapping[str, bytes] | None = None,
) -> Document:
    """Return the document that a WDL file and its imports describe.

    ``source.fragment`` names a task or the workflow; without it the workflow, else the only task.
    ``beside`` holds, by name, what may be imported, where that is not on the disk.

    Raises:
        InvalidError: FWF1401 it is no valid WDL, FWF1404 an import is not there.
        UnsupportedError: FWF1402 its version, FWF1403 something in it is not supported.
    """
    loader = Loader(source, beside)
    try:
        tree = loader.load()
        for span in loader.hints:
            report.add("FWF1407", "hints are not used, and left out", span=span)
        context = Context(report, loader.names)
        if options.advise:
            tell_discouraged(tree, context, report)
            tell_unfit_texts(tree, context, report)
        workflow = _Reader(context, loader.nested).main(tree, source.fragment)
    except RecursionError:
        report.add("FWF1009", "the document is nested too deeply", file=source.name)
        raise InvalidError(report) from None
    except FairwfError as error:
        report.extend(error.report)
        raise type(error)(report) from None
    context.origins.complete(workflow)
    return Document(workflow=workflow, origins=context.origins, format="wdl", source=source.name)


class _Reader:
    """The tasks and workflows that have been read, each once."""

    def __init__(self, context: Context, nested: Collection[str]) -> None:
        self.context = context
        self.nested = nested
        self.processes: dict[str, Process] = {}
        self._keys: dict[int, str] = {}

    def main(self, tree: Tree.Document, fragment: str | None) -> Process:
        """Return the process that a document is about."""
        chosen = self._chosen(tree, fragment)
        if chosen is None:
            return self.context.bounded(self._tasks_alone(tree), tree)
        process = self.context.bounded(self._read(chosen), chosen)
        if isinstance(process, Workflow) and self.processes:
            whole = msgspec.structs.replace(process, processes=self.processes)
            self.context.origins.inherit(whole, process)
            return whole
        return process

    def _chosen(self, tree: Tree.Document, fragment: str | None) -> Callee | None:
        if fragment is None:
            if tree.workflow is not None:
                return tree.workflow
            return tree.tasks[0] if len(tree.tasks) == 1 else None
        known: dict[str, Callee] = {task.name: task for task in tree.tasks}
        if tree.workflow is not None:
            known[tree.workflow.name] = tree.workflow
        if fragment in known:
            return known[fragment]
        hint = did_you_mean(fragment, known) or f"it has: {', '.join(known)}"
        message = f"no task or workflow is called {fragment!r:.80}"
        raise InvalidError.of("FWF1404", message, span=self.context.span(tree), hint=hint)

    def _tasks_alone(self, tree: Tree.Document) -> Workflow:
        """A file of several tasks, for others to import, or of structs alone."""
        for task in tree.tasks:
            self.of(task)
        names = ", ".join(task.name for task in tree.tasks)
        self.context.report.add(
            "FWF1405",
            "the document has no workflow" + (f", and several tasks: {names}" if names else ""),
            span=self.context.span(tree).start(),
            hint="to run a task, name it after the file: FILE.wdl#NAME" if names else None,
        )
        return self.context.place(Workflow(processes=self.processes), tree)

    def of(self, callee: Callee) -> tuple[ProcessRef, Process]:
        """Return a reference to a task or workflow, and itself."""
        key = self._keys.get(id(callee))
        if key is None:
            process = self.context.bounded(self._read(callee), callee)
            key, number = str(callee.name), 1
            while key in self.processes:
                number += 1
                key = f"{callee.name}_{number}"
            self._keys[id(callee)] = key
            self.processes[key] = process
        return ProcessRef(name=key), self.processes[key]

    def _read(self, callee: Callee) -> Process:
        if isinstance(callee, Tree.Task):
            return TaskReader(self.context, callee).read()
        nested = callee.pos.abspath in self.nested or _nested_inputs(callee)
        return WorkflowReader(self.context, self, callee, nested).read()


def _nested_inputs(workflow: Tree.Workflow) -> bool:
    """Tell whether inputs that calls leave open may be given to the workflow (1.1 changed it)."""
    if workflow.effective_wdl_version in ("draft-2", "1.0"):
        return True
    said: Mapping[str, object] = plain(workflow.meta)
    return said.get("allowNestedInputs") is True or said.get("allow_nested_inputs") is True
