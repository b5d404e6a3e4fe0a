"""Runs with several sites: tasks go where their steps are bound, and files come along."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwf.document import Document
from fairwf.engine import RunOptions, run
from fairwf.engine.backends.deployment import Deployment, SiteSettings
from fairwf.ir.expressions import File
from fairwf.ir.ports import Glob, OutputPort
from fairwf.ir.types import DirectoryType
from fairwf.ir.values import from_literal
from fairwf.report import Report
from fairwf.trace import Run
from tests.engine.backends.sites.conftest import Host
from tests.engine.running.workflows import call, over, script, step, text, workflow

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

    def sites(steps: dict[str, str], **more: Any) -> Deployment:
        if request.param == "rsync":
            host: Host = request.getfixturevalue("host")
            more = {"host": "127.0.0.1", "ssh": tuple(host.words), **more}
        away = SiteSettings(mover=request.param, root=str(tmp_path / "the root"), **more)
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
    from fairwf.engine.evaluate.reading import local_path

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
    # All is home, so nothing is left there.
    assert not any((tmp_path / "the root").iterdir())


def test_names_of_every_kind(tmp_path: Path, deploy: Deploy) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    for name in STRANGE:
        (folder / name).write_text(name)
    body = 'for f in {files}; do cat "$f"; echo; done; cp {files} .'
    copy = script(body, {"files": "File[]"}, globs={})
    copy = type(copy)(
        **{
            **{name: getattr(copy, name) for name in copy.__struct_fields__},
            "body": copy.body,
            "outputs": (
                *copy.outputs,
                OutputPort(
                    id="all",
                    type=DirectoryType(),
                    collect=Glob(patterns=(text("."),)),
                ),
            ),
        }
    )
    root = workflow(
        [step("copy", copy, {"files": "files"})],
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
