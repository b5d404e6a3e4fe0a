"""Files that a crate holds beside the workflow's documents and the run's data.

The drawing of the workflow, its abstract CWL, its citation and licence files, and the inputs of
the run as a job file that refers to the crate's own copies.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from fairwf.conversion import convert_document
from fairwf.crates.checksums import measure
from fairwf.crates.citations import metadata_files, readme_file
from fairwf.crates.formats import media_type
from fairwf.crates.payload import Item, Payload
from fairwf.document import Document
from fairwf.entities.descriptors import language_entity
from fairwf.entities.identifiers import quote_path, ref, refs, safe_name
from fairwf.ir.canonical import content_hash, to_plain
from fairwf.ir.expressions import Directory, Expr, File
from fairwf.ir.values import Value, from_literal
from fairwf.ir.workflow import Operation, Process, ProcessRef, Step, Workflow
from fairwf.report import FairwfError, Report

EXAMPLES = "examples"
JOB = f"{EXAMPLES}/job.json"
_CWL = "https://w3id.org/workflowhub/workflow-ro-crate#cwl"


@dataclass(frozen=True)
class Extra:
    """A file, or a folder of such files, and how the main workflow refers to it.

    ``of`` is the id of what it is about, where that is not the main workflow.
    ``data`` is what a file holds, or where it is copied from; None for a folder, which has
    ``parts``. What is ``listed`` is a part of the root itself. ``kinds`` and ``facts`` are further
    types and properties.
    """

    place: str
    name: str
    role: Literal["image", "subjectOf", "about", "examples"]
    data: bytes | Path | None = None
    parts: tuple[Extra, ...] = ()
    listed: bool = True
    description: str | None = None
    version: str | None = None
    of: str | None = None
    kinds: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The entity's id."""
        return quote_path(self.place) + ("/" if self.data is None else "")

    def entities(self, main: str) -> Iterator[dict[str, Any]]:
        """Yield its entity, and those of its parts; ``main`` is the id of the workflow."""
        shown: dict[str, Any] = {"@id": self.id, "name": self.name, "about": ref(self.of or main)}
        shown["description"] = self.description
        if self.data is None:
            shown |= {"@type": "Dataset", "hasPart": refs(part.id for part in self.parts)}
            yield shown
            for part in self.parts:
                yield from part.entities(main)
            return
        kinds = {"image": ["File", "ImageObject"]}
        shown["@type"] = [*kinds.get(self.role, ["File"]), *self.kinds]
        if self.role == "subjectOf":
            shown["@type"] = ["File", "SoftwareSourceCode", "HowTo"]
            shown |= {
                "programmingLanguage": ref(_CWL),
                "version": self.version,
                "url": ref(self.id),
            }
            yield language_entity("cwl", "Common Workflow Language", _CWL, None)
        yield {**shown, **self._facts(), **self.facts}

    def _facts(self) -> dict[str, Any]:
        path = self.data if isinstance(self.data, Path) else None
        size, sha256 = _measured(self.data)
        return {
            "encodingFormat": media_type(self.place, path),
            "contentSize": size,
            "sha256": sha256,
        }

    def write(self, crate: Path) -> None:
        """Write it, and its parts, into the folder of a crate."""
        for part in self.parts:
            part.write(crate)
        if self.data is None:
            return
        target = crate / self.place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.data.read_bytes() if isinstance(self.data, Path) else self.data)


def _measured(data: bytes | Path | None) -> tuple[int, str]:
    if isinstance(data, Path):
        size, _, sha256 = measure(data)
        return size, sha256
    return len(data or b""), hashlib.sha256(data or b"").hexdigest()


def drawing(svg: bytes, payload: Payload) -> Extra:
    """Return the drawing of the workflow."""
    place = free_place("workflow/diagram.svg", payload)
    return Extra(place, "Diagram of the workflow", "image", svg)


