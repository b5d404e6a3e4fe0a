"""The workflows that are measured, and the record of a run of very many tasks."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

from fairwf.document import Document
from fairwf.engine.journal.facts import Done, Given, SessionEnded, SessionStarted
from fairwf.engine.journal.log import line_of
from fairwf.ir.canonical import content_hash
from fairwf.ir.command import Argument
from fairwf.ir.expressions import Array, File, Input, Local, Output, StringLit
from fairwf.ir.ports import Glob, InputPort, OutputPort
from fairwf.ir.types import ArrayType, FileType, StringType
from fairwf.ir.workflow import Command, Over, Scatter, Step, Workflow

TOOL: dict[str, Any] = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "baseCommand": "cat",
    "inputs": {"text": {"type": "File", "inputBinding": {}}},
    "stdout": "out.txt",
    "outputs": {"result": "stdout"},
}


def write_chain(folder: Path, length: int) -> None:
    """A chain: each step copies the file of the one before."""
    steps = {
        f"step{n}": {
            "run": "tool.cwl",
            "in": {"text": f"step{n - 1}/result" if n else "text"},
            "out": ["result"],
        }
        for n in range(length)
    }
    _write(
        folder,
        {"text": "File"},
        steps,
        {"type": "File", "outputSource": f"step{length - 1}/result"},
    )
    (folder / "in.txt").write_text("hello\n")
    job = {"text": {"class": "File", "location": "in.txt"}}
    (folder / "job.json").write_text(json.dumps(job))


def write_scatter(folder: Path, width: int) -> None:
    """A scatter over files, each of which is copied."""
    step = {"run": "tool.cwl", "scatter": "text", "in": {"text": "text"}, "out": ["result"]}
    output = {"type": "File[]", "outputSource": "copy/result"}
    _write(folder, {"text": "File[]"}, {"copy": step}, output)
    files = []
    for number in range(width):
        (folder / f"in{number}.txt").write_text(f"hello {number}\n")
        files.append({"class": "File", "location": f"in{number}.txt"})
    (folder / "job.json").write_text(json.dumps({"text": files}))


def _write(folder: Path, inputs: Any, steps: Any, output: Any) -> None:
    folder.mkdir(parents=True)
    workflow = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "requirements": {"ScatterFeatureRequirement": {}},
        "inputs": inputs,
        "steps": steps,
        "outputs": {"result": output},
    }
    (folder / "tool.cwl").write_text(json.dumps(TOOL))
    (folder / "main.cwl").write_text(json.dumps(workflow))


# --- a record of very many tasks, without running them ------------------------------------------


def write_record(folder: Path, tasks: int) -> None:
    """Write the run directory of a scatter over many texts and of a step that joins the results.

    The journal is written fact by fact with the engine's own encoder; only the last output exists.
    """
    workflow = _scatter_and_join()
    folder.mkdir(parents=True)
    for name in ("tasks", "requests"):
        (folder / name).mkdir()
    document = Document(workflow=workflow, format="ir")
    (folder / "workflow.ir.json").write_bytes(document.encode())
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tasks}"))
    said = {"layout": "1", "id": identity, "workflow_hash": content_hash(workflow)}
    (folder / "run.json").write_text(json.dumps(said))
    (folder / "inputs.json").write_text("{}")
    (folder / "tasks/join").mkdir()
    joined = _file(folder / "tasks/join/all.txt", b"joined\n", write=True)
    with (folder / "journal.log").open("wb") as log:
        log.write(line_of(_session(folder)))
        texts = Array(items=tuple(StringLit(value=f"text {n}") for n in range(tasks)))
        log.write(line_of(Given(inputs={"texts": texts})))
        for number in range(tasks):
            log.write(line_of(_said(folder, number)))
        parts = Array(items=tuple(_part(folder, n) for n in range(tasks)))
        log.write(line_of(_join(parts, joined)))
        log.write(line_of(SessionEnded(time=_time(9), status="completed", outputs={"all": joined})))


def _scatter_and_join() -> Workflow:
    say = Command(
        id="say",
        inputs=(InputPort(id="text", type=StringType()),),
        outputs=(_output("said", "said.txt"),),
        arguments=(Argument(value=StringLit(value="say")), Argument(value=Input(name="text"))),
    )
    join = Command(
        id="join",
        inputs=(InputPort(id="parts", type=ArrayType(items=FileType())),),
        outputs=(_output("all", "all.txt"),),
        arguments=(Argument(value=StringLit(value="join")), Argument(value=Input(name="parts"))),
    )
    over = Over(name="one", value=Input(name="texts"))
    return Workflow(
        id="many",
        label="Say many texts and join them",
        inputs=(InputPort(id="texts", type=ArrayType(items=StringType())),),
        outputs=(OutputPort(id="all", type=FileType(), value=Output(step="join", port="all")),),
        steps=(
            Step(
                id="say", run=say, scatter=Scatter(over=(over,)), inputs={"text": Local(name="one")}
            ),
            Step(id="join", run=join, inputs={"parts": Output(step="say", port="said")}),
        ),
    )


def _output(name: str, pattern: str) -> OutputPort:
    return OutputPort(id=name, type=FileType(), collect=Glob(patterns=(StringLit(value=pattern),)))


def _time(second: int, fraction: int = 0) -> str:
    return f"2026-11-27T10:{second // 60 % 60:02}:{second % 60:02}.{fraction:03}+00:00"


def _session(folder: Path) -> SessionStarted:
    return SessionStarted(
        time=_time(0), pid=1, host="node1", engine_version="0.1.0", folder=str(folder.resolve())
    )


def _file(path: Path, data: bytes, write: bool = False) -> File:
    if write:
        path.write_bytes(data)
    return File(
        location=path.resolve().as_uri() if write else f"file://{path}",
        basename=path.name,
        size=len(data),
        checksum="sha1$" + hashlib.sha1(data).hexdigest(),
        extensions={"fairwf": {"sha256": hashlib.sha256(data).hexdigest()}},
    )


def _part(folder: Path, number: int) -> File:
    return _file(folder / f"tasks/say[{number}].1/said.txt", f"text {number}\n".encode())


def _said(folder: Path, number: int) -> Done:
    return Done(
        key=f"say[{number}]",
        kind="command",
        status="completed",
        process="say",
        step=("say",),
        index=(str(number),),
        command=("say", f"text {number}"),
        started=_time(number // 500, number % 500),
        ended=_time(number // 500 + 1, number % 500),
        exit_code=0,
        inputs={"text": StringLit(value=f"text {number}")},
        outputs={"said": _part(folder, number)},
        host="node1",
        cores=1,
        cpu_user_s=round(0.001 * (number % 97), 6),
        cpu_system_s=round(0.0005 * (number % 89), 6),
        max_rss_kib=1000 + number % 700,
    )


def _join(parts: Array, joined: File) -> Done:
    return Done(
        key="join",
        kind="command",
        status="completed",
        process="join",
        step=("join",),
        command=("join",),
        started=_time(1000),
        ended=_time(1001),
        exit_code=0,
        inputs={"parts": parts},
        outputs={"all": joined},
        host="node1",
    )
