"""Whether a conversion does what its source does: both are run, and their outputs compared.

Source and target each run in the engine of their own format where one is installed, else in
fairwf's. The verdict is a certificate: a ``prov:Activity`` that names both documents, engines and
the inputs, to put beside the result or into a crate.
"""

from __future__ import annotations

import datetime
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fairwf.document import Document
from fairwf.formats import converter
from fairwf.ir.ports import OutputPort
from fairwf.ir.values import Value, from_literal
from fairwf.jobfile import ports_of
from fairwf.native import NativeEngine, NativeRun
from fairwf.report import FairwfError
from fairwf.verify.mapping import differences, on_disk, paired
from fairwf.version import VERSION

Judgement = Literal["equal", "different", "failed"]

CONTEXT = {
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "http://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "used": {"@id": "prov:used", "@type": "@id"},
    "generated": {"@id": "prov:generated", "@type": "@id"},
    "wasAssociatedWith": {"@id": "prov:wasAssociatedWith", "@type": "@id"},
    "startedAtTime": {"@id": "prov:startedAtTime", "@type": "xsd:dateTime"},
    "endedAtTime": {"@id": "prov:endedAtTime", "@type": "xsd:dateTime"},
    "name": "schema:name",
    "description": "schema:description",
    "encodingFormat": "schema:encodingFormat",
    "version": "schema:softwareVersion",
    "sha256": "schema:sha256",
    "value": "schema:value",
    "hasPart": {"@id": "schema:hasPart", "@type": "@id"},
}


@dataclass(frozen=True)
class Side:
    """One of the two documents: what it is, where it lies, and all files that it consists of."""

    document: Document
    place: str
    format: str
    files: tuple[Path, ...] = ()

    @property
    def outputs(self) -> Sequence[OutputPort]:
        """The outputs, in their order."""
        return tuple(getattr(self.document.workflow, "outputs", ()))


@dataclass(frozen=True)
class Agent:
    """The engine that ran a side."""

    name: str
    version: str


@dataclass(frozen=True)
class Verification:
    """The verdict: for each output what differs, none where it is the same."""

    judgement: Judgement
    source: Side
    target: Side
    engines: tuple[Agent, Agent]
    outputs: Mapping[str, str | None] = field(default_factory=dict)
    said: str = ""
    inputs_sha256: str = ""
    started: str = ""
    ended: str = ""

    def certificate(self) -> dict[str, Any]:
        """Return the verdict as JSON-LD."""
        return _certificate(self)


def native_engine(format_: str, job: Path | None = None) -> NativeEngine | None:
    """Return the engine of a format that can run with values, None where fairwf's has to.

    That is where none is on this machine, or where the values stand in no job file of the format
    and none can be written.
    """
    own = converter(format_)
    if own.engine is None or (job is None and own.write_inputs is None):
        return None
    return own.engine()


def verify(
    source: Side, target: Side, job: Path | None, values: Mapping[str, Value]
) -> Verification:
    """Run both documents and compare their outputs.

    Args:
        source: the document that was converted.
        target: what it became, read again.
        job: the job file of the source.
        values: what it says, by input id of the source.
    """
    started = _now()
    engines = (native_engine(source.format, job), native_engine(target.format))
    agents = (_agent(engines[0]), _agent(engines[1]))
    sha = hashlib.sha256(job.read_bytes() if job is not None else b"").hexdigest()

    def ended(judgement: Judgement, said: str = "", **more: Any) -> Verification:
        return Verification(
            judgement, source, target, agents, said=said, inputs_sha256=sha, started=started,
            ended=_now(), **more,
        )  # fmt: skip

    with tempfile.TemporaryDirectory(prefix="fairwf-verify-") as place:
        folder = Path(place)
        expected = outputs_of(source, engines[0], job, values, folder / "source")
        if expected.outputs is None:
            return ended("failed", f"the source does not run in {agents[0].name}: {expected.said}")
        try:
            theirs = paired(values, ports_of(source.document), ports_of(target.document))
        except ValueError:
            return ended("different", "they do not take the same number of inputs")
        found = outputs_of(target, engines[1], None, theirs, folder / "target")
        if found.outputs is None:
            return ended("failed", f"the result does not run in {agents[1].name}: {found.said}")
        if len(source.outputs) != len(target.outputs):
            return ended("different", "they do not give the same number of outputs")
        told = compared(source, expected.outputs, target, found.outputs)
    return ended("different" if any(told.values()) else "equal", outputs=told)


