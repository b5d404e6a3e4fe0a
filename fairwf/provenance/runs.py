"""A run record as provenance."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

from fairwf.ir.canonical import to_plain
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.iris import is_iri
from fairwf.ir.values import Value, from_literal
from fairwf.ir.workflow import Process, ProcessRef, Step, Workflow
from fairwf.provenance.model import Link, Node, Provenance
from fairwf.trace.commands import path_of
from fairwf.trace.run import Run, StepApproval, Task
from fairwf.trace.whereabouts import inside, location_of, originals, stated_original

_USAGE = ("exit_code", "cpu_user_s", "cpu_system_s", "max_rss_kib", "read_bytes", "written_bytes")
_EXECUTION = ("wfprov:ProcessRun", "p-plan:Activity", "provone:Execution")
_WHOLE = ("wfprov:WorkflowRun", "p-plan:Activity", "provone:Execution")
_DATA = ("wfprov:Artifact", "p-plan:Entity", "provone:Data")


def provenance_of_run(run: Run) -> Provenance:
    """Return the provenance of a run: every execution, what it used and what it gave."""
    return _Teller(run).tell()


class _Teller:
    def __init__(self, run: Run) -> None:
        self._run = run
        self._told = Provenance(f"arcp://uuid,{quote(run.id, safe='-')}/")
        self._files: dict[tuple[str, str | None], str] = {}
        self._copies = originals(run.outputs, run.tasks, run.inputs)

    def tell(self) -> Provenance:
        run, told = self._run, self._told
        self._engine = self._id("engine", run.engine.name, run.engine.version or "")
        engine = Node(
            self._engine, "agent", f"{run.engine.name} {run.engine.version or ''}".strip()
        )
        engine.types = ("prov:SoftwareAgent", "wfprov:WorkflowEngine")
        told.add(engine)
        self._agent()
        self._plan = self._id("plan")
        if isinstance(run.workflow, Workflow):
            self._steps(run.workflow, (), {})
        else:
            told.add(Node(self._plan, "entity", "process", ("prov:Plan", "provone:Program")))
        whole = Node(self._id("run"), "activity", f"run {run.id}", _WHOLE, run.started, run.ended)
        whole.attributes["schema:actionStatus"] = [run.status]
        self._activity(whole, self._plan)
        by_id = {task.id: self._task_id(task) for task in run.tasks}
        for task in run.tasks:
            if task.status != "skipped":
                self._task(task, by_id)
        for approval in run.approvals:
            self._approval(approval)
        self._values(whole.id, run.inputs, (whole.id,), given=True)
        self._values(whole.id, run.outputs, (whole.id,), given=False)
        return told

    def _id(self, *parts: str) -> str:
        return self._told.base + "#" + "/".join(quote(part, safe="-._~") for part in parts)

    def _task_id(self, task: Task) -> str:
        return self._id("action", task.id) if task.step else self._id("run")

    def _agent(self) -> None:
        agent = self._run.agent
        if agent is None:
            return
        stated = agent.id if agent.id and is_iri(agent.id) else None
        identifier = stated or self._id("agent", agent.name)
        kind = "prov:Organization" if agent.organization else "prov:Person"
        self._told.add(Node(identifier, "agent", agent.name, (kind,)))
        self._told.relate("actedOnBehalfOf", self._engine, identifier)

    def _approval(self, approval: StepApproval) -> None:
        """Tell that a person said yes: an activity about the step, associated with that person."""
        place = (*approval.step, *approval.index)
        name = "approval of " + "/".join(approval.step)
        node = Node(self._id("approval", *place), "activity", name, ("schema:AuthorizeAction",))
        node.ended = approval.time
        node.attributes["schema:object"] = [Link(self._id("step", *approval.step))]
        if approval.prompt:
            node.attributes["schema:description"] = [approval.prompt]
        self._told.add(node)
        if approval.who:
            person = self._id("agent", approval.who)
            self._told.add(Node(person, "agent", approval.who, ("prov:Person",)))
            self._told.relate("wasAssociatedWith", node.id, person)

    def _steps(
        self, workflow: Workflow, path: tuple[str, ...], scope: Mapping[str, Process]
    ) -> None:
        told, inner = self._told, {**scope, **workflow.processes}
        plan = self._plan if not path else self._id("step", *path)
        name = workflow.label or workflow.id or "workflow"
        types = ("prov:Plan", "p-plan:Plan", "wfdesc:Workflow", "provone:Workflow")
        node = told.add(Node(plan, "entity", name, types))
        if path:
            node.types = tuple(dict.fromkeys((*node.types, *types)))
        for step in workflow.steps:
            run = inner.get(step.run.name) if isinstance(step.run, ProcessRef) else step.run
            self._step(step, (*path, step.id), plan)
            if isinstance(run, Workflow):
                self._steps(run, (*path, step.id), inner)

    def _step(self, step: Step, path: tuple[str, ...], plan: str) -> None:
        types = ("prov:Plan", "p-plan:Step", "wfdesc:Process", "provone:Program")
        node = Node(self._id("step", *path), "entity", step.label or step.id, types)
        node.attributes["p-plan:isStepOfPlan"] = [Link(plan)]
        self._told.add(node)

    def _activity(self, node: Node, plan: str) -> None:
        self._told.add(node)
        self._told.relate("wasAssociatedWith", node.id, self._engine, plan=plan)

    def _task(self, task: Task, by_id: Mapping[str, str]) -> None:
        identifier = self._task_id(task)
        if task.step:
            index = f" ({', '.join(task.index)})" if task.index else ""
            types = _WHOLE if task.kind == "workflow" else _EXECUTION
            name = "/".join(task.step) + index
            node = Node(identifier, "activity", name, types, task.started, task.ended)
            step, run = self._id("step", *task.step), self._id("run")
            node.attributes["p-plan:correspondsToStep"] = [Link(step)]
            parent = by_id.get(task.parent or "", run)
            node.attributes["wfprov:wasPartOfWorkflowRun"] = [Link(parent)]
            node.attributes["schema:actionStatus"] = [task.status]
            if task.error:
                node.attributes["schema:error"] = [task.error]
            for usage in _USAGE:
                value = getattr(task, usage)
                if value is not None:
                    node.attributes[f"wfrun:{usage}"] = [value]
            self._activity(node, step)
        outside = by_id.get(task.parent or "", self._id("run"))
        # What a subworkflow is given and gives is seen from outside and from inside.
        frames = (outside, identifier) if task.kind == "workflow" and task.step else (outside,)
        self._values(identifier, task.inputs, frames, given=True)
        self._values(identifier, task.outputs, frames, given=False)

    def _values(
        self, activity: str, values: Mapping[str, Expr], frames: tuple[str, ...], given: bool
    ) -> None:
        """Tell what an activity used or gave.

        Values that are no files are known by what they are in the execution of a workflow that
        they flow in: equal values of different executions have nothing to do with each other.
        """
        for role, expression in values.items():
            value = from_literal(expression)
            views = [list(self._entities(value, frame)) for frame in frames]
            for inner in views[1:]:
                for one, other in zip(views[0], inner, strict=True):
                    if one != other:
                        self._told.relate("alternateOf", one, other)
            for entity in views[0]:
                if given:
                    self._told.relate("used", activity, entity, role)
                else:
                    self._told.relate("wasGeneratedBy", entity, activity, role)

    def _entities(self, value: Value, frame: str) -> Iterator[str]:
        if isinstance(value, File):
            yield self._file(value)
            for other in value.secondary:
                yield from self._entities(other, frame)
        elif isinstance(value, Directory):
            yield self._folder(value)
        elif isinstance(value, Mapping):
            for member in value.values():
                yield from self._entities(member, frame)
        elif isinstance(value, (list, tuple)):
            for member in value:
                yield from self._entities(member, frame)
        elif value is not None:
            shown = value if isinstance(value, (bool, int, float, str)) else to_plain(value)
            text = json.dumps([frame, type(shown).__name__, repr(shown)])
            identifier = self._id("value", hashlib.sha256(text.encode()).hexdigest()[:16])
            node = Node(identifier, "entity", str(shown)[:80], _DATA)
            node.attributes["prov:value"] = [shown]
            self._told.add(node)
            yield identifier

    def _file(self, file: File) -> str:
        own = file.extensions.get("fairwf")
        sha256 = own.get("sha256") if isinstance(own, dict) else None
        algorithm, _, value = (file.checksum or "").partition("$")
        sha256 = sha256 or (value if algorithm == "sha256" else None)
        name = file.basename or _last(file.location or file.path or "") or "file"
        checksum = sha256 or value or None
        where = self._where(file)
        known = self._files.get((where, checksum)) if where else None
        path = inside(where, self._run.folder)
        if known is None:
            content = hashlib.sha256(f"{checksum}\n{path or where or name}".encode()).hexdigest()
            known = self._id("file", content[:32], name)
            if where:
                self._files[where, checksum] = known
                self._files.setdefault((where, None), known)
        node = Node(known, "entity", name, (*_DATA, "schema:MediaObject"), path=path)
        node.sha256 = sha256
        if sha256:
            node.attributes["wfrun:sha256"] = [sha256]
        elif algorithm == "sha1":
            node.attributes["wfrun:sha1"] = [value]
        if file.size is not None:
            node.attributes["schema:contentSize"] = [file.size]
        if file.format and is_iri(file.format):
            node.attributes["dct:format"] = [Link(file.format)]
        told = self._told.add(node)
        if (stated_original(file) or file.location in self._copies) and file.location:
            # A copy of it has been put elsewhere, maybe under another name.
            place = inside(file.location, self._run.folder) or path_of(file.location)
            told.former = tuple(dict.fromkeys((*told.former, name, *([place] if place else []))))
        return told.id

    def _where(self, node: File | Directory) -> str:
        """Return what a file or folder is known by; a path, where it is one, is absolute."""
        location = self._copies.get(node.location or "") or location_of(node)
        relative = location and ":" not in location and self._run.folder is not None
        path = posixpath.join(self._run.folder or "", location) if relative else path_of(location)
        return posixpath.normpath(path) if path else location

    def _folder(self, folder: Directory) -> str:
        name = folder.basename or _last(folder.location or folder.path or "") or "directory"
        members = [m for entry in folder.listing or () for m in self._entities(entry, "")]
        where = self._where(folder)
        path = inside(where, self._run.folder)
        content = json.dumps([members, path or where])
        known = hashlib.sha256(content.encode()).hexdigest()[:16]
        types = (*_DATA, "prov:Collection", "schema:Dataset")
        identifier = self._files.setdefault((where, "folder"), self._id("directory", known, name))
        node = self._told.add(Node(identifier, "entity", name, types, path=path))
        for member in members:
            self._told.relate("hadMember", node.id, member)
        return node.id


def _last(location: str) -> str:
    return unquote(location).rstrip("/").rpartition("/")[2]
