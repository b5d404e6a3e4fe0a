"""A CWLProv research object as a run.

cwltool writes a PROV document for each workflow: the primary one, and one for each execution of a
subworkflow. Executions of one scattered subworkflow share an activity, and each of their documents
repeats what the ones before it say: what is new in a document belongs to its item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import msgspec

from fairwf.document import Document
from fairwf.formats import ReadOptions, Source, read_file
from fairwf.ir.expressions import Expr
from fairwf.ir.instance import Instance
from fairwf.ir.workflow import Process, Step, Workflow
from fairwf.report import InvalidError, Report
from fairwf.trace import Run, Task, TaskStatus
from fairwf.trace.times import Clock
from fairwf_cwl.cwlprov.agents import engine, image, person
from fairwf_cwl.cwlprov.detect import PACKED, PRIMARY
from fairwf_cwl.cwlprov.engine_log import EngineLog, Job, read_log
from fairwf_cwl.cwlprov.files import one_by_one
from fairwf_cwl.cwlprov.frames import Frame, item_of, natural, nested, process_of, step_of
from fairwf_cwl.cwlprov.prov_json import ProvDocument, about, text, texts
from fairwf_cwl.cwlprov.values import Data, Entities, created, of_object
from fairwf_cwl.read import read as read_cwl

_ROLE = re.compile(r".*/")
_MOST_DOCUMENTS = 100_000
_KINDS: Mapping[str, Literal["command", "script", "pure", "workflow", "operation"]] = {
    "Command": "command",
    "Script": "script",
    "Pure": "pure",
    "Workflow": "workflow",
    "Operation": "operation",
}


def read(path: Path, report: Report) -> Run:
    """Return the run that a research object records.

    Raises:
        InvalidError: its workflow or its primary provenance cannot be read.
    """
    return _Reader(path, report).run()


class _Reader:
    def __init__(self, root: Path, report: Report) -> None:
        self._root, self._report = root, report
        self._data = Data(root)
        self._log: EngineLog = read_log(root)
        self._tasks: list[Task] = []
        self._seen: set[str] = set()
        self._unnamed = 0
        self._jobs: set[str] = set()
        self._documents = 0
        self._last: tuple[ProvDocument, Entities] | None = None

    def run(self) -> Run:
        root, log = self._root, self._log
        packed = root / PACKED
        whole = read_cwl(Source.at(packed), ReadOptions(), self._report)
        primary = ProvDocument.read(root / PRIMARY)
        main = self._main_activity(primary)
        started = about(primary, "wasStartedBy", main)
        begun = text(started[0].get("prov:time")) if started else None
        self._clock = Clock(self._report, str(root / PRIMARY), log.offset(begun))
        ended = about(primary, "wasEndedBy", main)
        end = self._clock.time(text(ended[-1].get("prov:time"))) if ended else None
        status = log.status or ("completed" if end is not None else "running")
        self._status = status
        process = _process(whole)
        frame = Frame(primary, main, process, (), (), None, {})
        inputs = self._object("primary-job.json") or self._sides(frame, main, "used")
        outputs = self._object("primary-output.json") or self._sides(frame, main, "made")
        if isinstance(process, Workflow):
            self._steps(frame)
        else:
            self._alone(frame, process, inputs, outputs)
        self._tell()
        inputs, outputs, tasks = one_by_one(inputs, outputs, self._tasks)
        return Run(
            id=main.rpartition(":")[2],
            workflow=process,
            status="failed" if status == "failed" else "completed" if end else "running",
            engine=engine(primary),
            source=str(packed),
            format="cwl",
            format_version=_version(packed),
            source_files=(str(packed),),
            base=str(packed.parent),
            folder=str(root),
            agent=person(primary),
            started=self._clock.time(begun),
            ended=end,
            command_line=log.command,
            inputs=inputs,
            outputs=outputs,
            tasks=tasks,
        )

    def _main_activity(self, document: ProvDocument) -> str:
        for identifier, node in document.nodes("activity").items():
            if "wfprov:WorkflowRun" in texts(node.get("prov:type")):
                return identifier
        raise InvalidError.of(
            "FWF1802", "tells of no run of a workflow", file=str(self._root / PRIMARY)
        )

    def _object(self, name: str) -> dict[str, Expr]:
        path = self._root / "workflow" / name
        if not path.is_file():
            return {}
        try:
            plain = msgspec.json.decode(read_file(path))
            members = plain.items() if isinstance(plain, dict) else ()
            return {str(k): of_object(v, self._data) for k, v in members if k != "@id"}
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            self._report.add("FWF1803", f"is no object of values: {error}", file=str(path))
            return {}

    # --- executions -------------------------------------------------------------------------

    def _steps(self, frame: Frame) -> None:
        document = frame.document
        counts: dict[str, int] = {}
        for identifier, node in document.nodes("activity").items():
            if identifier == frame.activity or identifier in self._seen:
                continue
            agents = about(document, "wasAssociatedWith", identifier)
            plan = [p for each in agents if (p := text(each.get("prov:plan")))]
            name = unquote(plan[0]).rpartition("/")[2] if plan else ""
            found = step_of(frame.workflow, name)
            if found is None:
                self._unnamed += 1
                continue
            self._seen.add(identifier)
            step, process = found, process_of(found, frame)
            if isinstance(process, Workflow):
                files = nested(node.get("prov:has_provenance"))
                self._subworkflow(frame, identifier, step, process, files)
                continue
            counts[step.id] = counts.get(step.id, 0) + 1
            index = (*frame.index, *item_of(step, counts[step.id] - 1))
            self._tasks.append(self._task(frame, identifier, name, step, process, index))

    def _subworkflow(
        self, frame: Frame, identifier: str, step: Step, process: Workflow, files: list[str]
    ) -> None:
        times = about(frame.document, "wasStartedBy", identifier)
        before: dict[str, set[str]] = {"used": set(), "wasGeneratedBy": set()}
        ends = 0
        scope = frame.workflow.processes if isinstance(frame.workflow, Workflow) else {}
        for number, file in enumerate(sorted(files, key=natural)):
            self._documents += 1
            if self._documents > _MOST_DOCUMENTS:
                raise InvalidError.of(
                    "FWF1009", f"more than {_MOST_DOCUMENTS} PROV documents", file=str(self._root)
                )
            path = self._root / "metadata" / "provenance" / file
            if not path.is_file():
                self._report.add("FWF1803", "the provenance of a subworkflow is gone", file=file)
                continue
            document = ProvDocument.read(path)
            index = (*frame.index, *item_of(step, number))
            key = "/".join((*frame.step, step.id, *index))
            inner = Frame(
                document,
                identifier,
                process,
                (*frame.step, step.id),
                index,
                key,
                {**frame.scope, **scope},
            )
            ended = about(document, "wasEndedBy", identifier)
            last = text(ended[-1].get("prov:time")) if len(ended) > ends else None
            ends = len(ended)
            first = text(times[number].get("prov:time")) if number < len(times) else None
            self._tasks.append(
                Task(
                    id=key,
                    step=inner.step,
                    process=process.id or step.id,
                    kind="workflow",
                    status=self._unless_ended(last),
                    index=index,
                    parent=frame.parent,
                    started=self._clock.time(first),
                    ended=self._clock.time(last),
                    inputs=self._sides(inner, identifier, "used", before["used"]),
                    outputs=self._sides(inner, identifier, "made", before["wasGeneratedBy"]),
                )
            )
            self._steps(inner)

    def _task(
        self,
        frame: Frame,
        identifier: str,
        name: str,
        step: Step,
        process: Process,
        index: tuple[str, ...],
    ) -> Task:
        document = frame.document
        started = about(document, "wasStartedBy", identifier)
        ended = about(document, "wasEndedBy", identifier)
        job = self._log.jobs.get(name, Job())
        self._jobs.add(name)
        last = text(ended[-1].get("prov:time")) if ended else None
        status: TaskStatus = "failed" if job.status == "failed" else self._unless_ended(last)
        return Task(
            id="/".join((*frame.step, step.id, *index)),
            step=(*frame.step, step.id),
            process=process.id or step.id,
            kind=_KINDS[type(process).__name__],
            status=status,
            index=index,
            parent=frame.parent,
            command=job.command,
            started=self._clock.time(text(started[0].get("prov:time"))) if started else None,
            ended=self._clock.time(last),
            exit_code=job.exit_code,
            inputs=self._sides(frame, identifier, "used"),
            outputs=self._sides(frame, identifier, "made"),
            container=image(document, identifier),
            stdin=job.streams.get("<"),
            stdout=job.streams.get(">"),
            stderr=job.streams.get("2>"),
        )

    def _alone(
        self, frame: Frame, process: Process, inputs: dict[str, Expr], outputs: dict[str, Expr]
    ) -> None:
        """Tell of a tool that ran without a workflow."""
        jobs = list(self._log.jobs.values())
        job = jobs[0] if len(jobs) == 1 else Job()
        self._jobs.update(self._log.jobs)
        ended = about(frame.document, "wasEndedBy", frame.activity)
        started = about(frame.document, "wasStartedBy", frame.activity)
        last = text(ended[-1].get("prov:time")) if ended else None
        self._tasks.append(
            Task(
                id=process.id or "main",
                step=(),
                process=process.id or "main",
                kind=_KINDS[type(process).__name__],
                status="failed" if job.status == "failed" else self._unless_ended(last),
                command=job.command,
                started=self._clock.time(text(started[0].get("prov:time"))) if started else None,
                ended=self._clock.time(last),
                exit_code=job.exit_code,
                inputs=inputs,
                outputs=outputs,
                container=image(frame.document, frame.activity),
                stdin=job.streams.get("<"),
                stdout=job.streams.get(">"),
                stderr=job.streams.get("2>"),
            )
        )

    def _unless_ended(self, end: str | None) -> TaskStatus:
        if end is not None:
            return "completed"
        return "failed" if self._status == "failed" else "running"

    def _sides(
        self,
        frame: Frame,
        activity: str,
        side: Literal["used", "made"],
        before: set[str] | None = None,
    ) -> dict[str, Expr]:
        """Return what an activity used or made by the name of the port.

        ``before`` holds the relations that belong to earlier items, and takes those of this one.
        """
        document = frame.document
        kind = "used" if side == "used" else "wasGeneratedBy"
        entities = self._entities(document)
        values: dict[str, Expr] = {}
        for relation, attributes in document.named_relations(kind, "prov:activity", activity):
            role, entity = text(attributes.get("prov:role")), text(attributes.get("prov:entity"))
            if before is not None:
                known = f"{relation}:{role}:{entity}"
                if known in before:
                    continue
                before.add(known)
            if role is None or entity is None:
                continue
            value = entities.value(entity)
            if value is not None:
                if side == "made":
                    value = created(value, self._clock.time(text(attributes.get("prov:time"))))
                values[_ROLE.sub("", unquote(role))] = value
        return values

    def _entities(self, document: ProvDocument) -> Entities:
        """Return the entities of a document; those of the last one are kept."""
        if self._last is None or self._last[0] is not document:
            self._last = (document, Entities(document, self._data))
        return self._last[1]

    def _tell(self) -> None:
        ran = {name for name, job in self._log.jobs.items() if job.command}
        if untold := sorted(ran - self._jobs):
            self._report.add(
                "FWF1803",
                f"{len(untold)} executions are left out that only the log names, {untold[0]!r:.60} "
                "for one: the provenance tells nothing of them (cwltool --parallel records none)",
                file=str(self._root / PRIMARY),
            )
        if self._unnamed:
            self._report.add(
                "FWF1803",
                f"{self._unnamed} executions of expressions are left out: cwltool records neither "
                "the step that they belong to nor what they used and gave",
                file=str(self._root / PRIMARY),
            )


def _version(packed: Path) -> str | None:
    """Return the ``cwlVersion`` of a packed document, which cwltool writes as JSON."""
    try:
        plain = msgspec.json.decode(read_file(packed))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    stated = plain.get("cwlVersion") if isinstance(plain, dict) else None
    return stated if isinstance(stated, str) else None


def _process(document: Document) -> Process:
    assert not isinstance(document.workflow, Instance)  # the reader of CWL makes none
    return document.workflow