def stated_files(base: Path | None, payload: Payload) -> list[Extra]:
    """Return the files beside a workflow that tell of it, who made it, and what is allowed."""
    found: list[Extra] = []
    if base is None or not base.is_dir():
        return found
    for path in (*metadata_files(base), *filter(None, [readme_file(base)])):
        seen = payload.path(str(path)) is not None  # not so outside of a trace of another engine
        if seen and payload.reserve(f"workflow/{safe_name(path.name)}"):
            place = f"workflow/{safe_name(path.name)}"
            found.append(Extra(place, path.name, "about", path))
    return found


def abstract_cwl(process: Process, main: str, payload: Payload) -> Extra | None:
    """Return the abstract CWL of a workflow of another language: its steps as operations.

    Workflow RO-Crate 1.0, "Main Workflow CWL Description". None where CWL cannot say it.
    """
    if not isinstance(process, Workflow):
        return None
    try:
        document = Document(workflow=_abstract(process))
        made = convert_document(document, "cwl", Report())
    except FairwfError:  # it is an addition: a workflow that CWL cannot say has none
        return None
    stem = posixpath.splitext(main)[0].removesuffix(".ir")
    place = free_place(f"{stem}.abstract.cwl", payload)
    data = made.written.files[made.written.main]
    return Extra(
        place,
        "Abstract CWL of the workflow",
        "subjectOf",
        data,
        description="The steps, their inputs and outputs, without what they run.",
        version=content_hash(document.workflow),
    )


def _abstract(workflow: Workflow) -> Workflow:
    processes = {name: _operation(each) for name, each in workflow.processes.items()}
    steps = tuple(_abstract_step(step) for step in workflow.steps)
    return msgspec.structs.replace(workflow, steps=steps, processes=processes)


def _abstract_step(step: Step) -> Step:
    if isinstance(step.run, ProcessRef):
        return step
    return msgspec.structs.replace(step, run=_operation(step.run))


def _operation(process: Process) -> Process:
    if isinstance(process, Workflow):
        return _abstract(process)
    outputs = tuple(msgspec.structs.replace(p, collect=None, value=None) for p in process.outputs)
    return Operation(
        id=process.id,
        label=process.label,
        doc=process.doc,
        inputs=process.inputs,
        outputs=outputs,
        intent=process.intent,
    )


def job(inputs: Mapping[str, Expr], payload: Payload) -> Extra | None:
    """Return a folder with the inputs of a run as a job file; None where an input is not here.

    Files are named relative to the job file, so the crate alone is enough to run again.
    """
    try:
        plain = {n: _job_value(from_literal(e), payload) for n, e in inputs.items()}
    except LookupError:
        return None
    if not payload.reserve(JOB):
        return None
    text = json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=True) + "\n"
    about = "The inputs of the run, as a job file for the workflow."
    file = Extra(JOB, "job.json", "about", text.encode("utf-8", "replace"), (), False, about)
    return Extra(EXAMPLES, "Examples", "examples", None, (file,))


def _job_value(value: Value, payload: Payload) -> Any:
    if isinstance(value, (File, Directory)):
        return _job_file(value, payload)
    if isinstance(value, Mapping):
        return {name: _job_value(member, payload) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_job_value(member, payload) for member in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else to_plain(value)


def _job_file(value: File | Directory, payload: Payload) -> dict[str, Any]:
    item = payload.value(value)
    parts = item.parts if item.kind == "Collection" else [item]
    shown = [_reference(part) for part in parts]
    main = shown[0]
    if isinstance(value, File) and value.format:
        main["format"] = value.format
    return {**main, "secondaryFiles": shown[1:]} if shown[1:] else main


def _reference(item: Item) -> dict[str, Any]:
    if item.place is not None:
        location = "../" + quote_path(item.place)
    elif item.url is not None:
        location = item.url
    else:
        raise LookupError(item.name)
    kind = "Directory" if item.kind == "Dataset" else "File"
    return {"class": kind, "location": location, "basename": item.name}


def free_place(place: str, payload: Payload) -> str:
    """Return a place in the crate that nothing else has, and keep it."""
    stem, suffix = posixpath.splitext(place)
    found, number = place, 1
    while not payload.reserve(found):
        number += 1
        found = f"{stem}~{number}{suffix}"
    return found
