"""The published Montage instance once more, with its 58 tasks in jobs of Slurm."""

import json
from pathlib import Path

import pytest

from fairwf.engine.backends.deployment import read_deployment
from tests.clusters.conftest import QUICK, Cluster
from tests.examples.mosaics import concrete, mosaicked


@pytest.mark.long
@pytest.mark.xdist_group("slurm")
def test_the_mosaics_show_the_sky_that_went_in(
    slurm: Cluster, corpora: Path, tmp_path: Path
) -> None:
    instance = concrete(corpora, tmp_path / "sky")
    config = tmp_path / "deployment.json"
    config.write_text(json.dumps({**QUICK, "cores": 2}))
    deployment = read_deployment(config)
    mosaicked(instance, tmp_path / "run", backend=slurm.backend, deployment=deployment)
