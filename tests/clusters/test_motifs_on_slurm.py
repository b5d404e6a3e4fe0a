"""The six motifs of AI-coupled workflows once more, with their programs in jobs of Slurm."""

import json
from pathlib import Path

import pytest

from fairwf.engine.backends.deployment import read_deployment
from fairwf.templates import copy_template
from tests.clusters.conftest import QUICK, Cluster
from tests.examples.motifs import CHECKS, outputs, start

MORE = {"digital-twin": {"pause": 0.2}, "federated-learning": {"tolerance": 1e-3}}
"""Programs that exchange streams are jobs of their own, which take a while to begin; so does each
round."""


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_motif_gives_the_same_numbers(slurm: Cluster, name: str, tmp_path: Path) -> None:
    copy_template(name, tmp_path / name)
    config = tmp_path / "deployment.json"
    config.write_text(json.dumps({**QUICK, "look_interval": 0.05, "linger": 0.05}))
    run = start(
        tmp_path / name,
        tmp_path / "run",
        MORE.get(name),
        cores=None,
        backend=slurm.backend,
        deployment=read_deployment(config),
    )
    CHECKS[name](run, outputs(run))
