"""A large file stays at its site until it is read elsewhere; nobody sees the difference."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import fairwf
from fairwf.document import Document
from fairwf.engine import RunOptions, load_run, resume, run
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.engine.evaluate.reading import local_path
from fairwf.engine.places.away import AWAY
from fairwf.ir.expressions import Directory, File
from fairwf.ir.ports import Glob, OutputPort
from fairwf.ir.types import DirectoryType
from fairwf.ir.values import from_literal
from fairwf.report import EnvironmentFault, Report
from fairwf.trace import Run, Task
from tests.engine.running.workflows import call, pure, script, step, text, workflow

LARGE = 3_000_000
MAKE = f"yes {{word}} | head -c {LARGE} >large; echo small >small"


def sites(folder: Path, steps: dict[str, str], **more: Any) -> Deployment:
    found = {"home": SiteSettings()}
    for name in ("a", "b"):
        found[name] = SiteSettings(mover="local", root=str(folder / f"root {name}"), **more)
    return Deployment(sites=found, steps=steps)


def go(root: Any, folder: Path, deployment: Deployment, **more: Any) -> Run:
    options = RunOptions(run_dir=folder / "run", base=folder, deployment=deployment, **more)
    report = Report()
    record = run(Document(workflow=root), {"word": "ab"}, options, None, report)
    assert record.status == "completed", [str(found) for found in report]
    assert not AWAY
    return record


def make() -> Any:
    return script(MAKE, {"word": "string"}, out="", globs={"f": "large", "s": "small"})


def expected(word: str = "ab") -> bytes:
    return (f"{word}\n".encode() * LARGE)[:LARGE]


def output(task: Task, port: str) -> File:
    value = from_literal(task.outputs[port])
    assert isinstance(value, File)
    return value


def task_of(record: Run, name: str) -> Task:
    return next(task for task in record.tasks if task.step[-1] == name)


def came(record: Run) -> list[str]:
    """What stayed at the site ``a`` and was read elsewhere later."""
    log = Path(record.folder or "") / "sites" / "a" / "staying"
    return [line.split('"')[1] for line in log.read_text().splitlines() if line.count(",") == 0]


def test_what_its_site_alone_reads_never_comes_home(tmp_path: Path) -> None:
    root = workflow(
        [
            step("make", make(), {"word": "word"}),
            step("use", script("cksum <{f}; cat {s} >&2", {"f": "File", "s": "File"}),
                 {"f": "make.f", "s": "make.s"}),
        ],
        {"sum": ("string", "use.out")},
        {"word": "string"},
    )  # fmt: skip
    record = go(root, tmp_path, sites(tmp_path, {"**": "a"}))
    sums = subprocess.run(["cksum"], input=expected(), capture_output=True, check=True)
    assert from_literal(record.outputs["sum"]) == sums.stdout.decode().strip()
    assert came(record) == []
    large = output(task_of(record, "make"), "f")
    # It is known by its digests, and there is neither the file nor anything in its place.
    assert large.size == LARGE
    assert large.checksum == f"sha1${hashlib.sha1(expected(), usedforsecurity=False).hexdigest()}"
    assert large.extensions["fairwf"]["sha256"] == hashlib.sha256(expected()).hexdigest()
    assert not os.path.lexists(local_path(large))
    assert local_path(output(task_of(record, "make"), "s")).read_text() == "small\n"
    crate = fairwf.package(record, tmp_path / "crate")
    assert (
        hashlib.sha256(expected()).hexdigest()
        in (tmp_path / "crate" / "ro-crate-metadata.json").read_text()
    ), crate


@pytest.mark.parametrize("reader", ["home", "b"])
def test_what_another_site_reads_goes_there(tmp_path: Path, reader: str) -> None:
    use = script("cksum <{f}", {"f": "File"})
    root = workflow(
        [
            step("make", make(), {"word": "word"}),
            step("one", use, {"f": "make.f"}),
            step("two", use, {"f": "make.f"}),
        ],
        {"one": ("string", "one.out"), "two": ("string", "two.out")},
        {"word": "string"},
    )
    record = go(root, tmp_path, sites(tmp_path, {"make": "a", "one": reader, "two": reader}))
    sums = subprocess.run(["cksum"], input=expected(), capture_output=True, check=True)
    for name in ("one", "two"):
        assert from_literal(record.outputs[name]) == sums.stdout.decode().strip()
    assert came(record) == ["tasks/make.1/large"]
    assert local_path(output(task_of(record, "make"), "f")).read_bytes() == expected()


def test_results_come_home_in_the_end(tmp_path: Path) -> None:
    tree = script("mkdir -p t/u && cp {f} t/u/large && echo x >t/x", {"f": "File"}, out="")
    port = OutputPort(id="d", type=DirectoryType(), collect=Glob(patterns=(text("t"),)))
    tree = replace(tree, outputs=(port,))
    root = workflow(
        [step("make", make(), {"word": "word"}), step("tree", tree, {"f": "make.f"})],
        {"f": ("File", "make.f"), "d": ("any", "tree.d")},
        {"word": "string"},
    )
    record = go(root, tmp_path, sites(tmp_path, {"**": "a"}))
    file, folder = (from_literal(record.outputs[name]) for name in "fd")
    assert isinstance(file, File) and isinstance(folder, Directory)
    assert local_path(file).read_bytes() == expected()
    assert (local_path(folder) / "u" / "large").read_bytes() == expected()
    assert (local_path(folder) / "x").read_text() == "x\n"


def test_expressions_and_staging_read_what_is_in_it(tmp_path: Path) -> None:
    """What is computed here, and what a task may change, waits for the file."""
    last = pure({"f": "File"}, n=("int", call("length", call("read_lines", "f"))))
    root = workflow(
        [step("make", make(), {"word": "word"}), step("count", last, {"f": "make.f"})],
        {"n": ("int", "count.n")},
        {"word": "string"},
    )
    record = go(root, tmp_path, sites(tmp_path, {"make": "a"}))
    assert from_literal(record.outputs["n"]) == LARGE // 3


def test_kept_results_hold_what_the_files_do(tmp_path: Path) -> None:
    root = workflow(
        [step("make", make(), {"word": "word"})], {"f": ("File", "make.f")}, {"word": "string"}
    )
    bound = sites(tmp_path, {"make": "a"})
    go(root, tmp_path / "one", bound, cache=tmp_path / "cache")
    again = go(root, tmp_path / "two", bound, cache=tmp_path / "cache")
    assert task_of(again, "make").reused is not None
    file = from_literal(again.outputs["f"])
    assert isinstance(file, File) and local_path(file).read_bytes() == expected()


STARTER = """
import sys
from pathlib import Path
import fairwf, msgspec
from fairwf.engine import RunOptions, run
from fairwf.engine.backends.deployment import Deployment
folder = Path(sys.argv[1])
document = fairwf.load(folder / "workflow.ir.json")
deployment = msgspec.json.decode((folder / "sites.json").read_bytes(), type=Deployment)
run(document, {"word": "ab"}, RunOptions(run_dir=folder / "run", deployment=deployment))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_goes_on_with_files_that_stayed(tmp_path: Path, how: int) -> None:
    hold = f"test -e {tmp_path}/go || {{ touch {tmp_path}/waits; sleep 60; }}; cksum <{{f}}"
    root = workflow(
        [
            step("make", script(f"echo make >>{tmp_path}/log; {MAKE}", {"word": "string"}, out="",
                                globs={"f": "large"}), {"word": "word"}),
            step("hold", script(hold, {"f": "File"}), {"f": "make.f"}),
            step("last", script("cksum <{f}; echo {s} >&2", {"f": "File", "s": "string"}),
                 {"f": "make.f", "s": "hold.out"}),
        ],
        {"hold": ("string", "hold.out"), "last": ("string", "last.out")},
        {"word": "string"},
    )  # fmt: skip
    deployment = sites(tmp_path, {"make": "a", "hold": "a"})
    (tmp_path / "workflow.ir.json").write_bytes(Document(workflow=root).encode())
    (tmp_path / "sites.json").write_bytes(msgspec.json.encode(deployment))
    with (
        (tmp_path / "said").open("wb") as said,
        subprocess.Popen(
            [sys.executable, "-c", STARTER, str(tmp_path)], stdout=said, stderr=said
        ) as engine,
    ):
        end = time.monotonic() + 60
        while not (tmp_path / "waits").exists():
            assert engine.poll() is None and time.monotonic() < end, said
            time.sleep(0.02)
        engine.send_signal(how)
    large = tmp_path / "run" / "tasks" / "make.1" / "large"
    if how == signal.SIGINT:
        assert not large.exists()
    (tmp_path / "go").touch()
    done = resume(tmp_path / "run")
    assert done.status == "completed", done.error
    assert (tmp_path / "log").read_text() == "make\n"
    sums = subprocess.run(["cksum"], input=expected(), capture_output=True, check=True)
    for name in ("hold", "last"):
        assert from_literal(done.outputs[name]) == sums.stdout.decode().strip()
    assert large.read_bytes() == expected()
    assert load_run(tmp_path / "run").status == "completed"


