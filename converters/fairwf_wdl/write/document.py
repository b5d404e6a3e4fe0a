"""Documents: a main file, and one more for each workflow that steps run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from fairwf.ir.canonical import canonical_bytes
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Expr, Input, Opaque, Output
from fairwf.ir.types import Type
from fairwf.ir.walk import walk
from fairwf.ir.workflow import Command, Operation, Process, Pure, Script, Step, Workflow
from fairwf_wdl.write.computing import computing_task
from fairwf_wdl.write.expressions import Sayer
from fairwf_wdl.write.failures import CannotSayError
from fairwf_wdl.write.names import Names, identifier, is_identifier
from fairwf_wdl.write.places import Telling
from fairwf_wdl.write.planning import Callee, member_of
from fairwf_wdl.write.tasks import TaskWriter
from fairwf_wdl.write.types import Structs
from fairwf_wdl.write.workflows import WorkflowWriter

MAIN = "main.wdl"


def texts_of(root: Process, version: str, tell: Telling) -> dict[str, str]:
    """Return the files of a document, :data:`MAIN` and those that it imports.

    Raises:
        CannotSayError: WDL cannot say a part of it.
    """
    package = _Package(version, tell)
    main = _File(package, MAIN)
    package.files[MAIN] = main
    if isinstance(root, Operation):
        raise CannotSayError("WDL has no process that cannot run yet", root)
    if isinstance(root, (Command, Script)):
        main.task(root, identifier(root.id, "main"))
    elif isinstance(root, Workflow) and _is_library(root):
        for key, process in root.processes.items():
            if not isinstance(process, (Command, Script)):
                raise CannotSayError("a document without a workflow has tasks alone", process)
            main.task(process, identifier(process.id or key, "task_1"))
    else:
        workflow = root if isinstance(root, Workflow) else _computing(root)
        main.workflow(workflow, {})
    return {name: file.text() for name, file in package.files.items()}


def _is_library(root: Workflow) -> bool:
    return bool(root.processes) and not (root.steps or root.inputs or root.outputs or root.id)


def _computing(root: Pure) -> Workflow:
    """A workflow that gives what a computation does."""
    outputs = []
    if any(isinstance(node, Opaque) for _, node in walk(root.result)):
        return _stepped(root)
    for port in root.outputs:
        value: Expr = member_of(root.result, port.id)
        outputs.append(msgspec.structs.replace(port, value=value))
    return Workflow(
        id=root.id,
        label=root.label,
        doc=root.doc,
        inputs=root.inputs,
        outputs=tuple(outputs),
        metadata=root.metadata,
        extensions=root.extensions,
    )


def _stepped(root: Pure) -> Workflow:
    """A workflow whose only step is a computation."""
    step = Step(
        id="computed",
        run=msgspec.structs.replace(root, id=""),
        inputs={port.id: Input(name=port.id) for port in root.inputs},
    )
    outputs = [
        msgspec.structs.replace(port, value=Output(step="computed", port=port.id))
        for port in root.outputs
    ]
    return Workflow(
        id=root.id,
        label=root.label,
        doc=root.doc,
        inputs=root.inputs,
        outputs=tuple(outputs),
        steps=(step,),
        libraries=root.libraries,
        metadata=root.metadata,
        extensions=root.extensions,
    )


class _Package:
    def __init__(self, version: str, tell: Telling) -> None:
        self.version = version
        self.tell = tell
        self.files: dict[str, _File] = {}
        self.names = Names({"main"})


class _File:
    """One file: its imports, structs, tasks, and its workflow."""

    def __init__(self, package: _Package, name: str) -> None:
        self.package = package
        self.name = name
        self.names = Names()
        self.structs = Structs(self.names, package.version != "1.1")
        self.imports: dict[str, str] = {}
        self.tasks: list[str] = []
        self.main = ""
        self.shared: Mapping[str, Process] = {}
        self._known: dict[bytes, Callee] = {}
        self._computing: dict[str, str] = {}

    def workflow(self, workflow: Workflow, shared: Mapping[str, Process]) -> WorkflowWriter:
        """Write the workflow of this file."""
        name = self.names.claim(workflow.id or "main", "main")
        self.shared = {**shared, **workflow.processes}
        package = self.package
        writer = WorkflowWriter(
            workflow, name, package.version, self.structs, package.tell, self, shared
        )
        self.main = writer.text()
        return writer

    def task(self, task: Command | Script, name: str) -> TaskWriter:
        """Write a task into this file."""
        package = self.package
        name = self.names.claim(name, "task_1")
        writer = TaskWriter(task, name, package.version, self.structs, package.tell)
        self.tasks.append(writer.text())
        return writer

    def computing(
        self, node: Opaque, wanted: Type, sayer: Sayer, libraries: Sequence[ExpressionLibrary]
    ) -> tuple[str, Mapping[str, str]]:
        """Return the name of a task that computes a value, and what its call hands it."""
        text, given = computing_task("~", node, wanted, sayer, libraries, self.structs)
        if text not in self._computing:
            name = self.names.claim("compute")
            self._computing[text] = name
            self.tasks.append(text.replace("task ~", f"task {name}", 1))
        return self._computing[text], given

    def callee(self, process: Command | Script | Workflow, wanted: str) -> Callee:
        """Return a task or workflow, which is written once."""
        key = canonical_bytes(process)
        if key not in self._known:
            self._known[key] = self._callee(process, wanted)
        return self._known[key]

    def _callee(self, process: Command | Script | Workflow, wanted: str) -> Callee:
        name = (
            process.id if is_identifier(process.id) else identifier(process.id or wanted, "task_1")
        )
        if not isinstance(process, Workflow):
            task = self.task(process, name)
            return Callee(task.name, process, task.names, task.output_names)
        if len(self.package.files) > 500:
            raise CannotSayError("the document unfolds into too many workflows", process)
        namespace = self.package.names.claim(name)
        file = _File(self.package, f"{namespace}.wdl")
        self.package.files[file.name] = file
        self.imports[namespace] = file.name
        named = process if process.id else _named(process, name)
        writer = file.workflow(named, self.shared)
        self.names.taken.add(namespace)
        return Callee(
            f"{namespace}.{writer.name}", process, writer.input_names, writer.output_names
        )

    def text(self) -> str:
        """Return the text of the file."""
        imports = "".join(f'import "{file}" as {name}\n' for name, file in self.imports.items())
        parts = [f"version {self.package.version}\n", imports, self.structs.text(), *self.tasks]
        parts.append(self.main)
        return "\n".join(part for part in parts if part)


def _named(process: Workflow, name: str) -> Workflow:
    return msgspec.structs.replace(process, id=name)
