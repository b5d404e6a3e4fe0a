"""A crate that the plugin nf-prov wrote (Workflow Run RO-Crate 0.1), as a run.

Its tasks are actions without times; what a task gave has an id of its own, and publishing it is one
more action. Here the published file stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from fairwf.formats import read_file
from fairwf.ir.expressions import Array, Directory, Expr, File, NoneLit
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.ports import InputPort, OutputPort
from fairwf.ir.types import ArrayType, BoolType, FileType, FloatType, IntType, StringType, Type
from fairwf.ir.values import to_literal
from fairwf.ir.workflow import Workflow
from fairwf.report import InvalidError, Report
from fairwf.trace import Run, SoftwareAgent, Task, TaskStatus
from fairwf.trace.implied import OUTPUTS, Implied, identity, implied
from fairwf.trace.numbers import whole
from fairwf.trace.times import Clock

FILE = "ro-crate-metadata.json"
_ENGINE = re.compile(r"Nextflow (\d\S*)\Z")
_ENGINE_TEXT = re.compile(rb'"Nextflow \d')
_MOST_BYTES = 256 * 1024 * 1024
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_USAGE = "https://w3id.org/ro/terms/nf-trace#"
Entity = Mapping[str, Any]


def is_nf_prov(folder: Path) -> bool:
    """Tell whether a folder holds a crate whose engine is called as nf-prov calls it."""
    path = folder / FILE
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return False
        data = path.read_bytes()
    except OSError:
        return False
    if not _ENGINE_TEXT.search(data):
        return False
    try:
        crate = _Crate(folder, data)
    except InvalidError:
        return False
    return any(
        _ENGINE.match(_text(engine.get("name")) or "")
        for organize in crate.of_type("OrganizeAction")
        for engine in crate.each(organize.get("instrument"))
    )


def read(folder: Path, report: Report) -> Run:
    """Return the run that a crate of nf-prov tells of.

    Raises:
        InvalidError: it has no workflow, or tells of no run of it.
    """
    return _Reader(_Crate(folder, read_file(folder / FILE)), report).run()


class _Crate:
    """The entities of a crate by id."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self.folder = folder
        self.file = str(folder / FILE)
        try:
            plain = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidError.of("FWF1802", f"is no JSON: {error}", file=self.file) from None
        graph = plain.get("@graph") if isinstance(plain, dict) else None
        found = [e for e in graph if isinstance(e, dict)] if isinstance(graph, list) else []
        self.entities = {e["@id"]: e for e in found if isinstance(e.get("@id"), str)}

    def each(self, value: Any) -> Iterator[Entity]:
        """Yield the entities that a value refers to; one that is not described is its id alone."""
        for item in value if isinstance(value, list) else [value]:
            identifier = item.get("@id") if isinstance(item, dict) else None
            if isinstance(identifier, str):
                yield self.entities.get(identifier, {"@id": identifier})

    def of_type(self, kind: str) -> Iterator[Entity]:
        """Yield the entities of a type."""
        return (e for e in self.entities.values() if kind in _types(e))