def test_a_file_that_its_site_has_lost_is_made_again(tmp_path: Path) -> None:
    """After a failure, somebody cleans the site: resume makes what is missing."""
    fail = f"test -e {tmp_path}/go; cksum <{{f}}"
    root = workflow(
        [
            step("make", script(f"echo make >>{tmp_path}/log; {MAKE}", {"word": "string"}, out="",
                                globs={"f": "large"}), {"word": "word"}),
            step("last", script(f"set -e; {fail}", {"f": "File"}), {"f": "make.f"}),
        ],
        {"last": ("string", "last.out")},
        {"word": "string"},
    )  # fmt: skip
    options = RunOptions(run_dir=tmp_path / "run", deployment=sites(tmp_path, {"**": "a"}))
    assert run(Document(workflow=root), {"word": "ab"}, options).status == "failed"
    [found] = (tmp_path / "root a").rglob("large")
    found.unlink()
    (tmp_path / "go").touch()
    done = resume(tmp_path / "run")
    assert done.status == "completed", done.error
    assert (tmp_path / "log").read_text() == "make\nmake\n"


def test_a_task_fails_whose_other_input_cannot_be_read(tmp_path: Path) -> None:
    """While files stay at sites, what a task needs is looked at before it goes to its own."""
    loop, given = tmp_path / "loop", tmp_path / "given"
    loop.symlink_to(loop)
    given.mkdir()
    (given / "link").symlink_to(loop)
    use = script("cksum <{f}; ls {g}", {"f": "File", "g": "any"})
    root = workflow(
        [
            step("make", make(), {"word": "word"}),
            step("use", use, {"f": "make.f", "g": "g"}),
        ],
        {"o": ("string", "use.out")},
        {"word": "string", "g": "any"},
    )
    options = RunOptions(run_dir=tmp_path / "run", deployment=sites(tmp_path, {"**": "a"}))
    inputs = {"word": "ab", "g": Directory(location=given.as_uri())}
    record = run(Document(workflow=root), inputs, options)
    assert record.status == "failed"
    assert f"what it needs cannot be read: {given}/link: Too many levels" in (record.error or "")


