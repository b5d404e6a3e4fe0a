"""Runs with several sites: tasks go where their steps are bound, and files come along."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fairwf.document import Document
from fairwf.engine import RunOptions, run, status
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.evaluate.reading import local_path
from fairwf.engine.journal.facts import SiteReached
from fairwf.engine.journal.log import read_log
from fairwf.engine.places.rundir import RunDir
from fairwf.ir.command import StagedItem
from fairwf.ir.expressions import Directory, File
from fairwf.ir.ports import Glob, InputPort, OutputPort, SecondaryFile
from fairwf.ir.resources import Resources
from fairwf.ir.types import DirectoryType, FileType
from fairwf.ir.values import from_literal
from fairwf.report import EnvironmentFault, Report
from fairwf.trace import Run
from tests.engine.backends.sites.conftest import Host
from tests.engine.running.workflows import call, expr, over, ref, script, step, text, workflow

Deploy = Callable[..., Deployment]
STRANGE = [
    "plain",
    "with space",
    'it\'s "quoted"',
    "-rf",
    "--delete",
    "new\nline",
    "$(touch x)",
    "`id`",
    "a;b&c|d",
    "*?[x]",
    "tab\tx",
    "häß \N{SNOWMAN}",
    "~",
    "%41",
    "back\\slash",
    "#1",
]


@pytest.fixture(params=["local", "rsync"])
def deploy(request: pytest.FixtureRequest, tmp_path: Path) -> Deploy:
    """Sites `home`, and `away`, which sees nothing of the run directory."""
    return deployer(request, tmp_path)


@pytest.fixture(params=["local", pytest.param("rsync", marks=pytest.mark.long)])
def deploy_mostly_here(request: pytest.FixtureRequest, tmp_path: Path) -> Deploy:
    """The same for what differs little between movers."""
    return deployer(request, tmp_path)


def deployer(request: pytest.FixtureRequest, folder: Path) -> Deploy:
    def sites(steps: dict[str, str], **more: Any) -> Deployment:
        if request.param == "rsync":
            host: Host = request.getfixturevalue("host")
            more = {"host": "127.0.0.1", "ssh": tuple(host.words), **more}
        away = SiteSettings(mover=request.param, root=str(folder / "the root"), **more)
        return Deployment(sites={"home": SiteSettings(), "away": away}, steps=steps)

    return sites


def go(root: Any, folder: Path, deployment: Deployment, **inputs: Any) -> Run:
    options = RunOptions(
        run_dir=folder / "run", base=folder, deployment=deployment, wait_for_approval=False
    )
    report = Report()
    record = run(Document(workflow=root), inputs, options, None, report)
    assert record.status == "completed", [str(found) for found in report]
    return record


def value(record: Run, name: str) -> Any:
    return from_literal(record.outputs[name])


def content(file: Any) -> str:
    assert isinstance(file, File) and file.location is not None
    return local_path(file).read_text()


def where(record: Run) -> dict[str, str | None]:
    return {task.id: task.site for task in record.tasks}


def test_files_go_to_and_fro(tmp_path: Path, deploy: Deploy) -> None:
    root = workflow(
        [
            step(
                "make",
                script("echo {x} >made; pwd", {"x": "string"}, globs={"f": "made"}),
                {"x": "x"},
            ),
            step(
                "more", script("cat {f} {f}; pwd >&2", {"f": "File"}, out="File"), {"f": "make.f"}
            ),
            step("last", script("cat {f} | wc -l", {"f": "File"}, out="int"), {"f": "more.out"}),
        ],
        {"n": ("int", "last.out"), "place": ("string", "make.out"), "f": ("File", "make.f")},
        {"x": "string"},
    )
    record = go(root, tmp_path, deploy({"make": "away", "last": "away"}), x="it's")
    assert value(record, "n") == 2
    assert value(record, "place").startswith(f"{tmp_path}/the root/fairwf-")
    assert content(value(record, "f")) == "it's\n"
    assert where(record) == {"make": "away", "more": "home", "last": "away"}
    facts = [fact for _, fact in read_log(RunDir(tmp_path / "run").log)]
    [reached] = [fact for fact in facts if isinstance(fact, SiteReached)]
    assert reached.site == "away" and reached.cores and reached.memory_bytes
    assert reached.host in {machine.name for machine in record.hosts}
    assert {task.host for task in record.tasks} <= {machine.name for machine in record.hosts}
    # All is home, so nothing is left there.
    assert not any((tmp_path / "the root").iterdir())


def test_names_of_every_kind(tmp_path: Path, deploy: Deploy) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    for name in STRANGE:
        (folder / name).write_text(name)
    body = 'for f in {files}; do cat "$f"; echo; done; cp {files} .'
    root = workflow(
        [step("copy", script(body, {"files": "File[]"}), {"files": "files"})],
        {"said": ("string", "copy.out")},
        {"files": "File[]"},
    )
    files = [File(location=str(folder / name)) for name in STRANGE]
    record = go(root, tmp_path, deploy({"copy": "away"}), files=files)
    assert value(record, "said") == "\n".join(STRANGE)
    [task] = record.tasks
    for name in STRANGE:
        assert (Path(task.folder or "") / name).read_text() == name


def test_a_file_comes_once_for_many_tasks(tmp_path: Path, deploy: Deploy) -> None:
    (tmp_path / "big").write_bytes(os.urandom(200_000))
    root = workflow(
        [
            step(
                "count",
                script("wc -c <{f}; echo {x} >&2", {"f": "File", "x": "int"}, out="int"),
                {"f": "f", "x": "$x"},
                scatter=over(x=call("range", 12)),
            )
        ],
        {"n": ("int[]", "count.out")},
        {"f": "File"},
    )
    record = go(root, tmp_path, deploy({"count": "away"}), f=File(location=str(tmp_path / "big")))
    assert value(record, "n") == [200_000] * 12
    assert moved(record)[str(tmp_path / "big")] == 1


def moved(record: Run) -> Counter[str]:
    """How often each file came to the site."""
    lines = (Path(record.folder or "") / "sites" / "away" / "moved").read_text().splitlines()
    return Counter(json.loads(line)[0] for line in lines if line)


def test_folders_companions_and_renamed_files_come_as_they_are(
    tmp_path: Path, deploy_mostly_here: Deploy
) -> None:
    tree = tmp_path / "tree"
    (tree / "in" / "empty").mkdir(parents=True)
    (tree / "in" / "a").write_text("a")
    (tree / "link").symlink_to("in/a")
    (tree / "around").symlink_to("..")
    for name in ("x.bam", "x.bam.bai", "y.bam"):
        (tmp_path / name).write_text(name)
    (tmp_path / "tool").write_text("#!/bin/sh\necho tool")
    (tmp_path / "tool").chmod(0o755)
    body = """
    cat {tree}/in/a {tree}/link; test -d {tree}/in/empty && echo empty
    cat {bam}; cat {bam}.bai; cat staged/new.txt; {tool}
    test -x {tool} && test ! -x {bam} && mkdir -p out/sub && cp {bam} out/sub/b && ln -s sub/b out/l
    echo changed >>staged/new.txt; rm staged/gone
    """
    names = {"bam": "File", "tool": "File", "note": "File", "tree": "any"}
    folder = InputPort(id="tree", type=DirectoryType())
    bam = InputPort(id="bam", type=FileType(), secondary=(SecondaryFile(pattern=text(".bai")),))
    one = script(body, names, globs={"w": "staged/*"})
    one = replace(
        one,
        inputs=(bam, *one.inputs[1:3], folder),
        staging=(
            StagedItem(value=ref("note"), name=text("staged/new.txt"), writable=True),
            StagedItem(value=text("x"), name=text("staged/gone")),
        ),
        outputs=(
            *one.outputs,
            OutputPort(id="d", type=DirectoryType(), collect=Glob(patterns=(text("out"),))),
        ),
    )
    two = replace(script("cat {tree}/sub/b {tree}/l", {"tree": "any"}), inputs=(folder,))
    root = workflow(
        [step("one", one, {name: name for name in names}), step("two", two, {"tree": "one.d"})],
        {"said": ("string", "one.out"), "w": ("File", "one.w"), "two": ("string", "two.out")},
        names,
    )
    record = go(
        replace(root, inputs=one.inputs),
        tmp_path,
        deploy_mostly_here({"one": "away"}),
        tree=Directory(location=str(tree)),
        bam=File(location=str(tmp_path / "x.bam")),
        note=File(location=str(tmp_path / "y.bam")),
        tool=File(location=str(tmp_path / "tool")),
    )
    assert value(record, "said") == "aaempty\nx.bamx.bam.baiy.bamtool"
    assert content(value(record, "w")) == "y.bamchanged\n"
    assert value(record, "two") == "x.bamx.bam"
    # The files of the user are as they were.
    assert (tmp_path / "y.bam").read_text() == "y.bam"


def test_a_site_that_goes_away_is_taken_up_again(tmp_path: Path, deploy: Deploy) -> None:
    # The program of the site is the parent of that of the worker, whose child runs the task.
    body = (
        f"""
    echo begun >>{tmp_path}/log
    if test ! -e {tmp_path}/killed; then
        touch {tmp_path}/killed
        up() {{ awk '{{print $4}}' /proc/$1/stat; }}
        kill -9 $(up $(up $PPID))
        sleep 60
    fi
    echo {{n}}
    """.replace("{{", "{ ")
        .replace("}}", "}")
        .replace("{ n}", "{n}")
    )
    root = workflow(
        [step("once", script(body, {"n": "int"}, out="int"), {"n": "n"})],
        {"n": ("int", "once.out")},
        {"n": "int"},
    )
    report = Report()
    options = RunOptions(run_dir=tmp_path / "run", deployment=deploy({"once": "away"}))
    record = run(Document(workflow=root), {"n": 7}, options, None, report)
    assert record.status == "completed", [str(found) for found in report]
    assert value(record, "n") == 7
    assert (tmp_path / "log").read_text().count("begun") == 2
    assert {found.code for found in report} == {"FWF4062"}
    assert any("runs again: the connection ended" in found.message for found in report)
    assert [(task.attempt, task.status) for task in record.tasks] == [(2, "completed")]


def test_a_site_out_of_reach_ends_the_run_before_anything_runs(tmp_path: Path) -> None:
    away = SiteSettings(host="127.0.0.1", ssh=("false",), root="/nowhere", mover="rsync")
    deployment = Deployment(sites={"away": away})
    root = workflow([step("a", script(f"touch {tmp_path}/ran"))], {})
    with pytest.raises(EnvironmentFault, match=r"FWF4063.*'away' .127.0.0.1. is out of reach"):
        run(Document(workflow=root), {}, RunOptions(run_dir=tmp_path / "r", deployment=deployment))
    assert not (tmp_path / "ran").exists()


def test_a_failed_task_says_what_it_wrote_at_its_site(
    tmp_path: Path, deploy_mostly_here: Deploy
) -> None:
    root = workflow([step("bad", script("echo alas >&2; exit 7"))], {})
    report = Report()
    options = RunOptions(run_dir=tmp_path / "run", deployment=deploy_mostly_here({"bad": "away"}))
    record = run(Document(workflow=root), {}, options, None, report)
    assert record.status == "failed"
    [found] = report.errors
    assert found.code == "FWF4001" and "exit code 7" in found.message
    assert "alas" in (found.hint or "")


def test_a_time_limit_and_a_missing_program_count_there_too(
    tmp_path: Path, deploy_mostly_here: Deploy
) -> None:
    slow = script("sleep 60", resources=Resources(time=expr(1)))
    none = script("true", interpreter=("no-such-program",))
    for name, process, code in (("slow", slow, "FWF4007"), ("none", none, "FWF4005")):
        root = workflow([step(name, process)], {})
        report = Report()
        options = RunOptions(run_dir=tmp_path / name, deployment=deploy_mostly_here({name: "away"}))
        assert run(Document(workflow=root), {}, options, None, report).status == "failed"
        assert [found.code for found in report.errors] == [code]


def test_where_tasks_run_is_told_while_they_do(tmp_path: Path, deploy_mostly_here: Deploy) -> None:
    root = workflow(
        [
            step("there", script(f"until test -e {tmp_path}/go; do sleep 0.05; done")),
            step("here", script(f"until test -e {tmp_path}/go; do sleep 0.05; done")),
        ],
        {},
    )
    seen: dict[str, str] = {}

    def look() -> None:
        end = time.monotonic() + 60
        while len(seen) < 2 and time.monotonic() < end:
            if (tmp_path / "run" / "journal.log").exists():
                seen.update(status(tmp_path / "run").sites)
            time.sleep(0.05)
        (tmp_path / "go").touch()

    watching = threading.Thread(target=look)
    watching.start()
    go(root, tmp_path, deploy_mostly_here({"there": "away"}))
    watching.join()
    assert seen == {"there": "away", "here": "home"}


def test_losers_are_cancelled_at_their_site(tmp_path: Path, deploy_mostly_here: Deploy) -> None:
    rounds = step(
        "try",
        script("test {n} = 1 || sleep 60; echo {n}", {"n": "int"}, out="int"),
        {"n": "$n"},
        scatter=over("stream", n=call("to_stream", [1, 2, 3])),
        cancel=call("greater", call("length", call("so_far", "try.out")), 0),
    )
    root = workflow([rounds], {"all": ("any", call("collect", "try.out"))})
    began = time.monotonic()
    record = go(root, tmp_path, deploy_mostly_here({"try": "away"}, cores=3))
    assert time.monotonic() - began < 50
    assert sum(task.status == "cancelled" for task in record.tasks) == 2


def test_another_machine_may_share_the_file_system(tmp_path: Path, host: Host) -> None:
    away = SiteSettings(host="127.0.0.1", ssh=tuple(host.words))
    deployment = Deployment(sites={"home": SiteSettings(), "away": away}, steps={"a": "away"})
    body = 'test -n "$SSH_CONNECTION" && exit 9; cat {f}; pwd >where'
    root = workflow(
        [step("a", script(body, {"f": "File"}, globs={"w": "where"}), {"f": "f"})],
        {"said": ("string", "a.out"), "w": ("File", "a.w")},
        {"f": "File"},
    )
    (tmp_path / "f").write_text("hello")
    record = go(root, tmp_path, deployment, f=File(location=str(tmp_path / "f")))
    assert value(record, "said") == "hello"
    assert content(value(record, "w")) == f"{tmp_path}/run/tasks/a.1\n"
    assert where(record) == {"a": "away"}