class _Reader:
    def __init__(self, crate: _Crate, report: Report) -> None:
        self._crate, self._report = crate, report
        self._clock = Clock(report, crate.file)
        root = crate.entities.get("./", {})
        self._root = root
        self._main = next(crate.each(root.get("mainEntity")), None)
        self._published: dict[str, str] = {}

    def run(self) -> Run:
        crate, main = self._crate, self._main
        if main is None:
            raise InvalidError.of("FWF1802", "the crate has no main entity", file=crate.file)
        action = next((a for a in crate.of_type("CreateAction") if self._is_of(a, main)), None)
        if action is None:
            raise InvalidError.of(
                "FWF1802", "the crate tells of no run of its workflow", file=crate.file
            )
        organize = next(crate.of_type("OrganizeAction"), {})
        engine = next(crate.each(organize.get("instrument")), {})
        steps = self._steps()
        self._publishing(engine)
        tasks = [
            self._task(each, steps)
            for each in crate.of_type("CreateAction")
            if each is not action and not self._is_of(each, engine)
        ]
        name = _text(main.get("name")) or _stem(str(main["@id"]))
        found = implied(
            tasks,
            name,
            metadata=self._metadata(main),
            doc=_text(main.get("description")),
        )
        found, inputs, outputs = self._whole(found, action)
        source = self._path(str(main["@id"]))
        config = crate.folder / "nextflow.config"
        sources = [source] if source and Path(source).is_file() else []
        sources += [str(config)] if sources and config.is_file() else []
        times = {**organize, **{k: v for k, v in action.items() if k in ("startTime", "endTime")}}
        version = _ENGINE.match(_text(engine.get("name")) or "")
        return Run(
            id=str(action["@id"]).lstrip("#") or identity(tasks),
            workflow=found.workflow,
            status="failed" if _status(action) == "failed" else "completed",
            engine=SoftwareAgent(
                name="Nextflow",
                version=version[1] if version else None,
                url="https://www.nextflow.io",
            ),
            source=sources[0] if sources else None,
            format="nextflow",
            source_files=tuple(sources),
            base=str(crate.folder) if sources else None,
            folder=str(crate.folder),
            agent=self._agent(organize, action),
            started=self._clock.time(_text(times.get("startTime"))),
            ended=self._clock.time(_text(times.get("endTime"))),
            inputs=inputs,
            outputs=outputs,
            tasks=found.tasks,
        )

    def _is_of(self, action: Entity, instrument: Entity) -> bool:
        return any(
            each.get("@id") == instrument.get("@id")
            for each in self._crate.each(action.get("instrument"))
        )

    def _steps(self) -> dict[str, str]:
        """Return the name of the step of each action that a step controlled."""
        found: dict[str, str] = {}
        for control in self._crate.of_type("ControlAction"):
            step = next(self._crate.each(control.get("instrument")), {})
            name = _text(step.get("name")) or _stem(str(step.get("@id", "")))
            for action in self._crate.each(control.get("object")):
                found[str(action["@id"])] = name
        return found

    def _publishing(self, engine: Entity) -> None:
        """Note which file each output of a task was published as."""
        for action in self._crate.of_type("CreateAction"):
            if engine and self._is_of(action, engine):
                taken = [str(e["@id"]) for e in self._crate.each(action.get("object"))]
                made = [str(e["@id"]) for e in self._crate.each(action.get("result"))]
                if len(taken) == len(made) == 1:
                    self._published[taken[0]] = made[0]

    # --- tasks and values -------------------------------------------------------------------

    def _task(self, action: Entity, steps: Mapping[str, str]) -> Task:
        identifier = str(action["@id"])
        tool = next(self._crate.each(action.get("instrument")), {})
        process = _text(tool.get("name")) or _stem(str(tool.get("@id", "process")))
        name = _text(action.get("name")) or identifier
        used = self._usage(action)
        return Task(
            id=identifier.lstrip("#"),
            step=(steps.get(identifier) or process,),
            process=process,
            kind="script",
            status=_status(action),
            index=(name,),
            started=self._clock.time(_text(action.get("startTime"))),
            ended=self._clock.time(_text(action.get("endTime"))),
            error=_text(action.get("error")),
            inputs=self._values(action.get("object"), tool.get("input"), "input"),
            outputs=self._values(action.get("result"), tool.get("output"), "output"),
            elapsed_s=used["realTime"] / 1000 if "realTime" in used else None,
            average_cpu=used.get("percentCPU"),
            max_rss_kib=round(used["peakRSS"] / 1024) if used.get("peakRSS") else None,
            read_bytes=round(used["rChar"]) if "rChar" in used else None,
            written_bytes=round(used["wChar"]) if "wChar" in used else None,
        )

    def _usage(self, action: Entity) -> dict[str, float]:
        found: dict[str, float] = {}
        for entity in self._crate.each(action.get("resourceUsage")):
            term = _text(entity.get("propertyID")) or ""
            try:
                value = float(str(entity.get("value")))
            except ValueError:
                continue
            if term.startswith(_USAGE) and 0 <= value < 1e18:
                found[term.removeprefix(_USAGE)] = value
        return found

    def _values(self, references: Any, parameters: Any, otherwise: str) -> dict[str, Expr]:
        ports = {str(p["@id"]) for p in self._crate.each(parameters)}
        found: dict[str, list[Expr]] = {}
        for entity in self._crate.each(references):
            examples = [str(e["@id"]) for e in self._crate.each(entity.get("exampleOfWork"))]
            port = next((_stem(name) for name in examples if name in ports), None)
            value = self._value(entity)
            if not isinstance(value, NoneLit):
                name = port or (otherwise if isinstance(value, (File, Directory)) else "value")
                found.setdefault(name, []).append(value)
        return {
            name: values[0] if len(values) == 1 else Array(items=tuple(values))
            for name, values in found.items()
        }

    def _value(self, entity: Entity) -> Expr:
        if "PropertyValue" in _types(entity):
            value = entity.get("value")
            plain = value if isinstance(value, (str, int, float, bool)) else None
            return to_literal(plain)
        return self._file(entity)

    def _file(self, entity: Entity) -> File | Directory:
        identifier = str(entity["@id"])
        identifier = self._published.get(identifier, identifier)
        entity = self._crate.entities.get(identifier, entity)
        name = _text(entity.get("name")) or unquote(identifier).rstrip("/").rpartition("/")[2]
        location = self._path(identifier) or f"urn:nf-prov:{identifier}"
        if "Dataset" in _types(entity):
            return Directory(location=location, basename=name)
        size, sha256 = entity.get("contentSize"), _text(entity.get("sha256")) or ""
        return File(
            location=location,
            basename=name,
            size=whole(size),
            checksum=f"sha256${sha256}" if _SHA256.match(sha256) else None,
        )

    def _path(self, identifier: str) -> str | None:
        """Return the place of a data entity: inside the crate, or an address elsewhere."""
        if identifier.startswith("#"):
            return None
        if _IRI.match(identifier):
            return identifier
        return str(self._crate.folder / unquote(identifier))

    # --- the run as a whole -----------------------------------------------------------------

    def _whole(
        self, found: Implied, action: Entity
    ) -> tuple[Implied, dict[str, Expr], dict[str, Expr]]:
        """Return the workflow with the parameters and files that only the run as a whole names."""
        inputs, outputs = dict(found.inputs), dict(found.outputs)
        ports = list(found.workflow.inputs)
        for entity in self._crate.each(action.get("object")):
            value = self._value(entity)
            if isinstance(value, (File, Directory, NoneLit)):
                continue
            name = (_text(entity.get("name")) or _stem(str(entity["@id"]))).rpartition("/")[2]
            parameter = next(self._crate.each(entity.get("exampleOfWork")), {})
            if name in inputs:
                continue
            inputs[name] = value
            doc = _text(parameter.get("description"))
            ports.append(InputPort(id=name, type=_type(value), doc=doc))
        known = {n.location for v in outputs.values() for n in _nodes(v)}
        more = [
            node
            for entity in self._crate.each(action.get("result"))
            if isinstance(node := self._value(entity), File) and node.location not in known
        ]
        made = list(found.workflow.outputs)
        if more:
            have = outputs.get(OUTPUTS)
            items = have.items if isinstance(have, Array) else ()
            outputs[OUTPUTS] = Array(items=(*items, *more))
            if have is None:
                made.append(OutputPort(id=OUTPUTS, type=ArrayType(items=FileType())))
        workflow = _replaced(found.workflow, ports, made)
        return Implied(workflow, found.tasks, inputs, outputs), inputs, outputs

    def _metadata(self, main: Entity) -> Metadata:
        creators = [
            Agent(name=name, id=_iri(e)) for e in self._crate.each(main.get("creator"))
            if (name := _text(e.get("name")))
        ]  # fmt: skip
        stated = _text(main.get("creator"))
        licence = main.get("license") or self._root.get("license")
        reference = next(self._crate.each(licence), {})
        repository = _text(main.get("codeRepository")) or _text(main.get("isBasedOn"))
        return Metadata(
            title=_text(main.get("name")),
            version=_text(main.get("version")),
            license=_text(licence) or _text(reference.get("@id")),
            creators=tuple(creators or ([Agent(name=stated)] if stated else [])),
            repository=repository if repository and _IRI.match(repository) else None,
        )

    def _agent(self, organize: Entity, action: Entity) -> Agent | None:
        for entity in self._crate.each(organize.get("agent") or action.get("agent")):
            name = _text(entity.get("name"))
            if name:
                return Agent(name=name, id=_iri(entity))
        return None


