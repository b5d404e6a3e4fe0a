"""The page about clusters: its commands work, and it tells of every setting."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from fairwf.engine.backends.deployment import Deployment, read_deployment
from fairwf.engine.backends.names import BACKENDS
from tests.clusters.conftest import ROOT, Cluster
from tests.docs.test_documented_commands import CLUSTERS, commands_of, run


@pytest.mark.long
def test_the_commands_work(slurm: Cluster, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for command in commands_of(CLUSTERS.read_text()):
        if command.words[0] == "fairwf":
            fault = run(command, tmp_path)
            assert fault is None, f"{command.line}: {shlex.join(command.words)}: {fault}"


def test_every_setting_is_told_of() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", CLUSTERS.read_text(), re.MULTILINE)
    of_sites = CLUSTERS.with_name("sites.md").read_text()
    apart = ("sites", "steps", "default")
    fields = [name for name in Deployment.__struct_fields__ if name not in apart]
    assert rows == fields
    assert all(f"{name}:" in of_sites for name in apart)


def test_every_backend_is_told_of() -> None:
    rows = re.findall(r"^\| `(psij:\w+)` \|", CLUSTERS.read_text(), re.MULTILINE)
    assert {"local", *rows} == set(BACKENDS)


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "clusters").iterdir()), ids=str)
def test_the_examples_are_whole(path: Path) -> None:
    assert read_deployment(path).max_jobs == 10
