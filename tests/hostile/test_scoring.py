"""Scoring what strangers made: a clear end, and never a hang."""

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import fairwf.fair as fair
from tests.cli.conftest import Fairwf

TOOL = "cwlVersion: v1.2\nclass: CommandLineTool\nbaseCommand: [wc]\ninputs: []\noutputs: []\n"
PATIENCE_CPU_S = 30
"""No measurement: what a hang exceeds and nothing else does."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tool in it."""
    (tmp_path / "main.cwl").write_text(TOOL)
    return tmp_path


def sparse(path: Path, size: int = 1024**3) -> None:
    """Make a file of a gibibyte that takes no room."""
    with path.open("wb") as file:
        file.truncate(size)


def scored(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, which is killed when it hangs."""
    call = [sys.executable, "-m", "fairwf", "score", *map(str, words)]
    return subprocess.run(call, capture_output=True, text=True, timeout=300, check=False)


def test_a_workflow_of_a_gibibyte_is_refused(folder: Path) -> None:
    sparse(folder / "main.cwl")
    for target in (folder / "main.cwl", folder):
        said = scored(target)
        assert said.returncode == 1
        assert "FWF1009" in said.stderr
        assert "Traceback" not in said.stderr


def test_files_of_a_gibibyte_around_it_are_not_read_to_their_end(folder: Path) -> None:
    names = ["README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "codemeta.json", "job.yml"]
    names += [".dockstore.yml", "workflow.svg", "config.json", "run.py"]
    for name in names:
        sparse(folder / name)
    (folder / ".github" / "workflows").mkdir(parents=True)
    sparse(folder / ".github" / "workflows" / "ci.yml")
    before = time.process_time()
    card = fair.score(str(folder))
    assert time.process_time() - before < PATIENCE_CPU_S
    assert card.level == "M0"


def test_loops_of_links_and_things_that_are_no_files(folder: Path) -> None:
    (folder / "loop").symlink_to(folder)
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    (folder / "LICENSE").symlink_to("/etc/passwd")
    (folder / "CITATION.cff").symlink_to(folder / "a")
    for name in ("README.md", "codemeta.json", ".dockstore.yml", "job.yml"):
        os.mkfifo(folder / name)
    (folder / ".git").mkdir()
    os.mkfifo(folder / ".git" / "HEAD")
    os.mkfifo(folder / ".git" / "config")
    said = scored(folder)
    assert said.returncode == 0
    assert "root:" not in said.stdout


def test_a_folder_deeper_than_a_path_may_be(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(60):
            os.mkdir("d" * 200, dir_fd=here)
            inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
    finally:
        os.close(here)
    assert fair.score(str(folder)).level == "M0"


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 400_000,
        "a" * 900_000,
        "http://" * 120_000,
        "<your" * 180_000,
        "snakemake " * 90_000,
        "# " * 400_000,
        "token" * 180_000,
        "- " * 400_000 + "@" * 1000,
        "..." * 300_000,
        "\n" * 900_000,
        "[" * 900_000,
        "## 1.2.0\n" * 100_000,
        "Permission is hereby granted, free of charge, to any person obtaining a copy " * 700,
    ],
    ids=lambda text: text[:10].strip() or "lines",
)
def test_texts_that_make_patterns_slow(folder: Path, text: str) -> None:
    names = ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "config.yml", "run.py"]
    for name in names:
        (folder / name).write_text(text)
    quoted = json.dumps(text[:200_000])
    (folder / "CITATION.cff").write_text(f"title: {quoted}\nabstract: {quoted}\ndoi: {quoted}\n")
    before = time.process_time()
    fair.score(str(folder))
    assert time.process_time() - before < PATIENCE_CPU_S


def test_a_zip_bomb_and_a_crate_that_leaves_its_folder(tmp_path: Path, fairwf: Fairwf) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.cwl", b"\0" * (64 * 1024**2))
    said = fairwf("score", bomb)
    assert said.code == 1
    assert "FWF5006" in said.err
    climbing = tmp_path / "climbing.zip"
    with zipfile.ZipFile(climbing, "w") as archive:
        archive.writestr("../main.cwl", TOOL)
    said = fairwf("score", climbing)
    assert (said.code, "leaves the crate" in said.err) == (1, True)


def test_metadata_that_point_outside_say_nothing_about_it(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("hidden")
    crate = {
        "@context": "https://w3id.org/ro/crate/1.1/context",
        "@graph": [
            {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}},
            {"@id": "./", "@type": "Dataset", "mainEntity": {"@id": "main.cwl"}},
            {"@id": "main.cwl", "@type": "File"},
            {"@id": "../secret.txt", "@type": "File"},
        ],
    }
    (folder / "ro-crate-metadata.json").write_text(json.dumps(crate))
    card = fair.score(str(folder))
    found = {f.id: f.outcome for f in card.findings}
    assert found["R3-3"].level == 0
    assert "hidden" not in str(card)


@pytest.mark.parametrize("value", [[], {}, 3, None, [[]], [{}], [None], {"@id": {}}, "x", True])
def test_metadata_of_any_shape(folder: Path, value: object) -> None:
    keys = [
        "title name authors author creator creators doi identifiers identifier version license",
        "keywords isBasedOn funding image",
        "abstract description contact references preferred-citation programmingLanguage maintainer",
        "workflows tools usage related_identifiers @graph @context about hasPart mainEntity",
    ]
    tree = {key: value for line in keys for key in line.split()}
    for name in ("CITATION.cff", "codemeta.json", ".zenodo.json", ".dockstore.yml", "job.yml"):
        (folder / name).write_text(json.dumps(tree))
    entity = {**tree, "@id": "./", "@type": value, "mainEntity": {"@id": "main.cwl"}}
    action = dict.fromkeys(("instrument", "result", "object", "agent", "startTime"), value)
    graph = [
        entity,
        {"@id": "ro-crate-metadata.json", "conformsTo": value, "about": {"@id": "./"}},
        {**tree, "@id": "main.cwl"},
        {"@id": "#run", "@type": "CreateAction", **action},
        value,
    ]
    crate = {"@context": value, "@graph": graph}
    (folder / "ro-crate-metadata.json").write_text(json.dumps(crate))
    card = fair.score(str(folder))
    assert len(card.findings) == 60