def test_what_is_at_a_site_stays_until_the_outputs_are_published(tmp_path: Path) -> None:
    """Where they cannot be, a resumed run makes nothing again that lies at its site."""
    out = tmp_path / "out"
    made = script(f"echo make >>{tmp_path}/log; {MAKE}", {"word": "string"}, out="",
                  globs={"f": "large"})  # fmt: skip
    root = workflow(
        [
            step("make", made, {"word": "word"}),
            step("sum", script(f"cksum <{{f}}; test -e {out} || touch {out}", {"f": "File"},
                               out="File"), {"f": "make.f"}),
        ],
        {"sum": ("File", "sum.out")},
        {"word": "string"},
    )  # fmt: skip
    options = RunOptions(
        run_dir=tmp_path / "run", outdir=out, deployment=sites(tmp_path, {"**": "a"})
    )
    with pytest.raises(EnvironmentFault, match="cannot be published"):
        run(Document(workflow=root), {"word": "ab"}, options)
    assert list((tmp_path / "root a").rglob("large"))
    out.unlink()
    done = resume(tmp_path / "run")
    assert done.status == "completed", done.error
    assert (tmp_path / "log").read_text() == "make\n"
    assert not list((tmp_path / "root a").iterdir())


def test_no_temporary_files_of_tasks_are_left(tmp_path: Path) -> None:
    root = workflow(
        [
            step("make", make(), {"word": "word"}),
            step("home", script("echo {w}; touch $TMPDIR/x", {"w": "string"}), {"w": "word"}),
        ],
        {"o": ("string", "home.out")},
        {"word": "string"},
    )
    go(root, tmp_path, sites(tmp_path, {"make": "a"}))
    assert not (tmp_path / "run" / "tmp").exists()
    assert not (tmp_path / "run" / "batch").exists()
