"""A run made by hand: scatter of a subworkflow, a skipped step, secondary files, a folder, hostile
names, and on request a failure. No engine is needed."""

import hashlib
from pathlib import Path

import msgspec

from fairwf.ir.command import Argument
from fairwf.ir.environment import Container, Environment, Package
from fairwf.ir.expressions import (
    Array,
    Directory,
    Expr,
    File,
    FloatLit,
    Input,
    IntLit,
    Local,
    NoneLit,
    Output,
    Record,
    StringLit,
)
from fairwf.ir.metadata import Agent, Metadata
from fairwf.ir.ports import Glob, InputPort, OutputPort, SecondaryFile
from fairwf.ir.types import (
    ArrayType,
    DirectoryType,
    FileType,
    FloatType,
    IntType,
    OptionalType,
    StringType,
)
from fairwf.ir.workflow import Command, Over, Pure, Scatter, Step, Workflow
from fairwf.trace import Host, Run, SoftwareAgent, Task

CSV = "http://edamontology.org/format_3752"
SCRIPT_NAME = "<img src=x onerror=alert(1)>.txt"

PERSON = Agent(
    name="Ada Lovelace",
    id="https://orcid.org/0000-0002-1825-0097",
    affiliation="https://ror.org/02mhbdp94",
)


def made(folder: Path, name: str, text: str, **more: object) -> File:
    """Write a file and return it as an engine records it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(data)
    return File(
        location=path.resolve().as_uri(),
        basename=path.name,
        size=len(data),
        checksum="sha1$" + hashlib.sha1(data).hexdigest(),
        extensions={"fairwf": {"sha256": hashlib.sha256(data).hexdigest()}},
        **more,
    )


def _glob(id: str, type_: object, pattern: str) -> OutputPort:
    return OutputPort(id=id, type=type_, collect=Glob(patterns=(StringLit(value=pattern),)))


def workflow() -> Workflow:
    clean = Command(
        id="clean",
        label="Clean a table",
        inputs=(
            InputPort(id="table", type=FileType(), doc="The table."),
            InputPort(id="limit", type=FloatType(), default=FloatLit(value=0.5)),
            InputPort(id="note", type=OptionalType(item=StringType())),
        ),
        outputs=(_glob("rows", FileType(), "*.rows"),),
        arguments=(Argument(value=StringLit(value="clean")),),
        environment=Environment(
            container=Container(image=StringLit(value="quay.io/example/clean:1.2")),
            packages=(
                Package(name="cleaner", versions=("1.2",), specs=("https://example.org/c",)),
            ),
            variables={"LC_ALL": StringLit(value="C")},
        ),
    )
    count = Pure(
        id="count",
        inputs=(InputPort(id="rows", type=FileType()),),
        outputs=(OutputPort(id="n", type=IntType()),),
        result=Record(fields={"n": IntLit(value=1)}),
    )
    analyse = Workflow(
        id="series",
        label="Analyse one",
        inputs=(InputPort(id="table", type=FileType()), InputPort(id="limit", type=FloatType())),
        outputs=(
            OutputPort(id="rows", type=FileType(), value=Output(step="clean", port="rows")),
            OutputPort(id="n", type=IntType(), value=Output(step="count", port="n")),
        ),
        steps=(
            Step(
                id="count",
                run=count,
                inputs={"rows": Output(step="clean", port="rows")},
            ),
            Step(
                id="clean",
                run=clean,
                inputs={"table": Input(name="table"), "limit": Input(name="limit")},
            ),
        ),
    )
    gather = Command(
        id="gather",
        inputs=(
            InputPort(id="rows", type=ArrayType(items=FileType())),
            InputPort(id="counts", type=ArrayType(items=IntType())),
        ),
        outputs=(_glob("report", FileType(), "*.txt"), _glob("pages", DirectoryType(), "pages")),
        arguments=(Argument(value=StringLit(value="gather")),),
    )
    extra = Command(
        id="extra",
        inputs=(InputPort(id="report", type=FileType()),),
        outputs=(_glob("picture", FileType(), "*.svg"),),
        arguments=(Argument(value=StringLit(value="draw")),),
    )
    return Workflow(
        id="main",
        label="Tables & <counts>",
        doc="Counts rows.",
        metadata=Metadata(
            version="1.0.0",
            license="Apache-2.0",
            creators=(PERSON,),
            keywords=("tables",),
            url="https://example.org/tables",
        ),
        inputs=(
            InputPort(
                id="tables",
                type=ArrayType(items=FileType()),
                secondary=(SecondaryFile(pattern=StringLit(value=".idx")),),
                format=(StringLit(value=CSV),),
                doc="What is counted.",
            ),
            InputPort(id="limit", type=FloatType(), default=FloatLit(value=0.5)),
        ),
        outputs=(
            OutputPort(id="report", type=FileType(), value=Output(step="gather", port="report")),
            OutputPort(id="pages", type=DirectoryType(), value=Output(step="gather", port="pages")),
            OutputPort(
                id="picture",
                type=OptionalType(item=FileType()),
                value=Output(step="extra", port="picture"),
            ),
        ),
        steps=(
            Step(
                id="analyse",
                run=analyse,
                scatter=Scatter(over=(Over(name="item", value=Input(name="tables")),)),
                inputs={"table": Local(name="item"), "limit": Input(name="limit")},
            ),
            Step(
                id="gather",
                run=gather,
                inputs={
                    "rows": Output(step="analyse", port="rows"),
                    "counts": Output(step="analyse", port="n"),
                },
            ),
            Step(id="extra", run=extra, inputs={"report": Output(step="gather", port="report")}),
        ),
    )


def example_run(folder: Path, fails: bool = False) -> Run:
    """Return the run, with all its files under a folder."""
    run_folder, data = folder / "run", folder / "private data"
    source = made(run_folder / "source", "main.cwl", "cwlVersion: v1.2\n")
    tool = made(run_folder / "source", "tools/clean.cwl", "class: CommandLineTool\n")
    tables = []
    for number, name in enumerate(("a b#%.csv", "ünï.csv")):
        index = made(data / str(number), f"{name}.idx", f"index {number}\n")
        tables.append(
            made(data / str(number), name, f"x\n{number}\n", format=CSV, secondary=(index,))
        )
    rows = [made(run_folder / f"tasks/clean{n}", "out.rows", f"{n}\n") for n in range(2)]
    report = made(run_folder / "tasks/gather", SCRIPT_NAME, "2 tables\n")
    pages = run_folder / "tasks/gather/pages"
    listing = (made(pages, "one.html", "<p>1"), made(pages, "deep/two.html", "<p>2"))
    folder_value = Directory(
        location=pages.resolve().as_uri(),
        basename="pages",
        listing=(
            listing[0],
            Directory(
                location=(pages / "deep").resolve().as_uri(), basename="deep", listing=(listing[1],)
            ),
        ),
    )
    limit = FloatLit(value=0.5)
    tasks = [
        _task(
            "analyse[0]/clean",
            ("analyse", "clean"),
            "command",
            1,
            index=("0",),
            parent="analyse[0]",
            command=("clean", f"{run_folder}/tasks/x"),
            exit_code=0,
            cpu_user_s=0.25,
            cpu_system_s=0.05,
            max_rss_kib=2048,
            host="node1",
            container="quay.io/example/clean:1.2",
            container_digest="sha256:" + "ab" * 32,
            environment={"LC_ALL": "C", "SECRET_TOKEN": "hunter2"},
            inputs={"table": tables[0], "limit": limit, "note": NoneLit()},
            outputs={"rows": rows[0]},
        ),
        _task(
            "analyse[1]/clean",
            ("analyse", "clean"),
            "command",
            2,
            index=("1",),
            parent="analyse[1]",
            command=("clean",),
            exit_code=0,
            host="node1",
            inputs={"table": tables[1], "limit": limit, "note": NoneLit()},
            outputs={"rows": rows[1]},
        ),
        _task(
            "analyse[0]/count",
            ("analyse", "count"),
            "pure",
            3,
            index=("0",),
            parent="analyse[0]",
            inputs={"rows": rows[0]},
            outputs={"n": IntLit(value=1)},
        ),
        _task(
            "analyse[1]/count",
            ("analyse", "count"),
            "pure",
            3,
            index=("1",),
            parent="analyse[1]",
            inputs={"rows": rows[1]},
            outputs={"n": IntLit(value=1)},
        ),
        *(
            _task(
                f"analyse[{n}]",
                ("analyse",),
                "workflow",
                4,
                index=(str(n),),
                inputs={"table": tables[n], "limit": limit},
                outputs={"rows": rows[n], "n": IntLit(value=1)},
            )
            for n in range(2)
        ),
        _task(
            "gather",
            ("gather",),
            "command",
            5,
            command=("gather",),
            exit_code=0,
            host="node1",
            inputs={
                "rows": Array(items=tuple(rows)),
                "counts": Array(items=(IntLit(value=1), IntLit(value=1))),
            },
            outputs={"report": report, "pages": folder_value},
        ),
        Task(
            id="extra",
            step=("extra",),
            process="extra",
            kind="command",
            status="skipped",
            outputs={"picture": NoneLit()},
        ),
    ]
    outputs: dict[str, Expr] = {"report": report, "pages": folder_value, "picture": NoneLit()}
    run = Run(
        id="3f1e6b1c-58a3-4c7e-9d43-0d9f3f3f0001",
        workflow=workflow(),
        status="completed",
        engine=SoftwareAgent(name="fairwf", version="0.1.0", url="https://example.org/fairwf"),
        format="cwl",
        format_version="v1.2",
        source="main.cwl",
        source_files=tuple(
            str(Path(run_folder / "source" / name)) for name in ("main.cwl", "tools/clean.cwl")
        ),
        folder=str(run_folder),
        agent=PERSON,
        hosts=(Host(name="node1", system="Linux", release="6.1", cores=2, memory_bytes=2**30),),
        started="2026-11-23T21:00:00.000+01:00",
        ended="2026-11-23T20:00:09.5+00:00",
        inputs={"tables": Array(items=tuple(tables)), "limit": limit},
        outputs=outputs,
        tasks=tuple(tasks),
    )
    assert source.size and tool.size
    return _failed(run) if fails else run


def _task(key: str, step: tuple[str, ...], kind: str, second: int, **more: object) -> Task:
    return Task(
        id=key,
        step=step,
        process=step[-1],
        kind=kind,
        status="completed",
        started=f"2026-11-23T20:00:0{second}.000+00:00",
        ended=f"2026-11-23T20:00:0{second}.750+00:00",
        **more,
    )


def _failed(run: Run) -> Run:
    """Return the run as it would be, had gathering failed."""
    tasks = []
    for task in run.tasks:
        if task.id == "gather":
            task = msgspec.structs.replace(
                task, status="failed", exit_code=3, error="ended with exit code 3", outputs={}
            )
        if task.id != "extra":
            tasks.append(task)
    return msgspec.structs.replace(
        run, status="failed", error="step 'gather' failed", outputs={}, tasks=tuple(tasks)
    )