def _replaced(
    workflow: Workflow, inputs: Sequence[InputPort], outputs: Sequence[OutputPort]
) -> Workflow:
    return msgspec.structs.replace(workflow, inputs=tuple(inputs), outputs=tuple(outputs))


def _nodes(value: Expr) -> Iterator[File | Directory]:
    for node in value.items if isinstance(value, Array) else (value,):
        if isinstance(node, (File, Directory)):
            yield node


def _type(value: Expr) -> Type:
    kinds: dict[str, Type] = {
        "BoolLit": BoolType(),
        "IntLit": IntType(),
        "FloatLit": FloatType(),
    }
    return kinds.get(type(value).__name__, StringType())


def _status(action: Entity) -> TaskStatus:
    """Return how an action ended; one that does not say it succeeded (Process Run Crate 0.5)."""
    stated = action.get("actionStatus")
    text = stated.get("@id") if isinstance(stated, dict) else stated
    return (
        "failed" if isinstance(text, str) and text.endswith("FailedActionStatus") else "completed"
    )


def _types(entity: Entity) -> list[str]:
    found = entity.get("@type")
    return [t for t in (found if isinstance(found, list) else [found]) if isinstance(t, str)]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _iri(entity: Entity) -> str | None:
    identifier = str(entity.get("@id", ""))
    return identifier if _IRI.match(identifier) else None


def _stem(identifier: str) -> str:
    """Return the last part of an id: ``RNG`` of ``main.nf#RNG``."""
    return unquote(identifier).rstrip("/").rpartition("#")[2].rpartition("/")[2] or "_"
