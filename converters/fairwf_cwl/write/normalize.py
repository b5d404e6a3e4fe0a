"""The last step of lowering for CWL: what several IR forms say is put into the reader's one form.

CWL has one text for meanings that the IR can say in several ways, and expressions beyond parameter
references are JavaScript there. Here each of them becomes what the reader would read, so that
writing loses nothing and reading a result gives back exactly what was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from fairwf.document import Document
from fairwf.ir.command import ExpressionLibrary
from fairwf.ir.expressions import Expr, NoneLit, StringLit
from fairwf.ir.instance import Instance
from fairwf.ir.overriding import overridden
from fairwf.ir.ports import InputPort
from fairwf.ir.rewriting import rewrite
from fairwf.ir.types import ArrayType
from fairwf.ir.walk import nodes, walk
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
from fairwf.report import Report, UnsupportedError
from fairwf_cwl.process import OUTPUTS_FILE
from fairwf_cwl.write.annotations import stated, strange_fields, with_cwltool, with_own_fields
from fairwf_cwl.write.commandline import LineWriter, from_self
from fairwf_cwl.write.extensions import normal_resources, placed
from fairwf_cwl.write.identifiers import with_cwl_ids, writable
from fairwf_cwl.write.items import with_named_items
from fairwf_cwl.write.javascript_text import CannotSayError
from fairwf_cwl.write.ledger import Heirs, Ledger, settle
from fairwf_cwl.write.loops import AFTER_NEWEST
from fairwf_cwl.write.order import with_awaited_outputs
from fairwf_cwl.write.places import Place, with_words, words_of
from fairwf_cwl.write.requirements import extends, requires_secrets
from fairwf_cwl.write.scripting import Scripting, every_place, uses_javascript_inside
from fairwf_cwl.write.scripts import command_of
from fairwf_cwl.write.steps import StepWriter
from fairwf_cwl.write.texts import Texts
from fairwf_cwl.write.types import normal_type
from fairwf_cwl.write.values import Values
from fairwf_cwl.write.versions import NEWEST, restricted

_PROCESSES = (Command, Script, Pure, Operation, Workflow)
_MAX_PROCESSES = 20_000

S = TypeVar("S", bound=msgspec.Struct)


def normalize(document: Document, report: Report, version: str | None = None) -> Document:
    """Return the document in the form that the reader of ``version`` gives.

    The meaning is the same, but for what the report tells of versions before v1.2.

    Raises:
        UnsupportedError: CWL cannot say a part of it; the report names the part.
    """
    if isinstance(document.workflow, Instance):
        return document
    version = version or NEWEST
    work = _Normalizer(document, report)
    try:
        root = work.made(
            restricted(document.workflow, version, document.origins, work.tell), document.workflow
        )
        process = work.process(work.named(work.secrets(work.own_fields(root))))
        process = _extended(process, version)
    except CannotSayError as error:
        span = work.span(error.node)
        path = work.path(error.node)
        report.add("FWF3001", error.message, span=span, path=path, hint=error.hint)
        raise UnsupportedError(report) from None
    settle(process, document.workflow, document.origins)
    return Document(
        workflow=process,
        origins=document.origins,
        comments=document.comments,
        format=document.format,
        source=document.source,
    )


def _extended(root: Process, version: str) -> Process:
    """Return the document with the namespace of cwltool wherever its extensions are used."""

    def named(node: msgspec.Struct) -> msgspec.Struct:
        if isinstance(node, (Command, Script, Pure)) and extends(node, version):
            return with_cwltool(node)
        if isinstance(node, _PROCESSES) and any(port.secret for port in node.inputs):
            return with_cwltool(node)
        if isinstance(node, Operation) and node.generator is not None:
            return with_cwltool(node)
        if isinstance(node, Workflow) and version < AFTER_NEWEST and _loops(node):
            return with_cwltool(node)
        return node

    result = rewrite(root, named)
    return with_cwltool(result) if result is not root else root


class _Normalizer(Ledger):
    def __init__(self, document: Document, report: Report) -> None:
        super().__init__(document, report)
        self._used: set[int] = set()
        self._count = 0

    def own_fields(self, root: Process) -> Process:
        """Return the document with those foreign fields alone that a CWL document can carry."""
        foreign = [node for _, node in walk(root) if strange_fields(node)]
        if not foreign:
            return root
        for node in foreign:
            for name in strange_fields(node):
                text = f"the key {name:.80} of the extension has no place here in CWL"
                self.tell("FWF3004", text, node, "extensions/cwl")

        def with_own(node: msgspec.Struct) -> msgspec.Struct:
            new = with_own_fields(node)
            if new is not node:
                self.places[id(new)] = (new, self.path(node) or "")
            return new

        return self.made(rewrite(root, with_own, self.document.origins), root)

    def secrets(self, root: Process) -> Process:
        """Tell of secret inputs that no document of CWL's said how to hide."""
        if self.document.format == "cwl":
            return root
        for _, node in walk(root):
            if not isinstance(node, _PROCESSES) or requires_secrets(node):
                continue
            for port in node.inputs:
                if port.secret:
                    text = f"that {port.id!r:.60} is secret is a hint, which only cwltool obeys"
                    self.tell("FWF3002", text, port)
        return root

    def named(self, root: Process) -> Process:
        """Return the document with ids that CWL can write."""

        def told(node: msgspec.Struct, old: str, new: str) -> None:
            why = "has no second id" if writable(old) else "cannot write the id"
            self.tell("FWF3002", f"CWL {why} {old!r:.60}: it is {new!r:.60} there", node)

        places = Heirs(self)
        distinct = self.document.format != "cwl"
        return self.made(with_cwl_ids(root, places, told, distinct), root)

    def process(self, process: Process) -> Process:
        """Return a process in normal form."""
        return self._scripted(self._structured(process, {}), None)

    def _scripted(self, process: Process, outer: Scripting | None) -> Process:
        process, scripting = self._expressions(process, outer)
        if isinstance(process, Workflow):
            steps = tuple(
                msgspec.structs.replace(step, run=self._scripted(_own(step), scripting))
                for step in process.steps
            )
            process = msgspec.structs.replace(process, steps=steps)
        used = process.libraries and uses_javascript_inside(process)
        if process.libraries and not used:
            for library in process.libraries:
                self.tell("FWF3002", "no expression uses this library: it is left out", library)
            process = msgspec.structs.replace(process, libraries=())
        return process

    # --- structure ----------------------------------------------------------------------------

    def _structured(self, process: Process, shared: Mapping[str, Process]) -> Process:
        """Return the process with all but its expressions in normal form.

        ``shared`` are the processes that steps may refer to.
        """
        self._count += 1
        if self._count > _MAX_PROCESSES:
            raise CannotSayError("the document unfolds into too many processes", process)
        given_process = process
        if isinstance(process, Workflow):
            shared = {**shared, **process.processes}
            given = process.steps
            steps = tuple(self._step(step, shared) for step in given)
            for name, one in process.processes.items():
                if id(one) in self._used:
                    text = f"the shared process {name!r:.60} stands where it is used"
                    self.tell("FWF3002", text, one)
                else:
                    self.tell("FWF3004", f"no step runs the shared process {name!r:.60}", one)
            process = msgspec.structs.replace(process, steps=steps, processes={})
            process, awaited = with_awaited_outputs(process)
            before = {step.id: step for step in given}
            for step in awaited:
                text = f"the step {step.id!r:.60} has an output that those after it wait for"
                self.tell("FWF3002", text, before[step.id])
        return self.made(self._plain(self.made(process, given_process)), given_process)

    def _step(self, step: Step, shared: Mapping[str, Process]) -> Step:
        given, run, depth = step, step.run, 0
        if isinstance(run, ProcessRef):
            text = f"the shared process {run.name!r:.60} stands where it is used"
            self.tell("FWF3002", text, run)
        while isinstance(run, ProcessRef):
            depth += 1
            if run.name not in shared or depth > len(shared):
                raise CannotSayError(f"there is no process {run.name!r:.60}", run)
            run = shared[run.name]
            self._used.add(id(run))
        run = self._structured(_overridden(step, run), shared)
        step = msgspec.structs.replace(step, run=run, resources=None, environment=None, retry=None)
        named = with_named_items(self.made(step, given))
        if named.scatter is not step.scatter and isinstance(step.scatter, Scatter):
            for part in step.scatter.over:
                if part not in named.scatter.over:  # type: ignore[union-attr]
                    text = "the item has the name of the input that it is given to"
                    self.tell("FWF3002", text, part)
        return self.made(named, given)

    def _plain(self, process: Process) -> Process:
        """Return the process with types, metadata and what tasks say in normal form."""
        given = process
        inputs = tuple(self._port(port) for port in process.inputs)
        outputs = tuple(self._port(port) for port in process.outputs)
        process = msgspec.structs.replace(process, inputs=inputs, outputs=outputs)
        if isinstance(process, Operation) and process.implementation is not None:
            text = "CWL operations name no implementation"
            self.tell("FWF3004", text, given, "implementation")
            process = msgspec.structs.replace(process, implementation=None)
        process, lost = stated(process)
        for node, part in lost:
            text = "CWL cannot state this of the metadata"
            self.tell("FWF3004", text, node, part)
        if isinstance(process, Script):
            process = command_of(process)
        if isinstance(process, (Command, Script)):
            process = self._standing(self._task(process))
        return process

    def _port(self, port: Any) -> Any:
        if isinstance(port, InputPort) and isinstance(port.default, NoneLit):
            self.tell("FWF3002", "a default of none is the same as no default", port.default)
            port = self.made(msgspec.structs.replace(port, default=None), port)
        type_ = normal_type(port.type)
        if type_ is port.type:
            return port
        arrays = [node for node in nodes(port.type, ArrayType) if node.nonempty]
        for array in arrays:
            self.tell("FWF3003", "CWL arrays may always be empty", array)
        if not arrays:
            self.tell("FWF3002", "the type is put as CWL has it", port.type)
        return msgspec.structs.replace(port, type=type_)

    def _standing(self, task: Command | Script) -> Command | Script:
        """Return the task with values computed from ``self`` in arguments bound to no input."""
        arguments = words_of(task)
        found = LineWriter(task.inputs).standing_computed(arguments) if arguments else []
        if not arguments or not found:
            return task
        ids = {id(argument) for argument in found}
        changed = tuple(from_self(a) if id(a) in ids else a for a in arguments)
        for argument in found:
            text = "what is rendered of this argument is computed in its value"
            self.tell("FWF3002", text, argument.rendering.value)
        return with_words(task, changed)

    def _task(self, task: Command | Script) -> Command | Script:
        changes: dict[str, Any] = {}
        if task.outputs_file is None:
            changes["outputs_file"] = OUTPUTS_FILE
        container = task.environment.container
        if (
            container is not None
            and container.digest
            and isinstance(container.image, StringLit)
            and "@" not in container.image.value
        ):
            self.tell("FWF3002", "the digest is part of the image's name", container, "digest")
            image = StringLit(value=f"{container.image.value}@{container.digest}")
            held = msgspec.structs.replace(container, image=image)
            changes["environment"] = msgspec.structs.replace(task.environment, container=held)
        amounts = (
            task.resources.cores,
            task.resources.memory,
            task.resources.tmp_space,
            task.resources.out_space,
        )
        resources = normal_resources(task.resources, self.tell)
        if not resources.required and not any(amounts):
            resources = msgspec.structs.replace(resources, required=True)
        if resources is not task.resources:
            changes["resources"] = resources
        if task.environment.packages_required and not task.environment.packages:
            environment = changes.get("environment", task.environment)
            changes["environment"] = msgspec.structs.replace(environment, packages_required=False)
        changed = msgspec.structs.replace(task, **changes) if changes else task
        return placed(changed, lambda code, text: self.tell(code, text, task.resources))

    def _looping(self, process: Process) -> Process:
        """Return the process with loops of its steps as CWL has them."""
        if not isinstance(process, Workflow) or not _loops(process):
            return process
        writer = StepWriter(process, Texts(javascript=False), Values())
        steps = []
        for step in process.steps:
            changed = writer.looping(step)
            if changed is not step:
                text = "the inputs of the step are the state of its loop"
                self.tell("FWF3002", text, step.loop)
                assert changed.loop is not None and step.loop is not None
                self.made(changed.loop, step.loop)
            steps.append(self.made(changed, step))
        return msgspec.structs.replace(process, steps=tuple(steps))

    # --- expressions --------------------------------------------------------------------------

    def _expressions(self, process: Process, outer: Scripting | None) -> tuple[Process, Scripting]:
        process = self._looping(process)
        scripting = Scripting.of(process, outer)
        texts = Texts(scripting.javascript, scripting.libraries, self.rounded)
        needed: list[str] = []

        def need(definitions: tuple[str, ...]) -> None:
            needed.extend(text for text in definitions if text not in needed)

        def change(expression: Expr, place: Place) -> Expr:
            new = texts.normal(expression, place, need)
            if new is not expression:
                self.tell("FWF3002", "this expression became JavaScript", expression)
            return new

        process = every_place(process, change)
        if isinstance(process, Workflow):
            writer = StepWriter(process, texts, Values())
            steps = []
            for step in process.steps:
                changed, definitions, rewritten = writer.normal(step)
                need(definitions)
                for expression in rewritten:
                    self.tell("FWF3002", "this expression became JavaScript", expression)
                steps.append(changed)
            process = msgspec.structs.replace(process, steps=tuple(steps))
        missing = [text for text in sorted(needed) if text not in scripting.libraries]
        if missing:
            own = tuple(
                ExpressionLibrary(language="javascript", text=text) for text in sorted(missing)
            )
            process = msgspec.structs.replace(process, libraries=(*process.libraries, *own))
        return process, Scripting.of(process, outer)


def _loops(workflow: Workflow) -> bool:
    return any(step.loop is not None for step in workflow.steps)


def _own(step: Step) -> Process:
    assert not isinstance(step.run, ProcessRef), "shared processes are resolved before"
    return step.run


def _overridden(step: Step, process: Process) -> Process:
    """Return what a step runs with what the step itself says of it."""
    process_of_step = overridden(step, process)
    if process_of_step is None:
        raise CannotSayError("only tasks take resources and environments from a step", step)
    return process_of_step
