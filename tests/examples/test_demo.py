"""`make demo` and what it promises: every file that it names at its end is there, and is real."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def folder(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the examples, where the demo has run once."""
    if not (BIN / "fairwf").is_file():
        pytest.skip("fairwf is not installed beside this Python; pip install -e .")
    place = tmp_path_factory.mktemp("demo")
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(repository / "examples", place / "examples", ignore=unwanted)
    done = demo(place)
    assert done.returncode == 0, done.stderr
    (place / "said.txt").write_text(done.stdout, encoding="utf-8")
    return place


def demo(place: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "examples/quickstart/demo.sh"],
        cwd=place,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    )


def test_it_shows_its_progress_to_the_last_step(folder: Path) -> None:
    said = (folder / "said.txt").read_text(encoding="utf-8")
    steps = re.findall(r"^\[ ?(\d+)/(\d+)\]", said, re.MULTILINE)
    assert steps == [(str(step), str(len(steps))) for step in range(1, len(steps) + 1)]


def test_everything_that_it_names_at_the_end_is_there(folder: Path) -> None:
    said = (folder / "said.txt").read_text(encoding="utf-8")
    named = re.findall(r"^  (demo-out/\S+)", said, re.MULTILINE)
    assert len(named) == 10
    for name in named:
        path = folder / name
        assert any(path.iterdir()) if name.endswith("/") else path.stat().st_size > 0
    report = re.search(r"file://(\S+)", said)
    assert report is not None
    assert Path(report[1]).read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")


def test_its_documents_are_what_their_names_say(folder: Path) -> None:
    out = folder / "demo-out"
    assert json.loads((out / "main.ir.json").read_bytes())["fairwf_ir"] == "1"
    assert "class: Workflow" in (out / "main.cwl").read_text(encoding="utf-8")
    assert ElementTree.parse(out / "graph.svg").getroot().tag.endswith("svg")
    crate = json.loads((out / "crate" / "ro-crate-metadata.json").read_bytes())
    assert "@graph" in crate
    run = json.loads((out / "run.wfformat.json").read_bytes())
    tasks = run["workflow"]["execution"]["tasks"]
    # Four series with six programs each (tidy, sort, average, test, subtract, draw), and the three
    # that gather (summarise, join, draw all).
    commands = 4 * 6 + 3
    assert len(tasks) >= commands
    assert all(task["runtimeInSeconds"] >= 0 for task in tasks)


def test_it_runs_a_second_time(folder: Path) -> None:
    done = demo(folder)
    assert done.returncode == 0, done.stderr


def test_it_leaves_a_folder_alone_that_it_did_not_make(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "demo-out").mkdir()
    (tmp_path / "demo-out" / "thesis.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "examples").symlink_to(repository / "examples")
    done = demo(tmp_path)
    assert done.returncode == 3
    assert "move it away" in done.stderr
    assert (tmp_path / "demo-out" / "thesis.txt").read_text(encoding="utf-8") == "mine"