def compared(
    source: Side, expected: Mapping[str, Value], target: Side, found: Mapping[str, Value]
) -> dict[str, str | None]:
    """Return for each output of the source what differs, None where it is the same."""
    told: dict[str, str | None] = {}
    for old, new in zip(source.outputs, target.outputs, strict=True):
        one, other = expected.get(old.id), found.get(new.id)
        told[old.id] = next(differences(one, old.type, other, new.type), None)
    return told


def outputs_of(
    side: Side,
    engine: NativeEngine | None,
    job: Path | None,
    values: Mapping[str, Value],
    folder: Path,
) -> NativeRun:
    """Return what a document gives: in an engine of its own, in fairwf's where that is None.

    ``job`` is its job file where there is one; else one is written.
    """
    folder.mkdir(parents=True)
    if engine is None:
        return _ours(side, values, folder)
    if job is None:
        write = converter(side.format).write_inputs
        assert write is not None, "native_engine gives none where no job file can be written"
        job = folder / "inputs.json"
        laid = {name: on_disk(value, folder / "inputs") for name, value in values.items()}
        job.write_bytes(write(side.document, laid))
    (folder / "run").mkdir()
    return engine.run(side.document, side.place, job, folder / "run")


def _ours(side: Side, values: Mapping[str, Value], folder: Path) -> NativeRun:
    from fairwf.engine import RunOptions, run

    options = RunOptions(run_dir=folder / "run", outdir=folder / "outputs", container="auto")
    try:
        record = run(side.document, values, options)
    except FairwfError as error:
        errors = error.report.errors
        return NativeRun(None, errors[0].message if errors else str(error))
    if record.status != "completed":
        return NativeRun(None, str(record.error)[:600])
    return NativeRun({name: from_literal(value) for name, value in record.outputs.items()})


def _agent(engine: NativeEngine | None) -> Agent:
    return Agent("fairwf", VERSION) if engine is None else Agent(engine.name, engine.version)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _certificate(done: Verification) -> dict[str, Any]:
    digest = hashlib.sha256(
        "".join((_sha256(done.source), _sha256(done.target), done.inputs_sha256)).encode()
    ).hexdigest()
    activity = f"#verification-{digest[:16]}"
    graph: list[dict[str, Any]] = [
        {
            "@id": activity,
            "@type": "prov:Activity",
            "name": "Verification of a conversion",
            "startedAtTime": done.started,
            "endedAtTime": done.ended,
            "used": ["#source", "#target", "#inputs"],
            "wasAssociatedWith": ["#engine-source", "#engine-target", "#fairwf"],
            "generated": "#verdict",
        },
        _entity("#source", done.source),
        _entity("#target", done.target),
        {"@id": "#inputs", "@type": "prov:Entity", "name": "inputs", "sha256": done.inputs_sha256},
    ]
    for name, agent in zip(("source", "target"), done.engines, strict=True):
        graph.append(_software(f"#engine-{name}", agent))
    graph.append(_software("#fairwf", Agent("fairwf", VERSION)))
    graph.append(
        {
            "@id": "#verdict",
            "@type": "prov:Entity",
            "name": "verdict",
            "value": done.judgement,
            **({"description": done.said} if done.said else {}),
            "hasPart": [f"#output-{number}" for number in range(len(done.outputs))],
        }
    )
    for number, (name, detail) in enumerate(done.outputs.items()):
        graph.append(
            {
                "@id": f"#output-{number}",
                "@type": "prov:Entity",
                "name": name,
                "value": "different" if detail else "equal",
                **({"description": detail} if detail else {}),
            }
        )
    return {"@context": CONTEXT, "@graph": graph}


def _software(id_: str, agent: Agent) -> dict[str, Any]:
    return {
        "@id": id_,
        "@type": "prov:SoftwareAgent",
        "name": agent.name,
        "version": agent.version,
    }


def _entity(id_: str, side: Side) -> dict[str, Any]:
    return {
        "@id": id_,
        "@type": "prov:Entity",
        "name": Path(side.place).name,
        "encodingFormat": converter(side.format).media_type,
        "sha256": _sha256(side),
    }


def _sha256(side: Side) -> str:
    """The checksum of a document; of one in several files that of their names and checksums."""
    files = side.files or (Path(side.place.partition("#")[0]),)
    digests = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    if len(digests) == 1:
        return digests[0][1]
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
